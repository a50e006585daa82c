"""Panels of a few planes: rows along turned walls, their light, and how both follow a turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from tests.solar_cases import made_up_year
from zonnekaart.config import share_folder
from zonnekaart.energy.pv import modules_on
from zonnekaart.io.presets import read_preset
from zonnekaart.pipelines.roof_light import light_from_sky
from zonnekaart.pipelines.roof_panels import Surfaces, lay_panels, rows_facing_deg
from zonnekaart.pipelines.rooftops import PlaneSet
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.sky import build_sky

PRESET = read_preset("zonnekaart", share_folder("data") / "presets")
SOUTH = replace(PRESET, layout=replace(PRESET.layout, flat_mounting="rack_south"))
LATITUDE = 50.9
TURNS = np.array([0.0, 40.0, 70.0])
"""Turns of the same roof; walls at 40 degrees let rows face 220 or 130."""


def turned(shape, degrees):
    return shapely.affinity.rotate(shape, -degrees, origin=(0, 0))


def planes(shape, tilt_deg=0.0, azimuth_deg=np.nan):
    """The same plane on three buildings, turned with its building."""
    outline = np.array([turned(shape, t) for t in TURNS])
    count = len(TURNS)
    return PlaneSet(
        building=np.arange(count),
        outline=outline,
        tilt_deg=np.full(count, tilt_deg),
        azimuth_deg=(azimuth_deg + TURNS) % 360.0,
        facing_deg=np.nan_to_num((azimuth_deg + TURNS) % 360.0),
        rms_m=np.zeros(count),
        above_ground_m=np.full(count, 6.0),
        edge_areas={},
        horizons=np.zeros((count, 64), dtype=np.float32),
        horizon_plane=np.arange(count),
        cells=np.empty(count, dtype=object),
        under_canopy=np.zeros(count, dtype=bool),
    )


def laid(found, preset):
    facing = rows_facing_deg(found.building, found.outline, preset.layout, LATITUDE)
    modules = modules_on(found.tilt_deg, found.azimuth_deg, preset.layout, LATITUDE, facing)
    surfaces = Surfaces(found.building, found.outline, found.tilt_deg, found.facing_deg)
    return modules, lay_panels(surfaces, modules, found.outline, preset)


@pytest.mark.parametrize(("preset", "facing"), [(SOUTH, [180, 220, 160]), (PRESET, [90, 130, 70])])
def test_rows_follow_the_walls_nearest_to_the_wish(preset, facing):
    modules, found = laid(planes(shapely.box(0, 0, 24, 13)), preset)
    assert modules.azimuth_deg.tolist() == pytest.approx(facing)
    assert (found.count > 20).all()
    for plane, own in enumerate(facing):
        azimuths = found.panels.azimuth_deg[found.panels.plane == plane]
        assert set(np.round(azimuths)) == ({own, own + 180} if preset is PRESET else {own})


def test_exactly_south_rows_do_not_follow_the_walls():
    layout = replace(SOUTH.layout, rack_alignment="south")
    found = planes(shapely.box(0, 0, 24, 13))
    assert rows_facing_deg(found.building, found.outline, layout, LATITUDE) is None
    modules, given = laid(found, replace(SOUTH, layout=layout))
    assert modules.azimuth_deg.tolist() == [180.0] * 3
    # Rows askew to the walls hold fewer.
    assert given.count[0] > given.count[1]


def test_light_on_racks_is_that_of_their_true_azimuth():
    sky = build_sky(made_up_year())
    found = planes(shapely.box(0, 0, 24, 13))
    modules, _ = laid(found, SOUTH)
    light = light_from_sky(found, modules, sky, SOUTH.layout, LATITUDE)
    free = plane_irradiation(sky, modules.tilt_deg, modules.azimuth_deg, found.horizons)[:, 0]
    # The next row takes a little of it.
    assert (light.module[:, 0] < free).all()
    assert light.module[:, 0] == pytest.approx(free, rel=0.05)
    assert light.module[0, 0] > 1.01 * light.module[1, 0]


@pytest.mark.parametrize("mounting", ["flush", "rack_south", "rack_east_west"])
def test_as_many_fit_on_a_turned_flat_roof(mounting):
    preset = replace(PRESET, layout=replace(PRESET.layout, flat_mounting=mounting))
    # Turned by 70 degrees the rows run along the other walls; a square does not mind.
    _, found = laid(planes(shapely.box(0, 0, 16, 16)), preset)
    assert found.count.tolist() == [found.count[0]] * 3
    assert found.count[0] > 0


def test_modules_on_a_slope_follow_walls_that_follow_the_contour():
    roof = shapely.box(-6, -3, 6, 3)
    _, along = laid(planes(roof, 35.0, 180.0), PRESET)
    # The fitted plane errs by 6 degrees: the modules stay along the eaves, as many as before.
    _, askew = laid(planes(roof, 35.0, 186.0), PRESET)
    assert askew.count.tolist() == along.count.tolist()
    assert np.round(askew.panels.azimuth_deg[0]) == 186.0
    sides = shapely.get_coordinates(askew.panels.shape[0])
    assert np.ptp(sides[:2, 1]) == pytest.approx(0.0, abs=1e-9)
    _, other = laid(planes(roof, 35.0, 200.0), PRESET)
    assert np.ptp(shapely.get_coordinates(other.panels.shape[0])[:2, 1]) > 0.3


def test_wider_strips_hold_no_more():
    _, found = laid(planes(shapely.Polygon([(0, 0), (11, 0), (9, 7), (3, 7)]), 30.0, 180.0), PRESET)
    assert (found.low_share <= 1.0).all()
    assert (found.high_share >= 1.0).all()
    assert (found.low_share < found.high_share).all()
