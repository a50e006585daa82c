"""The year of quarter-hours."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from zonnekaart.energy.profiles import (
    belgian_holidays,
    mean_day,
    monthly_sums,
    normalised,
    quarter_hours,
    source_steps,
)
from zonnekaart.errors import TableError


@pytest.mark.parametrize(("year", "steps"), [(2021, 35_040), (2024, 35_136), (2000, 35_136)])
def test_year_has_every_quarter_hour_once(year, steps):
    clock = quarter_hours(year)
    assert len(clock) == steps
    assert (np.diff(clock.start_utc) == np.timedelta64(15, "m")).all()


def test_local_clock_equals_pandas():
    clock = quarter_hours(2021)
    local = pd.DatetimeIndex(clock.start_utc, tz="UTC").tz_convert("Europe/Brussels")
    np.testing.assert_array_equal(clock.month, local.month - 1)
    np.testing.assert_array_equal(clock.quarter, local.hour * 4 + local.minute // 15)


def test_days_of_the_clock_change_have_92_and_100_quarters():
    clock = quarter_hours(2021)
    local = pd.DatetimeIndex(clock.start_utc, tz="UTC").tz_convert("Europe/Brussels")
    per_day = pd.Series(1, index=local.date).groupby(level=0).sum()
    assert per_day[dt.date(2021, 3, 28)] == 92
    assert per_day[dt.date(2021, 10, 31)] == 100
    assert (per_day.drop([dt.date(2021, 3, 28), dt.date(2021, 10, 31)]) == 96).all()


def test_holidays_of_2024():
    moving = {dt.date(2024, 4, 1), dt.date(2024, 5, 9), dt.date(2024, 5, 20)}
    found = belgian_holidays(2024)
    assert moving < set(found)
    assert len(found) == 10


@pytest.mark.parametrize(
    ("year", "monday"), [(1999, (4, 5)), (2000, (4, 24)), (2025, (4, 21)), (2038, (4, 26))]
)
def test_easter_monday(year, monday):
    assert dt.date(year, *monday) in belgian_holidays(year)


def test_profile_is_scaled_to_one():
    clock = quarter_hours(2021)
    assert normalised(np.full(len(clock), 7.0), clock, "x").sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("steps", [35_036, 35_044, 8760])
def test_profile_with_another_number_of_steps_is_refused(steps):
    with pytest.raises(TableError, match=f"{steps} steps"):
        normalised(np.ones(steps), quarter_hours(2021), "x")


@pytest.mark.parametrize("bad", [np.nan, -1.0])
def test_profile_with_a_gap_or_negative_value_is_refused(bad):
    clock = quarter_hours(2021)
    values = np.ones(len(clock))
    values[5] = bad
    with pytest.raises(TableError, match="gap is not zero"):
        normalised(values, clock, "x")


def hourly(year="2021"):
    start = np.datetime64(f"{year}-01-01T00:30") - np.timedelta64(1, "h")
    return start + np.arange(8760) * np.timedelta64(1, "h")


def test_weather_in_utc_meets_the_local_year():
    clock = quarter_hours(2021)
    steps = source_steps(hourly(), 1.0, clock)
    np.testing.assert_array_equal(steps, np.repeat(np.arange(8760), 4))


def test_weather_of_another_calendar_year_is_found_by_day_and_time():
    clock = quarter_hours(2021)
    np.testing.assert_array_equal(
        source_steps(hourly("2007"), 1.0, clock), source_steps(hourly("2021"), 1.0, clock)
    )


def test_leap_day_takes_the_day_before():
    clock = quarter_hours(2024)
    steps = source_steps(hourly(), 1.0, clock)
    day = clock.start_utc.astype("datetime64[D]")
    leap, before = (steps[day == np.datetime64(d)] for d in ("2024-02-29", "2024-02-28"))
    np.testing.assert_array_equal(leap, before)


def test_weather_with_a_gap_is_refused():
    with pytest.raises(TableError, match="48 quarter-hours"):
        source_steps(hourly()[12:], 1.0, quarter_hours(2021))


def test_mean_day_and_months_keep_the_energy():
    clock = quarter_hours(2021)
    series = np.random.default_rng(1).random(len(clock))
    assert monthly_sums(series, clock).sum() == pytest.approx(series.sum())
    june = mean_day(series, clock, 5)
    assert june.shape == (96,)
    assert june.sum() / 4 * 30 == pytest.approx(series[clock.month == 5].sum())
