"""Layers as files for QGIS, spreadsheets and others: publishable columns only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyproj.exceptions import CRSError as UnknownCrsError

from zonnekaart.errors import ConfigError, CrsError
from zonnekaart.geo.crs import LONLAT_CRS, transformer
from zonnekaart.io.exports import (
    EXPORT_FORMATS,
    Export,
    metadata,
    way_into,
    write_export,
    write_metadata,
)
from zonnekaart.io.licences import require_redistributable
from zonnekaart.io.publishable import LAYERS
from zonnekaart.io.raster import copy_as_cog
from zonnekaart.pipelines.mockups.scene import read_project
from zonnekaart.pipelines.publishing.frames import read_publishable
from zonnekaart.pipelines.publishing.readable import readable_frame

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.pipelines.runs import StageContext

FORMATS = EXPORT_FORMATS
RASTER_FORMAT = "tif"
RASTERS = {"irradiation": "irradiation.tif"}
"""Rasters that may leave, with the file of the build folder that holds them."""


def export_layer(
    context: StageContext,
    layer: str,
    kind: str,
    out: Path,
    *,
    overwrite: bool = False,
    crs: str | None = None,
) -> dict[str, Any]:
    """
    Write one layer to a file, atomically.

    Parameters
    ----------
    context : StageContext
        Project and build folder; publish must have run.
    layer : {"zones", "buildings", "roof_planes", "sharing_groups", "supply_sites", "irradiation"}
        What to write.
    kind : {"gpkg", "fgb", "parquet", "csv", "xlsx", "geojson", "tif"}
        ``tif`` is for rasters and a Cloud-Optimized GeoTIFF. GeoJSON is WGS 84 as its standard
        asks. CSV, FlatGeobuf and GeoJSON get a ``.metadata.json`` beside them.
    out : Path
        The file.
    overwrite : bool
        Replace a file that is there.
    crs : str, optional
        Coordinate system of the shapes; that of the project when None.

    Returns
    -------
    dict
        ``rows``, ``columns``, ``files``; of a raster ``bands`` and ``files``.

    Raises
    ------
    ConfigError
        If layer or format is not known or they do not go together, or `out` exists and may not be
        replaced.
    CrsError
        If `crs` is not known.
    LicenceError
        If a source that the layer is derived from forbids handing it on.
    NotBuiltError
        If publish, or the stage that makes the layer, has not run.
    PrivacyError
        If a hidden figure would leave.
    """
    _require("--layer", layer, (*LAYERS, *RASTERS))
    _require("--format", kind, (RASTER_FORMAT,) if layer in RASTERS else FORMATS)
    if out.exists() and not overwrite:
        raise ConfigError(
            "--out", f"{out}, which exists", "a new file", "choose another name, or --overwrite"
        )
    if crs is not None:
        _require_crs(crs)
    if kind == "geojson" and crs not in {None, LONLAT_CRS}:
        raise ConfigError(
            "--crs", crs or "", f"{LONLAT_CRS} for GeoJSON (RFC 7946)", "choose gpkg or fgb"
        )
    if layer in RASTERS:
        return _raster(context, layer, out, crs)
    return _vector(context, (layer, kind), out, crs)


def _vector(
    context: StageContext, asked: tuple[str, str], out: Path, crs: str | None
) -> dict[str, Any]:
    layer, kind = asked
    frame = read_publishable(context, layer)
    published = read_project(context.build)
    language = context.project.project.language
    facts = None
    if crs is not None and kind != "geojson":
        facts = {"operation": way_into(crs, frame)}
        frame = frame.to_crs(crs)
    shown = frame if kind == "parquet" else readable_frame(frame)
    files = write_export(Export(layer, shown, published, language, facts), kind, out)
    return {"rows": len(frame), "columns": list(frame.columns), "files": [str(f) for f in files]}


def _raster(context: StageContext, layer: str, out: Path, crs: str | None) -> dict[str, Any]:
    source = context.built(RASTERS[layer], layer)
    published = read_project(context.build)
    require_redistributable(layer, published.sources)
    frame = read_publishable(context, "zones").iloc[:0]
    made = Export(layer, frame if crs is None else frame.to_crs(crs), published, "en")
    about = metadata(made, ())
    tags = {
        f"ZONNEKAART_{key.upper()}": value if isinstance(value, str) else json.dumps(value)
        for key, value in about.items()
        if value
    }
    bands = copy_as_cog(source, out, tags, crs)
    beside = out.with_suffix(".metadata.json")
    write_metadata(beside, made, ())
    return {"bands": bands, "files": [str(out), str(beside)]}


def _require_crs(crs: str) -> None:
    try:
        transformer(crs, LONLAT_CRS)
    except UnknownCrsError as error:
        raise CrsError(
            "--crs", repr(crs), "a code such as EPSG:31370, EPSG:3812 or EPSG:4326", "correct it"
        ) from error


def _require(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(option, repr(value), f"one of: {', '.join(known)}", "correct the name")
