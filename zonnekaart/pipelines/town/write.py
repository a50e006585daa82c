"""Write the embedded town: inputs as a municipality would have them, and the truth behind them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from zonnekaart.config import share_folder
from zonnekaart.geo.crs import LONLAT_CRS, transformer
from zonnekaart.geo.geobox import GeoBox
from zonnekaart.io.files import replacing, write_text
from zonnekaart.io.raster import BandInfo, cog_writer
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.town import constraints, consumption, heights
from zonnekaart.pipelines.town.buildings import visible_planes
from zonnekaart.pipelines.town.plan import Plan, read_plan
from zonnekaart.pipelines.town.settle import settle
from zonnekaart.pipelines.town.weather import Place, write_weather

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.pipelines.town.archetypes import Draft
    from zonnekaart.pipelines.town.buildings import Plane
    from zonnekaart.pipelines.town.settle import Tree

CRS = "EPSG:31370"
WEST_M, SOUTH_M = 180000.0, 198000.0
"""South-west corner of the frame: open country in the Kempen, a round place on the lattice. [m]"""

SURVEY_YEAR = 2021
STAMP = "2026-01-01T00:00:00.000Z"
"""Time noted in the files: always the same, so that one seed gives the same bytes."""

_ROUND_M = 0.001


@dataclass(frozen=True)
class Town:
    """The town with its truth, in town coordinates, before anything is written."""

    plan: Plan
    drafts: list[Draft]
    planes: list[list[Plane]]
    base_m: list[float]
    uses: list[consumption.Use]
    unknown_pv: list[bool]
    trees: list[Tree]
    ground: npt.NDArray[np.float64]
    surface: npt.NDArray[np.float64]

    def building_id(self, number: int) -> str:
        """Return the id of the building at a place in the lists."""
        return f"ZD-{number + 1:04d}"

    def surveyed(self, number: int) -> bool:
        """Return whether a building stood when the heights were flown."""
        return self.drafts[number].year <= SURVEY_YEAR


def make_town(seed: int = 1) -> Town:
    """
    Throw the dice for a whole town.

    Parameters
    ----------
    seed : int
        Same seed, same town.
    """
    plan = read_plan()
    ground_taken, trees = settle(plan, np.random.default_rng([seed, 1]))
    brook = shapely.unary_union([p for key, (_, p) in plan.water.items() if key == "molenbeek"])
    ponds = [p for key, (_, p) in plan.water.items() if key != "molenbeek"]
    ground = heights.terrain(plan.frame_m, brook, ponds)
    planes = [visible_planes(draft.shape.planes) for draft in ground_taken.drafts]
    base = [_ground_at(ground, outline.centroid) for outline in ground_taken.footprints]
    rng = np.random.default_rng([seed, 3])
    uses = [consumption.use_of(draft, rng) for draft in ground_taken.drafts]
    unknown = [
        draft.existing_kwp is None and bool(rng.random() < consumption.UNKNOWN_PV_SHARE)
        for draft in ground_taken.drafts
    ]
    standing = [
        (base[number], plane)
        for number, draft in enumerate(ground_taken.drafts)
        for plane in draft.shape.planes
        if draft.year <= SURVEY_YEAR
    ]
    surface = heights.surface(ground, standing, trees, np.random.default_rng([seed, 5]))
    return Town(plan, ground_taken.drafts, planes, base, uses, unknown, trees, ground, surface)


def build_town(out: Path, seed: int = 1) -> Path:
    """
    Write the embedded town as a project.

    Parameters
    ----------
    out : Path
        Folder for the project; made when missing.
    seed : int
        Same seed, same town.

    Returns
    -------
    Path
        The project file ``zonnekaart.toml``.
    """
    town = make_town(seed)
    out.mkdir(parents=True, exist_ok=True)
    _write_heights(town, out / "heights")
    truth = _demand_truth(town)
    _write_layers(town, truth, out)
    _write_truth(town, truth, out / "truth")
    _write_table(consumption.published(truth), out / "consumption.csv")
    _write_table(consumption.installed(truth), out / "existing_pv.csv")
    _write_table(
        constraints.roof_state(town.drafts, truth["building_id"].tolist()), out / "roof_state.csv"
    )
    _write_table(constraints.social(town.plan), out / "social.csv")
    middle = town.plan.frame_m / 2.0
    lon, lat = transformer(CRS, LONLAT_CRS).transform(WEST_M + middle, SOUTH_M + middle)
    write_weather(
        out / "weather" / "zonnedorp.epw",
        Place(town.plan.name, round(lat, 4), round(lon, 4), 18.0),
        seed,
    )
    project = out / "zonnekaart.toml"
    with replacing(project) as temporary:
        shutil.copyfile(share_folder("data") / "town" / "zonnekaart.toml", temporary)
    return project


def _ground_at(ground: npt.NDArray[np.float64], point: shapely.Point) -> float:
    row = ground.shape[0] - 1 - int(point.y / heights.CELL_M)
    return float(ground[row, int(point.x / heights.CELL_M)])


def _write_heights(town: Town, folder: Path) -> None:
    count = town.ground.shape[0]
    north = SOUTH_M + town.plan.frame_m
    geobox = GeoBox(count, count, heights.CELL_M, WEST_M, north, CRS)
    for name, values in (("dsm", town.surface), ("dtm", town.ground)):
        band = BandInfo("height", "m")
        with cog_writer(folder / f"{name}.tif", geobox, [band], {"illustrative": "yes"}) as writer:
            writer.write(values[np.newaxis].astype(np.float32), 0, 0)


def _frame(columns: dict[str, list[Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    """Return a layer at its place in the CRS, coordinates rounded to a millimetre."""
    placed = [
        shapely.set_precision(translate(shape, WEST_M, SOUTH_M), _ROUND_M) for shape in shapes
    ]
    return gpd.GeoDataFrame(columns, geometry=placed, crs=CRS)


def _write_layers(town: Town, truth: pd.DataFrame, out: Path) -> None:
    plan = town.plan
    layers = {
        "buildings": _buildings(town, truth),
        "areas": _frame(
            {"area_id": [s.area_id for s in plan.sectors], "name": [s.name for s in plan.sectors]},
            [s.polygon for s in plan.sectors],
        ),
        "cabins": _frame(
            {
                "cabin_id": [row["id"] for row in plan.cabins],
                "rated_kva": [row.get("rated_kva", np.nan) for row in plan.cabins],
            },
            [shapely.Point(row["at"]) for row in plan.cabins],
        ),
        "heritage": _frame(*constraints.heritage(town.drafts)),
        "parkings": _frame({"site_id": ["kerkplein"], "name": ["Kerkplein"]}, [plan.square]),
        "roads": _roads(plan),
        "water": _frame(
            {"water_id": list(plan.water), "name": [name for name, _ in plan.water.values()]},
            [shape for _, shape in plan.water.values()],
        ),
    }
    for name, layer in layers.items():
        write_layer(layer, out / f"{name}.gpkg", "GPKG", STAMP, layer=name)


def _roads(plan: Plan) -> gpd.GeoDataFrame:
    """Return paved surfaces as polygons, each street for itself."""
    streets = list(plan.streets.values())
    surfaces = [street.surface.intersection(plan.extent) for street in streets]
    return _frame(
        {
            "road_id": [street.street_id for street in streets] + ["kerkplein"],
            "name": [street.name for street in streets] + ["Kerkplein"],
            "width_m": [street.width_m for street in streets] + [np.nan],
        },
        [*surfaces, plan.square],
    )


def _buildings(town: Town, truth: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return what a register would know: demand and some of the panels are not in it."""
    drafts = town.drafts
    known = [
        np.nan if unknown else use.existing_kwp
        for use, unknown in zip(town.uses, town.unknown_pv, strict=True)
    ]
    return _frame(
        {
            "building_id": truth["building_id"].tolist(),
            "use": [draft.use for draft in drafts],
            "dwellings": [draft.dwellings for draft in drafts],
            "floor_area_m2": [round(draft.floor_area_m2, 1) for draft in drafts],
            "existing_kwp": known,
            "heritage": [draft.heritage for draft in drafts],
            "owner": [draft.owner for draft in drafts],
            "construction_year": [draft.year for draft in drafts],
        },
        [draft.shape.footprint() for draft in drafts],
    )


def _demand_truth(town: Town) -> pd.DataFrame:
    rows = []
    for number, (draft, use) in enumerate(zip(town.drafts, town.uses, strict=True)):
        spot = draft.shape.footprint().representative_point()
        sector = min(town.plan.sectors, key=lambda s: s.polygon.distance(spot))
        demand = use.residential_kwh + use.non_residential_kwh
        rows.append(
            {
                "building_id": town.building_id(number),
                "area_id": sector.area_id,
                "kind": draft.site or draft.kind,
                "use": draft.use,
                "demand_kwh": round(demand, 1),
                "residential_kwh": use.residential_kwh,
                "non_residential_kwh": use.non_residential_kwh,
                "residential_connections": use.residential_connections,
                "non_residential_connections": use.non_residential_connections,
                "existing_kwp": use.existing_kwp,
                "self_used_kwh": use.self_used_kwh,
                "offtake_kwh": round(demand - use.self_used_kwh, 1),
                "surveyed": town.surveyed(number),
            }
        )
    return pd.DataFrame(rows)


def _write_truth(town: Town, truth: pd.DataFrame, folder: Path) -> None:
    _write_table(truth, folder / "demand.csv")
    columns: dict[str, list[Any]] = {
        name: []
        for name in ("building_id", "plane_id", "part", "tilt_deg", "azimuth_deg", "roof_area_m2")
    }
    columns["height_m"], columns["surveyed"] = [], []
    shapes = []
    for number, planes in enumerate(town.planes):
        for order, plane in enumerate(planes, start=1):
            spot = plane.polygon.centroid
            values = (
                town.building_id(number),
                f"{town.building_id(number)}-{order:02d}",
                plane.part,
                round(plane.tilt_deg, 3),
                round(plane.azimuth_deg, 3),
                round(plane.area_m2, 3),
                round(float(plane.height(np.array(spot.x), np.array(spot.y))), 3),
                town.surveyed(number),
            )
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
            shapes.append(plane.polygon)
    write_layer(
        _frame(columns, shapes), folder / "roof_planes.gpkg", "GPKG", STAMP, layer="roof_planes"
    )
    trees = _frame(
        {
            "radius_m": [round(tree.radius_m, 2) for tree in town.trees],
            "height_m": [round(tree.height_m, 2) for tree in town.trees],
        },
        [shapely.Point(tree.x, tree.y) for tree in town.trees],
    )
    write_layer(trees, folder / "trees.gpkg", "GPKG", STAMP, layer="trees")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
