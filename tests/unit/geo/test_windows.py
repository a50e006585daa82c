from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.windows import lattice_origin, windows

BOX = GeoBox(300, 410, 0.5, 150_010.0, 200_020.0, "EPSG:31370")


@given(
    rows=st.integers(1, 90),
    cols=st.integers(1, 90),
    west=st.integers(-5000, 5000),
    north=st.integers(-5000, 5000),
    size=st.integers(1, 40),
)
def test_every_cell_is_decided_once(rows, cols, west, north, size):
    box = GeoBox(rows, cols, 0.5, west * 0.5, north * 0.5, "EPSG:31370")
    count = np.zeros((rows, cols), dtype=int)
    for piece in windows(box, size, 3):
        assert piece.rows > 0
        assert piece.cols > 0
        count[piece.row : piece.row + piece.rows, piece.col : piece.col + piece.cols] += 1
    assert (count == 1).all()


def test_cuts_lie_on_the_lattice_of_the_crs_whatever_the_crop():
    def edges(box: GeoBox) -> set[tuple[float, float]]:
        return {
            (box.west + p.col * box.cell_m, box.north - p.row * box.cell_m)
            for p in windows(box, 64, 5)
            if p.row and p.col
        }

    crop = BOX.crop(37, 51, 200, 300)
    inside = {
        (x, y) for x, y in edges(BOX) if crop.west < x < crop.east and crop.south < y < crop.north
    }
    assert inside == edges(crop)
    assert all(x % 32 == 0 and y % 32 == 0 for x, y in inside)


def test_crop_and_whole_name_a_cell_alike():
    top, left = lattice_origin(BOX)
    assert lattice_origin(BOX.crop(37, 51, 10, 10)) == (top + 37, left + 51)
    shifted = GeoBox(10, 10, 1.0, 1000.5, 2000.5, "EPSG:31370")
    row, col = lattice_origin(shifted)
    assert [lattice_origin(shifted.crop(n, n, 1, 1)) for n in range(4)] == [
        (row + n, col + n) for n in range(4)
    ]


def test_window_knows_what_it_sees():
    piece = windows(BOX, 64, 7)[0]
    assert piece.seen == (piece.row - 7, piece.col - 7, piece.rows + 14, piece.cols + 14)
    top, left = lattice_origin(BOX)
    assert (piece.lattice_row, piece.lattice_col) == (top - 7, left - 7)


@pytest.mark.parametrize("size", [1000, 5000])
def test_small_raster_in_large_windows(size):
    pieces = windows(BOX, size, 2)
    assert sum(p.rows * p.cols for p in pieces) == 300 * 410
    assert len(pieces) <= 4
