"""Advised zones: neighbouring units of one class as one area, with islands too small to act on.

Labels and borders in, labels out. Two steps, repeated until nothing changes: neighbours of one
class are one group; then the smallest group below the least size joins a neighbour and takes its
class. What each unit is by itself is not touched: the caller keeps it beside the group.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.zoning.classes import UNKNOWN_CODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


_DECIMALS = 6
"""Sizes and probabilities that differ by less are equal."""


@dataclass(frozen=True)
class Units:
    """
    The units that are merged; arrays of shape (units,).

    Parameters
    ----------
    keys : sequence of str
        Ids; they break ties, so that the order of units does not matter.
    zone_class : ndarray of int64
        Position of each unit's class in ``ZONE_CLASSES``.
    probabilities : ndarray of float64, shape (units, classes)
        Probability of each class; NaN is not known. [-]
    connections, buildings : ndarray of float64
        Known counts; NaN counts as none.
    area_m2 : ndarray of float64
        [m2]
    fixed : ndarray of bool
        True where a person set the class: such a unit is never an island.
    """

    keys: Sequence[str]
    zone_class: IntArray
    probabilities: FloatArray
    connections: FloatArray
    buildings: FloatArray
    area_m2: FloatArray
    fixed: BoolArray


@dataclass(frozen=True)
class LeastSize:
    """What an advised zone holds at least; a smaller one is an island."""

    connections: float
    buildings: float
    area_m2: float = 0.0


@dataclass
class _Group:
    """One group while groups are merged."""

    members: list[int]
    code: int
    border_m: dict[int, float]
    connections: float
    buildings: float
    area_m2: float
    key: str
    fixed: bool

    @property
    def order(self) -> tuple[float, float, float, str]:
        """What orders groups, smallest first; rounded, because sums depend on their order."""
        sizes = (self.connections, self.buildings, self.area_m2)
        rounded = (round(size, _DECIMALS) for size in sizes)
        connections, buildings, area_m2 = rounded
        return connections, buildings, area_m2, self.key

    def is_island(self, least: LeastSize) -> bool:
        """Tell whether the group is too small to act on, and no person set its class."""
        connections, buildings, area_m2, _ = self.order
        small = (
            connections < least.connections
            or buildings < least.buildings
            or area_m2 < least.area_m2
        )
        return small and not self.fixed


def merged_units(
    units: Units, pairs: IntArray, length_m: FloatArray, least: LeastSize
) -> tuple[IntArray, IntArray]:
    """
    Merge neighbouring units of one class, and islands into a neighbour.

    Parameters
    ----------
    units : Units
        What is merged.
    pairs : ndarray of int64, shape (pairs, 2)
        Units that share a border.
    length_m : ndarray of float64, shape (pairs,)
        Border they share. [m]
    least : LeastSize
        Smaller groups are islands.

    Returns
    -------
    label : ndarray of int64, shape (units,)
        Group of each unit, numbered by the first id in each.
    codes : ndarray of int64, shape (groups,)
        Class of each group.

    Notes
    -----
    The smallest island goes first (connections, then buildings, then area). It joins a neighbour
    whose class is known before one that is ``onbekend``; of those the one with which it shares
    the longest border, in whole metres; of equal ones the one whose class is most probable in the
    island. An island without neighbours stays.

    Examples
    --------
    >>> from dataclasses import replace
    >>> row = Units("abc", np.array([0, 2, 0]), np.full((3, 6), 1 / 6), np.full(3, 50.0),
    ...             np.full(3, 9.0), np.full(3, 1e4), np.zeros(3, dtype=bool))
    >>> beside = np.array([[0, 1], [1, 2]])
    >>> merged_units(row, beside, np.full(2, 80.0), LeastSize(10, 3))[0]
    array([0, 1, 2])
    >>> thin = replace(row, connections=np.array([50.0, 4.0, 50.0]))
    >>> merged_units(thin, beside, np.full(2, 80.0), LeastSize(10, 3))
    (array([0, 0, 0]), array([0]))
    """
    groups = _single(units)
    for (one, other), length in zip(pairs.tolist(), length_m.tolist(), strict=True):
        for here, there in ((one, other), (other, one)):
            border = groups[here].border_m
            border[there] = border.get(there, 0.0) + length
    for start in list(groups):
        if start in groups:
            _absorb_alike(groups, start)
    queue = [(group.order, k) for k, group in groups.items() if group.is_island(least)]
    heapq.heapify(queue)
    while queue:
        order, island = heapq.heappop(queue)
        # A group that grew or went into another since it was queued is not this island any more.
        if island not in groups or groups[island].order != order:
            continue
        if groups[island].border_m:
            chosen = _chosen_neighbour(units, groups, island)
            _join(groups, chosen, island)
            _absorb_alike(groups, chosen)
            if groups[chosen].is_island(least):
                heapq.heappush(queue, (groups[chosen].order, chosen))
    return _numbered(units, groups)


def _single(units: Units) -> dict[int, _Group]:
    """Return each unit as a group of its own."""
    connections, buildings = np.nan_to_num(units.connections), np.nan_to_num(units.buildings)
    return {
        k: _Group(
            members=[k],
            code=int(units.zone_class[k]),
            border_m={},
            connections=float(connections[k]),
            buildings=float(buildings[k]),
            area_m2=float(units.area_m2[k]),
            key=units.keys[k],
            fixed=bool(units.fixed[k]),
        )
        for k in range(len(units.keys))
    }


def _absorb_alike(groups: dict[int, _Group], start: int) -> None:
    """Join all neighbours of the same class to a group, and theirs, until none is left."""
    while True:
        here = groups[start]
        alike = [k for k in here.border_m if groups[k].code == here.code]
        if not alike:
            return
        for other in alike:
            _join(groups, start, other)


def _join(groups: dict[int, _Group], keep: int, gone: int) -> None:
    """Put one group into another, which keeps its class."""
    kept, lost = groups[keep], groups.pop(gone)
    kept.members += lost.members
    kept.connections += lost.connections
    kept.buildings += lost.buildings
    kept.area_m2 += lost.area_m2
    kept.key = min(kept.key, lost.key)
    kept.fixed |= lost.fixed
    for other, length in lost.border_m.items():
        del groups[other].border_m[gone]
        if other == keep:
            continue
        for here, there in ((kept, other), (groups[other], keep)):
            here.border_m[there] = here.border_m.get(there, 0.0) + length


def _chosen_neighbour(units: Units, groups: dict[int, _Group], island: int) -> int:
    group = groups[island]
    likely = np.nan_to_num(units.probabilities[group.members]).mean(axis=0)

    def order(other: int) -> tuple[bool, int, float, str]:
        code = groups[other].code
        return (
            code == UNKNOWN_CODE,
            -round(group.border_m[other]),
            -round(float(likely[code]), _DECIMALS),
            groups[other].key,
        )

    return min(group.border_m, key=order)


def _numbered(units: Units, groups: dict[int, _Group]) -> tuple[IntArray, IntArray]:
    """Return labels and classes, groups in the order of the first id in each."""
    ordered = sorted(groups.values(), key=lambda g: g.key)
    label = np.empty(len(units.keys), dtype=np.int64)
    for number, group in enumerate(ordered):
        label[group.members] = number
    return label, np.array([group.code for group in ordered], dtype=np.int64)
