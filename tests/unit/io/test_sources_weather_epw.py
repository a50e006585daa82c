from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.io.sources.weather_series import NOMINAL_YEAR

if TYPE_CHECKING:
    from pathlib import Path

LOCATION = "LOCATION,Testdorp,-,BEL,Made up,000000,50.90,4.50,1.0,58.0"


def rows_of(years: list[int], minute: int = 60) -> list[list[str]]:
    """Rows of a whole year whose months come from the years given, repeating."""
    found = []
    for month in range(1, 13):
        year = years[(month - 1) % len(years)]
        day = dt.date(year, month, 1)
        while day.month == month:
            for hour in range(1, 25):
                sun = max(0.0, 500.0 * np.sin(np.pi * (hour - 6.5) / 12.0))
                row = [str(year), str(month), str(day.day), str(hour), str(minute), "?"]
                row += ["9.5"] + ["0"] * 6 + [f"{sun:.0f}", f"{sun:.0f}", f"{sun / 3:.0f}"]
                row += ["0"] * 5 + ["3.5"] + ["0"] * 13
                found.append(row)
            day += dt.timedelta(days=1)
    return found


def write_epw(tmp_path: Path, rows: list[list[str]], location: str = LOCATION) -> Path:
    path = tmp_path / "weather.epw"
    lines = [location, *[f"HEADER {n}" for n in range(7)], *[",".join(row) for row in rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_hour_ending_local_standard_time_becomes_utc_midpoints(tmp_path):
    year = read_epw(write_epw(tmp_path, rows_of([2019])))
    assert year.time_utc[0] == np.datetime64("2018-12-31T23:30:00")
    assert year.time_utc[-1] == np.datetime64("2019-12-31T22:30:00")
    assert year.month[0] == 1
    assert year.month[-1] == 12
    assert np.bincount(year.month)[1:].tolist() == [
        days * 24 for days in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    ]
    # Hour 13 ends at 13:00 local, so its middle is 11:30 UTC.
    assert year.time_utc[12] == np.datetime64("2019-01-01T11:30:00")
    assert year.ghi[12] == 496.0
    assert year.temp_air_c[12] == 9.5
    assert year.wind_speed_m_s[12] == 3.5
    assert (year.latitude_deg, year.longitude_deg, year.altitude_m) == (50.9, 4.5, 58.0)
    assert year.name == "Testdorp Made up"


def test_months_of_mixed_years_are_laid_on_the_nominal_year(tmp_path):
    year = read_epw(write_epw(tmp_path, rows_of([1999, 1985, 2011])))
    local = year.time_utc + np.timedelta64(1, "h")
    assert set(local.astype("datetime64[Y]").astype(str)) == {str(NOMINAL_YEAR)}
    assert (np.diff(year.time_utc) == np.timedelta64(1, "h")).all()


def test_minute_field_of_0_and_60_mean_the_same(tmp_path):
    one = read_epw(write_epw(tmp_path, rows_of([2019], minute=0)))
    two = read_epw(write_epw(tmp_path, rows_of([2019], minute=60)))
    assert (one.time_utc == two.time_utc).all()


def test_leap_year_keeps_its_leap_day(tmp_path):
    year = read_epw(write_epw(tmp_path, rows_of([2016])))
    assert len(year.time_utc) == 8784
    assert np.datetime64("2016-02-29T11:30:00") in year.time_utc


def test_mixed_years_with_a_leap_day_use_the_nominal_leap_year(tmp_path):
    year = read_epw(write_epw(tmp_path, rows_of([2001, 2016])))
    assert len(year.time_utc) == 8784
    assert np.datetime64("2020-02-29T11:30:00") in year.time_utc


def test_real_leap_year_without_its_leap_day_is_laid_on_the_nominal_year(tmp_path):
    rows = [row for row in rows_of([2016]) if row[1:3] != ["2", "29"]]
    year = read_epw(write_epw(tmp_path, rows))
    assert len(year.time_utc) == 8760
    assert year.time_utc[100].astype("datetime64[Y]") == np.datetime64("2021")


def test_missing_hours_are_named(tmp_path):
    rows = rows_of([2019])
    del rows[1000:1005]
    with pytest.raises(WeatherError) as caught:
        read_epw(write_epw(tmp_path, rows))
    facts = caught.value.facts()
    assert "5 missing hours: 02-11 hour 17, 02-11 hour 18" in facts["found"]
    assert "and 2 more" in facts["found"]
    assert "8760" in facts["expected"]
    assert facts["hint"]
    assert facts["file"].endswith("weather.epw")


def test_file_cut_in_the_middle_is_refused(tmp_path):
    with pytest.raises(WeatherError, match="missing hours"):
        read_epw(write_epw(tmp_path, rows_of([2019])[:5000]))
    rows = rows_of([2019])
    rows[-1] = rows[-1][:12]
    with pytest.raises(WeatherError, match=r"line 8768: found 12 fields"):
        read_epw(write_epw(tmp_path, rows))


def test_repeated_and_disordered_hours_are_refused(tmp_path):
    rows = rows_of([2019])
    rows.insert(50, rows[49])
    with pytest.raises(WeatherError, match="1 repeated hours: 01-03 hour 2"):
        read_epw(write_epw(tmp_path, rows))
    rows = rows_of([2019])
    rows[10], rows[11] = rows[11], rows[10]
    with pytest.raises(WeatherError, match="out of order from 01-01 hour 12"):
        read_epw(write_epw(tmp_path, rows))


def test_labels_at_the_start_of_the_hour_are_refused(tmp_path):
    rows = rows_of([2019])
    for row in rows:
        row[3] = str(int(row[3]) - 1)
    with pytest.raises(WeatherError, match="hours 0 to 23"):
        read_epw(write_epw(tmp_path, rows))


@pytest.mark.parametrize(
    ("column", "code", "name"),
    [
        (13, "9999", "ghi"),
        (14, "9999", "dni"),
        (15, "9999", "dhi"),
        (6, "99.9", "temp"),
        (21, "999", "wind"),
    ],
)
def test_code_for_missing_is_never_taken_as_a_value(tmp_path, column, code, name):
    rows = rows_of([2019])
    rows[4000][column] = code
    with pytest.raises(WeatherError, match="1 hours without a value") as caught:
        read_epw(write_epw(tmp_path, rows))
    assert name in caught.value.subject
    assert "06-16 hour 17" in caught.value.found


def test_words_where_numbers_belong_are_refused(tmp_path):
    rows = rows_of([2019])
    rows[3][13] = "sunny"
    with pytest.raises(WeatherError, match="no number"):
        read_epw(write_epw(tmp_path, rows))
    rows = rows_of([2019])
    rows[3][1] = "Jan"
    with pytest.raises(WeatherError, match="no number"):
        read_epw(write_epw(tmp_path, rows))


@pytest.mark.parametrize(
    "location",
    ["PLACE,x", "LOCATION,Testdorp,-,BEL", "LOCATION,Testdorp,-,BEL,x,0,95.0,4.5,1.0,58.0"],
)
def test_header_without_a_place_is_refused(tmp_path, location):
    with pytest.raises(WeatherError, match="LOCATION"):
        read_epw(write_epw(tmp_path, rows_of([2019]), location))


def test_file_that_is_not_there_or_empty(tmp_path):
    with pytest.raises(MissingInputError):
        read_epw(tmp_path / "none.epw")
    (tmp_path / "empty.epw").write_text("")
    with pytest.raises(WeatherError, match="empty"):
        read_epw(tmp_path / "empty.epw")


def test_negative_irradiance_is_refused(tmp_path):
    rows = rows_of([2019])
    rows[12][15] = "-40"
    with pytest.raises(WeatherError, match="dhi: found -40 W/m2 at 2019-01-01T11:30Z"):
        read_epw(write_epw(tmp_path, rows))


@pytest.mark.parametrize(
    ("name", "ghi", "dni", "dhi"),
    [
        ("BEL_Brussels.064510_IWEC.epw", 918, 509, 630),
        ("BEL_Brussels.Natl.AP.064510_TMYx.epw", 1139, 1013, 571),
    ],
)
def test_real_years_have_the_published_sums(shared_data, name, ghi, dni, dhi):
    year = read_epw(shared_data / "weather-brussels" / name)
    sums = [round(float(v.sum()) / 1000.0) for v in (year.ghi, year.dni, year.dhi)]
    assert sums == [ghi, dni, dhi]
    assert len(year.time_utc) == 8760
