"""Stage ``economics``: what new panels cost and bring, per zone and owner type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.io.economics import Tariffs, read_tariffs, tariffs_path
from zonnekaart.io.vector import read_geoparquet, read_parquet, write_parquet
from zonnekaart.pipelines.constraints import constraint_files, with_constraints
from zonnekaart.pipelines.load_profiles import profile_titles
from zonnekaart.pipelines.owner_types import ROOF_COLUMNS, SIZINGS, UNKNOWN, Stock, stock_of
from zonnekaart.pipelines.panel_money import group_money, rounded, tariff_facts
from zonnekaart.pipelines.publishing.groups import PARTS_COLUMNS, building_parts
from zonnekaart.pipelines.quarters import quarter_inputs, read_quarters
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.zoning.privacy import PrivacyRule, shown_groups

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

Key = tuple[str, str]
"""Zone and owner type."""
OUTPUT = "zone_economics.parquet"
FOLDER = "economics"
_MONEY = tuple(
    f"{stem}{end}_{unit}"
    for stem, unit in (("investment", "eur"), ("yearly_benefit", "eur"), ("payback", "years"))
    for end in ("_low", "", "_high")
)
_FIGURES = ("capacity_kwp", "saved_kwh", "injected_kwh", *_MONEY, "net_present_value_eur")
COLUMNS = (
    "zone_id",
    "owner_type",
    "sizing",
    "buildings",
    *_FIGURES,
    "tariff_ids",
    "tariff_from",
    "owner_assumed",
    "reason",
)


def work(context: StageContext) -> dict[str, Any]:
    """Work out the money of every zone and owner type of a project; see `Stage`."""
    project = context.project
    zones = read_geoparquet(context.built("zones.parquet", "zoning"))
    tariffs = read_tariffs(share_folder("data") / FOLDER, project.project.region)
    quarters = read_quarters(context)
    stock = stock_of(
        quarters,
        with_constraints(quarters.buildings, context.build),
        read_parquet(context.built("roof_planes.parquet", "roofs"), ROOF_COLUMNS),
        assume_private_homes=project.economics.assume_private_homes,
    )
    demand = read_parquet(context.built("demand.parquet", "demand"), columns=PARTS_COLUMNS)
    demand = demand.set_index("building_id").reindex(quarters.buildings["building_id"])
    rule = PrivacyRule(project.privacy.k, project.privacy.dominance, project.privacy.min_buildings)
    groups = group_members(stock, tariffs)
    shown = shown_money(tellable(groups, tariffs), groups, demand.reset_index(), zones, rule)
    rows = []
    for key, members in groups.items():
        rows += zone_rows(key, members, stock, tariffs, shown=key in shown)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    write_parquet(frame, context.build / OUTPUT)
    told = frame["payback_years"].notna()
    return {
        "rows": len(frame),
        "with_figures": int(told.sum()),
        "reasons": frame.loc[~told, "reason"].value_counts().to_dict(),
        "tariffs": [] if tariffs is None else [t.id for t in tariffs.tariffs],
    }


def group_members(stock: Stock, tariffs: Tariffs | None) -> dict[Key, IntArray]:
    """
    Return the members of each zone and owner type.

    Only bare roofs of known capacity count, and of a type with a tariff only roofs within its
    largest size: the same buildings for both sizings.
    """
    place = pd.Series(stock.zone_id).notna() & pd.Series(stock.owner_type).notna()
    counts = place.to_numpy() & stock.bare & (stock.roof_kwp > 0.0)
    found: dict[Key, IntArray] = {}
    table = pd.DataFrame({"zone": stock.zone_id, "type": stock.owner_type})[counts]
    for (zone, kind), rows in table.groupby(["zone", "type"], sort=True):
        members = rows.index.to_numpy(dtype=np.int64)
        bands = [] if tariffs is None else tariffs.bands(str(kind))
        if bands:
            inside = stock.roof_kwp[members] <= bands[-1].up_to_kwp
            members = members[inside] if inside.any() else members
        found[(str(zone), str(kind))] = members
    return found


def tellable(groups: dict[Key, IntArray], tariffs: Tariffs | None) -> list[Key]:
    """Return the groups that have a tariff: the others show no figure whoever is in them."""
    return [k for k in groups if tariffs is not None and tariffs.bands(k[1])]


def shown_money(
    keys: list[Key],
    groups: dict[Key, IntArray],
    demand: pd.DataFrame,
    zones: pd.DataFrame,
    rule: PrivacyRule,
) -> set[Key]:
    """
    Return the groups that may show what rests on demand.

    Parameters
    ----------
    keys : list of tuple of str
        Groups that would show figures.
    groups : dict of tuple of str to ndarray of int64
        Positions of their buildings in `demand`.
    demand : DataFrame
        With `PARTS_COLUMNS`, one row per building.
    zones : DataFrame
        ``zone_id`` and ``published``.
    rule : PrivacyRule
        What every shown or derivable total must satisfy.
    """
    group = np.full(len(demand), -1, dtype=np.int64)
    for number, key in enumerate(keys):
        group[groups[key]] = number
    parts = building_parts(demand, pd.Index(zones["zone_id"].astype(str)))
    shown = shown_groups(parts, group, zones["published"].to_numpy(dtype=np.bool_), rule)
    return {key for key, visible in zip(keys, shown, strict=True) if visible}


def _why_not(
    kind: str, roof_kwp: FloatArray, tariffs: Tariffs | None, *, shown: bool
) -> str | None:
    """Return why a group gets no figures; None when it gets them."""
    if kind == UNKNOWN:
        return "owner_unknown"
    bands = [] if tariffs is None else tariffs.bands(kind)
    if not bands:
        return "no_tariff"
    if (roof_kwp > bands[-1].up_to_kwp).any():
        return "no_tariff_for_size"
    return None if shown else "too_few"


def zone_rows(
    key: Key, members: IntArray, stock: Stock, tariffs: Tariffs | None, *, shown: bool
) -> list[dict[str, Any]]:
    """
    Return the rows of one zone and owner type: one per sizing, or one that says why not.

    Parameters
    ----------
    key : tuple of str
        Zone and owner type.
    members : ndarray of int64
        Positions of the buildings.
    stock : Stock
        All buildings.
    tariffs : Tariffs or None
        None where none are known.
    shown : bool
        True where the privacy rule lets the group's demand be seen.
    """
    zone, kind = key
    reason = _why_not(kind, stock.roof_kwp[members], tariffs, shown=shown)
    row: dict[str, Any] = dict.fromkeys(_FIGURES, np.nan) | {
        "zone_id": zone,
        "owner_type": kind,
        "sizing": SIZINGS[0],
        "buildings": len(members),
        "capacity_kwp": round(float(stock.roof_kwp[members].sum()), 1),
        "tariff_ids": [],
        "tariff_from": None,
        "owner_assumed": bool(stock.assumed[members].any()),
        "reason": reason,
    }
    if reason is not None or tariffs is None:
        return [row]
    bands, found = tariffs.bands(kind), []
    for sizing in SIZINGS:
        made = stock.made[sizing].of(members)
        figures = group_money(made, bands, tariffs)
        if np.isnan(figures["saved_kwh"]):
            return [row | {"reason": "demand_unknown"}]
        found.append(
            row | {"sizing": sizing} | rounded(figures) | tariff_facts(made.capacity_kwp, bands)
        )
    return found


def _inputs(project: Project, build: Path) -> list[Path]:
    tariffs = tariffs_path(share_folder("data") / FOLDER, project.project.region)
    own = [tariffs] if tariffs.is_file() else []
    zones = build / "zones.parquet"
    return [*quarter_inputs(project, build), *constraint_files(build), zones, *own]


STAGE = Stage(
    name="economics",
    inputs=_inputs,
    parameters=lambda project: {
        "economics": project.economics.model_dump(mode="json"),
        "privacy": project.privacy.model_dump(mode="json"),
        "profile_year": project.demand.profile_year,
        "weather": project.inputs.weather.reading,
        "profiles": profile_titles(project),
        "region": project.project.region,
    },
    outputs=(OUTPUT,),
    work=work,
)
