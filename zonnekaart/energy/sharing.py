"""Sharing inside a group, settled per quarter-hour without carry-over.

Every member first uses its own production. What is left over in a quarter-hour can meet what others
lack in the same quarter-hour, and never in another one. Where rules settle by the half hour or the
hour, the quarter-hours of that step are added first.
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
Key = Literal["fixed", "relative", "cascade", "optimal"]

LINK_PARTIES = 24
LINKS_PER_GROUP = 40
PIECE_MEMBERS = 256
FEW_MEMBERS = 24
GIVEN, TAKEN_RELATIVE, TAKEN_FIXED, TAKEN_CASCADE = range(4)
_TAKEN = {
    "fixed": TAKEN_FIXED,
    "relative": TAKEN_RELATIVE,
    "optimal": TAKEN_RELATIVE,
    "cascade": TAKEN_CASCADE,
}


@dataclass(frozen=True)
class Terms:
    """
    How a group settles.

    Parameters
    ----------
    key : {"fixed", "relative", "cascade", "optimal"}
        See `settle`.
    steps : int
        Quarter-hours that are added before they are settled; 1 is the quarter-hour.
    tier : ndarray of int64, shape (buildings,), optional
        Cascade key: buildings of a lower tier are served first. All are equal when None.
    equal_shares : bool
        Fixed key: the same share for each member, instead of its share of the consumption.
    """

    key: Key = "fixed"
    steps: int = 1
    tier: IntArray | None = None
    equal_shares: bool = False


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
    shared_fixed_kwh : float
        Shared under the fixed key in one round. [kWh]
    shared_key_kwh : float
        Shared under the key of the terms; at most the optimum. What lies between the two is what
        the key costs. [kWh]
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
    shared_fixed_kwh: float
    shared_key_kwh: float
    given_kwh: FloatArray
    received_kwh: FloatArray
    link_from: IntArray
    link_to: IntArray
    link_kwh: FloatArray


def settle(
    surplus_kwh: FloatArray,
    residual_kwh: FloatArray,
    key: Key,
    share: FloatArray | None = None,
    tier: IntArray | None = None,
) -> FloatArray:
    """
    Divide the surplus of a group over its members in each step, in plain numpy.

    Parameters
    ----------
    surplus_kwh, residual_kwh : ndarray of float64, shape (time, members)
        Injected after own use, and still needed, >= 0. [kWh]
    key : {"relative", "fixed", "cascade", "optimal"}
        ``relative``: in proportion to what each still needs, which wastes nothing. ``fixed``: each
        gets its `share` of the surplus and no more than it needs; the rest is not shared.
        ``cascade``: the lowest tier takes what it needs, in proportion, then the next.
        ``optimal``: any division that shares all that can be shared; here the relative one.
    share : ndarray of float64, shape (members,), optional
        Fixed key, sums to at most 1. Needed for ``fixed``. [-]
    tier : ndarray of int64, shape (members,), optional
        Cascade key, lower first. Needed for ``cascade``.

    Returns
    -------
    ndarray of float64, shape (time, members)
        Received by each member. [kWh]

    Raises
    ------
    ShapeMismatchError
        If the shapes differ, or a key lacks its share or tier per member.

    Examples
    --------
    >>> surplus, residual = np.array([[4.0, 0, 0]]), np.array([[0, 1.0, 5.0]])
    >>> settle(surplus, residual, "fixed", np.array([0.0, 0.5, 0.5]))
    array([[0., 1., 2.]])
    >>> settle(surplus, residual, "relative").sum().round(6)
    np.float64(4.0)
    >>> settle(surplus, residual, "cascade", tier=np.array([0, 0, 1]))
    array([[0., 1., 3.]])
    """
    if surplus_kwh.shape != residual_kwh.shape:
        raise ShapeMismatchError("residual_kwh", residual_kwh.shape, surplus_kwh.shape)
    offered = surplus_kwh.sum(axis=1, keepdims=True)
    if key == "fixed":
        kept: FloatArray = np.minimum(
            _of_members(share, "share", surplus_kwh) * offered, residual_kwh
        )
        return kept
    tiers = np.zeros(surplus_kwh.shape[1], dtype=np.int64)
    if key == "cascade":
        tiers = np.asarray(_of_members(tier, "tier", surplus_kwh), dtype=np.int64)
    received = np.zeros_like(residual_kwh)
    for t in np.unique(tiers):
        part = residual_kwh[:, tiers == t]
        needed = part.sum(axis=1, keepdims=True)
        rate = np.divide(np.minimum(offered, needed), needed, out=0 * needed, where=needed > 0)
        received[:, tiers == t] = part * rate
        offered = np.maximum(offered - needed, 0.0)
    return received


def _of_members(
    values: FloatArray | IntArray | None, name: str, surplus_kwh: FloatArray
) -> FloatArray | IntArray:
    if values is None or values.shape != surplus_kwh.shape[1:]:
        found = None if values is None else values.shape
        raise ShapeMismatchError(name, found, surplus_kwh.shape[1:])
    return values


@numba.njit(nogil=True, cache=True, parallel=True)
def _settle_members(
    members: IntArray,
    prepared: tuple[Supply, Demand],
    block: IntArray,
    rates: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    keys: tuple[FloatArray, IntArray],
    figures: FloatArray,
) -> None:
    """Annual figures of each member; every member writes its own row, so order plays no part."""
    supply, demand = prepared
    give, relative_rate, cascade_rate, fixed = rates
    share, tier = keys
    lit = block.size
    for m in numba.prange(members.size):
        production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
        shape, row = np.empty(lit), np.empty(demand[4].shape[1])
        building_series(members[m], supply, demand, (shape, row), (production, load, used))
        given = relative = taken = cascade = 0.0
        lacking, b = 0.0, 0
        for s in range(lit):
            b = block[s]
            lacking += load[s] - used[s]
            given += (production[s] - used[s]) * give[0, b]
            if s + 1 == lit or block[s + 1] != b:
                relative += lacking * relative_rate[0, b]
                cascade += lacking * cascade_rate[tier[m], b]
                taken += min(share[m] * fixed[0, b], lacking) * fixed[1, b]
                lacking = 0.0
        figures[m, 0] = given
        figures[m, 1] = relative
        figures[m, 2] = taken
        figures[m, 3] = cascade


@numba.njit(nogil=True, cache=True, parallel=True)
def _left_over(
    members: IntArray,
    prepared: tuple[Supply, Demand],
    surplus: FloatArray,
    residual: FloatArray,
) -> None:
    """Surplus and residual of a few members in each lit step. [kWh]."""
    supply, demand = prepared
    lit = surplus.shape[1]
    for m in numba.prange(members.size):
        production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
        shape, row = np.empty(lit), np.empty(demand[4].shape[1])
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
    terms: Terms | None = None,
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
    terms : Terms, optional
        Key and step; the fixed key by the quarter-hour when None.

    Returns
    -------
    Settlement
        NaN sums and no links when a member's demand is unknown.

    Notes
    -----
    Own use and optimal sharing together are the pooled use of the group, in each quarter-hour:
    ``min(ΣP, ΣL) = Σ min(P, L) + min(Σ surplus, Σ residual)``. With a load spread above zero the
    expected values obey the same identity, and the fixed key's loss, found on expected values, is
    applied to that optimum. A longer step adds what the quarter-hours of the step could not match
    among each other, found on expected values; its quarter-hours without light are left out.
    """
    terms = terms or Terms()
    series, members = group
    lit = year.sky.step
    used = series.used[lit]
    pooled = pooled_use(series, loads.spread_of_one, table)[lit]
    if np.isnan(series.demand).any() or np.isnan(pooled).any():
        return _unknown(series, len(members))
    block, first = _blocks(lit, terms.steps)
    offered, needed = series.production[lit] - used, series.demand[lit] - used
    step = _Steps(block, first, offered, needed, np.maximum(pooled - used, 0.0))
    arrays = (prepared.supply, prepared.demand)
    left = _left_over_of(members, arrays, step) if len(members) <= FEW_MEMBERS else None
    figures = _figures(step, members, arrays, (loads, terms), left)
    received = figures[:, _TAKEN[terms.key]]
    given = figures[:, GIVEN]
    shared, total = float(received.sum()), float(step.optimal.sum())
    source, target, energy_of_link = _links(members, arrays, figures, step, left)
    return Settlement(
        float(series.production.sum()),
        float(series.demand.sum()),
        float(series.used.sum()),
        total,
        float(figures[:, TAKEN_FIXED].sum()),
        shared,
        given * (shared / total) if total > 0 else given,
        received,
        source,
        target,
        energy_of_link,
    )


def _blocks(step: IntArray, steps: int) -> tuple[IntArray, IntArray]:
    """Return the settled step of each lit quarter-hour, and the first quarter-hour of each."""
    _, first, block = np.unique(step // steps, return_index=True, return_inverse=True)
    return block.astype(np.int64), first.astype(np.int64)


class _Steps:
    """What a group offers, needs and can share at best in each settled step."""

    def __init__(
        self,
        block: IntArray,
        first: IntArray,
        offered: FloatArray,
        needed: FloatArray,
        optimal: FloatArray,
    ) -> None:
        self.block, self.first = block, first
        self.offered = np.add.reduceat(offered, first)
        self.needed = np.add.reduceat(needed, first)
        within = np.add.reduceat(np.minimum(offered, needed), first)
        across = np.minimum(self.offered, self.needed) - within
        self.optimal: FloatArray = np.add.reduceat(optimal, first) + np.maximum(across, 0.0)

    def add(self, values: FloatArray) -> FloatArray:
        """Add the quarter-hours of each settled step, along the last axis."""
        if len(self.first) == values.shape[-1]:
            return values
        summed: FloatArray = np.add.reduceat(values, self.first, axis=-1)
        return summed


def _left_over_of(
    members: IntArray, arrays: tuple[Supply, Demand], step: _Steps
) -> tuple[FloatArray, FloatArray]:
    """Surplus and residual of each of a few members in each settled step. [kWh]."""
    shape = (len(members), step.block.size)
    surplus, residual = np.empty(shape), np.empty(shape)
    _left_over(members, arrays, surplus, residual)
    return step.add(surplus), step.add(residual)


def _figures(
    step: _Steps,
    members: IntArray,
    arrays: tuple[Supply, Demand],
    deal: tuple[Loads, Terms],
    left: tuple[FloatArray, FloatArray] | None,
) -> FloatArray:
    """Given and received by each member under each key. [kWh]."""
    loads, terms = deal
    give = _rate(step.optimal, step.offered)[None]
    relative = _rate(step.optimal, step.needed)[None]
    fixed = np.stack([step.offered, _rate(step.optimal, np.minimum(step.offered, step.needed))])
    tier = np.zeros(len(members), dtype=np.int64)
    cascade = relative
    if terms.key == "cascade" and terms.tier is not None:
        tiers, found = np.unique(terms.tier[members], return_inverse=True)
        tier = found.astype(np.int64)
        if len(tiers) > 1:
            cascade = _cascade_rates(step, members, arrays, tier, len(tiers))
    energy = loads.energy_kwh[members].sum(axis=1)
    if terms.equal_shares:
        energy = np.ones(len(members))
    share = energy / energy.sum() if energy.sum() > 0 else np.zeros(len(members))
    figures = np.zeros((len(members), 4))
    if left is not None:
        surplus, residual = left
        figures[:, GIVEN] = surplus @ give[0]
        figures[:, TAKEN_RELATIVE] = residual @ relative[0]
        figures[:, TAKEN_FIXED] = np.minimum(share[:, None] * fixed[0], residual) @ fixed[1]
        figures[:, TAKEN_CASCADE] = (residual * cascade[tier]).sum(axis=1)
        return figures
    rates = (give, relative, np.ascontiguousarray(cascade), fixed)
    _settle_members(members, arrays, step.block, rates, (share, tier), figures)
    return figures


def _cascade_rates(
    step: _Steps,
    members: IntArray,
    arrays: tuple[Supply, Demand],
    tier: IntArray,
    tiers: int,
) -> FloatArray:
    """Share of its need that each tier gets in each settled step, piece of members by piece."""
    needed = np.zeros((tiers, len(step.needed)))
    for start in range(0, len(members), PIECE_MEMBERS):
        part = members[start : start + PIECE_MEMBERS]
        ranks = tier[start : start + PIECE_MEMBERS]
        sums = np.zeros((tiers, step.block.size))
        _residual_of_tiers(part, arrays, ranks, sums)
        needed += step.add(sums)
    rates, left = np.zeros_like(needed), step.optimal.copy()
    for t in range(tiers):
        taken = np.minimum(left, needed[t])
        rates[t] = _rate(taken, needed[t])
        left = left - taken
    return rates


@numba.njit(nogil=True, cache=True)
def _residual_of_tiers(
    members: IntArray, prepared: tuple[Supply, Demand], tier: IntArray, sums: FloatArray
) -> None:
    """Add what the members of each tier still need in each lit step. [kWh]."""
    supply, demand = prepared
    lit = sums.shape[1]
    production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
    shape, row = np.empty(lit), np.empty(demand[4].shape[1])
    for m in range(members.size):
        building_series(members[m], supply, demand, (shape, row), (production, load, used))
        for s in range(lit):
            sums[tier[m], s] += load[s] - used[s]


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
    step: _Steps,
    left: tuple[FloatArray, FloatArray] | None,
) -> tuple[IntArray, IntArray, FloatArray]:
    """
    Largest flows between the largest givers and takers.

    The relative key sends ``surplus_i / S × residual_j / R × shared`` from i to j in each step;
    only the `LINK_PARTIES` largest of each side are looked at, so a group of any size stays cheap.
    """
    givers = np.argsort(-figures[:, GIVEN], kind="stable")[:LINK_PARTIES]
    takers = np.argsort(-figures[:, TAKEN_RELATIVE], kind="stable")[:LINK_PARTIES]
    if left is None:
        parties, place = np.unique(np.concatenate([givers, takers]), return_inverse=True)
        surplus, residual = _left_over_of(members[parties], arrays, step)
        surplus, residual = surplus[place[: len(givers)]], residual[place[len(givers) :]]
    else:
        surplus, residual = left[0][givers], left[1][takers]
    give_rate = _rate(step.optimal, step.offered)
    take_rate = _rate(np.ones_like(step.needed), step.needed)
    flow = (surplus * give_rate) @ (residual * take_rate).T
    flow[givers[:, None] == takers[None, :]] = 0.0
    order = np.argsort(-flow, axis=None, kind="stable")[:LINKS_PER_GROUP]
    i, j = np.unravel_index(order, flow.shape)
    keep = flow[i, j] > 0
    return givers[i[keep]], takers[j[keep]], flow[i[keep], j[keep]]
