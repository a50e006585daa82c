"""Offsets of footprints: known vectors are found, and nothing is claimed without evidence."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.geo.alignment import edge_correlation, footprint_offset

SIZE, REACH = 128, 10


def street(rng, shift=(0.0, 0.0), trees=60):
    """Heights with houses and trees on a slope, and footprints moved by (east, north) cells."""
    ground = np.add.outer(np.linspace(0.0, 12.0, SIZE), np.linspace(3.0, 0.0, SIZE))
    height, covered = ground.copy(), np.zeros((SIZE, SIZE), dtype=bool)
    for top in range(15, 100, 28):
        for left in range(12, 105, 20):
            rows, cols = rng.integers(7, 14), rng.integers(7, 14)
            height[top : top + rows, left : left + cols] += rng.uniform(4.0, 12.0)
            row, col = round(top - shift[1]), round(left + shift[0])
            covered[row : row + rows, col : col + cols] = True
    for row, col in rng.integers(2, SIZE - 4, (trees, 2)):
        height[row : row + 3, col : col + 3] += rng.uniform(3.0, 15.0)
    height += rng.normal(0.0, 0.15, height.shape)
    return height.astype(np.float32), covered


def surfaces(shift, parts=6, seed=3):
    rng = np.random.default_rng(seed)
    return np.array([edge_correlation(*street(rng, shift), REACH) for _ in range(parts)])


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, -2), (-3, 2), (5, -5), (-7, 0), (0, 8)])
def test_known_shift_is_found_among_trees(shift):
    offset = footprint_offset(surfaces(shift), 1.0)
    assert (offset.east_m, offset.north_m) == pytest.approx((-shift[0], -shift[1]), abs=0.2)
    assert offset.error_m < 0.3
    assert offset.prominence > 5.0


def test_vector_is_in_metres():
    offset = footprint_offset(surfaces((4, 0)), 0.5)
    assert offset.east_m == pytest.approx(-2.0, abs=0.1)
    assert offset.distance_m == pytest.approx(2.0, abs=0.1)


def test_shift_between_cells():
    """Footprints cover whole cells; a house of 10.5 cells is drawn with 10 or 11."""
    rng = np.random.default_rng(8)
    found = []
    for _ in range(8):
        height, covered = street(rng)
        fine = np.kron(height, np.ones((2, 2), np.float32))
        moved = np.roll(np.kron(covered, np.ones((2, 2), bool)), 1, axis=1)
        coarse = fine.reshape(SIZE, 2, SIZE, 2).mean(axis=(1, 3))
        found.append(edge_correlation(coarse, moved[1::2, ::2], REACH))
    offset = footprint_offset(np.array(found), 1.0)
    assert -1.0 <= offset.east_m <= 0.0


def test_footprints_of_another_place_prove_nothing():
    rng = np.random.default_rng(4)
    parts = []
    for _ in range(6):
        height, _ = street(rng)
        other = np.zeros((SIZE, SIZE), dtype=bool)
        for row, col in rng.integers(10, SIZE - 25, (12, 2)):
            other[row : row + 11, col : col + 9] = True
        parts.append(edge_correlation(height, other, REACH))
    offset = footprint_offset(np.array(parts), 1.0)
    assert offset.prominence < 5.0 or offset.error_m > 0.5


def test_slope_alone_has_no_edges_of_buildings():
    ground = np.add.outer(np.linspace(0.0, 100.0, SIZE), np.zeros(SIZE)).astype(np.float32)
    covered = np.zeros((SIZE, SIZE), dtype=bool)
    covered[40:60, 40:60] = True
    house = ground.copy()
    house[40:60, 40:60] += 5.0
    flat = np.abs(edge_correlation(ground, covered, REACH)).max()
    assert flat < 0.01 * edge_correlation(house, covered, REACH).max()


def test_unknown_heights_have_no_edges():
    height, covered = street(np.random.default_rng(1))
    holed = height.copy()
    holed[30:45, 50:70] = np.nan
    offset = footprint_offset(edge_correlation(holed, covered, REACH)[None], 1.0)
    assert offset.distance_m < 0.3


def test_one_part_gives_no_error_bar_and_none_gives_no_vector():
    one = footprint_offset(surfaces((2, 0), parts=1), 1.0)
    assert one.error_m == float("inf")
    none = footprint_offset(np.zeros((0, 21, 21)), 1.0)
    assert np.isnan(none.east_m)
    assert none.prominence == 0.0
