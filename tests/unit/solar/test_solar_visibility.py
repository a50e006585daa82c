"""Sight lines from the street to roofs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sight_lines import (
    RIDGE_ROW,
    flat_cells,
    gable_cells,
    gable_scene,
    slow_views,
    street,
)
from zonnekaart.errors import ConfigError, ShapeMismatchError
from zonnekaart.solar.visibility import (
    Eyes,
    RoofCells,
    cell_views,
    plane_heights,
    plane_views,
)


def shares(height, eyes, cells, reach=100.0, cell_m=1.0):
    views = cell_views(height, cell_m, eyes, cells, reach)
    found = plane_views(views, cells.plane, len(cells.tilt_deg))
    return found.visible_share, found.nearest_view_m


def test_the_street_side_of_a_gable_is_seen_and_the_rear_is_not():
    share, nearest = shares(gable_scene(), street(60, [25.0]), gable_cells())
    assert share.tolist() == [0.0, 1.0]
    # The lowest row of the south roof, straight across.
    assert nearest[1] == pytest.approx(60 - (RIDGE_ROW + 4))
    assert np.isnan(nearest[0])


def test_a_street_behind_turns_it_round():
    share, _ = shares(gable_scene(), street(5, [24.0, 25.0]), gable_cells())
    assert share.tolist() == [1.0, 0.0]


def test_right_under_the_eave_the_roof_turns_away():
    share, _ = shares(gable_scene(), street(37, range(20, 30)), gable_cells())
    assert share.tolist() == [0.0, 0.0]


def test_a_higher_building_across_hides_the_roof():
    height = gable_scene()
    height[45:50, :] = 15.0
    assert shares(height, street(60, range(0, 60, 5)), gable_cells())[0].tolist() == [0.0, 0.0]
    height[45:50, :] = 2.0
    assert shares(height, street(60, range(0, 60, 5)), gable_cells())[0].tolist() == [0.0, 1.0]


def test_every_eye_that_sees_a_cell_is_counted():
    eyes = Eyes(np.array([60.0, 60.0, 5.0]), np.array([25.0, 28.0, 25.0]), np.full(3, 1.6))
    cells = gable_cells()
    views = plane_views(cell_views(gable_scene(), 1.0, eyes, cells, 100.0), cells.plane, 2)
    assert views.street_views.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("above_deg", "expected"), [(0.5, 0.0), (2.0, 1.0)])
def test_a_plane_that_is_nearly_edge_on_shows_nothing(above_deg, expected):
    height = np.zeros((60, 60), dtype=np.float32)
    height[10:20, 10:20] = 4.0
    eye_m = 4.0 + 35.0 * np.tan(np.radians(above_deg))
    cells = flat_cells(slice(10, 20), slice(10, 20))
    assert shares(height, street(45, [15.0], eye_m), cells)[0].tolist() == [expected]


def test_a_wall_hides_what_lies_under_its_line():
    height = gable_scene()
    height[45, :] = 4.0
    share, _ = shares(height, street(60, [25.0]), gable_cells())
    # Over the wall the line climbs 2.4 m in 15 m and is at 6.1 m above row 32.
    surface = height[RIDGE_ROW + 1 : RIDGE_ROW + 5, 25] + 0.25
    line = 1.6 + (4.0 - 1.6) / 15.0 * (60 - np.arange(RIDGE_ROW + 1, RIDGE_ROW + 5))
    assert share[1] == pytest.approx(1.0 - 0.2 * np.count_nonzero(surface < line))
    assert 0.0 < share[1] < 1.0


def test_a_flat_roof_is_not_seen_from_the_ground_but_from_a_hill():
    height = np.zeros((60, 60), dtype=np.float32)
    height[10:20, 10:20] = 4.0
    cells = flat_cells(slice(10, 20), slice(10, 20))
    assert shares(height, street(45, range(60)), cells)[0].tolist() == [0.0]
    assert shares(height, street(45, range(60), 20.0), cells)[0].tolist() == [1.0]


def test_eyes_beyond_the_distance_do_not_count():
    eyes = street(70, [25.0])
    assert shares(gable_scene(), eyes, gable_cells(), reach=30.0)[0].tolist() == [0.0, 0.0]
    assert shares(gable_scene(), eyes, gable_cells(), reach=50.0)[0].tolist() == [0.0, 1.0]


def test_distance_is_in_metres_whatever_the_cell():
    height = gable_scene() * 0.5
    _, nearest = shares(height, street(60, [25.0], 0.8), gable_cells(), cell_m=0.5)
    assert nearest[1] == pytest.approx(0.5 * (60 - (RIDGE_ROW + 4)))


def test_edge_cells_take_the_height_of_their_plane():
    height = gable_scene()
    whole = plane_heights(height, 1.0, gable_cells())
    np.testing.assert_allclose(whole, height[RIDGE_ROW - 5 : RIDGE_ROW + 5, 20:30].ravel(), 1e-6)
    height[RIDGE_ROW + 4, 20:30] = 2.0
    np.testing.assert_allclose(plane_heights(height, 1.0, gable_cells()), whole, rtol=1e-6)


def test_a_plane_without_heights_is_unknown_and_not_hidden():
    height = gable_scene()
    height[RIDGE_ROW - 5 : RIDGE_ROW, 20:30] = np.nan
    share, nearest = shares(height, street(5, [25.0]), gable_cells())
    assert np.isnan(share[0])
    assert np.isnan(nearest[0])
    assert share[1] == 0.0


def test_nobody_sees_nothing():
    nobody = Eyes(np.empty(0), np.empty(0), np.empty(0))
    assert shares(gable_scene(), nobody, gable_cells())[0].tolist() == [0.0, 0.0]
    blind = Eyes(np.array([60.0]), np.array([25.0]), np.array([np.nan]))
    assert shares(gable_scene(), blind, gable_cells())[0].tolist() == [0.0, 0.0]


def test_no_cells_give_no_views():
    none = np.empty(0, dtype=np.int64)
    cells = RoofCells(none, none, none, np.array([10.0]), np.array([0.0]))
    assert np.isnan(shares(gable_scene(), street(60, [25.0]), cells)[0]).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_fast_look_is_the_slow_look(seed):
    rng = np.random.default_rng(seed)
    height = gable_scene()
    for _ in range(8):
        row, col = rng.integers(36, 75), rng.integers(0, 55)
        height[row : row + 4, col : col + 4] = rng.uniform(1.0, 9.0)
    height[rng.integers(0, 80, 20), rng.integers(0, 60, 20)] = np.nan
    eyes = Eyes(rng.uniform(-5, 84, 25), rng.uniform(-5, 64, 25), rng.uniform(0.5, 8.0, 25))
    cells = gable_cells()
    nearest, count = slow_views(height, 0.5, eyes, cells, 22.0)
    assert np.isfinite(nearest).any()
    assert np.isinf(nearest).any()
    assert count.max() > 1
    for workers in (1, 3):
        found = cell_views(height, 0.5, eyes, cells, 22.0, workers)
        np.testing.assert_allclose(found.nearest_m, nearest, rtol=1e-12)
        np.testing.assert_array_equal(found.eyes, count)


def test_impossible_sizes_are_refused():
    eyes, cells = street(60, [25.0]), gable_cells()
    with pytest.raises(ConfigError):
        cell_views(gable_scene(), 1.0, eyes, cells, 0.0)
    short = RoofCells(cells.row[1:], cells.col, cells.plane, cells.tilt_deg, cells.azimuth_deg)
    with pytest.raises(ShapeMismatchError):
        cell_views(gable_scene(), 1.0, eyes, short, 50.0)
