"""PVGIS files as the service lays them out; the layout was held against files of the service that
pvlib keeps for its tests (TMY 45.000 8.000 2005-2023 CSV and JSON, hourly SARAH 2016 CSV)."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.weather_files import hours, light, write_pvgis_hourly, write_pvgis_tmy
from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather import read_weather, read_weather_years
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.io.sources.weather_series import NOMINAL_YEAR
from zonnekaart.solar.decomposition import sun_heights
from zonnekaart.solar.plausibility import clock


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_typical_year_is_laid_on_the_nominal_year(tmp_path, suffix):
    year = read_weather(write_pvgis_tmy(tmp_path / f"tmy.{suffix}"))
    assert set(year.time_utc.astype("datetime64[Y]").astype(str)) == {str(NOMINAL_YEAR)}
    assert len(year.ghi) == 8760
    # 0.1761 h after the hour, to the second.
    assert year.time_utc[0] == np.datetime64(f"{NOMINAL_YEAR}-01-01T00:10:34")
    assert (year.latitude_deg, year.longitude_deg, year.altitude_m) == (50.9, 4.5, 58.0)
    assert np.bincount(year.month)[1:].tolist() == [
        days * 24 for days in (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    ]
    assert year.temp_air_c[3] == 13.0
    assert year.wind_speed_m_s[2] == 4.0
    assert year.assumptions == ()
    assert abs(clock(year.time_utc, year.ghi, year.longitude_deg).shift_h) < 0.1


def test_csv_and_json_give_the_same(tmp_path):
    one = read_weather(write_pvgis_tmy(tmp_path / "tmy.csv"))
    two = read_weather(write_pvgis_tmy(tmp_path / "tmy.json"))
    for name in ("time_utc", "ghi", "dni", "dhi", "temp_air_c"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("true_offset_h", [1.0 / 6.0, 0.5])
def test_moment_that_an_older_file_does_not_tell_is_found(tmp_path, true_offset_h):
    path = write_pvgis_tmy(tmp_path / "tmy.csv", offset_h=None, true_offset_h=true_offset_h)
    year = read_weather(path)
    minutes = round(true_offset_h * 60)
    assert year.time_utc[0] == np.datetime64(f"{NOMINAL_YEAR}-01-01T00:{minutes:02d}")
    assert f"{minutes} minutes after the hour" in year.assumptions[0]


def test_hourly_horizontal_components_become_beam_and_diffuse(tmp_path):
    stamps = hours("2016-01-01", "2016-12-31", 10)
    for suffix in ("csv", "json"):
        (year,) = read_weather_years(write_pvgis_hourly(tmp_path / f"h.{suffix}", stamps))
        made = light(stamps)
        assert len(year.ghi) == 8784
        assert year.time_utc[0] == np.datetime64("2016-01-01T00:10")
        assert year.ghi == pytest.approx(made["ghi"], abs=0.01)
        high = made["ghi"] > 50.0
        assert year.dni[high] == pytest.approx(made["dni"][high], rel=0.01, abs=1.0)
        assert "beam = " in year.assumptions[0]


def test_hourly_without_components_is_split(tmp_path):
    stamps = hours("2021-01-01", "2021-12-31", 10)
    year = read_weather(write_pvgis_hourly(tmp_path / "h.csv", stamps, components=False))
    assert year.ghi == pytest.approx(light(stamps)["ghi"], abs=0.01)
    assert "Erbs" in year.assumptions[0]


def test_years_of_a_series_become_years_of_their_own(tmp_path):
    path = write_pvgis_hourly(tmp_path / "h.csv", hours("2019-01-01", "2021-12-31", 10))
    years = read_weather_years(path)
    sums = [year.annual_ghi_kwh_m2 for year in years]
    assert sums[0] == sorted(sums)[1]
    assert {year.name.split()[-1] for year in years} == {"2019", "2020", "2021"}
    assert sorted(len(year.ghi) for year in years) == [8760, 8760, 8784]
    chosen = read_weather_years(path, WeatherOptions(year=2020))
    assert chosen[0].name.endswith("2020")
    assert len(chosen) == 3
    with pytest.raises(WeatherError, match="2019, 2020, 2021"):
        read_weather(path, WeatherOptions(year=1999))


@pytest.mark.parametrize(
    ("suffix", "slope", "tracking"), [("csv", 30, False), ("json", 30, False), ("json", 0, True)]
)
def test_inclined_plane_is_refused(tmp_path, suffix, slope, tracking):
    stamps = hours("2021-01-01", "2021-01-02", 10)
    path = write_pvgis_hourly(tmp_path / f"h.{suffix}", stamps, slope=slope, tracking=tracking)
    with pytest.raises(WeatherError, match="slope 0") as caught:
        read_weather(path)
    assert "without tracking" in caught.value.hint


def test_csv_that_tells_no_slope_is_refused(tmp_path):
    path = write_pvgis_hourly(tmp_path / "h.csv", hours("2021-01-01", "2021-01-02", 10))
    path.write_text(path.read_text().replace("Slope: 0 deg. \n", ""))
    with pytest.raises(WeatherError, match="not told"):
        read_weather(path)


def test_file_that_is_cut_is_refused(tmp_path):
    path = write_pvgis_tmy(tmp_path / "tmy.csv")
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(WeatherError, match="number of fields"):
        read_weather(path)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    with pytest.raises(WeatherError, match="hours instead of 8760"):
        read_weather(path)
    path = write_pvgis_tmy(tmp_path / "tmy.json")
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(WeatherError, match="breaks off"):
        read_weather(path)
    path = write_pvgis_hourly(tmp_path / "h.csv", hours("2021-01-01", "2021-11-30", 10))
    with pytest.raises(WeatherError, match="cut short"):
        read_weather(path)


def test_another_tools_file_is_refused(tmp_path):
    path = tmp_path / "monthly.json"
    for outputs in ({"monthly": []}, None):
        path.write_text(json.dumps({"inputs": {}, "outputs": outputs}))
        with pytest.raises(WeatherError, match="tool TMY"):
            read_weather(path)


def test_code_for_missing_is_refused(tmp_path):
    path = write_pvgis_tmy(tmp_path / "tmy.json")
    content = json.loads(path.read_text())
    content["outputs"]["tmy_hourly"][100]["G(h)"] = -9999.0
    path.write_text(json.dumps(content))
    with pytest.raises(WeatherError, match="ghi: found 1 hours without a value"):
        read_weather(path)


def test_year_of_a_typical_year_is_refused(tmp_path):
    with pytest.raises(WeatherError, match="remove year"):
        read_weather(write_pvgis_tmy(tmp_path / "tmy.csv"), WeatherOptions(year=2018))


SERVICE_TMY = [
    # Rows of a file of the service: 45 N 8 E, SARAH3, irradiance time offset 0.1761 h.
    ("2018-01-02T08:00", 107.0, 441.62, 45.0),
    ("2018-01-02T09:00", 244.0, 757.94, 50.0),
    ("2018-01-02T10:00", 336.0, 829.08, 58.0),
    ("2018-01-02T11:00", 379.0, 841.73, 65.0),
    ("2018-01-02T12:00", 364.0, 791.09, 74.0),
    ("2018-01-02T13:00", 309.0, 783.88, 61.0),
    ("2018-01-02T14:00", 204.0, 681.92, 50.0),
    ("2018-01-04T08:00", 108.0, 502.58, 37.0),
    ("2018-01-04T14:00", 211.0, 742.34, 40.0),
]
SERVICE_SUN_HEIGHTS = {
    # Column H_sun of an hourly file of the service: 45 N 8 E, SARAH, stamps at ten past.
    "2016-01-01T08:10": 8.06,
    "2016-01-01T09:10": 14.80,
    "2016-01-01T10:10": 19.54,
    "2016-01-01T11:10": 21.82,
    "2016-01-01T12:10": 21.41,
}


def test_rows_of_the_service_close_at_the_moment_that_its_header_tells():
    moments = np.array([row[0] for row in SERVICE_TMY], dtype="datetime64[ns]")
    ghi, dni, dhi = (np.array([row[i] for row in SERVICE_TMY]) for i in (1, 2, 3))

    def worst(offset_h):
        at = moments + np.timedelta64(round(offset_h * 3600), "s")
        sun = sun_heights(at, 1.0 / 60.0, 45.0, 8.0)
        return np.abs(ghi - dni * sun.cosine_up - dhi).max()

    assert worst(0.1761) < 2.0
    assert worst(0.0) > 10.0
    assert worst(0.5) > 10.0


def test_stamps_of_the_hourly_tool_are_moments_of_the_sun():
    moments = np.array(list(SERVICE_SUN_HEIGHTS), dtype="datetime64[ns]")
    sun = sun_heights(moments, 1.0 / 60.0, 45.0, 8.0)
    found = np.degrees(np.arcsin(sun.cosine_up))
    assert found == pytest.approx(list(SERVICE_SUN_HEIGHTS.values()), abs=0.05)
