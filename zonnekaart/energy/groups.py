"""Groups that share well, found for a whole municipality.

Buildings are compared on a signature: what they produce and consume per year in some two hundred
kinds of quarter-hour (season, part of the day, working day or not, bright or dull). Groups grow
around the largest surpluses and are then improved by moves, swaps and mergers until none helps.
What a group shares is worked out over the whole year afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.group_search import Data, State, grow, improve, use_alone
from zonnekaart.energy.production import BEAM, ISOTROPIC, UP
from zonnekaart.energy.series import Demand, Loads, Prepared, Supply, Year, building_series
from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonnekaart.energy.variation import UseTable

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SEASON_MONTHS = 2
BLOCK_QUARTERS = 12
SKIES = 3
SMALL, SMALL_STARTS = 2000, 16
"""Among few buildings more orders are tried: up to 16, as long as 2 000 are looked at in all."""


@dataclass(frozen=True)
class Signatures:
    """
    Energy of buildings in each kind of quarter-hour over a year.

    Parameters
    ----------
    production_kwh, load_kwh : ndarray of float32, shape (buildings, kinds)
        [kWh]
    energy_kwh, connections : ndarray of float64, shape (buildings, 2)
        Annual consumption and connections per category, as in `Loads`. [kWh], [-]
    spread_of_one : ndarray of float64, shape (2,)
        See `Loads`. [-]
    """

    production_kwh: Float32Array
    load_kwh: Float32Array
    energy_kwh: FloatArray
    connections: FloatArray
    spread_of_one: FloatArray

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same buildings."""
        buildings = len(self.production_kwh)
        if self.load_kwh.shape != self.production_kwh.shape:
            raise ShapeMismatchError("load_kwh", self.load_kwh.shape, self.production_kwh.shape)
        for name in ("energy_kwh", "connections"):
            if getattr(self, name).shape != (buildings, 2):
                raise ShapeMismatchError(name, getattr(self, name).shape, (buildings, 2))


@dataclass(frozen=True)
class Reach:
    """
    Who may be in a group with whom.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y. [m]
    limit_m : float
        Largest distance; infinite for none. [m]
    pairwise : bool
        True: between any two members; False: from the building that the group grew around.
    area : ndarray of int64, shape (buildings,)
        Area of each building; -1 takes no part.
    linked : ndarray of bool, shape (areas, areas)
        Whether a building of the second area may join a group around one of the first.
    first, near : ndarray of int64, shapes (buildings + 1,) and (pairs,)
        Partners to look at: those of building b are ``near[first[b]:first[b + 1]]``.
    """

    points: FloatArray
    limit_m: float
    pairwise: bool
    area: IntArray
    linked: BoolArray
    first: IntArray
    near: IntArray


@dataclass(frozen=True)
class Limits:
    """
    Size of a group.

    Parameters
    ----------
    max_members : int
        Most buildings in a group; 2 is one giver and one receiver.
    min_gain_kwh : float
        A member must add at least this much shared energy in a year. [kWh]
    passes : int
        Most rounds of improvement.
    starts : int
        Orders in which groups are grown; the best outcome is kept.
    """

    max_members: int = 10
    min_gain_kwh: float = 100.0
    passes: int = 4
    starts: int = 2


def kinds_of_steps(year: Year) -> IntArray:
    """
    Sort the lit quarter-hours of a year by kind.

    Parameters
    ----------
    year : Year
        Clock and sky.

    Returns
    -------
    ndarray of int64, shape (lit,)
        Kind of each, from 0: two months × three hours × working day or not × three kinds of sky.
    """
    lit, clock = year.sky.step, year.clock
    season = clock.month[lit] // SEASON_MONTHS
    block = clock.quarter[lit] // BLOCK_QUARTERS
    day = (clock.start_utc[lit] + np.timedelta64(1, "h")).astype("datetime64[D]").astype(np.int64)
    # Day 0 of the epoch was a Thursday.
    rest = ((day + 3) % 7 >= 5).astype(np.int64)
    light = year.sky.values[UP] * year.sky.values[BEAM] + year.sky.values[ISOTROPIC]
    rough = (season * (96 // BLOCK_QUARTERS) + block) * 2 + rest
    sky = np.zeros(len(lit), dtype=np.int64)
    for kind in np.unique(rough):
        same = np.flatnonzero(rough == kind)
        rank = np.argsort(np.argsort(light[same], kind="stable"), kind="stable")
        sky[same] = rank * SKIES // len(same)
    _, kinds = np.unique(rough * SKIES + sky, return_inverse=True)
    numbered: IntArray = kinds.astype(np.int64)
    return numbered


def signatures(year: Year, prepared: Prepared, loads: Loads) -> Signatures:
    """
    Sum production and load of every building per kind of quarter-hour.

    Parameters
    ----------
    year : Year
        Clock and sky.
    prepared : Prepared
        Planes and loads laid out for the kernels.
    loads : Loads
        Demand; unknown counts as none here.
    """
    kinds = kinds_of_steps(year)
    buildings = len(loads.energy_kwh)
    shape = (buildings, int(kinds.max(initial=-1)) + 1)
    production, load = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    _sum_kinds(kinds, (prepared.supply, prepared.demand), production, load)
    return Signatures(
        production, load, np.nan_to_num(loads.energy_kwh), loads.connections, loads.spread_of_one
    )


@numba.njit(nogil=True, cache=True, parallel=True)
def _sum_kinds(
    kinds: IntArray,
    prepared: tuple[Supply, Demand],
    production: Float32Array,
    load: Float32Array,
) -> None:
    supply, demand = prepared
    lit = kinds.size
    for b in numba.prange(production.shape[0]):
        made, need, used = np.empty(lit), np.empty(lit), np.empty(lit)
        shape, row = np.empty(lit), np.empty(demand[4].shape[1])
        building_series(b, supply, demand, (shape, row), (made, need, used))
        sums = np.zeros((2, production.shape[1]))
        for s in range(lit):
            sums[0, kinds[s]] += made[s]
            sums[1, kinds[s]] += need[s]
        for k in range(production.shape[1]):
            production[b, k] = sums[0, k]
            load[b, k] = sums[1, k]


def propose(
    signature: Signatures, reach: Reach, limits: Limits, table: UseTable
) -> tuple[IntArray, IntArray]:
    """
    Put buildings into groups that share as much as they can.

    Parameters
    ----------
    signature : Signatures
        Of all buildings.
    reach : Reach
        Who may be with whom.
    limits : Limits
        Size of a group.
    table : UseTable
        Expected own use.

    Returns
    -------
    unit : ndarray of int64, shape (buildings,)
        Number of each building's group, by falling signature value; -1 for none.
    centre : ndarray of int64, shape (groups,)
        Building that each group grew around.

    Notes
    -----
    The aim is ``Σ shared - min_gain_kwh × members``, a group's shared energy being its pooled use
    less what its members use themselves, on the signature. Buildings start in the order of their
    surplus; where they stand settles ties, so that the order of the rows plays no part.
    """
    place = np.lexsort((signature.production_kwh.sum(axis=1), *reach.points.T[::-1]))
    unit, centre = _propose(*_in_order(signature, reach, place), limits, table)
    found = np.empty_like(unit)
    found[place] = unit
    middle: IntArray = place[centre]
    return found, middle


def _in_order(signature: Signatures, reach: Reach, place: IntArray) -> tuple[Signatures, Reach]:
    """Put buildings in an order that does not depend on their rows, partners by distance."""
    new = np.empty_like(place)
    new[place] = np.arange(len(place))
    count = np.diff(reach.first)
    rows = np.repeat(new, count)
    near = new[reach.near]
    points = reach.points[place]
    apart = np.hypot(*(points[rows] - points[near]).T)
    order = np.lexsort((near, apart, rows))
    first = np.concatenate([[0], np.cumsum(count[place])]).astype(np.int64)
    turned = Signatures(
        signature.production_kwh[place],
        signature.load_kwh[place],
        signature.energy_kwh[place],
        signature.connections[place],
        signature.spread_of_one,
    )
    where = Reach(
        np.ascontiguousarray(points),
        reach.limit_m,
        reach.pairwise,
        reach.area[place],
        reach.linked,
        first,
        np.ascontiguousarray(near[order]),
    )
    return turned, where


def _propose(
    signature: Signatures, reach: Reach, limits: Limits, table: UseTable
) -> tuple[IntArray, IntArray]:
    alone = _alone(signature, table)
    data: Data = (
        signature.production_kwh,
        signature.load_kwh,
        np.ascontiguousarray(signature.energy_kwh),
        np.ascontiguousarray(np.maximum(signature.connections, 0.0)),
        signature.spread_of_one,
        alone,
        table.share,
    )
    where = (reach.points, reach.area, reach.linked, reach.first, reach.near)
    rule = (reach.limit_m, reach.pairwise, limits.min_gain_kwh)
    surplus = signature.production_kwh.sum(axis=1) - alone
    residual = signature.load_kwh.sum(axis=1) - alone
    best = _empty(signature.production_kwh, limits.max_members)
    starts = max(limits.starts, min(SMALL_STARTS, SMALL // max(len(alone), 1)))
    for wanted, taste in _orders(surplus, residual, starts):
        state = _empty(signature.production_kwh, limits.max_members)
        order = np.argsort(-wanted, kind="stable").astype(np.int64)
        grow(order, (wanted, taste), data, where, rule, state)
        for number in range(1, limits.passes + 1):
            if not improve(order, data, where, rule, state, number):
                break
        if _aim(state, limits) > _aim(best, limits):
            best = state
    return _numbered(best)


def _orders(
    surplus: FloatArray, residual: FloatArray, starts: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Weights that seeds are taken by, and how partners are favoured: plainly, then at random."""
    plain = np.ones(len(surplus))
    yield surplus, plain
    if starts > 1:
        yield residual, plain
    rng = np.random.default_rng(0)
    for _ in range(starts - 2):
        yield surplus * rng.lognormal(0.0, 1.0, len(plain)), rng.lognormal(0.0, 1.0, len(plain))


def _empty(like: Float32Array, size: int) -> State:
    buildings, kinds = like.shape
    return (
        np.full(buildings, -1, dtype=np.int64),
        np.full(buildings, -1, dtype=np.int64),
        np.full((buildings, size), -1, dtype=np.int64),
        np.zeros(buildings, dtype=np.int64),
        np.zeros(buildings),
        np.zeros(1, dtype=np.int64),
        np.zeros((buildings, kinds), np.float32),
        np.zeros((buildings, kinds), np.float32),
        # The last one stands for the buildings in no group.
        np.zeros(buildings + 1, dtype=np.int64),
    )


def _aim(state: State, limits: Limits) -> float:
    return float(state[4].sum() - limits.min_gain_kwh * (state[0] >= 0).sum())


def _alone(signature: Signatures, table: UseTable) -> FloatArray:
    """Own use of each building on the signature. [kWh]."""
    alone = np.zeros(len(signature.production_kwh))
    arrays = (signature.production_kwh, signature.load_kwh)
    use_alone(
        arrays,
        np.ascontiguousarray(signature.energy_kwh),
        np.ascontiguousarray(np.maximum(signature.connections, 0.0)),
        signature.spread_of_one,
        table.share,
        alone,
    )
    return alone


def _numbered(state: State) -> tuple[IntArray, IntArray]:
    """Give the groups that are left numbers by falling value."""
    unit, centre, _, count, value, used = state[:6]
    left = np.flatnonzero(count[: used[0]] > 1)
    order = left[np.lexsort((centre[left], -value[left]))]
    new = np.full(int(used[0]) + 1, -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return new[unit], centre[order]


def group_value_kwh(signature: Signatures, members: IntArray, table: UseTable) -> float:
    """
    Return what a group shares on the signature.

    Parameters
    ----------
    signature : Signatures
        Of all buildings.
    members : ndarray of int64, shape (members,)
        Positions of the buildings.
    table : UseTable
        Expected own use.
    """
    alone = _alone(signature, table)
    pooled = Signatures(
        signature.production_kwh[members].sum(axis=0, keepdims=True),
        signature.load_kwh[members].sum(axis=0, keepdims=True),
        signature.energy_kwh[members].sum(axis=0, keepdims=True),
        signature.connections[members].sum(axis=0, keepdims=True),
        signature.spread_of_one,
    )
    return float(_alone(pooled, table)[0] - alone[members].sum())
