"""Figures that a municipality brings: overrides with who, when and why; measured buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.energy.profiles import quarter_hours
from zonnekaart.errors import ConfigError
from zonnekaart.io.sources.consumption import CATEGORIES, listed
from zonnekaart.io.sources.measured import read_measured, require_buildings
from zonnekaart.pipelines.consumption_tables import ALL_USERS, Figures

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from zonnekaart.config import DemandOverride, Project
    from zonnekaart.energy.profiles import QuarterHours

    FloatArray = npt.NDArray[np.float64]

OVERRIDES = "demand_overrides.parquet"
COLUMNS = ("unit", "unit_id", "category", "original_kwh", "consumption_kwh", "by", "date", "reason")
MEASURED, OVERRIDE = "measured", "override"


@dataclass(frozen=True)
class Own:
    """
    Figures of single buildings.

    Parameters
    ----------
    rows : DataFrame
        ``building_id, category, consumption_kwh, why``; `category` may be `ALL_USERS`.
    """

    rows: pd.DataFrame

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return not self.rows.empty

    def flagged(self, why: str) -> set[str]:
        """Return the buildings with a figure of one kind."""
        return set(self.rows.loc[self.rows["why"] == why, "building_id"])


def measured_series(project: Project, clock: QuarterHours) -> dict[str, FloatArray]:
    """
    Return the measured quarter-hours of a project's buildings.

    Raises
    ------
    MissingInputError, TableError
        If the table does not hold the year of the profiles.
    """
    table = project.inputs.measured
    return {} if table is None else read_measured(project.resolve(table.path), clock)


def own_figures(project: Project, buildings: gpd.GeoDataFrame) -> Own:
    """
    Return the figures of single buildings that a project brings.

    Parameters
    ----------
    project : Project
        Its ``[inputs.measured]`` and ``[[demand.overrides]]``.
    buildings : GeoDataFrame
        With ``building_id``.

    Raises
    ------
    ConfigError, TableError
        If a building is not on the map, or has two figures.
    """
    known = set(buildings["building_id"])
    measured = measured_series(project, quarter_hours(project.demand.profile_year))
    require_buildings(dict(measured), known, str(getattr(project.inputs.measured, "path", "")))
    rows = [(name, ALL_USERS, float(kwh.sum()), MEASURED) for name, kwh in measured.items()]
    given = [o for o in project.demand.overrides if o.building_id is not None]
    strange = sorted({str(o.building_id) for o in given} - known)
    if strange:
        raise _unknown(project, "building_id", strange)
    rows += [(str(o.building_id), o.category, o.consumption_kwh, OVERRIDE) for o in given]
    frame = pd.DataFrame(rows, columns=["building_id", "category", "consumption_kwh", "why"])
    twice = frame[frame.duplicated(["building_id", "category"])]["building_id"]
    both = set(measured) & {str(o.building_id) for o in given}
    if len(twice) or both:
        raise ConfigError(
            f"{project.path}: demand.overrides",
            f"two figures for {listed([*twice, *sorted(both)])}",
            "one figure per building and category",
            "keep the better one",
        )
    return Own(frame)


def _unknown(project: Project, name: str, strange: list[str]) -> ConfigError:
    return ConfigError(
        f"{project.path}: demand.overrides.{name}",
        listed(strange),
        "a place on the map",
        "use the ids of the footprints or of the areas",
    )


def with_area_overrides(
    project: Project, figures: Figures | None, area_ids: list[str]
) -> tuple[Figures | None, pd.DataFrame]:
    """
    Replace published totals of areas by the municipality's own.

    Parameters
    ----------
    project : Project
        Its ``[[demand.overrides]]``.
    figures : Figures or None
        The main table.
    area_ids : list of str
        Areas of the map.

    Returns
    -------
    figures : Figures or None
        With the figures that win.
    audit : DataFrame
        `COLUMNS`: what was replaced, by whom, when and why.

    Raises
    ------
    ConfigError
        If an area is not on the map.
    """
    given = [o for o in project.demand.overrides if o.area_id is not None]
    strange = sorted({str(o.area_id) for o in given} - set(area_ids))
    if strange:
        raise _unknown(project, "area_id", strange)
    if not given:
        return figures, pd.DataFrame(columns=list(COLUMNS))
    columns = ["area_id", "year", "category", "consumption_kwh", "connections", "missing_members"]
    table = pd.DataFrame(columns=columns) if figures is None else figures.rows.copy()
    audit = []
    for one in given:
        here = (table["area_id"] == one.area_id) & (table["category"] == one.category)
        before = float(table.loc[here, "consumption_kwh"].iloc[0]) if here.any() else np.nan
        if here.any():
            table.loc[here, ["consumption_kwh", "missing_members"]] = [one.consumption_kwh, 0]
        else:
            row = [one.area_id, pd.NA, one.category, one.consumption_kwh, np.nan, 0]
            table = pd.concat([table, pd.DataFrame([row], columns=columns)], ignore_index=True)
        audit.append(
            ("area", one.area_id, one.category, before, one.consumption_kwh, *_signed(one))
        )
    sectors = None if figures is None else figures.sectors
    facts = {"table": None} if figures is None else figures.facts
    return Figures(table, sectors, facts), pd.DataFrame(audit, columns=list(COLUMNS))


def _signed(one: DemandOverride) -> tuple[str, str, str]:
    """Return who says so, when and why."""
    return one.by, one.date, one.reason


def building_audit(
    project: Project, frame: pd.DataFrame, homes_kwh: FloatArray, firms_kwh: FloatArray
) -> pd.DataFrame:
    """
    Return what overrides of single buildings replaced.

    Parameters
    ----------
    project : Project
        Its ``[[demand.overrides]]``.
    frame : DataFrame
        With ``building_id``, in the order of the figures.
    homes_kwh, firms_kwh : ndarray of float64, shape (buildings,)
        What would have been without them. [kWh]
    """
    before = dict(zip(CATEGORIES, (homes_kwh, firms_kwh), strict=True))
    place = {name: k for k, name in enumerate(frame["building_id"])}
    rows = [
        (
            "building",
            one.building_id,
            one.category,
            float(before[one.category][place[one.building_id]]),
            one.consumption_kwh,
            *_signed(one),
        )
        for one in project.demand.overrides
        if one.building_id is not None
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
