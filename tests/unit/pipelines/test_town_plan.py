from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely

from zonnekaart.pipelines.town.plan import Frame, Street, lots, read_plan, smooth_line


def test_frame_turns_and_moves_points() -> None:
    placed = Frame(10.0, 20.0, 90.0).place(np.array([[2.0, 3.0, 7.0]]))
    np.testing.assert_allclose(placed, [[7.0, 22.0, 7.0]], atol=1e-12)


def test_shifted_frame_has_its_origin_at_the_local_point() -> None:
    moved = Frame(0.0, 0.0, 180.0).shifted(4.0, 1.0)
    assert (moved.x, moved.y) == pytest.approx((-4.0, -1.0))
    assert moved.angle_deg == 180.0


def test_smooth_line_passes_through_its_points() -> None:
    points = np.array([[0.0, 0.0], [10.0, 5.0], [20.0, -5.0], [30.0, 0.0]])
    line = smooth_line(points)
    assert max(line.distance(shapely.Point(p)) for p in points) < 1e-3


@pytest.mark.parametrize(("side", "north_of_street"), [("left", True), ("right", False)])
def test_frontage_looks_away_from_the_street(side: str, north_of_street: bool) -> None:
    street = Street("s", "Straat", 8.0, shapely.LineString([(0, 0), (100, 0)]))
    frame = street.frontage(10.0, 30.0, side)
    behind = frame.shifted(0.0, 5.0)
    assert frame.x == pytest.approx(20.0)
    assert abs(frame.y) == pytest.approx(4.0)
    assert behind.y == pytest.approx(9.0 if north_of_street else -9.0)


def test_lots_fill_the_front_and_never_pass_its_end() -> None:
    assert lots(20.0, iter([6.0, 7.0, 8.0]), gap_m=1.0) == [(0.0, 6.0), (7.0, 7.0)]


def test_sectors_cover_the_frame_without_overlap() -> None:
    plan = read_plan()
    shapes = [sector.polygon for sector in plan.sectors]
    assert 4 <= len(shapes) <= 8
    assert shapely.unary_union(shapes).symmetric_difference(plan.extent).area < 1e-3
    assert max(a.intersection(b).area for a, b in combinations(shapes, 2)) < 1e-6
    assert all(shape.geom_type == "Polygon" for shape in shapes)


def test_every_sector_holds_its_own_points() -> None:
    plan = read_plan()
    centre = next(s for s in plan.sectors if s.name == "Zonnedorp-Centrum")
    assert centre.polygon.contains(plan.square.centroid)
