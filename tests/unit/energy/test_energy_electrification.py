"""Heat pumps follow the cold, cars the evening, and a larger share never takes anyone out."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.energy.electrification import (
    charging_profile,
    heat_pump_efficiency,
    heat_pump_profile,
    rank,
    takers,
)
from zonnekaart.energy.profiles import monthly_sums, quarter_hours
from zonnekaart.errors import ShapeMismatchError

CLOCK = quarter_hours(2021)
YEAR = np.arange(len(CLOCK)) / len(CLOCK)
AIR = 10.0 - 8.0 * np.cos(2 * np.pi * (YEAR - 0.05))


@pytest.mark.parametrize(
    ("air", "sink", "expected"),
    [(-5.0, 45.0, 0.85 * (6.08 - 4.5 + 1.25)), (10.0, 30.0, 0.85 * (6.08 - 1.8 + 0.2))],
)
def test_efficiency_is_the_published_curve(air, sink, expected):
    found = heat_pump_efficiency(np.array([air]), np.array([sink]))
    np.testing.assert_allclose(found, expected)


def test_heat_is_taken_in_winter_and_hot_water_all_year():
    profile = heat_pump_profile(CLOCK, AIR, 15.0, 0.2)
    months = monthly_sums(profile, CLOCK)
    assert profile.sum() == pytest.approx(1.0)
    assert months[0] > 4 * months[6] > 0.0
    assert months[6] / months.sum() == pytest.approx(0.2 / 12, rel=0.5)


def test_a_warm_year_needs_hot_water_only():
    profile = heat_pump_profile(CLOCK, np.full(len(CLOCK), 25.0), 15.0, 0.2)
    np.testing.assert_allclose(profile, 1 / len(CLOCK))


def test_temperatures_of_another_year_are_refused():
    with pytest.raises(ShapeMismatchError, match="temp_air_c"):
        heat_pump_profile(CLOCK, AIR[:-4], 15.0, 0.2)


@pytest.mark.parametrize("year", [2020, 2021])
def test_cars_charge_by_local_hour_and_day_of_the_week(year):
    clock = quarter_hours(year)
    only_18, only_3 = np.zeros(24), np.zeros(24)
    only_18[18], only_3[3] = 1.0, 1.0
    profile = charging_profile(clock, only_18, only_3)
    days = (dt.date(year, 1, 1) + dt.timedelta(days=d) for d in range(366))
    free = sum(day.weekday() >= 5 and day.year == year for day in days)
    weekend = profile[clock.quarter // 4 == 3] > 0
    assert set(np.unique(clock.quarter[profile > 0] // 4)) == {3, 18}
    assert weekend.sum() == 4 * free


@given(st.lists(st.floats(0, 50), min_size=1, max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_chooses_the_same_and_more(sizes, one, other):
    size = np.array(sizes)
    order = rank(np.arange(len(size), dtype=np.uint64), 0)
    few, many = takers(size, min(one, other), order), takers(size, max(one, other), order)
    assert (many | ~few).all()
    if size.sum() > 0:
        held = size[many].sum() / size.sum()
        assert max(one, other) - 1e-9 <= held + 1e-9
        assert held <= max(one, other) + size.max() / size.sum() + 1e-9


def test_order_of_buildings_does_not_matter():
    rng = np.random.default_rng(3)
    identity = rng.integers(0, 2**63, 50).astype(np.uint64)
    size, turned = rng.random(50), rng.permutation(50)
    chosen = takers(size, 0.4, rank(identity, 1))
    np.testing.assert_array_equal(
        takers(size[turned], 0.4, rank(identity[turned], 1)), chosen[turned]
    )


def test_ranks_are_even_and_unrelated_between_purposes():
    identity = np.arange(20_000, dtype=np.uint64)
    one, other = rank(identity, 0), rank(identity, 1)
    counts, _ = np.histogram(one, bins=20, range=(0, 1))
    assert abs(counts - 1000).max() < 150
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
