"""What all weather readers share: a series of any length, and how it becomes whole years."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import WeatherError
from zonnekaart.solar.decomposition import Parts, complete, sun_heights
from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]
    Times = npt.NDArray[np.datetime64]

NOMINAL_YEAR = 2021
"""Year that typical years are laid on: no leap day, and the year of our consumption profiles."""
NOMINAL_LEAP_YEAR = 2020
"""Year for files with 29 February."""
ASSUMED_TEMP_AIR_C, ASSUMED_WIND_M_S = 20.0, 0.0
"""Air where a file has none, as in pvlib's ModelChain: warm and calm, so that the yield is not
flattered. [degree C, m/s]"""
COARSEST_MINUTES = (15, 20, 30, 60)
"""Steps that the balance can lay on its quarter-hours; finer ones are averaged. [min]"""
_DAY = np.timedelta64(1, "D")
_CLOCK_MINUTES = 14 * 60
"""No clock is further from UTC; a shorter piece that lacks may be the clock's doing. [min]"""


@dataclass(frozen=True)
class Series:
    """
    A weather series as read, of any length; arrays of shape (time,).

    Parameters
    ----------
    path : Path
        Where it was read.
    time_utc : ndarray of datetime64[ns]
        Interval midpoints.
    step_minutes : int
        Length of an interval. [min]
    parts : Parts
        Irradiance as far as known. [W/m2]
    temp_air_c, wind_speed_m_s : ndarray of float64, or None
        Air as far as known. [degree C, m/s]
    place : tuple of float
        Latitude, longitude [degree] and altitude [m].
    name : str
        Station and kind.
    utc_offset_hours : float
        Clock in which years and months are cut, minus UTC. [h]
    assumptions : tuple of str
        What the reader assumed.
    """

    path: Path
    time_utc: Times
    step_minutes: int
    parts: Parts
    temp_air_c: F64 | None
    wind_speed_m_s: F64 | None
    place: tuple[float, float, float]
    name: str
    utc_offset_hours: float = 0.0
    assumptions: tuple[str, ...] = field(default=())

    def part(self, rows: npt.NDArray[np.intp] | slice) -> Series:
        """Return the series of some rows."""

        def cut(values: F64 | None) -> F64 | None:
            return None if values is None else values[rows]

        parts = Parts(cut(self.parts.ghi), cut(self.parts.dni), cut(self.parts.dhi))
        return replace(
            self,
            time_utc=self.time_utc[rows],
            parts=parts,
            temp_air_c=cut(self.temp_air_c),
            wind_speed_m_s=cut(self.wind_speed_m_s),
        )


def nominal_times(time_utc: Times, leap: bool, offset: np.timedelta64) -> Times:
    """Lay the times of months from several years on one year, month, day and hour unchanged."""
    local = time_utc.astype("datetime64[ns]") + offset
    month = local.astype("datetime64[M]")
    number = month.astype(np.int64) % 12
    year = NOMINAL_LEAP_YEAR if leap else NOMINAL_YEAR
    start = (np.datetime64(f"{year}-01", "M") + number).astype("datetime64[ns]")
    return np.asarray(start + (local - month.astype("datetime64[ns]")) - offset)


def whole_years(series: Series, year: int | None = None) -> tuple[WeatherYear, ...]:
    """
    Cut a series into calendar years, the central one first.

    Parameters
    ----------
    series : Series
        Ascending or not; a calendar year or more, in the clock of its `utc_offset_hours`.
    year : int, optional
        The central year; the one with the median sum of global irradiation when left out (the
        lower of the two middle ones when their number is even).

    Returns
    -------
    tuple of WeatherYear
        Years that are whole, the rest ascending. A first or last year that is cut short is left
        out, and said so; a leap year without 29 February is laid on the nominal year.

    Raises
    ------
    WeatherError
        If an interval is missing inside a year or there twice, no year is whole, or the central
        year is not there.
    """
    offset = np.timedelta64(round(series.utc_offset_hours * 3600), "s")
    _refuse_repeats(series, offset)
    local = series.time_utc + offset
    calendar = local.astype("datetime64[Y]").astype(np.int64) + 1970
    numbers = [int(n) for n in np.unique(calendar)]
    found: list[WeatherYear] = []
    cut: list[int] = []
    for number in numbers:
        rows = np.flatnonzero(calendar == number)
        missing = _missing(local[rows], number, series.step_minutes)
        leap_day = len(missing) == len(_day_steps(series)) and _is_leap_day(missing)
        if missing.size and not leap_day:
            if number not in (numbers[0], numbers[-1]) or not _at_an_end(missing, local, number):
                raise _missing_error(series, missing, len(rows))
            cut.append(number)
            continue
        found.append(_year(series.part(rows), number, laid=bool(leap_day), many=len(numbers) > 1))
    if not found:
        rows = np.flatnonzero(calendar == max(numbers, key=lambda n: int((calendar == n).sum())))
        missing = _missing(local[rows], int(calendar[rows[0]]), series.step_minutes)
        raise _missing_error(series, missing, len(rows))
    if cut:
        told = f"left out, not whole: {', '.join(map(str, cut))}"
        found = [replace(y, assumptions=(*y.assumptions, told)) for y in found]
    return _central_first(series, found, [n for n in numbers if n not in cut], year)


def _central_first(
    series: Series, found: list[WeatherYear], numbers: list[int], year: int | None
) -> tuple[WeatherYear, ...]:
    """Put the central year first."""
    if year is not None and year not in numbers:
        raise WeatherError(
            f"{series.path}: year",
            str(year),
            f"one of the whole years {', '.join(map(str, numbers))}",
            "choose another year, or leave it out for the year with the median sum",
        )
    by_sum = sorted(range(len(found)), key=lambda i: found[i].annual_ghi_kwh_m2)
    at = by_sum[(len(found) - 1) // 2] if year is None else numbers.index(year)
    return (found[at], *(y for i, y in enumerate(found) if i != at))


def _refuse_repeats(series: Series, offset: np.timedelta64) -> None:
    """Raise when the times are not ascending or an interval is there twice."""
    jumps = np.diff(series.time_utc)
    if (jumps > np.timedelta64(0)).all():
        return
    values, counts = np.unique(series.time_utc, return_counts=True)
    again = values[counts > 1]
    if not again.size:
        at = int(np.flatnonzero(jumps < np.timedelta64(0))[0]) + 1
        raise WeatherError(
            str(series.path),
            f"times that go back at {_shown(series.time_utc[at : at + 1] + offset)}",
            "ascending times",
            "sort the rows by time",
        )
    autumn = _last_sundays(again + offset, 10)
    raise WeatherError(
        str(series.path),
        f"{again.size} times that are there twice: {_shown(again + offset)}",
        "each interval once",
        _SUMMER_TIME if autumn else "remove the rows that repeat",
    )


_SUMMER_TIME = (
    "the clock follows summer time: write times in UTC or with their offset "
    "(2021-07-01T12:00+02:00), or take standard time all year and say utc_offset_hours"
)


def _missing(local: Times, number: int, step: int) -> Times:
    """Return the interval midpoints that a calendar year lacks, in the file's own clock."""
    start = np.datetime64(f"{number}-01-01T00:00", "ns")
    length = np.timedelta64(step, "m")
    phase = (local[0] - start) % length
    count = int((np.datetime64(f"{number + 1}-01-01T00:00", "ns") - start) / length)
    expected = start + phase + np.arange(count) * length
    return np.setdiff1d(expected, local.astype("datetime64[ns]"))


def _day_steps(series: Series) -> range:
    return range(24 * 60 // series.step_minutes)


def _is_leap_day(times: Times) -> bool:
    month_day = {str(t)[5:10] for t in times.astype("datetime64[D]")}
    return month_day == {"02-29"}


def _at_an_end(missing: Times, local: Times, number: int) -> bool:
    """Tell whether all that a year lacks lies before the first or after the last row."""
    inside = (missing > local.min()) & (missing < local.max())
    return not inside.any()


def _missing_error(series: Series, missing: Times, there: int) -> WeatherError:
    """Say which intervals are not there, and what may be the cause."""
    hint = "fill the intervals or choose another year; nothing is filled in quietly"
    minutes = missing.size * series.step_minutes
    if _looks_cut(missing):
        hint = (
            "the file is cut short: download the whole calendar year"
            if minutes > _CLOCK_MINUTES
            else "a year that begins or ends beside midnight: see label and utc_offset_hours"
        )
    elif minutes <= _CLOCK_MINUTES and _last_sundays(missing, 3):
        hint = _SUMMER_TIME
    whole = there + missing.size
    return WeatherError(
        str(series.path),
        f"{missing.size} missing intervals: {_shown(missing)}",
        f"{whole} intervals of {series.step_minutes} minutes, each once",
        hint,
    )


def _looks_cut(missing: Times) -> bool:
    """Tell whether a run of missing intervals reaches an end of the year."""
    year = missing[0].astype("datetime64[Y]")
    first = missing.min() - year.astype("datetime64[ns]") < _DAY
    last = (year + 1).astype("datetime64[ns]") - missing.max() <= _DAY
    return bool(first or last)


def _last_sundays(times: Times, month: int) -> bool:
    """Tell whether times lie on the last Sunday of a month: the clock goes forward or back."""
    days = {dt.date.fromisoformat(str(d)) for d in times.astype("datetime64[D]")}
    return any(d.month == month and d.weekday() == 6 and d.day > 24 for d in days)


def _shown(times: Times) -> str:
    shown = ", ".join(str(t.astype("datetime64[m]")) for t in times[:3])
    return shown if len(times) <= 3 else f"{shown} and {len(times) - 3} more"


def _year(series: Series, number: int, *, laid: bool, many: bool) -> WeatherYear:
    """Return one whole year: averaged where its steps are too fine, completed, checked."""
    series = coarser(series)
    notes = list(series.assumptions)
    time_utc = series.time_utc
    if laid:
        offset = np.timedelta64(round(series.utc_offset_hours * 3600), "s")
        time_utc = nominal_times(time_utc, leap=False, offset=offset)
        notes.append(f"{number} has no 29 February in the file: laid on {NOMINAL_YEAR}")
    step_hours = series.step_minutes / 60.0
    latitude, longitude, altitude = series.place
    sun = sun_heights(time_utc, step_hours, latitude, longitude)
    parts, worked_out = complete(series.parts, sun)
    temp, wind = series.temp_air_c, series.wind_speed_m_s
    if temp is None:
        notes.append(f"no air temperature: {ASSUMED_TEMP_AIR_C:g} degrees C all year")
        temp = np.full(len(time_utc), ASSUMED_TEMP_AIR_C)
    if wind is None:
        notes.append(f"no wind: {ASSUMED_WIND_M_S:g} m/s all year")
        wind = np.full(len(time_utc), ASSUMED_WIND_M_S)
    none = np.empty(0)
    return WeatherYear(
        time_utc=time_utc.astype("datetime64[ns]"),
        step_hours=step_hours,
        ghi=none if parts.ghi is None else parts.ghi,
        dni=none if parts.dni is None else parts.dni,
        dhi=none if parts.dhi is None else parts.dhi,
        temp_air_c=temp,
        wind_speed_m_s=wind,
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=altitude,
        name=f"{series.name} {number}" if many else series.name,
        utc_offset_hours=series.utc_offset_hours,
        assumptions=(*worked_out, *notes),
    )


def coarser(series: Series) -> Series:
    """
    Return a series in steps of at least a quarter-hour; means over whole steps.

    Parameters
    ----------
    series : Series
        A whole year; its steps divide an hour.
    """
    step = next(
        m for m in COARSEST_MINUTES if m >= series.step_minutes and not m % series.step_minutes
    )
    many = step // series.step_minutes
    if many == 1:
        return series

    def mean(values: F64 | None) -> F64 | None:
        return None if values is None else np.asarray(values.reshape(-1, many).mean(axis=1))

    middle = series.time_utc.astype("datetime64[ns]").astype(np.int64).reshape(-1, many)
    centre = (middle[:, 0] + (middle[:, -1] - middle[:, 0]) // 2).astype("datetime64[ns]")
    return replace(
        series,
        time_utc=centre,
        step_minutes=step,
        parts=Parts(*(mean(getattr(series.parts, n)) for n in ("ghi", "dni", "dhi"))),
        temp_air_c=mean(series.temp_air_c),
        wind_speed_m_s=mean(series.wind_speed_m_s),
        assumptions=(
            *series.assumptions,
            f"steps of {series.step_minutes} minutes averaged to {step}",
        ),
    )
