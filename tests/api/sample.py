"""Six zones, sixty buildings: the columns that publish reads, small enough to write in a second.

Also a script for work on the page: ``python tests/api/sample.py FOLDER`` writes and publishes
the sample; then ``ZONNEKAART_BUILD=FOLDER/build uvicorn --factory
zonnekaart.api.app:app_from_environment`` serves it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.config import Project, load_project
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_geoparquet, write_layer, write_parquet
from zonnekaart.pipelines import publish
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.quantities import INDICATORS, LANGUAGES, ZONE_CLASSES

CRS = "EPSG:31370"
WEST, SOUTH = 180000.0, 198000.0
ZONE_M = 200.0
COLS, ROWS = 3, 2
HIDDEN = "Z5"
"""The zone whose demand may not be shown."""
NOTE = "Het verbruik wordt niet getoond: minder dan 10 aansluitingen of 3 gebouwen."
"""Why, as zoning writes it in the project's language."""

PROJECT = """
[project]
name = "Voorbeeld =1+1"
crs = "EPSG:31370"
illustrative = true
disclaimer = "Verzonnen."

[inputs.dsm]
path = "dsm.tif"
[inputs.dsm.source]
title = "Hoogtes"
licence = "CC0-1.0"
date = "2021"

[inputs.buildings]
path = "buildings.gpkg"
[inputs.areas]
path = "areas.gpkg"
name_column = "name"
[inputs.weather]
path = "weather.epw"
[inputs.water]
path = "water.gpkg"
[inputs.roads]
path = "roads.gpkg"
name_column = "name"
[inputs.addresses]
path = "addresses.gpkg"
name_column = "address"
"""


def write_project(folder: Path) -> Project:
    """Write the project file, its inputs, and what the stages before publish leave."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "zonnekaart.toml").write_text(PROJECT, encoding="utf-8")
    project = load_project(folder / "zonnekaart.toml")
    build = folder / "build"
    rng = np.random.default_rng(7)
    buildings = _buildings(rng)
    _write_rasters(folder, buildings)
    _write_weather(folder / "weather.epw")
    brook = shapely.LineString([(WEST, SOUTH + 20), (WEST + 600, SOUTH + 35)]).buffer(6)
    write_layer(_frame([brook]), folder / "water.gpkg", "GPKG", layer="water")
    road = shapely.LineString([(WEST, SOUTH + 200), (WEST + 600, SOUTH + 200)])
    street = _frame([road]).assign(name="Élisabethlaan")
    write_layer(street, folder / "roads.gpkg", "GPKG", layer="roads")
    house = _frame([shapely.Point(WEST + 20, SOUTH + 190)]).assign(address="Élisabethlaan 12")
    write_layer(house, folder / "addresses.gpkg", "GPKG", layer="addresses")
    west = shapely.box(WEST, SOUTH, WEST + 2 * ZONE_M, SOUTH + 2 * ZONE_M)
    areas = _frame([west]).assign(name="Wijk West")
    write_layer(areas, folder / "areas.gpkg", "GPKG", layer="areas")
    write_geoparquet(buildings, build / "buildings.parquet")
    write_parquet(demand_of(buildings), build / "demand.parquet")
    write_geoparquet(_planes(buildings), build / "roof_planes.parquet")
    write_geoparquet(_zones(buildings), build / "zones.parquet")
    write_geoparquet(_groups(buildings), build / "sharing_groups.parquet")
    write_geoparquet(_sites(), build / "supply_sites.parquet")
    write_parquet(_balance(), build / "balance.parquet")
    write_parquet(_economics(), build / "zone_economics.parquet")
    return project


def publish_sample(folder: Path) -> Path:
    """Write the sample, run publish on it, and return its build folder."""
    project = write_project(folder)
    run_stage(publish.STAGE, StageContext(project=project, build=folder / "build"))
    return folder / "build"


def _frame(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"zone_id": [str(i) for i in range(len(shapes))]}, geometry=shapes, crs=CRS
    )


def _buildings(rng: np.random.Generator) -> gpd.GeoDataFrame:
    rows = []
    for number in range(60):
        zone = number // 10
        x = WEST + (zone % COLS) * ZONE_M + 12 + (number % 5) * 36
        y = SOUTH + (zone // COLS) * ZONE_M + 50 + (number % 10 // 5) * 70
        size = 10 + float(rng.integers(0, 10))
        area = size * size
        rows.append(
            {
                "building_id": f"B{number:03d}",
                "zone_id": f"Z{zone + 1}",
                "area_id": "A1",
                "geometry": shapely.box(x, y, x + size, y + size),
                "use": ["residential", "apartments", "commercial", "school"][number % 4],
                "dwellings": float(number % 4 + 1),
                "footprint_area_m2": area,
                "floor_area_m2": 2 * area,
                "height_m": 8.0,
                "roof_area_m2": area * 1.15,
                "capacity_kwp": area * 0.1,
                "existing_kwp": np.nan if number % 7 == 0 else 0.0,
                "additional_kwp": area * 0.1,
                "annual_yield_kwh": area * 90,
                "annual_yield_low_kwh": area * 80,
                "annual_yield_high_kwh": area * 100,
                "survey_mismatch": number % 20 == 0,
                "flags": ["newer_than_survey"] if number % 20 == 0 else [],
                "heritage": "protected" if number == 3 else "none",
                "owner": "public" if number % 4 == 3 else "private",
                "consumption_kwh": 4321.0 + number,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def demand_of(buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the internal demand: one home per building, none in an annex."""
    lived = (buildings["use"] != "annex").to_numpy()
    kwh = np.where(lived, 4000.0, 0.0)
    return pd.DataFrame(
        {
            "building_id": buildings["building_id"].to_numpy(),
            "zone_id": buildings["zone_id"].to_numpy(),
            "consumption_kwh": kwh,
            "residential_kwh": kwh,
            "non_residential_kwh": 0.0,
            "connections": lived.astype(float),
            "residential_connections": lived.astype(float),
        }
    )


def _planes(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for record in buildings.to_dict("records"):
        west, south, east, north = record["geometry"].bounds
        middle = (south + north) / 2
        halves = ((south, middle, 180.0, 1050.0), (middle, north, 0.0, 640.0))
        for part, (low, high, azimuth, light) in enumerate(halves):
            half = record["annual_yield_kwh"] * light / 1690
            rows.append(
                {
                    "building_id": record["building_id"],
                    "plane_id": f"{record['building_id']}-{part}",
                    "geometry": shapely.box(west, low, east, high),
                    "tilt_deg": 0.0 if record["use"] == "school" else 38.0,
                    "azimuth_deg": np.nan if record["use"] == "school" else azimuth,
                    "roof_area_m2": record["roof_area_m2"] / 2,
                    "usable_area_m2": record["roof_area_m2"] / 3,
                    "annual_irradiation_kwh_m2": light,
                    "monthly_irradiation_kwh_m2": [light / 12] * 12,
                    "horizon_deg": [3.0] * 64,
                    "sky_view_factor": 0.9,
                    "mounting": "flush",
                    "capacity_kwp": record["capacity_kwp"] / 2,
                    "annual_yield_kwh": half,
                    "annual_yield_low_kwh": half * 0.9,
                    "annual_yield_high_kwh": half * 1.1,
                    "suitability": "ideal" if light > 900 else "limited",
                    "flags": ["under_canopy"] if part else [],
                    "module_tilt_deg": 38.0,
                    "module_azimuth_deg": azimuth,
                }
            )
    return gpd.GeoDataFrame(rows, crs=CRS)


_DEMAND = {
    "consumption_kwh": 300_000.0,
    "consumption_low_kwh": 260_000.0,
    "consumption_high_kwh": 350_000.0,
    "self_consumption": 0.38,
    "self_sufficiency": 0.31,
    "self_consumption_pooled": 0.62,
    "self_sufficiency_pooled": 0.5,
    "sharing_gain": 0.24,
    "surplus_kwh": 90_000.0,
    "residual_kwh": 200_000.0,
    "surplus_share": 0.38,
    "peak_injection_kw": 120.0,
    "peak_offtake_kw": 80.0,
    "pv_headroom_low_kw": 80.0,
    "pv_headroom_kw": 100.0,
    "pv_headroom_high_kw": 140.0,
    "headroom_ratio": 1.2,
    "yield_demand_ratio": 0.6,
}


def _indicators(mine: gpd.GeoDataFrame, *, hidden: bool) -> dict[str, float]:
    figures = dict.fromkeys(INDICATORS, np.nan)
    for name in (
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "capacity_kwp",
    ):
        figures[name] = float(mine[name].sum())
    figures |= {
        "existing_kwp": 0.0,
        "additional_kwp": figures["capacity_kwp"],
        "buildings": float(len(mine)),
        "heritage_share": 0.05,
        "mean_irradiation_kwh_m2": 845.0,
        "connections": 4.0 if hidden else 25.0,
    }
    if not hidden:
        figures |= _DEMAND
    return figures


def _fired(rule_id: str, indicator: str, value: float, threshold: float) -> dict[str, object]:
    return {
        "rule_id": rule_id,
        "indicator": indicator,
        "value": value,
        "threshold": threshold,
        "unit": "-",
        "severity": "high",
        "comparison": ">",
        "subject": "grid",
    }


def _zones(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for number in range(COLS * ROWS):
        identity = f"Z{number + 1}"
        hidden = identity == HIDDEN
        x, y = WEST + number % COLS * ZONE_M, SOUTH + number // COLS * ZONE_M
        mine = buildings[buildings["zone_id"] == identity]
        chances = dict.fromkeys(ZONE_CLASSES, 0.1)
        zone_class = "onbekend" if hidden else ZONE_CLASSES[number]
        chances[zone_class] = 0.5
        rows.append(
            {
                "zone_id": identity,
                "name": "=HYPERLINK(1)" if number == 0 else f"Buurt {number + 1} – Café",
                "geometry": shapely.box(x, y, x + ZONE_M, y + ZONE_M),
                "kind": "area",
                "zone_class": zone_class,
                "confidence": 0.5,
                "class_probabilities": chances,
                "indicators": _indicators(mine, hidden=hidden),
                "bottlenecks": [] if hidden else [_fired("net-vol", "headroom_ratio", 1.2, 1.0)],
                "opportunities": []
                if hidden
                else [_fired("delen-loont", "sharing_gain", 0.24, 0.1)],
                "flips": []
                if hidden
                else [
                    {
                        "rule_id": "net-vol",
                        "indicator": "pv_headroom_kw",
                        "value": 100.0,
                        "flips_at": 120.0,
                        "unit": "kW",
                        "to_class": "delen",
                    }
                ],
                "gaps": ["MIS-01", "DEM-15"],
                "actions": ["rec01", "rec02"],
                "sentence": {lang: f"{identity} {lang}" for lang in LANGUAGES},
                "published": not hidden,
                "privacy_note": NOTE if hidden else None,
                "internal_note": "never leaves",
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def _economics() -> pd.DataFrame:
    """Homes of the first zone with figures for both sizings, and flats without a tariff."""
    ends = {"investment": (44e3, 48e3, 56e3), "yearly_benefit": (2e3, 4e3, 6e3)}
    figures = {
        f"{stem}{end}_eur": value
        for stem, values in ends.items()
        for end, value in zip(("_low", "", "_high"), values, strict=True)
    }
    figures |= {"payback_low_years": 7.3, "payback_years": 12.0, "payback_high_years": 28.0}
    figures |= {"saved_kwh": 12e3, "injected_kwh": 24e3, "net_present_value_eur": -1200.0}
    row = {"zone_id": "Z1", "buildings": 12, "capacity_kwp": 40.0, "owner_assumed": False}
    home = row | figures | {"owner_type": "home", "tariff_ids": ["t-2024"], "tariff_from": "2024"}
    none = dict.fromkeys(figures, np.nan) | {"tariff_ids": [], "tariff_from": None}
    flat = row | none | {"owner_type": "flat", "sizing": "roof", "reason": "no_tariff"}
    return pd.DataFrame([*(home | {"sizing": s, "reason": None} for s in ("roof", "demand")), flat])


def _sites() -> gpd.GeoDataFrame:
    rows = [
        {
            "site_id": f"P{number}",
            "plane_id": f"P{number}-s1",
            "kind": "parking",
            "name": "Plein",
            "owner": "public",
            "zone_id": f"Z{number}",
            "geometry": shapely.box(
                WEST + 200 * number, SOUTH, WEST + 200 * number + 30, SOUTH + 20
            ),
            "site_area_m2": 600.0,
            "capacity_kwp": 60.0,
            "annual_yield_kwh": 54_000.0,
            "flags": ["obstructed"],
            "horizon_deg": [0.0],
        }
        for number in (1, 2)
    ]
    return gpd.GeoDataFrame(rows, crs=CRS)


def _balance() -> pd.DataFrame:
    hours = np.arange(96) / 4
    sun = np.clip(np.sin((hours - 5) / 16 * np.pi), 0, None) * 90
    load = 25 + 15 * np.sin((hours - 14) / 24 * 2 * np.pi)
    rows = [
        {
            "unit": unit,
            "unit_id": identity,
            "annual_yield_kwh": 1.0,
            "consumption_kwh": 4321.0,
            "monthly_yield_kwh": [12_000.0 + 1000 * m for m in range(12)],
            "monthly_consumption_kwh": [25_000.0 - 500 * m for m in range(12)],
            "june_supply_kw": list(sun),
            "june_demand_kw": list(load),
            "december_supply_kw": list(sun / 5),
            "december_demand_kw": list(load * 1.3),
        }
        for unit, identity in [
            *(("zone", f"Z{i + 1}") for i in range(COLS * ROWS)),
            ("building", "B000"),
        ]
    ]
    return pd.DataFrame(rows)


def _groups(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = []
    for number in range(COLS * ROWS):
        identity = f"Z{number + 1}"
        mine = buildings[buildings["zone_id"] == identity]
        members = list(mine["building_id"])[: {1: 4, 3: 9}.get(number, 10)]
        rows.append(
            {
                "group_id": f"G{number + 1}",
                "zone_id": identity,
                "perimeter": "zone",
                "rule_id": "be-vlg-2024",
                "geometry": mine.union_all().convex_hull,
                "members": members,
                "shared_kwh_optimal": 50_000.0,
                "shared_kwh_key": 40_000.0,
                "self_consumption_before": 0.38,
                "self_consumption_after": 0.6,
                "self_sufficiency_before": 0.31,
                "self_sufficiency_after": 0.45,
            }
        )
    return gpd.GeoDataFrame(rows, crs=CRS)


def _write_rasters(folder: Path, buildings: gpd.GeoDataFrame) -> None:
    rows, cols = 400, 600
    geobox = GeoBox(rows, cols, 1.0, WEST, SOUTH + rows, CRS)
    height = np.full((rows, cols), 10.0, dtype=np.float32)
    light = np.full((13, rows, cols), 900.0 / 12, dtype=np.float32)
    light[0] = 900.0
    for shape in buildings.geometry:
        west, south, east, north = shape.bounds
        top, left = int(SOUTH + rows - north), int(west - WEST)
        ridge = np.minimum(np.arange(north - south), (north - south) - np.arange(north - south))
        block = (18.0 + 0.7 * ridge)[:, None]
        height[top : top + len(ridge), left : left + int(east - west)] = block
        light[0, top : top + len(ridge) // 2, left : left + int(east - west)] = 640.0
        light[0, top + len(ridge) // 2 : top + len(ridge), left : left + int(east - west)] = 1050.0
    height[:30, :30] = np.nan
    light[:, :30, :30] = np.nan
    with cog_writer(folder / "dsm.tif", geobox, [BandInfo("height", "m")]) as writer:
        writer.write(height[None], 0, 0)
    names = ["annual", *(f"{m:02d}" for m in range(1, 13))]
    bands = [BandInfo(name, "kWh/m2") for name in names]
    with cog_writer(folder / "build" / "irradiation.tif", geobox, bands) as writer:
        writer.write(light, 0, 0)


def _write_weather(path: Path) -> None:
    from zonnekaart.pipelines.town.weather import Place, write_weather

    write_weather(path, Place("Voorbeeld", 51.0, 4.9, 18.0), 1)


if __name__ == "__main__":
    publish_sample(Path(sys.argv[1]))
