"""What the check says about weather files of every format, and which option mends them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.io.test_sources_weather_epw import rows_of, write_epw
from tests.unit.pipelines.test_check_tables import PLACE, codes, raw
from tests.weather_files import (
    hours,
    write_csv,
    write_monthly,
    write_pvgis_hourly,
    write_pvgis_tmy,
)
from zonnekaart.config import parse_project
from zonnekaart.pipelines.checks.weather import check_weather

HOURS = hours("2021-01-01", "2021-12-31", 30)


@pytest.fixture
def check(tmp_path):
    def run(path, **options):
        weather = {"path": str(path), **options}
        return check_weather(parse_project(raw(weather=weather), tmp_path / "p.toml"), PLACE)

    return run


def test_sound_files_have_no_findings(check, tmp_path):
    for path in (
        write_csv(tmp_path / "own.csv", HOURS),
        write_pvgis_tmy(tmp_path / "tmy.csv"),
        write_pvgis_tmy(tmp_path / "tmy.json"),
    ):
        (inspection,) = check(path)
        assert inspection.findings == []
        assert abs(inspection.facts["clock_shift_h"]) < 0.15


@pytest.mark.parametrize(
    ("true", "said", "way"),
    [
        ("end", "middle", "label = 'end'"),
        ("middle", "end", "label = 'middle'"),
        ("start", "middle", "label = 'start'"),
        ("end", "start", "label = 'end' or utc_offset_hours = 1"),
    ],
)
def test_wrong_label_is_found_and_mended(check, tmp_path, true, said, way):
    # A made-up year that goes on: a wrong label moves it past midnight.
    times = hours("2020-12-31", "2022-01-01", 30)
    path = write_csv(tmp_path / "own.csv", times, label=true, told=False, zone="")
    clock = {"utc_offset_hours": 0.0}
    (inspection,) = check(path, label=said, **clock)
    clocks = [f for f in inspection.findings if f.code == "weather.clock"]
    assert len(clocks) == 1
    assert way in clocks[0].hint
    (inspection,) = check(path, label=true, **clock)
    assert "weather.clock" not in {f.code for f in inspection.findings}


def test_wrong_zone_names_the_offset(check, tmp_path):
    times = hours("2020-12-31", "2022-01-01", 30)
    path = write_csv(tmp_path / "own.csv", times, zone="")
    (inspection,) = check(path, utc_offset_hours=-1.0)
    (clock,) = [f for f in inspection.findings if f.code == "weather.clock"]
    assert "utc_offset_hours = 0" in clock.hint
    assert "1.0 h too late" in clock.found


def test_summer_time_that_leaves_no_gap_is_found(check, tmp_path):
    # A provider that moves the light by an hour in summer and keeps the stamps whole.
    path = write_csv(tmp_path / "own.csv", HOURS)
    lines = path.read_text().splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("time"))
    rows = [line.split(",", 1) for line in lines[head + 1 :]]
    summer = slice(86 * 24 + 1, 303 * 24 + 1)
    light = [row[1] for row in rows]
    light[summer] = light[summer.start - 1 : summer.stop - 1]
    made = [f"{row[0]},{values}" for row, values in zip(rows, light, strict=True)]
    path.write_text("\n".join(lines[: head + 1] + made) + "\n")
    (inspection,) = check(path)
    assert ("warning", "weather.daylight_saving") in codes(inspection)


def test_parts_that_miss_global_are_told(check, tmp_path):
    rows = rows_of([2019])
    (inspection,) = check(write_epw(tmp_path, rows))
    assert ("warning", "weather.parts") in codes(inspection)
    for row in rows:
        row[13], row[15] = row[15], row[13]
    (inspection,) = check(write_epw(tmp_path, rows))
    assert ("error", "weather.parts") in codes(inspection)


def test_energy_taken_for_power_is_found_by_the_sum(check, tmp_path):
    # J/cm2 per hour as if it were W/m2: a third of the light.
    path = write_csv(tmp_path / "own.csv", HOURS, factor=0.36)
    (inspection,) = check(path)
    assert ("error", "weather.total") in codes(inspection)
    assert "J/cm2" in inspection.findings[0].hint
    (inspection,) = check(path, irradiance_unit="J/cm2")
    assert inspection.findings == []


def test_what_was_worked_out_is_a_warning(check, tmp_path):
    (inspection,) = check(write_csv(tmp_path / "own.csv", HOURS, columns=("ghi",)))
    assert codes(inspection) == [("warning", "weather.assumed")]
    assert "Erbs" in inspection.findings[0].found
    months = [20.0, 38, 75, 115, 145, 150, 150, 128, 90, 52, 24, 15]
    (inspection,) = check(write_monthly(tmp_path / "m.csv", months))
    assert codes(inspection) == [("warning", "weather.assumed")]
    assert "downscaled" in inspection.findings[0].found
    assert "downscaled" in inspection.facts["name"]


def test_years_of_one_file_and_other_files_are_looked_at(check, tmp_path):
    series = write_pvgis_hourly(tmp_path / "h.csv", hours("2020-01-01", "2021-12-31", 10))
    found = check(series, others=[{"path": str(write_pvgis_tmy(tmp_path / "tmy.csv"))}])
    assert [i.input for i in found] == ["inputs.weather", "inputs.weather.others[0]"]
    facts = found[0].facts
    assert facts["years"] == 2
    assert facts["lowest_ghi_kwh_m2"] < facts["highest_ghi_kwh_m2"]
    found = check(series, others=[{"path": str(tmp_path / "none.csv")}])
    assert ("error", "file.missing") in codes(found[1])
    assert np.isfinite(facts["annual_ghi_kwh_m2"])
