"""Panels and yield: rows, packing, cuts, losses, intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from zonnekaart.energy import pv
from zonnekaart.energy.panels import ModuleType
from zonnekaart.energy.pv import Cuts, Factor, Layout, PlaneFacts, Preset
from zonnekaart.errors import InputError, ShapeMismatchError

LAYOUT = Layout(
    edge_tilted_m=Factor(0.3, 0.2, 0.5, "-"),
    edge_flat_m=Factor(0.8, 0.5, 1.5, "-"),
    obstructed=Factor(0.1, 0.0, 0.2, "-"),
    packing_tilted=Factor(0.8, 0.7, 0.9, "-"),
    packing_flat=Factor(0.75, 0.7, 0.9, "-"),
    flat_below_deg=10.0,
    flat_mounting="rack_south",
    rack_south_tilt_deg=15.0,
    rack_east_west_tilt_deg=10.0,
    east_west_gap_share=0.2,
    rack_alignment="south",
    field_m=0.0,
    path_m=1.0,
)
MODULE = ModuleType(1.0, 2.0, 400.0, 0.02, "-")
CUTS = Cuts("share_of_best", "module", 0.55, 0.7, 0.85, "usable", 8.0, 70.0, 0.7, 45.0)
PRESET = Preset(
    id="test",
    version="1",
    title={},
    note={},
    cuts=CUTS,
    layout=LAYOUT,
    method="share",
    module=MODULE,
    module_density=Factor(0.2, 0.2, 0.2, "-"),
    losses={"soiling": Factor(0.02, 0.02, 0.02, "-"), "inverter": Factor(0.05, 0.04, 0.06, "-")},
    irradiation_spread=Factor(0.0, -0.1, 0.1, "-"),
    sources={},
)


def test_rows_do_not_shade_each_other_at_the_sun_they_are_spaced_for():
    sun = pv.row_sun_deg(50.9)
    cover = pv.ground_cover_south(15.0, sun)
    tilt = math.radians(15.0)
    gap = 1.0 / cover - math.cos(tilt)
    assert math.degrees(math.atan(math.sin(tilt) / gap)) == pytest.approx(sun)


def test_rows_are_not_endless_in_the_north():
    assert pv.row_sun_deg(70.0) == pv.LEAST_ROW_SUN_DEG
    assert pv.row_sun_deg(-50.9) == pv.row_sun_deg(50.9)


def test_east_west_covers_more_than_south():
    south = pv.ground_cover_south(15.0, pv.row_sun_deg(50.9))
    assert pv.ground_cover_east_west(10.0, 0.2) > south


def test_panels_follow_tilted_roofs_and_stand_on_flat_ones():
    modules = pv.modules_on(np.array([35.0, 2.0]), np.array([225.0, np.nan]), LAYOUT, 51.0)
    assert [pv.MOUNTINGS[k] for k in modules.mounting] == ["flush", "rack_south"]
    assert modules.tilt_deg.tolist() == [35.0, 15.0]
    assert modules.azimuth_deg.tolist() == [225.0, 180.0]
    assert modules.ground_cover[0] == 1.0
    south = pv.modules_on(np.array([2.0]), np.array([np.nan]), LAYOUT, -34.0)
    assert south.azimuth_deg.tolist() == [0.0]


def test_flush_on_flat_roofs_lies_flat():
    flush = replace(LAYOUT, flat_mounting="flush")
    modules = pv.modules_on(np.array([2.0]), np.array([np.nan]), flush, 51.0)
    assert modules.mounting.tolist() == [0]
    assert np.isnan(modules.azimuth_deg).all()
    assert not pv.row_horizon_deg(flush, 51.0, 64, np.array([180.0])).any()


@pytest.mark.parametrize("mounting", ["rack_south", "rack_east_west"])
@pytest.mark.parametrize(("facing", "front"), [(180.0, 32), (90.0, 16), (202.5, 36)])
def test_the_next_row_stands_highest_in_front(mounting, facing, front):
    layout = replace(LAYOUT, flat_mounting=mounting)
    horizon = pv.row_horizon_deg(layout, 51.0, 64, np.array([0.0, facing]))[1]
    assert int(np.argmax(horizon)) == front
    assert 1.0 < horizon.max() < 10.0
    assert horizon[(front + 32) % 64] == 0.0


def test_rows_along_the_walls_face_where_the_walls_let_them():
    flat, level = np.array([2.0, 35.0]), np.array([np.nan, 170.0])
    modules = pv.modules_on(flat, level, LAYOUT, 51.0, np.array([203.0, 140.0]))
    assert modules.azimuth_deg.tolist() == [203.0, 170.0]
    assert pv.rack_wish_deg(LAYOUT, -34.0) == 0.0
    assert pv.rack_wish_deg(replace(LAYOUT, flat_mounting="rack_east_west"), -34.0) == 90.0


def test_modules_count_with_what_heights_do_not_show_taken_off():
    area = pv.laid_area_m2(np.array([0.0, 10.0]), MODULE, LAYOUT)
    assert area.tolist() == pytest.approx([0.0, 10 * 2.0 * 0.9])
    assert area[1] * MODULE.density_kwp_m2 == pytest.approx(10 * 0.4 * 0.9)


def test_usable_area_multiplies_what_is_left():
    modules = pv.modules_on(np.array([35.0, 0.0]), np.array([180.0, np.nan]), LAYOUT, 51.0)
    area = pv.usable_area_m2(np.array([100.0, 100.0]), modules, LAYOUT)
    assert area[0] == pytest.approx(100 * 0.9 * 0.8)
    assert area[1] == pytest.approx(100 * 0.9 * 0.75 * modules.ground_cover[1])
    with pytest.raises(ShapeMismatchError):
        pv.usable_area_m2(np.array([1.0]), modules, LAYOUT)


def test_suitability_by_share_of_the_best():
    judged = np.array([400.0, 600.0, 700.0, 849.9, 850.0, np.nan])
    names = [pv.SUITABILITY[k] for k in pv.suitability(judged, 1000.0, CUTS)]
    assert names == ["unsuitable", "limited", "usable", "usable", "ideal", "unsuitable"]


def test_suitability_by_kwh_ignores_the_best():
    cuts = replace(CUTS, basis="kwh_m2", limited=650.0, usable=850.0, ideal=1000.0)
    judged = np.array([900.0])
    assert pv.suitability(judged, 500.0, cuts) == pv.suitability(judged, 2000.0, cuts)


def test_geometric_cuts():
    facts = PlaneFacts(
        roof_area_m2=np.array([5.0, 20.0, 20.0, 20.0, 20.0]),
        tilt_deg=np.array([30.0, 75.0, 30.0, 30.0, 0.0]),
        azimuth_deg=np.array([180.0, 180.0, 180.0, 350.0, np.nan]),
        unshaded_share=np.array([1.0, 1.0, 0.5, 1.0, 1.0]),
    )
    failed = pv.fails(facts, CUTS, 51.0)
    assert failed["too_small"].tolist() == [True, False, False, False, False]
    assert failed["too_steep"].tolist() == [False, True, False, False, False]
    assert failed["shaded"].tolist() == [False, False, True, False, False]
    assert failed["faces_pole"].tolist() == [False, False, False, True, False]
    assert not pv.fails(facts, CUTS, -34.0)["faces_pole"][3]


def test_losses_multiply():
    assert pv.performance(PRESET.losses) == pytest.approx(0.98 * 0.95)


def test_yield_is_capacity_times_irradiation_times_performance():
    kwh = pv.annual_yield_kwh(
        np.array([10.0, 0.0, 5.0]), np.array([1000.0, np.nan, np.nan]), PRESET.losses
    )
    assert kwh[0] == pytest.approx(10 * 1000 * 0.931)
    assert kwh[1] == 0.0
    assert np.isnan(kwh[2])


def test_bounds_add_in_quadrature():
    low, high = pv.yield_bounds(PRESET, racked=False)
    down = math.hypot(0.1, 0.1 / 0.9, 1 - 0.7 / 0.8, 0.01 / 0.95)
    assert low == pytest.approx(1 - down)
    assert low < 1.0 < high
    sure = replace(
        PRESET,
        irradiation_spread=Factor(0.0, 0.0, 0.0, "-"),
        layout=replace(
            LAYOUT, obstructed=Factor(0.1, 0.1, 0.1, "-"), packing_tilted=Factor(0.8, 0.8, 0.8, "-")
        ),
        losses={},
    )
    assert pv.yield_bounds(sure, racked=False) == (1.0, 1.0)


def test_what_fits_replaces_the_packing():
    fit = (np.array([1.0, 0.5]), np.array([1.0, 1.25]))
    low, high = pv.yield_bounds(PRESET, racked=False, fit=fit)
    down = math.hypot(0.1, 0.1 / 0.9, 0.01 / 0.95)
    assert low.tolist() == pytest.approx([1 - down, 1 - math.hypot(down, 0.5)])
    assert high[1] > high[0] > 1.0


def test_weather_years_replace_the_spread_of_the_preset():
    low, high = pv.yield_bounds(PRESET, racked=False)
    spread = PRESET.irradiation_spread
    years = (np.array([1.0 + spread.low, 1.0, 0.5]), np.array([1.0 + spread.high, 1.0, 1.0]))
    found_low, found_high = pv.yield_bounds(PRESET, racked=False, light=years)
    assert found_low[0] == pytest.approx(low)
    assert found_high[0] == pytest.approx(high)
    # Years that agree leave the other factors; a year of half the light weighs at least a half.
    assert low <= found_low[1] < 1.0 < found_high[1] <= high
    assert found_low[2] < 0.5
    assert found_high[2] == pytest.approx(found_high[1])


def test_a_factor_out_of_order_is_refused():
    with pytest.raises(InputError, match="losses"):
        pv.checked(Factor(0.1, 0.2, 0.3, "-"), "losses.soiling", 0.0, 1.0)
