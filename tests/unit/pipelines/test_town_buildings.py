from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.pipelines.town.archetypes import Row, church, terrace_house, villa
from zonnekaart.pipelines.town.buildings import Box, Plane, Shape, visible_planes
from zonnekaart.pipelines.town.plan import Frame

BOX = Box(-5.0, 5.0, 0.0, 8.0)
"""A plan of 10 by 8 metres."""


def plan_area(planes: list[Plane]) -> float:
    return sum(plane.polygon.area for plane in planes)


@pytest.mark.parametrize("angle_deg", [0.0, 37.0, 90.0, 215.0])
def test_gable_planes_face_front_and_back(angle_deg: float) -> None:
    shape = Shape(Frame(100.0, 200.0, angle_deg))
    ridge = shape.gable(BOX, 6.0, 40.0)
    front, back = shape.planes
    assert front.tilt_deg == pytest.approx(40.0)
    assert front.azimuth_deg == pytest.approx((180.0 - angle_deg) % 360.0)
    assert back.azimuth_deg == pytest.approx((-angle_deg) % 360.0, abs=1e-6)
    assert front.area_m2 == pytest.approx(10.0 * 4.0 / np.cos(np.deg2rad(40.0)))
    assert ridge == pytest.approx(6.0 + 4.0 * np.tan(np.deg2rad(40.0)))


def test_gable_across_faces_the_sides() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.gable(BOX, 3.0, 30.0, "v")
    assert sorted(plane.azimuth_deg for plane in shape.planes) == pytest.approx([90.0, 270.0])


@pytest.mark.parametrize("box", [BOX, Box(0.0, 6.0, 0.0, 12.0), Box(-3.5, 3.5, -3.5, 3.5)])
def test_hip_has_four_planes_of_one_pitch_that_fill_the_box(box: Box) -> None:
    shape = Shape(Frame(0.0, 0.0, 20.0))
    shape.hip(box, 5.0, 35.0)
    assert len(shape.planes) == 4
    assert [plane.tilt_deg for plane in shape.planes] == pytest.approx([35.0] * 4)
    assert plan_area(shape.planes) == pytest.approx(box.length * box.depth)
    facing = sorted((plane.azimuth_deg + 20.0) % 360.0 for plane in shape.planes)
    assert np.diff(facing) == pytest.approx([90.0] * 3)


def test_flat_roof_has_no_azimuth() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.flat(BOX, 9.0)
    assert np.isnan(shape.planes[0].azimuth_deg)
    assert shape.planes[0].area_m2 == pytest.approx(80.0)


def test_lean_to_falls_to_the_back() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.lean_to(BOX, 2.0, 4.0)
    plane = shape.planes[0]
    assert plane.azimuth_deg == pytest.approx(0.0)
    assert plane.tilt_deg == pytest.approx(np.rad2deg(np.arctan(2.0 / 8.0)))


def test_sawtooth_planes_all_face_one_way() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.sawtooth(BOX, 4.0, 25.0, 4)
    assert [plane.azimuth_deg for plane in shape.planes] == pytest.approx([180.0] * 4)
    assert plan_area(shape.planes) == pytest.approx(80.0)


def test_flat_box_on_a_gable_hides_the_roof_below_and_nothing_else() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.gable(BOX, 6.0, 45.0)
    shape.flat(Box(-1.0, 1.0, 1.0, 2.0), 9.0, "dormer")
    seen = visible_planes(shape.planes)
    assert plan_area(seen) == pytest.approx(80.0, abs=0.2)
    assert plan_area([p for p in seen if p.part == "dormer"]) == pytest.approx(2.0, abs=0.05)


def test_box_lower_than_the_roof_is_not_seen() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.flat(BOX, 9.0)
    shape.flat(Box(-1.0, 1.0, 1.0, 2.0), 5.0, "dormer")
    assert [plane.part for plane in visible_planes(shape.planes)] == ["main"]


def test_crossing_gables_meet_in_a_valley() -> None:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.gable(BOX, 3.0, 40.0)
    shape.gable(Box(-2.0, 2.0, -3.0, 4.0), 3.0, 40.0, "v", "wing")
    seen = visible_planes(shape.planes)
    assert plan_area(seen) == pytest.approx(80.0 + 4.0 * 3.0, abs=0.2)
    wing = [plane for plane in seen if plane.part == "wing"]
    assert plan_area(wing) == pytest.approx(4.0 * 3.0 + 4.0, abs=0.2)


@pytest.mark.parametrize("seed", range(12))
def test_visible_planes_of_drawn_houses_cover_the_footprint_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = Frame(300.0, 400.0, float(rng.uniform(0.0, 360.0)))
    drafts = [terrace_house(rng, frame, 6.5, Row(9.5, 40.0)), villa(rng, frame)]
    for draft in drafts:
        seen = visible_planes(draft.shape.planes)
        footprint = draft.shape.footprint()
        assert plan_area(seen) == pytest.approx(footprint.area, rel=0.01)
        union = shapely.unary_union([plane.polygon for plane in seen])
        assert union.area == pytest.approx(plan_area(seen), rel=1e-3)
        assert all(plane.polygon.is_valid for plane in seen)


def test_church_tower_stands_above_the_nave() -> None:
    row = {"id": "church", "size": [44, 22]}
    draft = church(Frame(0.0, 0.0, 0.0), row)
    tower = [plane for plane in draft.shape.planes if plane.part == "tower"]
    assert len(tower) == 4
    assert draft.heritage == "protected"
    assert {round(plane.tilt_deg) for plane in tower} == {76}
