"""The sky of a project: its weather years summed into tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.io.sources.weather import read_weather_years
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.solar.sky import build_sky, with_years

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.solar.sky import SkyTables


AS_FOUND = WeatherOptions()
"""Weather files that speak for themselves."""


@dataclass(frozen=True)
class WeatherFile:
    """A weather file, and what its reader is told."""

    path: Path
    options: WeatherOptions = AS_FOUND


def other_weather(project: Project) -> tuple[WeatherFile, ...]:
    """Return the further weather years of a project."""
    return tuple(
        WeatherFile(project.resolve(other.path), other.options)
        for other in project.inputs.weather.others
    )


def project_sky(project: Project) -> tuple[SkyTables, dict[str, Any]]:
    """
    Sum the weather of a project, without heights.

    Parameters
    ----------
    project : Project
        Its weather years, directions and albedo.

    Returns
    -------
    SkyTables, dict
        The tables, and facts for a manifest.

    Raises
    ------
    MissingInputError, WeatherError
        If a weather file is absent or holds no whole year.
    """
    table, given = project.irradiation, project.inputs.weather
    weather, *others = read_weather_years(project.resolve(given.path), given.options)
    for other in other_weather(project):
        others.extend(read_weather_years(other.path, other.options))
    years = [build_sky(year, table.directions, albedo=table.albedo) for year in others]
    sky = with_years(build_sky(weather, table.directions, albedo=table.albedo), years)
    return sky, {
        "weather": sky.name,
        "weather_years": 1 + len(others),
        "weather_assumptions": list(weather.assumptions),
        "weather_ghi_kwh_m2": round(weather.annual_ghi_kwh_m2, 1),
        "horizontal_kwh_m2": round(float(sky.horizontal_kwh_m2.sum()), 1),
    }
