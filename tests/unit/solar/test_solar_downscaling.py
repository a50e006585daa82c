"""Hours from monthly sums."""

from __future__ import annotations

import numpy as np
import pytest

from tests.solar_cases import BRUSSELS
from zonnekaart.errors import WeatherError
from zonnekaart.solar.decomposition import sun_heights
from zonnekaart.solar.downscaling import Place, daily_clearness, hours_of_months

SUMS = np.array([20.0, 38.0, 75.0, 115.0, 145.0, 150.0, 150.0, 128.0, 90.0, 52.0, 24.0, 15.0])
PLACE = Place(*BRUSSELS, 1.0)


def monthly(time_utc, values, offset_h):
    local = time_utc + np.timedelta64(round(offset_h * 60), "m")
    month = local.astype("datetime64[M]").astype(int) % 12
    return np.bincount(month, values, minlength=12) / 1000.0


@pytest.fixture(scope="module")
def hours():
    return hours_of_months(SUMS, PLACE, 2021)


def test_months_keep_their_sums(hours):
    assert monthly(hours.time_utc, hours.ghi, 1.0) == pytest.approx(SUMS, abs=1e-9)


def test_light_comes_with_the_sun_and_its_parts_add_up(hours):
    sun = sun_heights(hours.time_utc, 1.0, *BRUSSELS)
    assert (hours.ghi[sun.cosine == 0.0] == 0.0).all()
    assert (hours.ghi[sun.cosine > 0.0] > 0.0).all()
    assert hours.dni * sun.cosine_up + hours.dhi == pytest.approx(hours.ghi, abs=1e-9)
    above = sun.cosine * sun.extraterrestrial_w_m2
    assert (hours.ghi <= above).mean() > 0.995


def test_morning_and_afternoon_are_alike(hours):
    index = np.arange(len(hours.ghi)) / 24.0
    solar = ((hours.time_utc - hours.time_utc.astype("datetime64[D]")) / np.timedelta64(1, "h")) + (
        BRUSSELS[1] / 15.0
    )
    assert len(index) == 8760
    middle = np.sum(hours.ghi * solar) / hours.ghi.sum()
    assert middle == pytest.approx(12.0, abs=0.05)


def test_the_same_seed_gives_the_same_year_and_another_the_same_months(hours):
    again = hours_of_months(SUMS, PLACE, 2021)
    assert np.array_equal(again.ghi, hours.ghi)
    other = hours_of_months(SUMS, PLACE, 2021, seed=2)
    assert not np.array_equal(other.ghi, hours.ghi)
    assert monthly(other.time_utc, other.ghi, 1.0) == pytest.approx(SUMS, abs=1e-9)


def test_leap_year_has_its_day():
    assert len(hours_of_months(SUMS, PLACE, 2020).ghi) == 8784


def test_south_of_the_equator_and_beyond_the_polar_circle():
    south = hours_of_months(np.roll(SUMS, 6), Place(-BRUSSELS[0], 150.0, 10.0), 2021)
    assert monthly(south.time_utc, south.ghi, 10.0) == pytest.approx(np.roll(SUMS, 6))
    polar = np.array([0.0, 4.0, 30.0, 80.0, 130.0, 140.0, 130.0, 80.0, 35.0, 8.0, 0.5, 0.0])
    night = hours_of_months(polar, Place(69.6, 18.9, 1.0), 2021)
    assert monthly(night.time_utc, night.ghi, 1.0) == pytest.approx(polar, abs=1e-9)
    with pytest.raises(WeatherError, match="month 1: found 5 kWh/m2; expected 0 to 0"):
        hours_of_months(np.where(polar == 0.0, 5.0, polar), Place(80.0, 18.9, 1.0), 2021)


@pytest.mark.parametrize("sums", [SUMS * 3.6, -SUMS, np.where(SUMS > 100.0, np.nan, SUMS)])
def test_sums_that_cannot_be_are_refused(sums):
    with pytest.raises(WeatherError, match="check the unit"):
        hours_of_months(sums, PLACE, 2021)


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.8])
def test_days_have_the_mean_of_the_month(mean):
    clearness = daily_clearness(mean, 31)
    assert clearness.mean() == pytest.approx(mean, abs=0.005)
    assert (np.diff(clearness) >= 0.0).all()
    assert (clearness >= 0.0).all()
    assert (clearness <= 0.87).all()


def test_distribution_is_that_of_bendt():
    # Liu and Jordan's curve for a mean of 0.5: the median day lies above the mean, because bright
    # days crowd at the clear end. A tenth of the days lies below 0.25 or so.
    clearness = daily_clearness(0.5, 1000)
    assert 0.51 < np.median(clearness) < 0.56
    assert 0.15 < np.quantile(clearness, 0.1) < 0.28
