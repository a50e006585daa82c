"""Who would pay for panels on a building and gain by them, and how much would be used there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.energy.balance import balance
from zonnekaart.energy.economics import fitting_share
from zonnekaart.energy.variation import use_table
from zonnekaart.pipelines.panel_money import Installed
from zonnekaart.pipelines.quarters import Quarters, known_numbers

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

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


def stock_of(quarters: Quarters, frame: gpd.GeoDataFrame, *, assume_private_homes: bool) -> Stock:
    """
    Lay out the buildings of a project with new panels on them.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand in quarter-hours.
    frame : GeoDataFrame
        Its buildings, with constraints.
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
        _installed(quarters, frame),
    )


def _own_use(quarters: Quarters, share: FloatArray) -> FloatArray:
    """Return what buildings use of their own yield when a share of each roof is filled. [kWh]."""
    of_plane = np.repeat(np.nan_to_num(share), np.diff(quarters.planes.first))
    planes = replace(quarters.planes, annual_yield_kwh=quarters.planes.annual_yield_kwh * of_plane)
    nowhere = np.full(len(share), -1, dtype=np.int64)
    result, units = balance(quarters.year, planes, quarters.loads, nowhere, use_table())
    for _ in units:
        pass
    return result.self_consumed_kwh


def _installed(quarters: Quarters, frame: gpd.GeoDataFrame) -> dict[str, Installed]:
    """Return the whole roof, and the part of it that yields what the building uses in a year."""
    capacity = known_numbers(frame, "capacity_kwp")
    central = known_numbers(frame, "annual_yield_kwh")
    ends = [
        np.divide(known_numbers(frame, name), central, out=np.ones(len(frame)), where=central > 0.0)
        for name in ("annual_yield_low_kwh", "annual_yield_high_kwh")
    ]
    demand = fitting_share(central, quarters.loads.energy_kwh.sum(axis=1))
    shares = dict(zip(SIZINGS, (np.ones(len(frame)), demand), strict=True))
    return {
        name: Installed(capacity * share, central * share, _own_use(quarters, share), *ends)
        for name, share in shares.items()
    }
