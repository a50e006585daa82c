"""Layers as files for QGIS, spreadsheets and others: publishable columns only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from zonnekaart.cartography.qml import zone_qml
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.files import replacing, write_text
from zonnekaart.io.geopackage import add_style
from zonnekaart.io.publishable import LAYERS
from zonnekaart.io.published import PublishedProject
from zonnekaart.io.sheets import Column, Sheet, write_csv, write_xlsx
from zonnekaart.io.vector import write_geoparquet, write_layer
from zonnekaart.pipelines.publishing.frames import read_publishable
from zonnekaart.pipelines.publishing.readable import readable_frame
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.pipelines.runs import StageContext

FORMATS = ("gpkg", "parquet", "csv", "xlsx", "geojson")
_LONLAT_DECIMALS = 7
_UNITS = {"lon": "deg", "lat": "deg"}
_DEFINITIONS = {
    "lon": "Longitude of a point inside the shape, WGS 84.",
    "lat": "Latitude of a point inside the shape, WGS 84.",
}


@dataclass(frozen=True)
class _Layer:
    """A layer on its way out, with what travels along."""

    name: str
    frame: gpd.GeoDataFrame
    project: PublishedProject
    language: str


def export_layer(
    context: StageContext, layer: str, kind: str, out: Path, *, overwrite: bool = False
) -> dict[str, Any]:
    """
    Write one layer to a file, atomically.

    Parameters
    ----------
    context : StageContext
        Project and build folder; publish must have run.
    layer : str
        One of `LAYERS`.
    kind : {"gpkg", "parquet", "csv", "xlsx", "geojson"}
        GPKG, GeoParquet and XLSX keep the project CRS in mind; GeoJSON is WGS 84 as its standard
        asks. CSV gets a ``.metadata.json`` beside it.
    out : Path
        The file.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    dict
        ``rows``, ``columns``, ``files``.

    Raises
    ------
    ConfigError
        If layer or format is not known, or `out` exists and may not be replaced.
    NotBuiltError
        If publish, or the stage that makes the layer, has not run.
    PrivacyError
        If a hidden figure would leave.
    """
    _require("--layer", layer, LAYERS)
    _require("--format", kind, FORMATS)
    if out.exists() and not overwrite:
        raise ConfigError(
            "--out", f"{out}, which exists", "a new file", "choose another name, or --overwrite"
        )
    made = _Layer(
        layer,
        read_publishable(context, layer),
        _published(context.build),
        context.project.project.language,
    )
    files = _WRITERS[kind](made, out)
    return {"rows": len(made.frame), "columns": list(made.frame.columns), "files": files}


def _require(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(option, repr(value), f"one of: {', '.join(known)}", "correct the name")


def _published(build: Path) -> PublishedProject:
    path = build / "published.json"
    try:
        return PublishedProject.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish") from error


def _gpkg(layer: _Layer, out: Path) -> list[str]:
    with replacing(out) as temporary:
        # Written beside, styled, and only then put in place.
        write_layer(readable_frame(layer.frame), temporary, "GPKG", layer=layer.name)
        if layer.name in ("zones", "advised_zones"):
            add_style(temporary, layer.name, zone_qml(layer.language), _notice(layer.project))
    return [str(out)]


def _geojson(layer: _Layer, out: Path) -> list[str]:
    frame = readable_frame(layer.frame).to_crs(LONLAT_CRS)
    write_layer(frame, out, "GeoJSON", layer=layer.name, RFC7946="YES")
    return [str(out)]


def _parquet(layer: _Layer, out: Path) -> list[str]:
    metadata = {"metadata": json.dumps(_metadata(layer, layer.frame.columns), ensure_ascii=False)}
    write_geoparquet(layer.frame, out, metadata)
    return [str(out)]


def _csv(layer: _Layer, out: Path) -> list[str]:
    sheet = _sheet(layer)
    write_csv(out, sheet)
    beside = out.with_suffix(".metadata.json")
    metadata = _metadata(layer, [c.name for c in sheet.columns])
    write_text(beside, json.dumps(metadata, indent=2, ensure_ascii=False) + "\n")
    return [str(out), str(beside)]


def _xlsx(layer: _Layer, out: Path) -> list[str]:
    sheet = _sheet(layer)
    metadata = _metadata(layer, [c.name for c in sheet.columns])
    lines = {k: v for k, v in metadata.items() if isinstance(v, str)}
    lines |= {
        f"source: {s['role']}": f"{s['title']} ({s['date']}, {s['licence']}) {s['limits']}".strip()
        for s in metadata["sources"]
    }
    lines |= {f"column: {n}": c["definition"] for n, c in metadata["columns"].items()}
    write_xlsx(out, [sheet], lines)
    return [str(out)]


_WRITERS: dict[str, Callable[[_Layer, Path], list[str]]] = {
    "gpkg": _gpkg,
    "parquet": _parquet,
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
}


def _sheet(layer: _Layer) -> Sheet:
    """Return the layer as a table: no shape, but a point inside it."""
    inside = layer.frame.geometry.representative_point().to_crs(LONLAT_CRS)
    table = readable_frame(layer.frame).drop(columns=layer.frame.geometry.name)
    table["lon"] = inside.x.round(_LONLAT_DECIMALS)
    table["lat"] = inside.y.round(_LONLAT_DECIMALS)
    columns = [Column(str(name), _unit(str(name))) for name in table.columns]
    return Sheet(layer.name, columns, table.astype(object).to_dict("records"))


def _unit(name: str) -> str:
    known = QUANTITIES.get(name)
    return known.unit if known else _UNITS.get(name, "")


def _notice(project: PublishedProject) -> str:
    return f"{project.disclaimer} Indicatief: advieskaart, geen vergunning of offerte.".strip()


def _metadata(layer: _Layer, columns: Any) -> dict[str, Any]:  # noqa: ANN401 - an Index or a list
    """Return what every export says of itself."""
    project = layer.project
    return {
        "title": f"{project.name}: {layer.name}",
        "notice": _notice(project),
        "unknown": "An empty cell is not known; it is not 0. Shares are 0 to 1.",
        "crs": project.crs,
        "run_id": project.run_id,
        "built_utc": project.built_utc,
        "zonnekaart": project.version,
        "preset": project.preset.id,
        "rule_set": f"{project.rule_set.id} {project.rule_set.version}",
        "sources": [source.model_dump() for source in project.sources],
        "columns": {
            str(name): {"unit": _unit(str(name)), "definition": _definition(str(name))}
            for name in columns
        },
    }


def _definition(name: str) -> str:
    known = QUANTITIES.get(name)
    if known is not None:
        return known.definition
    stem, _, language = name.rpartition("_")
    if stem == "sentence":
        return f"{QUANTITIES[stem].definition} ({language})"
    return _DEFINITIONS.get(name, "")
