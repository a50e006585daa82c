"""What the zones' classes rest on under each rule set that a reader of the map can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.io.rules import RuleFile, read_rules
from zonnekaart.pipelines.zone_figures import Frames, zone_table
from zonnekaart.pipelines.zone_grid import assumptions, zone_grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import StageContext

LEVERS = "zone_levers.parquet"


def offered_rules(project: Project) -> list[RuleFile]:
    """
    Return the project's own rule set first, then the presets that are not it.

    Raises
    ------
    RulesError
        If a rule file does not follow the schema.
    """
    presets = share_folder("data") / "rules"
    own = read_rules(project.zoning.rules, project.folder, presets)
    others = [read_rules(path.stem, presets, presets) for path in sorted(presets.glob("*.toml"))]
    return [own, *(found for found in others if found.rule_set.id != own.rule_set.id)]


def zone_levers(
    context: StageContext,
    frames: Frames,
    hidden: npt.NDArray[np.bool_],
    offered: Sequence[RuleFile],
) -> pd.DataFrame:
    """
    Return per rule set and zone the figures that answer when yield, demand or headroom changes.

    Parameters
    ----------
    context : StageContext
        Project and build folder, where stage grid has written.
    frames : Frames
        What earlier stages wrote.
    hidden : ndarray of bool, shape (zones,)
        True where demand may not be shown; what tells of it is NaN there.
    offered : sequence of RuleFile
        Rule sets; each has its own limit on what flows back through a cabin.

    Returns
    -------
    DataFrame
        ``rule_set``, ``zone_id``, ``pv_peak_kw``, ``min_load_sunny_kw``, ``pv_headroom_kw``.
    """
    tables = []
    for rules in offered:
        grid = zone_grid(context, frames, assumptions(context.project, rules))
        table = zone_table(frames, grid).masked(hidden)
        tables.append(
            pd.DataFrame(
                {
                    "rule_set": rules.rule_set.id,
                    "zone_id": table.zone_ids,
                    "pv_peak_kw": table.inputs.pv_peak_kw,
                    "min_load_sunny_kw": table.inputs.min_load_sunny_kw,
                    "pv_headroom_kw": table.indicators["pv_headroom_kw"],
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
