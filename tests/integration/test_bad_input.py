"""Each way in which input can be wrong: exit 2, the four facts, and earlier results untouched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
import shapely

from zonnekaart.cli.main import EXIT_INPUT, main
from zonnekaart.io.files import sha256_of
from zonnekaart.pipelines.town import build_town

if TYPE_CHECKING:
    from pathlib import Path

REPORTS = {"check.json", "check.html", ".lock"}


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """The embedded town, checked once, with results of an earlier run beside it."""
    folder = tmp_path_factory.mktemp("town")
    project = build_town(folder)
    assert main(["check", str(project)]) == 0
    earlier = folder / "build"
    (earlier / "tiles").mkdir()
    for name in ("zones.parquet", "irradiation.tif", "tiles/zones.pmtiles"):
        (earlier / name).write_bytes(f"an earlier {name}".encode())
    return folder


@dataclass
class Broken:
    """A copy of the town that a test breaks and then checks."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def project(self) -> Path:
        return self.folder / "zonnekaart.toml"

    def layer(self, name: str) -> gpd.GeoDataFrame:
        return gpd.read_file(self.folder / f"{name}.gpkg")

    def rewrite(self, frame: gpd.GeoDataFrame, name: str) -> None:
        (self.folder / f"{name}.gpkg").unlink()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="'crs' was not provided")
            frame.to_file(self.folder / f"{name}.gpkg", layer=name)

    def heights(self, name: str, change=None, **profile: object) -> None:
        path = self.folder / "heights" / f"{name}.tif"
        with rasterio.open(path) as source:
            values = source.read()
            settings = {**source.profile, "driver": "GTiff", **profile}
        path.unlink()
        with rasterio.open(path, "w", **settings) as target:
            target.write(values if change is None else change(values))

    def results(self) -> dict[str, str]:
        build = self.folder / "build"
        return {
            str(p.relative_to(build)): sha256_of(p)
            for p in sorted(build.rglob("*"))
            if p.is_file() and p.name not in REPORTS
        }

    def refused(self, *arguments: str) -> str:
        """Run a command, hold it to the rules of bad input, and return what it said."""
        before = self.results()
        self.capsys.readouterr()
        assert main([*(arguments or ("check",)), str(self.project)]) == EXIT_INPUT
        said = self.capsys.readouterr().err
        for word in ("found:", "expected:", "hint:"):
            assert word in said
        assert "Traceback" not in said
        assert self.results() == before
        return said

    def findings(self) -> list[dict[str, str]]:
        report = json.loads((self.folder / "build" / "check.json").read_text(encoding="utf-8"))
        return [f for f in report["findings"] if f["severity"] == "error"]


@pytest.fixture
def broken(town, tmp_path, capsys):
    shutil.copytree(town, tmp_path / "town")
    return Broken(tmp_path / "town", capsys)


def test_wrong_crs_of_a_layer(broken):
    broken.rewrite(broken.layer("buildings").to_crs("EPSG:28992"), "buildings")
    said = broken.refused()
    assert "buildings.gpkg" in said
    assert "EPSG:28992" in said
    assert "EPSG:31370" in said


def test_wrong_label_on_right_coordinates(broken):
    for name in ("dsm", "dtm"):
        broken.heights(name, crs="EPSG:3812")
    text = broken.project.read_text(encoding="utf-8").replace("EPSG:31370", "EPSG:3812")
    broken.project.write_text(text, encoding="utf-8")
    for name in ("buildings", "areas", "cabins", "roads", "water"):
        broken.rewrite(broken.layer(name).set_crs("EPSG:3812", allow_override=True), name)
    said = broken.refused()
    assert "dsm.tif" in said
    assert "the coordinates fit EPSG:31370" in said


def test_missing_crs_of_heights(broken):
    broken.heights("dsm", crs=None)
    said = broken.refused()
    assert "dsm.tif" in said
    assert "no coordinate reference system" in said


def test_missing_crs_of_a_layer(broken):
    broken.rewrite(broken.layer("areas").set_crs(None, allow_override=True), "areas")
    said = broken.refused()
    assert "areas.gpkg" in said
    assert "no coordinate reference system" in said


@pytest.mark.parametrize("names", [["dsm"], ["dsm", "dtm"]])
def test_heights_in_centimetres(broken, names):
    for name in names:
        broken.heights(name, lambda values: values * 100.0)
    said = broken.refused()
    for name in names:
        assert f"{name}.tif" in said
    assert "centimetres" in said
    assert "gdal_calc" in said


def test_terrain_in_centimetres(broken):
    broken.heights("dtm", lambda values: values * 100.0)
    assert "dtm.tif" in broken.refused()


def test_footprints_outside_the_raster(broken):
    frame = broken.layer("buildings")
    broken.rewrite(frame.set_geometry(frame.translate(5000.0, 0.0)), "buildings")
    said = broken.refused()
    assert "buildings.gpkg" in said
    assert f"{len(frame)} of {len(frame)} footprints (100 %) outside" in said


def test_overlapping_zones(broken):
    frame = broken.layer("areas")
    wide = frame.geometry.iloc[0].buffer(30.0)
    frame.loc[0, "geometry"] = wide
    broken.rewrite(frame, "areas")
    shared = wide.intersection(frame.geometry.iloc[1:].union_all()).area
    said = broken.refused()
    assert "areas.gpkg" in said
    assert str(frame["area_id"].iloc[0]) in said
    assert "m2" in said
    assert shared > 1000.0


def test_duplicate_ids(broken):
    frame = broken.layer("buildings")
    frame.loc[[1, 2], "building_id"] = frame.loc[0, "building_id"]
    broken.rewrite(frame, "buildings")
    said = broken.refused()
    assert "buildings.gpkg" in said
    assert f"{frame.loc[0, 'building_id']} (3 times)" in said


def test_a_building_that_is_in_the_layer_twice(broken):
    frame = broken.layer("buildings")
    copy = frame.iloc[[5]].assign(building_id="COPY")
    broken.rewrite(pd.concat([frame, copy], ignore_index=True), "buildings")
    assert f"{frame.loc[5, 'building_id']} and COPY" in broken.refused()


def test_consumption_in_megawatt_hours(broken):
    path = broken.folder / "consumption.csv"
    table = pd.read_csv(path, dtype={"area_id": str})
    table["consumption_kwh"] = pd.to_numeric(table["consumption_kwh"], errors="coerce") / 1000.0
    table.to_csv(path, index=False)
    said = broken.refused()
    assert "consumption.csv" in said
    assert "MWh" in said


def test_one_row_in_megawatt_hours(broken):
    path = broken.folder / "consumption.csv"
    table = pd.read_csv(path, dtype={"area_id": str})
    many = pd.to_numeric(table["connections"], errors="coerce") >= 5
    row = table.index[(table["category"] == "residential") & many][0]
    table["consumption_kwh"] = table["consumption_kwh"].astype(object)
    table.loc[row, "consumption_kwh"] = float(table.loc[row, "consumption_kwh"]) / 1000.0
    table.to_csv(path, index=False)
    assert str(table.loc[row, "area_id"]) in broken.refused()


def test_truncated_geotiff(broken):
    path = broken.folder / "heights" / "dsm.tif"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    said = broken.refused()
    assert "dsm.tif" in said
    assert "cannot be read in full" in said


def test_weather_with_missing_hours(broken):
    path = broken.folder / "weather" / "zonnedorp.epw"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:4000] + lines[4030:]), encoding="utf-8")
    said = broken.refused()
    assert "zonnedorp.epw" in said


def test_empty_geometry(broken):
    frame = broken.layer("buildings")
    frame.loc[7, "geometry"] = shapely.Polygon()
    frame.loc[8, "geometry"] = None
    broken.rewrite(frame, "buildings")
    said = broken.refused()
    assert "buildings.gpkg" in said
    assert frame.loc[7, "building_id"] in said
    assert frame.loc[8, "building_id"] in said


def test_unknown_configuration_key(broken):
    text = broken.project.read_text(encoding="utf-8").replace("cell_m = ", "cell_size_m = ")
    broken.project.write_text(text, encoding="utf-8")
    said = broken.refused()
    assert "zones.cell_size_m" in said
    assert "cell_m, min_connections, unit" in said


def test_file_that_is_not_there(broken):
    (broken.folder / "heights" / "dsm.tif").unlink()
    assert "no such file" in broken.refused()


def test_all_errors_are_told_at_once(broken):
    frame = broken.layer("buildings")
    frame.loc[1, "building_id"] = frame.loc[0, "building_id"]
    broken.rewrite(frame, "buildings")
    broken.heights("dsm", lambda values: values * 100.0)
    (broken.folder / "consumption.csv").write_text("area,kWh\n", encoding="utf-8")
    said = broken.refused()
    for name in ("buildings.gpkg", "dsm.tif", "consumption.csv"):
        assert name in said
    assert {"ids.duplicate", "heights.unit", "table.unusable"} <= {
        f["code"] for f in broken.findings()
    }


def test_run_stops_at_the_check(broken):
    broken.heights("dsm", lambda values: values * 100.0)
    assert "centimetres" in broken.refused("run", "--stage", "check")


def test_exit_code_of_the_installed_command(broken):
    broken.heights("dsm", crs=None)
    done = subprocess.run(  # noqa: S603 - our own module, arguments of this test
        [sys.executable, "-m", "zonnekaart.cli.main", "check", str(broken.project)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == EXIT_INPUT
    assert "hint:" in done.stderr
    assert done.stdout == ""
