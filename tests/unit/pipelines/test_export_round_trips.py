"""What is exported is what others read: with pyogrio, pyarrow, openpyxl, csv and rasterio."""

from __future__ import annotations

import csv
import json
import runpy
import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio

from zonnekaart.errors import ConfigError, CrsError, LicenceError
from zonnekaart.io.publishable import LAYERS
from zonnekaart.pipelines.export import FORMATS, export_layer
from zonnekaart.pipelines.publishing.frames import read_publishable
from zonnekaart.pipelines.publishing.readable import readable_frame
from zonnekaart.pipelines.runs import StageContext

SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "api" / "sample.py"))
HELD_INSIDE = ("gpkg", "parquet", "xlsx")
"""Formats that carry their metadata inside the file."""


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trips")
    SAMPLE["publish_sample"](folder)
    return StageContext(
        project=SAMPLE["load_project"](folder / "zonnekaart.toml"), build=folder / "build"
    )


def _numbers(frame):
    return [name for name in frame.columns if frame[name].dtype == float]


def _read_back(path: Path, kind: str):
    """Rows as another library reads them, NaN for an empty cell."""
    if kind == "parquet":
        return gpd.read_parquet(path)
    if kind == "csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return {name: [row[name] for row in rows] for name in rows[0]}
    if kind == "xlsx":
        rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
        return {name: [row[at] for row in rows[2:]] for at, name in enumerate(rows[0])}
    layer = str(pyogrio.list_layers(path)[0][0])
    return pyogrio.read_dataframe(path, layer=layer)


def _floats(column):
    return np.array([np.nan if v in {None, ""} else float(v) for v in column])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("layer", LAYERS)
def test_numbers_and_shapes_come_back_as_they_went(context, tmp_path, layer, kind):
    out = tmp_path / f"out.{kind}"
    export_layer(context, layer, kind, out)
    own = read_publishable(context, layer)
    written = own if kind == "parquet" else readable_frame(own)
    found = _read_back(out, kind)
    key = "plane_id" if layer == "roof_planes" else written.columns[0]
    order = np.argsort(np.array([str(v) for v in found[key]]), kind="stable")
    expected = written.iloc[np.argsort(written[key].astype(str).to_numpy(), kind="stable")]
    compared = 0
    for name in _numbers(written):
        assert _floats(found[name])[order] == pytest.approx(
            expected[name].to_numpy(), nan_ok=True, rel=1e-9, abs=1e-6
        )
        compared += 1
    assert compared >= 2
    if kind in {"csv", "xlsx"}:
        return
    shapes = gpd.GeoSeries(found.geometry).iloc[order]
    crs = "EPSG:4326" if kind == "geojson" else "EPSG:31370"
    assert shapes.crs.to_epsg() == int(crs.partition(":")[2])
    back = shapes.to_crs(own.crs).reset_index(drop=True)
    away = back.hausdorff_distance(expected.geometry.reset_index(drop=True))
    # GeoJSON keeps seven decimals of a degree: a centimetre.
    assert float(away.max()) < (0.05 if kind == "geojson" else 1e-6)


def _about(path: Path, kind: str):
    if kind == "gpkg":
        return pyogrio.read_info(path, layer="zones")["layer_metadata"]
    if kind == "parquet":
        return json.loads(pq.read_schema(path).metadata[b"zonnekaart:metadata"])
    if kind == "xlsx":
        rows = openpyxl.load_workbook(path)["metadata"].iter_rows(values_only=True)
        return {row[0]: row[1] for row in rows}
    return json.loads(path.with_suffix(".metadata.json").read_text("utf-8"))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_carries_run_date_sources_limits_and_licence(context, tmp_path, kind):
    out = tmp_path / f"z.{kind}"
    files = export_layer(context, "zones", kind, out)["files"]
    about = _about(out, kind)
    published = json.loads((context.build / "published.json").read_text("utf-8"))
    assert about["run_id"] == published["run_id"]
    assert about["built_utc"] == published["built_utc"]
    assert "Indicatief" in about["notice"]
    assert "Name the sources" in about["licence"]
    text = json.dumps(about, ensure_ascii=False)
    for source in published["sources"]:
        assert source["title"] in text
        assert source["limits"] in text
    assert (len(files) == 1) == (kind in HELD_INSIDE)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_of_a_geopackage_has_a_style(context, tmp_path, layer):
    export_layer(context, layer, "gpkg", tmp_path / "x.gpkg")
    connection = sqlite3.connect(tmp_path / "x.gpkg")
    rows = connection.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall()
    described = connection.execute(
        "SELECT description FROM gpkg_contents WHERE table_name = ?", [layer]
    ).fetchone()
    connection.close()
    assert [name for name, _ in rows] == [layer]
    renderer = ET.fromstring(rows[0][1]).find("renderer-v2")  # noqa: S314 - ours
    symbols = renderer.findall("symbols/symbol")
    used = {e.get("symbol") for e in renderer.iter() if e.tag in {"category", "range"}}
    assert used <= {s.get("name") for s in symbols}
    assert symbols
    assert "Indicatief" in described[0]


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "parquet"])
def test_shapes_come_in_the_system_that_is_asked_for(context, tmp_path, kind):
    out = tmp_path / f"z.{kind}"
    export_layer(context, "zones", kind, out, crs="EPSG:3812")
    found = (
        gpd.read_parquet(out)
        if kind == "parquet"
        else pyogrio.read_dataframe(out, layer=str(pyogrio.list_layers(out)[0][0]))
    )
    assert found.crs.to_epsg() == 3812
    own = read_publishable(context, "zones").to_crs("EPSG:3812")
    assert found.total_bounds == pytest.approx(own.total_bounds, abs=1e-3)


def test_a_table_in_another_system_has_its_points_in_it(context, tmp_path):
    export_layer(context, "zones", "csv", tmp_path / "z.csv", crs="EPSG:3812")
    with (tmp_path / "z.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    shape = read_publishable(context, "zones").to_crs("EPSG:3812").geometry.iloc[0]
    west, south, east, north = shape.bounds
    assert west < float(row["x"]) < east
    assert south < float(row["y"]) < north
    about = json.loads((tmp_path / "z.metadata.json").read_text("utf-8"))
    assert about["crs"] == "EPSG:3812"
    assert "accuracy" in about["operation"]


def test_geojson_in_another_system_is_refused(context, tmp_path):
    with pytest.raises(ConfigError, match="RFC 7946"):
        export_layer(context, "zones", "geojson", tmp_path / "z.geojson", crs="EPSG:31370")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_system_is_refused(context, tmp_path):
    with pytest.raises(CrsError, match="EPSG:31370"):
        export_layer(context, "zones", "gpkg", tmp_path / "z.gpkg", crs="EPSG:99999")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("crs", [None, "EPSG:3812"])
def test_a_raster_is_a_cog_with_units_and_sources(context, tmp_path, crs):
    out = tmp_path / "light.tif"
    facts = export_layer(context, "irradiation", "tif", out, crs=crs)
    with rasterio.open(out) as found, rasterio.open(context.build / "irradiation.tif") as own:
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert set(found.units) == {"kWh/m2"}
        assert found.descriptions == own.descriptions
        assert found.crs.to_epsg() == (3812 if crs else 31370)
        tags = found.tags()
        published = json.loads((context.build / "published.json").read_text("utf-8"))
        assert tags["ZONNEKAART_RUN_ID"] == published["run_id"]
        assert "Indicatief" in tags["ZONNEKAART_NOTICE"]
        assert published["sources"][0]["title"] in tags["ZONNEKAART_SOURCES"]
        values, mine = found.read(1), own.read(1)
        if crs is None:
            np.testing.assert_array_equal(values, mine)
        else:
            assert float(np.nanmean(values)) == pytest.approx(float(np.nanmean(mine)), rel=0.01)
    assert len(facts["bands"]) == 13
    assert sorted(p.name for p in tmp_path.iterdir()) == ["light.metadata.json", "light.tif"]


def test_a_raster_is_no_table_and_a_layer_no_raster(context, tmp_path):
    for layer, kind in (("irradiation", "csv"), ("zones", "tif")):
        with pytest.raises(ConfigError, match="one of: "):
            export_layer(context, layer, kind, tmp_path / "x")


@pytest.fixture
def guarded(context, tmp_path):
    """The sample with one source whose licence forbids derived works."""

    def make(role, **stated):
        build = tmp_path / "build"
        build.mkdir()
        for path in context.build.glob("*.parquet"):
            (build / path.name).symlink_to(path)
        (build / "irradiation.tif").symlink_to(context.build / "irradiation.tif")
        published = json.loads((context.build / "published.json").read_text("utf-8"))
        first = published["sources"][0]
        published["sources"] = [*published["sources"], first | {"role": role} | stated]
        (build / "published.json").write_text(json.dumps(published), encoding="utf-8")
        return StageContext(project=context.project, build=build)

    return make


@pytest.mark.parametrize("kind", FORMATS)
def test_what_rests_on_a_closed_source_stays_and_says_why(guarded, tmp_path, kind):
    closed = guarded("dsm", licence="CC BY-ND 4.0", title="Closed heights")
    out = tmp_path / f"r.{kind}"
    with pytest.raises(LicenceError, match=r"Closed heights .*derived works") as caught:
        export_layer(closed, "roof_planes", kind, out)
    assert caught.value.layer == "roof_planes"
    assert not out.exists()


def test_only_layers_that_rest_on_it_stay(guarded, tmp_path):
    closed = guarded("consumption", licence="secret", redistribution="forbidden")
    with pytest.raises(LicenceError):
        export_layer(closed, "zones", "csv", tmp_path / "z.csv")
    export_layer(closed, "roof_planes", "csv", tmp_path / "r.csv")
    export_layer(closed, "irradiation", "tif", tmp_path / "i.tif")


def test_a_raster_rests_on_the_heights(guarded, tmp_path):
    closed = guarded("dsm", licence="niet voor verspreiding")
    with pytest.raises(LicenceError):
        export_layer(closed, "irradiation", "tif", tmp_path / "i.tif")


def test_share_alike_and_unclear_licences_are_told(guarded, tmp_path):
    built = guarded("roads", licence="ODbL 1.0")
    export_layer(built, "zones", "csv", tmp_path / "z.csv")
    about = json.loads((tmp_path / "z.metadata.json").read_text("utf-8"))
    assert "same licence" in about["licence"]
