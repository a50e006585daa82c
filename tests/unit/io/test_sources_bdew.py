"""BDEW profiles: unit, calendar and daylight saving."""

import numpy as np
import pandas as pd
import pytest

from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.io.sources.bdew import KEYS, read_bdew


@pytest.fixture(scope="module")
def year():
    clock = quarter_hours(2021)
    return clock, read_bdew(clock)


def test_each_profile_sums_to_one(year):
    np.testing.assert_allclose(year[1].sum(axis=1), 1.0, rtol=1e-12)
    assert read_bdew(quarter_hours(2024)).shape == (3, 35_136)


def test_home_of_3500_kwh_peaks_below_one_kilowatt(year):
    # Mistaking the scale of 1 GWh for 1 kWh, or power for energy, is far outside this range.
    peak = year[1][KEYS.index("h25")].max() * 3500 * 4
    assert 0.6 < peak < 1.2


@pytest.mark.shared
def test_shape_equals_the_published_table(year, shared_data):
    clock, profiles = year
    published = pd.read_csv(shared_data / "bdew-profiles" / "g25.csv", header=[0, 1])
    working_day = published[("Januar", "WT")].to_numpy(float)
    local = pd.DatetimeIndex(clock.start_utc, tz="UTC").tz_convert("Europe/Brussels")
    tuesday = profiles[KEYS.index("g25")][local.date == pd.Timestamp("2021-01-12").date()]
    np.testing.assert_allclose(tuesday / tuesday.sum(), working_day / working_day.sum())


def test_belgian_holiday_is_a_sunday(year):
    clock, profiles = year
    local = pd.DatetimeIndex(clock.start_utc, tz="UTC").tz_convert("Europe/Brussels").date
    firm = profiles[KEYS.index("g25")]
    days = {d: firm[local == pd.Timestamp(d).date()] for d in ("2021-07-21", "2021-07-18")}
    np.testing.assert_allclose(days["2021-07-21"], days["2021-07-18"])
    assert days["2021-07-21"].sum() < 0.9 * firm[local == pd.Timestamp("2021-07-20").date()].sum()
