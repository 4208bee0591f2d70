"""The sentences of `describe`, language by language."""
