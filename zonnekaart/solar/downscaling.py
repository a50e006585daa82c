"""Hours from twelve monthly means of global irradiation, when a place has nothing better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from zonnekaart.errors import WeatherError
from zonnekaart.solar.decomposition import SunHeights, beam_of, erbs_diffuse, sun_heights

if TYPE_CHECKING:
    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]

LEAST_CLEARNESS = 0.05
"""Daily clearness index of the darkest day, Duffie and Beckman, section 2.9. [-]"""
MOST_MONTHLY_CLEARNESS = 0.8
"""Monthly mean that no place on earth passes; above it the unit or the place is wrong. [-]"""
DAY_TO_DAY = 0.29
"""Lag-one autocorrelation of the daily clearness, Graham, Hollands and Huget (1988). [-]"""
_HOURS = 24


@dataclass(frozen=True)
class Place:
    """Where: north and east positive [degree], and local standard time minus UTC [h]."""

    latitude_deg: float
    longitude_deg: float
    utc_offset_hours: float


@dataclass(frozen=True)
class Hours:
    """
    An hourly year; arrays of shape (time,).

    Parameters
    ----------
    time_utc : ndarray of datetime64[ns]
        Midpoints of the hours, UTC; the year begins at midnight, local standard time.
    ghi, dni, dhi : ndarray of float64
        Interval means. [W/m2]
    """

    time_utc: npt.NDArray[np.datetime64]
    ghi: F64
    dni: F64
    dhi: F64


def hours_of_months(monthly_kwh_m2: F64, place: Place, year: int, seed: int = 1) -> Hours:
    """
    Return an hourly year whose months have the sums given.

    Parameters
    ----------
    monthly_kwh_m2 : ndarray of float64, shape (12,)
        Global horizontal irradiation of each month. [kWh/m2]
    place : Place
        Where.
    year : int
        Calendar year that is filled.
    seed : int
        Puts the days of a month in order; the same seed gives the same year.

    Returns
    -------
    Hours
        Each month meets its sum; light only while the sun is up; ``dhi <= ghi``.

    Raises
    ------
    WeatherError
        If a sum is unknown, negative, or more than the sun can give.

    Notes
    -----
    Days: clearness indices from the distribution of Bendt, Collares-Pereira and Rabl (1981) with
    its exponent solved for the month's mean, the clearest day after Hollands and Huget (1983)
    [1]_; in the order of a first-order autoregressive series with coefficient 0.29 [2]_.
    Hours: the profile of Collares-Pereira and Rabl (1979) [3]_, so a day has no passing clouds.
    Diffuse: hour by hour after Erbs et al. (1982) [4]_.

    References
    ----------
    .. [1] J. A. Duffie, W. A. Beckman, Solar Engineering of Thermal Processes, section 2.9.
    .. [2] V. A. Graham, K. G. T. Hollands, T. E. Unny, Solar Energy 40(2), 1988.
       doi:10.1016/0038-092X(88)90082-5
    .. [3] M. Collares-Pereira, A. Rabl, Solar Energy 22(2), 1979.
       doi:10.1016/0038-092X(79)90100-2
    .. [4] D. G. Erbs, S. A. Klein, J. A. Duffie, Solar Energy 28(4), 1982.
       doi:10.1016/0038-092X(82)90302-4
    """
    first = np.datetime64(f"{year}-01-01", "D")
    days = first + np.arange((np.datetime64(f"{year + 1}-01-01", "D") - first).astype(int))
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    offset = np.timedelta64(round(place.utc_offset_hours * 3600e9), "ns")
    halves = np.arange(len(days) * _HOURS) * np.timedelta64(3600, "s") + np.timedelta64(1800, "s")
    time_utc = (days[0].astype("datetime64[ns]") - offset + halves).astype("datetime64[ns]")
    sun = sun_heights(time_utc, 1.0, place.latitude_deg, place.longitude_deg)
    above = (sun.cosine * sun.extraterrestrial_w_m2).reshape(-1, _HOURS)
    daily = _daily_sums(monthly_kwh_m2, above.sum(axis=1), month, np.random.default_rng(seed))
    ghi = _profile(above, sun, time_utc, place) * daily[:, None]
    flat = ghi.ravel()
    dni, dhi = beam_of(flat, erbs_diffuse(flat, sun), sun)
    return Hours(time_utc, flat, dni, dhi)


def daily_clearness(mean: float, days: int) -> F64:
    """
    Return the clearness indices of the days of a month, darkest first.

    Parameters
    ----------
    mean : float
        Of the month, from 0 to 0.8. [-]
    days : int
        How many.

    Returns
    -------
    ndarray of float64, shape (days,)
        Their mean is `mean` within a few thousandths. [-]

    Examples
    --------
    >>> kt = daily_clearness(0.4, 30)
    >>> round(float(kt.mean()), 2), bool(kt[0] < 0.1), bool(kt[-1] > 0.65)
    (0.4, True, True)
    """
    low = LEAST_CLEARNESS
    high = 0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8
    if mean < 2.0 * low or high < 1.2 * mean:
        return np.full(days, mean)
    rate = brentq(lambda r: _exponential_mean(r, low, high) - mean, -400.0, 400.0)
    share = (np.arange(days) + 0.5) / days
    if abs(rate) < 1e-6:
        return np.asarray(low + share * (high - low))
    # Written from the upper end, so that a large rate does not overflow.
    grown = np.exp(rate * (low - high))
    if rate > 0.0:
        return np.asarray(high + np.log(grown + share * (1.0 - grown)) / rate)
    return np.asarray(low + np.log1p(share * np.expm1(rate * (high - low))) / rate)


def _exponential_mean(rate: float, low: float, high: float) -> float:
    """Return the mean of a density proportional to ``exp(rate k)`` between two ends."""
    width = high - low
    if abs(rate * width) < 1e-6:
        return (low + high) / 2.0
    if rate > 0.0:
        return float(high - 1.0 / rate + width / np.expm1(rate * width))
    return float(low - 1.0 / rate - width / np.expm1(-rate * width))


def _daily_sums(
    monthly_kwh_m2: F64,
    above: F64,
    month: npt.NDArray[np.int64],
    rng: np.random.Generator,
) -> F64:
    """Return global irradiation per day that meets the months, shape (days,). [Wh/m2]."""
    sums = np.zeros(len(above))
    for number, wanted in enumerate(np.asarray(monthly_kwh_m2, dtype=np.float64) * 1000.0):
        inside = np.flatnonzero(month == number)
        most = float(above[inside].sum())
        mean = wanted / most if most > 0.0 else (0.0 if wanted == 0.0 else np.inf)
        if not 0.0 <= mean <= MOST_MONTHLY_CLEARNESS:
            raise WeatherError(
                f"global irradiation of month {number + 1}",
                f"{wanted / 1000.0:g} kWh/m2",
                f"0 to {MOST_MONTHLY_CLEARNESS * most / 1000.0:.0f} kWh/m2 at this place",
                "check the unit (kWh/m2 per month, or per day), the months' order and the latitude",
            )
        if wanted == 0.0:
            continue
        clearness = daily_clearness(mean, len(inside))
        ordered = clearness[np.argsort(np.argsort(_series(len(inside), rng)))]
        shape = ordered * above[inside]
        sums[inside] = shape * (wanted / shape.sum())
    return sums


def _series(count: int, rng: np.random.Generator) -> F64:
    """Return a first-order autoregressive series."""
    noise = rng.standard_normal(count)
    values = noise.copy()
    for at in range(1, count):
        values[at] = DAY_TO_DAY * values[at - 1] + np.sqrt(1.0 - DAY_TO_DAY**2) * noise[at]
    return values


def _profile(
    above: F64, sun: SunHeights, time_utc: npt.NDArray[np.datetime64], place: Place
) -> F64:
    """Return each hour's share of its day's global light, shape (days, 24)."""
    hours = (time_utc - time_utc.astype("datetime64[D]")) / np.timedelta64(3600, "s")
    from_noon = np.radians(15.0 * (hours + place.longitude_deg / 15.0 - 12.0)).reshape(-1, _HOURS)
    # The middle of the light, so that the equation of time need not be known.
    weight = above / np.maximum(above.sum(axis=1, keepdims=True), 1e-9)
    middle = np.angle((weight * np.exp(1j * from_noon)).sum(axis=1, keepdims=True))
    lit_hours = (sun.cosine / np.maximum(sun.cosine_up, 1e-9)).reshape(-1, _HOURS).sum(axis=1)
    sunset = np.radians(7.5 * lit_hours)[:, None]
    a = 0.409 + 0.5016 * np.sin(sunset - np.pi / 3.0)
    b = 0.6609 - 0.4767 * np.sin(sunset - np.pi / 3.0)
    shape = above * np.maximum(a + b * np.cos(from_noon - middle), 0.0)
    return np.asarray(shape / np.maximum(shape.sum(axis=1, keepdims=True), 1e-9))
