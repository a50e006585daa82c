"""Stage ``sharing``: what energy sharing moves within perimeters and in proposed groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from zonnekaart.config import share_folder
from zonnekaart.energy.balance import balance
from zonnekaart.energy.series import prepare
from zonnekaart.energy.sharing import Settlement, Terms, share_group
from zonnekaart.energy.variation import use_table
from zonnekaart.io.sharing_rules import read_sharing_rules
from zonnekaart.io.vector import write_geoparquet
from zonnekaart.pipelines.apartments import APARTMENTS, apartment_buildings
from zonnekaart.pipelines.building_sharing import share_inside
from zonnekaart.pipelines.constraints import CONSTRAINTS
from zonnekaart.pipelines.quarters import Quarters, quarter_inputs, read_quarters
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.pipelines.sharing_perimeters import Group, whole_groups
from zonnekaart.pipelines.sharing_proposals import (
    PROPOSALS,
    Settling,
    no_proposals,
    proposals,
    rules_for,
)
from zonnekaart.pipelines.sharing_rules_table import RULES_FOLDER
from zonnekaart.pipelines.sharing_value import PRACTICE, PRICES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zonnekaart.config import CabinsInput, Project, ZonesInput
    from zonnekaart.io.sharing_rules import SharingRules

IntArray = npt.NDArray[np.int64]

GROUPS, LINKS = "sharing_groups.parquet", "sharing_links.parquet"
PROPOSAL_LINKS = "sharing_proposal_links.parquet"
STEP_MINUTES = 15


def work(context: StageContext) -> dict[str, Any]:
    """Settle the groups of a project, and propose others; see `Stage`."""
    project = context.project
    rules = read_sharing_rules(share_folder("data") / RULES_FOLDER, project.sharing.rule_id)
    quarters = read_quarters(context)
    unit, groups = whole_groups(context, quarters)
    table = use_table()
    prepared = prepare(quarters.year, quarters.planes, quarters.loads, table)
    terms = _terms(project, rules, quarters)
    settling = Settling(quarters, prepared, table, rules, terms)
    rows, links = [], []
    for group, settled in _settled(context, settling, unit, groups):
        rows.append(_group_row(group, settled, settling, project))
        links += _link_rows(group, settled, quarters)
    flats = apartment_buildings(quarters, table, project.privacy)
    write_geoparquet(flats, context.build / APARTMENTS)
    crs = quarters.buildings.crs
    frame = gpd.GeoDataFrame(rows, columns=_GROUP_COLUMNS, geometry="geometry", crs=crs)
    write_geoparquet(frame, context.build / GROUPS)
    lines = gpd.GeoDataFrame(links, columns=_LINK_COLUMNS, geometry="geometry", crs=crs)
    write_geoparquet(lines, context.build / LINKS)
    return {
        "perimeter": project.sharing.perimeter,
        "perimeter_in_rules": [p.id for p in rules_for(rules, project.sharing.perimeter)],
        "rule_id": rules.rule.id,
        "rule_valid_from": rules.rule.valid_from.isoformat(),
        "key": terms.key,
        "step_minutes": rules.settlement.step_minutes,
        "groups": len(frame),
        "links": len(lines),
        "buildings_in_no_group": int((unit < 0).sum()),
        "shared_kwh_optimal": float(frame["shared_kwh_optimal"].sum()),
        "shared_kwh_key": float(frame["shared_kwh_key"].sum()),
        "apartment_buildings": {str(k): int(n) for k, n in flats["size"].value_counts().items()},
        **_propose(context, settling),
    }


def _propose(context: StageContext, settling: Settling) -> dict[str, Any]:
    """Write the proposals and their links."""
    crs = settling.quarters.buildings.crs
    facts: dict[str, Any] = {}
    links: list[list[Any]] = []
    if context.project.sharing.finder.enabled:
        frame, links, facts = proposals(context, settling)
    else:
        frame = no_proposals(settling)
    write_geoparquet(frame, context.build / PROPOSALS)
    lines = gpd.GeoDataFrame(
        [[*row[:-1], shapely.LineString(row[-1])] for row in links],
        columns=_LINK_COLUMNS,
        geometry="geometry",
        crs=crs,
    )
    write_geoparquet(lines, context.build / PROPOSAL_LINKS)
    return {"finder": facts}


def _terms(project: Project, rules: SharingRules, quarters: Quarters) -> Terms:
    """Key and step of the rules, or the key that the project names."""
    sharing = project.sharing
    key = rules.settlement.default_key if sharing.key == "rule" else sharing.key
    use = quarters.buildings["use"].fillna("unknown").to_numpy(dtype=str)
    tier = np.full(len(use), len(sharing.cascade), dtype=np.int64)
    for k, name in enumerate(sharing.cascade):
        tier[use == name] = k
    return Terms(key, rules.settlement.step_minutes // STEP_MINUTES, tier, sharing.equal_shares)


def _settled(
    context: StageContext, settling: Settling, unit: IntArray, groups: list[Group]
) -> Iterator[tuple[Group, Settlement]]:
    """Settle each group over the year, one in memory at a time."""
    quarters = settling.quarters
    context.progress.start("sharing", len(groups))
    if context.project.sharing.perimeter == "building":
        yield from _settled_inside(settling, groups)
        return
    _, units = balance(quarters.year, quarters.planes, quarters.loads, unit, settling.table)
    for series in units:
        group = groups[series.unit]
        pair = (series, group.members)
        yield (
            group,
            share_group(
                quarters.year,
                settling.prepared,
                quarters.loads,
                pair,
                settling.table,
                settling.terms,
            ),
        )
        context.progress.advance()


def _settled_inside(settling: Settling, groups: list[Group]) -> Iterator[tuple[Group, Settlement]]:
    """Share inside each building: nothing is used before it is shared, and nothing links."""
    members = np.array([group.members[0] for group in groups], dtype=np.int64)
    inside = share_inside(settling.quarters, members, settling.table)
    key = inside.fixed_kwh if settling.terms.key == "fixed" else inside.optimal_kwh
    nobody = np.empty(0, dtype=np.int64)
    for i, group in enumerate(groups):
        moved = key[i : i + 1]
        yield (
            group,
            Settlement(
                float(inside.production_kwh[i]),
                float(inside.consumption_kwh[i]),
                0.0,
                float(inside.optimal_kwh[i]),
                float(inside.fixed_kwh[i]),
                float(key[i]),
                moved,
                moved,
                nobody,
                nobody,
                np.empty(0),
            ),
        )


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
    "shared_kwh_fixed",
    "key_gap_kwh",
    "self_consumption_before",
    "self_consumption_after",
    "self_sufficiency_before",
    "self_sufficiency_after",
    "geometry",
]
_LINK_COLUMNS = ["group_id", "from_building_id", "to_building_id", "kwh", "geometry"]


def _group_row(
    group: Group, settled: Settlement, settling: Settling, project: Project
) -> list[Any]:
    ids = settling.quarters.buildings["building_id"].to_numpy()[group.members]
    own, shared = settled.own_use_kwh, settled.shared_key_kwh
    return [
        group.group_id,
        project.sharing.perimeter,
        settling.rules.rule.id,
        settling.terms.key,
        group.zone_id,
        list(ids),
        settled.production_kwh,
        settled.consumption_kwh,
        own,
        settled.shared_optimal_kwh,
        shared,
        settled.shared_fixed_kwh,
        settled.shared_optimal_kwh - shared,
        _ratio(own, settled.production_kwh),
        _ratio(own + shared, settled.production_kwh),
        _ratio(own, settled.consumption_kwh),
        _ratio(own + shared, settled.consumption_kwh),
        group.geometry,
    ]


def _ratio(part: float, whole: float) -> float:
    """Return a share, NaN without a whole."""
    return part / whole if whole > 0 else float("nan")


def _link_rows(group: Group, settled: Settlement, quarters: Quarters) -> list[list[Any]]:
    ids = quarters.buildings["building_id"].to_numpy()[group.members]
    points = shapely.point_on_surface(quarters.buildings.geometry.to_numpy()[group.members])
    pairs = zip(settled.link_from, settled.link_to, settled.link_kwh, strict=True)
    return [
        [group.group_id, ids[i], ids[j], float(kwh), shapely.LineString([points[i], points[j]])]
        for i, j, kwh in pairs
    ]


def _inputs(project: Project, build: Path) -> list[Path]:
    data = share_folder("data")
    inputs = project.inputs
    given = [t.path for t in (inputs.sharing_areas, inputs.cabins) if t is not None]
    extra = [
        data / RULES_FOLDER / f"{project.sharing.rule_id}.toml",
        data / PRICES_FOLDER / f"{project.project.region.lower()}.toml",
        data / PRACTICE,
        build / "policy_zones.parquet",
        build / CONSTRAINTS,
        *(project.resolve(path) for path in given),
    ]
    return quarter_inputs(project, build) + [p for p in extra if p.exists()]


def _named(table: ZonesInput | CabinsInput | None) -> list[str | None]:
    """Layer and column of an input, which decide what is read from it."""
    return [] if table is None else [table.layer, table.id_column]


STAGE = Stage(
    name="sharing",
    inputs=_inputs,
    parameters=lambda project: {
        "sharing": project.sharing.model_dump(mode="json"),
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
        "region": project.project.region,
        "privacy": project.privacy.model_dump(mode="json"),
        "sharing_areas": _named(project.inputs.sharing_areas),
        "cabins": _named(project.inputs.cabins),
    },
    outputs=(GROUPS, LINKS, PROPOSALS, PROPOSAL_LINKS, APARTMENTS),
    work=work,
)
