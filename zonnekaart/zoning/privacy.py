"""Which zones may show their demand: enough connections, no dominant user, no subtraction.

A zone's demand is shown only when at least k connections in several buildings stand behind it and
no user has most of it. Then the subtraction is tried as a reader could: totals of statistical areas
are public, so an area minus its shown zones must itself be empty or pass the same rule; otherwise a
further zone is kept back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

DEMAND_INDICATORS = (
    "consumption_kwh",
    "consumption_low_kwh",
    "consumption_high_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "sharing_gain",
    "surplus_kwh",
    "residual_kwh",
    "surplus_share",
    "peak_injection_kw",
    "peak_offtake_kw",
    "pv_headroom_low_kw",
    "pv_headroom_kw",
    "pv_headroom_high_kw",
    "headroom_ratio",
    "estimated_demand_share",
    "yield_demand_ratio",
    "obliged_capacity_kwp",
)
"""Indicators from which the demand of a zone could be worked out, given its yield."""

OUTSIDE = -1
"""Zone position of a part of an area that belongs to no zone."""

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class PrivacyRule:
    """
    What a published figure must satisfy.

    Parameters
    ----------
    k : int
        Least number of connections.
    dominance : float
        Largest share one user may have in the total, 0 to 1. [-]
    min_buildings : int
        Least number of buildings that consume: one block of flats has many connections, and yet
        its total is the figure of one building.
    """

    k: int
    dominance: float
    min_buildings: int = 3


@dataclass(frozen=True)
class Parts:
    """
    Demand of each piece that lies in one zone and one area; arrays of shape (parts,).

    Parameters
    ----------
    zone : ndarray of int64
        Position of the zone; `OUTSIDE` for none.
    area : ndarray of int64
        Position of the area; -1 for none.
    consumption_kwh : ndarray of float64
        Of all users in the piece; NaN is not known. [kWh]
    largest_kwh : ndarray of float64
        Of its largest user. [kWh]
    connections : ndarray of float64
        NaN is not known. [count]
    buildings : ndarray of float64
        Buildings that consume. [count]
    """

    zone: IntArray
    area: IntArray
    consumption_kwh: FloatArray
    largest_kwh: FloatArray
    connections: FloatArray
    buildings: FloatArray


@dataclass(frozen=True)
class Suppression:
    """
    The outcome per zone; arrays of shape (zones,).

    Parameters
    ----------
    few, dominated, unknown : ndarray of bool
        Kept back for few connections or buildings, a dominant user, or demand that is not known.
    secondary : ndarray of bool
        Kept back so that another zone cannot be worked out by subtraction.
    exposed_areas : tuple of int
        Areas whose remainder fails the rule although no zone is left to keep back: their total
        was published at the source.
    """

    few: BoolArray
    dominated: BoolArray
    unknown: BoolArray
    secondary: BoolArray
    exposed_areas: tuple[int, ...]

    @property
    def published(self) -> BoolArray:
        """True where the zone's demand may be shown."""
        return ~(self.few | self.dominated | self.unknown | self.secondary)


def passes(parts: Parts, chosen: BoolArray, rule: PrivacyRule) -> bool:
    """
    Tell whether the total of some parts may be shown.

    Parameters
    ----------
    parts : Parts
        All parts.
    chosen : ndarray of bool, shape (parts,)
        The parts in the total.
    rule : PrivacyRule
        What it must satisfy.
    """
    connections = parts.connections[chosen].sum()
    total = parts.consumption_kwh[chosen].sum()
    if np.isnan(connections) or np.isnan(total) or connections < rule.k:
        return False
    if parts.buildings[chosen].sum() < rule.min_buildings:
        return False
    largest = parts.largest_kwh[chosen].max(initial=0.0)
    return bool(largest <= rule.dominance * total)


def suppress(parts: Parts, zones: int, area_published: BoolArray, rule: PrivacyRule) -> Suppression:
    """
    Decide which zones show their demand.

    Parameters
    ----------
    parts : Parts
        Pieces that lie in one zone and one area.
    zones : int
        Number of zones.
    area_published : ndarray of bool, shape (areas,)
        True where the total of an area is public.
    rule : PrivacyRule
        What every shown or derivable total must satisfy.

    Returns
    -------
    Suppression

    Notes
    -----
    Groups of areas that shown zones hold together are tried as well as each area alone: a zone
    that straddles two areas can be subtracted only from both. Within a group the zone with the
    fewest connections is kept back first.
    """
    few, dominated, unknown = _primary(parts, zones, rule)
    protected = few | dominated | unknown
    shown = ~protected
    exposed = _keep_remainders(parts, shown, area_published, rule)
    _keep_combinations(parts, shown, protected, area_published)
    return Suppression(few, dominated, unknown, ~(protected | shown), exposed)


def _keep_remainders(
    parts: Parts, shown: BoolArray, area_published: BoolArray, rule: PrivacyRule
) -> tuple[int, ...]:
    """Keep back zones, in place, until every remainder passes; return areas where none helps."""
    while True:
        exposed: set[int] = set()
        chosen = None
        for group in _groups(parts, shown, area_published):
            rest, candidates = _remainder(parts, shown, group)
            if not rest.any() or passes(parts, rest, rule):
                continue
            if candidates.size:
                chosen = _smallest(parts, candidates)
                break
            exposed.update(int(area) for area in group)
        if chosen is None:
            return tuple(sorted(exposed))
        shown[chosen] = False


def _keep_combinations(
    parts: Parts, shown: BoolArray, protected: BoolArray, area_published: BoolArray
) -> None:
    """
    Keep back zones, in place, until no combination of totals gives a protected zone.

    Combinations beyond one remainder need zones that straddle areas, so this rarely finds any.
    What public totals give by themselves cannot be undone here.
    """
    by_source = set(derivable_zones(parts, np.zeros_like(shown), area_published).tolist())
    while shown.any():
        given = derivable_zones(parts, shown, area_published)
        open_zones = [z for z in given if protected[z] and int(z) not in by_source]
        if not open_zones:
            return
        near = np.unique(parts.area[(parts.zone == open_zones[0]) & (parts.area >= 0)])
        touching = np.unique(parts.zone[np.isin(parts.area, near) & (parts.zone >= 0)])
        candidates = touching[shown[touching]]
        shown[_smallest(parts, candidates if candidates.size else np.flatnonzero(shown))] = False


def _smallest(parts: Parts, zones: IntArray) -> int:
    """Return the zone with the fewest connections."""
    sizes = [parts.connections[parts.zone == zone].sum() for zone in zones]
    return int(zones[int(np.argmin(sizes))])


def _primary(parts: Parts, zones: int, rule: PrivacyRule) -> tuple[BoolArray, BoolArray, BoolArray]:
    inside = parts.zone >= 0
    zone = parts.zone[inside]
    connections = np.bincount(zone, weights=parts.connections[inside], minlength=zones)
    total = np.bincount(zone, weights=parts.consumption_kwh[inside], minlength=zones)
    largest = np.zeros(zones)
    np.maximum.at(largest, zone, np.nan_to_num(parts.largest_kwh[inside]))
    unknown = np.isnan(total) | np.isnan(connections)
    buildings = np.bincount(zone, weights=parts.buildings[inside], minlength=zones)
    few = ~unknown & ((connections < rule.k) | (buildings < rule.min_buildings))
    dominated = ~unknown & ~few & (largest > rule.dominance * total)
    return few, dominated, unknown


def _groups(parts: Parts, shown: BoolArray, area_published: BoolArray) -> list[IntArray]:
    """Return each public area alone, and the groups of areas that straddling zones join."""
    areas = area_published.size
    label = np.arange(areas)
    singles = [np.array([a]) for a in np.flatnonzero(area_published)]
    for zone in np.flatnonzero(shown):
        touched = np.unique(parts.area[(parts.zone == zone) & (parts.area >= 0)])
        if touched.size > 1:
            joined = np.isin(label, label[touched])
            label[joined] = label[touched].min()
    groups = [np.flatnonzero(label == value) for value in np.unique(label)]
    return singles + [g for g in groups if g.size > 1 and area_published[g].all()]


def _remainder(parts: Parts, shown: BoolArray, group: IntArray) -> tuple[BoolArray, IntArray]:
    """
    Return what is left of a group's total after subtracting the shown zones inside it.

    A shown zone that reaches outside the group cannot be subtracted, so its pieces stay in the
    remainder, where they hide others.
    """
    in_group = np.isin(parts.area, group)
    leaving = np.unique(parts.zone[~in_group & (parts.zone >= 0)])
    here = np.unique(parts.zone[in_group & (parts.zone >= 0)])
    subtracted = here[shown[here] & ~np.isin(here, leaving)]
    return in_group & ~np.isin(parts.zone, subtracted), subtracted


def derivable_zones(parts: Parts, published: BoolArray, area_published: BoolArray) -> IntArray:
    """
    Return zones that are not shown but whose total follows from what is.

    This is the attack itself, by linear algebra over all combinations of published totals; it
    is what `suppress` must prevent.

    Parameters
    ----------
    parts : Parts
        Pieces that lie in one zone and one area.
    published : ndarray of bool, shape (zones,)
        True where the zone's total is shown.
    area_published : ndarray of bool, shape (areas,)
        True where the area's total is public.

    Returns
    -------
    ndarray of int64
        Positions of zones whose indicator lies in the span of the published totals.
    """
    rows = [parts.zone == z for z in np.flatnonzero(published)]
    rows += [parts.area == a for a in np.flatnonzero(area_published)]
    hidden = np.flatnonzero(~published)
    hidden = np.array([z for z in hidden if (parts.zone == z).any()], dtype=np.int64)
    if not rows or hidden.size == 0:
        return np.array([], dtype=np.int64)
    known = np.array(rows, dtype=np.float64)
    wanted = np.array([parts.zone == z for z in hidden], dtype=np.float64)
    coefficients, *_ = np.linalg.lstsq(known.T, wanted.T, rcond=None)
    misfit = np.abs(known.T @ coefficients - wanted.T).max(axis=0)
    found: IntArray = hidden[misfit < _TOLERANCE]
    return found


def shown_groups(
    parts: Parts, group: IntArray, zone_shown: BoolArray, rule: PrivacyRule
) -> BoolArray:
    """
    Decide which groups inside zones show their figures beside those of the zones.

    Parameters
    ----------
    parts : Parts
        Pieces, each in one zone and at most one group.
    group : ndarray of int64, shape (parts,)
        Position of the group; -1 for none.
    zone_shown : ndarray of bool, shape (zones,)
        Zones whose figures are shown.
    rule : PrivacyRule
        What every shown or derivable total must satisfy.

    Returns
    -------
    ndarray of bool, shape (groups,)
        A group shows its figures when it passes by itself, lies in one shown zone, and what is
        left of that zone without all shown groups is empty or passes too. Where it is not, the
        smallest shown groups are kept back until it is.

    Notes
    -----
    That is enough: any total worked out from these by subtraction is a union of groups that pass
    and that remainder, and a union of totals that pass has more connections and buildings and no
    larger share of its largest user.
    """
    count = int(group.max(initial=-1)) + 1
    shown = np.zeros(count, dtype=np.bool_)
    for number in range(count):
        members = group == number
        zones = np.unique(parts.zone[members])
        whole = len(zones) == 1 and zones[0] >= 0 and bool(zone_shown[zones[0]])
        shown[number] = whole and passes(parts, members, rule)
    # Nobody lives in an annex: what uses nothing gives nobody away.
    someone = ~((parts.connections == 0.0) & (parts.consumption_kwh == 0.0))
    for zone in np.flatnonzero(zone_shown):
        inside = (parts.zone == zone) & someone
        here = np.unique(group[inside & (group >= 0)])
        size = np.bincount(
            group[inside & (group >= 0)],
            parts.connections[inside & (group >= 0)],
            minlength=count,
        )
        for number in here[np.argsort(size[here], kind="stable")]:
            held = (group >= 0) & shown[np.maximum(group, 0)]
            rest = inside & ~held
            if not rest.any() or passes(parts, rest, rule) or not held[inside].any():
                break
            shown[number] = False
    return shown
