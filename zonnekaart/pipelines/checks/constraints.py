"""Layers and tables of constraints: words, units, ids, and whether they are of this place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import InputError
from zonnekaart.geo.coverage import cover
from zonnekaart.pipelines.areas import read_areas
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few, share
from zonnekaart.pipelines.constraint_layers import (
    SOCIAL,
    read_heritage,
    read_owners,
    read_roof_state,
    read_social,
    unknown_buildings,
)
from zonnekaart.pipelines.constraints import require_near

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonnekaart.config import Project
    from zonnekaart.pipelines.checks.layers import Layer

_FEW_KNOWN = 0.5
"""Share of the buildings with an answer below which a zone gets no figure: as in zoning."""


def check_constraints(project: Project, buildings: Layer) -> list[Inspection]:
    """
    Look at heritage, owners, roof state and social figures.

    Parameters
    ----------
    project : Project
        The project file.
    buildings : Layer
        The footprints as inspected.
    """
    inputs = project.inputs
    looks: list[tuple[str, bool, Callable[[Project, Layer, Inspection], None]]] = [
        ("heritage", bool(inputs.heritage), _heritage),
        ("owners", inputs.owners is not None, _owners),
        ("roof_state", inputs.roof_state is not None, _roof_state),
        ("social", inputs.social is not None, _social),
    ]
    found = []
    for name, named, look in looks:
        if not named:
            continue
        table = project.named_inputs()[name]
        inspection = Inspection(f"inputs.{name}", str(project.resolve(table.path)))
        try:
            look(project, buildings, inspection)
        except InputError as error:
            inspection.caught(error)
        found.append(inspection)
    return found


def _ids(project: Project, buildings: Layer) -> pd.Series[str]:
    if buildings.frame is None:
        return pd.Series(dtype=str)
    ids: pd.Series[str] = buildings.frame[project.inputs.buildings.id_column].astype(str)
    return ids


def _tell_unknown(named: pd.Series[str], buildings: pd.Series[str], inspection: Inspection) -> None:
    unknown = unknown_buildings(named, buildings, inspection.file)
    if unknown:
        inspection.warning(
            "constraints.unknown_buildings",
            f"{len(unknown)} of {len(named)} ids that no footprint has: {first_few(unknown)}",
            "ids of the footprints",
            "nothing is needed where the table reaches beyond the project; else compare editions",
        )


def _heritage(project: Project, buildings: Layer, inspection: Inspection) -> None:
    layers = read_heritage(project)
    items = pd.concat(layers, ignore_index=True)
    inspection.facts["items"] = len(items)
    for status, count in items["status"].value_counts().items():
        inspection.facts[f"items_{status}"] = int(count)
    if not buildings.comparable or buildings.frame is None or buildings.inspection.failed:
        return
    require_near(project, layers, buildings.frame)
    pairs = cover(buildings.geometry, items.geometry.to_numpy())
    touched = len(np.unique(pairs.building))
    inspection.facts["buildings_touched"] = touched
    if touched == 0:
        inspection.warning(
            "heritage.untouched",
            f"{counted(len(items), 'item')}, none over a building",
            "items over buildings, where there is heritage",
            "see whether these are sites without buildings, or points drawn as small circles",
        )
    told = project.inputs.buildings.heritage_column is not None
    if not told and not all(table.complete for table in project.inputs.heritage):
        inspection.info(
            "heritage.incomplete",
            "layers that do not say that they are complete",
            "complete = true where they hold all heritage",
            "outside the items heritage stays unknown, which is not none",
        )


def _owners(project: Project, buildings: Layer, inspection: Inspection) -> None:
    given = read_owners(project)
    if given is None:
        return
    if "building_id" in given:
        _tell_unknown(given["building_id"], _ids(project, buildings), inspection)
    inspection.facts["rows"] = len(given)
    for owner, count in given["owner"].value_counts().items():
        inspection.facts[f"rows_{owner}"] = int(count)


def _roof_state(project: Project, buildings: Layer, inspection: Inspection) -> None:
    given = read_roof_state(project)
    if given is None:
        return
    ids = _ids(project, buildings)
    _tell_unknown(given["building_id"], ids, inspection)
    known = int(given["asbestos"].notna().sum())
    inspection.facts["asbestos_known"] = known
    inspection.facts["roof_year_known"] = int(given["roof_year"].notna().sum())
    table = project.inputs.roof_state
    if table is not None and table.asbestos_column and known < _FEW_KNOWN * len(ids):
        inspection.info(
            "roof_state.few",
            f"asbestos known of {share(known, len(ids))} of the buildings",
            "an answer for most buildings",
            "zones where less than half of the capacity is known get no figure; unknown is not no",
        )


def _social(project: Project, buildings: Layer, inspection: Inspection) -> None:
    del buildings
    areas = read_areas(project)["area_id"]
    given = read_social(project, areas)
    if given is None:
        return
    inspection.facts["areas"] = len(given)
    for name in SOCIAL:
        if name in given:
            inspection.facts[f"{name}_known"] = int(given[name].notna().sum())
    without = sorted(set(areas.astype(str)) - set(given["area_id"]))
    if without:
        inspection.info(
            "social.without",
            f"{counted(len(without), 'area')} without a row: {first_few(without)}",
            "a row for every area",
            "their figures stay unknown",
        )
