"""``prepare context``: roads, water, parking, parcels, heritage and the like to project layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.geo.crs import operation, require_metric, require_same
from zonnekaart.io.building_makers import column_named
from zonnekaart.io.context_layers import ContextLayer, Kind, layer_of, read_context_layers
from zonnekaart.io.provenance import Record
from zonnekaart.io.vector import read_layer, write_layer
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.place import Place, check_crs

if TYPE_CHECKING:
    from pathlib import Path

_SHAPES = {"point": {0, 4}, "line": {1, 2, 5}, "polygon": {3, 6}}
"""Numbers that shapely gives to kinds of geometry."""


@dataclass(frozen=True)
class ContextJob:
    """
    What is asked of ``prepare context``.

    Parameters
    ----------
    source, out : Path
        Layer, and the GeoPackage to write: ``id``, ``name`` and the source's own columns.
    kind : str
        What it is.
    layer : str, optional
        Layer of the source, when it holds several.
    id_column, name_column : str, optional
        Columns, when they are not the maker's own.
    area : Path, optional
        Keep features that touch this layer, cut at nothing.
    crs : str, optional
        System to write; degrees are brought to it, another system in metres is refused.
    """

    source: Path
    out: Path
    kind: Kind
    layer: str | None = None
    id_column: str | None = None
    name_column: str | None = None
    area: Path | None = None
    crs: str | None = None


def prepare_context(job: ContextJob) -> Record:
    """
    Bring one layer into the shape that a project reads, and write its record.

    Parameters
    ----------
    job : ContextJob
        What to do.

    Returns
    -------
    Record
        Sources, steps, warnings, figures.

    Raises
    ------
    InputError
        If the layer cannot be used or nothing is left; nothing is written then.
    """
    record = Record("prepare context", {"kind": job.kind, "layer": job.layer})
    frame = read_layer(job.source, job.layer)
    columns = [str(c) for c in frame.columns]
    known = read_context_layers(share_folder("data") / "preparing" / "context.toml")
    maker = layer_of(job.kind, columns, known)
    more = (
        {}
        if maker is None
        else {"maker": maker.maker, "licence": maker.licence, "attribution": maker.attribution}
    )
    record.read(job.source, **more)
    frame = _in_metres(frame, job, record)
    frame = _wanted(frame, maker, record)
    frame = _shaped(frame, maker, job, record)
    if job.area is not None:
        frame = _touching(frame, job.area, record)
    if frame.empty:
        raise VectorError(
            str(job.source),
            "no feature left",
            f"{job.kind} of this place",
            "see what was dropped: " + "; ".join(record.lines()),
        )
    frame = _named(frame, maker, job, record)
    record.facts |= {"features": len(frame), "crs": str(frame.crs.to_string())}
    write_layer(frame, job.out, "GPKG", layer=job.kind)
    record.write(job.out)
    return record


def _in_metres(frame: gpd.GeoDataFrame, job: ContextJob, record: Record) -> gpd.GeoDataFrame:
    """Bring degrees to the project's system; what is in metres must be in it already."""
    if frame.crs is not None and frame.crs.is_geographic and job.crs is not None:
        west, south, east, north = (float(v) for v in frame.total_bounds)
        middle = ((west + east) / 2, (south + north) / 2)
        record.facts["crs_operation"] = operation(str(frame.crs.to_string()), job.crs, middle)
        record.did("reprojected", len(frame), "features", f"from degrees to {job.crs}")
        frame = frame.to_crs(job.crs)
    require_metric(frame.crs, str(job.source))
    if job.crs is not None:
        require_same(frame.crs, job.crs, str(job.source))
    inspection = Inspection(job.kind, str(job.source))
    west, south, east, north = (float(v) for v in frame.total_bounds)
    place = Place(str(frame.crs.to_string()))
    if not check_crs(frame.crs, (west, south, east, north), place, inspection):
        wrong = inspection.findings[0]
        raise VectorError(inspection.file, wrong.found, wrong.expected, wrong.hint)
    return frame


def _wanted(
    frame: gpd.GeoDataFrame, maker: ContextLayer | None, record: Record
) -> gpd.GeoDataFrame:
    column = column_named([str(c) for c in frame.columns], maker.column) if maker else None
    if maker is None or column is None:
        return frame
    kept = frame[column].astype("string").str.lower().isin(maker.values).fillna(value=False)
    record.did("dropped", int((~kept).sum()), "features", f"{column} is none of what counts")
    return frame[kept.to_numpy(dtype=np.bool_)]


def _shaped(
    frame: gpd.GeoDataFrame, maker: ContextLayer | None, job: ContextJob, record: Record
) -> gpd.GeoDataFrame:
    shapes = np.array([shapely.Point() if s is None else s for s in frame.geometry], dtype=object)
    flat = shapely.force_2d(shapes)
    broken = ~shapely.is_valid(flat)
    record.did("repaired", int(broken.sum()), "features", "outlines that cross themselves")
    flat[broken] = shapely.make_valid(flat[broken])
    allowed = maker.shapes if maker else ("point", "line", "polygon")
    numbers = set().union(*(_SHAPES[name] for name in allowed))
    kept = np.isin(shapely.get_type_id(flat), list(numbers)) & ~shapely.is_empty(flat)
    record.did("dropped", int((~kept).sum()), "features", f"no {' or '.join(allowed)}")
    frame = frame.set_geometry(gpd.GeoSeries(flat, index=frame.index, crs=frame.crs))[kept]
    if job.kind == "cabins":
        frame = frame.set_geometry(frame.representative_point())
    return frame


def _touching(frame: gpd.GeoDataFrame, area: Path, record: Record) -> gpd.GeoDataFrame:
    layer = read_layer(area)
    require_same(layer.crs, frame.crs, str(area))
    inside = frame.intersects(shapely.union_all(shapely.make_valid(layer.geometry.to_numpy())))
    record.did("dropped", int((~inside).sum()), "features", f"outside {area.name}")
    return frame[inside]


def _named(
    frame: gpd.GeoDataFrame, maker: ContextLayer | None, job: ContextJob, record: Record
) -> gpd.GeoDataFrame:
    columns = [str(c) for c in frame.columns]
    for option, name in (("--id-column", job.id_column), ("--name-column", job.name_column)):
        if name is not None and name not in columns:
            raise ConfigError(option, name, f"one of: {', '.join(columns)}", "correct the name")
    id_column = job.id_column or column_named(columns, maker.id_column if maker else "id")
    name_column = job.name_column or column_named(columns, maker.name_column if maker else "name")
    out = gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs)
    if id_column is None:
        record.did("made", len(frame), "ids", "the source names no feature")
        out["id"] = [f"{job.kind}-{number + 1}" for number in range(len(frame))]
    else:
        text = frame[id_column].astype(str).reset_index(drop=True)
        again = text.groupby(text).cumcount()
        record.did("renamed", int((again > 0).sum()), "features", "an id that occurs twice")
        out["id"] = [t if n == 0 else f"{t}-{n + 1}" for t, n in zip(text, again, strict=True)]
    out["name"] = (
        "" if name_column is None else frame[name_column].fillna("").astype(str).to_numpy()
    )
    for column in columns:
        if column not in {"geometry", "id", "name", id_column, name_column}:
            out[column] = frame[column].to_numpy()
    return out
