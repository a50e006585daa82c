"""Routes of the map server, one module per noun."""
