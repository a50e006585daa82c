"""PVGIS files: typical years and hourly series, CSV and JSON, parsed by pvlib.

The service gives a moment per hour: SARAH radiation is that of one satellite image, some minutes
after the hour; ERA5 radiation is the mean of an hour, told at its half. Either is taken as the mean
of the hour around its own moment.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pvlib.iotools import read_pvgis_hourly, read_pvgis_tmy

from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather_series import Series, nominal_times, whole_years
from zonnekaart.solar.decomposition import Parts
from zonnekaart.solar.plausibility import closing_offset_h

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

    from zonnekaart.io.sources.weather_options import WeatherOptions
    from zonnekaart.solar.weather import WeatherYear

    F64 = npt.NDArray[np.float64]

_OFFSET_KEYS = ("irradiance time offset", "irradiance_time_offset")
_MISSING_BELOW = -900.0
_HOUR_ROW = re.compile(r"\d{8}:\d{4},")
_TYPICAL_HOURS = 8760
"""PVGIS leaves 29 February out of its typical years."""


@dataclass(frozen=True)
class _Parsed:
    """What pvlib found: rows, place, what the radiation comes from."""

    frame: pd.DataFrame
    inputs: dict[str, Any]

    def place(self) -> tuple[float, float, float]:
        where = self.inputs.get("location", self.inputs)
        return (float(where["latitude"]), float(where["longitude"]), float(where["elevation"]))

    def database(self) -> str:
        weather = self.inputs.get("meteo_data", {})
        return str(weather.get("radiation_db", self.inputs.get("radiation_database", "PVGIS")))


def read_pvgis(path: Path, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    """
    Read a PVGIS 5 file: tool "TMY" or "hourly data", as CSV or JSON.

    Parameters
    ----------
    path : Path
        As downloaded.
    options : WeatherOptions
        `year` chooses the central year of an hourly series.

    Returns
    -------
    tuple of WeatherYear
        One typical year laid on 2021, UTC; or every calendar year of an hourly series, the
        central one first.

    Raises
    ------
    WeatherError
        If it is another tool's file, is cut, or holds irradiance on an inclined plane.
    """
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    kind = _kind(path, text)
    if kind == "tmy":
        return _typical_year(path, _parsed(path, text, read_pvgis_tmy), options)
    return _hourly(path, _parsed(path, text, read_pvgis_hourly), options)


def _kind(path: Path, text: str) -> str:
    """Return ``tmy`` or ``hourly``."""
    if text.lstrip().startswith("{"):
        try:
            outputs = json.loads(text).get("outputs") or {}
        except json.JSONDecodeError as error:
            raise _unreadable(path, f"JSON that breaks off ({error})") from error
        found = "tmy" if "tmy_hourly" in outputs else "hourly" if "hourly" in outputs else ""
        what = ", ".join(outputs) or "no outputs"
    else:
        found = "tmy" if "\ntime(UTC)," in text else "hourly" if "\ntime," in text else ""
        what = "no column of hours"
    if found:
        return found
    raise WeatherError(
        str(path),
        what,
        "hourly values: outputs tmy_hourly or hourly, a column time(UTC) or time",
        "download the tool TMY, or hourly data with radiation components and slope 0, from PVGIS; "
        "monthly values go into a CSV with a column month",
    )


def _parsed(path: Path, text: str, parser: Callable[..., Any]) -> _Parsed:
    """Let pvlib read the text; what it trips over is an error of the file."""
    is_json = text.lstrip().startswith("{")
    if not is_json:
        _refuse_cut(path, text, whole=parser is read_pvgis_tmy)
    source: Any
    if not is_json and parser is read_pvgis_tmy:
        source = io.BytesIO(text.encode())
    else:
        source = io.StringIO(text)
    try:
        frame, meta = parser(source, pvgis_format="json" if is_json else "csv")
        parsed = _Parsed(frame, meta["inputs"])
        parsed.place()
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        why = str(error).partition(". You")[0]
        raise _unreadable(path, f"rows that cannot be read ({why})") from error
    if not len(frame):
        raise _unreadable(path, "no rows")
    return parsed


def _refuse_cut(path: Path, text: str, *, whole: bool) -> None:
    """Raise for rows of unlike length, or too few for a typical year: pvlib would pad them."""
    rows = [line.count(",") for line in text.splitlines() if _HOUR_ROW.match(line)]
    if len(set(rows)) > 1:
        raise _unreadable(path, "rows that differ in their number of fields")
    if whole and len(rows) != _TYPICAL_HOURS:
        raise _unreadable(path, f"{len(rows)} hours instead of {_TYPICAL_HOURS}")


def _unreadable(path: Path, found: str) -> WeatherError:
    return WeatherError(
        str(path),
        found,
        "a whole PVGIS file as downloaded",
        "download it again; a file saved by a spreadsheet or cut off is not read",
    )


def _typical_year(path: Path, parsed: _Parsed, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    """Lay a typical year on the nominal year, at the moments of its irradiance."""
    if options.year is not None:
        raise WeatherError(
            f"{path}: year",
            str(options.year),
            "no year: the months of a typical year come from several",
            "remove year",
        )
    frame = parsed.frame
    _require(path, frame, ("ghi", "dni", "dhi"))
    hours = nominal_times(_times(frame), leap=False, offset=np.timedelta64(0, "s"))
    parts = Parts(*(_values(path, frame, name) for name in ("ghi", "dni", "dhi")))
    where = parsed.inputs.get("location", parsed.inputs)
    told = next((float(where[k]) for k in _OFFSET_KEYS if k in where), None)
    name = f"{parsed.database()} TMY"
    series = _series(path, parsed, hours, parts, name)
    note: tuple[str, ...] = ()
    if told is None:
        (year,) = whole_years(series)
        told = closing_offset_h(year, 0.0, 1.0)
        note = (
            f"the file tells no moment of the irradiance: {told * 60:.0f} minutes after the hour, "
            "where global, beam and diffuse agree",
        )
    moments = hours + np.timedelta64(round(told * 3600), "s")
    return whole_years(_series(path, parsed, moments, parts, name, note))


def _hourly(path: Path, parsed: _Parsed, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    """Cut an hourly series on the horizontal plane into years."""
    _require_horizontal(path, parsed.inputs)
    frame = parsed.frame
    if {"poa_direct", "poa_sky_diffuse"} <= set(frame.columns):
        beam, diffuse = (_values(path, frame, n) for n in ("poa_direct", "poa_sky_diffuse"))
        parts = Parts(ghi=beam + diffuse, dhi=diffuse)
    else:
        _require(path, frame, ("poa_global",))
        parts = Parts(ghi=_values(path, frame, "poa_global"))
    note: tuple[str, ...] = ()
    rebuilt = float((frame["Int"] > 0).mean()) if "Int" in frame else 0.0
    if rebuilt > 0.0:
        note = (f"{rebuilt:.1%} of the hours are reconstructed by PVGIS",)
    series = _series(path, parsed, _times(frame), parts, parsed.database(), note)
    return whole_years(series, options.year)


def _series(
    path: Path,
    parsed: _Parsed,
    moments: npt.NDArray[np.datetime64],
    parts: Parts,
    name: str,
    notes: tuple[str, ...] = (),
) -> Series:
    frame = parsed.frame
    air = {
        word: _values(path, frame, word) if word in frame else None
        for word in ("temp_air", "wind_speed")
    }
    latitude, longitude, _ = place = parsed.place()
    return Series(
        path=path,
        time_utc=moments,
        step_minutes=60,
        parts=parts,
        temp_air_c=air["temp_air"],
        wind_speed_m_s=air["wind_speed"],
        place=place,
        name=f"{name} {latitude:g}, {longitude:g}",
        assumptions=notes,
    )


def _times(frame: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """Return the stamps as UTC without a zone."""
    index: Any = frame.index
    return np.asarray(index.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[ns]"))


def _values(path: Path, frame: pd.DataFrame, name: str) -> F64:
    """Return a column; PVGIS's code for "missing" raises."""
    values = frame[name].to_numpy(dtype=np.float64)
    gaps = ~np.isfinite(values) | (values < _MISSING_BELOW)
    if gaps.any():
        raise WeatherError(
            f"{path}: {name}",
            f"{int(gaps.sum())} hours without a value, first {frame.index[gaps][0]:%Y-%m-%d %H:%M}",
            "a value in every hour",
            "choose another radiation database or place",
        )
    return np.asarray(values + 0.0)


def _require(path: Path, frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in frame]
    if missing:
        raise WeatherError(
            str(path),
            f"no column {', '.join(missing)} (there are: {', '.join(map(str, frame.columns))})",
            "irradiance on the horizontal plane",
            "download hourly data with radiation components and slope 0",
        )


def _require_horizontal(path: Path, inputs: dict[str, Any]) -> None:
    """Raise unless the irradiance is that of the horizontal plane."""
    mounting = inputs.get("mounting_system")
    if isinstance(mounting, dict):
        slope = mounting.get("fixed", {}).get("slope", {}).get("value", f"{', '.join(mounting)}")
    else:
        slope = inputs.get("Slope", "not told")
    number = re.match(r"\s*(-?[\d.]+)", str(slope))
    if number is None or float(number.group(1)) != 0.0:
        raise WeatherError(
            f"{path}: slope",
            f"irradiance on a plane with slope {slope}",
            "the horizontal plane: slope 0",
            "download the hourly data again with slope 0 and without tracking; a sloped plane "
            "cannot be taken back to the sky",
        )
