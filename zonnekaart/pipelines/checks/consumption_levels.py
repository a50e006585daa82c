"""Further consumption tables: readable, of the year of the main one, with names that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import InputError
from zonnekaart.io.sources.fluvius_street import street_key
from zonnekaart.pipelines.checks.findings import Inspection, first_few, share
from zonnekaart.pipelines.consumption_tables import read_level_table
from zonnekaart.pipelines.demand_levels import MOST_UNMATCHED

if TYPE_CHECKING:
    import pandas as pd

    from zonnekaart.config import ConsumptionLevel, Project
    from zonnekaart.pipelines.checks.layers import Layer


def check_levels(project: Project, buildings: Layer) -> list[Inspection]:
    """
    Look at each table under ``[[inputs.consumption.levels]]``.

    Parameters
    ----------
    project : Project
        The project file.
    buildings : Layer
        The footprints as inspected.
    """
    source = project.inputs.consumption
    if source is None:
        return []
    return [_check(project, level, source.year, buildings) for level in source.levels]


def _check(
    project: Project, level: ConsumptionLevel, main_year: int | None, buildings: Layer
) -> Inspection:
    inspection = Inspection("inputs.consumption.levels", str(project.resolve(level.path)))
    if main_year is not None and level.year is not None and level.year != main_year:
        inspection.error(
            "consumption.level_year",
            f"figures of {level.year} beside a main table of {main_year}",
            f"the year {main_year}",
            "totals of two years contradict each other: take tables of one year",
        )
    try:
        rows = read_level_table(project, level)
    except InputError as error:
        inspection.caught(error)
        return inspection
    inspection.facts.update(rows=len(rows), consumption_kwh=float(rows["consumption_kwh"].sum()))
    _check_binding(level, inspection)
    _check_names(level, rows, buildings, inspection)
    return inspection


def _check_binding(level: ConsumptionLevel, inspection: Inspection) -> None:
    if level.areas is None and not level.complete:
        inspection.warning(
            "consumption.level_idle",
            "a table of which it is not said that the footprints hold all its buildings",
            "complete = true, or drawn areas",
            "say complete when it is so; until then these totals are compared with nothing",
        )


def _check_names(
    level: ConsumptionLevel, rows: pd.DataFrame, buildings: Layer, inspection: Inspection
) -> None:
    """Compare the names of the table with the column of the footprints."""
    column = level.building_column
    if column is None or buildings.frame is None or column not in buildings.frame:
        return
    names = buildings.frame[column].dropna().astype(str).str.strip()
    known = set(names.map(street_key) if level.reader == "fluvius_street" else names)
    strange = rows[~rows["area_id"].isin(known)].sort_values("consumption_kwh", ascending=False)
    if strange.empty:
        return
    lost, whole = float(strange["consumption_kwh"].sum()), float(rows["consumption_kwh"].sum())
    report = inspection.error if lost > MOST_UNMATCHED * whole else inspection.warning
    report(
        "consumption.level_names",
        f"{len(strange)} of {len(rows)} names without a building, {share(lost, whole)} of the "
        f"energy: {first_few(strange['name'])}",
        f"names of {column}",
        "their energy stays where the other tables put it; correct spellings that differ",
    )
