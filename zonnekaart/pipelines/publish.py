"""Stage ``publish``: all results into the files that the map, the API and exports read."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from zonnekaart import __version__
from zonnekaart.config import share_folder
from zonnekaart.geo.crs import DISPLAY_CRS, LONLAT_CRS, operation
from zonnekaart.io.files import replacing_members, sha256_of, write_text
from zonnekaart.io.matrix import load_matrix, matrix_folder
from zonnekaart.io.presets import read_preset
from zonnekaart.io.publishable import require_publishable
from zonnekaart.io.published import PresetInfo, PublishedProject, RuleSetInfo, Texts, WeatherInfo
from zonnekaart.io.rules import read_rules, rule_paths
from zonnekaart.io.selection import write_zones_copy
from zonnekaart.io.serving import write_hillshade_copy, write_irradiation_copy
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.tiles import write_vector_tiles
from zonnekaart.io.vector import read_parquet
from zonnekaart.io.warehouse import write_warehouse
from zonnekaart.pipelines.constraints import constraint_files
from zonnekaart.pipelines.irradiation import STAGE as IRRADIATION_STAGE
from zonnekaart.pipelines.irradiation_job import RASTER
from zonnekaart.pipelines.publishing.background import background_features
from zonnekaart.pipelines.publishing.catalogue import catalogue
from zonnekaart.pipelines.publishing.economics import money_files, zone_money
from zonnekaart.pipelines.publishing.frames import (
    plain,
    read_publishable,
    tile_frame,
    warehouse_frame,
)
from zonnekaart.pipelines.publishing.layers import (
    TILE_COLUMNS,
    TILE_LAYERS,
    Supply,
    layer_infos,
    outside_layer,
)
from zonnekaart.pipelines.publishing.places import searchable_places
from zonnekaart.pipelines.publishing.project import (
    bounds_of,
    class_infos,
    source_infos,
    summary,
    top_reasons,
    totals,
)
from zonnekaart.pipelines.publishing.readable import readable_frame
from zonnekaart.pipelines.publishing.zones import ZoneTables, zone_details
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project
    from zonnekaart.io.published import ZoneDetail, ZoneRow
    from zonnekaart.io.rules import RuleFile

_MADE = ("zones.parquet", "buildings.parquet", "roof_planes.parquet", "balance.parquet")
OUTPUTS = ("warehouse.duckdb", "tiles", "serving", "catalog.jsonld", "published.json")
"""What is written; ``published.json`` last, because the server opens all again when it changes."""

_RUN_ID_DIGITS = 12
_STEPS = 8


@dataclass(frozen=True)
class Layers:
    """Facts of the written layers by id: zooms, bytes, features, drops."""

    vector: dict[str, dict[str, Any]]
    raster: dict[str, dict[str, Any]]


def _inputs(project: Project, build: Path) -> list[Path]:
    tables = [
        project.inputs.dsm,
        project.inputs.cadastre,
        project.inputs.weather,
        project.inputs.water,
        project.inputs.roads,
        project.inputs.addresses,
        project.inputs.areas,
    ]
    given = [project.resolve(table.path) for table in tables if table is not None]
    made = [build / name for name in (*_MADE, *([RASTER] if _has_raster(project) else []))]
    optional = [build / "sharing_groups.parquet", *constraint_files(build), *money_files(build)]
    optional += [build / "supply_sites.parquet"] if project.inputs.sites else []
    folder = share_folder("data")
    return [
        *made,
        *(path for path in optional if path.exists()),
        *given,
        *rule_paths(project.zoning.rules, project.folder, folder / "rules"),
        folder / "presets" / f"{project.roofs.preset}.toml",
        matrix_folder(),
    ]


def _has_raster(project: Project) -> bool:
    """Tell whether stage irradiation makes a raster for this project."""
    return RASTER in IRRADIATION_STAGE.made_by(project)


def _parameters(project: Project) -> dict[str, Any]:
    return {
        "project": project.project.model_dump(mode="json"),
        "preset": project.roofs.preset,
        "rules": project.zoning.rules,
        "privacy": project.privacy.model_dump(mode="json"),
        "map": project.map.model_dump(mode="json"),
        "sources": [s.model_dump(mode="json") for s in source_infos(project)],
    }


def _work(context: StageContext) -> dict[str, Any]:
    """Narrow what the stages made to what may leave, write it beside, put it in place at once."""
    context.progress.start("publish", _STEPS)
    rules = _rules(context.project)
    frames = {n: read_publishable(context, n) for n in _layers(context.project)}
    context.progress.advance()
    pairs = zone_details(_zone_tables(context, frames["zones"], rules))
    context.progress.advance()
    with replacing_members(context.build, OUTPUTS) as folder:
        warehouse = write_warehouse(
            folder / "warehouse.duckdb",
            {name: warehouse_frame(frame) for name, frame in frames.items()},
            {
                **_zone_json(pairs),
                "documents": _documents(rules),
                "places": searchable_places(context.project, frames["buildings"]),
            },
        )
        context.progress.advance()
        facts = Layers(_write_tiles(context, frames, folder / "tiles"), {})
        context.progress.advance(2)
        facts.raster.update(_write_rasters(context, folder / "serving"))
        write_zones_copy(readable_frame(frames["zones"]), folder / "serving")
        context.progress.advance(2)
        project = _project(context, frames, [d for _, d in pairs], rules, facts)
        write_text(folder / "catalog.jsonld", catalogue(project, folder))
        text = project.model_dump_json(by_alias=True, indent=1)
        write_text(folder / "published.json", text + "\n")
    context.progress.advance()
    crs = context.project.project.crs
    middle = _middle(frames["zones"])
    return {
        "run_id": project.run_id,
        "warehouse_rows": warehouse,
        "tiles": facts.vector,
        "rasters": facts.raster,
        "display_crs": operation(crs, DISPLAY_CRS, middle),
        "lonlat_crs": operation(crs, LONLAT_CRS, middle),
    }


def _layers(project: Project) -> tuple[str, ...]:
    """Return the layers that a project has; sites only when it names some."""
    always = ("zones", "buildings", "roof_planes")
    return (*always, "supply_sites") if project.inputs.sites else always


def _middle(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    west, south, east, north = frame.total_bounds
    return (west + east) / 2.0, (south + north) / 2.0


def _rules(project: Project) -> RuleFile:
    return read_rules(project.zoning.rules, project.folder, share_folder("data") / "rules")


def _preset(project: Project) -> PresetInfo:
    preset = read_preset(project.roofs.preset, share_folder("data") / "presets")
    return PresetInfo(id=preset.id, title=Texts(**preset.title))


def _zone_tables(context: StageContext, zones: gpd.GeoDataFrame, rules: RuleFile) -> ZoneTables:
    return ZoneTables(
        zones=zones,
        balance=read_parquet(context.built("balance.parquet", "balance")),
        rules=rules,
        matrix=load_matrix(),
        preset=_preset(context.project),
        project=context.project,
        money=zone_money(context, zones),
    )


def _zone_json(pairs: list[tuple[ZoneRow, ZoneDetail]]) -> dict[str, pd.DataFrame]:
    return {
        "zone_rows": pd.DataFrame(
            {"position": range(len(pairs)), "row": [row.model_dump_json() for row, _ in pairs]}
        ),
        "zone_details": pd.DataFrame(
            {
                "zone_id": [detail.zone_id for _, detail in pairs],
                "detail": [detail.model_dump_json() for _, detail in pairs],
            }
        ),
    }


def _documents(rules: RuleFile) -> pd.DataFrame:
    """Return the rule set as JSON, for readers of the map."""
    found = rules.rule_set
    content = {
        "id": found.id,
        "version": found.version,
        "date": found.date,
        "title": dict(found.title),
        "rules": [_plain_record(rule) for rule in found.rules],
        "class_rules": [_plain_record(rule) for rule in found.class_rules],
    }
    text = json.dumps(content, ensure_ascii=False)
    return pd.DataFrame({"key": ["rules"], "content": [text]})


def _plain_record(record: Any) -> Any:  # noqa: ANN401 - rules nest conditions and texts
    if hasattr(record, "__dataclass_fields__"):
        return {name: _plain_record(getattr(record, name)) for name in record.__dataclass_fields__}
    if isinstance(record, tuple):
        return [_plain_record(item) for item in record]
    return plain(dict(record)) if hasattr(record, "keys") else plain(record)


def _write_tiles(
    context: StageContext, frames: Mapping[str, gpd.GeoDataFrame], folder: Path
) -> dict[str, dict[str, Any]]:
    facts = {}
    background = background_features(context, frames["buildings"])
    for name, layer in TILE_LAYERS.items():
        if name == "supply_sites" and name not in frames:
            continue
        if name in frames:
            frame = tile_frame(frames[name], TILE_COLUMNS[name])
            require_publishable(name, frame.columns)
        else:
            frame = background
        if frame.empty:
            context.progress.note(f"publish: no {name}, so no layer of them")
            continue
        facts[name] = write_vector_tiles(frame, folder / f"{name}.pmtiles", layer)
    return facts


def _write_rasters(context: StageContext, folder: Path) -> dict[str, dict[str, Any]]:
    """Write what there is: a cadastre of polygons has no cells, one without heights no relief."""
    project = context.project
    facts = {}
    if _has_raster(project):
        irradiation = context.built(RASTER, "irradiation")
        facts["irradiation"] = write_irradiation_copy(irradiation, folder / RASTER)
    if project.inputs.dsm is not None:
        dsm = project.inputs.dsm
        heights = project.resolve(dsm.path)
        facts["hillshade"] = write_hillshade_copy(
            heights, folder / "hillshade.tif", dsm.corrections
        )
    folder.mkdir(parents=True, exist_ok=True)
    return facts


def _project(
    context: StageContext,
    frames: Mapping[str, gpd.GeoDataFrame],
    details: list[ZoneDetail],
    rules: RuleFile,
    facts: Layers,
) -> PublishedProject:
    given = context.project.project
    sources = source_infos(context.project)
    # Estimates per building stay here; their sum is what the published totals say.
    stock = read_parquet(context.built("buildings.parquet", "roofs"), ["existing_kwp"])
    buildings = frames["buildings"].assign(existing_kwp=stock["existing_kwp"].to_numpy())
    sums = totals(frames["zones"], buildings, len(frames["roof_planes"]))
    classes = class_infos(frames["zones"])
    return PublishedProject(
        name=given.name,
        slug=context.project.slug,
        region=given.region,
        crs=given.crs,
        language=given.language,
        illustrative=given.illustrative,
        disclaimer=given.disclaimer,
        bounds_lonlat=bounds_of(frames["zones"].to_crs(LONLAT_CRS)),
        version=__version__,
        run_id=_run_id(context),
        built_utc=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        preset=_preset(context.project),
        rule_set=RuleSetInfo(id=rules.rule_set.id, version=rules.rule_set.version),
        weather=_weather(context),
        sources=sources,
        classes=classes,
        totals=sums,
        summary=summary(given.name, sums, classes),
        top_opportunities=top_reasons(details, rules, "opportunities"),
        top_bottlenecks=top_reasons(details, rules, "bottlenecks"),
        layers=[
            *layer_infos(facts.vector, facts.raster, sources, _supply(context.project)),
            *outside_layer(context.project.map),
        ],
    )


def _supply(project: Project) -> Supply:
    """Return which input tells of planes, and which of light."""
    if project.inputs.cadastre is None:
        return Supply("dsm", "dsm")
    return Supply("cadastre" if project.inputs.dsm is None else "dsm", "cadastre")


def _run_id(context: StageContext) -> str:
    """Return a name of this publication that changes when anything it rests on changes."""
    digest = hashlib.sha256(__version__.encode())
    for path in _inputs(context.project, context.build):
        digest.update(sha256_of(path).encode())
    digest.update(json.dumps(_parameters(context.project), sort_keys=True).encode())
    return digest.hexdigest()[:_RUN_ID_DIGITS]


def _weather(context: StageContext) -> WeatherInfo:
    table = context.project.inputs.weather
    year = read_weather(context.project.resolve(table.path), table.options)
    return WeatherInfo(
        name=year.name,
        annual_ghi_kwh_m2=round(float(year.ghi.sum()) * year.step_hours / 1000.0, 1),
    )


STAGE = Stage(
    name="publish",
    inputs=_inputs,
    parameters=_parameters,
    outputs=OUTPUTS,
    work=_work,
)
