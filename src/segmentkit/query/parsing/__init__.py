"""From text to tree: tokens, the grammar over them, and what went wrong where."""
