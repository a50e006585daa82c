"""Whole modules on a plane: counts by hand, holes, rows that do not shade, a slow reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from zonnekaart.energy import panels, pv
from zonnekaart.energy.panels import Boundaries, Lattices, ModuleType
from zonnekaart.errors import ShapeMismatchError

MODULE = ModuleType(1.1, 1.7, 400.0, 0.0, "-")
GAPS = ModuleType(1.1, 1.7, 400.0, 0.1, "-")


def outline(*shapes):
    """Segments of polygons in u, v."""
    segments, first = [], [0]
    for shape in shapes:
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                points = np.asarray(ring.coords)
                segments.append(np.hstack([points[:-1], points[1:]]))
        first.append(sum(len(s) for s in segments))
    rows = np.vstack(segments) if segments else np.zeros((0, 4))
    return Boundaries(rows, np.array(first, dtype=np.int64))


def rectangles(found, units, lattices):
    sizes = units[lattices.unit[found.plane]]
    return shapely.box(found.u, found.v, found.u + sizes[:, 0], found.v + sizes[:, 1])


def most(shape, units):
    return int(panels.best_lattices(outline(shape), units).count[0])


@pytest.mark.parametrize(
    ("width", "height", "module", "count"),
    [
        (5.5, 3.4, MODULE, 10),  # upright: 5 x 2
        (5.1, 3.3, MODULE, 9),  # lying: 3 x 3, upright only 4 x 1
        (5.9, 3.5, GAPS, 10),  # 5 x 1.1 and 4 gaps, 2 x 1.7 and a gap: exactly
        (5.89, 3.5, GAPS, 9),  # a centimetre less: lying 3 x 3
        (1.09, 9.0, MODULE, 0),
        (1.7, 1.1, MODULE, 1),
    ],
)
def test_a_rectangle_holds_what_the_hand_counts(width, height, module, count):
    assert (
        most(shapely.box(-3.0, 2.0, width - 3.0, height + 2.0), panels.flush_units(module)) == count
    )


def test_a_trapezoid_keeps_common_columns():
    # Rows of 8.3 and 6.6 would hold 7 and 6 each, but their left ends lie 0.85 apart, not 1.1.
    shape = shapely.Polygon([(0, 0), (10, 0), (6.6 + 1.7, 3.4), (1.7, 3.4)])
    units = panels.flush_units(MODULE)[:1]
    plane = outline(shape)
    lattices = panels.best_lattices(plane, units)
    found = panels.places(plane, units, lattices)
    assert lattices.count[0] == 12
    assert sorted(np.bincount(found.row)) in ([5, 7], [6, 6])
    columns = (found.u - found.u[0]) / units[0, panels.COLUMN_PITCH]
    assert columns == pytest.approx(np.round(columns), abs=1e-9)


def test_a_hole_is_left_free():
    hole = shapely.box(4.0, 2.0, 5.0, 3.0)
    shape = shapely.box(0, 0, 9.9, 5.1).difference(hole)
    units = panels.flush_units(MODULE)[:1]
    plane = outline(shape)
    lattices = panels.best_lattices(plane, units)
    laid = rectangles(panels.places(plane, units, lattices), units, lattices)
    assert lattices.count[0] == 25  # 27 without it
    assert not shapely.area(shapely.intersection(laid, hole)).any()


def test_a_rectangle_in_a_rectangular_hole_is_outside():
    ring = shapely.box(0, 0, 6, 6).difference(shapely.box(0.5, 0.5, 5.5, 5.5))
    assert most(ring, panels.flush_units(MODULE)) == 0


def test_parts_of_one_plane_share_a_lattice():
    two = shapely.MultiPolygon([shapely.box(0, 0, 2.2, 1.7), shapely.box(3.3, 0, 4.4, 1.7)])
    assert most(two, panels.flush_units(MODULE)) == 3
    apart = shapely.MultiPolygon([shapely.box(0, 0, 2.2, 1.7), shapely.box(3.0, 0, 4.1, 1.7)])
    assert most(apart, panels.flush_units(MODULE)[:1]) == 2


def test_planes_do_not_touch_each_other_and_empty_ones_hold_nothing():
    plane = outline(shapely.box(0, 0, 2.2, 1.7), shapely.Polygon(), shapely.box(0, 0, 1.1, 1.7))
    units = panels.flush_units(MODULE)
    lattices = panels.best_lattices(plane, units)
    assert lattices.count.tolist() == [2, 0, 1]
    assert panels.places(plane, units, lattices).plane.tolist() == [0, 0, 2]


def random_shape(rng):
    """A blob with a few holes, or an L."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 14)))
    radius = rng.uniform(3, 9, len(angle))
    blob = shapely.make_valid(
        shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    )
    for _ in range(rng.integers(0, 3)):
        blob = blob.difference(shapely.Point(rng.uniform(-4, 4, 2)).buffer(rng.uniform(0.2, 1)))
    return shapely.union_all([p for p in shapely.get_parts(blob) if p.area > 0])


@pytest.mark.parametrize("seed", range(25))
def test_shapely_places_the_same_rectangles(seed):
    rng = np.random.default_rng(seed)
    shape = random_shape(rng)
    units = panels.flush_units(GAPS)
    plane = outline(shape)
    best = panels.best_lattices(plane, units)
    width, depth, across, up = units[best.unit[0]]
    steps = np.arange(-20, 21)
    u, v = np.meshgrid(best.u[0] + steps * across, best.v[0] + steps * up)
    boxes = shapely.box(u, v, u + width, v + depth).ravel()
    whole = shapely.contains(shapely.buffer(shape, 1e-6), boxes)
    assert best.count[0] == whole.sum()
    found = panels.places(plane, units, best)
    laid = rectangles(found, units, best)
    assert len(laid) == best.count[0]
    assert shapely.area(shapely.union_all(laid)) == pytest.approx(shapely.area(laid).sum())
    # No other lattice of a fine search is better by more than what lies between the tried rows.
    tried = [
        panels.places(
            plane, units, Lattices(np.array([k]), np.array([a]), np.array([b]), best.count)
        )
        for k in range(2)
        for a in np.arange(0, units[k, 2], 0.15)
        for b in np.arange(0, units[k, 3], 0.15)
    ]
    assert max(len(t.plane) for t in tried) <= best.count[0] + 1


def test_rows_do_not_shade_the_next_at_the_row_sun():
    sun, tilt = pv.row_sun_deg(50.9), 15.0
    units = panels.row_units(GAPS, tilt, pv.ground_cover_south(tilt, sun))
    plane = outline(shapely.box(0, 0, 20, 20))
    found = panels.places(plane, units, panels.best_lattices(plane, units))
    rows = np.unique(np.round(found.v, 9))
    gap = np.diff(rows) - units[0, panels.DEPTH]
    height = GAPS.width_m * math.sin(math.radians(tilt))
    assert len(rows) > 3
    assert np.degrees(np.arctan(height / gap)) == pytest.approx(sun)


def test_level_rows_keep_the_gap_of_the_clamps():
    assert panels.row_units(GAPS, 0.0, 1.0)[0].tolist() == pytest.approx([1.7, 1.1, 1.8, 1.2])


def test_tents_hold_two_modules_and_a_gap():
    width, depth, across, up = panels.tent_units(GAPS, 10.0, 0.2)[0]
    assert (width, across) == pytest.approx((1.7, 1.8))
    assert depth == pytest.approx(2 * 1.1 * math.cos(math.radians(10.0)))
    assert up - depth == pytest.approx(0.22)
    assert 2 * 1.1 / up == pytest.approx(pv.ground_cover_east_west(10.0, 0.2))


def test_arrays_of_other_shapes_are_refused():
    plane = outline(shapely.box(0, 0, 3, 3))
    with pytest.raises(ShapeMismatchError, match="units"):
        panels.best_lattices(plane, np.ones(4))
    with pytest.raises(ShapeMismatchError, match="segments"):
        Boundaries(np.zeros((3, 2)), np.array([0, 3]))
    with pytest.raises(ShapeMismatchError, match="first"):
        Boundaries(np.zeros((3, 4)), np.array([0, 2]))
    lattices = panels.best_lattices(plane, panels.flush_units(MODULE))
    with pytest.raises(ShapeMismatchError, match="lattices"):
        panels.places(outline(*[shapely.box(0, 0, 3, 3)] * 2), panels.flush_units(MODULE), lattices)
