"""Data access: the only doors to rasters, vector files and the warehouse."""
