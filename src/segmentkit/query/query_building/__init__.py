"""How the parts of a condition stand in the JSON of react-querybuilder."""
