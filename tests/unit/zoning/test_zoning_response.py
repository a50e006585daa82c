"""The answer of a zone's figures to a change, against full quarter-hour balances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.zoning.response import (
    SHARPNESS,
    Change,
    ZoneInputs,
    respond,
    scaled_self_consumption,
)

SHARES = st.floats(0.02, 1.0)
FACTORS = st.floats(0.1, 10.0)


@pytest.mark.parametrize("sharpness", SHARPNESS.values())
@given(share=SHARES)
def test_no_change_gives_the_found_share_exactly(share, sharpness):
    assert scaled_self_consumption(np.array([share]), np.ones(1), sharpness)[0] == share


@pytest.mark.parametrize("sharpness", SHARPNESS.values())
@given(share=SHARES, one=FACTORS, two=FACTORS)
def test_more_yield_lowers_self_consumption_but_not_what_is_used(share, one, two, sharpness):
    low, high = min(one, two), max(one, two)
    few, many = scaled_self_consumption(np.array([share]), np.array([low, high]), sharpness)
    assert many <= few + 1e-12
    assert many * high >= few * low - 1e-9


def test_unknown_stays_unknown_and_full_use_stays_full():
    found = scaled_self_consumption(np.array([np.nan, 1.0]), np.array([2.0, 0.5]), 2.0)
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1.0)


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("profile", ["h25", "g25", "l25"])
def test_the_curve_follows_full_balances(shared_data, profile, ragged):
    """
    Outside truth: BDEW standard profiles against a bell-shaped day, 84 days of quarter-hours.

    Smooth for a pool, ragged (relative standard deviation 1) for one building. Tolerance 0.03:
    what specs/zoning.md states for changes of a third either way.
    """
    table = np.genfromtxt(
        shared_data / "bdew-profiles" / f"{profile}.csv",
        delimiter=",",
        skip_header=2,
        usecols=range(1, 37),
    )
    assert table.shape == (96, 36)
    # Columns are Saturday, Sunday, working day for each month; seven days of each month suffice.
    week = (0, 1, 2, 2, 2, 2, 2)
    demand = np.concatenate([table[:, 3 * m + d] for m in range(12) for d in week])
    if ragged:
        demand = demand * np.random.default_rng(5).gamma(1.0, 1.0, demand.size)
    hour = np.arange(demand.size) / 4.0
    season = 1.0 - 0.75 * np.cos(2 * np.pi * hour * 4.0 / hour.size)
    bell = np.clip(np.cos(2 * np.pi * (hour % 24 - 12.5) / 24.0), 0.0, None) ** 1.2
    clouds = np.random.default_rng(3).uniform(0.3, 1.0, 84).repeat(96)
    solar = bell * season * clouds
    solar *= demand.sum() / solar.sum()

    def full(ratio):
        made = ratio * solar
        return np.minimum(made, demand).sum() / made.sum()

    for start in (0.5, 1.0, 2.0):
        for factor in (0.67, 1.33):
            sharpness = SHARPNESS["" if ragged else "_pooled"]
            found = np.array([full(start)])
            guess = scaled_self_consumption(found, np.array([factor]), sharpness)[0]
            assert guess == pytest.approx(full(start * factor), abs=0.03)


def zone(**changes):
    figures = {
        "annual_yield_kwh": 100_000.0, "consumption_kwh": 80_000.0, "peak_offtake_kw": 20.0,
        "self_consumption": 0.3, "self_sufficiency": 0.375, "self_consumption_pooled": 0.35,
        "self_sufficiency_pooled": 0.4375, "peak_injection_kw": 70.0, "pv_headroom_kw": 100.0,
        "sharing_gain": 0.05, "surplus_share": 0.65, "yield_demand_ratio": 1.25,
        "surplus_kwh": 65_000.0, "residual_kwh": 45_000.0, "headroom_ratio": 0.7,
        "heritage_share": 0.1,
    }  # fmt: skip
    indicators = {name: np.array([value]) for name, value in (figures | changes).items()}
    return indicators, ZoneInputs(np.array([80.0]), np.array([5.0]))


def change(yields=1.0, demand=1.0, headroom=100.0):
    return Change(np.array([[yields]]), np.array([[demand]]), np.array([[headroom]]))


def test_no_change_gives_all_figures_back():
    indicators, inputs = zone()
    for name, values in respond(indicators, inputs, change()).items():
        assert values[0, 0] == pytest.approx(indicators[name][0], rel=1e-12), name


def test_more_demand_takes_from_the_peak_and_gives_room():
    indicators, inputs = zone()
    new = respond(indicators, inputs, change(demand=2.0))
    assert new["peak_injection_kw"][0, 0] == pytest.approx(60.0)  # 10 kW load at the peak, twice
    assert new["pv_headroom_kw"][0, 0] == pytest.approx(105.0)
    assert new["headroom_ratio"][0, 0] == pytest.approx(60 / 105)
    assert new["self_consumption"][0, 0] > 0.3


def test_what_the_change_does_not_touch_stays():
    indicators, inputs = zone()
    new = respond(indicators, inputs, change(yields=1.5))
    assert new["heritage_share"].tolist() == [[0.1]]


@given(FACTORS, FACTORS)
def test_energy_closes_after_any_change(yields, demand):
    indicators, inputs = zone()
    new = {n: v[0, 0] for n, v in respond(indicators, inputs, change(yields, demand)).items()}
    used = new["self_consumption_pooled"] * new["annual_yield_kwh"]
    assert used == pytest.approx(new["self_sufficiency_pooled"] * new["consumption_kwh"], rel=1e-9)
    assert new["surplus_kwh"] + used == pytest.approx(new["annual_yield_kwh"])
    assert new["residual_kwh"] + used == pytest.approx(new["consumption_kwh"])
