"""The Architecture value, its JSON form, and the cells it is made of. Pure Python."""
