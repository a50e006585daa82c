"""Faces to cells: planes hit their heights, the highest face wins, ground is straight between."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.modelheights import flat_face, footprint, ground_between, raise_roofs

BOX = GeoBox(10, 12, 1.0, 0.0, 10.0, "EPSG:31370")
PITCHED = np.array([[1, 1, 3], [9, 1, 3], [9, 7, 6], [1, 7, 6.0]])


def test_a_roof_has_the_height_of_its_plane_at_the_middle_of_cells() -> None:
    face = flat_face(PITCHED)
    assert face is not None
    height = np.zeros((10, 12), np.float32)
    assert raise_roofs(height, BOX, [face]) == 48
    assert height[8, 1] == pytest.approx(3.25)  # y = 1.5: half a metre up a slope of 1 in 2
    assert height[3, 8] == pytest.approx(5.75)
    assert height[9, 1] == height[8, 9] == 0.0


def test_the_highest_face_wins_and_unknown_ground_is_lifted() -> None:
    low = flat_face(np.array([[0, 0, 2], [4, 0, 2], [4, 4, 2], [0, 4, 2.0]]))
    high = flat_face(np.array([[0, 0, 5], [2, 0, 5], [2, 2, 5], [0, 2, 5.0]]))
    assert low is not None
    assert high is not None
    for order in ([low, high], [high, low]):
        height = np.full((10, 12), np.nan, np.float32)
        raise_roofs(height, BOX, order)
        assert (height[9, 0], height[7, 3]) == (5.0, 2.0)
        assert np.isnan(height[0, 0])


def test_an_opening_stays_open() -> None:
    hole = np.array([[3, 3, 4], [5, 3, 4], [5, 5, 4], [3, 5, 4.0]])
    face = flat_face(PITCHED, [hole])
    assert face is not None
    assert face.polygon.area == pytest.approx(48 - 4)


def test_walls_and_slivers_are_left_out() -> None:
    wall = np.array([[0, 0, 0], [5, 0, 0], [5, 0, 4], [0, 0, 4.0]])
    assert flat_face(wall) is None
    assert flat_face(np.array([[0, 0, 1], [1, 0, 1], [2, 0, 1.0]])) is None


def test_a_corner_off_the_plane_does_not_tilt_it_much() -> None:
    bent = PITCHED.copy()
    bent[2, 2] += 0.1
    face = flat_face(bent)
    assert face is not None
    middle = face.height_at(np.array([5.0]), np.array([4.0]))
    assert middle[0] == pytest.approx(4.525)


def test_ground_is_straight_between_points_and_flat_beyond() -> None:
    points = np.array([[0, 0, 0], [12, 0, 12], [0, 10, 0], [12, 10, 12.0]])
    ground = ground_between(points, BOX)
    assert ground[5].tolist() == pytest.approx([c + 0.5 for c in range(12)], abs=1e-5)
    assert ground_between(points[:1], BOX).tolist() == np.zeros((10, 12)).tolist()


def test_a_footprint_joins_faces_that_touch() -> None:
    left, right = flat_face(PITCHED), flat_face(PITCHED + np.array([8, 0, 1]))
    assert left is not None
    assert right is not None
    joined = footprint([left, right])
    assert isinstance(joined, shapely.Polygon)
    assert joined.area == pytest.approx(96)
