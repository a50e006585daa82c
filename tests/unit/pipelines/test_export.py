from __future__ import annotations

import csv
import json
import runpy
import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.publishable import DEMAND_FIGURES, LAYERS, PUBLISHABLE
from zonnekaart.pipelines.export import FORMATS, export_layer
from zonnekaart.pipelines.publishing.frames import read_publishable
from zonnekaart.pipelines.runs import StageContext

SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "api" / "sample.py"))
ROWS = {
    "zones": 6,
    "advised_zones": 5,
    "buildings": 60,
    "roof_planes": 120,
    "sharing_groups": 6,
    "supply_sites": 2,
    "cabin_areas": 2,
}
MADE = {"lon", "lat", "geom", "sentence_nl", "sentence_fr", "sentence_en"}


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    SAMPLE["publish_sample"](folder)
    return StageContext(
        project=SAMPLE["load_project"](folder / "zonnekaart.toml"), build=folder / "build"
    )


def _columns(path: Path, kind: str) -> tuple[int, set[str]]:
    """Rows and columns as another program reads them."""
    if kind == "csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return len(rows), set(rows[0])
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        return len(rows) - 2, set(rows[0])
    # The first layer; in a GeoPackage the styles are a second one.
    name = None if kind == "parquet" else pyogrio.list_layers(path)[0][0]
    frame = gpd.read_parquet(path) if name is None else pyogrio.read_dataframe(path, layer=name)
    return len(frame), set(frame.columns)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_in_every_format_with_public_columns_only(context, tmp_path, layer, kind):
    out = tmp_path / f"out.{kind}"
    facts = export_layer(context, layer, kind, out)
    rows, columns = _columns(out, kind)
    assert rows == facts["rows"] == ROWS[layer]
    assert columns - MADE <= set(PUBLISHABLE[layer])
    assert columns


def test_text_that_looks_like_a_formula_stays_text(context, tmp_path):
    export_layer(context, "zones", "csv", tmp_path / "z.csv")
    export_layer(context, "zones", "xlsx", tmp_path / "z.xlsx")
    with (tmp_path / "z.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert first["name"] == "'=HYPERLINK(1)"
    sheet = openpyxl.load_workbook(tmp_path / "z.xlsx").worksheets[0]
    cells = [c for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert "=HYPERLINK(1)" in {c.value for c in cells}


def test_unknown_is_empty_and_zero_is_zero(context, tmp_path):
    export_layer(context, "zones", "csv", tmp_path / "z.csv")
    with (tmp_path / "z.csv").open(encoding="utf-8", newline="") as stream:
        rows = {r["zone_id"]: r for r in csv.DictReader(stream)}
    assert rows["Z1"]["used_share"] == ""
    assert float(rows["Z1"]["existing_kwp"]) == 0.0
    assert all(rows["Z5"][name] == "" for name in DEMAND_FIGURES & set(rows["Z5"]))
    assert "fewer" not in rows["Z1"]["privacy_note"]
    assert rows["Z2"]["bottlenecks"] == "net-vol: headroom_ratio 1.2 > 1"
    assert rows["Z2"]["flips"] == "pv_headroom_kw 100 -> 120 kW: delen"


def test_metadata_travels_along(context, tmp_path):
    facts = export_layer(context, "buildings", "csv", tmp_path / "b.csv")
    assert facts["files"] == [str(tmp_path / "b.csv"), str(tmp_path / "b.metadata.json")]
    metadata = json.loads((tmp_path / "b.metadata.json").read_text("utf-8"))
    assert metadata["columns"]["capacity_kwp"]["unit"] == "kWp"
    assert all(c["definition"] for c in metadata["columns"].values())
    assert metadata["sources"][0]["licence"] == "CC0-1.0"
    assert "Indicatief" in metadata["notice"]


def test_sheet_has_units_under_names_and_a_metadata_sheet(context, tmp_path):
    export_layer(context, "zones", "xlsx", tmp_path / "z.xlsx")
    book = openpyxl.load_workbook(tmp_path / "z.xlsx")
    assert book.sheetnames == ["zones", "metadata"]
    names = [c.value for c in book["zones"][1]]
    units = [c.value for c in book["zones"][2]]
    assert units[names.index("annual_yield_kwh")] == "kWh"
    keys = {row[0].value for row in book["metadata"].iter_rows()}
    assert {"run_id", "preset", "source: dsm", "column: zone_class"} <= keys


def test_geopackage_opens_in_its_colours(context, tmp_path):
    out = tmp_path / "z.gpkg"
    export_layer(context, "zones", "gpkg", out)
    assert pyogrio.read_info(out, layer="zones")["crs"] == "EPSG:31370"
    connection = sqlite3.connect(out)
    table, geometry, qml, default = connection.execute(
        "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
    ).fetchone()
    connection.close()
    assert (table, geometry, default) == ("zones", "geom", 1)
    assert ET.fromstring(qml).find("renderer-v2").get("attr") == "zone_class"  # noqa: S314 - ours


def test_geojson_is_in_degrees_and_parquet_keeps_lists(context, tmp_path):
    export_layer(context, "roof_planes", "geojson", tmp_path / "r.geojson")
    export_layer(context, "roof_planes", "parquet", tmp_path / "r.parquet")
    collection = json.loads((tmp_path / "r.geojson").read_text("utf-8"))
    lon, lat = collection["features"][0]["geometry"]["coordinates"][0][0]
    assert 4.79 < lon < 4.81
    assert 51.09 < lat < 51.10
    frame = gpd.read_parquet(tmp_path / "r.parquet")
    assert len(frame["monthly_irradiation_kwh_m2"][0]) == 12
    assert frame.crs.to_epsg() == 31370


def test_geoparquet_follows_its_schema(context, tmp_path, shared_standards):
    import jsonschema
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    export_layer(context, "zones", "parquet", tmp_path / "z.parquet")
    schema = json.loads((shared_standards / "geoparquet-1.1.0" / "schema.json").read_text("utf-8"))
    geo = json.loads(pq.read_schema(tmp_path / "z.parquet").metadata[b"geo"])
    # The CRS schema stands on another server; its own tests are PROJ's.
    anything = Resource.from_contents({}, default_specification=DRAFT7)
    registry = Registry().with_resource(
        "https://proj.org/schemas/v0.7/projjson.schema.json", anything
    )
    jsonschema.Draft7Validator(schema, registry=registry).validate(geo)


def test_figures_of_small_or_hidden_groups_are_unknown(context, tmp_path):
    export_layer(context, "sharing_groups", "parquet", tmp_path / "g.parquet")
    groups = gpd.read_parquet(tmp_path / "g.parquet").set_index("group_id")
    assert groups["shared_kwh_optimal"].isna().to_dict() == {
        "G1": False,
        "G2": True,  # four members
        "G3": False,
        "G4": True,  # nine members
        "G5": True,  # in the hidden zone
        "G6": False,
    }


def test_a_group_may_not_tell_of_the_few_it_leaves_out(tmp_path):
    project = SAMPLE["write_project"](tmp_path)
    context = StageContext(project=project, build=tmp_path / "build")
    path = context.build / "buildings.parquet"
    buildings = gpd.read_parquet(path)
    extra = buildings.iloc[:1].assign(building_id="X", zone_id="Z3")
    annex = buildings.iloc[:1].assign(building_id="Y", zone_id="Z6", use="annex")
    frame = gpd.GeoDataFrame(pd.concat([buildings, extra, annex]), crs=buildings.crs)
    frame.to_parquet(path)
    SAMPLE["demand_of"](frame).to_parquet(context.build / "demand.parquet")
    groups = read_publishable(context, "sharing_groups").set_index("group_id")
    hidden = groups["shared_kwh_optimal"].isna()
    assert hidden["G3"]
    assert not hidden["G6"]
    assert not hidden["G1"]


@pytest.mark.parametrize(
    ("layer", "kind", "subject"), [("demand", "csv", "--layer"), ("zones", "shp", "--format")]
)
def test_unknown_names_say_which_are_known(context, tmp_path, layer, kind, subject):
    with pytest.raises(ConfigError, match="one of: ") as caught:
        export_layer(context, layer, kind, tmp_path / "x")
    assert caught.value.subject == subject


def test_nothing_is_overwritten_unasked(context, tmp_path):
    out = tmp_path / "z.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="exists"):
        export_layer(context, "zones", "csv", out)
    assert out.read_text(encoding="utf-8") == "mine"
    export_layer(context, "zones", "csv", out, overwrite=True)
    assert out.read_text(encoding="utf-8") != "mine"


def test_before_publish_it_says_what_to_run(tmp_path):
    project = SAMPLE["write_project"](tmp_path)
    unpublished = StageContext(project=project, build=tmp_path / "build")
    with pytest.raises(NotBuiltError, match="publish"):
        export_layer(unpublished, "zones", "csv", tmp_path / "z.csv")


def test_a_share_of_a_total_is_not_shown_as_a_buildings_panels(context, tmp_path):
    build = tmp_path / "build"
    build.mkdir()
    frame = gpd.read_parquet(context.build / "buildings.parquet")
    frame["existing_kwp"] = 2.5
    frame["flags"] = [["existing_estimated"] if n % 2 else [] for n in range(len(frame))]
    frame.to_parquet(build / "buildings.parquet")
    shown = read_publishable(StageContext(project=context.project, build=build), "buildings")
    guess = frame["flags"].map(len) > 0
    assert shown.loc[guess, ["existing_kwp", "additional_kwp"]].isna().all().all()
    assert (shown.loc[~guess, "existing_kwp"] == 2.5).all()
    assert shown.loc[~guess, "additional_kwp"].notna().all()
