"""Every command: its help, what it prints, what it refuses, on the results of the embedded town."""

from __future__ import annotations

import csv
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import geopandas as gpd
import openpyxl
import pytest
import rasterio
import yaml

from zonnekaart.cli.main import _COMMANDS, EXIT_INPUT, main
from zonnekaart.config import STAGE_ORDER, share_folder
from zonnekaart.io.files import sha256_of
from zonnekaart.io.matrix import matrix_folder
from zonnekaart.io.publishable import LAYERS
from zonnekaart.pipelines.export import FORMATS


def contents(folder: Path) -> dict[str, str]:
    """Checksum of every file in a folder."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"]
    return {p.relative_to(folder).as_posix(): sha256_of(p) for p in files}


@pytest.fixture
def said(capsys):
    """Return a function that runs a command and gives its code, data and messages."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


# ---- help ----


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_imports_and_explains_itself(said, name):
    code, out, err = said(name, "--help")
    assert code == 0
    assert err == ""
    assert out.startswith("Usage:")
    module = importlib.import_module(_COMMANDS[name][0])
    command = getattr(module, f"{name}_command")
    assert command.help
    parts = command.commands.values() if isinstance(command, click.Group) else [command]
    for part in parts:
        for option in part.params:
            if isinstance(option, click.Option):
                shown = option.help or option.show_default or isinstance(option.type, click.Choice)
                assert shown, f"{name} {option.name}"


@pytest.mark.parametrize("name", ["build", "check", "export", "letter", "experience"])
def test_commands_of_a_group_explain_themselves(said, name):
    code, out, _ = said("matrix", name, "--help")
    assert code == 0
    assert out.startswith("Usage:")


def test_help_is_quick_because_nothing_heavy_is_imported():
    script = (
        "import sys\n"
        "from zonnekaart.cli.main import main\n"
        "main(['--help'])\n"
        "sys.exit(any(m in sys.modules for m in ('numba', 'geopandas', 'rasterio', 'duckdb')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)  # noqa: S603 - a fixed script
    assert done.returncode == 0
    assert b"Commands:" in done.stdout


def test_options_of_the_design_are_there(said):
    expected = {
        "demo": ["--out", "--port", "--no-serve"],
        "check": ["--json"],
        "run": ["--stage", "--build", "--force", "--workers", "--scheduler", "--dry-run"],
        "irradiation": [
            "--dsm",
            "--weather",
            "--weather-reader",
            "--out",
            "--dtm",
            "--buildings",
            "--directions",
            "--radius",
            "--workers",
        ],
        "roofs": [
            "--dsm",
            "--buildings",
            "--irradiation",
            "--cadastre",
            "--weather",
            "--out",
            "--preset",
        ],
        "profile": ["--building", "--plane", "--out", "--build"],
        "serve": ["--host", "--port"],
        "export": ["--layer", "--format", "--out"],
        "mockup": ["--storyboard", "--out", "--format"],
    }
    for command, options in expected.items():
        text = said(command, "--help")[1]
        for option in options:
            assert f" {option} " in text or f" {option}\n" in text


# ---- check and run ----


def test_check_prints_the_report_as_json(said, town_build, tmp_path):
    code, out, err = said("check", town_build.file, "--build", tmp_path / "b", "--json")
    assert code == 0
    report = json.loads(out)
    assert report["counts"]["error"] == 0
    assert {entry["input"] for entry in report["inputs"]} >= {"dsm", "buildings", "weather"}
    assert "check.html" in err
    assert (tmp_path / "b" / "check.json").read_text(encoding="utf-8") == out


def test_check_prints_the_report_as_json_when_there_are_errors_too(said, town_copy):
    project = town_copy()
    (project.parent / "consumption.csv").write_text("area,kWh\n", encoding="utf-8")
    code, out, err = said("check", project, "--json")
    assert code == EXIT_INPUT
    report = json.loads(out)
    assert report["counts"]["error"] >= 1
    assert "consumption.csv" in err


def test_dry_run_prints_the_plan_and_writes_nothing(said, town_build, tmp_path):
    code, out, _ = said("run", town_build.file, "--dry-run", "--build", tmp_path / "new")
    assert code == 0
    rows = [line.split() for line in out.splitlines()[2:]]
    assert [row[0] for row in rows] == list(STAGE_ORDER)
    assert {row[1] for row in rows} == {"run"}
    assert "published.json" in out
    assert not (tmp_path / "new").exists()


def test_dry_run_of_some_stages_keeps_their_order(said, town_build):
    before = contents(town_build.build)
    code, out, _ = said(
        "run", town_build.file, "--dry-run", "--stage", "zoning", "--stage", "roofs", "--force"
    )
    assert code == 0
    rows = [line.split()[:2] for line in out.splitlines()[2:]]
    assert rows == [["roofs", "run"], ["zoning", "run"]]
    assert contents(town_build.build) == before


def test_dry_run_as_json(said, town_build, tmp_path):
    code, out, _ = said("run", town_build.file, "--dry-run", "--json", "--build", tmp_path / "n")
    assert code == 0
    plan = json.loads(out)
    assert [row["stage"] for row in plan] == list(STAGE_ORDER)
    assert {row["plan"] for row in plan} == {"run"}


def test_one_stage_runs_by_itself_and_a_second_time_nothing_changes(said, town_copy):
    project = town_copy()
    before = contents(project.parent / "build")
    # A project that was only moved is unchanged: inputs are named without folders of a machine.
    for options, expected in ((("--force",), "done"), ((), "unchanged")):
        code, out, _ = said("run", project, "--stage", "demand", "--json", *options)
        assert code == 0
        (row,) = json.loads(out)
        assert (row["stage"], row["status"]) == ("demand", expected)
        assert row["seconds"] >= 0.0
    code, out, _ = said("run", project, "--stage", "demand", "--force")
    assert code == 0
    assert out.split()[-3:-1] == ["demand", "done"]
    changed = {
        name for name, sha in contents(project.parent / "build").items() if before.get(name) != sha
    }
    assert changed == {"manifests/demand.json"}


def test_a_stage_whose_input_is_not_built_says_what_to_run(said, town_build, tmp_path):
    code, out, err = said("run", town_build.file, "--stage", "balance", "--build", tmp_path / "b")
    assert code == EXIT_INPUT
    assert out == ""
    assert "not built yet" in err
    assert "zonnekaart run" in err


def test_an_unknown_stage_is_refused_with_the_known_ones(said, town_build):
    code, _, err = said("run", town_build.file, "--stage", "irradation")
    assert code == EXIT_INPUT
    assert "irradiation" in err


# ---- zones ----


def test_zones_as_json_are_those_of_the_table(said, town_build):
    code, out, err = said("zones", town_build.file, "--json")
    assert code == 0
    rows = {row["zone_id"]: row for row in json.loads(out)}
    zones = gpd.read_parquet(town_build.build / "zones.parquet").set_index("zone_id")
    assert set(rows) == set(zones.index)
    for name, row in rows.items():
        assert row["zone_class"] == zones.loc[name, "zone_class"]
        assert (row["consumption_kwh"] is None) == (not zones.loc[name, "published"])
    assert "indicative" in err


def test_advised_zones_hold_each_zone_once(said, town_build):
    code, out, _ = said("zones", town_build.file, "--advised", "--json")
    rows = json.loads(out)
    zones = gpd.read_parquet(town_build.build / "zones.parquet")
    assert code == 0
    assert len(rows) < len(zones)
    assert sorted(z for row in rows for z in row["member_zones"]) == sorted(zones["zone_id"])
    code, out, _ = said("zones", town_build.file, "--advised")
    assert code == 0
    assert len(out.splitlines()) == 2 + len(rows)


def test_zones_as_a_table(said, town_build):
    code, out, _ = said("zones", town_build.file)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["zone", "name", "class", "sure", "yield", "use", "own", "why"]
    assert len(lines) == 2 + len(gpd.read_parquet(town_build.build / "zones.parquet"))
    assert "nan" not in out.lower()


# ---- irradiation and roofs from files ----


def test_irradiation_and_roofs_work_without_a_project(said, town_build, tmp_path):
    from zonnekaart.io.mosaic import mosaic_heights

    box = (180400.0, 198480.0, 180500.0, 198560.0)
    heights, light = tmp_path / "dsm.tif", tmp_path / "light.tif"
    mosaic_heights([town_build.folder / "heights" / "dsm.tif"], box, heights)
    buildings = town_build.folder / "buildings.gpkg"
    given = ("--dsm", heights, "--buildings", buildings)
    weather = town_build.folder / "weather" / "zonnedorp.epw"
    computing = ("irradiation", *given, "--weather", weather, "--out", light)
    code, out, err = said(*computing, "--directions", 16, "--radius", 60)
    assert code == 0
    facts = json.loads(out)
    assert facts["directions"] == 16
    assert 0 < facts["evaluated_cells"] < facts["cells"] == 200 * 160
    assert "wrote" in err
    with rasterio.open(light) as raster:
        assert raster.count == 13
        assert raster.units == ("kWh/m2",) * 13
    planes = tmp_path / "planes.parquet"
    code, out, _ = said("roofs", *given, "--irradiation", light, "--out", planes)
    assert code == 0
    assert json.loads(out)["planes"] == len(gpd.read_parquet(planes)) > 5
    for again in (computing, ("roofs", *given, "--irradiation", light, "--out", planes)):
        before = sha256_of(light), sha256_of(planes)
        code, _, err = said(*again)
        assert code == EXIT_INPUT
        assert "--overwrite" in err
        assert (sha256_of(light), sha256_of(planes)) == before


def test_roofs_work_from_a_cadastre(said, town_build, tmp_path):
    options, planes = tmp_path / "cadastre.toml", tmp_path / "planes.parquet"
    layer = town_build.folder / "truth" / "roof_planes.gpkg"
    options.write_text(
        f'kind = "roofs"\npath = "{layer}"\nbuilding_id_column = "building_id"\n'
        'tilt_column = "tilt_deg"\nazimuth_column = "azimuth_deg"\nazimuth_zero = "north"\n'
        'area_column = "roof_area_m2"\narea_kind = "sloped"\nkwp_column = "height_m"\n',
        encoding="utf-8",
    )
    buildings = town_build.folder / "buildings.gpkg"
    given = ("roofs", "--buildings", buildings, "--cadastre", options, "--out", planes)
    weather = ("--weather", town_build.folder / "weather" / "zonnedorp.epw")
    code, out, _ = said(*given, *weather)
    assert code == 0
    assert json.loads(out)["planes"] == len(gpd.read_parquet(planes)) > 100
    code, _, err = said(*given, "--overwrite")
    assert code == EXIT_INPUT
    assert "--weather" in err


# ---- export ----


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_layer_leaves_in_every_format(said, town_build, tmp_path, layer, kind):
    out = tmp_path / f"{layer}.{kind}"
    given = ("export", town_build.file, "--layer", layer, "--format", kind, "--out", out)
    code, text, _ = said(*given)
    assert code == 0
    facts = json.loads(text)
    assert facts["rows"] == len(gpd.read_parquet(town_build.build / f"{layer}.parquet"))
    assert out.stat().st_size > 500
    before = sha256_of(out)
    code, _, err = said(*given)
    assert code == EXIT_INPUT
    assert "--overwrite" in err
    assert sha256_of(out) == before
    assert said(*given, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [("--layer", "demand", "zones, buildings"), ("--format", "shp", "gpkg")],
)
def test_export_refuses_what_it_does_not_know(said, town_build, tmp_path, option, value, known):
    given = {"--layer": "zones", "--format": "csv", "--out": tmp_path / "x", option: value}
    code, _, err = said("export", town_build.file, *(v for pair in given.items() for v in pair))
    assert code == EXIT_INPUT
    assert known in err
    assert list(tmp_path.iterdir()) == []


# ---- matrix ----


def test_matrix_holds_together(said):
    code, _, err = said("matrix", "check")
    assert code == 0
    assert "hold together" in err


def test_matrix_of_a_project_is_measured(said, town_build, tmp_path):
    code, out, _ = said("matrix", "build", town_build.file, "--build", tmp_path / "b", "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "b" / "matrix.json").read_text("utf-8"))


def test_matrix_row_without_address_ends_with_file_and_line(said, tmp_path):
    shutil.copytree(matrix_folder(), tmp_path / "m")
    path = tmp_path / "m" / "sources.yaml"
    rows = yaml.safe_load(path.read_text("utf-8"))
    rows["sources"][1].pop("fact_address")
    path.write_text(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True), "utf-8")
    code, _, err = said("matrix", "check", tmp_path / "m")
    assert code == EXIT_INPUT
    assert re.search(r"sources\.yaml:\d+: SUP-02: fact_address", err)


@pytest.mark.parametrize("ending", ["docx", "md"])
def test_letter_is_written_once_and_only_as_a_letter(said, town_build, tmp_path, ending):
    out = tmp_path / f"brief.{ending}"
    given = ("matrix", "letter", town_build.file, "--source", "MIS-01")
    code, text, _ = said(*given, "--out", out)
    assert code == 0
    assert text.strip() == str(out)
    assert said(*given, "--out", out)[0] == EXIT_INPUT
    assert said(*given, "--out", tmp_path / "brief.pdf")[0] == EXIT_INPUT
    assert not (tmp_path / "brief.pdf").exists()


@pytest.mark.parametrize("kind", ["xlsx", "md", "html"])
def test_experience_leaves_in_every_format(said, tmp_path, kind):
    out = tmp_path / f"e.{kind}"
    assert said("matrix", "experience", "--format", kind, "--out", out)[0] == 0
    assert out.stat().st_size > 50_000


@pytest.mark.parametrize("kind", ["xlsx", "csv", "md", "html", "jsonld"])
def test_matrix_leaves_in_every_format(said, tmp_path, kind):
    out = tmp_path / f"matrix.{kind}"
    given = ("matrix", "export", "--format", kind, "--out", out, "--language", "en")
    code, text, _ = said(*given)
    assert code == 0
    assert text.strip() == str(out)
    if kind == "xlsx":
        assert len(openpyxl.load_workbook(out).worksheets) >= 2
    elif kind == "jsonld":
        assert "@context" in json.loads(out.read_text(encoding="utf-8"))
    else:
        assert "Fluvius" in out.read_text(encoding="utf-8")
    code, _, err = said(*given)
    assert code == EXIT_INPUT
    assert "--overwrite" in err


# ---- mock-up ----


def test_mockup_prints_what_it_wrote(said, town_build, tmp_path):
    if not (share_folder("web") / "vendor" / "leaflet.js").is_file():
        pytest.skip("web/vendor is empty; run: make vendor")
    given = ("mockup", town_build.file, "--storyboard", "schepen", "--out", tmp_path)
    code, out, _ = said(*given)
    assert code == 0
    assert [Path(line) for line in out.splitlines()] == [tmp_path / "schepen-nl.html"]
    code, out, _ = said(*given, "--language", "fr")
    assert Path(out.strip()).name == "schepen-fr.html"


def test_mockup_of_an_unknown_storyboard_names_the_known_ones(said, town_build, tmp_path):
    code, _, err = said("mockup", town_build.file, "--storyboard", "burgers", "--out", tmp_path)
    assert code == EXIT_INPUT
    assert "bewonersavond, cooperatie, energieplanner, netbeheerder, schepen, syndicus" in err


def test_a_wrong_storyboard_is_told_with_its_line(said, town_build, tmp_path):
    board = tmp_path / "mine.toml"
    board.write_text('id = "mine"\nversion = "1"\nlayers = ["sun"]\n', encoding="utf-8")
    code, _, err = said("mockup", town_build.file, "--storyboard", board, "--out", tmp_path / "o")
    assert code == EXIT_INPUT
    assert "mine.toml, line " in err
    assert not (tmp_path / "o").exists()


def test_a_theme_without_contrast_is_told_with_its_line(said, town_build, tmp_path):
    theme = tmp_path / "theme.toml"
    theme.write_text('# ours\nink = "#cccccc"\n', encoding="utf-8")
    for command in ("mockup", "sheets"):
        given = (town_build.file, "--theme", theme, "--out", tmp_path / "o")
        code, _, err = said(command, *given)
        assert code == EXIT_INPUT
        assert "theme.toml, line 2" in err
        assert "contrast" in err
    assert not (tmp_path / "o").exists()


def test_sheets_of_an_unknown_zone_are_refused(said, town_build, tmp_path):
    given = (town_build.file, "--format", "html", "--zone", "none", "--out", tmp_path / "o")
    code, _, err = said("sheets", *given)
    assert code == EXIT_INPUT
    assert "zonnekaart zones" in err


def test_an_export_in_an_unknown_system_is_refused(said, town_build, tmp_path):
    given = (
        "--layer",
        "zones",
        "--format",
        "gpkg",
        "--crs",
        "Lambert",
        "--out",
        tmp_path / "z.gpkg",
    )
    code, _, err = said("export", town_build.file, *given)
    assert code == EXIT_INPUT
    assert "EPSG:31370" in err
    assert not (tmp_path / "z.gpkg").exists()
    assert list(tmp_path.iterdir()) == []


# ---- before anything is built ----


@pytest.mark.parametrize(
    "arguments",
    [
        ("zones",),
        ("serve",),
        ("export", "--layer", "zones", "--format", "csv", "--out", "zones.csv"),
        ("mockup", "--storyboard", "schepen", "--out", "mockups"),
    ],
)
def test_commands_on_results_say_what_to_run_first(said, town_build, tmp_path, arguments):
    command, *options = arguments
    options = [tmp_path / o if o in {"zones.csv", "mockups"} else o for o in options]
    code, out, err = said(command, town_build.file, *options, "--build", tmp_path / "none")
    assert code == EXIT_INPUT
    assert out == ""
    assert "zonnekaart run" in err
    assert list(tmp_path.iterdir()) == []


def test_serve_refuses_one_folder_or_one_name_for_two_projects(said, town_build, tmp_path):
    file = town_build.file
    code, _, err = said("serve", file, file, "--build", tmp_path)
    assert code == EXIT_INPUT
    assert "--build" in err
    code, _, err = said("serve", file, file)
    assert code == EXIT_INPUT
    assert "2 projects with 1 names" in err


def test_serve_hands_over_the_folder_of_each_project(said, town_build, tmp_path, monkeypatch):
    other = tmp_path / "zonnekaart.toml"
    other.write_text(
        town_build.file.read_text("utf-8").replace('name = "', 'name = "Ander ', 1), "utf-8"
    )
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "published.json").write_text("{}", "utf-8")
    seen = {}
    monkeypatch.setattr(
        "zonnekaart.cli.serve.uvicorn.run",
        lambda *_, **given: seen.update(given, projects=os.environ["ZONNEKAART_PROJECTS"]),
    )
    for name in ("ZONNEKAART_PROJECTS", "ZONNEKAART_HOST", "ZONNEKAART_PORT", "ZONNEKAART_BUILD"):
        monkeypatch.setenv(name, "")
    code, _, err = said("serve", town_build.file, other, "--port", 0)
    assert code == 0
    assert seen["host"] == "127.0.0.1"
    first, second = json.loads(seen["projects"]).items()
    assert Path(first[1]) == town_build.file.parent / "build"
    assert second[0].startswith("ander-")
    assert f"/p/{second[0]}/" in err


# ---- init and demo ----


def test_init_starts_a_project_and_refuses_to_write_over_one(said, tmp_path):
    code, out, err = said("init", tmp_path / "Mijn-Dorp")
    assert code == 0
    project = Path(out.strip())
    assert project.is_file()
    assert "zonnekaart check" in err
    before = sha256_of(project)
    assert said("init", tmp_path / "Mijn-Dorp")[0] == EXIT_INPUT
    assert sha256_of(project) == before
    code, _, err = said("check", project)
    assert code == EXIT_INPUT
    assert "no such file" in err


def test_demo_does_not_write_over_a_project_of_the_user(said, tmp_path, monkeypatch):
    """`demo --out .` in a folder with somebody's own project must leave that project alone."""
    own = tmp_path / "zonnekaart.toml"
    own.write_text("# a project of my own\n", encoding="utf-8")
    monkeypatch.setattr("zonnekaart.pipelines.registry.run_project", lambda _: [])
    code, _, err = said("demo", "--out", tmp_path, "--no-serve")
    assert own.read_text(encoding="utf-8") == "# a project of my own\n"
    assert code == EXIT_INPUT
    assert "zonnekaart.toml" in err


def test_csv_of_zones_is_the_same_table_as_json(said, town_build, tmp_path):
    out = tmp_path / "zones.csv"
    assert (
        said("export", town_build.file, "--layer", "zones", "--format", "csv", "--out", out)[0] == 0
    )
    with out.open(encoding="utf-8", newline="") as stream:
        rows = {row["zone_id"]: row for row in csv.DictReader(stream)}
    for row in json.loads(said("zones", town_build.file, "--json")[1]):
        text = rows[row["zone_id"]]["consumption_kwh"]
        assert (text == "") == (row["consumption_kwh"] is None)
        assert not text or float(text) == pytest.approx(row["consumption_kwh"], abs=0.01)


def test_the_installed_command_is_this_one():
    found = shutil.which("zonnekaart", path=str(Path(sys.executable).parent))
    assert found is not None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    assert done.returncode == 0
    assert "zonnekaart" in done.stdout


# ---- profile ----


def test_profile_prints_a_year_of_quarter_hours(said, town_build, tmp_path):
    planes = gpd.read_parquet(town_build.build / "roof_planes.parquet")
    best = planes.loc[planes["annual_yield_kwh"].idxmax()]
    code, out, err = said(
        "profile", town_build.file, "--building", best["building_id"], "--plane", best["plane_id"]
    )
    assert code == 0
    rows = list(csv.DictReader(out.splitlines()))
    assert len(rows) in (35040, 35136)
    assert list(rows[0]) == ["interval_start_utc", "production_kwh"]
    total = sum(float(row["production_kwh"]) for row in rows)
    assert total == pytest.approx(best["annual_yield_kwh"], rel=1e-4)
    assert "quarter-hours" in err
    path = tmp_path / "roof.parquet"
    assert (
        said("profile", town_build.file, "--building", best["building_id"], "--out", path)[0] == 0
    )
    code, out, err = said(
        "profile", town_build.file, "--building", best["building_id"], "--out", path
    )
    assert code == EXIT_INPUT
    assert "--overwrite" in err


def test_profile_refuses_unknown_ids_and_projects_that_are_not_built(said, town_build, tmp_path):
    code, out, err = said("profile", town_build.file, "--building", "nowhere")
    assert (code, out) == (EXIT_INPUT, "")
    assert "nowhere" in err
    assert "hint" in err
    code, out, err = said(
        "profile", town_build.file, "--building", "x", "--build", tmp_path / "none"
    )
    assert (code, out) == (EXIT_INPUT, "")
    assert "run stage roofs first" in err
