"""Sharing inside a group, settled per quarter-hour without carry-over.

Every member first uses its own production. What is left over in a quarter-hour can meet what others
lack in the same quarter-hour, and never in another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.balance import UnitSeries, pooled_use
from zonnekaart.energy.series import Demand, Loads, Prepared, Supply, Year, building_series
from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from zonnekaart.energy.variation import UseTable

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Key = Literal["fixed", "relative"]

LINK_PARTIES = 24
LINKS_PER_GROUP = 40
GIVEN, TAKEN_RELATIVE, TAKEN_FIXED = range(3)


@dataclass(frozen=True)
class Settlement:
    """
    Outcome of sharing in one group over a year.

    Parameters
    ----------
    production_kwh, consumption_kwh, own_use_kwh : float
        Sums over the members before sharing. [kWh]
    shared_optimal_kwh : float
        Shared when each surplus may meet any shortage. [kWh]
    shared_key_kwh : float
        Shared under the key; at most the optimum. [kWh]
    given_kwh, received_kwh : ndarray of float64, shape (members,)
        Per member under the key. [kWh]
    link_from, link_to : ndarray of int64, shape (links,)
        Positions in the members, largest link first.
    link_kwh : ndarray of float64, shape (links,)
        Energy from one member to another under the relative key. [kWh]
    """

    production_kwh: float
    consumption_kwh: float
    own_use_kwh: float
    shared_optimal_kwh: float
    shared_key_kwh: float
    given_kwh: FloatArray
    received_kwh: FloatArray
    link_from: IntArray
    link_to: IntArray
    link_kwh: FloatArray


def settle(
    surplus_kwh: FloatArray, residual_kwh: FloatArray, key: Key, share: FloatArray | None = None
) -> FloatArray:
    """
    Divide the surplus of a group over its members in each quarter-hour.

    Parameters
    ----------
    surplus_kwh, residual_kwh : ndarray of float64, shape (time, members)
        Injected after own use, and still needed, >= 0. [kWh]
    key : {"relative", "fixed"}
        ``relative``: in proportion to what each still needs, which wastes nothing. ``fixed``: each
        gets its `share` of the surplus and no more than it needs; the rest is not shared.
    share : ndarray of float64, shape (members,), optional
        Fixed key, sums to at most 1. Needed for ``fixed``. [-]

    Returns
    -------
    ndarray of float64, shape (time, members)
        Received by each member. [kWh]

    Raises
    ------
    ShapeMismatchError
        If the shapes differ, or the fixed key lacks a share per member.

    Examples
    --------
    >>> surplus, residual = np.array([[4.0, 0, 0]]), np.array([[0, 1.0, 5.0]])
    >>> settle(surplus, residual, "fixed", np.array([0.0, 0.5, 0.5]))
    array([[0., 1., 2.]])
    >>> settle(surplus, residual, "relative").sum().round(6)
    np.float64(4.0)
    """
    if surplus_kwh.shape != residual_kwh.shape:
        raise ShapeMismatchError("residual_kwh", residual_kwh.shape, surplus_kwh.shape)
    offered = surplus_kwh.sum(axis=1, keepdims=True)
    if key == "fixed":
        if share is None or share.shape != surplus_kwh.shape[1:]:
            found = None if share is None else share.shape
            raise ShapeMismatchError("share", found, surplus_kwh.shape[1:])
        kept: FloatArray = np.minimum(share * offered, residual_kwh)
        return kept
    needed = residual_kwh.sum(axis=1, keepdims=True)
    rate = np.divide(np.minimum(offered, needed), needed, out=0 * needed, where=needed > 0)
    received: FloatArray = residual_kwh * rate
    return received


@numba.njit(nogil=True, cache=True, parallel=True)
def _settle_members(
    members: IntArray,
    prepared: tuple[Supply, Demand],
    rates: FloatArray,
    offered: FloatArray,
    share: FloatArray,
    figures: FloatArray,
) -> None:
    """Annual figures of each member; every member writes its own row, so order plays no part."""
    supply, demand = prepared
    lit = offered.size
    for m in numba.prange(members.size):
        production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
        shape, row = np.empty(lit), np.empty(demand[4].shape[1])
        building_series(members[m], supply, demand, (shape, row), (production, load, used))
        given = relative = fixed = 0.0
        for s in range(lit):
            lacking = load[s] - used[s]
            given += (production[s] - used[s]) * rates[0, s]
            relative += lacking * rates[1, s]
            fixed += min(share[m] * offered[s], lacking) * rates[2, s]
        figures[m, 0] = given
        figures[m, 1] = relative
        figures[m, 2] = fixed


@numba.njit(nogil=True, cache=True)
def _left_over(
    members: IntArray,
    prepared: tuple[Supply, Demand],
    surplus: FloatArray,
    residual: FloatArray,
) -> None:
    """Surplus and residual of a few members in each lit step. [kWh]."""
    supply, demand = prepared
    lit = surplus.shape[1]
    production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
    shape, row = np.empty(lit), np.empty(demand[4].shape[1])
    for m in range(members.size):
        building_series(members[m], supply, demand, (shape, row), (production, load, used))
        for s in range(lit):
            surplus[m, s] = production[s] - used[s]
            residual[m, s] = load[s] - used[s]


def share_group(
    year: Year,
    prepared: Prepared,
    loads: Loads,
    group: tuple[UnitSeries, IntArray],
    table: UseTable,
    key: Key = "fixed",
) -> Settlement:
    """
    Settle one group over a year.

    Parameters
    ----------
    year : Year
        Clock, sky, profiles.
    prepared : Prepared
        Planes and loads laid out for the kernels.
    loads : Loads
        Demand of all buildings; the fixed key is each member's share of the consumption.
    group : tuple of UnitSeries and ndarray of int64, shape (members,)
        Sums over the group, from `balance.balance`, and its members.
    table : UseTable
        Expected own use.
    key : {"fixed", "relative"}
        Key of `shared_key_kwh`, `given_kwh` and `received_kwh`.

    Returns
    -------
    Settlement
        NaN sums and no links when a member's demand is unknown.

    Notes
    -----
    Own use and optimal sharing together are the pooled use of the group, in each quarter-hour:
    ``min(ΣP, ΣL) = Σ min(P, L) + min(Σ surplus, Σ residual)``. With a load spread above zero the
    expected values obey the same identity, and the fixed key's loss, found on expected values, is
    applied to that optimum.
    """
    series, members = group
    lit = year.sky.step
    used = series.used[lit]
    pooled = pooled_use(series, loads.spread_of_one, table)[lit]
    if np.isnan(series.demand).any() or np.isnan(pooled).any():
        return _unknown(series, len(members))
    optimal = np.maximum(pooled - used, 0.0)
    offered, needed = series.production[lit] - used, series.demand[lit] - used
    rates = np.stack([_rate(optimal, w) for w in (offered, needed, np.minimum(offered, needed))])
    energy = loads.energy_kwh[members].sum(axis=1)
    share = energy / energy.sum() if energy.sum() > 0 else np.zeros(len(members))
    figures = np.zeros((len(members), 3))
    arrays = (prepared.supply, prepared.demand)
    _settle_members(members, arrays, rates, offered, share, figures)
    received = figures[:, TAKEN_FIXED if key == "fixed" else TAKEN_RELATIVE]
    given = figures[:, GIVEN]
    shared = float(received.sum())
    total = float(optimal.sum())
    source, target, energy_of_link = _links(members, arrays, figures, (rates[0], needed))
    return Settlement(
        float(series.production.sum()),
        float(series.demand.sum()),
        float(series.used.sum()),
        total,
        shared,
        given * (shared / total) if total > 0 else given,
        received,
        source,
        target,
        energy_of_link,
    )


def _rate(part: FloatArray, whole: FloatArray) -> FloatArray:
    rate: FloatArray = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    return rate


def _unknown(series: UnitSeries, members: int) -> Settlement:
    nothing, nobody = np.full(members, np.nan), np.empty(0, dtype=np.int64)
    return Settlement(
        float(series.production.sum()),
        float(series.demand.sum()),
        np.nan,
        np.nan,
        np.nan,
        nothing,
        nothing.copy(),
        nobody,
        nobody.copy(),
        np.empty(0),
    )


def _links(
    members: IntArray,
    arrays: tuple[Supply, Demand],
    figures: FloatArray,
    sums: tuple[FloatArray, FloatArray],
) -> tuple[IntArray, IntArray, FloatArray]:
    """
    Largest flows between the largest givers and takers.

    The relative key sends ``surplus_i / S × residual_j / R × shared`` from i to j in each step;
    only the `LINK_PARTIES` largest of each side are looked at, so a group of any size stays cheap.
    """
    givers = np.argsort(-figures[:, GIVEN], kind="stable")[:LINK_PARTIES]
    takers = np.argsort(-figures[:, TAKEN_RELATIVE], kind="stable")[:LINK_PARTIES]
    give_rate, needed = sums
    lit = needed.size
    surplus, residual = np.empty((len(givers), lit)), np.empty((len(takers), lit))
    _left_over(members[givers], arrays, surplus, np.empty((len(givers), lit)))
    _left_over(members[takers], arrays, np.empty((len(takers), lit)), residual)
    flow = (surplus * give_rate) @ (residual * _rate(np.ones_like(needed), needed)).T
    flow[givers[:, None] == takers[None, :]] = 0.0
    order = np.argsort(-flow, axis=None, kind="stable")[:LINKS_PER_GROUP]
    i, j = np.unravel_index(order, flow.shape)
    keep = flow[i, j] > 0
    return givers[i[keep]], takers[j[keep]], flow[i[keep], j[keep]]
