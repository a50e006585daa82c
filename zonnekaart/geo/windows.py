"""Pieces of computation on a lattice anchored to the CRS origin, each with a halo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonnekaart.geo.geobox import GeoBox

_WHOLE = 1e-6


@dataclass(frozen=True)
class Window:
    """
    A piece of a raster: the cells it decides and those it has to see.

    Parameters
    ----------
    row, col : int
        First cell it decides, in the raster.
    rows, cols : int
        Number of cells it decides.
    halo : int
        Cells it sees around them on each side; they may lie outside the raster.
    lattice_row, lattice_col : int
        Position of its first SEEN cell on the lattice of the CRS.
    """

    row: int
    col: int
    rows: int
    cols: int
    halo: int
    lattice_row: int
    lattice_col: int

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """Row, col, rows, cols of everything it sees."""
        return (
            self.row - self.halo,
            self.col - self.halo,
            self.rows + 2 * self.halo,
            self.cols + 2 * self.halo,
        )


def lattice_origin(geobox: GeoBox) -> tuple[int, int]:
    """
    Return row and column of a raster's first cell, counted from the origin of its CRS.

    Rows count southwards. A raster that is not a whole number of cells away from the origin keeps
    its remainder: all its crops agree.

    Examples
    --------
    >>> from zonnekaart.geo.geobox import GeoBox
    >>> lattice_origin(GeoBox(10, 10, 0.5, 100.0, 200.0, "EPSG:31370"))
    (-400, 200)
    """
    return (
        math.floor(-geobox.north / geobox.cell_m + _WHOLE),
        math.floor(geobox.west / geobox.cell_m + _WHOLE),
    )


def windows(geobox: GeoBox, size: int, halo: int) -> list[Window]:
    """
    Cut a raster along the lattice of its CRS.

    Parameters
    ----------
    geobox : GeoBox
        Where the raster lies.
    size : int
        Side of a window. [cells]
    halo : int
        Cells seen around each window. [cells]

    Returns
    -------
    list of Window
        They cover each cell once, row by row; those at the edges are cut to the raster.
    """
    top, left = lattice_origin(geobox)
    found = []
    for row, rows in _cuts(top, geobox.rows, size):
        for col, cols in _cuts(left, geobox.cols, size):
            found.append(Window(row, col, rows, cols, halo, top + row - halo, left + col - halo))
    return found


def _cuts(origin: int, count: int, size: int) -> list[tuple[int, int]]:
    """Cut `count` cells that start at `origin` of the lattice; return starts and lengths."""
    edges = [0, *range(size - origin % size, count, size), count]
    return [(start, stop - start) for start, stop in pairwise(edges)]
