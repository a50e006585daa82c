"""A made-up year: sun, sky, profiles, planes and loads of any number of buildings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from zonnekaart.energy.production import Planes, SkySeries, sky_year
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.energy.series import Loads, Year
from zonnekaart.energy.variation import use_table

LATITUDE = np.radians(51.0)


@dataclass(frozen=True)
class Case:
    year: Year
    series: SkySeries
    planes: Planes
    loads: Loads
    table: object


def sky_series(clock, rng):
    """Simple sun (declination and hour angle) under clouds that change by the hour."""
    hours = (clock.midpoint_utc - clock.start_utc[0]) / np.timedelta64(3600, "s")
    declination = np.radians(-23.44) * np.cos(2 * np.pi * (hours / 24 + 10) / 365)
    angle = np.radians(15 * (hours % 24 - 12.7))
    sine = np.sin(LATITUDE) * np.sin(declination) + np.cos(LATITUDE) * np.cos(declination) * np.cos(
        angle
    )
    elevation = np.degrees(np.arcsin(sine))
    azimuth = (
        np.degrees(
            np.arctan2(
                np.sin(angle),
                np.cos(angle) * np.sin(LATITUDE) - np.tan(declination) * np.cos(LATITUDE),
            )
        )
        + 180
    ) % 360
    up = np.maximum(sine, 0)
    cloud = np.repeat(rng.random(len(hours) // 4), 4)
    beam = 800 * (up > 0) * np.minimum(up * 5, 1) * cloud
    place = azimuth / (360 / 16)
    first = np.floor(place).astype(np.int64) % 16
    return SkySeries(
        elevation_deg=elevation,
        azimuth_deg=azimuth,
        beam=beam,
        isotropic=250 * up * (1.3 - cloud),
        ring=-5 * up,
        ground=0.2 * (beam * up + 250 * up),
        first=first,
        second=(first + 1) % 16,
        share=place % 1,
        temp_air_c=10 + 10 * up,
        wind_speed_m_s=np.full(len(hours), 3.0),
    )


def factors(tilt_deg, azimuth_deg):
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    return np.column_stack(
        [
            np.sin(tilt) * np.sin(azimuth),
            np.sin(tilt) * np.cos(azimuth),
            np.cos(tilt),
            (1 + np.cos(tilt)) / 2,
            np.sin(tilt),
            (1 - np.cos(tilt)) / 2,
        ]
    )


def profiles(clock):
    """Two shapes: evenings and Sundays at home, working hours in a firm."""
    hour = clock.quarter / 4
    home = 0.4 + np.exp(-(((hour - 19) / 2.5) ** 2)) + 0.3 * np.exp(-(((hour - 8) / 1.5) ** 2))
    firm = 0.2 + ((hour > 8) & (hour < 17))
    both = np.stack([home * (1.2 - 0.2 * np.cos((clock.month - 6) / 2)), firm])
    return both / both.sum(axis=1, keepdims=True)


def build_case(buildings, seed=1, spread=(0.0, 0.0), planes_each=2):
    rng = np.random.default_rng(seed)
    clock = quarter_hours(2021)
    series = sky_series(clock, rng)
    count = buildings * planes_each
    planes = Planes(
        first=np.arange(0, count + 1, planes_each, dtype=np.int64),
        factors=factors(rng.uniform(0, 50, count), rng.uniform(0, 360, count)),
        tan_horizon=np.tan(np.radians(rng.uniform(0, 25, (count, 16)))),
        annual_yield_kwh=rng.uniform(300, 4000, count),
    )
    energy = np.column_stack(
        [rng.uniform(1500, 6000, buildings), rng.choice([0.0, 5000.0, 40000.0], buildings)]
    )
    loads = Loads(
        energy_kwh=energy,
        connections=rng.integers(1, 5, (buildings, 2)).astype(float),
        profile=np.tile([0, 1], (buildings, 1)),
        spread_of_one=np.array(spread, dtype=float),
    )
    year = Year(clock, sky_year(series), profiles(clock))
    return Case(year, series, planes, loads, use_table())


@pytest.fixture(scope="session")
def energy_case():
    """Return the builder of made-up cases."""
    return build_case
