"""Stage ``constraints``: heritage, owners, roof state, duties and social figures per building."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.obligations import DutyTerms, obliged
from zonnekaart.errors import VectorError
from zonnekaart.geo.buildings import HERITAGE
from zonnekaart.geo.coverage import cover, strongest
from zonnekaart.io.obligations import Duties, Duty, duties_path, read_duties
from zonnekaart.io.vector import read_geoparquet, read_parquet, write_parquet
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.constraint_layers import (
    SOCIAL,
    read_heritage,
    read_owners,
    read_roof_state,
    read_social,
    unknown_buildings,
)
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import Project

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

CONSTRAINTS = "constraints.parquet"
FOLDER = "obligations"
HOMES = ("residential", "apartments")
NO_USERS = "annex"
_OWNER_SHARE = 0.5
"""Part of a building that must lie on a parcel before its owner counts: the larger half. [-]"""


def with_constraints(buildings: gpd.GeoDataFrame, build: Path) -> gpd.GeoDataFrame:
    """
    Return buildings with heritage and owner as the stage found them, where it has run.

    Parameters
    ----------
    buildings : GeoDataFrame
        Rows of ``buildings.parquet``, in any order.
    build : Path
        Build folder.
    """
    path = build / CONSTRAINTS
    if not path.exists():
        return buildings
    found = read_parquet(path).set_index("building_id").reindex(buildings["building_id"])
    return buildings.assign(**{name: found[name].to_numpy() for name in found.columns})


def constraint_files(build: Path) -> list[Path]:
    """Return what `with_constraints` reads, when it is there."""
    path = build / CONSTRAINTS
    return [path] if path.exists() else []


def work(context: StageContext) -> dict[str, Any]:
    """Join every constraint to the buildings of a project; see `Stage`."""
    project = context.project
    buildings = read_geoparquet(context.built("buildings.parquet", "roofs"))
    frame = pd.DataFrame({"building_id": buildings["building_id"].astype(str)})
    for name, values in _heritage(project, buildings).items():
        frame[name] = values
    frame["owner"] = _owners(project, buildings)
    for name, values in _roof_state(project, frame["building_id"]).items():
        frame[name] = values
    for name, values in _social(project, buildings).items():
        frame[name] = values
    duties = read_duties(share_folder("data") / FOLDER, project.project.region)
    demand = read_parquet(context.built("demand.parquet", "demand"))
    stock = buildings.assign(owner=frame["owner"].to_numpy())
    for column, cells in _obliged(project, duties, stock, demand).items():
        frame[column] = cells
    write_parquet(frame, context.build / CONSTRAINTS)
    return _facts(frame, duties)


def _facts(frame: pd.DataFrame, duties: Duties | None) -> dict[str, Any]:
    """Return counts for the manifest; of duties only whether there is a file: counts would tell."""
    return {
        "buildings": len(frame),
        "heritage": frame["heritage"].value_counts().to_dict(),
        "owners": frame["owner"].value_counts().to_dict(),
        "asbestos_known": int(frame["asbestos"].notna().sum()),
        "roof_year_known": int(frame["roof_year"].notna().sum()),
        "social_known": {name: int(frame[name].notna().sum()) for name in SOCIAL},
        "duties": [] if duties is None else [duty.id for duty in duties.duties],
    }


def _heritage(project: Project, buildings: gpd.GeoDataFrame) -> dict[str, Any]:
    """
    Return status, item and its name per building; the strongest of column and layers.

    A building touches an item from the share of its footprint that the layer states.
    """
    status = buildings["heritage"].astype(object).to_numpy(copy=True)
    identity = np.full(len(buildings), None, dtype=object)
    name = np.full(len(buildings), "", dtype=object)
    layers = read_heritage(project)
    if layers:
        items = pd.concat(layers, ignore_index=True)
        number = np.repeat(np.arange(len(layers)), [len(layer) for layer in layers])
        least = np.array([t.overlap_share for t in project.inputs.heritage], dtype=np.float64)
        shapes = items.geometry.to_numpy()
        require_near(project, layers, buildings)
        pairs = cover(buildings.geometry.to_numpy(), shapes)
        rank = items["status"].map(HERITAGE.index).to_numpy(dtype=np.int64)
        chosen = strongest(pairs, rank, least[number], len(buildings))
        if all(table.complete for table in project.inputs.heritage):
            status[(chosen < 0) & (status == "unknown")] = "none"
        for building in np.flatnonzero(chosen >= 0):
            item = pairs.item[chosen[building]]
            identity[building] = items["heritage_id"].iloc[item]
            name[building] = items["name"].iloc[item]
            if rank[item] <= HERITAGE.index(status[building]):
                status[building] = items["status"].iloc[item]
    return {"heritage": status, "heritage_id": identity, "heritage_name": name}


def require_near(
    project: Project, layers: list[gpd.GeoDataFrame], buildings: gpd.GeoDataFrame
) -> None:
    """
    Refuse a layer of another place: its extent does not meet that of the buildings.

    Raises
    ------
    VectorError
        With both extents.
    """
    west, south, east, north = buildings.total_bounds
    for table, layer in zip(project.inputs.heritage, layers, strict=True):
        w, s, e, n = layer.total_bounds
        if w > east or e < west or s > north or n < south:
            raise VectorError(
                str(project.resolve(table.path)),
                f"items between x {w:.0f} and {e:.0f}, y {s:.0f} and {n:.0f}",
                f"items near the buildings: x {west:.0f} to {east:.0f}, "
                f"y {south:.0f} to {north:.0f}",
                "choose the layer of this place, or correct its coordinates",
            )


def _owners(project: Project, buildings: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return the owner per building: what the input says, else the column of the footprints."""
    own: npt.NDArray[np.object_] = buildings["owner"].astype(object).to_numpy(copy=True)
    given = read_owners(project)
    if given is None or project.inputs.owners is None:
        return own
    if "building_id" in given:
        subject = str(project.resolve(project.inputs.owners.path))
        unknown_buildings(given["building_id"], buildings["building_id"], subject)
        joined = given.set_index("building_id")["owner"].reindex(buildings["building_id"])
        said = joined.fillna("unknown").to_numpy(dtype=object)
    else:
        pairs = cover(buildings.geometry.to_numpy(), given.geometry.to_numpy())
        level = np.zeros(len(given), dtype=np.int64)
        least = np.full(len(given), _OWNER_SHARE)
        chosen = strongest(pairs, level, least, len(buildings))
        words = [*given["owner"], "unknown"]
        said = np.array([words[pairs.item[k]] if k >= 0 else words[-1] for k in chosen], object)
    return np.where(said == "unknown", own, said).astype(object)


def _roof_state(project: Project, ids: pd.Series[str]) -> dict[str, FloatArray]:
    table = project.inputs.roof_state
    given = read_roof_state(project)
    if given is None or table is None:
        return {name: np.full(len(ids), np.nan) for name in ("asbestos", "roof_year", "old_roof")}
    unknown_buildings(given["building_id"], ids, str(project.resolve(table.path)))
    joined = given.set_index("building_id").reindex(ids)
    year = joined["roof_year"].to_numpy(dtype=np.float64)
    old = np.full(len(ids), np.nan)
    if table.old_before is not None:
        old = np.where(np.isnan(year), np.nan, (year < table.old_before).astype(np.float64))
    return {
        "asbestos": joined["asbestos"].to_numpy(dtype=np.float64),
        "roof_year": year,
        "old_roof": old,
    }


def _social(project: Project, buildings: gpd.GeoDataFrame) -> dict[str, FloatArray]:
    """Return the figures of the area of each building; NaN outside all areas."""
    if project.inputs.social is None:
        return {name: np.full(len(buildings), np.nan) for name in SOCIAL}
    given = read_social(project, read_areas(project)["area_id"])
    joined = (pd.DataFrame() if given is None else given.set_index("area_id")).reindex(
        buildings["area_id"].astype(object)
    )
    return {
        name: joined[name].to_numpy(dtype=np.float64)
        if name in joined
        else np.full(len(buildings), np.nan)
        for name in SOCIAL
    }


def _concerns(duty: Duty, buildings: gpd.GeoDataFrame) -> BoolArray:
    """Tell of which buildings a duty speaks, whatever their offtake."""
    left_out = [NO_USERS] if duty.homes else [NO_USERS, *HOMES]
    found = ~buildings["use"].isin(left_out)
    if duty.owners:
        found &= buildings["owner"].isin(duty.owners)
    return np.asarray(found, dtype=np.bool_)


def _obliged(
    project: Project, duties: Duties | None, buildings: gpd.GeoDataFrame, demand: pd.DataFrame
) -> dict[str, Any]:
    """
    Return duties per building: internal, for they rest on the consumption of one user.

    ``public_duty_kwp`` rests on owner and roof alone: what the duty of public bodies would ask if
    every connection were above the threshold.
    """
    count = len(buildings)
    day = dt.date.fromisoformat(project.constraints.on)
    held = [] if duties is None else [d for d in duties.duties if d.on(day) is not None]
    terms = np.array([d.on(day) for d in held], dtype=np.float64).reshape(-1, 2)
    concerns = np.array([_concerns(d, buildings) for d in held], dtype=np.bool_)
    concerns = concerns.reshape(len(held), count)
    area = buildings["footprint_area_m2"].to_numpy(dtype=np.float64)
    offtake = _offtake(demand, buildings["building_id"])
    holds, kwp = obliged(DutyTerms(terms[:, 0], terms[:, 1]), concerns, offtake, area)
    public = np.array([bool(d.owners) for d in held], dtype=np.bool_)
    asked = np.where(concerns & public[:, None], area[None, :] * terms[:, 1:2] / 1000.0, 0.0)
    return {
        "obligation_ids": [
            [d.id for d, here in zip(held, column, strict=True) if here] for column in holds.T
        ]
        if held
        else [[] for _ in range(count)],
        "obliged_kwp": kwp if held else np.full(count, np.nan),
        "duty_candidate": concerns.any(axis=0) if held else np.zeros(count, dtype=np.bool_),
        "public_duty_kwp": asked.max(axis=0) if public.any() else np.full(count, np.nan),
    }


def _offtake(demand: pd.DataFrame, ids: pd.Series[str]) -> FloatArray:
    """Return what is no household use per connection of it. [kWh]."""
    rows = demand.set_index("building_id").reindex(ids)
    kwh = rows["non_residential_kwh"].to_numpy(dtype=np.float64, na_value=np.nan)
    points = rows["non_residential_connections"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(kwh / np.fmax(points, 1.0))


def _inputs(project: Project, build: Path) -> list[Path]:
    given = [*project.inputs.heritage]
    single = [project.inputs.owners, project.inputs.roof_state, project.inputs.social]
    paths = [project.resolve(t.path) for t in (*given, *(t for t in single if t is not None))]
    if project.inputs.social is not None and project.inputs.areas is not None:
        paths.append(project.resolve(project.inputs.areas.path))
    made = [build / "buildings.parquet", build / "demand.parquet"]
    duties = duties_path(share_folder("data") / FOLDER, project.project.region)
    return [*paths, *made, *([duties] if duties.is_file() else [])]


def _parameters(project: Project) -> dict[str, Any]:
    tables = {
        name: table.model_dump(exclude={"path", "source"}, mode="json")
        for name, table in project.named_inputs().items()
        if name.partition(".")[0] in ("heritage", "owners", "roof_state", "social")
    }
    return {**tables, "on": project.constraints.on, "region": project.project.region}


STAGE = Stage(
    name="constraints",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(CONSTRAINTS,),
    work=work,
)
