"""Stage ``sharing``: what energy sharing within one perimeter moves, under one rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from zonnekaart.config import share_folder
from zonnekaart.energy.balance import balance
from zonnekaart.energy.series import prepare
from zonnekaart.energy.sharing import Settlement, share_group
from zonnekaart.energy.variation import use_table
from zonnekaart.io.sharing_rules import SharingRules, read_sharing_rules
from zonnekaart.io.vector import read_geoparquet, write_geoparquet
from zonnekaart.pipelines.quarters import Quarters, quarter_inputs, read_quarters, unit_numbers
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project

IntArray = npt.NDArray[np.int64]

GROUPS, LINKS = "sharing_groups.parquet", "sharing_links.parquet"
RULES_FOLDER = "sharing"


@dataclass(frozen=True)
class _Group:
    """One group with its place on the map."""

    group_id: str
    members: IntArray
    geometry: Any
    zone_id: str | None


def work(context: StageContext) -> dict[str, Any]:
    """Settle the groups of a project; see `Stage`."""
    project = context.project
    rules = read_sharing_rules(share_folder("data") / RULES_FOLDER, project.sharing.rule_id)
    quarters = read_quarters(context)
    unit, groups = _groups(context, quarters)
    table = use_table()
    prepared = prepare(quarters.year, quarters.planes, quarters.loads, table)
    _, units = balance(quarters.year, quarters.planes, quarters.loads, unit, table)
    context.progress.start("sharing", len(groups))
    rows, links = [], []
    for series in units:
        group = groups[series.unit]
        settled = share_group(
            quarters.year,
            prepared,
            quarters.loads,
            (series, group.members),
            table,
            rules.settlement.default_key,
        )
        rows.append(_group_row(group, settled, quarters, project, rules))
        links += _link_rows(group, settled, quarters)
        context.progress.advance()
    crs = quarters.buildings.crs
    frame = gpd.GeoDataFrame(rows, columns=_GROUP_COLUMNS, geometry="geometry", crs=crs)
    write_geoparquet(frame, context.build / GROUPS)
    lines = gpd.GeoDataFrame(links, columns=_LINK_COLUMNS, geometry="geometry", crs=crs)
    write_geoparquet(lines, context.build / LINKS)
    return {
        "perimeter": project.sharing.perimeter,
        "rule_id": rules.rule.id,
        "rule_valid_from": rules.rule.valid_from.isoformat(),
        "key": rules.settlement.default_key,
        "groups": len(frame),
        "links": len(lines),
        "buildings_in_no_group": int((unit < 0).sum()),
        "shared_kwh_optimal": float(frame["shared_kwh_optimal"].sum()),
        "shared_kwh_key": float(frame["shared_kwh_key"].sum()),
    }


def _groups(context: StageContext, quarters: Quarters) -> tuple[IntArray, list[_Group]]:
    """Put each building that produces or consumes into at most one group."""
    sharing = context.project.sharing
    buildings, loads = quarters.buildings, quarters.loads
    planes = quarters.planes
    produced = np.add.reduceat(np.append(planes.annual_yield_kwh, 0.0), planes.first[:-1])
    produced[np.diff(planes.first) == 0] = 0.0
    # A building whose figures are unknown would make its whole group unknown.
    energy = loads.energy_kwh.sum(axis=1) + produced
    takes_part = np.isfinite(energy) & (energy > 0)
    if sharing.perimeter == "zone":
        unit, names = unit_numbers(buildings["zone_id"].where(takes_part))
        shapes = read_geoparquet(context.built("policy_zones.parquet", "roofs"))
        shape = shapes.set_index("zone_id").geometry
        return unit, [
            _Group(name, np.flatnonzero(unit == k), shape[name], name)
            for k, name in enumerate(names)
        ]
    if sharing.perimeter == "municipality":
        unit = np.where(takes_part, 0, -1).astype(np.int64)
    else:
        points = buildings.geometry.representative_point()
        unit = neighbourhoods(
            np.column_stack([points.x, points.y]), produced, takes_part, sharing.radius_m
        )
    return unit, [
        _hull_group(f"{sharing.perimeter}-{k + 1:04d}", np.flatnonzero(unit == k), quarters)
        for k in range(unit.max(initial=-1) + 1)
    ]


def _hull_group(name: str, members: IntArray, quarters: Quarters) -> _Group:
    shapes = quarters.buildings.geometry.to_numpy()[members]
    return _Group(name, members, shapely.convex_hull(shapely.union_all(shapes)), None)


def neighbourhoods(
    points: npt.NDArray[np.float64],
    produced: npt.NDArray[np.float64],
    takes_part: npt.NDArray[np.bool_],
    radius_m: float,
) -> IntArray:
    """
    Gather buildings around the largest producers.

    Parameters
    ----------
    points : ndarray of float64, shape (buildings, 2)
        x and y in the project CRS. [m]
    produced : ndarray of float64, shape (buildings,)
        Annual yield. [kWh]
    takes_part : ndarray of bool, shape (buildings,)
        Buildings that may be in a group.
    radius_m : float
        Largest distance to the producer in the middle. [m]

    Returns
    -------
    ndarray of int64, shape (buildings,)
        Number of the group, -1 for none; the largest producer that is still free takes all free
        buildings within the radius, so groups do not overlap.
    """
    tree = shapely.STRtree([shapely.Point(x, y) for x, y in points])
    unit = np.full(len(points), -1, dtype=np.int64)
    number = 0
    for seed in np.argsort(-produced, kind="stable"):
        if unit[seed] >= 0 or not takes_part[seed]:
            continue
        near = tree.query(shapely.Point(points[seed]), predicate="dwithin", distance=radius_m)
        free = near[(unit[near] < 0) & takes_part[near]]
        unit[free] = number
        number += 1
    return unit


_GROUP_COLUMNS = [
    "group_id",
    "perimeter",
    "rule_id",
    "key",
    "zone_id",
    "members",
    "production_kwh",
    "consumption_kwh",
    "own_use_kwh",
    "shared_kwh_optimal",
    "shared_kwh_key",
    "self_consumption_before",
    "self_consumption_after",
    "self_sufficiency_before",
    "self_sufficiency_after",
    "geometry",
]
_LINK_COLUMNS = ["group_id", "from_building_id", "to_building_id", "kwh", "geometry"]


def _group_row(
    group: _Group, settled: Settlement, quarters: Quarters, project: Project, rules: SharingRules
) -> list[Any]:
    ids = quarters.buildings["building_id"].to_numpy()[group.members]
    own, shared = settled.own_use_kwh, settled.shared_key_kwh
    return [
        group.group_id,
        project.sharing.perimeter,
        rules.rule.id,
        rules.settlement.default_key,
        group.zone_id,
        list(ids),
        settled.production_kwh,
        settled.consumption_kwh,
        own,
        settled.shared_optimal_kwh,
        shared,
        _ratio(own, settled.production_kwh),
        _ratio(own + shared, settled.production_kwh),
        _ratio(own, settled.consumption_kwh),
        _ratio(own + shared, settled.consumption_kwh),
        group.geometry,
    ]


def _ratio(part: float, whole: float) -> float:
    """Return a share, NaN without a whole."""
    return part / whole if whole > 0 else float("nan")


def _link_rows(group: _Group, settled: Settlement, quarters: Quarters) -> list[list[Any]]:
    ids = quarters.buildings["building_id"].to_numpy()[group.members]
    points = shapely.point_on_surface(quarters.buildings.geometry.to_numpy()[group.members])
    pairs = zip(settled.link_from, settled.link_to, settled.link_kwh, strict=True)
    return [
        [group.group_id, ids[i], ids[j], float(kwh), shapely.LineString([points[i], points[j]])]
        for i, j, kwh in pairs
    ]


def _inputs(project: Project, build: Path) -> list[Path]:
    rules = share_folder("data") / RULES_FOLDER / f"{project.sharing.rule_id}.toml"
    extra = [rules, build / "policy_zones.parquet"]
    return quarter_inputs(project, build) + [p for p in extra if p.exists()]


STAGE = Stage(
    name="sharing",
    inputs=_inputs,
    parameters=lambda project: {
        "sharing": project.sharing.model_dump(mode="json"),
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
    },
    outputs=(GROUPS, LINKS),
    work=work,
)
