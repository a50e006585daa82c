"""Points of building units or addresses to a number of dwellings per building."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.io.building_makers import column_named
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.io.provenance import Record

STATUS_COLUMNS = ("GebouweenheidStatus", "AdresStatus", "status")
NOT_STANDING = ("gehistoreerd", "gepland", "nietGerealiseerd", "voorgesteld", "afgekeurd")
"""Statuses of units and addresses in the Flemish registers that are no dwelling today."""
FUNCTION_COLUMNS = ("Functie", "functie")
COMMON_PART = "gemeenschappelijkDeel"
NEAR_M = 5.0
"""A point may stand at the street: the nearest building within this takes it. [m]"""


def units_per_building(
    path: Path, buildings: gpd.GeoDataFrame, record: Record
) -> npt.NDArray[np.float64]:
    """
    Return how many units each building holds.

    Parameters
    ----------
    path : Path
        Points of the Gebouwenregister or Adressenregister, or of another register.
    buildings : GeoDataFrame
        Footprints.
    record : Record
        Notes what was dropped and moved.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        Units; NaN where a building holds none, because registers do not list every shed. [count]

    Raises
    ------
    VectorError
        If no unit lies in or near a building.
    """
    frame = read_layer(path)
    record.read(path)
    require_same(frame.crs, buildings.crs, str(path))
    frame = _dwelling_like(frame, record)
    points = shapely.centroid(frame.geometry.to_numpy())
    points = points[~(shapely.is_missing(points) | shapely.is_empty(points))]
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    (unit, building), distance = tree.query_nearest(
        points, max_distance=NEAR_M, return_distance=True, all_matches=False
    )
    record.did("dropped", len(points) - len(unit), "units", f"no building within {NEAR_M:g} m")
    record.did("moved", int((distance > 0).sum()), "units", "to the nearest building")
    if not len(unit):
        raise VectorError(
            str(path),
            f"{len(points)} units, none in or near a building",
            "units of this place",
            "see whether both files are of one municipality",
        )
    counts = np.bincount(building, minlength=len(buildings)).astype(np.float64)
    return np.where(counts > 0, counts, np.nan)


def _dwelling_like(frame: gpd.GeoDataFrame, record: Record) -> gpd.GeoDataFrame:
    columns = [str(c) for c in frame.columns]
    for names, unwanted, why in (
        (STATUS_COLUMNS, NOT_STANDING, "not standing today"),
        (FUNCTION_COLUMNS, (COMMON_PART,), "common parts of a building"),
    ):
        column = next((c for c in (column_named(columns, n) for n in names) if c), None)
        if column is not None:
            words = frame[column].astype("string").str.strip().str.lower()
            out = words.isin([word.lower() for word in unwanted]).fillna(value=False)
            record.did("dropped", int(out.sum()), "units", why)
            frame = frame[~out.to_numpy(dtype=np.bool_)]
    return frame
