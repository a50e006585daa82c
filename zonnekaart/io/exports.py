"""One layer as a file that others open: GPKG, GeoJSON, CSV, XLSX, each with what it rests on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.qml import zone_qml
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.files import replacing, write_text
from zonnekaart.io.geopackage import add_style
from zonnekaart.io.sheets import Column, Sheet, write_csv, write_xlsx
from zonnekaart.io.vector import write_layer
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.io.published import PublishedProject

FLAT_FORMATS = ("gpkg", "csv", "xlsx", "geojson")
"""Formats without nested cells."""

_LONLAT_DECIMALS = 7
_METRE_DECIMALS = 2
_UNITS = {"lon": "deg", "lat": "deg"}
_DEFINITIONS = {
    "lon": "Longitude of a point inside the shape, WGS 84.",
    "lat": "Latitude of a point inside the shape, WGS 84.",
    "x": "First coordinate of that point in the chosen system.",
    "y": "Second coordinate of that point in the chosen system.",
}


@dataclass(frozen=True)
class Export:
    """
    A layer on its way out.

    Parameters
    ----------
    name : str
        Layer name in the file.
    frame : GeoDataFrame
        Publishable rows without nested cells.
    project : PublishedProject
        What travels along: notice, sources, run.
    language : {"nl", "fr", "en"}
        Of the class names in the style.
    facts : mapping of str to str, optional
        More lines for the metadata, such as how many zones were chosen.
    """

    name: str
    frame: gpd.GeoDataFrame
    project: PublishedProject
    language: str
    facts: Mapping[str, str] | None = None

    @property
    def crs(self) -> str:
        """Code of the coordinate system of the shapes."""
        crs = self.frame.crs
        return "" if crs is None else str(crs.to_string())


def write_export(layer: Export, kind: str, out: Path) -> list[Path]:
    """
    Write one layer in one of `FLAT_FORMATS`, atomically.

    Parameters
    ----------
    layer : Export
        What to write.
    kind : {"gpkg", "csv", "xlsx", "geojson"}
        GPKG keeps the coordinate system of the frame. GeoJSON is WGS 84, as its standard asks.
        CSV gets a ``.metadata.json`` beside it and XLSX a metadata sheet; both hold a point
        inside each shape.
    out : Path
        The file.

    Returns
    -------
    list of Path
        The files that were written.
    """
    return _WRITERS[kind](layer, out)


def _gpkg(layer: Export, out: Path) -> list[Path]:
    with replacing(out) as temporary:
        # Written beside, styled, and only then put in place.
        write_layer(layer.frame, temporary, "GPKG", layer=layer.name)
        if layer.name == "zones":
            add_style(temporary, layer.name, zone_qml(layer.language), notice(layer.project))
    return [out]


def _geojson(layer: Export, out: Path) -> list[Path]:
    write_layer(layer.frame.to_crs(LONLAT_CRS), out, "GeoJSON", layer=layer.name, RFC7946="YES")
    return [out]


def _csv(layer: Export, out: Path) -> list[Path]:
    sheet = _sheet(layer)
    write_csv(out, sheet)
    beside = out.with_suffix(".metadata.json")
    write_metadata(beside, layer, [column.name for column in sheet.columns])
    return [out, beside]


def _xlsx(layer: Export, out: Path) -> list[Path]:
    sheet = _sheet(layer)
    found = metadata(layer, [c.name for c in sheet.columns])
    lines = {k: v for k, v in found.items() if isinstance(v, str)}
    lines |= {
        f"source: {s['role']}": f"{s['title']} ({s['date']}, {s['licence']}) {s['limits']}".strip()
        for s in found["sources"]
    }
    lines |= {f"column: {n}": c["definition"] for n, c in found["columns"].items()}
    write_xlsx(out, [sheet], lines)
    return [out]


_WRITERS: dict[str, Callable[[Export, Path], list[Path]]] = {
    "gpkg": _gpkg,
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _geojson,
}


def _sheet(layer: Export) -> Sheet:
    """Return the layer as a table: no shape, but a point inside it."""
    points = layer.frame.geometry.representative_point()
    inside = points.to_crs(LONLAT_CRS)
    table = layer.frame.drop(columns=layer.frame.geometry.name)
    table["lon"] = inside.x.round(_LONLAT_DECIMALS)
    table["lat"] = inside.y.round(_LONLAT_DECIMALS)
    if layer.facts is not None and layer.crs not in {LONLAT_CRS, ""}:
        table["x"] = points.x.round(_METRE_DECIMALS)
        table["y"] = points.y.round(_METRE_DECIMALS)
    columns = [Column(str(name), _unit(str(name))) for name in table.columns]
    return Sheet(layer.name, columns, table.astype(object).to_dict("records"))


def _unit(name: str) -> str:
    known = QUANTITIES.get(name)
    return known.unit if known else _UNITS.get(name, "")


def notice(project: PublishedProject) -> str:
    """Return what must be read before any figure."""
    return f"{project.disclaimer} Indicatief: advieskaart, geen vergunning of offerte.".strip()


def write_metadata(path: Path, layer: Export, columns: Iterable[str]) -> None:
    """Write what an export says of itself as JSON, atomically."""
    write_text(path, json.dumps(metadata(layer, columns), indent=2, ensure_ascii=False) + "\n")


def metadata(layer: Export, columns: Iterable[str]) -> dict[str, Any]:
    """
    Return what every export says of itself: notice, system, run, sources, columns.

    Parameters
    ----------
    layer : Export
        What is written.
    columns : iterable of str
        Its columns, in order.
    """
    project = layer.project
    return {
        "title": f"{project.name}: {layer.name}",
        "notice": notice(project),
        "unknown": "An empty cell is not known; it is not 0. Shares are 0 to 1.",
        "crs": layer.crs or project.crs,
        "run_id": project.run_id,
        "built_utc": project.built_utc,
        "zonnekaart": project.version,
        "preset": project.preset.id,
        "rule_set": f"{project.rule_set.id} {project.rule_set.version}",
        **(layer.facts or {}),
        "sources": [source.model_dump() for source in project.sources],
        "columns": {
            name: {"unit": _unit(name), "definition": _definition(name)} for name in columns
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
