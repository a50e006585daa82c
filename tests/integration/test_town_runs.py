"""Runs as such: manifests, skipping, stages that fail, and a run that is killed half-way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from zonnekaart.cli.main import EXIT_INPUT, main
from zonnekaart.config import STAGE_ORDER, load_project, share_folder
from zonnekaart.io.files import sha256_of
from zonnekaart.io.mosaic import mosaic_heights
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.checks.sources import named_inputs
from zonnekaart.pipelines.runs import StageContext, code_fingerprint, manifest_path

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

REPORTS = {"check.json", "check.html", ".lock"}
CORNER = (180340.0, 198420.0)
SIDE_M = 220.0
PATIENCE_S = 120.0


# ---- the whole town ----


def input_path(town, name: str) -> Path:
    """Our own tables are named without the folder they stand in."""
    own = name.removeprefix("zonnekaart:")
    folder = town.folder if own == name else share_folder("data")
    return (folder / own).resolve()


@pytest.mark.parametrize("stage", STAGE_ORDER)
def test_every_stage_leaves_a_manifest_that_matches_its_files(town, town_build, stage):
    manifest = json.loads(manifest_path(town.build, stage).read_text(encoding="utf-8"))
    step = registry.stage(stage)
    assert manifest["stage"] == stage
    assert set(manifest["outputs"]) == set(step.outputs)
    for name, digest in manifest["outputs"].items():
        assert sha256_of(town.build / name) == digest
    assert manifest["inputs"]
    for name, digest in manifest["inputs"].items():
        assert sha256_of(input_path(town, name)) == digest
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", manifest["started_utc"])
    assert manifest["started_utc"] <= manifest["ended_utc"]
    assert manifest["parameters"] == json.loads(json.dumps(step.parameters(town_build.project)))
    assert manifest["facts"]
    assert {"numpy", "rasterio", "pyproj"} <= set(manifest["libraries"])


def test_every_input_of_the_project_is_in_the_manifest_of_a_stage_besides_the_check(town):
    read = set()
    for stage in STAGE_ORDER[1:]:
        manifest = json.loads(manifest_path(town.build, stage).read_text(encoding="utf-8"))
        read |= {input_path(town, name) for name in manifest["inputs"]}
    project = load_project(town.folder / "zonnekaart.toml")
    for name, table in named_inputs(project).items():
        assert project.resolve(table.path).resolve() in read, name


def test_nothing_temporary_is_left(town):
    assert [p.name for p in town.build.rglob(".*") if p.name != ".lock"] == []


def test_a_second_run_finds_everything_unchanged(town, town_build):
    if code_fingerprint() != town_build.code:
        pytest.skip("the package was edited while the tests ran")
    before = contents(town.build)
    outcomes = registry.run_project(StageContext(project=town_build.project, build=town.build))
    assert [(o.name, o.status) for o in outcomes] == [(s, "unchanged") for s in STAGE_ORDER]
    assert contents(town.build) == before


def contents(build: Path) -> dict[str, str]:
    """Checksum of every file but the reports of the check, which tells of failures too."""
    files = [p for p in sorted(build.rglob("*")) if p.is_file() and p.name not in REPORTS]
    return {p.relative_to(build).as_posix(): sha256_of(p) for p in files}


# ---- a corner of it, run for itself ----


@dataclass(frozen=True)
class Corner:
    """A small project with results, to be broken."""

    project: Path

    @property
    def build(self) -> Path:
        return self.project.parent / "build"

    def rewrite(self, old: str, new: str) -> None:
        text = self.project.read_text(encoding="utf-8")
        assert old in text
        self.project.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def built_corner(town_build, tmp_path_factory):
    """A corner of the town, cut out of its files, through all stages."""
    folder = tmp_path_factory.mktemp("corner") / "zonnedorp"
    shutil.copytree(town_build.folder, folder, ignore=shutil.ignore_patterns("build", "truth"))
    west, south = CORNER
    box = (west, south, west + SIDE_M, south + SIDE_M)
    for name in ("dsm", "dtm"):
        source = town_build.folder / "heights" / f"{name}.tif"
        mosaic_heights([source], box, folder / "heights" / f"{name}.tif")
    buildings = gpd.read_file(folder / "buildings.gpkg")
    inside = buildings[buildings.within(shapely.box(*box))]
    assert len(inside) > 20
    (folder / "buildings.gpkg").unlink()
    write_layer(inside, folder / "buildings.gpkg", "GPKG", layer="buildings")
    project = load_project(folder / "zonnekaart.toml")
    build = registry.default_build(project)
    registry.run_project(StageContext(project=project, build=build, workers=2))
    return folder


@pytest.fixture
def corner(built_corner, tmp_path_factory):
    """A copy beside the first one, so that paths in manifests stay the same."""
    folder = tmp_path_factory.mktemp("corner") / "zonnedorp"
    shutil.copytree(built_corner, folder)
    return Corner(folder / "zonnekaart.toml")


def cut_short(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def with_lines_missing(path):
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:3000] + lines[3100:]), encoding="utf-8")


def with_other_columns(path):
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("consumption_kwh", "verbruik"), encoding="utf-8")


BREAKS = {
    "irradiation": ("weather/zonnedorp.epw", with_lines_missing),
    "roofs": ("buildings.gpkg", cut_short),
    "demand": ("consumption.csv", with_other_columns),
    "balance": ("weather/zonnedorp.epw", with_lines_missing),
    "grid": ("cabins.gpkg", cut_short),
    "publish": ("water.gpkg", cut_short),
}


@pytest.mark.parametrize("stage", BREAKS)
def test_a_stage_that_fails_leaves_all_earlier_results(corner, capsys, stage):
    name, damage = BREAKS[stage]
    before = contents(corner.build)
    assert len(before) > 20
    damage(corner.project.parent / name)
    for arguments in ([], ["--stage", stage]):
        assert main(["run", str(corner.project), *arguments]) == EXIT_INPUT
        said = capsys.readouterr().err
        assert name.rpartition("/")[2] in said
        assert "hint:" in said
        assert contents(corner.build) == before


def test_a_wrong_rule_set_stops_before_anything_is_written(corner, capsys):
    before = contents(corner.build)
    corner.rewrite("[demand]", '[zoning]\nrules = "none.toml"\n\n[demand]')
    assert main(["run", str(corner.project), "--stage", "zoning"]) == EXIT_INPUT
    assert "none.toml" in capsys.readouterr().err
    assert contents(corner.build) == before


def test_the_same_input_gives_the_same_results_whatever_the_number_of_workers(corner):
    before, matrix = contents(corner.build), undated_matrix(corner.build)
    project = load_project(corner.project)
    context = StageContext(project=project, build=corner.build, workers=1)
    outcomes = registry.run_project(context, force=True)
    assert {o.status for o in outcomes} == {"done"}
    after = contents(corner.build)
    assert set(after) == set(before)
    # These tell when they were made; a database also keeps its pages as they came.
    dated = (
        "manifests/",
        "published.json",
        "catalog.jsonld",
        "serving/matrix.json",
        "warehouse.duckdb",
    )
    changed = {n for n in before if before[n] != after[n] and not n.startswith(dated)}
    assert changed == set()
    assert undated_matrix(corner.build) == matrix


def undated_matrix(build: Path) -> dict[str, Any]:
    """Return what the served matrix says, but for the moment it was measured."""
    content = json.loads((build / "serving" / "matrix.json").read_text(encoding="utf-8"))
    assert content["project"].pop("measured_utc")
    return content


def killed_in(corner: Corner, stage: str) -> set[str]:
    """Start a stage in a process of its own, kill it while it writes, return what it left."""
    known = {p.name for p in corner.build.iterdir()}
    arguments = ["run", str(corner.project), "--stage", stage, "--workers", "1"]
    process = subprocess.Popen(  # noqa: S603 - our own module, arguments of this test
        [sys.executable, "-m", "zonnekaart.cli.main", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + PATIENCE_S
        while {p.name for p in corner.build.iterdir()} == known:
            assert process.poll() is None, "the stage ended before it wrote anything"
            assert time.monotonic() < give_up, "the stage never began to write"
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    return {p.name for p in corner.build.iterdir()} - known


def test_a_killed_run_leaves_no_half_file_and_the_next_one_completes(corner, capsys):
    before = contents(corner.build)
    # Small windows with a wide halo: long enough to be killed in the middle.
    corner.rewrite("radius_m = 300.0", "radius_m = 300.0\nwindow_cells = 64\nalbedo = 0.3")
    left = killed_in(corner, "irradiation")
    assert left
    assert all(name.startswith(".") for name in left)
    kept = {name: digest for name, digest in contents(corner.build).items() if name in before}
    assert kept == before
    corner.rewrite("window_cells = 64\n", "")
    assert main(["run", str(corner.project), "--json"]) == 0
    outcomes = {o["stage"]: o["status"] for o in json.loads(capsys.readouterr().out)}
    assert list(outcomes) == list(STAGE_ORDER)
    assert outcomes["irradiation"] == "done"
    assert outcomes["publish"] == "done"
    after = contents(corner.build)
    assert set(before) <= set(after)
    for name in ("irradiation.tif", "roof_planes.parquet", "balance.parquet", "zones.parquet"):
        assert after[name] != before[name]


def test_what_a_killed_run_left_is_cleared_by_the_next_one(corner, capsys):
    corner.rewrite("radius_m = 300.0", "radius_m = 300.0\nwindow_cells = 64")
    assert killed_in(corner, "irradiation")
    corner.rewrite("\nwindow_cells = 64", "")
    assert main(["run", str(corner.project)]) == 0
    assert [p.name for p in corner.build.rglob(".*") if p.name != ".lock"] == []
