"""Quarter-hours of one roof: sums, times, unknown ids, unknown supply, formats."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from tests.solar_cases import made_up_year
from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError, NotBuiltError, TableError
from zonnekaart.io.vector import read_metadata, write_parquet
from zonnekaart.pipelines import profile
from zonnekaart.pipelines.profile import production_profile, write_profile
from zonnekaart.pipelines.runs import StageContext

YIELDS = {"a-p1": 4000.0, "a-p2": 1500.0, "b-p1": np.nan, "c-p1": 0.0}


@pytest.fixture
def context(tmp_path, monkeypatch):
    """Give a build folder with three buildings and a made-up weather year."""
    monkeypatch.setattr(profile, "read_weather", lambda *_: made_up_year())
    raw = {
        "project": {"name": "Test", "crs": "EPSG:31370"},
        "inputs": {
            "dsm": {"path": "dsm.tif"},
            "buildings": {"path": "buildings.gpkg"},
            "weather": {"path": "weather.epw"},
        },
    }
    build = tmp_path / "build"
    planes = pd.DataFrame(
        {
            "building_id": [name[0] for name in YIELDS],
            "plane_id": list(YIELDS),
            "module_tilt_deg": [35.0, 10.0, 30.0, 60.0],
            "module_azimuth_deg": [180.0, 100.0, 200.0, 0.0],
            "mounting": ["flush", "rack_east_west", "flush", "flush"],
            "horizon_deg": [np.zeros(64)] * 4,
            "annual_yield_kwh": list(YIELDS.values()),
        }
    )
    write_parquet(planes, build / "roof_planes.parquet")
    sums = planes.groupby("building_id")["annual_yield_kwh"].sum(min_count=1).reset_index()
    write_parquet(sums, build / "buildings.parquet")
    return StageContext(parse_project(raw, tmp_path / "project.toml"), build)


def test_the_year_sums_to_the_yield_and_planes_to_their_building(context):
    whole = production_profile(context, "a")
    parts = [production_profile(context, "a", name) for name in ("a-p1", "a-p2")]
    assert whole.annual_kwh == pytest.approx(5500.0)
    assert [part.annual_kwh for part in parts] == pytest.approx([4000.0, 1500.0])
    both = sum(part.frame["production_kwh"] for part in parts)
    assert whole.frame["production_kwh"].to_numpy() == pytest.approx(both.to_numpy(), abs=1e-9)


def test_times_begin_each_quarter_hour_in_utc(context):
    frame = production_profile(context, "a", "a-p1").frame
    start = frame["interval_start_utc"]
    assert str(start.dt.tz) == "UTC"
    assert len(frame) == 35040
    assert set(start.diff().dropna()) == {pd.Timedelta(minutes=15)}
    # A roof to the south yields as much before as after noon: 12 h by the sun, not the clock.
    june = frame[start.dt.month == 6]
    clock = june["interval_start_utc"].dt.hour + june["interval_start_utc"].dt.minute / 60 + 0.125
    middle = np.average(clock, weights=june["production_kwh"])
    assert middle == pytest.approx(12.0 - made_up_year().longitude_deg / 15.0, abs=0.25)
    assert frame.loc[start.dt.hour.isin([0, 1]), "production_kwh"].eq(0.0).all()


def test_a_roof_without_panels_produces_nothing(context):
    assert not production_profile(context, "c").frame["production_kwh"].any()


def test_unknown_supply_is_refused_not_written_as_zero(context):
    with pytest.raises(TableError, match="not known"):
        production_profile(context, "b")


def test_unknown_ids_are_refused_with_some_that_exist(context):
    with pytest.raises(ConfigError, match=r"--building.*'d'.*such as a"):
        production_profile(context, "d")
    with pytest.raises(ConfigError, match=r"--plane.*a-p9.*a-p1"):
        production_profile(context, "a", "a-p9")
    with pytest.raises(ConfigError, match="--plane"):
        production_profile(context, "a", "b-p1")


def test_a_project_that_is_not_built_says_what_to_run(context):
    (context.build / "roof_planes.parquet").unlink()
    with pytest.raises(NotBuiltError, match="roofs"):
        production_profile(context, "a")


def test_files_hold_the_same_in_both_formats(context, tmp_path):
    found = production_profile(context, "a")
    write_profile(found, tmp_path / "a.csv")
    write_profile(found, tmp_path / "a.parquet")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8"))))
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert list(rows[0]) == list(table.columns) == ["interval_start_utc", "production_kwh"]
    assert rows[0]["interval_start_utc"] == "2020-12-31T23:00:00Z"
    values = np.array([float(row["production_kwh"]) for row in rows])
    assert values == pytest.approx(table["production_kwh"].to_numpy(), abs=1e-6)
    assert read_metadata(tmp_path / "a.parquet")["unit"] == "a"
    with pytest.raises(ConfigError, match=r"\.csv or \.parquet"):
        write_profile(found, tmp_path / "a.xlsx")
