"""What every vector layer must satisfy: readable, placed, identified, with whole geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import MissingInputError, VectorError
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few
from zonnekaart.pipelines.checks.place import Bounds, Place, check_crs

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt
    import pandas as pd

_POLYGONS = {"Polygon", "MultiPolygon"}
_POINTS = {"Point", "MultiPoint"}


@dataclass(frozen=True)
class LayerRules:
    """
    What a layer is for.

    Parameters
    ----------
    name : str
        Input name in the project file, such as ``inputs.buildings``.
    kind : {"polygons", "points", "any"}
        The geometry it must hold.
    id_column : str, optional
        Column with one value per feature; None when features need no name.
    columns : tuple of (str, str)
        Further columns that must exist: key in the project file, column name.
    """

    name: str
    kind: str
    id_column: str | None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass
class Layer:
    """A layer that was looked at; `frame` is None when it cannot be used at all."""

    inspection: Inspection
    frame: gpd.GeoDataFrame | None = None
    comparable: bool = False

    @property
    def geometry(self) -> npt.NDArray[np.object_]:
        """Geometries as an array; empty when there is no frame."""
        if self.frame is None:
            return np.empty(0, dtype=object)
        return np.asarray(self.frame.geometry.array, dtype=object)

    @property
    def bounds(self) -> Bounds | None:
        """Extent of all features; None without any."""
        return None if self.frame is None else _bounds(self.frame)


def inspect_layer(path: Path, layer: str | None, rules: LayerRules, place: Place) -> Layer:
    """
    Read a layer and note everything that is wrong with it as a layer.

    Parameters
    ----------
    path : Path
        The file.
    layer : str, optional
        Layer in the file.
    rules : LayerRules
        What it is for.
    place : Place
        The project CRS.
    """
    inspection = Inspection(rules.name, str(path) + (f", layer {layer}" if layer else ""))
    try:
        frame = read_layer(path, layer)
    except (MissingInputError, VectorError) as error:
        inspection.caught(error)
        return Layer(inspection)
    if "geometry" not in frame or not hasattr(frame, "geometry"):
        inspection.error(
            "geometry.none", "a table without geometry", rules.kind, "name the layer with geometry"
        )
        return Layer(inspection)
    inspection.facts["features"] = len(frame)
    if frame.empty:
        inspection.error(
            "layer.empty", "no features", "at least one feature", "check the layer name and filter"
        )
        return Layer(inspection)
    _check_columns(frame, rules, inspection)
    _check_geometry(frame, rules, inspection)
    bounds = _bounds(frame)
    comparable = check_crs(frame.crs, bounds, place, inspection)
    if bounds is not None:
        inspection.facts["bounds"] = [round(v, 3) for v in bounds]
    return Layer(inspection, frame, comparable)


def _bounds(frame: gpd.GeoDataFrame) -> Bounds | None:
    west, south, east, north = (float(v) for v in frame.total_bounds)
    values = (west, south, east, north)
    return values if np.isfinite(values).all() else None


def labels(frame: gpd.GeoDataFrame, id_column: str | None) -> pd.Series:
    """Return what to call each feature in a message: its id, else its row number from 1."""
    rows: pd.Series = frame.index.to_series().map(lambda row: f"row {row + 1}")
    if id_column is None or id_column not in frame:
        return rows
    ids: pd.Series = frame[id_column]
    return ids.astype(str).where(ids.notna(), rows)


def _check_columns(frame: gpd.GeoDataFrame, rules: LayerRules, inspection: Inspection) -> None:
    present = [str(c) for c in frame.columns if c != "geometry"]
    wanted = list(rules.columns)
    if rules.id_column is not None:
        wanted.insert(0, ("id_column", rules.id_column))
    for key, column in wanted:
        if column not in frame:
            inspection.error(
                "layer.column",
                f"no column {column!r}; the columns are {', '.join(present)}",
                f"the column that {rules.name}.{key} names",
                f"set {key} in [{rules.name}] to the column's name",
            )
    if rules.id_column in frame:
        _check_ids(frame[rules.id_column], rules, inspection)


def _check_ids(ids: pd.Series, rules: LayerRules, inspection: Inspection) -> None:
    missing = ids.isna() | (ids.astype(str).str.strip() == "")
    if missing.any():
        rows = [str(i + 1) for i in np.flatnonzero(missing.to_numpy())]
        inspection.error(
            "ids.missing",
            f"{counted(int(missing.sum()), 'feature')} without {rules.id_column}: "
            f"row {first_few(rows)}",
            "an id on every feature",
            "fill the column, or name another one in id_column",
        )
    text = ids[~missing].astype(str)
    repeated = text[text.duplicated(keep=False)]
    if not repeated.empty:
        counts = repeated.value_counts(sort=False)
        shown = [f"{name} ({n} times)" for name, n in counts.items()]
        inspection.error(
            "ids.duplicate",
            f"{counted(len(counts), 'repeated id')}: {first_few(shown)}",
            f"every {rules.id_column} once",
            "remove the copies, or dissolve the parts of one feature into a multipolygon",
        )


def _check_geometry(frame: gpd.GeoDataFrame, rules: LayerRules, inspection: Inspection) -> None:
    names = labels(frame, rules.id_column)
    geometry = frame.geometry
    null = geometry.isna().to_numpy()
    empty = geometry.is_empty.to_numpy() & ~null
    for mask, code, what in ((null, "geometry.null", "no"), (empty, "geometry.empty", "empty")):
        if mask.any():
            inspection.error(
                code,
                f"{counted(int(mask.sum()), 'feature')} with {what} geometry: "
                f"{first_few(names[mask])}",
                "a geometry on every feature",
                "draw the geometry, or delete the feature (QGIS: Remove null geometries)",
            )
    present = ~null & ~empty
    types = set(geometry[present].geom_type)
    allowed = {"polygons": _POLYGONS, "points": _POINTS}.get(rules.kind, types)
    if types - allowed:
        wrong = present & ~geometry.geom_type.isin(allowed).to_numpy()
        inspection.error(
            "geometry.type",
            f"{counted(int(wrong.sum()), 'feature')} of type {', '.join(sorted(types - allowed))}: "
            f"{first_few(names[wrong])}",
            f"only {rules.kind}",
            "name the layer that holds them, or convert it (QGIS: Multipart, Lines to polygons)",
        )
    _check_validity(geometry, present, names, inspection)


def _check_validity(
    geometry: gpd.GeoSeries,
    present: npt.NDArray[np.bool_],
    names: pd.Series,
    inspection: Inspection,
) -> None:
    invalid = present & ~geometry.is_valid.to_numpy()
    if not invalid.any():
        return
    reasons = shapely.is_valid_reason(np.asarray(geometry[invalid].array, dtype=object))
    shown = [f"{n}: {reason}" for n, reason in zip(names[invalid], reasons, strict=True)]
    inspection.error(
        "geometry.invalid",
        f"{counted(int(invalid.sum()), 'invalid feature')}: {first_few(shown, 3)}",
        "valid geometries",
        "repair them first: ogr2ogr -makevalid OUT IN, or QGIS: Fix geometries",
    )
