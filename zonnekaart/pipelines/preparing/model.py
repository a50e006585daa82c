"""A city model to a surface or ground raster on the lattice that was asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import RasterError
from zonnekaart.geo.crs import require_metric
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.modelheights import FlatFace, flat_face, ground_between, raise_roofs
from zonnekaart.io.citymodels import CityModel, Face, read_city_model
from zonnekaart.io.raster import BandInfo, cog_writer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.io.pointclouds import Kind

_MOST_CELLS = 250_000_000
GROUND_ATTRIBUTES = ("TerrainHeight", "b3_h_maaiveld", "terrainHeight", "maaiveld")
"""Attributes in which makers of models put the height of the ground at a building."""


def rasterise_model(
    source: Path, out: Path, kind: Kind, cell_m: float, crs: str | None = None
) -> dict[str, int]:
    """
    Write the roofs on the ground (dsm), or the ground alone (dtm), of a city model.

    Parameters
    ----------
    source : Path
        CityJSON or CityGML with roof faces.
    out : Path
        GeoTIFF to write; one building's width (20 m) wider than the model.
    kind : {"dsm", "dtm"}
        Which surface.
    cell_m : float
        Cell size. [m]
    crs : str, optional
        System to use when the file names none.

    Returns
    -------
    dict
        ``buildings``, ``roof_faces``, ``ground_points``, ``roof_cells``.

    Raises
    ------
    VectorError, CrsError, RasterError
        If the model cannot be used, or says nowhere how high the ground is.

    Notes
    -----
    Between buildings the ground is a straight line: there are no trees, walls or dikes in it.
    """
    model = read_city_model(source, crs)
    require_metric(model.crs, str(source))
    faces = flat_faces(face for building in model.buildings for face in building.roofs)
    ground = ground_points(model)
    if not len(ground):
        raise RasterError(
            str(source),
            "no ground faces and no terrain height",
            "the height of the ground",
            "take heights (DSM and DTM) for this place; the model's footprints can still be used",
        )
    box = _box(faces, cell_m, model.crs, source)
    height = ground_between(ground, box)
    roof_cells = raise_roofs(height, box, faces) if kind == "dsm" else 0
    with cog_writer(out, box, [BandInfo("height", "m")]) as writer:
        writer.write(height[np.newaxis], 0, 0)
    return {
        "buildings": len(model.buildings),
        "roof_faces": len(faces),
        "ground_points": len(ground),
        "roof_cells": roof_cells,
    }


def flat_faces(faces: Iterable[Face]) -> list[FlatFace]:
    """Return faces as seen from above; walls and slivers are left out."""
    seen = (flat_face(face.outer, face.holes) for face in faces)
    return [face for face in seen if face is not None]


def ground_points(model: CityModel) -> npt.NDArray[np.float64]:
    """Return x, y and height where the model knows the ground, shape (points, 3). [m]."""
    points = []
    for building in model.buildings:
        corners = [face.outer for face in building.grounds]
        stated = _stated_ground(building.attributes)
        if corners:
            found = np.concatenate(corners)
            if stated is not None:
                found = np.column_stack([found[:, :2], np.full(len(found), stated)])
            points.append(found)
    return np.concatenate(points) if points else np.empty((0, 3))


def _stated_ground(attributes: dict[str, object]) -> float | None:
    for name in GROUND_ATTRIBUTES:
        value = attributes.get(name)
        if isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
    return None


_MARGIN_M = 20.0


def _box(faces: list[FlatFace], cell_m: float, crs: str, source: Path) -> GeoBox:
    bounds = np.array([face.polygon.bounds for face in faces])
    west = math.floor((bounds[:, 0].min() - _MARGIN_M) / cell_m) * cell_m
    north = math.ceil((bounds[:, 3].max() + _MARGIN_M) / cell_m) * cell_m
    cols = math.ceil((bounds[:, 2].max() + _MARGIN_M - west) / cell_m)
    rows = math.ceil((north - bounds[:, 1].min() + _MARGIN_M) / cell_m)
    if rows * cols > _MOST_CELLS:
        raise RasterError(
            str(source),
            f"{rows} x {cols} cells of {cell_m:g} m",
            f"at most {_MOST_CELLS / 1e6:g} million cells",
            "take larger cells (--cell); a faulty corner may lie far away",
        )
    return GeoBox(rows, cols, cell_m, west, north, crs)
