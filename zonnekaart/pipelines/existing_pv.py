"""Installed panels per building: its own figure, else its part of a published total."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.energy.demand import covered_interval, stock_share
from zonnekaart.energy.existing import (
    Installed,
    PanelStock,
    existing_annual_yield_kwh,
    spread_installed,
)
from zonnekaart.errors import TableError
from zonnekaart.geo.policyzones import zone_of
from zonnekaart.io.pv_weights import PvWeights, read_pv_weights
from zonnekaart.io.sources.consumption import listed
from zonnekaart.io.sources.installations import (
    InstalledTable,
    read_fluvius_installations,
    read_installed,
    require_known_areas,
)
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.demand import covered_share

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import Project

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

WEIGHTS = "existing_pv/weights.toml"
FLAG = "existing_estimated"
HOMES = ("residential", "apartments")
MOST_KWP_PER_BUILDING = {"residential": 100.0, "non_residential": 5e4, "all": 5e3}
"""Mean installed power per building of an area from which the unit must be wrong. Own choice. [kWp]
"""
_SHOWN_AREAS = 50


@dataclass(frozen=True)
class ExistingPanels:
    """
    Buildings with what stands on them, and how the totals were placed.

    Parameters
    ----------
    buildings : GeoDataFrame
        With ``existing_kwp``, its low and high (of the building, and common to its area),
        ``additional_kwp`` and ``existing_annual_yield_kwh``; flag ``existing_estimated``.
    areas : DataFrame
        One row per area and category: total, share covered, own, spread and residual power.
    facts : dict
        For the manifest.
    """

    buildings: gpd.GeoDataFrame
    areas: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)


def with_existing(project: Project, buildings: gpd.GeoDataFrame) -> ExistingPanels:
    """
    Complete the installed power of buildings from totals per area.

    Parameters
    ----------
    project : Project
        Its ``[inputs.existing_pv]``; without it only the buildings' own figures count.
    buildings : GeoDataFrame
        With use, dwellings, heritage, footprint, capacity, yield and ``existing_kwp`` where known.

    Raises
    ------
    MissingInputError, TableError, VectorError, CrsError
        If the table or its areas cannot be used, or hold more power than any roofs carry.

    Notes
    -----
    A building without a figure of its own, in an area without a total, stays unknown: its
    additional power is then unknown too.
    """
    own = _floats(buildings["existing_kwp"])
    if project.inputs.existing_pv is None:
        columns = _columns(own, {}, np.zeros(len(own)))
        return ExistingPanels(_completed(buildings, columns), pd.DataFrame(), {"table": None})
    weights = read_pv_weights(share_folder("data") / WEIGHTS)
    areas = existing_areas(project)
    table = read_existing(project, weights, areas)
    area = zone_of(buildings.geometry.to_numpy(), areas.geometry.to_numpy())
    home = buildings["use"].isin(HOMES).to_numpy(dtype=np.bool_)
    most = most_kwp(buildings)
    likelihood = panel_likelihood(buildings, weights)
    rows, parts = [], {}
    share = _covered(project, areas, table.rows, buildings, area)
    for name, member in (("residential", home), ("non_residential", ~home), ("all", home | ~home)):
        here = _in_order(table.rows, name, areas)
        if here["installed_kwp"].isna().all():
            continue
        total = here["installed_kwp"].to_numpy(dtype=np.float64)
        _require_unit(name, total * share[0], area[member], areas["area_id"], project)
        limit = _limit(name, most, buildings, weights)
        stock = PanelStock(area, own, likelihood * np.minimum(most, limit), limit)
        placed = spread_installed(stock, member, total * share[0])
        parts[name] = (placed, _common(here, share, area), limit)
        rows.append(_area_rows(areas, name, here, share, placed))
    columns = _columns(own, parts, most)
    summary = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    done = _completed(buildings, columns)
    return ExistingPanels(done, summary, {**table.facts, **_facts(summary, done, weights)})


def existing_areas(project: Project) -> gpd.GeoDataFrame:
    """Return the areas that the figures on installed panels speak of."""
    table = project.inputs.existing_pv
    if table is None or table.areas is None:
        return read_areas(project)
    inputs = project.inputs.model_copy(update={"areas": table.areas})
    return read_areas(project.model_copy(update={"inputs": inputs}))


def read_existing(project: Project, weights: PvWeights, areas: gpd.GeoDataFrame) -> InstalledTable:
    """
    Read the table of a project, narrowed to its areas.

    Raises
    ------
    TableError
        If our own table names an area that is not on the map, or Fluvius' list names none that is.
    """
    source = project.inputs.existing_pv
    if source is None:
        return InstalledTable(pd.DataFrame(), {})
    path = project.resolve(source.path)
    known = areas["area_id"]
    if source.reader == "zonnekaart":
        table = read_installed(path)
        require_known_areas(table.rows, known, str(path))
        return InstalledTable(table.rows, {**table.facts, "table": path.name})
    table = read_fluvius_installations(path, weights, source.area_column, source.period)
    here = table.rows[table.rows["area_id"].isin(known)]
    if here.empty:
        raise TableError(
            str(path),
            f"areas such as {listed(table.rows['area_id'].unique(), 3)}",
            f"the areas of the map, such as {listed(known, 3)}",
            "give the postcodes as [inputs.existing_pv.areas], or name another area_column",
        )
    return InstalledTable(here, {**table.facts, "table": path.name})


def panel_likelihood(buildings: gpd.GeoDataFrame, weights: PvWeights) -> FloatArray:
    """Return how likely each building carries panels, relative to a house. [-]."""
    per_use = {
        name: getattr(weights.likelihood, name).value
        for name in type(weights.likelihood).model_fields
    }
    found = buildings["use"].map(per_use).fillna(weights.likelihood.unknown.value)
    protected = (buildings["heritage"] == "protected").to_numpy()
    return np.asarray(
        found.to_numpy(dtype=np.float64) * np.where(protected, weights.protected.value, 1.0)
    )


def most_kwp(buildings: gpd.GeoDataFrame) -> FloatArray:
    """
    Return the most that each building can carry.

    Its capacity; where that is not known, what a roof of its footprint carries in this project:
    houses built since the survey have panels too.
    """
    capacity = _floats(buildings["capacity_kwp"])
    footprint = _floats(buildings["footprint_area_m2"])
    known = ~np.isnan(capacity)
    plan = footprint[known].sum()
    per_m2 = capacity[known].sum() / plan if plan > 0.0 else 0.0
    return np.where(known, capacity, footprint * per_m2)


def _limit(
    name: str, most: FloatArray, buildings: gpd.GeoDataFrame, weights: PvWeights
) -> FloatArray:
    """Residential installations are small ones: at most one at the limit per dwelling."""
    if name != "residential":
        return most
    homes = np.fmax(_floats(buildings["dwellings"]), 1.0)
    return np.minimum(most, homes * weights.small_limit_kva.value * weights.kwp_per_kva.high)


def _covered(
    project: Project,
    areas: gpd.GeoDataFrame,
    rows: pd.DataFrame,
    buildings: gpd.GeoDataFrame,
    area: IntArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Return the central, low and high share of each area's installed power inside the project.

    Where the table gives the dwellings of the whole area, the dwellings inside decide; else the
    surface, as for demand.
    """
    count = len(areas)
    covered = covered_share(areas, project)
    inside = area >= 0
    dwellings = np.nan_to_num(_floats(buildings["dwellings"]))
    homes = np.bincount(area[inside], dwellings[inside], minlength=count).astype(np.float64)
    used = inside & (buildings["use"] != "annex").to_numpy()
    stock = np.bincount(area[used], minlength=count).astype(np.float64)
    grouped = rows.groupby("area_id")
    number = grouped["installations"].sum(min_count=1).reindex(areas["area_id"])
    whole = grouped["dwellings"].max().reindex(areas["area_id"]).to_numpy(dtype=np.float64)
    by_stock = stock_share(covered, stock, number.to_numpy(dtype=np.float64))
    surface = covered_interval(covered, by_stock)
    told = whole > 0.0
    by_homes = np.minimum(np.divide(homes, whole, out=np.ones(count), where=told), 1.0)
    return (
        np.where(told, by_homes, surface[0]),
        np.where(told, by_homes, surface[1]),
        np.where(told, by_homes, surface[2]),
    )


def _in_order(rows: pd.DataFrame, category: str, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    found = rows[rows["category"] == category].set_index("area_id")
    return found.reindex(areas["area_id"])


def _require_unit(
    name: str,
    total_kwp: FloatArray,
    area: IntArray,
    area_ids: pd.Series[str],
    project: Project,
) -> None:
    """Refuse totals that no stock of buildings carries: W or kWh instead of kWp."""
    number = np.bincount(area[area >= 0], minlength=len(area_ids))
    each = np.divide(total_kwp, number, out=np.zeros(len(area_ids)), where=number > 0)
    worst = int(np.argmax(np.nan_to_num(each)))
    if np.nan_to_num(each)[worst] > MOST_KWP_PER_BUILDING[name]:
        source = project.inputs.existing_pv
        raise TableError(
            f"{source.path if source else 'inputs.existing_pv'}: area {area_ids.iloc[worst]}",
            f"{each[worst]:.4g} kWp per building ({name})",
            f"at most {MOST_KWP_PER_BUILDING[name]:g} kWp",
            "give kWp (1 kWp = 1000 Wp), and check that the areas are the right ones",
        )


def _common(
    here: pd.DataFrame, share: tuple[FloatArray, FloatArray, FloatArray], area: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Factors that all buildings of an area share, from its central total to its ends."""
    total = here["installed_kwp"].to_numpy(dtype=np.float64)
    ends = []
    for column, part in (("installed_low_kwp", share[1]), ("installed_high_kwp", share[2])):
        end = here[column].to_numpy(dtype=np.float64) * part
        factor = np.divide(
            end, total * share[0], out=np.ones(len(total)), where=total * share[0] > 0
        )
        ends.append(np.where(area >= 0, factor[area], 1.0))
    return ends[0], ends[1]


def _columns(
    own: FloatArray,
    parts: dict[str, tuple[Installed, tuple[FloatArray, FloatArray], FloatArray]],
    most: FloatArray,
) -> dict[str, npt.NDArray[Any]]:
    """
    Return the columns on existing panels.

    A single building has none, or a whole installation: its interval runs from 0 to the most it
    carries. What is open about the area's total is kept apart, as it moves all buildings together.
    """
    value, high = own.copy(), own.copy()
    common_low, common_high = own.copy(), own.copy()
    for placed, (down, up), limit in parts.values():
        some = ~np.isnan(placed.kwp)
        value = np.where(some, placed.kwp, value)
        high = np.where(some, np.maximum(limit, placed.kwp), high)
        common_low = np.where(some, placed.kwp * down, common_low)
        common_high = np.where(some, np.minimum(placed.kwp * up, most), common_high)
    estimated = np.isnan(own) & ~np.isnan(value)
    return {
        "existing_kwp": value,
        "existing_low_kwp": np.where(estimated, 0.0, own),
        "existing_high_kwp": high,
        "existing_common_low_kwp": np.fmin(common_low, value),
        "existing_common_high_kwp": np.fmax(common_high, value),
        FLAG: estimated,
    }


def _completed(
    buildings: gpd.GeoDataFrame, columns: dict[str, npt.NDArray[Any]]
) -> gpd.GeoDataFrame:
    estimated = columns.pop(FLAG)
    capacity, energy = _floats(buildings["capacity_kwp"]), _floats(buildings["annual_yield_kwh"])
    existing = columns["existing_kwp"]
    flags = [
        [*flags, FLAG] if guess else list(flags)
        for flags, guess in zip(buildings["flags"], estimated, strict=True)
    ]
    return buildings.assign(
        **columns,
        additional_kwp=np.maximum(capacity - existing, 0.0),
        existing_annual_yield_kwh=existing_annual_yield_kwh(existing, capacity, energy),
        flags=flags,
    )


def _area_rows(
    areas: gpd.GeoDataFrame,
    name: str,
    here: pd.DataFrame,
    share: tuple[FloatArray, FloatArray, FloatArray],
    placed: Installed,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_id": areas["area_id"].to_numpy(),
            "category": name,
            "published_kwp": here["installed_kwp"].to_numpy(),
            "missing_members": here["missing_members"].fillna(0).to_numpy(dtype=np.int64),
            "covered_share": share[0],
            "total_kwp": here["installed_kwp"].to_numpy() * share[0],
            "own_kwp": placed.own_kwp,
            "spread_kwp": placed.spread_kwp,
            "residual_kwp": placed.residual_kwp,
        }
    )


def _facts(areas: pd.DataFrame, buildings: gpd.GeoDataFrame, weights: PvWeights) -> dict[str, Any]:
    """Return sums for the manifest; a residual is never lost."""
    flags = [flag for row in buildings["flags"] for flag in row]
    if areas.empty:
        return {"total_kwp": None, "buildings_estimated": 0}
    known = areas[areas["total_kwp"].notna()]
    return {
        "weights": f"{weights.meta.id} {weights.meta.version}",
        "total_kwp": round(float(known["total_kwp"].sum()), 3),
        "own_kwp": round(float(known["own_kwp"].sum()), 3),
        "spread_kwp": round(float(known["spread_kwp"].sum()), 3),
        "residual_kwp": round(float(known["residual_kwp"].sum()), 3),
        "buildings_estimated": flags.count(FLAG),
        "areas": known.round(3).head(_SHOWN_AREAS).to_dict("records"),
    }


def existing_inputs(project: Project) -> list[Path]:
    """Return the files that `with_existing` reads."""
    source = project.inputs.existing_pv
    if source is None:
        return []
    paths = [project.resolve(source.path), share_folder("data") / WEIGHTS]
    return paths + ([] if source.areas is None else [project.resolve(source.areas.path)])


def existing_parameters(project: Project) -> dict[str, Any] | None:
    """Return what decides the result besides the files."""
    source = project.inputs.existing_pv
    if source is None:
        return None
    return source.model_dump(exclude={"path": True, "source": True, "areas": {"path", "source"}})


def _floats(values: pd.Series[Any]) -> FloatArray:
    known = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(known, dtype=np.float64)
