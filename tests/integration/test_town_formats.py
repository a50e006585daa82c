"""Files of the embedded town against the standards they name, with readers of others."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pyproj.datadir
import pyshacl
import pytest
import rasterio
from pmtiles.reader import MmapSource, Reader
from rdflib import Graph, Namespace
from referencing import Registry, Resource

GEOPARQUET = (
    "zones",
    "advised_zones",
    "buildings",
    "roof_planes",
    "policy_zones",
    "sharing_groups",
    "sharing_links",
    "supply_sites",
    "cabin_areas",
)
SH = Namespace("http://www.w3.org/ns/shacl#")


@pytest.fixture(scope="module")
def geoparquet(shared_standards):
    """A validator of GeoParquet 1.1 with PROJ's own schema of a CRS, so that none is fetched."""
    schema = json.loads((shared_standards / "geoparquet-1.1.0" / "schema.json").read_text())
    own = Path(pyproj.datadir.get_data_dir()) / "projjson.schema.json"
    projjson = json.loads(own.read_text(encoding="utf-8"))
    address = schema["properties"]["columns"]["patternProperties"][".+"]["properties"]["crs"]
    reference = address["oneOf"][0]["$ref"]
    registry = Registry().with_resource(reference, Resource.from_contents(projjson))
    return jsonschema.Draft7Validator(schema, registry=registry)


@pytest.mark.parametrize("name", GEOPARQUET)
def test_geoparquet_follows_the_standard(town, geoparquet, name):
    file = pq.ParquetFile(town.build / f"{name}.parquet")
    geo = json.loads(file.schema_arrow.metadata[b"geo"])
    geoparquet.validate(geo)
    column = geo["columns"][geo["primary_column"]]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 31370}
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]


def test_the_standard_refuses_a_wrong_crs(geoparquet):
    column = {"encoding": "WKB", "geometry_types": [], "crs": "EPSG:31370"}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    with pytest.raises(jsonschema.ValidationError):
        geoparquet.validate(geo)


# rdflib's own JSON-LD parser still makes one
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_catalogue_follows_dcat_ap(town, shared_standards):
    shapes = Graph()
    for name in ("dcat-ap-SHACL.ttl", "ranges.ttl"):
        shapes.parse(shared_standards / "dcat-ap-3.0.1" / name)
    # Five references of the published file point at property shapes that stand in no file.
    lost = [t for t in shapes.triples((None, SH.property, None)) if not shapes.value(t[2], SH.path)]
    for triple in lost:
        shapes.remove(triple)
    text = (town.build / "catalog.jsonld").read_text(encoding="utf-8")
    graph = Graph().parse(data=text, format="json-ld")
    ok, _, report = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    assert ok, report
    for name in ("demand", "balance", "sharing_links"):
        assert f"{name}.parquet" not in text
    for source in town.published["sources"]:
        assert source["title"] in text


def test_tiles_hold_every_feature(town, tiles):
    assert set(tiles) == {
        "zones",
        "buildings",
        "roof_planes",
        "roof_panels",
        "roof_visibility",
        "sharing_proposals",
        "sharing_links",
        "supply_sites",
        "cabin_areas",
        "advised_zones",
        "background",
    }
    for layer in town.published["layers"]:
        if layer["kind"] == "vector":
            zooms = set(tiles[layer["id"]])
            assert (min(zooms), max(zooms)) == (layer["minzoom"], layer["maxzoom"])
    for rows in tiles["zones"].values():
        assert {row["zone_id"] for row in rows} == set(town.zones.index)
    for name, key, expected in (
        ("buildings", "building_id", set(town.buildings.index)),
        ("roof_planes", "plane_id", set(town.planes["plane_id"])),
    ):
        last = tiles[name][max(tiles[name])]
        assert {row[key] for row in last} == expected
    kinds = {row["kind"] for rows in tiles["background"].values() for row in rows}
    assert kinds == {"building", "water", "road"}


def test_tiles_say_what_the_tables_say(town, tiles):
    for row in tiles["zones"][max(tiles["zones"])]:
        figures, zone = town.figures.loc[row["zone_id"]], town.zones.loc[row["zone_id"]]
        assert row["zone_class"] == zone["zone_class"]
        for name in ("annual_yield_kwh", "consumption_kwh", "self_consumption"):
            assert (name in row) == (not np.isnan(figures[name]))
            assert name not in row or row[name] == pytest.approx(figures[name], abs=1e-3)


def test_archives_are_where_the_zones_are(town):
    west, south, east, north = town.published["bounds_lonlat"]
    for path in (town.build / "tiles").glob("*.pmtiles"):
        with path.open("rb") as stream:
            header = Reader(MmapSource(stream)).header()
        box = [header[f"{side}_e7"] / 1e7 for side in ("min_lon", "min_lat", "max_lon", "max_lat")]
        assert west - 0.01 < box[0] < box[2] < east + 0.01
        assert south - 0.01 < box[1] < box[3] < north + 0.01


def test_the_served_raster_shows_the_computed_light(town):
    with rasterio.open(town.build / "irradiation.tif") as computed:
        names, annual = computed.descriptions, computed.read(1)
        months = computed.read(list(range(2, 14)))
    assert names == ("annual", *(f"{month:02d}" for month in range(1, 13)))
    np.testing.assert_allclose(months.sum(axis=0), annual, rtol=1e-4)
    with rasterio.open(town.build / "serving" / "irradiation.tif") as served:
        assert served.crs.to_epsg() == 3857
        assert served.overviews(1)
        shown = served.read(1, masked=True)
    assert shown.mean() == pytest.approx(np.nanmean(annual), rel=0.01)
