"""What is thin in the data of each zone: the keys by which gaps are named and ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.pipelines.load_profiles import standard_profiles
from zonnekaart.pipelines.zone_gaps import demand_is_wide

if TYPE_CHECKING:
    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.pipelines.zone_figures import ZoneTable

_OLD_SURVEY_YEARS = 5


def thinness(
    table: ZoneTable, project: Project, rules: RuleFile, from_operator: np.ndarray
) -> list[tuple[str, ...]]:
    """
    Name what is thin in the data of each zone: keys of the rule file's ``[gaps]``.

    Parameters
    ----------
    table : ZoneTable
        Figures as found, before demand is removed.
    project : Project
        Survey year, derived footprints, profiles.
    rules : RuleFile
        Its date decides when a survey is old.
    from_operator : ndarray of bool, shape (zones,)
        True where the cabins' rating was given.
    """
    year = project.roofs.survey_year
    old = year is not None and int(rules.rule_set.date[:4]) - year > _OLD_SURVEY_YEARS
    zones = len(table.zone_ids)
    everywhere = np.ones(zones, dtype=np.bool_)
    estimated = np.nan_to_num(table.indicators["estimated_demand_share"])
    states = {
        "headroom_estimated": ~from_operator,
        "profiles_standard": everywhere & standard_profiles(project),
        "existing_unknown": (table.unknown_panels_kwp > 0) | table.panels_estimated,
        "demand_unknown": np.isnan(table.indicators["consumption_kwh"]),
        "demand_estimated": estimated > 0,
        "demand_spread": demand_is_wide(table, rules),
        "survey_old": everywhere & old,
        "footprints_derived": everywhere & project.inputs.buildings.derived,
        "owner_unknown": table.owner_unknown,
        "dwellings_unknown": np.isnan(table.indicators["dwellings"]),
    }
    return [tuple(n for n, flag in states.items() if flag[zone]) for zone in range(zones)]
