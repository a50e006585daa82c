"""CSV with our columns: time, irradiance, and air where known; any step from 1 to 60 minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np
import pandas as pd

from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather_columns import Table, read_table
from zonnekaart.io.sources.weather_options import Label, Unit, WeatherOptions
from zonnekaart.io.sources.weather_series import Series, whole_years
from zonnekaart.solar.decomposition import Parts
from zonnekaart.solar.plausibility import clock, fit
from zonnekaart.solar.weather import MAX_IRRADIANCE_W_M2

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.solar.weather import WeatherYear

    F64 = npt.NDArray[np.float64]
    Times = npt.NDArray[np.datetime64]

_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})$"
_NIGHT_OFFSET_W_M2 = -15.0
"""Pyranometers cool by night and read a few W/m2 below zero; that is set to 0. [W/m2]"""
_MAX_BEYOND = 0.01
_PER_HOUR = {
    "Wh/m2": 1.0,
    "kWh/m2": 1000.0,
    "kJ/m2": 1.0 / 3.6,
    "MJ/m2": 1e3 / 3.6,
    "J/cm2": 1e1 / 3.6,
}
_POWER = {"W/m2": 1.0, "kW/m2": 1000.0}
_PARTS = ("ghi", "dni", "dhi")


def read_csv(path: Path, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    """
    Read a table of weather.

    Parameters
    ----------
    path : Path
        Columns ``time`` (ISO 8601, UTC or with its offset), ``ghi`` and/or ``dni`` and ``dhi``,
        optional ``temp_air_c`` and ``wind_speed_m_s``; place, label, unit and clock may stand in
        lines ``# name: value`` at the top.
    options : WeatherOptions
        What the project file says; it goes before what the file says.

    Returns
    -------
    tuple of WeatherYear
        Every whole calendar year, the central one first.

    Raises
    ------
    WeatherError
        If times are naive without a stated clock, nothing says which edge of the interval they
        name, steps differ or are not 1 to 60 minutes, or values cannot be.
    """
    table = read_table(path)
    times, clock_h = _times(table, options)
    step = _step_minutes(path, times)
    place = table.place(options)
    parts = _irradiance(table, options, step)
    label = _label(table, options)
    series = Series(
        path=path,
        time_utc=times,
        step_minutes=step,
        parts=parts,
        temp_air_c=table.values("temp_air_c"),
        wind_speed_m_s=table.values("wind_speed_m_s"),
        place=place,
        name=table.settings.get("name", path.stem),
        utc_offset_hours=clock_h,
    )
    if label is None:
        raise _which_label(series)
    half = np.timedelta64(round(step * 30e9), "ns")
    move = {"start": half, "middle": np.timedelta64(0, "ns"), "end": -half}[label]
    years = whole_years(replace(series, time_utc=series.time_utc + move), options.year)
    for year in years:
        require_possible(path, year)
    return years


def require_possible(path: Path, year: WeatherYear) -> None:
    """
    Raise when a year holds what no sky can give, or its columns are swapped.

    Parameters
    ----------
    path : Path
        Named in the error.
    year : WeatherYear
        The year.

    Raises
    ------
    WeatherError
        Says which columns, and what to do.
    """
    found = fit(year)
    if found.better_order:
        holds = ", ".join(
            f"{name} holds {part}"
            for name, part in zip(_PARTS, found.better_order, strict=True)
            if name != part
        )
        raise WeatherError(
            f"{path}: {year.name}",
            f"columns that look swapped: {holds}",
            "dni x cosine of the zenith angle + dhi = ghi",
            "correct the names of the columns",
        )
    if found.diffuse_above_global > _MAX_BEYOND:
        raise WeatherError(
            f"{path}: dhi",
            f"diffuse above global irradiance in {found.diffuse_above_global:.0%} of the light",
            "dhi <= ghi",
            "see whether ghi and dhi are swapped, or ghi holds only the beam",
        )
    if found.beyond_sky > _MAX_BEYOND:
        raise WeatherError(
            f"{path}: {year.name}",
            f"more light than the sky can give in {found.beyond_sky:.0%} of the light",
            "values within the limits of the Baseline Surface Radiation Network",
            "check clock (utc_offset_hours, label), place and irradiance_unit",
        )


def _times(table: Table, options: WeatherOptions) -> tuple[Times, float]:
    """Return the times in UTC as they stand, and the clock that years are cut in. [h]."""
    if "time" not in table.frame:
        raise WeatherError(
            str(table.path),
            f"columns {', '.join(table.frame.columns)}",
            "a column time",
            "name the column of times 'time'",
        )
    text = table.frame["time"].str.strip()
    zoned = text.str.contains(_ZONE)
    stated = table.number("utc_offset_hours", options.utc_offset_hours)
    if zoned.all():
        moments = _instants(table.path, text, utc=True)
        ends = text.str.extract(r"(Z|[+-]\d{2}:?\d{2})$")[0].unique()
        return moments, min(_hours(end) for end in ends) if stated is None else stated
    if zoned.any():
        raise WeatherError(
            f"{table.path}: time",
            f"times with and without an offset (without: {text[~zoned].iloc[0]})",
            "all with, or all without",
            "write every time in UTC (2021-07-01T10:00Z)",
        )
    if stated is None:
        raise WeatherError(
            f"{table.path}: time",
            f"times without an offset ({text.iloc[0]})",
            "times in UTC (2021-07-01T10:00Z) or with their offset (2021-07-01T12:00+02:00)",
            "say utc_offset_hours under [inputs.weather]: 0 for UTC, 1 for Belgian winter time all "
            "year; times that follow summer time need their offsets",
        )
    return _instants(table.path, text, utc=False) - np.timedelta64(
        round(stated * 3600), "s"
    ), stated


def _hours(end: str) -> float:
    """Return what an offset such as +02:00 stands for. [h]."""
    if end == "Z":
        return 0.0
    digits = end[1:].replace(":", "")
    return (int(digits[:2]) + int(digits[2:]) / 60.0) * (-1.0 if end[0] == "-" else 1.0)


def _instants(path: Path, text: pd.Series[str], *, utc: bool) -> Times:
    try:
        found: Any = pd.to_datetime(text, format="ISO8601", utc=utc)
    except (ValueError, TypeError) as error:
        why = str(error).partition(". You")[0]
        raise WeatherError(
            f"{path}: time",
            f"a time that cannot be read ({why})",
            "ISO 8601, such as 2021-07-01T10:00Z",
            "write year, month, day in this order",
        ) from error
    index = pd.DatetimeIndex(found)
    plain = index.tz_localize(None) if index.tz is not None else index
    return np.asarray(plain.to_numpy(dtype="datetime64[ns]"))


def _step_minutes(path: Path, times: Times) -> int:
    """Return the step that most rows have. [min]."""
    jumps = np.diff(times)
    ahead = jumps[jumps > np.timedelta64(0, "ns")]
    if not ahead.size:
        raise WeatherError(
            str(path), f"{len(times)} times, none after another", "a whole year", "sort the rows"
        )
    values, counts = np.unique(ahead, return_counts=True)
    minutes = float(values[int(np.argmax(counts))] / np.timedelta64(1, "m"))
    if minutes not in {float(m) for m in range(1, 61) if 60 % m == 0}:
        raise WeatherError(
            str(path),
            f"a row every {minutes:g} minutes",
            "steps of 1 to 60 minutes that divide an hour",
            "export hourly values; a file of daily or monthly sums is not a series (months: a "
            "column month)",
        )
    return int(minutes)


def _irradiance(table: Table, options: WeatherOptions, step: int) -> Parts:
    """Return the irradiance columns in W/m2; a unit that cannot be is refused."""
    unit = options.irradiance_unit or table.settings.get("irradiance_unit", "W/m2")
    if unit not in get_args(Unit):
        raise WeatherError(
            f"{table.path}: irradiance_unit",
            repr(unit),
            " | ".join(get_args(Unit)),
            "correct the unit",
        )
    factor = _POWER[unit] if unit in _POWER else _PER_HOUR[unit] * 60.0 / step
    columns = {name: table.values(name) for name in _PARTS}
    known = {name: values * factor for name, values in columns.items() if values is not None}
    if not ("ghi" in known or {"dni", "dhi"} <= set(known)):
        raise WeatherError(
            str(table.path),
            f"columns {', '.join(table.frame.columns)}",
            "ghi, or both dni and dhi",
            "global horizontal irradiance alone is enough: the rest is split off it",
        )
    if "ghi" in known and not known["ghi"].any():
        raise WeatherError(
            f"{table.path}: ghi", "0 in every row", "light", "an empty export? take another file"
        )
    for name, values in known.items():
        _refuse_unit(table.path, name, values, cast("Unit", unit))
    return Parts(**{name: np.maximum(values, 0.0) for name, values in known.items()})


def _refuse_unit(path: Path, name: str, values: F64, unit: Unit) -> None:
    """Raise where the largest value tells another unit, or one lies clearly below zero."""
    if values.min() < _NIGHT_OFFSET_W_M2:
        raise WeatherError(
            f"{path}: {name}",
            f"{int((values < _NIGHT_OFFSET_W_M2).sum())} negative values, down to "
            f"{values.min():g} W/m2",
            f"irradiance >= 0 (a sensor's {_NIGHT_OFFSET_W_M2:g} W/m2 by night is set to 0)",
            "a sign or a code for missing? correct the rows",
        )
    most = float(np.quantile(values, 0.999))
    hint = ""
    if most > MAX_IRRADIANCE_W_M2:
        hint = "kJ/m2 or J/m2 per interval? say irradiance_unit, such as 'kJ/m2'"
    elif 0.0 < most < 2.0:
        hint = "kW/m2 or kWh/m2? say irradiance_unit = 'kW/m2'"
    elif 2.0 <= most < 6.0:
        hint = "MJ/m2 per hour? say irradiance_unit = 'MJ/m2'"
    if hint:
        raise WeatherError(
            f"{path}: {name}",
            f"values up to {most:g} as {unit}" if unit == "W/m2" else f"up to {most:g} W/m2",
            f"a year with hours between 200 and {MAX_IRRADIANCE_W_M2:g} W/m2",
            hint,
        )


def _label(table: Table, options: WeatherOptions) -> Label | None:
    label = options.label or table.settings.get("label")
    if label is not None and label not in get_args(Label):
        raise WeatherError(
            f"{table.path}: label", repr(label), "start | middle | end", "correct the line"
        )
    return cast("Label | None", label)


def _which_label(series: Series) -> WeatherError:
    """Return the refusal of a file without label, with what its light says about it."""
    known = series.parts
    light = next(v for v in (known.ghi, known.dhi) if v is not None)
    shift = clock(series.time_utc, light, series.place[1]).shift_h
    half = series.step_minutes / 120.0
    fits = {"start": shift + half, "middle": shift, "end": shift - half}
    best = min(fits, key=lambda name: abs(fits[name]))
    clear = abs(fits[best]) < half / 2.0 and half >= 0.2
    says = (
        f"by the sun, label = {best!r} fits ({fits[best]:+.2f} h off)"
        if clear
        else f"the light lies {shift:+.2f} h from the sun and does not tell"
    )
    return WeatherError(
        f"{series.path}: label",
        "nothing that says which edge of the interval a time names",
        "label = 'start', 'middle' or 'end'",
        f"{says}; ask the provider and write it under [inputs.weather] or as a line '# label: end'",
    )
