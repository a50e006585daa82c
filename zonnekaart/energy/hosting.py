"""Room for solar power on low-voltage cabins, as a range. A proxy, not a hosting capacity.

A hosting capacity is the power at which a named limit of a known network is broken. Nobody
publishes that network, so this module bounds two things only: what a cabin of a standard size may
carry back, and what its customers use at that moment. Voltage along the street is not seen, and
is often what binds first: the truth can lie below the range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

LOAD_EXPONENT = -0.75
"""Exponent of the number of loads in their simultaneity; pylovo, see specs/headroom.md. [-]"""
RATIO_FLOOR_KW = 1.0
"""Least headroom that injection is divided by, so that a full cabin gives a finite ratio. [kW]"""


@dataclass(frozen=True)
class Band:
    """A low, central and high value of one assumption."""

    low: float
    central: float
    high: float


@dataclass(frozen=True)
class CabinAssumptions:
    """
    What is assumed of cabins where the operator gives nothing; read from the rule file.

    Parameters
    ----------
    classes_kva : tuple of float
        Standard transformer sizes, rising. [kVA]
    connections_min, connections_max : int
        Connections that one cabin serves.
    dwelling_kw : Band
        Installed load of one dwelling, before simultaneity. [kW]
    dwelling_simultaneity, other_simultaneity : float
        Share of the installed load that remains in a very large group. [-]
    other_kw_m2 : float
        Installed load of non-residential floor. [kW/m2]
    own_cabin_kw : float
        Installed load above which a customer has a cabin of its own. [kW]
    power_factor : float
        Of the load that cabins were sized for. [-]
    reverse_limit : Band
        Share of the rating that may flow back. [-]
    existing_unknown_share : Band
        Share of the potential taken to stand already where that is not known; `low` belongs to
        the low end of the headroom and is therefore the largest share. [-]
    load_share : Band
        Share of the lowest sunny load that counts as room. [-]
    network_factor : Band
        What voltage along the street and uneven panels leave of `reverse_limit`. [-]
    method : str
        Name of the method that the shares follow, shown with the result.
    """

    classes_kva: tuple[float, ...]
    connections_min: int
    connections_max: int
    dwelling_kw: Band
    dwelling_simultaneity: float
    other_simultaneity: float
    other_kw_m2: float
    own_cabin_kw: float
    power_factor: float
    reverse_limit: Band
    existing_unknown_share: Band
    load_share: Band = Band(1.0, 1.0, 1.0)
    network_factor: Band = Band(1.0, 1.0, 1.0)
    method: str = "zonnekaart"

    def ends(self) -> tuple[tuple[float, float, float], ...]:
        """Return share of the rating, of the load, and of unknown panels, for each end. [-]."""
        return tuple(
            (
                getattr(self.reverse_limit, end) * getattr(self.network_factor, end),
                getattr(self.load_share, end),
                getattr(self.existing_unknown_share, end),
            )
            for end in ("low", "central", "high")
        )


@dataclass(frozen=True)
class ZoneLoads:
    """
    What cabins of a zone must serve, all arrays of shape (zones,).

    Parameters
    ----------
    dwellings : ndarray of float64
        Dwellings. [count]
    others : ndarray of float64
        Non-residential connections without a cabin of their own. [count]
    others_kw : ndarray of float64
        Their installed load together. [kW]
    own_cabins_kw : ndarray of float64
        Installed load of customers with a cabin of their own. [kW]
    """

    dwellings: FloatArray
    others: FloatArray
    others_kw: FloatArray
    own_cabins_kw: FloatArray


@dataclass(frozen=True)
class ZoneSolar:
    """
    What runs against the cabins of a zone, all arrays of shape (zones,).

    Parameters
    ----------
    capacity_kwp : ndarray of float64
        Potential on all roofs. [kWp]
    existing_kwp : ndarray of float64
        What is known to stand already, >= 0. [kWp]
    unknown_kwp : ndarray of float64
        Potential on roofs of which it is not known whether panels stand there. [kWp]
    pv_peak_kw : ndarray of float64
        Highest quarter-hour of all roofs together at full potential. [kW]
    min_load_sunny_kw : ndarray of float64
        Lowest demand in sunny quarter-hours; NaN is not known. [kW]
    """

    capacity_kwp: FloatArray
    existing_kwp: FloatArray
    unknown_kwp: FloatArray
    pv_peak_kw: FloatArray
    min_load_sunny_kw: FloatArray


@dataclass(frozen=True)
class Range:
    """Low, central and high values, arrays of shape (zones,), low <= central <= high."""

    low: FloatArray
    central: FloatArray
    high: FloatArray


def simultaneous_load(
    installed_kw: FloatArray, number: FloatArray, simultaneity: float
) -> FloatArray:
    """
    Return the peak of many equal loads together.

    Parameters
    ----------
    installed_kw : ndarray of float64
        Installed load of all of them together. [kW]
    number : ndarray of float64
        How many they are; below 1 counts as 1, and no load gives 0. [count]
    simultaneity : float
        Share g that remains in a very large group, 0 to 1. [-]

    Returns
    -------
    ndarray of float64
        ``installed * (g + (1 - g) * n ** -0.75)``. [kW]

    Notes
    -----
    For load only. Panels in one street all peak at once; using this for them hides the peak.

    Examples
    --------
    >>> simultaneous_load(np.array([30.0, 3000.0]), np.array([1.0, 100.0]), 0.07).round(1)
    array([ 30. , 298.2])
    """
    n = np.maximum(number, 1.0)
    return installed_kw * (simultaneity + (1.0 - simultaneity) * n**LOAD_EXPONENT)


def cabin_rating(
    loads: ZoneLoads, assumed: CabinAssumptions, size_known: BoolArray | None = None
) -> Range:
    """
    Estimate the rating that serves each zone from standard cabins.

    For every number of connections a cabin may serve, the smallest standard transformer that
    carries their simultaneous load is taken; the rating per connection then follows. Sizes whose
    load no standard transformer carries are not built. A zone smaller than a cabin has its part.

    Parameters
    ----------
    loads : ZoneLoads
        What the cabins must serve.
    assumed : CabinAssumptions
        Sizes and loads.
    size_known : ndarray of bool, shape (zones,), optional
        True where one cabin serves all connections of the row, so that no other size is tried.

    Returns
    -------
    Range
        Rating of the cabins that serve the zone. [kVA]
    """
    counts = np.arange(assumed.connections_min, assumed.connections_max + 1, dtype=np.float64)
    own = loads.own_cabins_kw / assumed.power_factor
    dwelling_kw = (assumed.dwelling_kw.low, assumed.dwelling_kw.central, assumed.dwelling_kw.high)
    per_connection = [_rating_per_connection(loads, assumed, kw, counts) for kw in dwelling_kw]
    connections = loads.dwellings + loads.others
    if size_known is not None:
        size = np.maximum(connections, 1.0)[:, None]
        for number, kw in enumerate(dwelling_kw):
            exact = _rating_per_connection(loads, assumed, kw, size)
            per_connection[number] = np.where(size_known[:, None], exact, per_connection[number])
    low = connections * per_connection[0].min(axis=1) + own
    central = connections * np.median(per_connection[1], axis=1) + own
    high = connections * per_connection[2].max(axis=1) + own
    return Range(np.minimum(low, central), central, np.maximum(high, central))


def _rating_per_connection(
    loads: ZoneLoads, assumed: CabinAssumptions, dwelling_kw: float, counts: FloatArray
) -> FloatArray:
    """Return the rating per connection for each cabin size, shape (zones, sizes), kVA."""
    connections = np.maximum(loads.dwellings + loads.others, 1.0)[:, None]
    dwellings = loads.dwellings[:, None] / connections * counts
    others = loads.others[:, None] / connections * counts
    others_kw = loads.others_kw[:, None] / connections * counts
    need = simultaneous_load(dwelling_kw * dwellings, dwellings, assumed.dwelling_simultaneity)
    need = need + simultaneous_load(others_kw, others, assumed.other_simultaneity)
    need /= assumed.power_factor
    classes = np.asarray(assumed.classes_kva)
    position = np.searchsorted(classes, need)
    built = position < classes.size
    rating = classes[np.minimum(position, classes.size - 1)] / counts
    # Where every size needs more than the largest transformer, several stand side by side.
    several = need / counts
    none_built = ~built.any(axis=1, keepdims=True)
    nearest = np.where(built, rating, np.nan)
    filled = np.where(none_built, several, nearest)
    median = np.nanmedian(filled, axis=1, keepdims=True)
    return np.where(np.isnan(filled), median, filled)


def pv_simultaneity(pv_peak_kw: FloatArray, capacity_kwp: FloatArray) -> FloatArray:
    """
    Return the highest quarter-hour of all roofs divided by their nameplate.

    Orientation and losses keep it a little below 1; it is not the simultaneity of load.

    Parameters
    ----------
    pv_peak_kw : ndarray of float64
        Peak of the sum of roofs. [kW]
    capacity_kwp : ndarray of float64
        Nameplate of the same roofs. [kWp]

    Returns
    -------
    ndarray of float64
        From 0 to 1; 1, the cautious end, where it is not known. [-]
    """
    ratio = np.ones(np.shape(pv_peak_kw))
    known = (capacity_kwp > 0) & ~np.isnan(pv_peak_kw)
    np.divide(pv_peak_kw, capacity_kwp, out=ratio, where=known)
    return np.clip(ratio, 0.0, 1.0)


def pv_headroom(rating: Range, solar: ZoneSolar, assumed: CabinAssumptions) -> Range:
    """
    Return the room for more solar power on the cabins that serve each zone.

    Parameters
    ----------
    rating : Range
        Rating of the cabins: estimated, or three times the operator's sum. [kVA]
    solar : ZoneSolar
        What runs against it.
    assumed : CabinAssumptions
        Reverse limits, and what is taken to stand where that is not known.

    Returns
    -------
    Range
        ``limit * rating + share * min_load - existing * pv_simultaneity``, at least 0; NaN where
        the demand is not known. [kW]

    Raises
    ------
    ShapeMismatchError
        If the arrays differ in shape.

    Notes
    -----
    Kilovolt-amperes count as kilowatts: inverters feed in at a power factor near 1.
    """
    if rating.central.shape != solar.capacity_kwp.shape:
        raise ShapeMismatchError("rating", rating.central.shape, solar.capacity_kwp.shape)
    room = net_room(rating, solar, assumed)
    load = solar.min_load_sunny_kw
    ends = zip((room.low, room.central, room.high), assumed.ends(), strict=True)
    return Range(*(np.maximum(kw + share * load, 0.0) for kw, (_, share, _) in ends))


def net_room(rating: Range, solar: ZoneSolar, assumed: CabinAssumptions) -> Range:
    """
    Return what cabins may carry back, less the panels that stand already; the load is not in it.

    Parameters
    ----------
    rating : Range
        Rating of the cabins. [kVA]
    solar : ZoneSolar
        What runs against it.
    assumed : CabinAssumptions
        Reverse limits, and what is taken to stand where that is not known.

    Returns
    -------
    Range
        Below 0 where more stands than may flow back. [kW]
    """
    factor = pv_simultaneity(solar.pv_peak_kw, solar.capacity_kwp)
    ratings = (rating.low, rating.central, rating.high)
    return Range(
        *(
            limit * kva - (solar.existing_kwp + unknown * solar.unknown_kwp) * factor
            for kva, (limit, _, unknown) in zip(ratings, assumed.ends(), strict=True)
        )
    )


def headroom_ratio(peak_injection_kw: FloatArray, headroom_kw: FloatArray) -> FloatArray:
    """
    Divide the peak injection of the full potential by the headroom.

    Parameters
    ----------
    peak_injection_kw : ndarray of float64
        Highest quarter-hour of production minus demand. [kW]
    headroom_kw : ndarray of float64
        Room for more solar power; below `RATIO_FLOOR_KW` counts as that. [kW]

    Returns
    -------
    ndarray of float64
        >= 0; NaN where either is unknown. [-]
    """
    result: FloatArray = np.maximum(peak_injection_kw, 0.0) / np.maximum(
        headroom_kw, RATIO_FLOOR_KW
    )
    return result
