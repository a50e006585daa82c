"""Points on streets, squares and open ground."""

from __future__ import annotations

import numpy as np
import shapely

from zonnekaart.geo.eyes import away_from, lattice_points, street_points


def shapes(*texts):
    return np.array([None if text is None else shapely.from_wkt(text) for text in texts])


def test_a_line_has_points_at_most_the_spacing_apart():
    points = street_points(shapes("LINESTRING (0 0, 30 0, 30 12)"), 5.0)
    away = np.diff([30.0 - p.x + p.y if p.x == 30.0 else -(30.0 - p.x) for p in points])
    assert points[0].equals(shapely.Point(0, 0))
    assert points[-1].equals(shapely.Point(30, 12))
    assert 0.0 < away.max() <= 5.0


def test_a_narrow_street_and_a_wide_square_both_have_points_inside():
    narrow = shapely.box(0.5, 0.5, 60.5, 2.5)
    square = shapely.box(100, 0, 140, 40)
    points = street_points(np.array([narrow, square]), 5.0)
    assert shapely.dwithin(points, shapely.union(narrow, square), 1e-9).all()
    covered = shapely.union_all(shapely.buffer(points, 4.0))
    assert covered.contains(square.buffer(-0.1))
    assert covered.contains(narrow.buffer(-0.1))


def test_a_surface_smaller_than_the_spacing_has_a_point_inside():
    small = shapely.box(1, 1, 2, 2)
    points = street_points(np.array([small]), 50.0)
    assert shapely.contains_properly(small, points).any()


def test_parts_are_looked_into_and_nothing_is_no_street():
    nested = "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (MULTILINESTRING ((0 0, 4 0))))"
    points = street_points(shapes(nested, None, "POLYGON EMPTY"), 5.0)
    assert {point.wkt for point in points} == {"POINT (1 2)", "POINT (0 0)", "POINT (4 0)"}
    assert len(street_points(shapes(None), 5.0)) == 0


def test_a_wide_area_is_covered_strip_by_strip_without_gaps_or_doubles():
    inside = street_points(np.array([shapely.box(0, 0, 20, 1000)]), 10.0)
    middle = sorted(p.y for p in inside if p.x == 10.0 and 0 < p.y < 1000)
    assert middle == [float(y) for y in range(10, 1000, 10)]


def test_open_ground_keeps_away_from_buildings():
    points = lattice_points((0.0, 0.0, 20.0, 20.0), 5.0)
    free = away_from(points, np.array([shapely.box(9, 9, 11, 11)]), 3.0)
    assert len(points) == 25
    assert {p.wkt for p in points} - {p.wkt for p in free} == {"POINT (10 10)"}


def test_streets_that_meet_share_one_point():
    cross = shapes("LINESTRING (0 0, 5 0)", "LINESTRING (5 0, 5 5)", "LINESTRING (0 0, 5 0)")
    assert len(street_points(cross, 5.0)) == 3
