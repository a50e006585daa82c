from __future__ import annotations

import json
import runpy
from pathlib import Path

import duckdb
import numpy as np
import pytest
import rasterio
from rasterio.warp import transform_bounds

from zonnekaart.errors import NotBuiltError, PrivacyError, RasterError
from zonnekaart.io.files import sha256_of
from zonnekaart.io.publishable import PUBLISHABLE
from zonnekaart.io.vector import read_geoparquet, read_parquet, write_geoparquet, write_parquet
from zonnekaart.io.warehouse import Warehouse, spatial_extension
from zonnekaart.pipelines import publish
from zonnekaart.pipelines.publishing.frames import require_hidden_demand
from zonnekaart.pipelines.publishing.project import summary, top_reasons, totals
from zonnekaart.pipelines.runs import StageContext, read_manifest, run_stage

SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "api" / "sample.py"))


def _context(folder: Path) -> StageContext:
    return StageContext(project=SAMPLE["write_project"](folder), build=folder / "build")


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    made = _context(tmp_path_factory.mktemp("publish"))
    run_stage(publish.STAGE, made)
    return made


def test_writes_every_promised_file_and_nothing_half(context):
    for name in publish.STAGE.outputs:
        assert (context.build / name).exists()
    assert not [p for p in context.build.rglob("*") if ".tmp-" in p.name or ".plain-" in p.name]


def test_manifest_counts_rows_drops_and_names_the_operation(context):
    facts = read_manifest(context.build, "publish")["facts"]
    assert facts["warehouse_rows"]["buildings"] == 60
    assert facts["warehouse_rows"]["roof_planes"] == 120
    assert facts["tiles"]["zones"]["dropped"] == {"8": 0, "16": 0}
    assert "Belgian Lambert 72" in facts["display_crs"]["name"]
    assert facts["display_crs"]["accuracy_m"] is None or facts["display_crs"]["accuracy_m"] >= 0


def test_unchanged_input_is_skipped(context):
    assert run_stage(publish.STAGE, context).status == "unchanged"


def test_no_internal_column_or_value_leaves(context):
    connection = duckdb.connect(":memory:")
    connection.execute(f"LOAD '{spatial_extension()}'")
    connection.execute(f"ATTACH '{context.build / 'warehouse.duckdb'}' AS w (READ_ONLY)")
    for layer in ("zones", "buildings", "roof_planes"):
        found = {r[0] for r in connection.execute(f"DESCRIBE w.{layer}").fetchall()}
        assert found - {"xmin", "ymin", "xmax", "ymax", "geometry_web"} <= set(PUBLISHABLE[layer])
    connection.close()
    # Demand of building B000 is 4321 kWh in the sample; of a zone, 300000.
    for path in [context.build / "published.json", context.build / "catalog.jsonld"]:
        assert "4321" not in path.read_text("utf-8")
    opened = Warehouse(context.build / "warehouse.duckdb")
    assert all("4321" not in r["row"] for r in opened.rows("zone_rows"))
    assert "never leaves" not in str(opened.rows("zone_detail", ["Z1"]))


def test_stage_files_are_only_read(context):
    assert "consumption_kwh" in read_geoparquet(context.build / "buildings.parquet").columns


def _change_zones(context: StageContext, zone_id: str, column: str, change: object) -> None:
    path = context.build / "zones.parquet"
    zones = read_geoparquet(path)
    zones[column] = [
        change(cell) if identity == zone_id else cell
        for identity, cell in zip(zones["zone_id"], zones[column], strict=True)
    ]
    write_geoparquet(zones, path)


def test_demand_of_a_hidden_zone_stops_everything(tmp_path):
    context = _context(tmp_path)
    _change_zones(context, "Z5", "indicators", lambda cell: {**cell, "peak_offtake_kw": 12.0})
    with pytest.raises(PrivacyError, match="peak_offtake_kw of zone Z5"):
        run_stage(publish.STAGE, context)
    assert not (context.build / "published.json").exists()
    assert not (context.build / "warehouse.duckdb").exists()


@pytest.mark.parametrize("column", ["bottlenecks", "opportunities", "flips"])
def test_a_reason_may_not_tell_hidden_demand_either(tmp_path, column):
    context = _context(tmp_path)
    zones = read_geoparquet(context.build / "zones.parquet")
    told = dict(zones["opportunities"][0][0])
    zones = zones.astype({column: object})
    flat = zones.join(zones["indicators"].apply(lambda c: c.get("consumption_kwh")).rename("c"))
    hidden = flat[flat["zone_id"] == "Z5"].copy()
    for name in ("bottlenecks", "opportunities", "flips"):
        hidden[name] = [[told] if name == column else []]
    with pytest.raises(PrivacyError, match="sharing_gain of zone Z5"):
        require_hidden_demand(hidden)


def test_a_failure_keeps_the_previous_publication_whole(tmp_path):
    context = _context(tmp_path)
    run_stage(publish.STAGE, context)
    before = {n: sha256_of(context.build / n) for n in publish.OUTPUTS}
    light = context.build / "irradiation.tif"
    whole = light.read_bytes()
    light.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RasterError, match=r"irradiation\.tif"):
        run_stage(publish.STAGE, context)
    assert {n: sha256_of(context.build / n) for n in publish.OUTPUTS} == before
    assert not [p for p in context.build.iterdir() if ".tmp-" in p.name]


def test_a_build_from_before_the_sliders_still_has_a_map(tmp_path):
    context = _context(tmp_path)
    for name in ("zone_levers.parquet", "sharing_proposals.parquet", "roof_panels.parquet"):
        (context.build / name).unlink()
    run_stage(publish.STAGE, context)
    opened = Warehouse(context.build / "warehouse.duckdb")
    assert opened.rows("document", ["live"]) == []
    assert opened.rows("document", ["rules"]) != []
    project = json.loads((context.build / "published.json").read_text("utf-8"))
    assert {"roof_panels", "sharing_links"}.isdisjoint(row["id"] for row in project["layers"])


def test_a_project_without_roofs_still_has_a_map(tmp_path):
    context = _context(tmp_path)
    path = context.build / "roof_planes.parquet"
    write_geoparquet(read_geoparquet(path).iloc[:0], path)
    run_stage(publish.STAGE, context)
    project = json.loads((context.build / "published.json").read_text("utf-8"))
    assert "roof_planes" not in {layer["id"] for layer in project["layers"]}
    assert project["totals"]["roof_planes"] == 0


@pytest.mark.parametrize("name", ["zones.parquet", "balance.parquet", "irradiation.tif"])
def test_what_is_not_built_is_named(tmp_path, name):
    context = _context(tmp_path)
    (context.build / name).unlink()
    with pytest.raises(NotBuiltError, match=name):
        run_stage(publish.STAGE, context)


def test_display_copies_lie_where_the_sources_lie(context):
    for name, unit in (("irradiation", "kWh/m2"), ("hillshade", None)):
        with rasterio.open(context.build / "serving" / f"{name}.tif") as dataset:
            assert dataset.crs.to_epsg() == 3857
            assert dataset.units[0] == unit
            west, _, east, _ = transform_bounds(3857, 31370, *dataset.bounds)
            assert west < 180_000.0 < 180_600.0 < east


def test_run_id_changes_with_the_result(context, tmp_path):
    other = _context(tmp_path)
    planes = read_geoparquet(other.build / "roof_planes.parquet")
    planes.loc[0, "capacity_kwp"] += 1
    write_geoparquet(planes, other.build / "roof_planes.parquet")
    run_stage(publish.STAGE, other)
    ids = [
        json.loads((c.build / "published.json").read_text("utf-8"))["run_id"]
        for c in (context, other)
    ]
    assert ids[0] != ids[1]


def test_totals_of_nothing_known_are_unknown_and_not_zero(context):
    zones = publish.read_publishable(context, "zones")
    buildings = publish.read_publishable(context, "buildings")
    zones["published"] = False
    buildings["existing_kwp"] = np.nan
    sums = totals(zones, buildings, 0)
    assert sums.consumption_kwh.value is None
    assert sums.self_consumption is None
    assert sums.existing_kwp is None
    assert sums.zones_with_demand == 0
    assert "{" not in summary("X", sums, publish.class_infos(zones)).nl


def test_top_reasons_prefer_severity_then_yield(context):
    rules = publish._rules(context.project)
    tables = publish._zone_tables(context, publish.read_publishable(context, "zones"), rules)
    details = [d for _, d in publish.zone_details(tables)]
    found = top_reasons(details, rules, "bottlenecks")
    yields = {d.zone_id: d.indicators["annual_yield_kwh"].value for d in details}
    assert [yields[r.zone_id] for r in found] == sorted(
        (yields[r.zone_id] for r in found), reverse=True
    )


def test_money_of_a_hidden_zone_stops_everything(tmp_path):
    made = _context(tmp_path)
    path = made.build / "zone_economics.parquet"
    rows = read_parquet(path)
    hidden = read_geoparquet(made.build / "zones.parquet").query("~published")["zone_id"].iloc[0]
    write_parquet(rows.assign(zone_id=hidden), path)
    with pytest.raises(PrivacyError, match=f"money of zone {hidden}"):
        run_stage(publish.STAGE, made)
    assert not (made.build / "published.json").exists()
