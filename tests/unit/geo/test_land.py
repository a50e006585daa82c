"""Land around points, holes, shared borders."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.geo.blocks import enclosed_blocks
from zonnekaart.geo.centrelines import centrelines
from zonnekaart.geo.land import holes, joined, nearest_land, shared_borders


def shapes(*boxes):
    return np.array([shapely.box(*b) for b in boxes], dtype=object)


def test_land_goes_to_the_nearest_group_without_overlap_or_rest():
    rng = np.random.default_rng(3)
    points = shapely.points(rng.uniform(0, 300, (40, 2)))
    group = np.arange(40) % 4
    land = shapely.box(0, 0, 300, 300)
    found = nearest_land(points, group, land)
    assert shapely.area(found).sum() == pytest.approx(land.area, rel=1e-6)
    assert shapely.union_all(found).area == pytest.approx(land.area, rel=1e-6)
    for k in range(4):
        assert shapely.distance(found[k], points[group == k]).max() < 0.02


def test_land_beyond_reach_belongs_to_none():
    point = shapely.points([[50.0, 50.0]])
    found = nearest_land(point, np.array([0]), shapely.box(0, 0, 1000, 1000), 20.0)
    assert found[0].area == pytest.approx(np.pi * 400, rel=0.02)


def test_a_hole_is_a_gap_all_around_and_not_a_bay():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    bay = shapely.box(20, 0, 30, 10).difference(shapely.box(24, 4, 26, 10))
    found = holes(np.array([ring, bay]))
    assert [hole.area for hole in found] == [pytest.approx(4.0)]


def test_a_zone_that_fills_the_hole_leaves_none():
    inner = shapely.box(4, 4, 6, 6)
    ring = shapely.box(0, 0, 10, 10).difference(inner)
    assert len(holes(np.array([ring, inner]))) == 0


def test_a_hole_between_several_zones_is_found():
    found = holes(shapes((0, 0, 9, 3), (0, 6, 9, 9), (0, 3, 3, 6), (6, 3, 9, 6)))
    assert [hole.area for hole in found] == [pytest.approx(9.0)]


def test_zones_that_meet_in_a_corner_are_no_neighbours():
    found = shared_borders(shapes((0, 0, 10, 10), (10, 10, 20, 20), (10, 0, 20, 10)))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == [(0, 2), (1, 2)]
    assert found.length_m == pytest.approx([10.0, 10.0], abs=0.1)


def test_rounding_of_a_slanted_border_parts_no_neighbours():
    cut = shapely.LineString([(0, 0.0), (100.0, 33.3333333)])
    left = shapely.Polygon([(0, 0), (100, 33.3333333), (100, 100), (0, 100)])
    middle = cut.interpolate(0.37, normalized=True)
    right = shapely.Polygon([(0, 0), (middle.x, middle.y + 1e-7), (100, 33.3333333), (100, 0)])
    pair = np.array([left, right])
    assert shared_borders(pair).length_m == pytest.approx([cut.length], rel=0.01)
    assert joined(pair).geom_type == "Polygon"


def test_the_middle_of_a_bent_road_of_polygons_follows_the_road():
    true = shapely.LineString([(0, 0), (120, 0), (120, 90)])
    road = shapely.buffer(true, 4.0, cap_style="flat", join_style="mitre")
    found = shapely.union_all(centrelines(road))
    assert shapely.hausdorff_distance(found, true) < 6.0
    assert true.length - 12 < found.length < true.length + 3


def test_lines_stay_lines_and_points_are_none():
    line = shapely.LineString([(0, 0), (10, 0)])
    both = shapely.GeometryCollection([line, shapely.Point(1, 1)])
    assert centrelines(both) == [line]


def test_blocks_cover_the_land_and_dead_ends_enclose_nothing():
    land = shapely.box(0, 0, 300, 200)
    lines = [
        shapely.LineString([(0, 100), (300, 100)]),
        shapely.LineString([(150, 108), (150, 195)]),
        shapely.LineString([(60, 100), (60, 50)]),
    ]
    found = enclosed_blocks(lines, land)
    assert [b.area for b in found] == pytest.approx([15000.0, 15000.0, 30000.0])
    assert shapely.union_all(found).area == pytest.approx(land.area)
