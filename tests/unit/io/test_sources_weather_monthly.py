"""Twelve monthly means."""

from __future__ import annotations

import numpy as np
import pytest

from tests.weather_files import write_monthly
from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.sources.weather_options import WeatherOptions

SUMS = [20.0, 38.0, 75.0, 115.0, 145.0, 150.0, 150.0, 128.0, 90.0, 52.0, 24.0, 15.0]


def sums_of(year):
    return np.bincount(year.month, year.ghi)[1:] / 1000.0


def test_months_keep_their_sums_and_the_year_says_what_it_is(tmp_path):
    year = read_weather(write_monthly(tmp_path / "months.csv", SUMS))
    assert sums_of(year) == pytest.approx(SUMS, abs=1e-9)
    assert "downscaled" in year.name
    assert "downscaled" in year.assumptions[0]
    assert set(year.temp_air_c) == {20.0}
    again = read_weather(tmp_path / "months.csv")
    assert np.array_equal(again.dni, year.dni)


def test_daily_means_and_air_are_read(tmp_path):
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    daily = [float(v) for v in np.array(SUMS) / days]
    path = write_monthly(tmp_path / "m.csv", daily, "ghi_kwh_m2_day", temp_air_c=8.0)
    year = read_weather(path, WeatherOptions(utc_offset_hours=1.0))
    assert sums_of(year) == pytest.approx(SUMS)
    assert set(year.temp_air_c) == {8.0}


def test_order_of_rows_does_not_matter(tmp_path):
    path = write_monthly(tmp_path / "m.csv", SUMS)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:3] + lines[:2:-1]) + "\n")
    assert sums_of(read_weather(path)) == pytest.approx(SUMS)


def test_wrong_months_are_refused(tmp_path):
    with pytest.raises(WeatherError, match="each once"):
        read_weather(write_monthly(tmp_path / "m.csv", SUMS[:11]))


def test_sums_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(WeatherError, match="per month, or per day"):
        read_weather(write_monthly(tmp_path / "m.csv", [v * 3.6 for v in SUMS]))
    with pytest.raises(WeatherError, match=r"-20 kWh/m2"):
        read_weather(write_monthly(tmp_path / "m.csv", [-20.0, *SUMS[1:]]))


def test_one_column_of_irradiation(tmp_path):
    with pytest.raises(WeatherError, match="one of them"):
        read_weather(write_monthly(tmp_path / "m.csv", SUMS, "ghi"))
