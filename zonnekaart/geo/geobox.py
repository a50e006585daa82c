"""Where the cells of a raster lie: shape, transform and CRS as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GeoBox:
    """
    A north-up raster lattice with square cells in a CRS in metres.

    Parameters
    ----------
    rows, cols : int
        Number of cells.
    cell_m : float
        Cell size. [m]
    west, north : float
        Outer corner of the cell (0, 0) in CRS units. [m]
    crs : str
        ``EPSG:`` code or WKT.
    """

    rows: int
    cols: int
    cell_m: float
    west: float
    north: float
    crs: str

    @property
    def east(self) -> float:
        """Outer right edge. [m]."""
        return self.west + self.cols * self.cell_m

    @property
    def south(self) -> float:
        """Outer lower edge. [m]."""
        return self.north - self.rows * self.cell_m

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """``(west, south, east, north)``. [m]."""
        return (self.west, self.south, self.east, self.north)

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients ``(a, b, c, d, e, f)`` from (col, row) to (x, y)."""
        return (self.cell_m, 0.0, self.west, 0.0, -self.cell_m, self.north)

    def crop(self, row: int, col: int, rows: int, cols: int) -> GeoBox:
        """Return the part that starts at (`row`, `col`) with `rows` × `cols` cells."""
        return GeoBox(
            rows,
            cols,
            self.cell_m,
            self.west + col * self.cell_m,
            self.north - row * self.cell_m,
            self.crs,
        )
