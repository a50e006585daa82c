"""Supply and demand of a project laid out for a year of quarter-hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.cadastre import assumed_sides, faces_nowhere_known
from zonnekaart.energy.production import Planes, SkySeries, sky_year
from zonnekaart.energy.profiles import QuarterHours, quarter_hours, source_steps
from zonnekaart.energy.series import Loads, Year
from zonnekaart.io.demand_weights import read_demand_weights
from zonnekaart.io.sources.bdew import KEYS
from zonnekaart.io.sources.weather import read_weather
from zonnekaart.io.vector import read_geoparquet, read_parquet
from zonnekaart.pipelines.demand import DEMAND, WEIGHTS
from zonnekaart.pipelines.demand_own import measured_series
from zonnekaart.pipelines.load_profiles import profile_files, read_profiles
from zonnekaart.pipelines.roof_light import KEPT_DIRECTIONS
from zonnekaart.solar.transposition import plane_factors, sun_series

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import StageContext
    from zonnekaart.solar.weather import WeatherYear

FloatArray = npt.NDArray[np.float64]

PLANE_COLUMNS = [
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
    zones : GeoDataFrame
        Policy zones.
    temp_air_c : ndarray of float64, shape (time,)
        Outdoor air. [degC]
    equator_deg : float
        Azimuth of the noon sun. [degrees]
    """

    buildings: gpd.GeoDataFrame
    year: Year
    planes: Planes
    loads: Loads
    zones: gpd.GeoDataFrame
    temp_air_c: FloatArray
    equator_deg: float = 180.0


def read_quarters(context: StageContext, *, every_step: bool = False) -> Quarters:
    """
    Read what earlier stages wrote and lay it out.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    every_step : bool
        Keep the dark quarter-hours too, as batteries need them.

    Raises
    ------
    NotBuiltError
        If stage roofs or demand has not run.
    TableError
        If a profile or the weather does not hold a whole year.
    """
    project = context.project
    buildings = read_geoparquet(context.built("buildings.parquet", "roofs"))
    roofs = read_parquet(context.built("roof_planes.parquet", "roofs"), columns=PLANE_COLUMNS)
    demand = read_parquet(context.built(DEMAND, "demand"))
    given = project.inputs.weather
    weather = read_weather(project.resolve(given.path), given.options)
    equator = 180.0 if weather.latitude_deg >= 0.0 else 0.0
    planes = lay_out_planes(roofs, buildings["building_id"], equator)
    clock = quarter_hours(project.demand.profile_year)
    series = sky_series(weather, clock, planes.tan_horizon.shape[1])
    sky = sky_year(series, every_step=every_step)
    variation = read_demand_weights(share_folder("data") / WEIGHTS).variation
    loads = lay_out_loads(
        demand.set_index("building_id").reindex(buildings["building_id"]),
        np.array([variation.residential, variation.non_residential]),
    )
    profiles = read_profiles(project, clock)
    loads, profiles = with_measured(loads, profiles, project, clock, buildings["building_id"])
    return Quarters(
        buildings,
        Year(clock, sky, profiles),
        planes,
        loads,
        read_geoparquet(context.built("policy_zones.parquet", "roofs")),
        series.temp_air_c,
        equator,
    )


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


def lay_out_planes(
    roofs: pd.DataFrame, building_ids: pd.Series[str], equator_deg: float = 180.0
) -> Planes:
    """
    Group planes by building, in the order of `building_ids`.

    Parameters
    ----------
    roofs : DataFrame
        Columns of ``roof_planes.parquet``. Racks that face east and west count as two planes with
        half the yield each.
    building_ids : Series of str
        All buildings.
    equator_deg : float
        Azimuth of the noon sun. [degrees]

    Returns
    -------
    Planes
        Planes without yield are left out; a plane whose yield is unknown stays and makes its
        building unknown.

    Notes
    -----
    A cadastre may not tell how a plane lies: its yield is then spread over `assumed_sides`, and an
    unknown horizon counts as free. That shapes the day; the yield of the year stays.
    """
    number = pd.Series(range(len(building_ids)), index=building_ids)
    position = roofs["building_id"].map(number)
    used = roofs[position.notna() & ~(roofs["annual_yield_kwh"] == 0)].copy()
    both = used["mounting"] == EAST_WEST
    used.loc[both, "annual_yield_kwh"] /= 2
    turned = used[both].copy()
    turned["module_azimuth_deg"] = (turned["module_azimuth_deg"] + 180.0) % 360.0
    planes = _with_assumed(pd.concat([used, turned], ignore_index=True), equator_deg)
    owner = planes["building_id"].map(number).to_numpy(dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    planes, owner = planes.iloc[order], owner[order]
    horizon = np.nan_to_num(_horizons(planes["horizon_deg"]))
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


def _with_assumed(planes: pd.DataFrame, equator_deg: float) -> pd.DataFrame:
    """Put the sides that stand for it in the place of a plane that faces nobody knows where."""
    tilt = planes["module_tilt_deg"].to_numpy(dtype=np.float64, na_value=np.nan)
    azimuth = planes["module_azimuth_deg"].to_numpy(dtype=np.float64, na_value=np.nan)
    unknown = np.isnan(tilt) | faces_nowhere_known(tilt, azimuth)
    if not unknown.any():
        return planes
    sides = assumed_sides(tilt[unknown], azimuth[unknown], equator_deg)
    open_planes = planes[unknown]
    count = sides[0].shape[1]
    parts = [
        open_planes.assign(
            module_tilt_deg=sides[0][:, k],
            module_azimuth_deg=sides[1][:, k],
            annual_yield_kwh=open_planes["annual_yield_kwh"] / count,
        )
        for k in range(count)
    ]
    together: pd.DataFrame = pd.concat([planes[~unknown], *parts], ignore_index=True)
    return together


def _horizons(lists: pd.Series[Any]) -> FloatArray:
    if lists.empty:
        return np.zeros((0, KEPT_DIRECTIONS))
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


def with_measured(
    loads: Loads,
    profiles: FloatArray,
    project: Project,
    clock: QuarterHours,
    building_ids: pd.Series[str],
) -> tuple[Loads, FloatArray]:
    """
    Let measured buildings follow their own quarter-hours.

    Parameters
    ----------
    loads : Loads
        Demand of all buildings.
    profiles : ndarray of float64, shape (profiles, time)
        Profiles so far.
    project : Project
        Its ``[inputs.measured]``.
    clock : QuarterHours
        The year.
    building_ids : Series of str
        All buildings, in the order of the loads.

    Returns
    -------
    loads : Loads
        Measured buildings follow a profile of their own, without spread around it.
    profiles : ndarray of float64, shape (profiles + measured, time)
        Each row sums to 1. [kWh/kWh]
    """
    series = measured_series(project, clock)
    if not series:
        return loads, profiles
    number = pd.Series(range(len(building_ids)), index=building_ids)
    rows, follows = [profiles], loads.profile.copy()
    measured = np.zeros(len(building_ids), dtype=np.bool_)
    for k, (building, kwh) in enumerate(series.items()):
        place = int(number[building])
        follows[place] = len(profiles) + k
        measured[place] = True
        rows.append((kwh / kwh.sum())[None])
    return replace(loads, profile=follows, measured=measured), np.vstack(rows)


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
        *profile_files(project),
        *(
            []
            if project.inputs.measured is None
            else [project.resolve(project.inputs.measured.path)]
        ),
    ]
    return [p for p in paths if p.exists()]
