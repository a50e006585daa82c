"""From cabins to zones: every cabin is divided among the zones it serves, and counted once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.energy.hosting import Range, ZoneSolar, net_room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.energy.hosting import CabinAssumptions

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

NOWHERE = -1
"""Zone of buildings that lie in none; their part of a cabin is nobody else's."""


@dataclass(frozen=True)
class Served:
    """
    Which cabin serves which zone, arrays of shape (pairs,).

    Parameters
    ----------
    cabin : ndarray of int64
        Position of the cabin.
    zone : ndarray of int64
        Position of the zone; `NOWHERE` for none.
    connections : ndarray of float64
        Connections of the zone on the cabin. [count]
    own_kva : ndarray of float64
        Rating of customers' own cabins in the pair, which nobody shares. [kVA]
    own_existing_kwp, own_unknown_kwp : ndarray of float64
        Panels on those customers' roofs, and potential of roofs of which that is not known: they
        run against their own cabins. [kWp]
    """

    cabin: IntArray
    zone: IntArray
    connections: FloatArray
    own_kva: FloatArray
    own_existing_kwp: FloatArray
    own_unknown_kwp: FloatArray

    def cabin_share(self, cabins: int) -> FloatArray:
        """Return the part of its cabin that each pair takes; 0 on a cabin nobody is on. [-]."""
        whole = _sum(self.connections, self.cabin, cabins)
        return _parts(self.connections, whole[self.cabin])

    def zone_share(self, zones: int) -> FloatArray:
        """Return the part of its zone that hangs on the cabin of each pair. [-]."""
        whole = np.append(_sum(self.connections, self.zone, zones), 0.0)
        return _parts(self.connections, whole[self.zone])


@dataclass(frozen=True)
class Cabins:
    """
    Cabins, all arrays of shape (cabins,).

    Parameters
    ----------
    rating : Range
        Rating, customers' own cabins included. [kVA]
    solar : ZoneSolar
        What runs against it; its load is not used.
    given_kw : ndarray of float64
        Headroom as the operator gives it; NaN where there is none. [kW]
    """

    rating: Range
    solar: ZoneSolar
    given_kw: FloatArray


def zone_ratings(served: Served, rating: Range, zones: int) -> Range:
    """
    Divide ratings among zones.

    Parameters
    ----------
    served : Served
        Who hangs on which cabin.
    rating : Range
        Rating of each cabin, customers' own included. [kVA]
    zones : int
        Number of zones.

    Returns
    -------
    Range
        Adds up to the rating of all cabins with connections, less what serves no zone. [kVA]
    """
    count = len(rating.central)
    share, own = served.cabin_share(count), _sum(served.own_kva, served.cabin, count)
    return Range(
        *(
            _sum(share * (kva - own)[served.cabin] + served.own_kva, served.zone, zones)
            for kva in (rating.low, rating.central, rating.high)
        )
    )


def zone_headroom(
    served: Served, cabins: Cabins, min_load_sunny_kw: FloatArray, assumed: CabinAssumptions
) -> Range:
    """
    Divide the room on cabins among the zones they serve.

    Parameters
    ----------
    served : Served
        Who hangs on which cabin.
    cabins : Cabins
        Ratings and panels, or given headroom.
    min_load_sunny_kw : ndarray of float64, shape (zones,)
        Lowest demand of each zone in sunny quarter-hours; NaN is not known. [kW]
    assumed : CabinAssumptions
        Shares of rating and load.

    Returns
    -------
    Range
        At least 0; NaN where the demand is not known and some room was not given. [kW]

    Notes
    -----
    Per pair: the zone's part of the room on the shared cabin, that on its customers' own cabins,
    both before load, plus the part of the zone's own load that hangs there, at least 0. A full
    cabin takes nothing from another. The load is the zone's own, so that a zone's headroom tells
    nothing of its neighbours' demand.
    """
    count = len(cabins.given_kw)
    zones = len(min_load_sunny_kw)
    share, part = served.cabin_share(count), served.zone_share(zones)
    own, shared = _own_room(served, cabins, assumed), _shared_room(served, cabins, assumed)
    load = np.append(min_load_sunny_kw, 0.0)[served.zone] * part
    given = cabins.given_kw[served.cabin]
    ends = []
    for own_kw, kw, (_, load_share, _) in zip(own, shared, assumed.ends(), strict=True):
        found = share * kw[served.cabin] + own_kw + load_share * load
        pair = np.where(np.isnan(given), np.maximum(found, 0.0), share * given)
        ends.append(_sum(pair, served.zone, zones))
    return Range(*ends)


def _shared_room(
    served: Served, cabins: Cabins, assumed: CabinAssumptions
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the room on each cabin without that of customers with their own, by end. [kW]."""
    count = len(cabins.given_kw)
    kva, existing, unknown = (
        _sum(values, served.cabin, count)
        for values in (served.own_kva, served.own_existing_kwp, served.own_unknown_kwp)
    )
    rating, solar = cabins.rating, cabins.solar
    room = net_room(
        Range(rating.low - kva, rating.central - kva, rating.high - kva),
        replace(
            solar,
            existing_kwp=solar.existing_kwp - existing,
            unknown_kwp=solar.unknown_kwp - unknown,
        ),
        assumed,
    )
    return room.low, room.central, room.high


def _own_room(
    served: Served, cabins: Cabins, assumed: CabinAssumptions
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the room on customers' own cabins in each pair, by end. [kW]."""
    solar = ZoneSolar(
        capacity_kwp=cabins.solar.capacity_kwp[served.cabin],
        existing_kwp=served.own_existing_kwp,
        unknown_kwp=served.own_unknown_kwp,
        pv_peak_kw=cabins.solar.pv_peak_kw[served.cabin],
        min_load_sunny_kw=np.zeros(len(served.cabin)),
    )
    room = net_room(Range(served.own_kva, served.own_kva, served.own_kva), solar, assumed)
    return room.low, room.central, room.high


def _parts(part: FloatArray, whole: FloatArray) -> FloatArray:
    share: FloatArray = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return share


def _sum(values: FloatArray, zone: IntArray, zones: int) -> FloatArray:
    inside = zone >= 0
    return np.bincount(zone[inside], weights=values[inside], minlength=zones).astype(np.float64)
