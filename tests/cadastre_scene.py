"""A street of made-up buildings with cadastres of each kind, and a simple sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from zonnekaart.config import BuildingsInput, CadastreInput
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_layer
from zonnekaart.solar.sky import build_sky
from zonnekaart.solar.weather import WeatherYear

if TYPE_CHECKING:
    from pathlib import Path

CRS = "EPSG:31370"
WEST, SOUTH = 155000.0, 238000.0
NAMES = ("a", "b", "c", "d")
SIZE_M = 10.0


def sky_year(latitude=51.0):
    """A sky without clouds, enough to give slopes different light."""
    start = np.datetime64("2021-01-01T00:30", "ns")
    time = start + np.arange(8760) * np.timedelta64(1, "h")
    hour = (np.arange(8760) % 24) + 0.5 - 11.7
    declination = np.radians(-23.44 * np.cos(2 * np.pi * (np.arange(8760) // 24 + 10) / 365))
    angle = np.radians(latitude)
    sine = np.sin(angle) * np.sin(declination) + np.cos(angle) * np.cos(declination) * np.cos(
        np.radians(15.0 * hour)
    )
    up = np.maximum(sine, 0.0)
    dni = np.where(up > 0.05, 500.0 * up**0.3, 0.0)
    dhi = 120.0 * up**0.5
    return WeatherYear(
        time_utc=time,
        step_hours=1.0,
        ghi=dni * up + dhi,
        dni=dni,
        dhi=dhi,
        temp_air_c=np.full(8760, 12.0),
        wind_speed_m_s=np.full(8760, 3.0),
        latitude_deg=latitude,
        longitude_deg=4.5,
        altitude_m=20.0,
        name="made up",
    )


def square(number: int, part: str = "all"):
    """Footprint of a building, or its north or south half."""
    west, low, high = WEST + 20.0 * number, SOUTH, SOUTH + SIZE_M
    middle = SOUTH + SIZE_M / 2
    low, high = {"all": (low, high), "north": (middle, high), "south": (low, middle)}[part]
    return shapely.box(west, low, west + SIZE_M, high)


def footprints() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"building_id": list(NAMES)}, geometry=[square(n) for n in range(4)], crs=CRS
    )


def save(frame: gpd.GeoDataFrame, path: Path) -> Path:
    write_layer(frame, path, "GPKG", layer="features")
    return path


def roofs(**columns: Any) -> gpd.GeoDataFrame:
    """Return south and north half of a and b, and the whole of c; nothing of d."""
    shapes = [square(0, "south"), square(0, "north"), square(1, "south"), square(1, "north")]
    base = {
        "light": [1150.0, 700.0, 1150.0, 700.0, 1000.0],
        "tilt": [35.0, 35.0, 35.0, 35.0, 0.0],
        "azi": [0.0, 180.0, 0.0, 180.0, 0.0],
    }
    return gpd.GeoDataFrame({**base, **columns}, geometry=[*shapes, square(2)], crs=CRS)


def write_raster(path: Path, bands: int = 1, scale: float = 1.0, cell_m: float = 0.5) -> Path:
    """South halves get 1100, north halves 600; c is unknown; d is even. [kWh/m2]."""
    box = GeoBox(int(30 / cell_m), int(90 / cell_m), cell_m, WEST - 5.0, SOUTH + 20.0, CRS)
    y = box.north - (np.arange(box.rows) + 0.5) * cell_m
    x = box.west + (np.arange(box.cols) + 0.5) * cell_m
    light = np.where(y[:, None] < SOUTH + SIZE_M / 2, 1100.0, 600.0) + 0.0 * x[None, :]
    light[:, (x > WEST + 38.0) & (x < WEST + 52.0)] = np.nan
    light[:, x > WEST + 58.0] = 900.0
    parts = {1: [1.0], 12: [1 / 12] * 12, 13: [1.0, *([1 / 12] * 12)]}.get(bands, [1.0] * bands)
    values = np.stack([light * part * scale for part in parts]).astype(np.float32)
    with cog_writer(path, box, [BandInfo(f"b{n}", "-") for n in range(bands)]) as writer:
        writer.write(values, 0, 0)
    return path


@dataclass(frozen=True)
class Scene:
    """Files of one test."""

    folder: Path

    def options(self, path: Path, **options: Any) -> CadastreInput:
        return CadastreInput.model_validate({"path": path, **options})

    @property
    def buildings(self) -> BuildingsInput:
        return BuildingsInput(path=self.folder / "buildings.gpkg")


def tables():
    """Sky tables of the made-up year."""
    return build_sky(sky_year(), 64)
