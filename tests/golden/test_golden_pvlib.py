"""Unshaded planes against pvlib; see README.md in this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pvlib import irradiance

from tests.solar_cases import made_up_year
from zonnekaart.io.sources.weather_epw import read_epw
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.transposition import plane_irradiance, sun_series

if TYPE_CHECKING:
    from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    from collections.abc import Iterator

TILTS = np.array([0, 20, 45, 90], dtype=float)
AZIMUTHS = np.arange(10.0, 360.0, 70.0)  # in and between sectors


def planes() -> tuple[np.ndarray, np.ndarray]:
    tilt, azimuth = np.meshgrid(TILTS, AZIMUTHS, indexing="ij")
    return tilt.ravel(), azimuth.ravel()


def pvlib_series(
    weather: WeatherYear, places: list[tuple[float, float]], samples: int
) -> Iterator[np.ndarray]:
    """Power in each plane by pvlib alone, at the sun positions of `samples` per hour."""
    sun = sun_series(weather, samples)
    up = sun.elevation_deg.reshape(-1, samples) > 0.0
    share = np.where(up, samples / np.maximum(up.sum(axis=1, keepdims=True), 1), 0.0)
    day = (sun.time_utc - sun.time_utc.astype("datetime64[Y]")).astype("timedelta64[D]")
    lit = up.ravel()
    zenith, azimuth = 90.0 - sun.elevation_deg[lit], sun.azimuth_deg[lit]
    extra = irradiance.get_extra_radiation(day.astype(float) + 1.0)[lit]
    dni, dhi, ghi = (
        (v[:, None] * share).ravel()[lit] for v in (weather.dni, weather.dhi, weather.ghi)
    )
    for tilt, facing in places:
        total = irradiance.get_total_irradiance(
            *(tilt, facing, zenith, azimuth, dni, ghi, dhi),
            dni_extra=extra,
            albedo=0.2,
            model="perez",
        )["poa_global"]
        power = np.zeros(lit.shape)
        power[lit] = np.nan_to_num(np.asarray(total))
        yield power


def errors(weather: WeatherYear, directions: int) -> np.ndarray:
    """Relative difference of the yearly tables with pvlib, per plane."""
    tilt, azimuth = planes()
    sky = build_sky(weather, directions)
    ours = plane_irradiation(sky, tilt, azimuth, np.zeros((len(tilt), directions)))[:, 0]
    places = list(zip(tilt, azimuth, strict=True))
    theirs = np.array([power.sum() / 6000.0 for power in pvlib_series(weather, places, 6)])
    return ours / theirs - 1.0


@pytest.mark.parametrize(("directions", "tolerance"), [(64, 0.003), (32, 0.01)])
def test_yearly_tables_against_pvlib_on_all_tilts_and_azimuths(directions, tolerance):
    assert np.abs(errors(made_up_year(), directions)).max() < tolerance


@pytest.mark.parametrize(
    ("name", "utc_offset_hours", "tolerance"),
    [("064510_IWEC", None, 0.003), ("Natl.AP.064510_TMYx", 0.0, 0.003)],
)
def test_yearly_tables_against_pvlib_on_real_weather(
    shared_data, name, utc_offset_hours, tolerance
):
    weather = read_epw(
        shared_data / "weather-brussels" / f"BEL_Brussels.{name}.epw", utc_offset_hours
    )
    assert np.abs(errors(weather, 64)).max() < tolerance


@pytest.mark.parametrize(("tilt", "azimuth"), [(0.0, 180.0), (35.0, 180.0), (60.0, 100.0)])
def test_time_steps_against_pvlib(tilt, azimuth):
    weather = made_up_year()
    ours = plane_irradiance(sun_series(weather, 4), tilt, azimuth, np.zeros(64))
    (theirs,) = pvlib_series(weather, [(tilt, azimuth)], 4)
    assert ours == pytest.approx(theirs, abs=0.6)
