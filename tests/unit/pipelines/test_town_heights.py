from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.pipelines.town.buildings import Box, Shape
from zonnekaart.pipelines.town.heights import (
    NOISE_M,
    cell_centres,
    natural_ground,
    surface,
    terrain,
)
from zonnekaart.pipelines.town.plan import Frame
from zonnekaart.pipelines.town.settle import Tree

SIDE_M = 60.0


def flat_ground() -> np.ndarray:
    return np.full((120, 120), 10.0)


def test_cell_centres_run_from_north_to_south() -> None:
    x, y = cell_centres(2.0, 0.5)
    np.testing.assert_allclose(x, [0.25, 0.75, 1.25, 1.75])
    np.testing.assert_allclose(y, [1.75, 1.25, 0.75, 0.25])


def test_roof_cells_lie_on_the_equation_of_their_plane() -> None:
    shape = Shape(Frame(30.0, 20.0, 25.0))
    shape.gable(Box(-8.0, 8.0, 0.0, 10.0), 6.0, 40.0)
    planes = [(10.0, plane) for plane in shape.planes]
    top = surface(flat_ground(), planes, [], np.random.default_rng(1))
    x, y = np.meshgrid(*cell_centres(SIDE_M))
    for base, plane in planes:
        inside = shapely.contains_xy(plane.polygon.buffer(-0.1), x, y)
        error = top[inside] - (base + plane.height(x[inside], y[inside]))
        assert inside.sum() > 200
        assert abs(error.mean()) < 0.01
        assert error.std() == pytest.approx(NOISE_M, rel=0.25)


def test_ground_without_roofs_keeps_its_height() -> None:
    top = surface(flat_ground(), [], [], np.random.default_rng(1))
    assert np.isfinite(top).all()
    assert top.mean() == pytest.approx(10.0, abs=0.002)


def test_tree_raises_a_round_crown() -> None:
    tree = Tree(30.0, 30.0, 4.0, 12.0)
    top = surface(flat_ground(), [], [tree], np.random.default_rng(1))
    x, y = np.meshgrid(*cell_centres(SIDE_M))
    apart = np.hypot(x - 30.0, y - 30.0)
    assert top[apart < 1.0].min() > 19.0
    assert top[apart > 4.01].max() < 10.2
    assert (top[apart <= 3.9] > 13.0).all()


def test_brook_lies_in_a_valley_and_pond_is_level() -> None:
    brook = shapely.box(0.0, 28.0, SIDE_M, 32.0)
    pond = shapely.Point(30.0, 10.0).buffer(5.0)
    ground = terrain(SIDE_M, brook, [pond])
    x, y = np.meshgrid(*cell_centres(SIDE_M))
    open_ground = natural_ground(x, y)
    in_brook = (y > 28.0) & (y < 32.0)
    assert (open_ground - ground)[in_brook].min() > 1.2
    assert np.ptp(ground[shapely.contains_xy(pond, x, y)]) == pytest.approx(0.0, abs=0.02)
    assert (ground <= open_ground + 0.02).all()
