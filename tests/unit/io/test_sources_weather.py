"""The door: which format a file is in, and which options it knows."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.io.test_sources_weather_epw import rows_of, write_epw
from tests.weather_files import (
    hours,
    write_csv,
    write_monthly,
    write_pvgis_hourly,
    write_pvgis_tmy,
)
from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather import read_weather, read_weather_years, recognise
from zonnekaart.io.sources.weather_options import WeatherOptions

MONTHS = [20.0, 38.0, 75.0, 115.0, 145.0, 150.0, 150.0, 128.0, 90.0, 52.0, 24.0, 15.0]


@pytest.fixture
def files(tmp_path):
    year = hours("2021-01-01", "2021-12-31", 30)
    stamps = hours("2021-01-01", "2021-12-31", 10)
    return {
        "epw": [write_epw(tmp_path, rows_of([2019]))],
        "pvgis": [
            write_pvgis_tmy(tmp_path / "tmy.csv"),
            write_pvgis_tmy(tmp_path / "tmy.json"),
            write_pvgis_hourly(tmp_path / "hourly.csv", stamps),
            write_pvgis_hourly(tmp_path / "hourly.json", stamps),
        ],
        "csv": [write_csv(tmp_path / "own.csv", year)],
        "monthly": [write_monthly(tmp_path / "months.csv", MONTHS)],
    }


def test_formats_are_recognised_by_what_stands_in_them(files, tmp_path):
    for kind, paths in files.items():
        for path in paths:
            assert recognise(path) == kind
            renamed = tmp_path / f"renamed-{path.stem}.txt"
            renamed.write_bytes(path.read_bytes())
            assert recognise(renamed) == kind
            year = read_weather(renamed)
            assert len(year.ghi) == 8760
            assert 500.0 < year.annual_ghi_kwh_m2 < 2000.0
            stated = read_weather(path, WeatherOptions(reader=kind))
            assert np.array_equal(stated.ghi, year.ghi)


def test_stated_reader_goes_before_the_content(files):
    with pytest.raises(WeatherError, match="LOCATION"):
        read_weather(files["csv"][0], WeatherOptions(reader="epw"))


def test_option_that_the_format_does_not_know_is_refused(files):
    for kind, option in (("epw", {"label": "end"}), ("pvgis", {"utc_offset_hours": 1.0})):
        with pytest.raises(WeatherError, match="the format fixes it itself"):
            read_weather(files[kind][0], WeatherOptions(**option))


@pytest.mark.parametrize("content", ["", "hello\n1\n", "date;value\n2021;3\n"])
def test_unknown_content_is_refused(tmp_path, content):
    path = tmp_path / "what.dat"
    path.write_text(content)
    with pytest.raises(WeatherError, match=r"docs/weather\.md"):
        read_weather(path)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(MissingInputError):
        read_weather_years(tmp_path / "none.csv")
