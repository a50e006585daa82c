"""Weather, consumption, provenance, and the report as a whole."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zonnekaart.config import parse_project
from zonnekaart.errors import CheckFailed
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.report import texts
from zonnekaart.pipelines.check import STAGE, Report, write_report
from zonnekaart.pipelines.checks.areas import check_areas
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.consumption import check_consumption
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few, share
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.checks.sources import check_region, check_sources
from zonnekaart.pipelines.checks.weather import check_weather
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.pipelines.town import build_town
from zonnekaart.solar.plausibility import clock
from zonnekaart.solar.position import solar_position
from zonnekaart.solar.weather import WeatherYear

PLACE = Place("EPSG:31370", GeoBox(400, 400, 1.0, 180000.0, 198400.0, "EPSG:31370"))


def raw(**inputs):
    base = {
        "dsm": {"path": "dsm.tif"},
        "buildings": {"path": "buildings.gpkg"},
        "areas": {"path": "areas.gpkg", "id_column": "area_id"},
        "weather": {"path": "weather.epw"},
    }
    return {"project": {"name": "Test", "crs": "EPSG:31370"}, "inputs": {**base, **inputs}}


def codes(inspection):
    return [(f.severity, f.code) for f in inspection.findings]


def year(latitude=51.1, longitude=4.8, shift_hours=0):
    times = np.datetime64("2021-01-01T00:30", "ns") + np.arange(8760) * np.timedelta64(1, "h")
    elevation, _ = solar_position(times - np.timedelta64(shift_hours, "h"), latitude, longitude)
    ghi = np.clip(np.sin(np.radians(elevation)), 0.0, None) * 620.0
    calm = np.zeros(8760)
    return WeatherYear(
        times, 1.0, ghi, calm, ghi, calm, calm, latitude, longitude, 20.0, "made", 1.0
    )


@pytest.fixture
def weather(tmp_path, monkeypatch):
    """Check a weather year as if it had been read from a file."""

    def check(made):
        monkeypatch.setattr(
            "zonnekaart.pipelines.checks.weather.read_weather_years", lambda *_: (made,)
        )
        (inspection,) = check_weather(parse_project(raw(), tmp_path / "p.toml"), PLACE)
        return inspection

    return check


def test_sound_weather_has_no_findings(weather):
    made = year()
    inspection = weather(made)
    assert inspection.findings == []
    assert inspection.facts["annual_ghi_kwh_m2"] == pytest.approx(made.ghi.sum() / 1000.0)
    assert inspection.facts["distance_km"] < 20


@pytest.mark.parametrize("shift", [-1, 0, 2])
@pytest.mark.parametrize("longitude", [-120.0, 4.8, 170.0])
def test_clock_shift_is_found_anywhere(shift, longitude):
    made = year(longitude=longitude, shift_hours=shift)
    found = clock(made.time_utc, made.ghi, made.longitude_deg)
    assert found.shift_h == pytest.approx(shift, abs=0.1)


def test_clock_that_is_an_hour_off_is_a_warning(weather):
    inspection = weather(year(shift_hours=-1))
    assert codes(inspection) == [("warning", "weather.clock")]
    assert "1.0 h too early" in inspection.findings[0].found


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (49.0, 4.8, [("warning", "weather.far")]),
        (38.7, -9.1, [("error", "weather.too_far")]),
        (-51.1, 4.8, [("error", "weather.hemisphere")]),
    ],
)
def test_station_elsewhere(weather, latitude, longitude, expected):
    assert codes(weather(year(latitude, longitude))) == expected


def test_real_brussels_years_are_usable(shared_data, tmp_path):
    shifts = {}
    for path in sorted((shared_data / "weather-brussels").glob("*.epw")):
        project = parse_project(raw(weather={"path": str(path)}), tmp_path / "p.toml")
        (inspection,) = check_weather(project, PLACE)
        assert not inspection.failed
        shifts[path.stem] = inspection.facts["clock_shift_h"]
    assert shifts["BEL_Brussels.064510_IWEC"] == pytest.approx(0.0, abs=0.2)
    assert shifts["BEL_Brussels.Natl.AP.064510_TMYx"] == pytest.approx(-0.95, abs=0.1)


@pytest.fixture
def consumption(tmp_path):
    """Check a consumption table against four areas and twenty footprints."""

    def check(rows, **options):
        boxes = [shapely.box(180000 + 100 * i, 198000, 180100 + 100 * i, 198400) for i in range(4)]
        ids = {"area_id": ["A", "B", "C", "D"]}
        gpd.GeoDataFrame(ids, geometry=boxes, crs=31370).to_file(tmp_path / "areas.gpkg")
        homes = [shapely.box(180000 + 18 * i, 198010, 180010 + 18 * i, 198020) for i in range(20)]
        table = {"building_id": [str(i) for i in range(20)]}
        gpd.GeoDataFrame(table, geometry=homes, crs=31370).to_file(tmp_path / "buildings.gpkg")
        columns = ["area_id", "year", "category", "consumption_kwh", "connections"]
        pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "c.csv", index=False)
        made = raw(consumption={"path": "c.csv", **options})
        project = parse_project(made, tmp_path / "p.toml")
        areas, buildings = check_areas(project, PLACE), check_buildings(project, PLACE)
        (inspection,) = check_consumption(project, areas, buildings)
        return inspection

    return check


def homes(**changes):
    rows = {name: [name, 2021, "residential", 35000.0, 10] for name in "ABCD"}
    return list({**rows, **changes}.values())


def test_sound_table_has_no_findings(consumption):
    inspection = consumption(homes())
    assert inspection.findings == []
    assert inspection.facts["residential_kwh_per_connection"] == 3500.0
    assert inspection.facts["consumption_kwh"] == 140000.0


def test_table_in_megawatt_hours_is_refused(consumption):
    rows = [[n, y, c, kwh / 1000, k] for n, y, c, kwh, k in homes()]
    assert [s for s, _ in codes(consumption(rows))] == ["error"]


def test_one_row_in_megawatt_hours_is_named(consumption):
    inspection = consumption(homes(C=["C", 2021, "residential", 35.0, 10]))
    assert codes(inspection) == [("error", "consumption.rows_unit")]
    assert inspection.findings[0].found.endswith(": C")


def test_firms_in_megawatt_hours_are_refused(consumption):
    rows = [*homes(), ["A", 2021, "non_residential", 90.0, 8]]
    assert codes(consumption(rows)) == [("error", "consumption.unit")]


def test_megawatt_hours_without_connections_are_found_by_the_buildings(consumption):
    rows = [[n, 2021, "residential", 35.0, ""] for n in "ABCD"]
    inspection = consumption(rows)
    assert codes(inspection) == [("error", "consumption.unit")]
    assert "20 buildings, 7 kWh each: MWh?" in inspection.findings[0].found


def test_suppressed_is_told_and_not_zero(consumption):
    inspection = consumption(homes(D=["D", 2021, "residential", -99999, 4]))
    assert codes(inspection) == [("info", "consumption.suppressed")]
    assert inspection.facts["known_share"] == 0.75
    assert inspection.facts["connections_known_share"] == pytest.approx(30 / 34)


def test_area_that_the_map_lacks_is_an_error(consumption):
    inspection = consumption([*homes(), ["Z", 2021, "residential", 35000.0, 10]])
    assert codes(inspection) == [("error", "consumption.unknown_area")]


def test_area_without_a_row_is_a_warning(consumption):
    inspection = consumption(homes()[:3])
    assert codes(inspection) == [("warning", "consumption.without")]
    assert inspection.facts["areas_with_figures"] == 3


def test_table_of_another_place_is_refused(consumption):
    rows = [["X", 2021, "residential", 35000.0, 10]]
    assert codes(consumption(rows)) == [("error", "consumption.no_area")]


def test_inputs_without_source_are_named(tmp_path):
    found = check_sources(parse_project(raw(), tmp_path / "p.toml"))
    assert [i.input for i in found] == [
        f"inputs.{n}" for n in ("dsm", "buildings", "areas", "weather")
    ]
    assert {code for i in found for code in codes(i)} == {("warning", "source.none")}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"licence": " "}, ("warning", "source.incomplete")),
        ({"date": "lately"}, ("warning", "source.date")),
        ({"date": "flown 2013-2015"}, ("info", "source.old")),
        ({"matrix_id": "SUP-99"}, ("error", "source.matrix")),
    ],
)
def test_source_that_is_wrong(tmp_path, change, code):
    source = {"title": "DHMV", "licence": "free", "date": "2026", "matrix_id": "SUP-04", **change}
    made = raw(dsm={"path": "dsm.tif", "source": source})
    (dsm, *_) = check_sources(parse_project(made, tmp_path / "p.toml"))
    assert codes(dsm) == [code]


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("BE-VLG", []),
        ("NL", []),
        ("FI", [("warning", "region.unknown")]),
        ("Vlaanderen", [("error", "region.form")]),
    ],
)
def test_region(tmp_path, region, expected):
    made = raw()
    made["project"]["region"] = region
    assert codes(check_region(parse_project(made, tmp_path / "p.toml"))) == expected


def test_small_words():
    assert first_few(["a", "b", "c"], 2) == "a, b (and 1 more)"
    assert share(1, 0) == "0 %"
    assert counted(1, "id") == "1 id"


def test_every_code_has_a_sentence_in_three_languages():
    from pathlib import Path

    import zonnekaart.pipelines.checks as checks

    folder = Path(checks.__file__).parent
    files = [*folder.glob("*.py"), folder.parent / "check.py"]
    used = set()
    for path in files:
        found = re.findall(r'"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
        used |= {code for code in found if not code.startswith(("inputs.", "project."))}
    used -= {"check.json", "check.html", "check.yaml", "sources.yaml"}
    sentences = texts("check.yaml")["codes"]
    assert used == set(sentences)
    assert all(set(sentence) == {"nl", "fr", "en"} for sentence in sentences.values())


@pytest.fixture
def report(tmp_path):
    inspection = Inspection("inputs.dsm", "<b>dsm.tif</b>")
    inspection.info("heights.nodata", "little", "less", "fill")
    inspection.error("heights.unit", "<script>cm</script>", "metres", "gdal_calc")
    inspection.facts["nodata_share"] = float("nan")
    return Report(parse_project(raw(), tmp_path / "p.toml"), [inspection])


def test_report_has_errors_first_and_unknown_as_null(report, tmp_path):
    write_report(report, tmp_path)
    content = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    assert [f["severity"] for f in content["findings"]] == ["error", "info"]
    assert content["counts"] == {"error": 1, "warning": 0, "info": 1}
    assert content["inputs"][0]["facts"] == {"nodata_share": None}


def test_page_escapes_names_and_calls_no_host(report, tmp_path):
    write_report(report, tmp_path)
    page = (tmp_path / "check.html").read_text(encoding="utf-8")
    assert "<script>cm" not in page
    assert "&lt;script&gt;cm" in page
    # Addresses of sources may be links to follow; nothing may be loaded from elsewhere.
    shown = re.sub(r'<a [^>]*href="https://[^"]*"[^>]*>', "", page)
    assert not re.search(r"""(=|\(|import)\s*["']?https?://""", shown)
    assert "De hoogtes staan niet in meter." in page
    assert "Les altitudes ne sont pas en mètres." in page


def test_a_sound_project_is_checked_once_and_then_skipped(tmp_path):
    from zonnekaart.config import load_project

    project = load_project(build_town(tmp_path))
    context = StageContext(project=project, build=tmp_path / "build")
    assert run_stage(STAGE, context).status == "done"
    assert run_stage(STAGE, context).status == "unchanged"
    (tmp_path / "heights" / "dsm.tif").unlink()
    with pytest.raises(CheckFailed) as caught:
        run_stage(STAGE, context)
    assert any("no such file" in finding["found"] for finding in caught.value.findings)


def test_message_of_a_failed_check_has_all_four_facts():
    facts = {"file": "a.tif", "found": "cm", "expected": "m", "hint": "convert"}
    error = CheckFailed("p.toml", [facts, facts], "check.html")
    assert str(error).count("found:    cm") == 2
    assert "p.toml: 2 errors in the input" in str(error)
    assert error.facts()["hint"] == "see check.html"
