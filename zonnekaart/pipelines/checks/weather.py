"""The weather year: complete, near, on the right half of the Earth, on the right clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import MissingInputError, WeatherError
from zonnekaart.io.sources.weather import read_weather_years
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.place import Place, centre_lonlat, distance_km
from zonnekaart.solar.plausibility import Clock, clock, fit

if TYPE_CHECKING:
    from zonnekaart.config import OtherWeather, Project
    from zonnekaart.io.sources.weather_options import WeatherOptions
    from zonnekaart.solar.weather import WeatherYear

FAR_KM, TOO_FAR_KM = 150.0, 1000.0
"""Yearly irradiation changes by a few percent over the first distance, climate over the second."""

LEAST_GHI_KWH_M2, MOST_GHI_KWH_M2 = 600.0, 2700.0
"""Horizontal irradiation per year, from the Arctic coast to the Atacama. [kWh/m2]"""

MOST_CLOCK_SHIFT_H = 0.25
"""Middle of the light against solar noon; a label at the wrong edge of an hour shifts it by 0.5, a
wrong zone by 1. IWEC Brussels stands within 0.01 h,
TMYx Brussels 0.95 h early by its header. [h]"""

MOST_SEASON_SHIFT_H = 0.5
"""Middle of the light in summer against that in winter; daylight saving shifts it by 1. [h]"""

MOST_IMPOSSIBLE = 0.01
"""Share of the light beyond what the sky can give, or of diffuse above global. [-]"""

MOST_GAP = 0.1
"""Mean of ``|ghi - dni cos z - dhi|`` over mean ghi. [-]"""


def check_weather(project: Project, place: Place) -> list[Inspection]:
    """
    Look at the weather years, those of other files too.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS, and where the heights or the footprints lie.
    """
    table = project.inputs.weather
    tables: list[tuple[str, OtherWeather]] = [("inputs.weather", table)]
    tables += [(f"inputs.weather.others[{i}]", other) for i, other in enumerate(table.others)]
    return [_inspect(project, name, one, place) for name, one in tables]


def _inspect(project: Project, name: str, table: OtherWeather, place: Place) -> Inspection:
    path = project.resolve(table.path)
    inspection = Inspection(name, str(path))
    try:
        years = read_weather_years(path, table.options)
    except (MissingInputError, WeatherError) as error:
        inspection.caught(error)
        return inspection
    year = years[0]
    annual = year.annual_ghi_kwh_m2
    light = clock(year.time_utc, year.ghi, year.longitude_deg)
    inspection.facts.update(
        name=year.name,
        hours=len(year.ghi) * year.step_hours,
        latitude_deg=year.latitude_deg,
        longitude_deg=year.longitude_deg,
        annual_ghi_kwh_m2=annual,
        clock_shift_h=light.shift_h,
    )
    if len(years) > 1:
        sums = [one.annual_ghi_kwh_m2 for one in years]
        inspection.facts.update(
            years=len(years), lowest_ghi_kwh_m2=min(sums), highest_ghi_kwh_m2=max(sums)
        )
    for one in years:
        _check_total(one, inspection)
        # A wrong clock puts light where there is no sun; then the clock is what is wrong.
        _check_parts(one, inspection, on_time=not abs(light.shift_h) > MOST_CLOCK_SHIFT_H)
    _check_clock(light, year, table.options, inspection)
    _check_assumptions(year, inspection)
    if place.extent is not None:
        _check_distance(year, centre_lonlat(place.extent, place.crs), inspection)
    return inspection


def _check_total(year: WeatherYear, inspection: Inspection) -> None:
    annual = year.annual_ghi_kwh_m2
    if not LEAST_GHI_KWH_M2 <= annual <= MOST_GHI_KWH_M2:
        inspection.error(
            "weather.total",
            f"{annual:.0f} kWh/m2 of horizontal irradiation in the year ({year.name})",
            f"{LEAST_GHI_KWH_M2:g} to {MOST_GHI_KWH_M2:g} kWh/m2",
            "see whether the column is in W/m2 or Wh/m2 per hour (a CSV in J/cm2 or kJ/m2 needs "
            "irradiance_unit), and the year complete",
        )


def _check_parts(year: WeatherYear, inspection: Inspection, *, on_time: bool) -> None:
    """Hold global, beam and diffuse light against the sky and against one another."""
    found = fit(year)
    if on_time and found.beyond_sky > MOST_IMPOSSIBLE:
        inspection.error(
            "weather.impossible",
            f"more light than the sky can give in {found.beyond_sky:.1%} of the day ({year.name})",
            f"at most {MOST_IMPOSSIBLE:.0%}",
            "clock, place or unit is wrong, or the columns are swapped",
        )
    if found.better_order or found.diffuse_above_global > MOST_IMPOSSIBLE:
        inspection.error(
            "weather.parts",
            f"diffuse above global in {found.diffuse_above_global:.1%} of the light; "
            f"|ghi - dni cos z - dhi| is {found.gap:.0%} of ghi ({year.name})",
            "dhi <= ghi, and beam plus diffuse = global",
            "the columns ghi, dni and dhi look swapped; correct their names",
        )
    elif found.gap > MOST_GAP:
        inspection.warning(
            "weather.parts",
            f"beam and diffuse that miss global irradiance by {found.gap:.0%} ({year.name})",
            f"within {MOST_GAP:.0%}",
            "a wrong clock does this too: see there first; a CSV with ghi alone is split anew",
        )


def _check_clock(
    light: Clock, year: WeatherYear, options: WeatherOptions, inspection: Inspection
) -> None:
    """Say how far the light is from the sun, and which option mends it."""
    shift = light.shift_h
    if abs(shift) > MOST_CLOCK_SHIFT_H:
        early = "late" if shift > 0 else "early"
        side = "west" if shift > 0 else "east"
        inspection.warning(
            "weather.clock",
            f"light that comes {abs(shift):.1f} h too {early} (mean over the year)",
            f"within {MOST_CLOCK_SHIFT_H:g} h of solar noon",
            f"roofs that face {side} get too much of it; {_mend(shift, year, options)}",
        )
    if abs(light.summer_minus_winter_h) > MOST_SEASON_SHIFT_H:
        inspection.warning(
            "weather.daylight_saving",
            f"light in summer that comes {light.summer_minus_winter_h:+.1f} h after that in winter",
            "the same clock all year",
            "the times follow summer time: write them in UTC or with their offset",
        )


def _mend(shift: float, year: WeatherYear, options: WeatherOptions) -> str:
    """Return the option that would put the clock right."""
    step = year.step_hours
    moves = {"start": step / 2.0, "middle": 0.0, "end": -step / 2.0}
    ways = []
    if options.label is not None and step > 2.0 * MOST_CLOCK_SHIFT_H:
        wanted = moves[options.label] - shift
        label = min(moves, key=lambda name: abs(moves[name] - wanted))
        if abs(moves[label] - wanted) < MOST_CLOCK_SHIFT_H and label != options.label:
            ways.append(f"label = '{label}'")
    clock_h = round((year.utc_offset_hours + shift) * 2.0) / 2.0
    if clock_h != year.utc_offset_hours:
        ways.append(f"utc_offset_hours = {clock_h:g}")
    told = " or ".join(ways) or "another file of the station"
    return f"try {told} under [inputs.weather], whichever the provider's documentation supports"


def _check_assumptions(year: WeatherYear, inspection: Inspection) -> None:
    if year.assumptions:
        inspection.warning(
            "weather.assumed",
            "; ".join(year.assumptions),
            "global, beam, diffuse, temperature and wind in the file",
            "a PVGIS year of this place has all of them; how much it matters stands in "
            "docs/validation/weather.md",
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
