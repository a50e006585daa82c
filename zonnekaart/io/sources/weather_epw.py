"""EPW weather files: hour-ending local standard time becomes UTC midpoints."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather_series import NOMINAL_LEAP_YEAR, NOMINAL_YEAR
from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

_HEADER_LINES = 8
_MIN_FIELDS = 32
_LATITUDE, _LONGITUDE, _OFFSET, _ALTITUDE = 6, 7, 8, 9
_DAYS_IN_YEAR = (365, 366)


@dataclass(frozen=True)
class _Column:
    """One column of an EPW row: place, our name, value from which it means "missing"."""

    index: int
    name: str
    missing_from: float


_COLUMNS = (
    _Column(13, "ghi", 9999.0),
    _Column(14, "dni", 9999.0),
    _Column(15, "dhi", 9999.0),
    _Column(6, "temp_air_c", 99.9),
    _Column(21, "wind_speed_m_s", 999.0),
)


def read_epw(path: Path, utc_offset_hours: float | None = None) -> WeatherYear:
    """
    Read an EnergyPlus weather file.

    Parameters
    ----------
    path : Path
        An EPW file with one row per hour and a whole year.
    utc_offset_hours : float, optional
        Clock of the rows minus UTC, where the header is known to be wrong; the header's when left
        out. [h]

    Returns
    -------
    WeatherYear
        Times are the middle of each hour in UTC. A year put together from months of several
        years is laid on the nominal year 2021 (2020 when it has a 29 February): months stay whole
        and in order, in local standard time; the first hours may therefore fall in December of
        the year before in UTC.

    Raises
    ------
    MissingInputError
        If there is no such file.
    WeatherError
        If hours or values are missing or repeated, rows are cut, or the header names no place.

    Notes
    -----
    EPW hours run from 1 to 24 and label the END of the hour, in local standard time without
    daylight saving; the minute field is ignored, as providers write 0 as well as 60 for the same.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "an EPW weather file", "check the path in the project file"
        )
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    place, name = _read_place(path, lines)
    rows = _split_rows(path, lines)
    hours = _read_hours(path, rows)
    year = _check_hours(path, hours)
    offset = place[2] if utc_offset_hours is None else utc_offset_hours
    start = np.datetime64(f"{year}-01-01T00:00:00", "ns") - np.timedelta64(
        round(offset * 3600), "s"
    )
    count = len(rows)
    middle = np.arange(count) * np.timedelta64(3600, "s") + np.timedelta64(1800, "s")
    ghi, dni, dhi, temp, wind = (_read_column(path, rows, hours, column) for column in _COLUMNS)
    return WeatherYear(
        time_utc=(start + middle).astype("datetime64[ns]"),
        step_hours=1.0,
        ghi=ghi,
        dni=dni,
        dhi=dhi,
        temp_air_c=temp,
        wind_speed_m_s=wind,
        latitude_deg=place[0],
        longitude_deg=place[1],
        altitude_m=place[3],
        name=name,
        utc_offset_hours=offset,
    )


def _read_place(path: Path, lines: list[str]) -> tuple[tuple[float, float, float, float], str]:
    """Return latitude, longitude, UTC offset and altitude, and the station's name."""
    fields = lines[0].split(",") if lines else []
    if not fields or fields[0].strip().upper() != "LOCATION":
        raise WeatherError(
            str(path),
            f"first line {lines[0][:40]!r}" if lines else "an empty file",
            "a line that starts with LOCATION",
            "give a weather file in EPW format",
        )
    try:
        numbers = [float(fields[i]) for i in (_LATITUDE, _LONGITUDE, _OFFSET, _ALTITUDE)]
    except (IndexError, ValueError) as error:
        raise WeatherError(
            f"{path}: LOCATION",
            f"{','.join(fields[_LATITUDE:]) or 'too few fields'}",
            "latitude, longitude, hours from UTC, altitude",
            "repair the first line of the file",
        ) from error
    latitude, longitude, offset, altitude = numbers
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0 and abs(offset) <= 14.0):
        raise WeatherError(
            f"{path}: LOCATION",
            f"latitude {latitude:g}, longitude {longitude:g}, UTC{offset:+g}",
            "a place on earth",
            "repair the first line of the file",
        )
    name = " ".join(part.strip() for part in (fields[1], fields[4]) if part.strip(" -"))
    return (latitude, longitude, offset, altitude), name or path.stem


def _split_rows(path: Path, lines: list[str]) -> list[list[str]]:
    """Return the fields of each hour; cut rows raise."""
    rows = [line.split(",") for line in lines[_HEADER_LINES:] if line.strip()]
    for number, row in enumerate(rows):
        if len(row) < _MIN_FIELDS:
            raise WeatherError(
                f"{path}: line {number + _HEADER_LINES + 1}",
                f"{len(row)} fields",
                "35 fields",
                "the file is cut or not an EPW; download it again",
            )
    return rows


def _read_hours(path: Path, rows: list[list[str]]) -> npt.NDArray[np.int64]:
    """Return year, month, day, hour of each row, shape (rows, 4)."""
    try:
        hours = np.array([[int(field) for field in row[:4]] for row in rows], dtype=np.int64)
    except ValueError as error:
        raise WeatherError(
            str(path),
            f"a date that is no number ({error})",
            "year, month, day, hour",
            "repair the row",
        ) from error
    hours = hours.reshape(-1, 4)
    if hours.size and (hours[:, 3] == 0).any():
        raise WeatherError(
            str(path),
            "hours 0 to 23, labelled at their start",
            "hours 1 to 24, labelled at their end",
            "shift the labels by one hour; EPW rows carry the end of the hour",
        )
    return hours


def _check_hours(path: Path, hours: npt.NDArray[np.int64]) -> int:
    """Return the nominal year after checking that every hour is there once and in order."""
    keys = [tuple(int(v) for v in row[1:]) for row in hours]
    leap = any(key[:2] == (2, 29) for key in keys)
    years = {int(year) for year in hours[:, 0]}
    year = NOMINAL_LEAP_YEAR if leap else NOMINAL_YEAR
    if len(years) == 1 and _days(min(years)) == _days(year):
        year = min(years)
    first = dt.datetime(year, 1, 1)  # noqa: DTZ001  # a calendar day, not a moment
    days = [first + dt.timedelta(days=d) for d in range(_days(year))]
    expected = [(day.month, day.day, hour) for day in days for hour in range(1, 25)]
    if keys == expected:
        return year
    found = set(keys)
    missing = [key for key in expected if key not in found]
    if missing:
        what = f"{len(missing)} missing hours: {_name_hours(missing)}"
    elif len(found) < len(keys):
        what = f"{len(keys) - len(found)} repeated hours: {_name_hours(_repeats(keys))}"
    else:
        wrong = next(i for i, pair in enumerate(zip(keys, expected, strict=False)) if _differ(pair))
        what = f"hours out of order from {_name_hours([keys[wrong]])}"
    raise WeatherError(
        str(path),
        what,
        f"{len(expected)} hours, each once, in order",
        "fill the hours or choose another weather year; nothing is filled in quietly",
    )


def _differ(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> bool:
    return pair[0] != pair[1]


def _days(year: int) -> int:
    return (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days


def _repeats(keys: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    seen: set[tuple[int, ...]] = set()
    again = []
    for key in keys:
        if key in seen:
            again.append(key)
        seen.add(key)
    return again


def _name_hours(keys: Sequence[tuple[int, ...]]) -> str:
    """Name the first hours as month-day hour."""
    shown = ", ".join(f"{month:02d}-{day:02d} hour {hour}" for month, day, hour in keys[:3])
    return shown if len(keys) <= 3 else f"{shown} and {len(keys) - 3} more"


def _read_column(
    path: Path, rows: list[list[str]], hours: npt.NDArray[np.int64], column: _Column
) -> npt.NDArray[np.float64]:
    """Return one column; the code for "missing" raises with its hours."""
    try:
        values = np.array([float(row[column.index]) for row in rows])
    except ValueError as error:
        raise WeatherError(
            f"{path}: {column.name}",
            f"a value that is no number ({error})",
            "numbers",
            "repair the file",
        ) from error
    gaps = np.flatnonzero(~(values < column.missing_from) | ~np.isfinite(values))
    if gaps.size:
        raise WeatherError(
            f"{path}: {column.name}",
            f"{gaps.size} hours without a value (code {column.missing_from:g}): "
            f"{_name_hours([tuple(int(v) for v in hours[i, 1:]) for i in gaps])}",
            "a value in every hour",
            "fill the hours or choose another weather year",
        )
    return values
