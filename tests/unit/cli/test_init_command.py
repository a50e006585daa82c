from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from zonnekaart.cli import init as init_module
from zonnekaart.cli.main import cli, main
from zonnekaart.config import load_project
from zonnekaart.io.provenance import Record

if TYPE_CHECKING:
    from pathlib import Path


def left_by_prepare(folder: Path) -> Path:
    """Write what fetch and prepare leave behind: layers and tables with their records."""
    folder.mkdir(parents=True)
    square = shapely.box(155_000.0, 238_000.0, 155_010.0, 238_010.0)
    buildings = gpd.GeoDataFrame(
        {"building_id": ["a"], "use": ["residential"], "dwellings": [None]},
        geometry=[square],
        crs="EPSG:31370",
    )
    buildings.to_file(folder / "footprints.gpkg", layer="buildings")
    record = Record("prepare buildings", {})
    record.sources.append(
        {
            "name": "GBG.gpkg",
            "title": "Basiskaart Vlaanderen (GRB)",
            "licence": "Gratis Open Data Licentie Vlaanderen v1.2",
            "attribution": "Digitaal Vlaanderen",
            "matrix_id": "SUP-06",
            "limits": "Outline at the ground.",
        }
    )
    record.facts |= {"use_known": 1, "dwellings_known": 0, "crs": "EPSG:31370"}
    record.write(folder / "footprints.gpkg")
    areas = gpd.GeoDataFrame(
        {"id": ["11016A0"], "name": ["Essen"]}, geometry=[square], crs="EPSG:31370"
    )
    areas.to_file(folder / "sectors.gpkg", layer="areas")
    Record("prepare context", {"kind": "areas"}).write(folder / "sectors.gpkg")
    (folder / "use.csv").write_text(
        "area_id,year,category,consumption_kwh,connections\n11016A0,2021,residential,1000,3\n"
    )
    Record("prepare demand", {"year": 2021}).write(folder / "use.csv")
    (folder / "dsm.tif").write_bytes(b"heights")
    Record("prepare heights", {"kind": "dsm"}).write(folder / "dsm.tif")
    (folder / "brussels.epw").write_text("LOCATION")
    return folder


def test_init_takes_what_prepare_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left_by_prepare(tmp_path / "ready")
    options = ["--name", "Essen", "--nis", "11016", "--from", str(tmp_path / "ready")]
    assert main(["init", str(tmp_path / "essen"), *options, "--source", "dsm=SUP-04"]) == 0
    project = load_project(tmp_path / "essen" / "zonnekaart.toml")
    inputs = project.inputs
    assert {n for n in project.named_inputs() if n != "weather"} == {
        "dsm",
        "buildings",
        "areas",
        "consumption",
    }
    assert inputs.buildings.path.as_posix() == "../ready/footprints.gpkg"
    assert (inputs.buildings.use_column, inputs.buildings.dwellings_column) == ("use", None)
    assert inputs.buildings.source.title == "Basiskaart Vlaanderen (GRB)"
    assert inputs.buildings.source.matrix_id == "SUP-06"
    assert inputs.buildings.source.limits == "Outline at the ground."
    assert (inputs.areas.id_column, inputs.areas.name_column) == ("id", "name")
    assert inputs.consumption.year == 2021
    assert inputs.dsm.source.matrix_id == "SUP-04"
    assert inputs.weather.path.name == "brussels.epw"
    said = capsys.readouterr().err
    assert "areas: nobody told where it comes from" in said
    assert "next: zonnekaart check" in said


def test_files_named_by_hand_go_before_those_found(tmp_path: Path) -> None:
    ready = left_by_prepare(tmp_path / "ready")
    own = tmp_path / "own.epw"
    own.write_text("LOCATION")
    told = ["--name", "E", "--from", str(ready), "--weather", str(own)]
    assert main(["init", str(tmp_path / "p"), *told]) == 0
    project = load_project(tmp_path / "p" / "zonnekaart.toml")
    assert project.resolve(project.inputs.weather.path).resolve() == own


def test_what_is_still_missing_is_named_with_the_command_that_gets_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "p"), "--name", "E", "--nis", "11016"]) == 0
    said = capsys.readouterr().err
    assert "still to fill in: dsm, buildings, weather" in said
    assert "zonnekaart fetch --nis 11016 --what dsm,buildings,weather" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--nis", "1101"], "five digits"),
        (["--nis", "23023"], "23106"),
        (["--buildings", "nowhere.gpkg"], "no such file"),
        (["--from", "nowhere"], "no such folder"),
        (["--source", "dsm=SUP-04"], "INPUT=ID"),
        (["--cadastre-file", "x.gpkg"], "--cadastre raster"),
        (["--language", "de"], "language"),
        (["--crs", "EPSG:4326"], "metres"),
    ],
)
def test_wrong_flags_write_nothing(
    options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "p"), "--name", "E", *options]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_two_files_for_one_input_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = left_by_prepare(tmp_path / "ready")
    (ready / "other.epw").write_text("LOCATION")
    assert main(["init", str(tmp_path / "p"), "--name", "E", "--from", str(ready)]) == 2
    assert "2 files for weather: brussels.epw, other.epw" in capsys.readouterr().err


def test_fetched_tables_and_sheets_must_be_prepared_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready = left_by_prepare(tmp_path / "ready")
    (ready / "roads.gpkg").write_bytes(b"raw")
    Record("fetch", {"what": "roads"}).write(ready / "roads.gpkg")
    assert main(["init", str(tmp_path / "p"), "--name", "E", "--from", str(ready)]) == 0
    assert "roads: roads.gpkg was fetched and must be prepared" in capsys.readouterr().err
    assert load_project(tmp_path / "p" / "zonnekaart.toml").inputs.roads is None


def test_on_a_terminal_what_is_missing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init_module, "on_terminal", lambda: True)
    answers = "\n".join(["Kapellen", "11023", "", "", "en", ""]) + "\n"
    done = CliRunner().invoke(cli, ["init", str(tmp_path / "p")], input=answers)
    assert done.exit_code == 0, done.output
    text = (tmp_path / "p" / "zonnekaart.toml").read_text("utf-8")
    table = tomllib.loads(text)["project"]
    assert table["name"] == "Kapellen"
    assert (table["region"], table["language"]) == ("BE-VLG", "en")
    assert "NIS code 11023" in text
