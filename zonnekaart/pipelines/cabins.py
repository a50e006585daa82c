"""Rating of the cabins that serve each zone: given by the operator, or estimated as a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from zonnekaart.energy.hosting import CabinAssumptions, Range, ZoneLoads, cabin_rating
from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.zone_figures import Frames, numbers
from zonnekaart.zoning.indicators import share, sum_complete

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from zonnekaart.config import PointsInput, Project

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

_LEAST_KVA = 10.0
_MOST_KVA = 5000.0


def zone_rating(
    project: Project, frames: Frames, assumed: CabinAssumptions
) -> tuple[Range, BoolArray]:
    """
    Return the rating that serves each zone, and where the operator gave it.

    With cabins whose rating is given, every building takes part of its nearest cabin in
    proportion to its connections. Each kVA is counted once: a cabin at a zone's edge serves both
    sides, and a zone without a cabin inside is served all the same.

    Parameters
    ----------
    project : Project
        Names the cabins, if any.
    frames : Frames
        Buildings, demand and zones.
    assumed : CabinAssumptions
        Sizes and loads where no rating is given.

    Returns
    -------
    rating : Range
        [kVA]
    from_operator : ndarray of bool, shape (zones,)
        True where the rating was given and is no range.
    """
    estimated = cabin_rating(zone_loads(frames, assumed), assumed)
    unknown = np.zeros(len(frames.zones), dtype=np.bool_)
    table = project.inputs.cabins
    if table is None or table.rated_kva_column is None:
        return estimated, unknown
    cabins = _cabins(project, table)
    given = _served_kva(frames, cabins)
    known = ~np.isnan(given) & (given > 0)
    return (
        Range(
            np.where(known, given, estimated.low),
            np.where(known, given, estimated.central),
            np.where(known, given, estimated.high),
        ),
        known,
    )


def zone_loads(frames: Frames, assumed: CabinAssumptions) -> ZoneLoads:
    """
    Return what the cabins of each zone must serve.

    Parameters
    ----------
    frames : Frames
        Buildings and demand.
    assumed : CabinAssumptions
        Installed load per floor area, and from where a customer has a cabin of its own.

    Notes
    -----
    Floor area that is not known is taken as the footprint.
    """
    zones = len(frames.zones)
    buildings = frames.buildings.set_index("building_id")
    columns = ["building_id", "zone_id", "residential_connections", "non_residential_connections"]
    found = frames.demand[columns].join(
        buildings[["floor_area_m2", "footprint_area_m2"]], on="building_id"
    )
    zone = frames.zone_of(found["zone_id"])
    dwellings = np.nan_to_num(numbers(found, "residential_connections"))
    others = np.nan_to_num(numbers(found, "non_residential_connections"))
    floor = numbers(found, "floor_area_m2")
    floor = np.where(np.isnan(floor), numbers(found, "footprint_area_m2"), floor)
    used = share(others, dwellings + others)
    installed = assumed.other_kw_m2 * np.nan_to_num(floor) * np.nan_to_num(used)
    own = installed > assumed.own_cabin_kw
    return ZoneLoads(
        dwellings=sum_complete(dwellings, zone, zones),
        others=sum_complete(np.where(own, 0.0, others), zone, zones),
        others_kw=sum_complete(np.where(own, 0.0, installed), zone, zones),
        own_cabins_kw=sum_complete(np.where(own, installed, 0.0), zone, zones),
    )


def _cabins(project: Project, table: PointsInput) -> gpd.GeoDataFrame:
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    column = table.rated_kva_column
    if column not in layer:
        raise VectorError(
            str(path),
            f"no column {column}",
            f"one of: {', '.join(str(c) for c in layer.columns)}",
            "correct rated_kva_column in [inputs.cabins]",
        )
    rated = pd.to_numeric(layer[column], errors="coerce")
    wrong = rated.notna() & ~rated.between(_LEAST_KVA, _MOST_KVA)
    if wrong.any():
        raise VectorError(
            f"{path}: {column}",
            f"{rated[wrong].iloc[0]:g} in {int(wrong.sum())} of {len(layer)} cabins",
            f"a rating in kVA from {_LEAST_KVA:g} to {_MOST_KVA:g}",
            "0.4 would be MVA: multiply by 1000",
        )
    return layer.assign(rated_kva=rated.astype(float))


def _served_kva(frames: Frames, cabins: gpd.GeoDataFrame) -> FloatArray:
    """Share each cabin's rating among the buildings nearest to it, by connections."""
    zones = len(frames.zones)
    demand = frames.demand
    points = frames.buildings.set_index("building_id").geometry.representative_point()
    points = points.reindex(demand["building_id"])
    here = np.column_stack([points.x, points.y])
    centre = cabins.geometry.representative_point()
    _, nearest = cKDTree(np.column_stack([centre.x, centre.y])).query(here)
    connections = np.nan_to_num(numbers(demand, "connections"))
    served = np.bincount(nearest, weights=connections, minlength=len(cabins))
    rated = cabins["rated_kva"].to_numpy(dtype=np.float64)
    per_connection = np.divide(rated, served, out=np.zeros(len(cabins)), where=served > 0)
    part = np.where(connections > 0, per_connection[nearest] * connections, 0.0)
    return sum_complete(part, frames.zone_of(demand["zone_id"]), zones)
