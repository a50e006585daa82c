"""Twelve monthly means: the least a place can be known by."""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather_columns import Table, read_table
from zonnekaart.io.sources.weather_series import ASSUMED_TEMP_AIR_C, ASSUMED_WIND_M_S, NOMINAL_YEAR
from zonnekaart.solar.downscaling import Place, hours_of_months
from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.io.sources.weather_options import WeatherOptions

    F64 = npt.NDArray[np.float64]

MONTHLY, DAILY = "ghi_kwh_m2", "ghi_kwh_m2_day"
_DAYS = np.array([calendar.monthrange(NOMINAL_YEAR, month)[1] for month in range(1, 13)])


def read_monthly(path: Path, options: WeatherOptions) -> WeatherYear:
    """
    Read monthly means of global irradiation and make hours of them.

    Parameters
    ----------
    path : Path
        Columns ``month`` (1 to 12) and ``ghi_kwh_m2`` (per month) or ``ghi_kwh_m2_day`` (per day),
        optional ``temp_air_c`` and ``wind_speed_m_s``; the place in lines ``# latitude_deg: 50.9``.
    options : WeatherOptions
        Place, and the clock in which months begin (from the longitude when left out).

    Returns
    -------
    WeatherYear
        Hours of 2021, called downscaled; each month meets its sum.

    Raises
    ------
    WeatherError
        If a month lacks, or its sum cannot be at this place.
    """
    table = read_table(path)
    latitude, longitude, altitude = table.place(options)
    order = _months(table)
    sums = _sums(table)[order]
    offset = table.number("utc_offset_hours", options.utc_offset_hours)
    clock_h = float(round(longitude / 15.0)) if offset is None else offset
    try:
        hours = hours_of_months(sums, Place(latitude, longitude, clock_h), NOMINAL_YEAR)
    except WeatherError as error:
        raise WeatherError(
            f"{path}: {error.subject}", error.found, error.expected, error.hint
        ) from error
    month = np.repeat(np.arange(12), _DAYS * 24)
    notes = ["hours made of twelve monthly means (downscaled): no real sequence of days"]
    air = {}
    for name, assumed, unit in (
        ("temp_air_c", ASSUMED_TEMP_AIR_C, "degrees C"),
        ("wind_speed_m_s", ASSUMED_WIND_M_S, "m/s"),
    ):
        values = table.values(name)
        if values is None:
            notes.append(f"no {name}: {assumed:g} {unit} all year")
            values = np.full(12, assumed)
        air[name] = values[order][month]
    return WeatherYear(
        time_utc=hours.time_utc,
        step_hours=1.0,
        ghi=hours.ghi,
        dni=hours.dni,
        dhi=hours.dhi,
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=altitude,
        name=f"{table.settings.get('name', path.stem)} (downscaled from months)",
        utc_offset_hours=clock_h,
        assumptions=tuple(notes),
        **air,
    )


def _months(table: Table) -> npt.NDArray[np.intp]:
    """Return the row of each month."""
    values = table.values("month")
    months = [] if values is None else [int(v) for v in values]
    if sorted(months) != list(range(1, 13)):
        raise WeatherError(
            f"{table.path}: month",
            f"{len(months)} rows: {', '.join(map(str, months[:14]))}",
            "the months 1 to 12, each once",
            "one row per month; a series of several years is averaged first",
        )
    return np.argsort(np.array(months))


def _sums(table: Table) -> F64:
    """Return global irradiation per month, in the rows' order. [kWh/m2]."""
    monthly, daily = table.values(MONTHLY), table.values(DAILY)
    months = table.values("month")
    if monthly is not None and daily is None:
        return monthly
    if monthly is not None or daily is None or months is None:
        raise WeatherError(
            str(table.path),
            f"columns {', '.join(table.frame.columns)}",
            f"{MONTHLY} (per month) or {DAILY} (mean per day), one of them",
            "name the column after its unit",
        )
    return np.asarray(daily * _DAYS[months.astype(int) - 1])
