"""What of a site is free, and which way walls face."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.geo.sites import free_sites, wall_faces


def shapes(*found):
    return np.array(found, dtype=object)


def test_buildings_and_earlier_sites_are_taken_out():
    sites = shapes(shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10), shapely.box(20, 0, 30, 10))
    free = free_sites(sites, shapes(shapely.box(0, 0, 2, 10), shapely.box(20, 0, 30, 10)))
    assert shapely.area(free.geometry).tolist() == pytest.approx([80.0, 50.0, 0.0])
    assert free.building_share.tolist() == pytest.approx([0.2, 0.0, 1.0])
    assert free.site_share.tolist() == pytest.approx([0.0, 0.5, 0.0])


def test_sites_that_only_touch_keep_all():
    sites = shapes(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10))
    free = free_sites(sites, shapes())
    assert shapely.area(free.geometry).tolist() == [100.0, 100.0]
    assert set(shapely.get_type_id(free.geometry)) == {3}


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 2, *[st.integers(1, 9)] * 2), max_size=8))
def test_free_sites_never_overlap_and_cover_what_they_can(boxes):
    sites = shapes(*(shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes))
    house = shapely.box(4, 4, 9, 9)
    free = free_sites(sites, shapes(house)).geometry
    whole = shapely.difference(shapely.union_all(sites), house)
    assert shapely.area(free).sum() == pytest.approx(shapely.area(whole))


@pytest.mark.parametrize(
    ("line", "north", "south"),
    [
        ([(0, 0), (30, 0)], 180.0, 0.0),
        ([(30, 0), (0, 0)], 180.0, 0.0),
        ([(0, 0), (0, 30)], 90.0, 90.0),
        ([(0, 30), (0, 0)], 90.0, 90.0),
        ([(0, 0), (30, 30)], 135.0, 315.0),
    ],
)
def test_walls_face_the_equator_whichever_way_they_are_drawn(line, north, south):
    walls = shapes(shapely.LineString(line))
    assert wall_faces(walls, 51.0).azimuth_deg[0] == pytest.approx(north)
    assert wall_faces(walls, -34.0).azimuth_deg[0] == pytest.approx(south, abs=1e-9)


def test_a_bent_wall_has_several_faces_and_keeps_its_length():
    walls = shapes(
        shapely.LineString([(0, 0), (40, 0.1), (80, 0), (80, 20)]),
        shapely.MultiLineString([[(0, 50), (10, 50)], [(20, 50), (30, 50)]]),
    )
    faces = wall_faces(walls, 51.0)
    assert faces.line.tolist() == [0, 0, 1, 1]
    assert faces.length_m.tolist() == pytest.approx([80.0, 20.0, 10.0, 10.0])
    assert shapely.area(faces.geometry).tolist() == pytest.approx([80.0, 20.0, 10.0, 10.0])
