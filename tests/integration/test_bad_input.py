"""Each way in which input can be wrong: exit 2, the four facts, and earlier results untouched."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

    def state(self, table: str, line: str) -> None:
        """Add one line to a table of the project file."""
        text = self.project.read_text(encoding="utf-8")
        assert f"[{table}]\n" in text
        self.project.write_text(text.replace(f"[{table}]\n", f"[{table}]\n{line}\n"), "utf-8")

    def checked(self, code: int = 0) -> dict[str, Any]:
        """Run the check, hold it to its exit code, and return the report."""
        assert main(["check", str(self.project)]) == code
        return json.loads((self.folder / "build" / "check.json").read_text(encoding="utf-8"))

    def facts(self, name: str) -> dict[str, Any]:
        """Return what the last check measured on one input."""
        report = json.loads((self.folder / "build" / "check.json").read_text(encoding="utf-8"))
        return next(entry["facts"] for entry in report["inputs"] if entry["input"] == name)

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
    assert "cell_m, min_connections, segment_max_m" in said


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


def test_heights_in_decimetres_as_whole_numbers(broken):
    for name in ("dsm", "dtm"):
        broken.heights(name, lambda v: (v * 10.0).round().astype("int16"), dtype="int16", nodata=-1)
    said = broken.refused()
    assert "decimetres" in said
    assert 'unit = "dm"' in said


def test_stated_unit_is_applied(broken):
    for name in ("dsm", "dtm"):
        broken.heights(
            name, lambda v: (v * 100.0).round().astype("int32"), dtype="int32", nodata=-9999
        )
        broken.state(f"inputs.{name}", 'unit = "cm"')
    assert broken.checked()["counts"]["error"] == 0
    facts = broken.facts("dsm")
    assert 2.0 < facts["median_building_height_m"] < 20.0


def test_unit_that_is_stated_but_wrong(broken):
    broken.state("inputs.dsm", 'unit = "cm"')
    assert "dsm.tif" in broken.refused()


def test_unit_tag_of_the_band(broken):
    broken.heights("dsm")
    with rasterio.open(broken.folder / "heights" / "dsm.tif", "r+") as target:
        target.set_band_unit(1, "cm")
    said = broken.refused()
    assert "unit of the band 'cm'" in said
    assert 'unit = "cm"' in said


def test_scale_and_offset_of_the_file_are_read(broken):
    before = broken.checked() and broken.facts("dsm")
    path = broken.folder / "heights" / "dsm.tif"
    broken.heights(
        "dsm", lambda v: ((v + 50.0) * 100.0).round().astype("int32"), dtype="int32", nodata=-9999
    )
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.01,), (-50.0,)
    assert broken.checked()["counts"]["error"] == 0
    assert broken.facts("dsm")["median_m"] == pytest.approx(before["median_m"], abs=0.01)


def test_height_datum_in_feet(broken):
    broken.heights("dsm", crs="EPSG:31370+6360")
    said = broken.refused()
    assert "US survey foot" in said
    assert 'unit = "us_ft"' in said


def test_geographic_heights(broken):
    broken.heights("dsm", crs="EPSG:4326", transform=rasterio.Affine(1e-5, 0, 4.4, 0, -1e-5, 51.4))
    assert "in degree" in broken.refused()


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (lambda t: t @ rasterio.Affine.rotation(10.0), "rotated or sheared"),
        (lambda t: t @ rasterio.Affine.shear(5.0), "rotated or sheared"),
        (lambda t: t @ rasterio.Affine.scale(1.0, -1.0), "from south to north"),
        (lambda t: t @ rasterio.Affine.scale(1.0, 2.0), "gdalwarp -tr"),
        (lambda t: rasterio.Affine.identity(), "no position"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_cells_that_are_not_square_and_north_up(broken, turn, words):
    with rasterio.open(broken.folder / "heights" / "dsm.tif") as source:
        transform = turn(source.transform)
    broken.heights("dsm", transform=transform)
    assert words in broken.refused()


@pytest.mark.parametrize("code", [-9999.0, -32768.0, 3.4e38, 0.0])
def test_undeclared_nodata(broken, code):
    def with_gap(values):
        values = values + 60.0
        values[0, 40:80, 40:80] = code
        return values

    broken.heights("dsm", with_gap, nodata=None)
    broken.heights("dtm", lambda values: values + 60.0)
    said = broken.refused()
    assert "declare as nodata" in said
    assert f"-a_nodata {code:g}" in said


def test_surface_and_terrain_swapped(broken):
    heights = broken.folder / "heights"
    (heights / "dsm.tif").rename(heights / "kept.tif")
    (heights / "dtm.tif").rename(heights / "dsm.tif")
    (heights / "kept.tif").rename(heights / "dtm.tif")
    broken.refused()
    assert {"heights.no_roofs", "heights.built_terrain"} & {f["code"] for f in broken.findings()}


def test_terrain_that_still_holds_buildings(broken):
    shutil.copy(broken.folder / "heights" / "dsm.tif", broken.folder / "heights" / "dtm.tif")
    said = broken.refused()
    assert "rises" in said
    assert "dtm.tif" in said


def test_holes_are_told_with_their_place_and_filled_when_stated(broken):
    def with_holes(values):
        values[0, 100:103, 100:103] = float("nan")
        values[0, 300:340, 200:230] = float("nan")
        return values

    broken.heights("dsm", with_holes, nodata=float("nan"))
    report = broken.checked()
    (found,) = [f for f in report["findings"] if f["code"] == "heights.holes"]
    assert found["severity"] == "warning"
    assert "2 holes" in found["found"]
    with rasterio.open(broken.folder / "heights" / "dsm.tif") as source:
        x, y = source.xy(319.5, 214.5)
        cell_m = source.res[0]
    assert f"the largest {1200 * cell_m**2:.0f} m2 at x {x:.0f}, y {y:.0f}" in found["found"]
    broken.state("inputs.dsm", "fill_holes_m = 5.0")
    broken.checked()
    assert broken.facts("dsm")["cells_filled"] == 9


def test_spikes_are_told_with_their_place_and_replaced_when_stated(broken):
    def with_spikes(values):
        for number in range(8):
            values[0, 30 + 41 * number, 50 + 37 * number] += 60.0
        values[0, 111, 222] -= 80.0
        return values

    before = broken.checked() and broken.facts("dsm")["spikes"]
    broken.heights("dsm", with_spikes)
    report = broken.checked()
    (found,) = [f for f in report["findings"] if f["code"] == "heights.spikes"]
    assert found["severity"] == "warning"
    assert broken.facts("dsm")["spikes"] == before + 9
    with rasterio.open(broken.folder / "heights" / "dsm.tif") as source:
        x, y = source.xy(111, 222)
    assert f"-80 m at x {x:.1f}, y {y:.1f}" in found["found"]
    broken.state("inputs.dsm", "despike = true")
    broken.checked()
    assert broken.facts("dsm")["cells_replaced"] == before + 9


def test_step_between_sheets(broken):
    for name in ("dsm", "dtm"):
        broken.heights(name, lambda values: values + 0.5 * (values.cumsum(axis=2) * 0.0 + 1.0))
    before = broken.checked()
    assert "heights.seam" not in {f["code"] for f in before["findings"]}

    def stepped(values):
        values[:, :, 333:] += 0.5
        return values

    for name in ("dsm", "dtm"):
        broken.heights(name, stepped)
    found = [f for f in broken.checked()["findings"] if f["code"] == "heights.seam"]
    assert {f["input"] for f in found} == {"inputs.dsm", "inputs.dtm"}
    assert all("0.5" in f["found"] for f in found)


@pytest.mark.parametrize(
    ("east", "north", "severity"), [(2.0, 0.0, "warning"), (-3.5, 3.5, "error")]
)
def test_footprints_beside_the_roofs(broken, east, north, severity):
    frame = broken.layer("buildings")
    broken.rewrite(frame.set_geometry(frame.translate(east, north)), "buildings")
    report = broken.checked(0 if severity == "warning" else EXIT_INPUT)
    (found,) = [f for f in report["findings"] if f["code"] == "buildings.offset"]
    assert found["severity"] == severity
    facts = broken.facts("buildings")
    assert facts["offset_east_m"] == pytest.approx(-east, abs=0.4)
    assert facts["offset_north_m"] == pytest.approx(-north, abs=0.4)
    broken.state("inputs.buildings", f"shift_m = [{-east}, {-north}]")
    report = broken.checked()
    assert "buildings.offset" not in {f["code"] for f in report["findings"]}


def test_sound_town_has_no_false_alarm(broken):
    report = broken.checked()
    assert not {f["code"] for f in report["findings"]} & {
        "heights.holes",
        "heights.roof_holes",
        "heights.seam",
        "heights.datum",
        "buildings.offset",
    }


def test_swapped_axes(broken):
    frame = broken.layer("buildings")
    turned = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    broken.rewrite(frame.set_geometry(gpd.GeoSeries(turned, crs=frame.crs)), "buildings")
    assert "ogr2ogr -swapxy" in broken.refused()


def test_footprint_that_crosses_itself(broken):
    frame = broken.layer("buildings")
    x, y = frame.geometry.iloc[3].centroid.coords[0]
    frame.loc[3, "geometry"] = shapely.Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)])
    broken.rewrite(frame, "buildings")
    said = broken.refused()
    assert "Self-intersection" in said
    assert frame.loc[3, "building_id"] in said


def test_parts_courtyards_and_third_dimension_are_counted(broken):
    frame = broken.layer("buildings")
    x, y = frame.geometry.iloc[3].centroid.coords[0]
    frame.loc[3, "geometry"] = (
        frame.geometry.iloc[3].buffer(3.0).difference(shapely.Point(x, y).buffer(1.0))
    )
    frame.loc[4, "geometry"] = shapely.force_3d(frame.geometry.iloc[4], 7.0)
    far = shapely.box(x + 400.0, y, x + 404.0, y + 4.0)
    frame.loc[5, "geometry"] = shapely.MultiPolygon([frame.geometry.iloc[5], far])
    broken.rewrite(frame, "buildings")
    report = broken.checked()
    facts = broken.facts("buildings")
    assert facts["in_parts"] == 1
    assert facts["with_courtyard"] >= 1
    assert facts["three_dimensional"] >= 1
    assert "buildings.parts" in {f["code"] for f in report["findings"]}


def test_buildings_newer_than_the_heights_are_counted(broken):
    frame = broken.layer("buildings")
    frame["built"] = 1950
    frame.loc[:2, "built"] = 2200
    broken.rewrite(frame, "buildings")
    text = broken.project.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("construction_year_column")]
    broken.project.write_text("\n".join(lines), encoding="utf-8")
    broken.state("inputs.buildings", 'construction_year_column = "built"')
    report = broken.checked()
    assert "buildings.newer" in {f["code"] for f in report["findings"]}
    assert broken.facts("buildings")["newer_than_heights"] == 3
