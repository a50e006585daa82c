"""Sharing groups narrowed to what may be shown beside the figures of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.io.publishable import DEMAND_FIGURES
from zonnekaart.io.vector import read_geoparquet, read_parquet
from zonnekaart.zoning.privacy import Parts, PrivacyRule, shown_groups

if TYPE_CHECKING:
    import geopandas as gpd

    from zonnekaart.pipelines.runs import StageContext

PARTS_COLUMNS = [
    "building_id",
    "zone_id",
    "consumption_kwh",
    "residential_kwh",
    "non_residential_kwh",
    "connections",
    "residential_connections",
]


def without_small_groups(groups: gpd.GeoDataFrame, context: StageContext) -> gpd.GeoDataFrame:
    """
    Make the figures of groups unknown where they would speak of too few, alone or by subtraction.

    Parameters
    ----------
    groups : GeoDataFrame
        ``sharing_groups`` with ``members``.
    context : StageContext
        Project and build folder.

    Returns
    -------
    GeoDataFrame
        The same rows.
    """
    zones = read_geoparquet(context.built("zones.parquet", "zoning"))
    demand = read_parquet(context.built("demand.parquet", "demand"), columns=PARTS_COLUMNS)
    privacy = context.project.privacy
    place = pd.Index(zones["zone_id"].astype(str))
    member = {
        str(building): number
        for number, buildings in enumerate(groups["members"])
        for building in buildings
    }
    numbered = demand["building_id"].astype(str).map(member).fillna(-1)
    group = np.asarray(numbered, dtype=np.int64)
    shown = shown_groups(
        building_parts(demand, place),
        group,
        zones["published"].to_numpy(dtype=np.bool_),
        PrivacyRule(privacy.k, privacy.dominance, privacy.min_buildings),
    )
    # A group whose members are all unknown to the demand stage shows nothing.
    visible = np.zeros(len(groups), dtype=np.bool_)
    visible[: len(shown)] = shown
    frame = groups.copy()
    for name in DEMAND_FIGURES & set(frame.columns):
        frame[name] = frame[name].astype(float).where(pd.Series(visible, index=frame.index))
    return frame


def building_parts(demand: pd.DataFrame, zones: pd.Index[str]) -> Parts:
    """
    Return one piece per building, for the privacy rule.

    Parameters
    ----------
    demand : DataFrame
        With the columns `PARTS_COLUMNS`.
    zones : Index of str
        Ids of the zones, by position.
    """
    numbers = {
        name: pd.to_numeric(demand[name], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for name in PARTS_COLUMNS[2:]
    }
    homes = np.fmax(numbers["residential_connections"], 1.0)
    largest = np.fmax(numbers["residential_kwh"] / homes, numbers["non_residential_kwh"])
    return Parts(
        zone=zones.get_indexer(pd.Index(demand["zone_id"].astype(object).astype(str))).astype(
            np.int64
        ),
        area=np.full(len(demand), -1, dtype=np.int64),
        consumption_kwh=numbers["consumption_kwh"],
        largest_kwh=largest,
        connections=numbers["connections"],
        buildings=(numbers["consumption_kwh"] > 0.0).astype(np.float64),
    )
