"""Weather and heights that the solar tests share: made up, deterministic, no files."""

from __future__ import annotations

import numpy as np

from zonnekaart.solar.position import solar_position
from zonnekaart.solar.weather import WeatherYear

BRUSSELS = (50.9, 4.5)


def made_up_year(latitude: float = BRUSSELS[0], longitude: float = BRUSSELS[1]) -> WeatherYear:
    """Clear hours and clouds in a fixed random order, hourly, in local standard time UTC+1."""
    count = 8760
    start = np.datetime64("2021-01-01T00:30:00", "ns") - np.timedelta64(3600, "s")
    time = (start + np.arange(count) * np.timedelta64(3600, "s")).astype("datetime64[ns]")
    elevation, _ = solar_position(time, latitude, longitude)
    up = np.maximum(np.sin(np.radians(elevation)), 0.0)
    clear = np.random.default_rng(7).random(count) ** 0.7
    dni = np.where(up > 0.0, 850.0 * clear * np.exp(-0.12 / np.maximum(up, 0.05)), 0.0)
    dhi = up * (90.0 + 230.0 * (1.0 - clear))
    return WeatherYear(
        time_utc=time,
        step_hours=1.0,
        ghi=dni * up + dhi,
        dni=dni,
        dhi=dhi,
        temp_air_c=np.full(count, 11.0),
        wind_speed_m_s=np.full(count, 3.0),
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=50.0,
        name="made-up year",
        utc_offset_hours=1.0,
    )


def made_up_town(rows: int = 90, cols: int = 90, seed: int = 5) -> np.ndarray:
    """Blocks with flat and pitched roofs on gently rising ground, heights in metres."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:cols]
    height = 10.0 + 0.01 * x + 0.005 * y
    for _ in range(rows * cols // 250):
        r, c = rng.integers(0, rows - 8), rng.integers(0, cols - 8)
        h, w = rng.integers(4, 14, 2)
        inside = np.s_[r : r + h, c : c + w]
        eaves = 13.0 + 8.0 * rng.random()
        across = np.minimum(y[inside] - r, r + h - 1 - y[inside])
        height[inside] = eaves + rng.choice([0.0, 0.4, 0.8]) * across
    return height.astype(np.float32)
