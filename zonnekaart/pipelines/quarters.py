"""Supply and demand of a project laid out for a year of quarter-hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.production import Planes, SkySeries, sky_year
from zonnekaart.energy.profiles import QuarterHours, quarter_hours, source_steps
from zonnekaart.energy.series import Loads, Year
from zonnekaart.io.demand_weights import read_demand_weights
from zonnekaart.io.sources.bdew import KEYS, read_bdew
from zonnekaart.io.sources.weather import read_epw
from zonnekaart.io.vector import read_geoparquet, read_parquet
from zonnekaart.pipelines.demand import DEMAND, WEIGHTS
from zonnekaart.solar.transposition import plane_factors, sun_series

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import StageContext
    from zonnekaart.solar.weather import WeatherYear

FloatArray = npt.NDArray[np.float64]

_PLANE_COLUMNS = [
    "building_id",
    "module_tilt_deg",
    "module_azimuth_deg",
    "mounting",
    "horizon_deg",
    "annual_yield_kwh",
]
EAST_WEST = "rack_east_west"


@dataclass(frozen=True)
class Quarters:
    """
    What balance and sharing work on.

    Parameters
    ----------
    buildings : GeoDataFrame
        As stage roofs wrote them; the arrays follow its rows.
    year : Year
        Clock, sky and profiles.
    planes : Planes
        Supply.
    loads : Loads
        Demand.
    """

    buildings: gpd.GeoDataFrame
    year: Year
    planes: Planes
    loads: Loads


def read_quarters(context: StageContext) -> Quarters:
    """
    Read what earlier stages wrote and lay it out.

    Raises
    ------
    NotBuiltError
        If stage roofs or demand has not run.
    TableError
        If a profile or the weather does not hold a whole year.
    """
    project = context.project
    buildings = read_geoparquet(context.built("buildings.parquet", "roofs"))
    roofs = read_parquet(context.built("roof_planes.parquet", "roofs"), columns=_PLANE_COLUMNS)
    demand = read_parquet(context.built(DEMAND, "demand"))
    given = project.inputs.weather
    weather = read_epw(project.resolve(given.path), given.utc_offset_hours)
    planes = lay_out_planes(roofs, buildings["building_id"])
    clock = quarter_hours(project.demand.profile_year)
    sky = sky_year(sky_series(weather, clock, planes.tan_horizon.shape[1]))
    variation = read_demand_weights(share_folder("data") / WEIGHTS).variation
    loads = lay_out_loads(
        demand.set_index("building_id").reindex(buildings["building_id"]),
        np.array([variation.residential, variation.non_residential]),
    )
    return Quarters(buildings, Year(clock, sky, read_bdew(clock)), planes, loads)


def sky_series(weather: WeatherYear, clock: QuarterHours, directions: int) -> SkySeries:
    """
    Bring a weather year, in UTC, to the quarter-hours of a local year.

    Parameters
    ----------
    weather : WeatherYear
        Interval means of a typical or real year.
    clock : QuarterHours
        The year of the profiles. Each of its steps takes the weather of the same day and UTC time.
    directions : int
        Number of horizon sectors.
    """
    sun = sun_series(weather)
    at = source_steps(sun.time_utc, sun.step_hours, clock)
    air = source_steps(weather.time_utc, weather.step_hours, clock)
    first, second, share = sun.sectors(directions)
    return SkySeries(
        elevation_deg=sun.elevation_deg[at],
        azimuth_deg=sun.azimuth_deg[at],
        beam=sun.beam_w_m2[at],
        isotropic=sun.isotropic_w_m2[at],
        ring=sun.ring_w_m2[at],
        ground=sun.ground_w_m2[at],
        first=first[at],
        second=second[at],
        share=share[at],
        temp_air_c=weather.temp_air_c[air],
        wind_speed_m_s=weather.wind_speed_m_s[air],
    )


def lay_out_planes(roofs: pd.DataFrame, building_ids: pd.Series[str]) -> Planes:
    """
    Group planes by building, in the order of `building_ids`.

    Parameters
    ----------
    roofs : DataFrame
        Columns of ``roof_planes.parquet``. Racks that face east and west count as two planes with
        half the yield each.
    building_ids : Series of str
        All buildings.

    Returns
    -------
    Planes
        Planes without yield are left out; a plane whose yield is unknown stays and makes its
        building unknown.
    """
    number = pd.Series(range(len(building_ids)), index=building_ids)
    position = roofs["building_id"].map(number)
    used = roofs[position.notna() & ~(roofs["annual_yield_kwh"] == 0)].copy()
    both = used["mounting"] == EAST_WEST
    used.loc[both, "annual_yield_kwh"] /= 2
    turned = used[both].copy()
    turned["module_azimuth_deg"] = (turned["module_azimuth_deg"] + 180.0) % 360.0
    planes = pd.concat([used, turned], ignore_index=True)
    owner = planes["building_id"].map(number).to_numpy(dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    planes, owner = planes.iloc[order], owner[order]
    horizon = _horizons(planes["horizon_deg"])
    tilt = planes["module_tilt_deg"].to_numpy(dtype=np.float64)
    factors = plane_factors(tilt, planes["module_azimuth_deg"].to_numpy(np.float64), horizon)
    columns = (factors.east, factors.north, factors.up)
    views = (factors.isotropic, factors.ring, factors.ground)
    return Planes(
        np.searchsorted(owner, np.arange(len(building_ids) + 1)).astype(np.int64),
        np.column_stack([*columns, *views]),
        factors.tan_horizon,
        planes["annual_yield_kwh"].to_numpy(dtype=np.float64),
    )


def _horizons(lists: pd.Series[Any]) -> FloatArray:
    if lists.empty:
        return np.zeros((0, 1))
    return np.stack([np.asarray(v, dtype=np.float64) for v in lists])


def lay_out_loads(demand: pd.DataFrame, spread_of_one: FloatArray) -> Loads:
    """
    Take the demand of buildings apart into what the kernels need.

    Parameters
    ----------
    demand : DataFrame
        Rows of ``demand.parquet``.
    spread_of_one : ndarray of float64, shape (2,)
        See `Loads`. [-]
    """
    categories = ("residential", "non_residential")
    columns = [demand[f"{c}_kwh"].to_numpy(dtype=np.float64) for c in categories]
    counts = [demand[f"{c}_connections"].to_numpy(dtype=np.float64) for c in categories]
    business = KEYS.index("g25")
    farm = np.where(demand["profile"] == "l25", KEYS.index("l25"), business)
    home = np.full(len(demand), KEYS.index("h25"))
    return Loads(
        np.ascontiguousarray(np.column_stack(columns)),
        np.nan_to_num(np.column_stack(counts)),
        np.column_stack([home, farm]).astype(np.int64),
        spread_of_one,
    )


def unit_numbers(names: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return a number per row, -1 where there is no name, and the names in order."""
    codes, found = pd.factorize(names, sort=True)
    return codes.astype(np.int64), [str(n) for n in found]


def known_numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """Return a column of buildings, all NaN when there is none."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)


def quarter_inputs(project: Project, build: Path) -> list[Path]:
    """Return the files that `read_quarters` reads, without those that are not there yet."""
    paths = [
        build / "buildings.parquet",
        build / "roof_planes.parquet",
        build / DEMAND,
        project.resolve(project.inputs.weather.path),
        share_folder("data") / WEIGHTS,
    ]
    return [p for p in paths if p.exists()]
