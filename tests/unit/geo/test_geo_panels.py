"""Coordinates of planes, walls, usable parts and rectangles in plan."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.energy.panels import ModuleType, best_lattices, flush_units, places
from zonnekaart.geo import panels

MODULE = ModuleType(1.1, 1.7, 400.0, 0.02, "-")


def turned(shape, degrees):
    """Turn clockwise on the map about the origin."""
    return shapely.affinity.rotate(shape, -degrees, origin=(0, 0))


def laid(outline, facing, tilt, edge=0.3, hole=0.3):
    shapes = np.array([outline])
    frames = panels.frames_of(shapes, np.array([facing]), np.array([tilt]))
    part = panels.usable_parts(shapes, frames, panels.Margins(edge, hole))
    bounds = panels.boundaries(part)
    units = flush_units(MODULE)
    best = best_lattices(bounds, units)
    found = places(bounds, units, best)
    size = units[best.unit[found.plane]]
    corner = np.column_stack([found.u, found.v])
    return panels.rectangles(frames, found.plane, corner, (size[:, 0], size[:, 1]))


@pytest.mark.parametrize("degrees", [0.0, 17.0, 45.0, 89.0, 200.0])
def test_walls_are_found_at_any_turn(degrees):
    shape = shapely.Polygon([(0, 0), (20, 0), (20, 6), (8, 6), (8, 15), (0, 15)])
    found = panels.wall_direction_deg(np.array([turned(shape, degrees)]))[0]
    assert abs((found - degrees + 45.0) % 90.0 - 45.0) < 1e-6


def test_stairs_of_cells_do_not_turn_the_walls():
    corner = np.array([(0, 0), (30, 10), (26, 22), (-4, 12)], dtype=float)
    cells = [
        shapely.box(x, y, x + 0.5, y + 0.5)
        for x in np.arange(-6, 32, 0.5)
        for y in np.arange(-2, 24, 0.5)
        if shapely.Polygon(corner).contains(shapely.Point(x + 0.25, y + 0.25))
    ]
    stairs = shapely.union_all(cells)
    found = panels.wall_direction_deg(np.array([stairs]))[0]
    assert found == pytest.approx(np.degrees(np.arctan2(30, 10)), abs=2.0)
    assert panels.wall_direction_deg(np.array([shapely.Polygon()])).tolist() == [0.0]


def test_coordinates_go_there_and_back():
    shapes = np.array([shapely.box(10, 20, 30, 25), shapely.box(-5, 0, 5, 4)])
    frames = panels.frames_of(shapes, np.array([200.0, 35.0]), np.array([40.0, 0.0]))
    points = np.array([(11.0, 21.0), (3.0, 1.0), (25.0, 24.0)])
    plane = np.array([0, 1, 0])
    local = frames.to_plane(points, plane)
    assert frames.to_plan(local, plane) == pytest.approx(points)


def test_v_rises_against_the_facing_and_u_runs_along_the_contour():
    shapes = np.array([shapely.box(-1, -1, 1, 1)])
    frames = panels.frames_of(shapes, np.array([180.0]), np.array([60.0]))
    local = frames.to_plane(np.array([(0.0, 1.0), (1.0, 0.0)]), np.array([0, 0]))
    assert local == pytest.approx(np.array([(0.0, 2.0), (1.0, 0.0)]))


@pytest.mark.parametrize("facing", [180.0, 0.0, 90.0, 233.0])
def test_panels_lie_inside_the_plane_minus_its_edge_and_do_not_overlap(facing):
    tilt, edge = 40.0, 0.4
    outline = turned(shapely.Polygon([(-6, -3), (7, -3), (4, 3.5), (-3, 3.5)]), facing)
    found = laid(outline, facing, tilt, edge)
    assert len(found) >= 15
    # The strip is as wide on the slope, so narrower in plan up the slope; across it is the same.
    assert shapely.distance(found, outline.exterior).min() >= edge * np.cos(np.radians(tilt)) - 1e-6
    assert shapely.contains_properly(outline, found).all()
    assert shapely.area(shapely.union_all(found)) == pytest.approx(shapely.area(found).sum())
    area = 1.1 * 1.7 * np.cos(np.radians(tilt))
    assert shapely.area(found) == pytest.approx(np.full(len(found), area))


@pytest.mark.parametrize("degrees", [30.0, 137.0, 270.0])
def test_turning_the_roof_turns_the_panels(degrees):
    outline = shapely.Polygon([(-6, -3), (7, -3), (4, 3.5), (-3, 3.5)], [[(0, 0), (1, 0), (1, 1)]])
    before = laid(outline, 180.0, 35.0)
    after = laid(turned(outline, degrees), 180.0 + degrees, 35.0)
    assert len(before) == len(after) > 10
    back = turned(shapely.union_all(after), -degrees)
    assert back.symmetric_difference(shapely.union_all(before)).area < 1e-6


def test_holes_have_their_own_strip():
    hole, islet = shapely.box(2, 0, 4, 2), shapely.box(0.5, 0.5, 1.5, 1.5)
    roof = shapely.box(-6, -3, 7, 4).difference(hole)
    found = laid(roof, 180.0, 0.0, 0.5, 0.2)
    assert shapely.distance(found, hole).min() >= 0.2 - 1e-6
    assert shapely.distance(found, roof.exterior).min() >= 0.5 - 1e-6
    # A part inside the hole of another keeps its own strip.
    pond = shapely.box(-1, -1, 3, 3)
    both = shapely.MultiPolygon([shapely.box(-6, -6, 7, 7).difference(pond), islet])
    shapes = np.array([both])
    frames = panels.frames_of(shapes, np.array([180.0]), np.array([0.0]))
    inner = panels.usable_parts(shapes, frames, panels.Margins(0.3, 0.5))[0]
    assert inner.area == pytest.approx(12.4**2 - 5.0**2 + 0.4**2)
    assert panels.usable_parts(np.array([roof]), frames, panels.Margins(0.5, 0.2))[
        0
    ].area == pytest.approx(12.0 * 6.0 - 2.4**2)


def test_large_fields_are_cut_by_paths():
    shapes = np.array([shapely.box(0, 0, 100, 30)])
    frames = panels.frames_of(shapes, np.array([180.0]), np.array([0.0]))
    whole, cut = (
        panels.usable_parts(shapes, frames, panels.Margins(1.0, 0.3, size, 1.0))[0]
        for size in (0.0, 40.0)
    )
    assert whole.area == pytest.approx(98 * 28)
    assert cut.area == pytest.approx((98 - 2) * 28)
    assert len(cut.geoms) == 3


def test_boundaries_follow_every_ring_of_every_part():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    two = shapely.MultiPolygon([ring, shapely.box(9, 9, 10, 10)])
    found = panels.boundaries(np.array([two, shapely.Polygon(), shapely.box(0, 0, 1, 1)]))
    assert found.first.tolist() == [0, 12, 12, 16]
    lengths = np.hypot(*(found.segments[:, 2:] - found.segments[:, :2]).T)
    assert lengths[:12].sum() == pytest.approx(16 + 4 + 4)


def test_strip_that_crosses_itself_is_mended(monkeypatch):
    """GEOS returns such strips for some ragged outlines, and then fails on them."""
    bow_tie = shapely.Polygon([(0, 0), (8, 8), (8, 0), (0, 8)])
    ring = shapely.Polygon(
        shapely.box(0, 0, 10, 10).exterior.coords, [shapely.box(1, 1, 2, 2).exterior.coords]
    )
    monkeypatch.setattr(
        panels.shapely, "buffer", lambda shapes, *_, **__: np.full(np.shape(shapes), bow_tie)[()]
    )
    shapes = np.array([ring, shapely.box(0, 0, 10, 10)])
    frames = panels.frames_of(shapes, np.array([180.0, 180.0]), np.array([0.0, 0.0]))
    parts = panels.usable_parts(shapes, frames, panels.Margins(1.5, 0.5))
    assert shapely.is_valid(parts).all()
    assert parts[1].area == pytest.approx(32.0)
