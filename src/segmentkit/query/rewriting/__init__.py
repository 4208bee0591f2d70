"""The rules of `simplify`, family by family. Each gives back the same object where it does nothing."""
