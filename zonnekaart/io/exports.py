"""One layer as a file of a standard format, with what it rests on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.qml import layer_qml
from zonnekaart.geo.crs import LONLAT_CRS, operation
from zonnekaart.io.files import replacing, write_text
from zonnekaart.io.geopackage import add_style
from zonnekaart.io.licences import require_redistributable, sources_of, verdict_on
from zonnekaart.io.sheets import Column, Sheet, write_csv, write_xlsx
from zonnekaart.io.vector import write_geoparquet, write_layer
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.io.published import PublishedProject

EXPORT_FORMATS = ("gpkg", "fgb", "parquet", "csv", "xlsx", "geojson")
"""What a layer can be written as; only GeoParquet holds nested cells."""

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
        Publishable rows; without nested cells except for GeoParquet.
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
    Write one layer in one of `EXPORT_FORMATS`, atomically.

    Parameters
    ----------
    layer : Export
        What to write.
    kind : {"gpkg", "fgb", "parquet", "csv", "xlsx", "geojson"}
        GPKG, FlatGeobuf and GeoParquet 1.1 keep the coordinate system of the frame. GeoJSON is
        WGS 84, as its standard asks. GPKG and GeoParquet carry their metadata inside and XLSX as
        a sheet; the others get a ``.metadata.json`` beside them. CSV and XLSX hold a point inside
        each shape.
    out : Path
        The file.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    LicenceError
        If a source that the layer is derived from forbids handing it on.
    """
    require_redistributable(layer.name, layer.project.sources)
    return _WRITERS[kind](layer, out)


def _gpkg(layer: Export, out: Path) -> list[Path]:
    with replacing(out) as temporary:
        # Written beside, styled, and only then put in place.
        found = metadata(layer, map(str, layer.frame.columns))
        write_layer(
            layer.frame,
            temporary,
            "GPKG",
            layer=layer.name,
            layer_options={"IDENTIFIER": found["title"], "DESCRIPTION": found["notice"]},
            layer_metadata={
                k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)
                for k, v in found.items()
            },
        )
        add_style(
            temporary, layer.name, layer_qml(layer.name, layer.language), notice(layer.project)
        )
    return [out]


def _flatgeobuf(layer: Export, out: Path) -> list[Path]:
    # An index of shapes lets a browser read a part of the file.
    write_layer(layer.frame, out, "FlatGeobuf", layer=layer.name, SPATIAL_INDEX="YES")
    return [out, _beside(layer, out)]


def _parquet(layer: Export, out: Path) -> list[Path]:
    about = json.dumps(metadata(layer, map(str, layer.frame.columns)), ensure_ascii=False)
    write_geoparquet(layer.frame, out, {"metadata": about})
    return [out]


def _beside(layer: Export, out: Path) -> Path:
    """Write the metadata of a file that cannot hold it."""
    path = out.with_suffix(".metadata.json")
    write_metadata(path, layer, map(str, layer.frame.columns))
    return path


def _geojson(layer: Export, out: Path) -> list[Path]:
    write_layer(layer.frame.to_crs(LONLAT_CRS), out, "GeoJSON", layer=layer.name, RFC7946="YES")
    return [out, _beside(layer, out)]


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
    "fgb": _flatgeobuf,
    "parquet": _parquet,
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
        "licence": licence_note(layer.name, project),
        "sources": [source.model_dump() for source in sources_of(layer.name, project.sources)],
        "columns": {
            name: {"unit": _unit(name), "definition": _definition(name)} for name in columns
        },
    }


def licence_note(layer: str, project: PublishedProject) -> str:
    """Return what must be kept when a layer is handed on."""
    told = []
    for source in sources_of(layer, project.sources):
        verdict = verdict_on(source.licence, source.redistribution)
        if verdict.redistribution != "allowed":
            told.append(f"{source.role} ({source.licence}): {verdict.reason}")
    names = sorted({s.attribution or s.title for s in sources_of(layer, project.sources)})
    return "; ".join([f"Name the sources: {', '.join(names)}", *told])


def way_into(crs: str, frame: gpd.GeoDataFrame) -> str:
    """Say how the shapes of a frame come into a coordinate system, and how well."""
    own = str(frame.crs.to_string())
    if crs == own:
        return "none: the system of the project"
    west, south, east, north = frame.total_bounds
    way = operation(own, crs, ((west + east) / 2.0, (south + north) / 2.0))
    accuracy = "unknown" if way["accuracy_m"] is None else f"{way['accuracy_m']} m"
    return f"{way['name']}; accuracy {accuracy}"


def _definition(name: str) -> str:
    known = QUANTITIES.get(name)
    if known is not None:
        return known.definition
    stem, _, language = name.rpartition("_")
    if stem == "sentence":
        return f"{QUANTITIES[stem].definition} ({language})"
    return _DEFINITIONS.get(name, "")
