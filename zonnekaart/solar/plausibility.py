"""Does the light of a weather year fit the sun: its clock, its limits, its parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from pvlib.solarposition import equation_of_time_spencer71

from zonnekaart.solar.decomposition import sun_heights

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.solar.weather import WeatherYear

    F64 = npt.NDArray[np.float64]

DAYLIGHT_W_M2 = 20.0
"""Light from which an interval counts as day. Below it providers' rounding and smoothing show: the
evenings of TMYx Brussels have a tail under 20 W/m2 that its mornings lack. [W/m2]"""
_SUMMER, _WINTER = (5, 6, 7), (11, 12, 1)
_LEAST_DAYS = 20
_BEYOND = 1.05
_PARTS = ("ghi", "dni", "dhi")


@dataclass(frozen=True)
class Clock:
    """
    How far the light of a year comes after the sun.

    Parameters
    ----------
    shift_h : float
        Middle of the light of a day minus solar noon, mean over the days; NaN without day and
        night. Positive when the light comes too late. [h]
    summer_minus_winter_h : float
        The same of May to July minus that of November to January; 1 when local time with daylight
        saving was taken for standard time. NaN when a season is missing. [h]
    """

    shift_h: float
    summer_minus_winter_h: float


@dataclass(frozen=True)
class Fit:
    """
    How the values of a year fit what is possible; shares of the intervals with light.

    Parameters
    ----------
    beyond_sky : float
        Global, beam or diffuse irradiance above the physically possible. [-]
    diffuse_above_global : float
        Diffuse more than 5 percent and 20 W/m2 above global. [-]
    gap : float
        Mean of ``|ghi - dni cos z - dhi|`` over mean `ghi`. [-]
    better_order : tuple of str
        What the columns ghi, dni and dhi seem to hold, where another order closes far better than
        their own; empty otherwise.
    """

    beyond_sky: float
    diffuse_above_global: float
    gap: float
    better_order: tuple[str, ...]


def clock(time_utc: npt.NDArray[np.datetime64], ghi: F64, longitude_deg: float) -> Clock:
    """
    Hold the light of each day against solar noon.

    Parameters
    ----------
    time_utc : ndarray of datetime64, shape (time,)
        Interval midpoints, UTC.
    ghi : ndarray of float64, shape (time,)
        Global horizontal irradiance. [W/m2]
    longitude_deg : float
        East positive. [degree]

    Notes
    -----
    The middle between first and last light of a day does not move with clouds, as the centre of
    the irradiation does; steps of an hour average out over the year, because sunrise wanders
    through them. Equation of time after Spencer (1971) through pvlib.
    """
    moments = time_utc.astype("datetime64[ns]")
    day_start = moments.astype("datetime64[D]")
    number = (day_start - day_start.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) + 1
    equation_h = np.asarray(equation_of_time_spencer71(number)) / 60.0
    hours = (moments - moments[0].astype("datetime64[D]")) / np.timedelta64(3600, "s")
    solar = hours + longitude_deg / 15.0 + equation_h
    day = np.floor(solar / 24.0).astype(np.int64)
    day -= day.min()
    count = int(day.max()) + 1
    lit = ghi > DAYLIGHT_W_M2
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first, day[lit], solar[lit])
    np.maximum.at(last, day[lit], solar[lit])
    steps, bright = np.bincount(day, minlength=count), np.bincount(day[lit], minlength=count)
    # The equation of time lets a solar day win or lose a step.
    usable = (bright > 0) & (bright < steps) & (steps >= np.median(steps) - 1)
    if not usable.any():
        return Clock(float("nan"), float("nan"))
    middle = (first[usable] + last[usable]) / 2.0
    shift = (middle - 12.0 + 12.0) % 24.0 - 12.0
    start = np.full(count, -1, dtype=np.int64)
    start[day] = moments.astype("datetime64[M]").astype(np.int64) % 12 + 1
    month = start[usable]
    summer, winter = shift[np.isin(month, _SUMMER)], shift[np.isin(month, _WINTER)]
    enough = min(len(summer), len(winter)) >= _LEAST_DAYS
    return Clock(
        float(shift.mean()), float(summer.mean() - winter.mean()) if enough else float("nan")
    )


def fit(year: WeatherYear) -> Fit:
    """
    Hold the values of a year against the light above the atmosphere and against one another.

    Parameters
    ----------
    year : WeatherYear
        The weather year.

    Notes
    -----
    Limits are the "physically possible" ones of the Baseline Surface Radiation Network [1]_.

    References
    ----------
    .. [1] C. N. Long, E. G. Dutton, BSRN Global Network recommended QC tests, V2.0, 2002.
    """
    sun = sun_heights(year.time_utc, year.step_hours, year.latitude_deg, year.longitude_deg)
    above, cosine = sun.extraterrestrial_w_m2, sun.cosine_up
    light = np.maximum(year.ghi, np.maximum(year.dni, year.dhi)) > DAYLIGHT_W_M2
    total = max(int(light.sum()), 1)
    wrong = (
        (year.ghi > above * 1.5 * cosine**1.2 + 100.0)
        | (year.dhi > above * 0.95 * cosine**1.2 + 50.0)
        | (year.dni > above)
    )
    diffuse = year.dhi > np.maximum(year.ghi * _BEYOND, year.ghi + 20.0)
    parts = {name: getattr(year, name) for name in _PARTS}
    gaps = {order: _gap([parts[n] for n in order], cosine) for order in permutations(_PARTS)}
    own = gaps[_PARTS]
    best = min(gaps, key=lambda order: gaps[order])
    swapped = own > 0.2 and gaps[best] < own / 3.0
    # `best` names the column that holds each part; a reader wants the part in each column.
    holds = tuple(_PARTS[best.index(name)] for name in _PARTS)
    return Fit(
        beyond_sky=float((wrong & light).sum()) / total,
        diffuse_above_global=float((diffuse & light).sum()) / total,
        gap=own,
        better_order=holds if swapped else (),
    )


def closing_offset_h(year: WeatherYear, least_h: float, most_h: float) -> float:
    """
    Return the shift of the clock at which global, beam and diffuse irradiance agree best.

    Parameters
    ----------
    year : WeatherYear
        A year whose three parts were calculated or measured together.
    least_h, most_h : float
        Between which to look. [h]

    Returns
    -------
    float
        To be added to `time_utc`, in steps of a minute. [h]
    """
    minutes = np.arange(round(least_h * 60), round(most_h * 60) + 1)
    part = np.flatnonzero(year.dni > DAYLIGHT_W_M2)[:: max(1, len(year.ghi) // 4000)]
    sums = []
    for minute in minutes:
        moved = year.time_utc[part] + np.timedelta64(int(minute), "m")
        sun = sun_heights(moved, 1.0 / 60.0, year.latitude_deg, year.longitude_deg)
        sums.append(_gap([year.ghi[part], year.dni[part], year.dhi[part]], sun.cosine_up))
    return float(minutes[int(np.argmin(sums))] / 60.0)


def _gap(parts: list[F64], cosine: F64) -> float:
    ghi, dni, dhi = parts
    mean = float(ghi.mean())
    return float(np.abs(ghi - dni * cosine - dhi).mean()) / mean if mean else float("inf")
