"""Numbered properties of specs/panels.md."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zonnekaart.energy.panels import (
    Boundaries,
    Lattices,
    ModuleType,
    best_lattices,
    flush_units,
    places,
)

MODULE = ModuleType(1.134, 1.762, 440.0, 0.02, "-")
UNITS = flush_units(MODULE)
SIDES = st.floats(0.5, 30.0)
CORNERS = st.lists(st.tuples(st.floats(-12, 12), st.floats(-12, 12)), min_size=4, max_size=9)


def plane(*shapes):
    segments, first = [np.zeros((0, 4))], [0]
    for shape in shapes:
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                points = np.asarray(ring.coords)
                segments.append(np.hstack([points[:-1], points[1:]]))
        first.append(sum(len(s) for s in segments))
    return Boundaries(np.vstack(segments), np.array(first, dtype=np.int64))


def boxes(found, lattices):
    size = UNITS[lattices.unit[found.plane]]
    return shapely.box(found.u, found.v, found.u + size[:, 0], found.v + size[:, 1])


@settings(deadline=None, max_examples=60)
@given(SIDES, SIDES, st.floats(0, 5), st.floats(0, 5))
def test_panels_1_a_longer_or_wider_rectangle_holds_no_fewer(width, height, wider, higher):
    small, large = (
        shapely.box(0, 0, width, height),
        shapely.box(0, 0, width + wider, height + higher),
    )
    count = best_lattices(plane(small, large), UNITS).count
    assert count[0] <= count[1]


@settings(deadline=None, max_examples=60)
@given(CORNERS, st.floats(0.01, 4.0))
def test_panels_2_on_one_lattice_a_larger_roof_holds_no_fewer(corners, more):
    small = shapely.convex_hull(shapely.multipoints(corners))
    if small.area < 1.0:
        return
    # GEOS raises the flag for "invalid" on nearly straight corners, and answers all the same.
    with np.errstate(invalid="ignore"):
        large = small.buffer(more, join_style="mitre")
    both = plane(small, large)
    best = best_lattices(both, UNITS)
    same = Lattices(*(np.repeat(part[:1], 2) for part in (best.unit, best.u, best.v, best.count)))
    held = np.bincount(places(both, UNITS, same).plane, minlength=2)
    assert held[0] == best.count[0]
    assert held[0] <= held[1]


@settings(deadline=None, max_examples=60)
@given(CORNERS, st.floats(-3, 3), st.floats(-3, 3))
def test_panels_3_panels_lie_inside_apart_and_out_of_holes(corners, x, y):
    roof = shapely.convex_hull(shapely.multipoints(corners))
    roof = roof.difference(shapely.box(x, y, x + 0.8, y + 0.8))
    if roof.area < 1.0:
        return
    lattices = best_lattices(plane(roof), UNITS)
    laid = boxes(places(plane(roof), UNITS, lattices), lattices)
    assert len(laid) == lattices.count[0]
    assert shapely.covers(roof.buffer(1e-5), laid).all()
    assert abs(shapely.union_all(laid).area - len(laid) * MODULE.area_m2) < 1e-6
