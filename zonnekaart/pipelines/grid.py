"""Stage ``grid``: which area each cabin serves, and the room for solar power on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.balance import balance, unit_balance
from zonnekaart.energy.hosting import Range, ZoneLoads, ZoneSolar, cabin_rating, pv_headroom
from zonnekaart.energy.variation import use_table
from zonnekaart.io.rules import rule_paths
from zonnekaart.io.vector import write_geoparquet, write_parquet
from zonnekaart.pipelines.cabin_privacy import shown_cabins
from zonnekaart.pipelines.cabins import GENERATED, CabinSet, cabin_set
from zonnekaart.pipelines.load_profiles import profile_titles
from zonnekaart.pipelines.mv_capacity import mv_columns, mv_headroom, mv_paths
from zonnekaart.pipelines.quarters import quarter_inputs, read_quarters
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.pipelines.zone_figures import Frames, building_figures, numbers
from zonnekaart.pipelines.zone_grid import (
    CABIN_AREAS,
    CABIN_MEMBERS,
    ESTIMATED,
    HEADROOM,
    OPERATOR_HEADROOM,
    OPERATOR_RATING,
    assumptions,
)
from zonnekaart.pipelines.zoning import FRAMES, privacy_rule, read_frames, rule_file
from zonnekaart.zoning.indicators import share, sum_complete, sum_known, unknown_panels_kwp

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from zonnekaart.config import Project
    from zonnekaart.energy.hosting import CabinAssumptions

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

DEMAND_COLUMNS = (
    "min_load_sunny_kw",
    "pv_headroom_low_kw",
    "pv_headroom_kw",
    "pv_headroom_high_kw",
)
"""What rests on the demand of an area; unknown where that may not be shown."""


@dataclass(frozen=True)
class BuildingLoads:
    """
    What cabins must carry, arrays of shape (buildings,).

    Parameters
    ----------
    dwellings, others : ndarray of float64
        Residential and other connections. [count]
    others_kw : ndarray of float64
        Installed load of the other connections. [kW]
    own : ndarray of bool
        True for a customer with a cabin of its own.
    """

    dwellings: FloatArray
    others: FloatArray
    others_kw: FloatArray
    own: BoolArray

    @property
    def shared(self) -> FloatArray:
        """Connections on a cabin of the neighbourhood. [count]."""
        return self.dwellings + np.where(self.own, 0.0, self.others)


@dataclass(frozen=True)
class Sunny:
    """Sums over the quarter-hours of each cabin's buildings, shape (cabins,). [kW]."""

    pv_peak_kw: FloatArray
    min_load_sunny_kw: FloatArray


def building_loads(frames: Frames, assumed: CabinAssumptions) -> BuildingLoads:
    """
    Return what each building asks of a cabin, in the order of the buildings.

    Parameters
    ----------
    frames : Frames
        Buildings and demand.
    assumed : CabinAssumptions
        Installed load per floor area, and from where a customer has a cabin of its own.

    Notes
    -----
    Floor area that is not known is taken as the footprint.
    """
    buildings = frames.buildings
    demand = frames.demand.set_index("building_id").reindex(buildings["building_id"])
    dwellings = np.nan_to_num(numbers(demand, "residential_connections"))
    others = np.nan_to_num(numbers(demand, "non_residential_connections"))
    floor = numbers(buildings, "floor_area_m2")
    floor = np.where(np.isnan(floor), numbers(buildings, "footprint_area_m2"), floor)
    used = share(others, dwellings + others)
    installed = assumed.other_kw_m2 * np.nan_to_num(floor) * np.nan_to_num(used)
    return BuildingLoads(dwellings, others, installed, installed > assumed.own_cabin_kw)


def cabin_sums(context: StageContext, cabins: CabinSet) -> Sunny:
    """
    Sum a year of quarter-hours per cabin.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    cabins : CabinSet
        Which building hangs on which cabin; in the order of ``buildings.parquet``.
    """
    quarters = read_quarters(context)
    table = use_table()
    context.progress.start("grid", len(cabins.member))
    _, units = balance(
        quarters.year,
        quarters.planes,
        quarters.loads,
        cabins.member,
        table,
        lambda done: context.progress.advance(done),
    )
    count = len(cabins.frame)
    peak, least = np.full(count, np.nan), np.full(count, np.nan)
    for series in units:
        found = unit_balance(series, quarters.year.clock, quarters.loads.spread_of_one, table)
        peak[series.unit], least[series.unit] = found.pv_peak_kw, found.min_load_sunny_kw
    return Sunny(peak, least)


def cabin_table(
    frames: Frames, cabins: CabinSet, sums: Sunny, assumed: CabinAssumptions
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Put together what is known of each cabin, and what hangs on it.

    Parameters
    ----------
    frames : Frames
        Buildings and demand.
    cabins : CabinSet
        Cabins with their buildings.
    sums : Sunny
        Peak of the roofs and least sunny load of each cabin.
    assumed : CabinAssumptions
        Sizes, loads and shares.

    Returns
    -------
    areas : GeoDataFrame
        Columns of ``cabin_areas.parquet`` but for ``mv_headroom_kw`` and ``published``.
    members : DataFrame
        Columns of ``cabin_members.parquet``.
    """
    frame, member = cabins.frame, cabins.member
    loads = building_loads(frames, assumed)
    given_kva = numbers(frame, "given_kva")
    given_kw = numbers(frame, "given_headroom_kw")
    rated = given_kva[member] > 0
    # On a given rating everybody counts; on an estimated one firms bring a cabin of their own.
    alone = loads.own & ~rated
    own_kva = np.where(alone, loads.others_kw / assumed.power_factor, 0.0)
    connections = np.where(rated, loads.dwellings + loads.others, loads.shared)
    rating = _rating(cabins, loads, assumed, given_kva)
    solar = _solar(frames, cabins, sums)
    room = pv_headroom(rating, solar, assumed)
    known = ~np.isnan(given_kw)
    source = np.where(given_kva > 0, OPERATOR_RATING, ESTIMATED)
    count = len(frame)
    areas = frame[["cabin_id", "origin"]].assign(
        headroom_source=np.where(known, OPERATOR_HEADROOM, source),
        headroom_method=np.where(known, OPERATOR_HEADROOM, assumed.method),
        connections=sum_complete(loads.dwellings + loads.others, member, count),
        rated_low_kva=rating.low,
        rated_kva=rating.central,
        rated_high_kva=rating.high,
        own_kva=sum_complete(own_kva, member, count),
        pv_headroom_low_kw=np.where(known, given_kw, room.low),
        pv_headroom_kw=np.where(known, given_kw, room.central),
        pv_headroom_high_kw=np.where(known, given_kw, room.high),
        given_headroom_kw=given_kw,
        pv_peak_kw=solar.pv_peak_kw,
        min_load_sunny_kw=solar.min_load_sunny_kw,
        capacity_kwp=solar.capacity_kwp,
        existing_kwp=solar.existing_kwp,
        unknown_panels_kwp=solar.unknown_kwp,
        geometry=frame.geometry,
    )
    existing = numbers(frames.buildings, "existing_kwp")
    capacity = np.nan_to_num(numbers(frames.buildings, "capacity_kwp"))
    members = pd.DataFrame(
        {
            "building_id": frames.buildings["building_id"].to_numpy(),
            "cabin_id": frame["cabin_id"].to_numpy()[member],
            "connections": connections,
            "own_kva": own_kva,
            "own_existing_kwp": np.where(alone, np.nan_to_num(existing), 0.0),
            "own_unknown_kwp": np.where(alone & np.isnan(existing), capacity, 0.0),
        }
    )
    return areas.set_geometry("geometry"), members


def _rating(
    cabins: CabinSet, loads: BuildingLoads, assumed: CabinAssumptions, given_kva: FloatArray
) -> Range:
    """Return the given rating, else the range of standard cabins; a given area is one cabin."""
    member, count = cabins.member, len(cabins.frame)
    served = ZoneLoads(
        dwellings=sum_complete(loads.dwellings, member, count),
        others=sum_complete(np.where(loads.own, 0.0, loads.others), member, count),
        others_kw=sum_complete(np.where(loads.own, 0.0, loads.others_kw), member, count),
        own_cabins_kw=sum_complete(np.where(loads.own, loads.others_kw, 0.0), member, count),
    )
    drawn_by_operator = (cabins.frame["origin"] != GENERATED).to_numpy(dtype=np.bool_)
    found = cabin_rating(served, assumed, drawn_by_operator)
    given = given_kva > 0
    return Range(
        *(np.where(given, given_kva, kva) for kva in (found.low, found.central, found.high))
    )


def _solar(frames: Frames, cabins: CabinSet, sums: Sunny) -> ZoneSolar:
    count = len(cabins.frame)
    buildings = replace(building_figures(frames), zone=cabins.member)
    return ZoneSolar(
        capacity_kwp=np.nan_to_num(sum_known(buildings.capacity_kwp, cabins.member, count)),
        existing_kwp=np.nan_to_num(sum_known(buildings.existing_kwp, cabins.member, count)),
        unknown_kwp=unknown_panels_kwp(buildings, count),
        pv_peak_kw=sums.pv_peak_kw,
        min_load_sunny_kw=sums.min_load_sunny_kw,
    )


def work(context: StageContext) -> dict[str, Any]:
    """Draw the areas of cabins and reckon the room on each; see `Stage`."""
    project = context.project
    assumed = assumptions(project, rule_file(project))
    frames = read_frames(context)
    loads = building_loads(frames, assumed)
    zones = frames.zones.geometry.to_numpy()
    cabins = cabin_set(project, frames.buildings, loads.shared, zones, assumed)
    areas, members = cabin_table(frames, cabins, cabin_sums(context, cabins), assumed)
    areas.insert(areas.columns.size - 1, "mv_headroom_kw", mv_headroom(project, areas.geometry))
    position = pd.Series(cabins.member, frames.buildings["building_id"])
    of_demand = frames.demand["building_id"].map(position).to_numpy(np.int64)
    shown = shown_cabins(frames, of_demand, len(areas), privacy_rule(project))
    areas.insert(areas.columns.size - 1, "published", shown)
    told = areas["headroom_source"] == OPERATOR_HEADROOM
    areas.loc[~shown, DEMAND_COLUMNS[0]] = np.nan
    areas.loc[~shown & ~told, list(DEMAND_COLUMNS[1:])] = np.nan
    write_geoparquet(areas, context.build / CABIN_AREAS, {HEADROOM: repr(assumed)})
    write_parquet(members, context.build / CABIN_MEMBERS)
    return _facts(areas, members, cabins, assumed)


def _facts(
    areas: gpd.GeoDataFrame, members: pd.DataFrame, cabins: CabinSet, assumed: CabinAssumptions
) -> dict[str, Any]:
    made = areas.loc[areas["origin"] == GENERATED, "cabin_id"]
    size = members.groupby("cabin_id")["connections"].sum().reindex(made)
    inside = size.between(assumed.connections_min, assumed.connections_max)
    return {
        "method": assumed.method,
        "cabins": {str(k): int(n) for k, n in areas["origin"].value_counts().items()},
        "sources": {str(k): int(n) for k, n in areas["headroom_source"].value_counts().items()},
        "generated_within_limits": int(inside.sum()),
        "generated_connections_median": float(size.median()) if len(made) else None,
        "cabins_without_buildings": cabins.left_out,
        "published": int(areas["published"].sum()),
        "rated_kva": round(float(areas["rated_kva"].sum()), 1),
    }


def _inputs(project: Project, build: Path) -> list[Path]:
    given = (project.inputs.cabins, project.inputs.cabin_areas)
    paths = [
        *quarter_inputs(project, build),
        *(build / name for name, _ in FRAMES),
        *rule_paths(project.zoning.rules, project.folder, share_folder("data") / "rules"),
        *(project.resolve(table.path) for table in given if table is not None),
        *(project.resolve(path) for path in mv_paths(project)),
    ]
    return list(dict.fromkeys(path for path in paths if path.exists()))


def _parameters(project: Project) -> dict[str, Any]:
    given = (project.inputs.cabins, project.inputs.cabin_areas)
    return {
        "grid": project.grid.model_dump(mode="json"),
        "cabins": [None if t is None else t.model_dump(exclude={"path", "source"}) for t in given],
        "mv_capacity": mv_columns(project),
        "privacy": project.privacy.model_dump(mode="json"),
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
        "profiles": profile_titles(project),
    }


STAGE = Stage(
    name="grid",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(CABIN_AREAS, CABIN_MEMBERS),
    work=work,
)
