"""Sharing inside single buildings of several connections: one roof, many meters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zonnekaart.energy.balance import balance
from zonnekaart.energy.production import Planes
from zonnekaart.energy.series import Loads
from zonnekaart.pipelines.quarters import known_numbers

if TYPE_CHECKING:
    import pandas as pd

    from zonnekaart.energy.variation import UseTable
    from zonnekaart.pipelines.quarters import Quarters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Inside:
    """
    What sharing inside each building moves; arrays of shape (buildings,), NaN where unknown.

    Parameters
    ----------
    production_kwh, consumption_kwh : ndarray of float64
        Of the year. [kWh]
    optimal_kwh : ndarray of float64
        Production that the connections use as it happens when all is shared. [kWh]
    fixed_kwh : ndarray of float64
        The same under a fixed key by consumption in one round: each connection uses what it can of
        its own share, and the rest of that share leaves the building. [kWh]
    """

    production_kwh: FloatArray
    consumption_kwh: FloatArray
    optimal_kwh: FloatArray
    fixed_kwh: FloatArray


def known_flats(buildings: pd.DataFrame) -> FloatArray:
    """
    Return the homes of buildings where a source gives them.

    Parameters
    ----------
    buildings : DataFrame
        As stage roofs wrote them.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        NaN where the number is not known, or was estimated from the floor of a building that is not
        known to hold apartments: a row of houses may be one footprint.
    """
    homes = known_numbers(buildings, "dwellings")
    if "flags" in buildings:
        flats = buildings["use"].fillna("").to_numpy(dtype=str) == "apartments"
        sure = flats & ~_flagged(buildings, "use_estimated")
        homes = np.where(_flagged(buildings, "dwellings_estimated") & ~sure, np.nan, homes)
    return homes


def _flagged(buildings: pd.DataFrame, flag: str) -> npt.NDArray[np.bool_]:
    marked = buildings["flags"].map(lambda flags: flags is not None and flag in flags)
    return marked.to_numpy(dtype=bool)


def share_inside(quarters: Quarters, members: IntArray, table: UseTable) -> Inside:
    """
    Work out sharing inside some buildings, each on its own.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand.
    members : ndarray of int64, shape (buildings,)
        Positions of the buildings.
    table : UseTable
        Expected own use.

    Notes
    -----
    The panels feed no flat directly: everything that flats use is shared. Connections of one
    category are alike, so a fixed key gives each the same share k of the production, and it is
    expected to use ``E[min(k P, X)]`` with the spread of a single connection.
    """
    planes, loads = _some_planes(quarters.planes, members), _some_loads(quarters.loads, members)
    alone = np.full(len(members), -1, dtype=np.int64)
    whole, units = balance(quarters.year, planes, loads, alone, table)
    list(units)
    fixed = np.zeros(len(members))
    total = loads.energy_kwh.sum(axis=1)
    for category in (0, 1):
        energy = loads.energy_kwh[:, category]
        share = np.divide(energy, total, out=np.zeros(len(members)), where=total > 0)
        part = np.zeros_like(loads.energy_kwh)
        part[:, category] = energy
        scaled = np.repeat(share, np.diff(planes.first)) * planes.annual_yield_kwh
        single = Loads(part, np.ones_like(loads.connections), loads.profile, loads.spread_of_one)
        slice_ = Planes(planes.first, planes.factors, planes.tan_horizon, scaled)
        used, units = balance(quarters.year, slice_, single, alone, table)
        list(units)
        fixed += used.self_consumed_kwh
    return Inside(whole.annual_yield_kwh, whole.consumption_kwh, whole.self_consumed_kwh, fixed)


def _some_planes(planes: Planes, members: IntArray) -> Planes:
    count = np.diff(planes.first)[members]
    rows = [np.arange(planes.first[b], planes.first[b + 1]) for b in members]
    chosen = np.concatenate([np.empty(0, dtype=np.int64), *rows])
    return Planes(
        np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        planes.factors[chosen],
        planes.tan_horizon[chosen],
        planes.annual_yield_kwh[chosen],
    )


def _some_loads(loads: Loads, members: IntArray) -> Loads:
    return Loads(
        loads.energy_kwh[members],
        loads.connections[members],
        loads.profile[members],
        loads.spread_of_one,
    )
