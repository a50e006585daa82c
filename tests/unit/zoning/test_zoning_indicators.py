"""Sums and shares per zone: what an unknown member does to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.errors import ShapeMismatchError
from zonnekaart.zoning.indicators import (
    BuildingFigures,
    DemandFigures,
    PanelFigures,
    PlaneFigures,
    SiteFigures,
    demand_indicators,
    derived_indicators,
    known_share,
    scaled_interval,
    share,
    site_indicators,
    sum_complete,
    sum_known,
    supply_indicators,
    unknown_panels_kwp,
)

NAN = float("nan")


def buildings(**changes):
    n = 4
    values = {
        "zone": np.array([0, 0, 1, -1]),
        "capacity_kwp": np.full(n, 10.0),
        "existing_kwp": np.array([1.0, 3.0, 0.0, 99.0]),
        "additional_kwp": np.array([9.0, 7.0, 10.0, 0.0]),
        "annual_yield_kwh": np.full(n, 9000.0),
        "annual_yield_low_kwh": np.full(n, 8000.0),
        "annual_yield_high_kwh": np.full(n, 10_000.0),
        "footprint_area_m2": np.array([100.0, 300.0, 50.0, 1.0]),
        "dwellings": np.array([1.0, 9.0, 1.0, 1.0]),
        "apartments": np.array([False, True, False, True]),
        "survey_mismatch": np.array([False, True, False, False]),
        "heritage": np.array([1.0, 0.0, NAN, 1.0]),
    }
    return BuildingFigures(**(values | changes))


PLANES = PlaneFigures(
    zone=np.array([0, 0, 1]),
    roof_area_m2=np.array([30.0, 10.0, 40.0]),
    usable_area_m2=np.array([15.0, 5.0, 0.0]),
    annual_irradiation_kwh_m2=np.array([1000.0, 600.0, NAN]),
)


def test_supply_by_hand():
    found = supply_indicators(buildings(), PLANES, 3)
    assert found["capacity_kwp"].tolist() == [20.0, 10.0, 0.0]
    assert found["existing_kwp"].tolist() == [4.0, 0.0, 0.0]
    assert found["used_share"][0] == pytest.approx(0.2)
    assert found["buildings"].tolist() == [2.0, 1.0, 0.0]
    assert found["apartment_share"][0] == pytest.approx(0.9)
    assert found["heritage_share"][0] == pytest.approx(0.5)
    assert np.isnan(found["heritage_share"][1])
    assert found["survey_mismatch_share"][0] == pytest.approx(0.75)
    assert found["usable_share"][:2].tolist() == [0.5, 0.0]
    assert found["mean_irradiation_kwh_m2"][0] == pytest.approx(900.0)
    assert np.isnan(found["mean_irradiation_kwh_m2"][1])


def test_a_roof_that_is_not_known_leaves_a_lower_bound_and_not_zero():
    some = supply_indicators(buildings(capacity_kwp=np.array([10.0, NAN, NAN, 1.0])), PLANES, 2)
    assert some["capacity_kwp"][0] == 10.0
    assert np.isnan(some["capacity_kwp"][1])


def test_existing_panels_are_unknown_when_too_few_roofs_are_known():
    half = buildings(existing_kwp=np.array([1.0, NAN, 0.0, 0.0]))
    found = supply_indicators(half, PLANES, 2)
    assert np.isnan(found["existing_kwp"][0])
    assert np.isnan(found["used_share"][0])
    assert found["existing_kwp"][1] == 0.0
    assert unknown_panels_kwp(half, 2).tolist() == [10.0, 0.0]


def test_existing_panels_are_a_lower_bound_when_most_roofs_are_known():
    most = buildings(
        capacity_kwp=np.array([90.0, 10.0, 1.0, 1.0]), existing_kwp=np.array([9.0, NAN, 0.0, 0.0])
    )
    found = supply_indicators(most, PLANES, 2)
    assert found["existing_kwp"][0] == 9.0
    assert found["used_share"][0] == pytest.approx(0.1)


def demand(**changes):
    values = {
        "zone": np.array([0, 0, 0, 0, 1]),
        "consumption_kwh": np.full(5, 1000.0),
        "consumption_low_kwh": np.full(5, 900.0),
        "consumption_high_kwh": np.full(5, 1100.0),
        "common_low_kwh": np.full(5, 1000.0),
        "common_high_kwh": np.full(5, 1000.0),
        "connections": np.ones(5),
        "estimated": np.zeros(5, dtype=bool),
    }
    return DemandFigures(**(values | changes))


def test_errors_of_users_cancel_and_errors_of_the_level_add():
    spread = demand_indicators(demand(), 2)
    assert spread["consumption_high_kwh"][0] == pytest.approx(4000 + 100 * 2)
    level = {"common_low_kwh": np.full(5, 900.0), "common_high_kwh": np.full(5, 1100.0)}
    guessed = demand_indicators(demand(estimated=np.ones(5, dtype=bool), **level), 2)
    assert guessed["consumption_high_kwh"][0] == pytest.approx(4000 + 100 * 4)
    assert guessed["estimated_demand_share"].tolist() == [1.0, 1.0]
    assert spread["estimated_demand_share"].tolist() == [0.0, 0.0]


def test_what_the_total_leaves_open_moves_all_buildings_together():
    level = {"common_low_kwh": np.full(5, 950.0), "common_high_kwh": np.full(5, 1050.0)}
    found = demand_indicators(demand(**level), 2)
    assert found["consumption_low_kwh"][0] == pytest.approx(3800 - 50 * 2)
    assert found["consumption_high_kwh"][0] == pytest.approx(4200 + 50 * 2)


def test_one_unknown_consumer_makes_the_zone_unknown():
    found = demand_indicators(demand(consumption_kwh=np.array([1.0, NAN, 1.0, 1.0, 5.0])), 2)
    assert np.isnan(found["consumption_kwh"][0])
    assert found["consumption_kwh"][1] == 5.0


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.floats(0, 1e6) | st.just(NAN)), max_size=40),
)
def test_sums_agree_with_a_plain_loop(members):
    zone = np.array([z for z, _ in members], dtype=np.int64)
    values = np.array([v for _, v in members], dtype=np.float64)
    known, complete = sum_known(values, zone, 4), sum_complete(values, zone, 4)
    for z in range(4):
        here = [v for k, v in members if k == z]
        finite = [v for v in here if not np.isnan(v)]
        if here and not finite:
            assert np.isnan(known[z])
        else:
            assert known[z] == pytest.approx(sum(finite))
        if len(finite) < len(here):
            assert np.isnan(complete[z])
        else:
            assert complete[z] == pytest.approx(sum(here))


def test_shares_need_the_larger_half_to_be_known():
    zone = np.zeros(3, dtype=np.int64)
    flag = np.array([1.0, 0.0, NAN])
    assert known_share(flag, np.array([1.0, 1.0, 1.0]), zone, 1)[0] == pytest.approx(0.5)
    assert np.isnan(known_share(flag, np.array([1.0, 1.0, 9.0]), zone, 1)[0])


def test_a_share_of_nothing_is_unknown():
    assert np.isnan(share(np.array([1.0]), np.array([0.0]))[0])


def test_intervals_keep_their_relative_width_and_hold_the_centre():
    low, high = scaled_interval(
        np.array([200.0]), np.array([100.0]), np.array([80.0]), np.array([90.0])
    )
    assert low[0] == pytest.approx(160.0)
    assert high[0] == pytest.approx(200.0)


def test_derived_ratios_by_hand():
    found = derived_indicators(
        {
            "self_consumption": np.array([0.3]),
            "self_consumption_pooled": np.array([0.4]),
            "annual_yield_kwh": np.array([300.0]),
            "consumption_kwh": np.array([200.0]),
        }
    )
    assert found["sharing_gain"][0] == pytest.approx(0.1)
    assert found["surplus_share"][0] == pytest.approx(0.6)
    assert found["yield_demand_ratio"][0] == pytest.approx(1.5)


def test_members_and_zones_must_match():
    with pytest.raises(ShapeMismatchError):
        sum_known(np.ones(2), np.zeros(3, dtype=np.int64), 1)


def panels(**changes):
    values = {
        "low_kwp": np.array([1.0, 0.0, 0.0, 0.0]),
        "high_kwp": np.array([1.0, 10.0, 0.0, 10.0]),
        "common_low_kwp": np.array([1.0, 2.4, 0.0, 0.0]),
        "common_high_kwp": np.array([1.0, 3.6, 0.0, 0.0]),
        "annual_yield_kwh": np.array([900.0, 2700.0, 0.0, NAN]),
    }
    return PanelFigures(**(values | changes))


def test_panels_that_are_known_are_exact():
    found = supply_indicators(buildings(), PLANES, 3)
    assert found["existing_low_kwp"].tolist() == found["existing_kwp"].tolist()
    assert found["existing_high_kwp"].tolist() == found["existing_kwp"].tolist()
    assert np.isnan(found["existing_annual_yield_kwh"]).all()


def test_an_estimate_is_open_by_its_total_and_by_the_draw():
    found = supply_indicators(buildings(panels=panels()), PLANES, 3)
    # One building: 3 kWp expected, 0 or 10 in truth; the draw's variance is 3 x 7.
    width = 1.6448536 * np.sqrt(21.0)
    assert found["existing_high_kwp"][0] == pytest.approx(min(1.0 + 3.6 + width, 11.0))
    assert found["existing_low_kwp"][0] == pytest.approx(max(1.0 + 2.4 - width, 1.0))
    assert found["existing_low_kwp"][1] == found["existing_high_kwp"][1] == 0.0
    assert found["existing_annual_yield_kwh"].tolist() == [3600.0, 0.0, 0.0]


def test_many_buildings_are_surer_than_one():
    many = 400
    each = np.full(many, 2.0)
    stock = buildings(
        zone=np.zeros(many, dtype=np.int64),
        existing_kwp=each,
        panels=PanelFigures(0.0 * each, 4.0 * each, each, each, 900.0 * each),
        **{
            name: np.full(many, 10.0)
            for name in (
                "capacity_kwp",
                "additional_kwp",
                "annual_yield_kwh",
                "annual_yield_low_kwh",
                "annual_yield_high_kwh",
                "footprint_area_m2",
                "dwellings",
                "heritage",
            )
        },
        apartments=np.zeros(many, dtype=bool),
        survey_mismatch=np.zeros(many, dtype=bool),
    )
    rng = np.random.default_rng(3)
    # What the interval claims, drawn: a quarter of the roofs carries 8 kWp.
    sums = 8.0 * (rng.random((2000, many)) < 0.25).sum(axis=1)
    found = supply_indicators(stock, PLANES, 1)
    low, high = found["existing_low_kwp"][0], found["existing_high_kwp"][0]
    assert np.mean((sums >= low) & (sums <= high)) == pytest.approx(0.9, abs=0.03)
    assert high - low < 0.4 * found["existing_kwp"][0]


def test_unknown_panels_leave_the_interval_unknown():
    unknown = np.array([NAN, NAN, NAN, 99.0])
    found = supply_indicators(
        buildings(existing_kwp=unknown, additional_kwp=unknown, panels=panels()), PLANES, 3
    )
    for name in ("existing_low_kwp", "existing_high_kwp", "existing_annual_yield_kwh"):
        assert np.isnan(found[name][:2]).all()


def test_sites_are_counted_by_zone_and_unknown_when_nobody_looked():
    sites = SiteFigures(
        zone=np.array([0, 0, 1, -1]),
        capacity_kwp=np.array([10.0, 5.0, NAN, 7.0]),
        annual_yield_kwh=np.array([9000.0, 4000.0, NAN, 1.0]),
        annual_yield_low_kwh=np.array([8000.0, 3000.0, NAN, 1.0]),
        annual_yield_high_kwh=np.array([9900.0, 5000.0, NAN, 1.0]),
    )
    found = site_indicators(sites, 3)
    assert found["site_capacity_kwp"] == pytest.approx([15.0, NAN, 0.0], nan_ok=True)
    assert found["site_yield_low_kwh"][0] == 11000.0
    assert found["site_yield_high_kwh"][0] == 14900.0
    nobody = site_indicators(None, 2)
    assert set(nobody) == set(found)
    assert all(np.isnan(v).all() for v in nobody.values())
