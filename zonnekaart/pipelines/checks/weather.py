"""The weather year: complete, near, on the right half of the Earth, on the right clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather import read_epw
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.place import Place, centre_lonlat, distance_km

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.solar.weather import WeatherYear

FAR_KM, TOO_FAR_KM = 150.0, 1000.0
"""Yearly irradiation changes by a few percent over the first distance, climate over the second."""

LEAST_GHI_KWH_M2, MOST_GHI_KWH_M2 = 600.0, 2700.0
"""Horizontal irradiation per year, from the Arctic coast to the Atacama. [kWh/m2]"""

MOST_CLOCK_SHIFT_H = 0.6
"""Middle of the day's irradiation against solar noon; a clock that is wrong shifts it by 1. Real
files do: TMYx Brussels (ERA5) stands 0.9 h early, IWEC Brussels 0.06 h late. [h]"""


def check_weather(project: Project, place: Place) -> Inspection:
    """
    Look at the weather year.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS, and where the heights or the footprints lie.
    """
    path = project.resolve(project.inputs.weather.path)
    inspection = Inspection("inputs.weather", str(path))
    try:
        year = read_epw(path, project.inputs.weather.utc_offset_hours)
    except (MissingInputError, WeatherError) as error:
        inspection.caught(error)
        return inspection
    annual = float(np.sum(year.ghi)) * year.step_hours / 1000.0
    inspection.facts.update(
        name=year.name,
        hours=len(year.ghi) * year.step_hours,
        latitude_deg=year.latitude_deg,
        longitude_deg=year.longitude_deg,
        annual_ghi_kwh_m2=annual,
        clock_shift_h=clock_shift(year),
    )
    _check_total(annual, inspection)
    _check_clock(inspection)
    if place.extent is not None:
        _check_distance(year, centre_lonlat(place.extent, place.crs), inspection)
    return inspection


def clock_shift(year: WeatherYear) -> float:
    """
    Return how far the middle of the irradiation lies from solar noon, over the year.

    Parameters
    ----------
    year : WeatherYear
        The weather year; interval midpoints in UTC.

    Returns
    -------
    float
        Positive when the irradiation comes too late. [h]

    Notes
    -----
    The equation of time is left out: weighted with irradiation it averages to minutes.
    """
    seconds = (year.time_utc - year.time_utc.astype("datetime64[D]")) / np.timedelta64(1, "s")
    solar = (seconds / 3600.0 + year.longitude_deg / 15.0) % 24.0
    total = float(np.sum(year.ghi))
    return float(np.sum(solar * year.ghi)) / total - 12.0 if total else float("nan")


def _check_total(annual: float, inspection: Inspection) -> None:
    if not LEAST_GHI_KWH_M2 <= annual <= MOST_GHI_KWH_M2:
        inspection.error(
            "weather.total",
            f"{annual:.0f} kWh/m2 of horizontal irradiation in the year",
            f"{LEAST_GHI_KWH_M2:g} to {MOST_GHI_KWH_M2:g} kWh/m2",
            "see whether the column is in Wh/m2 per hour, and the year complete",
        )


def _check_clock(inspection: Inspection) -> None:
    shift = inspection.facts["clock_shift_h"]
    if abs(shift) > MOST_CLOCK_SHIFT_H:
        early = "late" if shift > 0 else "early"
        side = "west" if shift > 0 else "east"
        inspection.warning(
            "weather.clock",
            f"irradiation that comes {abs(shift):.1f} h too {early} (mean over the year)",
            f"within {MOST_CLOCK_SHIFT_H:g} h of solar noon",
            f"roofs that face {side} get too much of it; where the file's time zone is wrong (EPW: "
            "local standard time, hour-ending), set utc_offset_hours under [inputs.weather], or "
            "take another file of the station",
        )


def _check_distance(year: WeatherYear, centre: tuple[float, float], inspection: Inspection) -> None:
    away = distance_km(centre, (year.longitude_deg, year.latitude_deg))
    inspection.facts["distance_km"] = away
    found = (
        f"a station at {year.latitude_deg:.2f}, {year.longitude_deg:.2f}, {away:.0f} km away from "
        f"{centre[1]:.2f}, {centre[0]:.2f}"
    )
    expected = f"a station within {FAR_KM:g} km"
    hint = "choose a nearer station or a PVGIS year of this place"
    if year.latitude_deg * centre[1] < 0.0:
        inspection.error(
            "weather.hemisphere",
            f"{found}, on the other side of the equator",
            "the hemisphere of the project",
            "choose another station, or correct the sign of the latitude in the header",
        )
    elif away > TOO_FAR_KM:
        inspection.error("weather.too_far", found, expected, hint)
    elif away > FAR_KM:
        inspection.warning("weather.far", found, expected, hint)
