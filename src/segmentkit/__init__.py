"""Which customers, and why: contacts, tags, one language of conditions, and engines that agree."""

__version__ = "0.1.0"

__all__ = ["__version__"]
