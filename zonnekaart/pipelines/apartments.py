"""Apartment buildings: roof share per flat, what sharing brings by size, barriers and steps.

A building's own consumption is private and never stands here. What sharing brings is told per size
class, over all buildings of that class together, and only when enough connections stand behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.building_sharing import known_flats, share_inside
from zonnekaart.pipelines.quarters import known_numbers
from zonnekaart.pipelines.sharing_perimeters import annual_production, taking_part
from zonnekaart.zoning.privacy import PrivacyRule

if TYPE_CHECKING:
    from zonnekaart.config import PrivacyTable
    from zonnekaart.energy.variation import UseTable
    from zonnekaart.pipelines.quarters import Quarters

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

APARTMENTS = "apartment_buildings.parquet"
SIZES = {"small": (2, 8), "medium": (9, 19), "large": (20, 10_000)}
"""Flats per size class, as the experience matrix proposes them (research, inferred)."""
_TO_PERCENT = 100.0


def size_class(dwellings: FloatArray) -> npt.NDArray[np.str_]:
    """
    Return the size class of buildings by their flats.

    Parameters
    ----------
    dwellings : ndarray of float64
        Flats; NaN when unknown.

    Returns
    -------
    ndarray of str
        ``small``, ``medium``, ``large``, or ``none`` below two flats or when unknown.

    Examples
    --------
    >>> size_class(np.array([1.0, 2.0, 9.0, 40.0, np.nan])).tolist()
    ['none', 'small', 'medium', 'large', 'none']
    """
    found = np.full(len(dwellings), "none", dtype="<U6")
    for name, (low, high) in SIZES.items():
        found[(dwellings >= low) & (dwellings <= high)] = name
    return found


def apartment_buildings(
    quarters: Quarters, table: UseTable, privacy: PrivacyTable
) -> gpd.GeoDataFrame:
    """
    Describe the buildings of several flats.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand.
    table : UseTable
        Expected own use.
    privacy : PrivacyTable
        Least connections, least buildings and largest share of one building behind a figure.

    Returns
    -------
    GeoDataFrame
        One row per building; figures of demand are those of its size class, NaN where the class
        is too small to be shown. Nothing in a row depends on the consumption of that building
        alone.
    """
    buildings = quarters.buildings
    dwellings = known_flats(buildings)
    size = size_class(dwellings)
    chosen = np.flatnonzero(size != "none")
    frame = gpd.GeoDataFrame(
        {
            "building_id": buildings["building_id"].to_numpy()[chosen],
            "zone_id": buildings["zone_id"].to_numpy()[chosen],
            "size": size[chosen],
            "dwellings": dwellings[chosen],
            "roof_area_m2": known_numbers(buildings, "roof_area_m2")[chosen],
            "capacity_kwp": known_numbers(buildings, "capacity_kwp")[chosen],
            "annual_yield_kwh": annual_production(quarters)[chosen],
        },
        geometry=buildings.geometry.to_numpy()[chosen],
        crs=buildings.crs,
    )
    for name in ("roof_area_m2", "capacity_kwp", "annual_yield_kwh"):
        frame[f"{name.rsplit('_', 1)[0]}_per_flat_{name.rsplit('_', 1)[1]}"] = (
            frame[name] / frame["dwellings"]
        )
    classes = class_figures(quarters, table, privacy, size)
    return frame.merge(classes, on="size", how="left")


def class_figures(
    quarters: Quarters, table: UseTable, privacy: PrivacyTable, size: npt.NDArray[np.str_]
) -> pd.DataFrame:
    """
    Tell what sharing brings per size class.

    Parameters
    ----------
    quarters : Quarters
        Supply and demand.
    table : UseTable
        Expected own use.
    privacy : PrivacyTable
        What may be shown.
    size : ndarray of str, shape (buildings,)
        From `size_class`.

    Returns
    -------
    DataFrame
        One row per class: share of the yield that the flats use under a fixed key and at best, and
        share of their use that this covers, in whole percent as a ratio. NaN where fewer
        connections or buildings than the privacy rule asks stand behind it, or one building
        dominates.
    """
    part = taking_part(quarters, annual_production(quarters))
    rows = []
    for name in SIZES:
        members = np.flatnonzero((size == name) & part)
        inside = share_inside(quarters, members, table)
        energy = inside.consumption_kwh
        connections = np.nan_to_num(quarters.loads.connections[members]).sum()
        shown = may_show(energy, float(connections), privacy)
        produced, used = float(inside.production_kwh.sum()), float(energy.sum())
        fixed, best = float(inside.fixed_kwh.sum()), float(inside.optimal_kwh.sum())
        rows.append(
            {
                "size": name,
                "class_buildings": len(members),
                "class_yield_used_fixed": _ratio(fixed, produced, shown=shown),
                "class_yield_used_best": _ratio(best, produced, shown=shown),
                "class_use_covered_fixed": _ratio(fixed, used, shown=shown),
                "class_use_covered_best": _ratio(best, used, shown=shown),
            }
        )
    return pd.DataFrame(rows)


def may_show(energy_kwh: FloatArray, connections: float, privacy: PrivacyTable) -> bool:
    """
    Tell whether a sum over buildings may be shown.

    Parameters
    ----------
    energy_kwh : ndarray of float64, shape (buildings,)
        Consumption; NaN when unknown. [kWh]
    connections : float
        Connections behind it. [-]
    privacy : PrivacyTable
        Rule of the project. A whole building stands for its largest user: the safe side.
    """
    rule = PrivacyRule(privacy.k, privacy.dominance, privacy.min_buildings)
    using = energy_kwh[energy_kwh > 0]
    if np.isnan(energy_kwh).any() or len(using) < rule.min_buildings or connections < rule.k:
        return False
    return bool(using.max() <= rule.dominance * using.sum())


def _ratio(part: float, whole: float, *, shown: bool) -> float:
    if not shown or not whole > 0:
        return float("nan")
    return round(part / whole * _TO_PERCENT) / _TO_PERCENT


def apartment_sheet(frame: pd.DataFrame, building_id: str | None = None) -> str:
    """
    Write the sheet of one building, or of every size class, as Markdown.

    Parameters
    ----------
    frame : DataFrame
        From ``apartment_buildings.parquet``.
    building_id : str, optional
        One building; the classes when None.

    Raises
    ------
    TableError
        If no such apartment building is known.
    """
    if building_id is None:
        parts = [_class_part(frame[frame["size"] == name], name) for name in SIZES]
        return "\n".join(["# Apartment buildings", "", *parts])
    rows = frame[frame["building_id"].astype(str) == building_id]
    if rows.empty:
        raise TableError(
            f"--building {building_id}",
            f"not among the {len(frame)} buildings of two flats or more",
            "an id of apartment_buildings.parquet",
            "flats must be known, not estimated: dwellings_column in [inputs.buildings]",
        )
    row = rows.iloc[0]
    lines = [
        f"# Building {building_id}",
        "",
        "## Roof",
        f"- flats: {row['dwellings']:.0f} ({row['size']})",
        f"- roof: {_said(row['roof_area_m2'], ' m²')}, "
        f"{_said(row['roof_area_per_flat_m2'], ' m²')} per flat",
        f"- room for panels: {_said(row['capacity_kwp'], ' kWp', 1)}, "
        f"{_said(row['capacity_per_flat_kwp'], ' kWp', 2)} per flat",
        f"- yield: {_said(row['annual_yield_kwh'], ' kWh a year')}, "
        f"{_said(row['annual_yield_per_flat_kwh'], ' kWh')} per flat",
        "",
        _class_part(rows, str(row["size"])),
    ]
    return "\n".join(lines)


def _class_part(rows: pd.DataFrame, name: str) -> str:
    low, high = SIZES[name]
    span = f"{low} to {high} flats" if high < SIZES["large"][1] else f"{low} flats or more"
    lines = [f"## {name.capitalize()} buildings ({span})", ""]
    lines += _benefit(rows)
    experience = load_matrix().experience
    lines += ["", "### What stands in the way", ""]
    lines += [
        f"- {b.barrier} ({b.id}, confidence {b.confidence}). What a municipality can do: "
        f"{b.possible_local_action} [source]({b.source})"
        for b in experience.apartment_barriers
        if name in b.building_types
    ]
    lines += ["", "### Steps", ""]
    lines += [
        f"{s.order}. {s.title} ({s.indicative_duration}). Owners: {s.vme}. Syndic: {s.syndic}. "
        f"Gate: {s.decision_gate} [source]({s.source})"
        for s in sorted(experience.apartment_steps, key=lambda step: step.order)
    ]
    return "\n".join([*lines, ""])


def _benefit(rows: pd.DataFrame) -> list[str]:
    """Say what sharing brings in this class, or why it is not told."""
    if rows.empty:
        return [
            "No building of this size is known here; flats guessed from floor area do not count."
        ]
    row = rows.iloc[0]
    if np.isnan(row["class_yield_used_best"]):
        return ["What sharing brings is not told: too few connections or buildings of this size."]
    fixed, best = row["class_yield_used_fixed"], row["class_yield_used_best"]
    return [
        f"Of the yield of {row['class_buildings']:.0f} such roofs, flats use {fixed:.0%} under a "
        f"fixed key and {best:.0%} at best; the rest goes to the grid or to neighbours.",
        f"It covers {row['class_use_covered_fixed']:.0%} to {row['class_use_covered_best']:.0%} of "
        "what they consume. Modelled, whole class together, panels on the full potential.",
    ]


def _said(value: Any, unit: str, digits: int = 0) -> str:  # noqa: ANN401 - a cell
    return "not known" if pd.isna(value) else f"{value:.{digits}f}{unit}"
