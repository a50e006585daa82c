"""Who would pay for panels on a building and gain by them, and how much would be used there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.energy.balance import balance
from zonnekaart.energy.economics import best_first
from zonnekaart.energy.variation import use_table
from zonnekaart.pipelines.panel_money import Installed
from zonnekaart.pipelines.quarters import (
    PLANE_COLUMNS,
    Quarters,
    known_numbers,
    lay_out_planes,
)

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.energy.production import Planes

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

ROOF_COLUMNS = [*PLANE_COLUMNS, "capacity_kwp"]
UNKNOWN = "unknown"
SIZINGS = ("roof", "demand")


@dataclass(frozen=True)
class Stock:
    """
    Buildings that new panels could stand on, arrays of shape (buildings,).

    Parameters
    ----------
    zone_id : ndarray of object
        None for none.
    owner_type : ndarray of object
        One of `zonnekaart.io.economics.OWNER_TYPES`, ``unknown``, or None for annexes, which belong
        to another building.
    assumed : ndarray of bool
        True where the owner type rests on an assumption.
    bare : ndarray of bool
        False where panels are known to stand already.
    made : dict of str to Installed
        By sizing: the whole roof, or the part that fits the demand.
    """

    zone_id: npt.NDArray[np.object_]
    owner_type: npt.NDArray[np.object_]
    assumed: BoolArray
    bare: BoolArray
    made: dict[str, Installed]

    @property
    def roof_kwp(self) -> FloatArray:
        """What fits on each roof. [kWp]."""
        return self.made["roof"].capacity_kwp


def owner_types(buildings: pd.DataFrame, *, assume_private_homes: bool) -> tuple[Any, BoolArray]:
    """
    Return who would pay for panels and gain by them, per building.

    Parameters
    ----------
    buildings : DataFrame
        ``use``, ``owner``, ``dwellings``, ``flags``.
    assume_private_homes : bool
        Homes without a known owner count as lived in by their owner.

    Returns
    -------
    types : ndarray of object, shape (buildings,)
        As in `Stock`.
    assumed : ndarray of bool, shape (buildings,)
        True where the type rests on that assumption.

    Notes
    -----
    A use that was guessed from the size of a building tells no owner: such a building is unknown,
    unless it counts as an assumed home.
    """
    use, owner = buildings["use"].astype(object), buildings["owner"].astype(object)
    guessed = buildings["flags"].map(lambda flags: "use_estimated" in list(flags))
    homes = use.isin(("residential", "apartments"))
    types = pd.Series(UNKNOWN, index=buildings.index, dtype=object)
    types[(use == "residential") & (owner == "private")] = "home"
    types[(use == "apartments") & owner.isin(("private", "association"))] = "flat"
    types[homes & (owner == "social_housing")] = "tenant"
    types[use.isin(("commercial", "industry")) & owner.isin(("private", "company"))] = "firm"
    types[~homes & (owner == "public")] = "public"
    types[use == "school"] = "school"
    types[guessed] = UNKNOWN
    assumed = assume_private_homes & (use == "residential") & (owner == "unknown")
    types[assumed] = "home"
    types[use == "annex"] = None
    return types.to_numpy(dtype=object), assumed.to_numpy(dtype=np.bool_)


def stock_of(
    quarters: Quarters,
    frame: gpd.GeoDataFrame,
    roofs: pd.DataFrame,
    *,
    assume_private_homes: bool,
) -> Stock:
    """
    Lay out the buildings of a project with new panels on them.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand in quarter-hours.
    frame : GeoDataFrame
        Its buildings, with constraints.
    roofs : DataFrame
        ``roof_planes.parquet`` with `ROOF_COLUMNS`.
    assume_private_homes : bool
        See `owner_types`.
    """
    types, assumed = owner_types(frame, assume_private_homes=assume_private_homes)
    standing = known_numbers(frame, "existing_kwp") > 0.0
    estimated = frame["flags"].map(lambda flags: "existing_estimated" in list(flags))
    return Stock(
        frame["zone_id"].astype(object).to_numpy(),
        types,
        assumed,
        ~(standing & ~estimated.to_numpy(dtype=np.bool_)),
        _installed(quarters, frame, roofs),
    )


def _installed(
    quarters: Quarters, frame: gpd.GeoDataFrame, roofs: pd.DataFrame
) -> dict[str, Installed]:
    """Return the whole roof, and its best planes that yield what the building uses in a year."""
    central = known_numbers(frame, "annual_yield_kwh")
    ends = [
        np.divide(known_numbers(frame, name), central, out=np.ones(len(frame)), where=central > 0.0)
        for name in ("annual_yield_low_kwh", "annual_yield_high_kwh")
    ]
    capacity = known_numbers(frame, "capacity_kwp")
    whole = Installed(capacity, central, _own_use(quarters, quarters.planes), *ends)
    owner = pd.Index(frame["building_id"]).get_indexer(pd.Index(roofs["building_id"]))
    roofs, owner = roofs[owner >= 0], owner[owner >= 0].astype(np.int64)
    made, size = (known_numbers(roofs, name) for name in ("annual_yield_kwh", "capacity_kwp"))
    part = best_first(made, size, owner, quarters.loads.energy_kwh.sum(axis=1))
    count = len(frame)
    planes = lay_out_planes(
        roofs.assign(annual_yield_kwh=made * part), frame["building_id"], quarters.equator_deg
    )
    fitting = Installed(
        np.bincount(owner, size * part, minlength=count).astype(np.float64),
        np.bincount(owner, made * part, minlength=count).astype(np.float64),
        _own_use(quarters, planes),
        *ends,
    )
    return dict(zip(SIZINGS, (whole, fitting), strict=True))


def _own_use(quarters: Quarters, planes: Planes) -> FloatArray:
    """Return what buildings use of the yield of these planes as it happens. [kWh]."""
    nowhere = np.full(len(quarters.buildings), -1, dtype=np.int64)
    result, units = balance(quarters.year, planes, quarters.loads, nowhere, use_table())
    for _ in units:
        pass
    return result.self_consumed_kwh
