"""The one door to weather files: recognises the format and returns whole years in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather_csv import read_csv
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.io.sources.weather_monthly import read_monthly
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.io.sources.weather_pvgis import read_pvgis

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from zonnekaart.solar.weather import WeatherYear

_HEAD_BYTES = 4000


def read_weather(path: Path, options: WeatherOptions | None = None) -> WeatherYear:
    """
    Read the central year of a weather file.

    Parameters
    ----------
    path : Path
        EPW, PVGIS (CSV or JSON), CSV with our columns, or monthly means.
    options : WeatherOptions, optional
        What the project file says about it.

    Raises
    ------
    MissingInputError, WeatherError
        As `read_weather_years`.
    """
    return read_weather_years(path, options)[0]


def read_weather_years(
    path: Path, options: WeatherOptions | None = None
) -> tuple[WeatherYear, ...]:
    """
    Read all years of a weather file, the central one first.

    Parameters
    ----------
    path : Path
        EPW, PVGIS (CSV or JSON), CSV with our columns, or monthly means.
    options : WeatherOptions, optional
        What the project file says about it; an option that the format does not know is refused.

    Returns
    -------
    tuple of WeatherYear
        One year from EPW, typical years and monthly means; one per calendar year from a series.

    Raises
    ------
    MissingInputError
        If there is no such file.
    WeatherError
        If the format is not known, or the reader of the format refuses the file.
    """
    options = WeatherOptions() if options is None else options
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a weather file", "check the path in the project file"
        )
    kind = recognise(path) if options.reader == "auto" else options.reader
    _refuse_unknown_options(path, kind, options)
    return _READERS[kind](path, options)


def recognise(path: Path) -> str:
    """
    Return the reader that a file asks for, by what stands in it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        ``epw``, ``pvgis``, ``csv`` or ``monthly``.

    Raises
    ------
    WeatherError
        If it looks like none of them.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    lines = head.lower().splitlines()
    first = lines[0] if lines else ""
    if first.startswith("location,") or path.suffix.lower() == ".epw":
        return "epw"
    if first.startswith(("latitude (decimal degrees)", "{")):
        return "pvgis"
    header = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    columns = {c.strip().strip('"') for c in header.replace(";", ",").replace("\t", ",").split(",")}
    if "month" in columns:
        return "monthly"
    if "time" in columns:
        return "csv"
    raise WeatherError(
        str(path),
        f"a first line {first[:60]!r}" if first else "an empty file",
        "EPW (LOCATION,...), PVGIS (CSV or JSON), or a CSV with a column time or month",
        "see docs/weather.md for the columns; reader under [inputs.weather] names the format",
    )


def _epw(path: Path, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    return (read_epw(path, options.utc_offset_hours),)


def _monthly(path: Path, options: WeatherOptions) -> tuple[WeatherYear, ...]:
    return (read_monthly(path, options),)


_READERS: dict[str, Callable[[Path, WeatherOptions], tuple[WeatherYear, ...]]] = {
    "epw": _epw,
    "pvgis": read_pvgis,
    "csv": read_csv,
    "monthly": _monthly,
}

_PLACE = ("latitude_deg", "longitude_deg", "altitude_m")
_KNOWN = {
    "epw": ("utc_offset_hours",),
    "pvgis": ("year",),
    "csv": ("utc_offset_hours", "label", "irradiance_unit", "year", *_PLACE),
    "monthly": ("utc_offset_hours", *_PLACE),
}


def _refuse_unknown_options(path: Path, kind: str, options: WeatherOptions) -> None:
    """Raise for an option that would be ignored quietly."""
    names = ("utc_offset_hours", "label", "irradiance_unit", "year", *_PLACE)
    for name in names:
        if getattr(options, name) is not None and name not in _KNOWN[kind]:
            raise WeatherError(
                f"{path}: {name}",
                f"{getattr(options, name)} for a file in format {kind}",
                f"only {', '.join(_KNOWN[kind])}",
                f"remove {name}; the format fixes it itself",
            )
