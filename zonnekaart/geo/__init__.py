"""Where things are: CRS, cell lattices, windows, polygons."""
