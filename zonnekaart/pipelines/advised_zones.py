"""Advised zones of a project: judged zones merged, their figures added, their reasons counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from zonnekaart.geo.land import joined, shared_borders
from zonnekaart.geo.policyzones import PART_OF
from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.advised import LeastSize, Units, merged_units
from zonnekaart.zoning.indicators import sum_complete, sum_known
from zonnekaart.zoning.rules import SEVERITY_RANK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.config import Project

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

OUTPUT = "advised_zones.parquet"
KNOWN_SUMS = (
    "annual_yield_kwh",
    "annual_yield_low_kwh",
    "annual_yield_high_kwh",
    "capacity_kwp",
    "buildings",
)
"""Figures of roofs: unknown zones are left out of the sum, as unknown roofs are of a zone's."""
COMPLETE_SUMS = ("existing_kwp", "additional_kwp", "dwellings", "connections")
"""Figures that are unknown as soon as one zone's is."""
MOST_REASONS = 5

_SHARED = pa.struct(
    [
        ("rule_id", pa.string()),
        ("severity", pa.string()),
        ("zones", pa.int64()),
        ("of", pa.int64()),
    ]
)
COLUMN_TYPES: dict[str, pa.DataType] = {
    "member_zones": pa.list_(pa.string()),
    "member_classes": pa.list_(pa.string()),
    "shared_bottlenecks": pa.list_(_SHARED),
    "shared_opportunities": pa.list_(_SHARED),
}
"""Arrow types of the nested columns of ``advised_zones.parquet``."""


def advised_zones(zones: gpd.GeoDataFrame, project: Project) -> gpd.GeoDataFrame:
    """
    Merge judged zones into advised zones.

    Parameters
    ----------
    zones : GeoDataFrame
        Rows of ``zones.parquet``: demand is removed where it may not be shown.
    project : Project
        Its ``[zoning.advised]`` and ``[privacy]``.

    Returns
    -------
    GeoDataFrame
        The rows of ``advised_zones.parquet``; every zone is in exactly one.

    Notes
    -----
    All of it follows from what is shown of zones. The consumption is the sum over zones that show
    theirs, so nothing can be learned by subtracting them: the rest is 0, never a hidden zone.
    """
    zones = zones.reset_index(drop=True)
    figures = pd.DataFrame(list(zones["indicators"]), dtype=float)
    label, codes = _labels(zones, figures, project)
    order = _reading_order(zones, label, len(codes))
    sums = _sums(figures, zones["published"].to_numpy(dtype=np.bool_), label, len(codes))
    rows = [_row(zones, figures, np.flatnonzero(label == g), ZONE_CLASSES[codes[g]]) for g in order]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).join(
        pd.DataFrame({name: values[order] for name, values in sums.items()})
    )
    frame["name"] = _names(frame.pop("place"))
    shapes = [joined(zones.geometry.to_numpy()[label == g]) for g in order]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=zones.crs)


_COLUMNS = (
    "advised_id",
    "name",
    "zone_class",
    "confidence",
    "member_zones",
    "member_classes",
    "shared_bottlenecks",
    "shared_opportunities",
    "place",
)


def _labels(
    zones: gpd.GeoDataFrame, figures: pd.DataFrame, project: Project
) -> tuple[IntArray, IntArray]:
    """Return the advised zone of each zone, and the class of each advised zone."""
    shapes = zones.geometry.to_numpy()
    units = Units(
        keys=zones["zone_id"].astype(str).tolist(),
        zone_class=zones["zone_class"].map(ZONE_CLASSES.index).to_numpy(dtype=np.int64),
        probabilities=_probabilities(zones),
        connections=figures["connections"].to_numpy(dtype=np.float64),
        buildings=figures["buildings"].to_numpy(dtype=np.float64),
        area_m2=shapely.area(shapes),
        fixed=_set_by_hand(zones),
    )
    borders = shared_borders(shapes)
    table = project.zoning.advised
    least = LeastSize(
        max(project.privacy.k, table.min_connections),
        table.min_buildings,
        table.min_area_m2,
    )
    pairs = np.column_stack([borders.first, borders.second])
    return merged_units(units, pairs, borders.length_m, least)


def _probabilities(zones: pd.DataFrame) -> FloatArray:
    frame = pd.DataFrame(list(zones["class_probabilities"]), columns=list(ZONE_CLASSES))
    return frame.to_numpy(dtype=np.float64)


def _set_by_hand(zones: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell in which zones a person set the class."""
    cells = zones["overrides"] if "overrides" in zones else [()] * len(zones)
    return np.array([any(o["zone_class"] is not None for o in cell) for cell in cells], dtype=bool)


def _reading_order(zones: gpd.GeoDataFrame, label: IntArray, groups: int) -> IntArray:
    """Return groups as one reads a map: from the north-west on."""
    bounds = shapely.bounds(zones.geometry.to_numpy())
    north = np.full(groups, -np.inf)
    west = np.full(groups, np.inf)
    np.maximum.at(north, label, bounds[:, 3])
    np.minimum.at(west, label, bounds[:, 0])
    return np.lexsort((np.arange(groups), west, -north))


def _sums(
    figures: pd.DataFrame, shown: NDArray[np.bool_], label: IntArray, groups: int
) -> dict[str, FloatArray]:
    """Return figures that add up, per group."""
    values = {name: figures[name].to_numpy(dtype=np.float64) for name in figures.columns}
    known = {name: sum_known(values[name], label, groups) for name in KNOWN_SUMS}
    complete = {name: sum_complete(values[name], label, groups) for name in COMPLETE_SUMS}
    told = shown & ~np.isnan(values["consumption_kwh"])
    consumption = sum_known(np.where(told, values["consumption_kwh"], np.nan), label, groups)
    return {
        **known,
        **complete,
        "consumption_kwh": consumption,
        "zones": np.bincount(label, minlength=groups).astype(np.float64),
        "zones_with_demand": np.bincount(label[told], minlength=groups).astype(np.float64),
    }


def _row(
    zones: gpd.GeoDataFrame, figures: pd.DataFrame, members: IntArray, zone_class: str
) -> tuple[Any, ...]:
    """Return one advised zone in the order of `_COLUMNS`, without its sums."""
    chosen = zones.iloc[members].sort_values("zone_id")
    produced = np.nan_to_num(figures["annual_yield_kwh"].to_numpy(dtype=np.float64))[chosen.index]
    weight = produced if produced.sum() > 0.0 else np.ones(len(chosen))
    own = _probabilities(chosen)[:, ZONE_CLASSES.index(zone_class)]
    ids = chosen["zone_id"].astype(str).tolist()
    return (
        f"adv-{ids[0]}",
        "",
        zone_class,
        float(np.average(own, weights=weight)),
        ids,
        chosen["zone_class"].tolist(),
        _shared(chosen["bottlenecks"]),
        _shared(chosen["opportunities"]),
        _place(chosen["name"], weight),
    )


def _shared(cells: pd.Series[Any]) -> list[dict[str, Any]]:
    """Return the rules that most zones have, and in how many they fired."""
    fired = [row for cell in cells for row in cell]
    count = Counter(row["rule_id"] for row in fired)
    severity = {row["rule_id"]: row["severity"] for row in fired}
    ranked = sorted(count, key=lambda r: (-count[r], -SEVERITY_RANK[severity[r]], r))
    return [
        {"rule_id": rule, "severity": severity[rule], "zones": count[rule], "of": len(cells)}
        for rule in ranked[:MOST_REASONS]
    ]


def _place(names: pd.Series[str], weight: FloatArray) -> str:
    """Return the one or two areas or streets that yield most."""
    places = pd.Series(weight).groupby([str(name).split(PART_OF)[0] for name in names]).sum()
    ranked = sorted(places.index, key=lambda place: (-places[place], place))
    return " – ".join(ranked[:2])


def _names(places: pd.Series[str]) -> list[str]:
    """Return names that differ: a number where several lie in one place."""
    total = Counter(places)
    seen: Counter[str] = Counter()
    names = []
    for place in places:
        seen[place] += 1
        several = total[place] > 1
        names.append(f"{place}{PART_OF}gebied {seen[place]}" if several else place)
    return names
