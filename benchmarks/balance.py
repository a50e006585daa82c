"""Balance of 100 000 made-up buildings over 35 040 quarter-hours; promise: 60 s and 2 GiB."""

from __future__ import annotations

import os
import resource
import time

import numpy as np

from zonnekaart.energy.balance import balance, unit_balance
from zonnekaart.energy.production import Planes, SkySeries, sky_year
from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.energy.series import Loads, Year
from zonnekaart.energy.variation import use_table

DIRECTIONS = 64
PLANES_EACH = 3
BUILDINGS_PER_ZONE = 100
SIZES = (25_000, 50_000, 100_000)


def made_up_year() -> Year:
    clock = quarter_hours(2021)
    hours = np.arange(len(clock)) / 4
    season = np.radians(-23.44) * np.cos(2 * np.pi * (hours / 24 + 10) / 365)
    angle = np.radians(15 * (hours % 24 - 12.7))
    place = np.radians(51.0)
    sine = np.sin(place) * np.sin(season) + np.cos(place) * np.cos(season) * np.cos(angle)
    across = np.cos(angle) * np.sin(place) - np.tan(season) * np.cos(place)
    azimuth = (np.degrees(np.arctan2(np.sin(angle), across)) + 180) % 360
    up = np.maximum(sine, 0)
    cloud = np.repeat(np.random.default_rng(1).random(len(hours) // 4), 4)
    sector = np.floor(azimuth / 360 * DIRECTIONS).astype(np.int64)
    series = SkySeries(
        np.degrees(np.arcsin(sine)),
        azimuth,
        700 * (up > 0) * cloud,
        200 * up,
        -5 * up,
        60 * up,
        sector % DIRECTIONS,
        (sector + 1) % DIRECTIONS,
        azimuth / 360 * DIRECTIONS % 1,
        10 + 10 * up,
        np.full(len(hours), 3.0),
    )
    shape = 1 + 0.5 * np.sin(clock.quarter / 96 * 2 * np.pi + np.arange(2)[:, None])
    return Year(clock, sky_year(series), shape / shape.sum(axis=1, keepdims=True))


def made_up_buildings(count: int) -> tuple[Planes, Loads]:
    rng = np.random.default_rng(count)
    planes = count * PLANES_EACH
    tilt = np.radians(rng.uniform(0, 50, planes))
    azimuth = np.radians(rng.uniform(0, 360, planes))
    factors = np.column_stack(
        [
            np.sin(tilt) * np.sin(azimuth),
            np.sin(tilt) * np.cos(azimuth),
            np.cos(tilt),
            (1 + np.cos(tilt)) / 2,
            np.sin(tilt) / 2,
            (1 - np.cos(tilt)) / 2,
        ]
    )
    horizon = np.tan(np.radians(rng.uniform(0, 20, (planes, DIRECTIONS))))
    first = np.arange(0, planes + 1, PLANES_EACH, dtype=np.int64)
    energy = np.column_stack([rng.uniform(2000, 6000, count), rng.uniform(0, 6000, count)])
    loads = Loads(energy, np.ones((count, 2)), np.tile([0, 1], (count, 1)), np.array([1.0, 0.6]))
    return Planes(first, factors, horizon, rng.uniform(500, 5000, planes)), loads


def run(year: Year, count: int) -> float:
    planes, loads = made_up_buildings(count)
    table = use_table()
    unit = np.arange(count) // BUILDINGS_PER_ZONE
    start = time.perf_counter()
    _, units = balance(year, planes, loads, unit, table)
    for series in units:
        unit_balance(series, year.clock, loads.spread_of_one, table)
    return time.perf_counter() - start


def main() -> None:
    year = made_up_year()
    run(year, 200)
    print(f"cores {os.cpu_count()}, load {os.getloadavg()[0]:.1f}, planes each {PLANES_EACH}")
    for count in SIZES:
        seconds = run(year, count)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{count:>7} buildings  {seconds:6.1f} s  {peak:5.2f} GiB at most")


if __name__ == "__main__":
    main()
