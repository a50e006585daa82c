"""A year of quarter-hours: its calendar, the profiles in it, the weather that belongs to it.

The year runs from local midnight to local midnight on the clock of Belgium, so that working days,
Sundays and the two days of 23 and 25 hours fall where people live them; its steps are UTC.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from zonnekaart.errors import TableError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
TimeArray = npt.NDArray[np.datetime64]

LOCAL_ZONE = "Europe/Brussels"
STEP_HOURS = 0.25
STEPS_PER_DAY = 96
MONTHS = 12
_DAYS_BEFORE_MONTH = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_MINUTES_PER_DAY = 1440


@dataclass(frozen=True)
class QuarterHours:
    """
    The quarter-hours of one local calendar year.

    Parameters
    ----------
    year : int
        Calendar year on the local clock.
    start_utc : ndarray of datetime64[s], shape (time,)
        Beginning of each interval, UTC.
    month : ndarray of int64, shape (time,)
        Local month, 0 = January.
    quarter : ndarray of int64, shape (time,)
        Quarter-hour of the local day, 0 = 00:00, 95 = 23:45. In the hour that the clock repeats in
        autumn two steps carry the same number; in spring four numbers are missing.
    """

    year: int
    start_utc: TimeArray
    month: IntArray
    quarter: IntArray

    @cached_property
    def midpoint_utc(self) -> TimeArray:
        """Middle of each interval, UTC, datetime64[s]."""
        middle: TimeArray = self.start_utc + np.timedelta64(450, "s")
        return middle

    def __len__(self) -> int:
        """Return the number of quarter-hours."""
        return len(self.start_utc)


def quarter_hours(year: int, zone: str = LOCAL_ZONE) -> QuarterHours:
    """
    Return the quarter-hours of a local calendar year.

    Parameters
    ----------
    year : int
        Calendar year.
    zone : str
        Name of the time zone.

    Returns
    -------
    QuarterHours
        35 040 steps, 35 136 in a leap year; the days of the clock change have 92 and 100.

    Examples
    --------
    >>> clock = quarter_hours(2021)
    >>> len(clock), clock.start_utc[0]
    (35040, np.datetime64('2020-12-31T23:00:00'))
    """
    place = ZoneInfo(zone)
    first, last = (_local_midnight(y, place) for y in (year, year + 1))
    start = np.arange(first, last, np.timedelta64(15, "m"))
    hours = start.astype("datetime64[h]")
    distinct, which = np.unique(hours, return_inverse=True)
    offset = np.array([_offset_seconds(h, place) for h in distinct], dtype="timedelta64[s]")
    local = start + offset[which]
    month = local.astype("datetime64[M]").astype(np.int64) % MONTHS
    second = (local - local.astype("datetime64[D]")).astype(np.int64)
    return QuarterHours(year, start, month, second // 900)


def _local_midnight(year: int, place: ZoneInfo) -> np.datetime64:
    moment = dt.datetime(year, 1, 1, tzinfo=place).astimezone(dt.UTC)
    return np.datetime64(moment.replace(tzinfo=None), "s")


def _offset_seconds(hour: np.datetime64, place: ZoneInfo) -> int:
    moment = hour.astype("datetime64[s]").item().replace(tzinfo=dt.UTC).astimezone(place)
    offset = moment.utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def belgian_holidays(year: int) -> list[dt.date]:
    """
    Return the ten public holidays of Belgium.

    Parameters
    ----------
    year : int
        Calendar year.

    References
    ----------
    .. [1] Law of 4 January 1974 on public holidays and royal decree of 18 April 1974, art. 1.

    Examples
    --------
    >>> belgian_holidays(2021)[1].isoformat()
    '2021-04-05'
    """
    easter = _easter(year)
    moving = [easter + dt.timedelta(days=n) for n in (1, 39, 50)]
    fixed = [(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)]
    return sorted({*moving, *(dt.date(year, m, d) for m, d in fixed)})


def _easter(year: int) -> dt.date:
    """Gregorian computus after Meeus, Astronomical Algorithms, chapter 8."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def normalised(profile: FloatArray, clock: QuarterHours, name: str) -> FloatArray:
    """
    Return a profile whose steps sum to 1.

    Parameters
    ----------
    profile : ndarray of float64, shape (time,)
        Energy or mean power in each step of `clock`, >= 0, any unit.
    clock : QuarterHours
        The year it speaks of.
    name : str
        Name used in messages.

    Returns
    -------
    ndarray of float64, shape (time,)
        Share of the year's energy in each step. [kWh/kWh]

    Raises
    ------
    TableError
        If the number of steps differs, or a value is unknown, negative, or all are zero.
    """
    values = np.asarray(profile, dtype=np.float64)
    if values.shape != (len(clock),):
        raise TableError(
            f"profile {name}",
            f"{values.size} steps",
            f"{len(clock)} quarter-hours for {clock.year}",
            "a series on the local clock has 92 steps on the last Sunday of March, 100 in October",
        )
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise TableError(
            f"profile {name}",
            "unknown, negative or only zero values",
            "a known value >= 0 in every step",
            "fill gaps at the source; a gap is not zero",
        )
    share: FloatArray = values / values.sum()
    return share


def source_steps(source_utc: TimeArray, step_hours: float, clock: QuarterHours) -> IntArray:
    """
    Find for each quarter-hour the step of a typical year that covers the same time of the year.

    Parameters
    ----------
    source_utc : ndarray of datetime64, shape (source,)
        Interval midpoints of the coarser series, UTC, one year, any calendar years.
    step_hours : float
        Its step; a divisor of 24 h and at least a quarter-hour. [h]
    clock : QuarterHours
        The wanted steps.

    Returns
    -------
    ndarray of int64, shape (time,)
        Index into the source. 29 February takes the 28th when the source has no such day.

    Raises
    ------
    TableError
        If part of the year is missing from the source.
    """
    minutes = round(step_hours * 60)
    table = np.full(365 * _MINUTES_PER_DAY // minutes, -1, dtype=np.int64)
    table[_time_of_year(source_utc, minutes)] = np.arange(len(source_utc))
    found = table[_time_of_year(clock.midpoint_utc, minutes)]
    if (found < 0).any():
        raise TableError(
            "weather",
            f"{int((found < 0).sum())} quarter-hours of the year without a value",
            "a whole year",
            "use a weather file without gaps",
        )
    return found


def _time_of_year(moments: TimeArray, minutes: int) -> IntArray:
    """Return the number of the step in a year of 365 days."""
    seconds = moments.astype("datetime64[s]")
    month = seconds.astype("datetime64[M]").astype(np.int64) % MONTHS
    days = seconds.astype("datetime64[D]")
    day = (days - seconds.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    day = np.where((month == 1) & (day == 28), 27, day)
    minute = (seconds - days).astype(np.int64) // 60
    step: IntArray = ((_DAYS_BEFORE_MONTH[month] + day) * _MINUTES_PER_DAY + minute) // minutes
    return step


def monthly_sums(series: FloatArray, clock: QuarterHours) -> FloatArray:
    """Return the twelve local monthly sums of a series over the year."""
    sums: FloatArray = np.bincount(clock.month, series, minlength=MONTHS).astype(np.float64)
    return sums


def mean_day(series: FloatArray, clock: QuarterHours, month: int) -> FloatArray:
    """
    Return the mean local day of one month.

    Parameters
    ----------
    series : ndarray of float64, shape (time,)
        Energy in each quarter-hour. [kWh]
    clock : QuarterHours
        The year.
    month : int
        0 = January.

    Returns
    -------
    ndarray of float64, shape (96,)
        Mean power in each quarter-hour of the local day. [kW]
    """
    inside = clock.month == month
    total = np.bincount(clock.quarter[inside], series[inside], minlength=STEPS_PER_DAY)
    count = np.bincount(clock.quarter[inside], minlength=STEPS_PER_DAY)
    return total / count / STEP_HOURS
