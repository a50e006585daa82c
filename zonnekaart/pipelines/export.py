"""Layers as files for QGIS, spreadsheets and others: publishable columns only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.exports import Export, metadata, write_export
from zonnekaart.io.publishable import LAYERS
from zonnekaart.io.published import PublishedProject
from zonnekaart.io.vector import write_geoparquet
from zonnekaart.pipelines.publishing.frames import read_publishable
from zonnekaart.pipelines.publishing.readable import readable_frame

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.pipelines.runs import StageContext

FORMATS = ("gpkg", "parquet", "csv", "xlsx", "geojson")


def export_layer(
    context: StageContext, layer: str, kind: str, out: Path, *, overwrite: bool = False
) -> dict[str, Any]:
    """
    Write one layer to a file, atomically.

    Parameters
    ----------
    context : StageContext
        Project and build folder; publish must have run.
    layer : {"zones", "buildings", "roof_planes", "sharing_groups", "supply_sites"}
        What to write.
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
    frame = read_publishable(context, layer)
    published = _published(context.build)
    language = context.project.project.language
    if kind == "parquet":
        # The only format that keeps nested cells as they are.
        about = metadata(Export(layer, frame, published, language), map(str, frame.columns))
        write_geoparquet(frame, out, {"metadata": json.dumps(about, ensure_ascii=False)})
        files = [out]
    else:
        files = write_export(Export(layer, readable_frame(frame), published, language), kind, out)
    return {"rows": len(frame), "columns": list(frame.columns), "files": [str(f) for f in files]}


def _require(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigError(option, repr(value), f"one of: {', '.join(known)}", "correct the name")


def _published(build: Path) -> PublishedProject:
    path = build / "published.json"
    try:
        return PublishedProject.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish") from error
