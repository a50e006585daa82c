"""Does the light of a year fit the sun."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.solar_cases import made_up_year
from zonnekaart.solar.decomposition import sun_heights
from zonnekaart.solar.plausibility import clock, closing_offset_h, fit


@pytest.fixture(scope="module")
def year():
    """Afternoons are cloudier than mornings: that must not look like a wrong clock."""
    made = made_up_year()
    sun = sun_heights(made.time_utc, 1.0, made.latitude_deg, made.longitude_deg)
    late = (made.time_utc.astype("datetime64[h]").astype(int) % 24) >= 12
    dni = np.where(late, made.dni * 0.3, made.dni)
    return replace(made, dni=dni, ghi=dni * sun.cosine_up + made.dhi)


def moved(year, minutes):
    return replace(year, time_utc=year.time_utc + np.timedelta64(minutes, "m"))


@pytest.mark.parametrize("minutes", [-120, -60, -30, 0, 30, 60])
def test_shift_of_the_clock_is_found_under_uneven_clouds(year, minutes):
    made = moved(year, minutes)
    found = clock(made.time_utc, made.ghi, made.longitude_deg)
    assert found.shift_h == pytest.approx(minutes / 60.0, abs=0.1)
    assert abs(found.summer_minus_winter_h) < 0.15


def test_daylight_saving_is_found(year):
    month = year.month
    summer = (month > 3) & (month < 11)
    times = np.where(summer, year.time_utc + np.timedelta64(1, "h"), year.time_utc)
    found = clock(times, year.ghi, year.longitude_deg)
    assert found.summer_minus_winter_h == pytest.approx(1.0, abs=0.15)


def test_darkness_has_no_clock(year):
    found = clock(year.time_utc, np.zeros_like(year.ghi), year.longitude_deg)
    assert np.isnan(found.shift_h)
    assert np.isnan(found.summer_minus_winter_h)


def test_sound_year_fits(year):
    found = fit(year)
    assert found.beyond_sky == 0.0
    assert found.diffuse_above_global == 0.0
    assert found.gap < 1e-9
    assert found.better_order == ()


def test_light_at_night_is_beyond_the_sky(year):
    assert fit(moved(year, 6 * 60)).beyond_sky > 0.1


def test_swapped_columns_are_named(year):
    assert fit(replace(year, ghi=year.dhi, dhi=year.ghi)).better_order == ("dhi", "dni", "ghi")
    assert fit(replace(year, dni=year.dhi, dhi=year.dni)).better_order == ("ghi", "dhi", "dni")
    turned = replace(year, ghi=year.dni, dni=year.dhi, dhi=year.ghi)
    # Column ghi holds dni, column dni holds dhi, column dhi holds ghi.
    assert fit(turned).better_order == ("dni", "dhi", "ghi")
    assert fit(replace(year, ghi=year.dhi, dhi=year.ghi)).diffuse_above_global > 0.2


@pytest.mark.parametrize("minutes", [-40, 0, 10, 30])
def test_moment_at_which_the_parts_agree_is_found(year, minutes):
    at = year.time_utc + np.timedelta64(minutes, "m")
    sun = sun_heights(at, 1.0 / 60.0, year.latitude_deg, year.longitude_deg)
    made = replace(year, ghi=year.dni * sun.cosine_up + year.dhi)
    assert closing_offset_h(made, -1.0, 1.0) == pytest.approx(minutes / 60.0)


@pytest.mark.shared
def test_real_brussels_years(shared_data):
    from zonnekaart.io.sources.weather import read_weather
    from zonnekaart.io.sources.weather_options import WeatherOptions

    folder = shared_data / "weather-brussels"
    iwec = read_weather(folder / "BEL_Brussels.064510_IWEC.epw")
    assert abs(clock(iwec.time_utc, iwec.ghi, iwec.longitude_deg).shift_h) < 0.05
    assert fit(iwec).gap < 0.01
    path = folder / "BEL_Brussels.Natl.AP.064510_TMYx.epw"
    for offset, shift in ((None, -0.95), (0.0, 0.05)):
        tmyx = read_weather(path, WeatherOptions(utc_offset_hours=offset))
        found = clock(tmyx.time_utc, tmyx.ghi, tmyx.longitude_deg)
        assert found.shift_h == pytest.approx(shift, abs=0.05)
