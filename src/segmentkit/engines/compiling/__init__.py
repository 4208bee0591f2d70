"""What the interpreter is made of: values, comparisons of them, activities."""

from segmentkit.engines.compiling.activities import Activities

__all__ = ["Activities"]
