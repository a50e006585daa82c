"""What the weather input does to the result: splitting of global light, monthly means, and the
yield of one plane per file; prints the tables of docs/validation/weather.md. Takes a minute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pvlib

from benchmarks.irradiation import data_folder
from zonnekaart.config import share_folder
from zonnekaart.energy.pv import annual_yield_kwh, performance
from zonnekaart.io.presets import read_preset
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.solar.decomposition import Parts, SunHeights, beam_of, complete, sun_heights
from zonnekaart.solar.downscaling import Place, hours_of_months
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.plausibility import clock, fit
from zonnekaart.solar.sky import build_sky

if TYPE_CHECKING:
    from zonnekaart.solar.weather import WeatherYear

FOLDER = "weather-brussels"
FILES = {
    "IWEC": ("BEL_Brussels.064510_IWEC.epw", None),
    "TMYx, clock put right": ("BEL_Brussels.Natl.AP.064510_TMYx.epw", 0.0),
    "TMYx, clock of its header": ("BEL_Brussels.Natl.AP.064510_TMYx.epw", None),
}
PLANES = {
    "south 35": (35.0, 180.0),
    "flat": (0.0, np.nan),
    "north 35": (35.0, 0.0),
    "east 90": (90.0, 90.0),
    "west 90": (90.0, 270.0),
}
BELGIAN_KWH_KWP = (850.0, 1093.0)
SEEDS = range(1, 6)


def planes(year: WeatherYear) -> np.ndarray:
    """Irradiation of the planes, year and months, without surroundings."""
    tilt, azimuth = (list(v) for v in zip(*PLANES.values(), strict=True))
    return plane_irradiation(build_sky(year), tilt, azimuth, np.zeros((len(PLANES), 64)))[:, :13]


def sun_of(year: WeatherYear) -> SunHeights:
    return sun_heights(year.time_utc, year.step_hours, year.latitude_deg, year.longitude_deg)


def split(year: WeatherYear) -> WeatherYear:
    """The year as if only its global irradiance were known."""
    parts, _ = complete(Parts(ghi=year.ghi), sun_of(year))
    return replace(year, dni=parts.dni, dhi=parts.dhi, name=f"{year.name}, split")


def split_otherwise(year: WeatherYear, model: str) -> WeatherYear:
    """The same with another model of pvlib, closed and guarded as ours."""
    sun = sun_of(year)
    zenith = np.degrees(np.arccos(sun.cosine))
    if model == "dirint":
        times = pd.DatetimeIndex(year.time_utc).tz_localize("UTC")
        pressure = pvlib.atmosphere.alt2pres(year.altitude_m)
        dni = pvlib.irradiance.dirint(year.ghi, zenith, times, pressure).fillna(0.0).to_numpy()
        dhi = year.ghi - np.minimum(dni * sun.cosine_up, year.ghi)
    else:
        found = getattr(pvlib.irradiance, model)(year.ghi, zenith, sun.day_of_year)
        dhi = np.clip(np.nan_to_num(np.asarray(found["dhi"]), nan=np.inf), 0.0, year.ghi)
    dni, dhi = beam_of(year.ghi, dhi, sun)
    return replace(year, dni=dni, dhi=dhi)


def months(year: WeatherYear, seed: int = 1) -> WeatherYear:
    """The year as if only its twelve monthly sums were known."""
    sums = np.bincount(year.month, year.ghi, minlength=13)[1:] * year.step_hours / 1000.0
    place = Place(year.latitude_deg, year.longitude_deg, year.utc_offset_hours)
    hours = hours_of_months(sums, place, 2021, seed)
    return replace(year, time_utc=hours.time_utc, ghi=hours.ghi, dni=hours.dni, dhi=hours.dhi)


def sums_kwh_m2(year: WeatherYear) -> tuple[float, float, float]:
    """Global, diffuse and horizontal beam irradiation."""
    step = year.step_hours / 1000.0
    return tuple(
        float(v.sum()) * step for v in (year.ghi, year.dhi, year.dni * sun_of(year).cosine_up)
    )


def percent(found: np.ndarray, truth: np.ndarray) -> list[str]:
    return [f"{p:+.1f} %" for p in 100.0 * (found / truth - 1.0)]


def print_split(name: str, year: WeatherYear) -> None:
    truth, (_, diffuse, beam) = planes(year)[:, 0], sums_kwh_m2(year)
    made = {"erbs (ours)": split(year)}
    made |= {m: split_otherwise(year, m) for m in ("dirint", "erbs_driesse", "boland")}
    for model, other in made.items():
        _, found_diffuse, found_beam = sums_kwh_m2(other)
        cells = percent(np.array([found_beam, found_diffuse]), np.array([beam, diffuse]))
        cells += percent(planes(other)[:, 0], truth)
        print(f"| {name} | {model} | {' | '.join(cells)} |", flush=True)


def print_months(name: str, year: WeatherYear) -> None:
    truth = planes(year)
    found = np.array([planes(months(year, seed)) for seed in SEEDS])
    bias = 100.0 * (found[0, :, 0] / truth[:, 0] - 1.0)
    spread = 100.0 * np.ptp(found[:, :, 0], axis=0) / truth[:, 0]
    monthly = 100.0 * (found[0, :, 1:] - truth[:, 1:]) / truth[:, 1:]
    for row, plane in enumerate(PLANES):
        worst = int(np.abs(monthly[row]).argmax())
        mean = 100.0 * np.abs(found[0, row, 1:] - truth[row, 1:]).sum() / truth[row, 1:].sum()
        print(
            f"| {name} | {plane} | {truth[row, 0]:.0f} | {found[0, row, 0]:.0f} "
            f"| {bias[row]:+.1f} % | {spread[row]:.1f} % | {mean:.1f} % "
            f"| {monthly[row, worst]:+.0f} % (month {worst + 1}) |",
            flush=True,
        )


def print_yield(name: str, year: WeatherYear) -> None:
    losses = read_preset("zonnekaart", share_folder("data") / "presets").losses
    light = planes(year)[0, 0]
    kwh = float(annual_yield_kwh(np.array([1.0]), np.array([light]), losses)[0])
    low, high = BELGIAN_KWH_KWP
    place = "inside" if low <= kwh <= high else "below" if kwh < low else "above"
    print(
        f"| {name} | {year.annual_ghi_kwh_m2:.0f} | {light:.0f} | {performance(losses):.3f} "
        f"| {kwh:.0f} | {place} |",
        flush=True,
    )


def print_clock(name: str, year: WeatherYear) -> None:
    light, fits = clock(year.time_utc, year.ghi, year.longitude_deg), fit(year)
    print(
        f"| {name} | {light.shift_h:+.2f} | {light.summer_minus_winter_h:+.2f} "
        f"| {100.0 * fits.gap:.1f} % | {100.0 * fits.beyond_sky:.2f} % |"
    )


def main() -> None:
    if not data_folder().is_dir():
        print("no input data")
        return
    years = {
        name: read_weather(data_folder() / FOLDER / file, WeatherOptions(utc_offset_hours=offset))
        for name, (file, offset) in FILES.items()
    }
    print("| file | light after the sun [h] | summer - winter [h] | parts miss | beyond the sky |")
    for name, year in years.items():
        print_clock(name, year)
    sound = dict(list(years.items())[:2])
    print(f"| file | split by | beam | diffuse | {' | '.join(PLANES)} |")
    for name, year in sound.items():
        print_split(name, year)
    print(
        "| file | plane | full [kWh/m2] | from months | bias | span of 5 seeds | mean of months "
        "| worst month |"
    )
    for name, year in sound.items():
        print_months(name, year)
    print("| file | GHI | south 35 [kWh/m2] | performance | kWh/kWp | 850-1093 |")
    for name, year in years.items():
        print_yield(name, year)
    for name, year in sound.items():
        print_yield(f"{name}: global only, split", split(year))
        print_yield(f"{name}: monthly sums only", months(year))


if __name__ == "__main__":
    main()
