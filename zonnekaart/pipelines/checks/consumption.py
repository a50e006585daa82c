"""The consumption table: readable, of areas that exist, in kWh, with plausible totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.sources.consumption import ALL_AREAS
from zonnekaart.pipelines.checks.findings import Inspection, first_few
from zonnekaart.pipelines.consumption_tables import read_main_table

if TYPE_CHECKING:
    import pandas as pd

    from zonnekaart.config import Project
    from zonnekaart.pipelines.checks.layers import Layer

LEAST_FIRM_KWH, MOST_FIRM_KWH = 150.0, 5e7
"""Yearly kWh per non-residential connection, median over areas; the readers look at homes. [kWh]"""

LEAST_HOME_KWH = 50.0
"""Yearly kWh per home in one area: Flemish sectors of 2018-2021 start at 600 (the lowest 0.05 %),
in MWh they end at 23. [kWh]"""

_LEAST_BUILDING_KWH, _MOST_BUILDING_KWH = 150.0, 1e7
_LEAST_CONNECTIONS = 5


def check_consumption(project: Project, areas: Layer | None, buildings: Layer) -> list[Inspection]:
    """
    Look at the consumption table against the areas it speaks of.

    Parameters
    ----------
    project : Project
        The project file.
    areas : Layer, optional
        The areas as inspected; None when the project names none.
    buildings : Layer
        The footprints as inspected; they stand in where connections are not known.
    """
    table = project.inputs.consumption
    if table is None:
        inspection = Inspection("inputs.consumption", str(project.path))
        inspection.info(
            "consumption.none",
            "no consumption table",
            "published consumption per area",
            "demand is estimated from buildings and marked so; ask the grid operator for totals",
        )
        return [inspection]
    path = project.resolve(table.path)
    inspection = Inspection("inputs.consumption", str(path))
    try:
        frame = _rows(project, areas)
    except (MissingInputError, TableError) as error:
        inspection.caught(error)
        return [inspection]
    known = frame[frame["consumption_kwh"].notna()]
    inspection.facts.update(
        rows=len(frame),
        known_share=len(known) / len(frame) if len(frame) else 0.0,
        consumption_kwh=float(known["consumption_kwh"].sum()),
    )
    connections = float(frame["connections"].sum())
    if connections > 0.0:
        inspection.facts["connections"] = connections
        share = float(known["connections"].sum()) / connections
        inspection.facts["connections_known_share"] = share
    _check_rows(frame, inspection)
    if areas is not None and project.inputs.areas is not None:
        _check_areas(frame, areas, project.inputs.areas.id_column, inspection)
    elif areas is None:
        _require_areas(inspection)
    _check_units(known, inspection)
    _check_total(known, buildings, inspection)
    return [inspection]


def _rows(project: Project, areas: Layer | None) -> pd.DataFrame:
    """Return the located rows of the table in our own columns."""
    ids: list[str] = []
    table = project.inputs.areas
    if areas is not None and areas.frame is not None and table is not None:
        column = table.id_column
        ids = list(areas.frame[column].astype(str)) if column in areas.frame else []
    figures = read_main_table(project, ids)
    if figures is None:
        raise MissingInputError(str(project.path), "no table", "a table", "name it in the project")
    return figures.rows[figures.rows["area_id"] != ALL_AREAS]


def _check_rows(frame: pd.DataFrame, inspection: Inspection) -> None:
    unknown = int(frame["consumption_kwh"].isna().sum())
    if unknown:
        inspection.info(
            "consumption.suppressed",
            f"{unknown} of {len(frame)} values are not published",
            "all values",
            "the remainder is spread over these areas as an estimate; it is never taken as 0",
        )


def _check_areas(frame: pd.DataFrame, areas: Layer, id_column: str, inspection: Inspection) -> None:
    if areas.frame is None or id_column not in areas.frame:
        return
    on_map = set(areas.frame[id_column].dropna().astype(str))
    in_table = set(frame["area_id"].astype(str))
    strange, silent = sorted(in_table - on_map), sorted(on_map - in_table)
    inspection.facts["areas_with_figures"] = len(on_map & in_table)
    if not on_map & in_table:
        inspection.error(
            "consumption.no_area",
            f"areas such as {first_few(strange, 3)}",
            f"the areas of the map, such as {first_few(sorted(on_map), 3)}",
            "set area_column, or take the table of the same edition of the areas",
        )
        return
    if strange:
        inspection.error(
            "consumption.unknown_area",
            f"{len(strange)} areas that the map does not have: {first_few(strange)}",
            f"only areas of {areas.inspection.file}",
            "remove these rows, or add the areas to the map",
        )
    if silent:
        inspection.warning(
            "consumption.without",
            f"{len(silent)} areas of the map without a row: {first_few(silent)}",
            "a row for every area",
            "their demand is estimated and marked so",
        )


def _require_areas(inspection: Inspection) -> None:
    inspection.error(
        "consumption.no_area",
        "figures per area, and no areas in the project",
        "the areas that the figures speak of",
        "add [inputs.areas] with the polygons of these areas",
    )


def _check_units(known: pd.DataFrame, inspection: Inspection) -> None:
    """Find MWh and Wh by the consumption per connection."""
    for category, rows in known.groupby("category"):
        usable = rows[rows["connections"] >= _LEAST_CONNECTIONS]
        each = usable["consumption_kwh"] / usable["connections"]
        each = each[each > 0.0]
        if each.empty:
            continue
        inspection.facts[f"{category}_kwh_per_connection"] = float(each.median())
        if category == "residential":
            _check_homes(each, usable["area_id"], inspection)
        else:
            _check_firms(float(each.median()), inspection)


def _check_homes(each: pd.Series, areas: pd.Series, inspection: Inspection) -> None:
    """Find single rows in MWh among rows in kWh."""
    odd = areas[each.index[each < LEAST_HOME_KWH]]
    if not odd.empty:
        inspection.error(
            "consumption.rows_unit",
            f"{len(odd)} residential rows under {LEAST_HOME_KWH:g} kWh per connection: "
            f"{first_few(odd)}",
            f"all rows in kWh, around {float(each.median()):.3g} kWh per connection",
            "multiply these rows by 1000 when they are in MWh; empty them when unknown",
        )


def _check_firms(middle: float, inspection: Inspection) -> None:
    """Find non-residential rows in another unit than kWh."""
    if not LEAST_FIRM_KWH <= middle <= MOST_FIRM_KWH:
        guess, factor = ("MWh", "1000") if middle < LEAST_FIRM_KWH else ("Wh", "0.001")
        inspection.error(
            "consumption.unit",
            f"{middle:.3g} kWh per non-residential connection and year (median): {guess}?",
            f"{LEAST_FIRM_KWH:g} to {MOST_FIRM_KWH:g} kWh",
            f"give the table in kWh: multiply the column by {factor}",
        )


def _check_total(known: pd.DataFrame, buildings: Layer, inspection: Inspection) -> None:
    """Compare the sum with the number of footprints where no row tells its connections."""
    if known["connections"].notna().any() or buildings.frame is None or known.empty:
        return
    total = float(known["consumption_kwh"].sum())
    each = total / len(buildings.frame)
    inspection.facts["kwh_per_building"] = each
    if not _LEAST_BUILDING_KWH <= each <= _MOST_BUILDING_KWH:
        guess = "MWh" if each < _LEAST_BUILDING_KWH else "Wh"
        inspection.error(
            "consumption.unit",
            f"{total:.4g} kWh over {len(buildings.frame)} buildings, {each:.3g} kWh each: {guess}?",
            "some thousands of kWh per building and year",
            "give the table in kWh; connections per area make this check surer",
        )
