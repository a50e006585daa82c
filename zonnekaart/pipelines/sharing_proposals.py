"""Groups proposed for a municipality: what they share, how easily they start, what they save."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from zonnekaart.energy.balance import balance
from zonnekaart.energy.groups import Limits, propose, signatures
from zonnekaart.energy.sharing import Settlement, Terms, share_group
from zonnekaart.pipelines.building_sharing import share_inside
from zonnekaart.pipelines.sharing_perimeters import (
    annual_production,
    outline,
    reach_of,
    taking_part,
)
from zonnekaart.pipelines.sharing_value import Judge, judge_of, value_of

if TYPE_CHECKING:
    from zonnekaart.config import PrivacyTable
    from zonnekaart.energy.series import Prepared
    from zonnekaart.energy.variation import UseTable
    from zonnekaart.io.sharing_rules import Perimeter, SharingRules
    from zonnekaart.pipelines.quarters import Quarters
    from zonnekaart.pipelines.runs import StageContext

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PROPOSALS = "sharing_proposals.parquet"


@dataclass(frozen=True)
class Settling:
    """
    What settles every group of a project.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand.
    prepared : Prepared
        The same, laid out for the kernels.
    table : UseTable
        Expected own use.
    rules : SharingRules
        Rule set of the project.
    terms : Terms
        Key and step.
    """

    quarters: Quarters
    prepared: Prepared
    table: UseTable
    rules: SharingRules
    terms: Terms


def rules_for(rules: SharingRules, perimeter: str) -> list[Perimeter]:
    """
    Return the perimeters of a rule set that a drawn perimeter falls under, for different holders.

    Parameters
    ----------
    rules : SharingRules
        Rule set.
    perimeter : str
        Of the project. Buildings within a distance of each other are also within that distance of
        the plant among them.
    """
    models = ("pair_distance", "radius") if perimeter == "pair_distance" else (perimeter,)
    found = {p.id: p for model in models for p in rules.perimeters_for(model)}
    return [p for p in found.values() if not p.same_holder]


def proposals(
    context: StageContext, settling: Settling
) -> tuple[gpd.GeoDataFrame, list[list[Any]], dict[str, Any]]:
    """
    Propose groups: first inside buildings of several homes, then among neighbours.

    Parameters
    ----------
    context : StageContext
        Project, build folder, progress.
    settling : Settling
        What settles the groups.

    Returns
    -------
    groups : GeoDataFrame
        One row per proposal, best first; internal, because groups are small.
    links : list of list
        Group, giver, receiver, kWh and line of each link.
    facts : dict
        For the manifest.
    """
    judge = judge_of(context, settling.quarters)
    rows = _inside_rows(context, settling, judge)
    unit, covered = _search(context, settling)
    settled, links = _settle(context, settling, unit)
    finder = context.project.sharing.finder
    for members, outcome in settled:
        base = _energy(members, outcome, settling)
        value = value_of(members, outcome.given_kwh, outcome.received_kwh, judge)
        rows.append({"kind": "group", "perimeter": finder.perimeter, **base, **value})
    frame = _ranked(rows, settling, covered=bool(covered))
    ids = {tuple(row): name for row, name in zip(frame["members"], frame["group_id"], strict=True)}
    names = settling.quarters.buildings["building_id"].to_numpy()
    named = [ids[tuple(names[members])] for members, _ in settled]
    lines = [[named[k], *rest] for k, *rest in links]
    geo = gpd.GeoDataFrame(frame, geometry="geometry", crs=settling.quarters.buildings.crs)
    return geo, lines, _facts(geo, covered, judge)


def no_proposals(settling: Settling) -> gpd.GeoDataFrame:
    """Return a table of proposals without rows."""
    frame = _ranked([], settling, covered=False)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=settling.quarters.buildings.crs)


def _facts(frame: pd.DataFrame, covered: list[str], judge: Judge) -> dict[str, Any]:
    kinds = frame["kind"].value_counts()
    return {
        "proposals_inside_buildings": int(kinds.get("building", 0)),
        "proposals_of_groups": int(kinds.get("group", 0)),
        "proposed_shared_kwh": float(frame["shared_kwh_key"].sum()),
        "perimeter_in_rules": covered,
        "prices": None if judge.prices is None else judge.prices.prices.region,
    }


def _search(context: StageContext, settling: Settling) -> tuple[IntArray, list[str]]:
    """Find groups on the signatures; also the perimeters of the rules that cover them."""
    quarters = settling.quarters
    finder = context.project.sharing.finder
    covering = rules_for(settling.rules, finder.perimeter)
    size = finder.max_members
    if covering and all(p.max_receivers == 1 for p in covering):
        size = 2
    part = taking_part(quarters, annual_production(quarters))
    signature = signatures(quarters.year, settling.prepared, quarters.loads)
    need = signature.load_kwh.sum(axis=1, dtype=np.float64)
    reach = reach_of(context, quarters, part, need)
    limits = [p.max_distance_m for p in covering if p.max_distance_m is not None]
    if limits and len(limits) == len(covering):
        reach = replace(reach, limit_m=min(reach.limit_m, max(limits)))
    bounds = Limits(size, finder.min_gain_kwh, starts=finder.starts)
    unit, _ = propose(signature, reach, bounds, settling.table)
    return unit, [p.id for p in covering]


def _settle(
    context: StageContext, settling: Settling, unit: IntArray
) -> tuple[list[tuple[IntArray, Settlement]], list[list[Any]]]:
    """Settle the groups found over the whole year."""
    quarters = settling.quarters
    order = np.argsort(unit, kind="stable")
    count = int(unit.max(initial=-1)) + 1
    first = np.searchsorted(unit[order], np.arange(count + 1))
    _, units = balance(quarters.year, quarters.planes, quarters.loads, unit, settling.table)
    context.progress.start("proposals", count)
    settled: list[tuple[IntArray, Settlement]] = []
    links: list[list[Any]] = []
    ids = quarters.buildings["building_id"].to_numpy()
    points = quarters.buildings.geometry.representative_point().to_numpy()
    for series in units:
        members = np.sort(order[first[series.unit] : first[series.unit + 1]])
        group = (series, members)
        outcome = share_group(
            quarters.year, settling.prepared, quarters.loads, group, settling.table, settling.terms
        )
        settled.append((members, outcome))
        flows = zip(outcome.link_from, outcome.link_to, outcome.link_kwh, strict=True)
        for i, j, kwh in flows:
            a, b = members[i], members[j]
            links.append([len(settled) - 1, ids[a], ids[b], float(kwh), (points[a], points[b])])
        context.progress.advance()
    return settled, links


def _energy(members: IntArray, outcome: Settlement, settling: Settling) -> dict[str, Any]:
    shapes = settling.quarters.buildings.geometry.to_numpy()[members]
    return {
        "members": list(settling.quarters.buildings["building_id"].to_numpy()[members]),
        "production_kwh": outcome.production_kwh,
        "consumption_kwh": outcome.consumption_kwh,
        "own_use_kwh": outcome.own_use_kwh,
        "shared_kwh_optimal": outcome.shared_optimal_kwh,
        "shared_kwh_key": outcome.shared_key_kwh,
        "geometry": outline(shapes),
    }


def _inside_rows(context: StageContext, settling: Settling, judge: Judge) -> list[dict[str, Any]]:
    """Rows of buildings with several homes and a roof; what they share, they share inside."""
    quarters = settling.quarters
    produced = annual_production(quarters)
    part = taking_part(quarters, produced) & judge.several_homes & (produced > 0)
    chosen = np.flatnonzero(part & (judge.connections.sum(axis=1) >= 2))
    inside = share_inside(quarters, chosen, settling.table)
    key = inside.fixed_kwh if settling.terms.key == "fixed" else inside.optimal_kwh
    rows = []
    for i, b in enumerate(chosen):
        outcome = {
            "members": [quarters.buildings["building_id"].iloc[b]],
            "production_kwh": float(inside.production_kwh[i]),
            "consumption_kwh": float(inside.consumption_kwh[i]),
            "own_use_kwh": 0.0,
            "shared_kwh_optimal": float(inside.optimal_kwh[i]),
            "shared_kwh_key": float(key[i]),
            "geometry": quarters.buildings.geometry.iloc[b],
        }
        one = np.array([b])
        value = value_of(one, key[i : i + 1], key[i : i + 1], judge)
        rows.append({"kind": "building", "perimeter": "building", **outcome, **value})
    context.progress.note(f"sharing: {len(rows)} buildings of several homes")
    return rows


_COLUMNS = (
    "group_id",
    "rank",
    "kind",
    "perimeter",
    "rule_id",
    "key",
    "under_rules",
    "members",
    "buildings",
    "connections",
    "largest_user_share",
    "production_kwh",
    "consumption_kwh",
    "own_use_kwh",
    "shared_kwh_optimal",
    "shared_kwh_key",
    "key_gap_kwh",
    "self_consumption_before",
    "self_consumption_after",
    "self_sufficiency_before",
    "self_sufficiency_after",
    "received_by_homes_share",
    "household_savings_low_eur",
    "household_savings_high_eur",
    "doability",
    "doability_reasons",
    "rank_shared",
    "rank_doability",
    "rank_savings",
    "geometry",
)


def _ranked(rows: list[dict[str, Any]], settling: Settling, *, covered: bool) -> pd.DataFrame:
    """Order the proposals by the mean of their three ranks; money counts where it is known."""
    frame = pd.DataFrame(rows, columns=[c for c in _COLUMNS if not rows or c in rows[0]])
    inside = [bool(settling.rules.perimeters_for("building"))] * len(frame)
    frame["under_rules"] = np.where(frame["kind"] == "building", inside, covered).astype(bool)
    frame["rule_id"], frame["key"] = settling.rules.rule.id, settling.terms.key
    frame["buildings"] = frame["members"].map(len).astype(np.int64)
    shared = frame["shared_kwh_key"].astype(float)
    frame["key_gap_kwh"] = frame["shared_kwh_optimal"].astype(float) - shared
    own = frame["own_use_kwh"].astype(float)
    for name, whole in (("consumption", "production_kwh"), ("sufficiency", "consumption_kwh")):
        total = frame[whole].astype(float)
        total = total.where(total > 0)
        frame[f"self_{name}_before"] = own / total
        frame[f"self_{name}_after"] = (own + shared) / total
    frame["rank_shared"] = shared.rank(ascending=False, method="min")
    frame["rank_doability"] = frame["doability"].astype(float).rank(ascending=False, method="min")
    money = frame["household_savings_low_eur"].astype(float)
    frame["rank_savings"] = money.rank(ascending=False, method="min")
    ranks = frame[["rank_shared", "rank_doability", "rank_savings"]].mean(axis=1)
    frame = frame.iloc[np.lexsort((-shared, ranks))].reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["group_id"] = [f"proposal-{k:05d}" for k in frame["rank"]]
    return frame[list(_COLUMNS)]


def open_proposals(frame: pd.DataFrame, privacy: PrivacyTable) -> pd.Series[bool]:
    """Tell which proposals are large and mixed enough to speak of; arguments as below."""
    large = (frame["connections"] >= privacy.k) & (frame["buildings"] >= privacy.min_buildings)
    return large & (frame["largest_user_share"] <= privacy.dominance)


def shown_proposals(frame: pd.DataFrame, privacy: PrivacyTable) -> pd.DataFrame:
    """
    Return what may be told of proposals: energy and money only of large, mixed groups.

    Parameters
    ----------
    frame : DataFrame
        From ``sharing_proposals.parquet``.
    privacy : PrivacyTable
        Least connections and buildings, and largest share of one building.

    Returns
    -------
    DataFrame
        Rank, members, doability; shared energy in whole MWh and savings in hundreds of euro, NaN
        where they would speak of too few. Order by rank tells little of any one of them.
    """
    open_ = open_proposals(frame, privacy)
    kept = ["group_id", "rank", "kind", "perimeter", "under_rules", "buildings", "connections"]
    told = frame[[*kept, "doability"]].copy()
    told["shared_mwh"] = (frame["shared_kwh_key"] / 1000).round().where(open_)
    for name in ("household_savings_low_eur", "household_savings_high_eur"):
        told[name] = frame[name].round(-2).where(open_)
    told["connections"] = told["connections"].round()
    told["doability"] = told["doability"].round(2)
    told["members"] = frame["members"].map(", ".join)
    return told
