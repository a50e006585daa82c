"""A weather year from what people have: a file, a pandas table as pvlib gives it, or our own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from zonnekaart.errors import ConfigError, WeatherError
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    import numpy.typing as npt

Label = Literal["start", "middle", "end"]
"""Which moment of its interval a time stands for."""

Weather = str | Path | WeatherYear | pd.DataFrame

_NEEDED = ("ghi", "dni", "dhi")
_AIR = {"temp_air": 20.0, "wind_speed": 0.0}
"""pvlib's names, and what pvlib assumes without them. Light does not depend on them."""
_LABELS = {"start": 0.5, "middle": 0.0, "end": -0.5}
_DAYS = (364.0, 367.0)


def weather_year(
    weather: Weather,
    place: tuple[float, float] | None = None,
    label: Label | None = None,
) -> WeatherYear:
    """
    Return a weather year.

    Parameters
    ----------
    weather : str, Path, WeatherYear or DataFrame
        A file in one of the formats of ``docs/weather.md``; or a table with columns ``ghi``,
        ``dni`` and ``dhi``, interval means [W/m2], and an index of times that know their time
        zone, as pvlib returns. ``temp_air`` [degree C] and ``wind_speed`` [m/s] are taken over
        when they are there.
    place : tuple of float, optional
        Latitude and longitude, for a table. [degree]
    label : {"start", "middle", "end"}, optional
        For a table: which moment of its interval each time names. Half an hour wrong turns east
        roofs into west roofs, so it must be said.

    Returns
    -------
    WeatherYear
        Times are the middle of each interval, in UTC.

    Raises
    ------
    MissingInputError, WeatherError, ConfigError
        If the file or a column is absent, times have no zone, gaps or less than a year, or
        `place` or `label` is not given for a table.

    Examples
    --------
    >>> times = pd.date_range("2021-01-01", periods=8760, freq="h", tz="UTC")
    >>> table = pd.DataFrame({"ghi": 100.0, "dni": 0.0, "dhi": 100.0}, index=times)
    >>> year = weather_year(table, place=(51.4, 4.5), label="start")
    >>> str(year.time_utc[0]), year.annual_ghi_kwh_m2
    ('2021-01-01T00:30:00.000000000', 876.0)
    """
    if isinstance(weather, WeatherYear):
        return weather
    if isinstance(weather, (str, Path)):
        return read_weather(Path(weather))
    if not isinstance(weather, pd.DataFrame):
        raise WeatherError(
            "weather",
            f"a {type(weather).__name__}",
            "a path, a WeatherYear or a pandas DataFrame",
            "pvlib.iotools functions return (table, metadata): give the table",
        )
    if label not in _LABELS or place is None:
        raise ConfigError(
            "weather",
            "a table without " + ("a label" if label not in _LABELS else "a place"),
            "label='start', 'middle' or 'end', and place=(latitude, longitude)",
            "see in the provider's description which moment of the hour its times name",
        )
    return _from_table(weather, place, _LABELS[label])


def _from_table(table: pd.DataFrame, place: tuple[float, float], to_middle: float) -> WeatherYear:
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        raise WeatherError(
            "weather",
            f"no column {', '.join(missing)}",
            "ghi, dni and dhi in W/m2",
            "make dni and dhi from ghi with pvlib.irradiance.erbs_driesse",
        )
    index = table.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is None or len(index) < 2:
        raise WeatherError(
            "weather",
            "times without a time zone" if isinstance(index, pd.DatetimeIndex) else "no times",
            "a DatetimeIndex with a time zone",
            "say where the clock stood: table.tz_localize('UTC')",
        )
    naive = index.tz_convert("UTC").tz_localize(None)
    utc: npt.NDArray[np.datetime64] = naive.to_numpy().astype("datetime64[ns]")
    step = float(np.median(np.diff(utc) / np.timedelta64(1, "s"))) / 3600.0
    days = len(utc) * step / 24.0
    if not _DAYS[0] <= days <= _DAYS[1]:
        raise WeatherError(
            "weather", f"{days:.1f} days", "one whole year", "choose one year, or a typical one"
        )
    shift = np.timedelta64(round(to_middle * step * 3600e9), "ns")
    middle: npt.NDArray[np.datetime64] = np.add(utc, shift)
    offset = index[0].utcoffset()
    return WeatherYear(
        time_utc=middle,
        step_hours=step,
        ghi=table["ghi"].to_numpy(dtype=np.float64),
        dni=table["dni"].to_numpy(dtype=np.float64),
        dhi=table["dhi"].to_numpy(dtype=np.float64),
        temp_air_c=_air(table, "temp_air"),
        wind_speed_m_s=_air(table, "wind_speed"),
        latitude_deg=float(place[0]),
        longitude_deg=float(place[1]),
        altitude_m=0.0,
        name=str(table.attrs.get("name", "table")),
        utc_offset_hours=0.0 if offset is None else offset.total_seconds() / 3600.0,
    )


def _air(table: pd.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if name in table:
        return table[name].to_numpy(dtype=np.float64)
    return np.full(len(table), _AIR[name])
