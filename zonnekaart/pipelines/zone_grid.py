"""From cabins to zones: the headroom that stage zoning judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.energy.cabin_shares import Cabins, Served, zone_headroom
from zonnekaart.energy.hosting import Range, ZoneSolar
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.vector import read_geoparquet, read_metadata, read_parquet
from zonnekaart.pipelines.mv_capacity import mv_headroom
from zonnekaart.pipelines.zone_figures import Frames, ZoneGrid, numbers, zone_balance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.config import Project
    from zonnekaart.energy.hosting import CabinAssumptions
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.pipelines.runs import StageContext

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

CABIN_AREAS, CABIN_MEMBERS = "cabin_areas.parquet", "cabin_members.parquet"
ESTIMATED, OPERATOR_RATING, OPERATOR_HEADROOM = (
    "estimated",
    "operator_rating",
    "operator_headroom",
)
"""Where the headroom of a cabin comes from."""
HEADROOM = "headroom"
"""Key of the assumptions in the metadata of ``cabin_areas.parquet``."""
SHARED = ("connections", "own_kva", "own_existing_kwp", "own_unknown_kwp")
"""What `Served` sums over the buildings of ``cabin_members.parquet``."""


def assumptions(project: Project, rules: RuleFile) -> CabinAssumptions:
    """
    Return what is assumed of cabins: by ``[grid] method``, else by the rule file's own method.

    Raises
    ------
    ConfigError
        If the rule file has no such method.
    """
    method = project.grid.method
    if method is None:
        return rules.cabins
    if method not in rules.methods:
        raise ConfigError(
            f"{project.path}: grid.method",
            repr(method),
            f"one of: {', '.join(rules.methods)}",
            "correct the name, or add the method to [headroom.methods] of the rule file",
        )
    return rules.methods[method]


def require_same_headroom(context: StageContext, rules: RuleFile) -> None:
    """
    Refuse to show areas of cabins that were reckoned by other rules than the zones.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    rules : RuleFile
        By which the zones are judged.

    Raises
    ------
    NotBuiltError
        If stage grid has run with another method or other assumptions.
    """
    path = context.built(CABIN_AREAS, "grid")
    if read_metadata(path).get(HEADROOM) != repr(assumptions(context.project, rules)):
        raise NotBuiltError(
            f"{path} for these rules", "zonnekaart run ... --stage grid --stage zoning"
        )


def zone_grid(
    context: StageContext, frames: Frames, assumed: CabinAssumptions, factor: float = 1.0
) -> ZoneGrid:
    """
    Return the room on the grid that serves each zone.

    Parameters
    ----------
    context : StageContext
        Project and build folder, where stage grid has written.
    frames : Frames
        Zones, buildings, balance.
    assumed : CabinAssumptions
        Shares of rating and load.
    factor : float
        A scenario's cabins: their rating (or given headroom) is so many times today's. [-]

    Raises
    ------
    NotBuiltError
        If stage grid has not run.
    """
    areas = read_geoparquet(context.built(CABIN_AREAS, "grid"))
    members = read_parquet(context.built(CABIN_MEMBERS, "grid"))
    served = served_zones(frames, members, areas["cabin_id"])
    load = numbers(zone_balance(frames), "min_load_sunny_kw")
    return ZoneGrid(
        headroom=zone_headroom(served, cabins_of(areas, factor), load, assumed),
        mv_headroom_kw=mv_headroom(context.project, frames.zones.geometry.to_numpy()),
        from_operator=_from_operator(served, areas, len(frames.zones)),
    )


def served_zones(frames: Frames, members: pd.DataFrame, cabin_ids: pd.Series[str]) -> Served:
    """
    Return which cabin serves which zone.

    Parameters
    ----------
    frames : Frames
        Buildings and zones.
    members : DataFrame
        As ``cabin_members.parquet``.
    cabin_ids : Series of str
        Cabins in their order.
    """
    zone_of_building = frames.buildings.set_index("building_id")["zone_id"]
    pairs = members[list(SHARED)].assign(
        cabin=pd.Index(cabin_ids).get_indexer(pd.Index(members["cabin_id"])),
        zone=frames.zone_of(members["building_id"].map(zone_of_building)),
    )
    sums = pairs.groupby(["cabin", "zone"], sort=True).sum().reset_index()
    return Served(
        cabin=sums["cabin"].to_numpy(np.int64),
        zone=sums["zone"].to_numpy(np.int64),
        **{name: numbers(sums, name) for name in SHARED},
    )


def cabins_of(areas: pd.DataFrame, factor: float = 1.0) -> Cabins:
    """Return the cabins of ``cabin_areas.parquet`` as arrays, `factor` times as large."""
    names = ("rated_low_kva", "rated_kva", "rated_high_kva")
    return Cabins(
        rating=Range(*(factor * numbers(areas, name) for name in names)),
        solar=ZoneSolar(
            capacity_kwp=numbers(areas, "capacity_kwp"),
            existing_kwp=numbers(areas, "existing_kwp"),
            unknown_kwp=numbers(areas, "unknown_panels_kwp"),
            pv_peak_kw=numbers(areas, "pv_peak_kw"),
            min_load_sunny_kw=np.full(len(areas), np.nan),
        ),
        given_kw=factor * numbers(areas, "given_headroom_kw"),
    )


def _from_operator(served: Served, areas: pd.DataFrame, zones: int) -> BoolArray:
    """Tell where nothing of a zone's headroom rests on an estimated rating."""
    guess = (areas["headroom_source"] == ESTIMATED).to_numpy(dtype=np.bool_)
    on_grid = (served.zone >= 0) & ((served.connections > 0) | (served.own_kva > 0))
    guessed = np.zeros(zones, dtype=np.bool_)
    guessed[served.zone[on_grid & guess[served.cabin]]] = True
    seen = np.zeros(zones, dtype=np.bool_)
    seen[served.zone[on_grid]] = True
    return seen & ~guessed
