"""A made-up weather year for the embedded town, in EPW layout.

Clear-sky irradiance of pvlib times a random clearness, brought to monthly sums of a Belgian year;
beam and diffuse after Erbs. Plausible, not measured: the file says so in its header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib

from zonnekaart.io.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

FloatArray = npt.NDArray[np.float64]

YEAR = 2021
ZONE_HOURS = 1
"""Belgian standard time is UTC+1, summer time is not used in EPW. [h]"""

MONTHLY_GHI_KWH_M2 = (20.0, 36.0, 80.0, 122.0, 152.0, 158.0, 156.0, 133.0, 94.0, 56.0, 27.0, 16.0)
"""Round monthly sums near those of Ukkel, together 1 050: an assumption, not a record. [kWh/m2]"""

_SUBSTEPS = 6
_CLEAREST = 1.06
"""Largest ratio of an hour's irradiance to the clear sky's (broken clouds). [-]"""

_DAY_MEMORY = 0.45
_HOUR_MEMORY = 0.75
_DAYS = 365
_HOURS = 24
_SCALING_ROUNDS = 60
_MEAN_AIR_C, _SEASON_C, _COLDEST_DAY = 10.9, 7.6, 22
_MEAN_WIND_M_S = 3.6
_SOLAR_CONSTANT_W_M2 = 1361.1


@dataclass(frozen=True)
class Place:
    """Where the weather is: degrees and metres."""

    name: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float


def write_weather(path: Path, place: Place, seed: int) -> None:
    """
    Write a weather year as EPW.

    Parameters
    ----------
    path : Path
        The file to write.
    place : Place
        Location for the sun and the header.
    seed : int
        Same seed, same file.
    """
    table = weather_table(place, np.random.default_rng([seed, 7]))
    write_text(path, "\n".join([*_header(place), *_rows(table)]) + "\n")


def weather_table(place: Place, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return the year hour by hour.

    Parameters
    ----------
    place : Place
        Location for the sun.
    rng : numpy Generator
        Draws the clearness, temperature and wind.

    Returns
    -------
    DataFrame
        Index: the middle of each hour, UTC. Columns ``ghi, dni, dhi, extra, extra_normal``
        (interval means [W/m2]), ``temp_air_c``, ``dew_point_c``, ``wind_speed_m_s``,
        ``sky_cover`` (tenths).
    """
    start = pd.Timestamp(f"{YEAR}-01-01", tz="UTC") - pd.Timedelta(hours=ZONE_HOURS)
    middles = pd.date_range(start, periods=_DAYS * _HOURS, freq="h") + pd.Timedelta(minutes=30)
    clear = _clear_sky(middles, place)
    clearness, daily = _clearness(rng)
    ghi = _scaled(clear, clearness, middles)
    position = pvlib.solarposition.get_solarposition(
        middles, place.latitude_deg, place.longitude_deg
    )
    zenith = position["zenith"].to_numpy()
    day_of_year = middles.day_of_year.to_numpy()
    parts = pvlib.irradiance.erbs(ghi, zenith, day_of_year)
    cosine = np.clip(np.cos(np.deg2rad(zenith)), 0.0, None)
    dni = np.nan_to_num(np.asarray(parts["dni"]))
    normal: FloatArray = pvlib.irradiance.get_extra_radiation(day_of_year, _SOLAR_CONSTANT_W_M2)
    air = _temperature(rng, daily)
    return pd.DataFrame(
        {
            "ghi": ghi,
            "dni": dni,
            "dhi": np.clip(ghi - dni * cosine, 0.0, None),
            "extra": normal * cosine,
            "extra_normal": np.where(cosine > 0.0, normal, 0.0),
            "temp_air_c": air,
            "dew_point_c": air - 2.0 - 6.0 * np.clip(np.repeat(daily, _HOURS), 0.0, 1.0),
            "wind_speed_m_s": _wind(rng),
            "sky_cover": np.round(10.0 * (1.0 - np.clip(clearness, 0.0, 1.0))),
        },
        index=middles,
    )


def _clear_sky(middles: pd.DatetimeIndex, place: Place) -> FloatArray:
    """Return the hour means of the Haurwitz clear sky. [W/m2]."""
    total = np.zeros(len(middles))
    for part in range(_SUBSTEPS):
        minutes = (part + 0.5) * 60.0 / _SUBSTEPS - 30.0
        moments = middles + pd.Timedelta(minutes=minutes)
        zenith = pvlib.solarposition.get_solarposition(
            moments, place.latitude_deg, place.longitude_deg
        )["apparent_zenith"]
        total += pvlib.clearsky.haurwitz(zenith)["ghi"].to_numpy()
    return np.asarray(total / _SUBSTEPS)


def _clearness(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the ratio to the clear sky per hour and its daily level, both with memory. [-]."""
    state = _remember(rng.normal(size=_DAYS), _DAY_MEMORY)
    daily = 0.18 + 0.8 / (1.0 + np.exp(-1.5 * (state + 0.15)))
    hourly = _remember(rng.normal(size=_DAYS * _HOURS), _HOUR_MEMORY)
    unrest = 0.22 * np.repeat(1.0 - np.abs(2.0 * daily - 1.0) * 0.7, _HOURS)
    return np.clip(np.repeat(daily, _HOURS) + unrest * hourly, 0.06, _CLEAREST), daily


def _remember(noise: FloatArray, memory: float) -> FloatArray:
    """Turn white noise into a first-order autoregression of unit variance."""
    out = np.empty_like(noise)
    out[0] = noise[0]
    fresh = np.sqrt(1.0 - memory**2)
    for index in range(1, len(noise)):
        out[index] = memory * out[index - 1] + fresh * noise[index]
    return out


def _scaled(clear: FloatArray, clearness: FloatArray, middles: pd.DatetimeIndex) -> FloatArray:
    """Bend the clearness of each month until its irradiation is the month's sum. [W/m2]."""
    local = middles + pd.Timedelta(hours=ZONE_HOURS)
    ghi = np.zeros(len(clear))
    for month, target in enumerate(MONTHLY_GHI_KWH_M2, start=1):
        at = np.asarray(local.month == month)
        low, high = 0.05, 20.0
        for _ in range(_SCALING_ROUNDS):
            power = np.sqrt(low * high)
            bent = clear[at] * np.clip(_CLEAREST * (clearness[at] / _CLEAREST) ** power, 0.05, None)
            low, high = (power, high) if bent.sum() / 1000.0 > target else (low, power)
        ghi[at] = bent
    return ghi


def _temperature(rng: np.random.Generator, daily: FloatArray) -> FloatArray:
    """Return air temperature: season, day-to-day memory, warmer afternoons on clear days. [C]."""
    day = np.arange(_DAYS)
    season = _MEAN_AIR_C - _SEASON_C * np.cos(2.0 * np.pi * (day - _COLDEST_DAY) / _DAYS)
    level = season + 3.0 * _remember(rng.normal(size=_DAYS), 0.75)
    swing = np.repeat(1.5 + 4.5 * daily, _HOURS)
    hour = np.tile(np.arange(_HOURS) + 0.5, _DAYS)
    smooth = np.interp(np.arange(_DAYS * _HOURS) / _HOURS, day + 0.5, level)
    return np.asarray(smooth + swing * np.cos(2.0 * np.pi * (hour - 15.0) / _HOURS))


def _wind(rng: np.random.Generator) -> FloatArray:
    state = _remember(rng.normal(size=_DAYS * _HOURS), 0.93)
    return np.asarray(_MEAN_WIND_M_S * np.exp(0.45 * state - 0.45**2 / 2.0))


def _header(place: Place) -> list[str]:
    note = (
        "illustratief: made-up weather year, generated by zonnekaart from pvlib clear sky and "
        "random clearness; not measured; CC0"
    )
    return [
        f"LOCATION,{place.name} (illustratief),-,BEL,zonnekaart generated,000000,"
        f"{place.latitude_deg:.4f},{place.longitude_deg:.4f},{ZONE_HOURS}.0,{place.altitude_m:.1f}",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        f"COMMENTS 1,{note}",
        "COMMENTS 2,hour-ending local standard time; irradiance columns are hourly sums in Wh/m2",
        f"DATA PERIODS,1,1,Data,{pd.Timestamp(f'{YEAR}-01-01').day_name()},1/1,12/31",
    ]


def _rows(table: pd.DataFrame) -> list[str]:
    """Return the 35 fields of each hour; what is not modelled has EPW's missing value."""
    starts = pd.DatetimeIndex(table.index) + pd.Timedelta(hours=ZONE_HOURS, minutes=-30)
    humidity = np.clip(100.0 - 5.0 * (table["temp_air_c"] - table["dew_point_c"]), 20.0, 100.0)
    rows = []
    for day, row, moisture in zip(starts, table.itertuples(), humidity, strict=True):
        head = f"{YEAR},{day.month},{day.day},{day.hour + 1},0,{'?' * 44}"
        air = f"{row.temp_air_c:.1f},{row.dew_point_c:.1f},{moisture:.0f},101325"
        sun = (
            f"{row.extra:.0f},{row.extra_normal:.0f},9999,{row.ghi:.0f},{row.dni:.0f},{row.dhi:.0f}"
        )
        light = "999999,999999,999999,9999"
        wind = f"220,{row.wind_speed_m_s:.1f}"
        sky = f"{row.sky_cover:.0f},{row.sky_cover:.0f},9999,99999,9,999999999,999,0.999,999,99"
        rows.append(f"{head},{air},{sun},{light},{wind},{sky},999,999,99")
    return rows
