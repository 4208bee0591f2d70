"""How each node is written as JSON and read back: the table of nodes, and the parts they are of."""
