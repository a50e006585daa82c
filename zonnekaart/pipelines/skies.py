"""The sky of a project: its weather years summed into tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.io.sources.weather import read_epw
from zonnekaart.solar.sky import build_sky, with_years

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.solar.sky import SkyTables


@dataclass(frozen=True)
class WeatherFile:
    """A weather file, and its clock minus UTC where the header is wrong. [h]."""

    path: Path
    utc_offset_hours: float | None = None


def other_weather(project: Project) -> tuple[WeatherFile, ...]:
    """Return the further weather years of a project."""
    return tuple(
        WeatherFile(project.resolve(other.path), other.utc_offset_hours)
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
    weather = read_epw(project.resolve(given.path), given.utc_offset_hours)
    years = [
        build_sky(read_epw(o.path, o.utc_offset_hours), table.directions, albedo=table.albedo)
        for o in other_weather(project)
    ]
    sky = with_years(build_sky(weather, table.directions, albedo=table.albedo), years)
    return sky, {
        "weather": sky.name,
        "weather_ghi_kwh_m2": round(weather.annual_ghi_kwh_m2, 1),
        "horizontal_kwh_m2": round(float(sky.horizontal_kwh_m2.sum()), 1),
    }
