"""Zones under every scenario of a project and every rule set, without the earlier stages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.config import share_folder
from zonnekaart.errors import TableError
from zonnekaart.io.rules import PRESETS, RuleFile, read_rules, rule_paths
from zonnekaart.io.vector import read_parquet
from zonnekaart.pipelines.scenarios import OUTPUT as BALANCES
from zonnekaart.pipelines.scenarios import project_scenarios
from zonnekaart.pipelines.zone_figures import Frames, ZoneTable, numbers, zone_table
from zonnekaart.pipelines.zone_grid import assumptions, zone_grid
from zonnekaart.pipelines.zone_overrides import set_classes, with_figures
from zonnekaart.quantities import ZONE_CLASSES
from zonnekaart.zoning.classes import classify
from zonnekaart.zoning.confidence import Sampling, class_confidence
from zonnekaart.zoning.response import ZoneInputs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from zonnekaart.config import Project, ZoneOverride
    from zonnekaart.io.scenarios import Scenario
    from zonnekaart.pipelines.runs import StageContext

OUTPUT = "zone_scenarios.parquet"
BASE = "vandaag"
"""Name of the case without a scenario: today's use, every usable roof filled, as on the map."""
KEY_INDICATORS = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "sharing_gain",
    "surplus_kwh",
    "residual_kwh",
    "surplus_share",
    "peak_injection_kw",
    "pv_headroom_kw",
    "headroom_ratio",
    "yield_demand_ratio",
)
"""Indicators that every row has, beside those that the class steps ask for."""
_OF_BALANCE = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "peak_injection_kw",
    "peak_offtake_kw",
    "pv_peak_kw",
    "min_load_sunny_kw",
)

_OF_SCENARIO = frozenset({"annual_yield_kwh", "consumption_kwh"})


def rule_set_names(project: Project) -> list[str]:
    """Return the rule sets that a project is zoned with: its own, its scenarios', the presets."""
    own = [s.scenario.rules for s in project_scenarios(project)]
    names = [project.zoning.rules, *(name for name in own if name is not None), *PRESETS]
    return list(dict.fromkeys(names))


def named_rule_sets(project: Project) -> dict[str, RuleFile]:
    """Return these rule sets by the name they are asked for with."""
    presets = share_folder("data") / "rules"
    return {n: read_rules(n, project.folder, presets) for n in rule_set_names(project)}


def rule_sets(project: Project) -> dict[str, RuleFile]:
    """Return these rule sets by their id; of two with one id the first."""
    found: dict[str, RuleFile] = {}
    for rules in named_rule_sets(project).values():
        found.setdefault(rules.rule_set.id, rules)
    return found


def scenario_files(project: Project, build: Path) -> list[Path]:
    """Return the files that decide the zones under scenarios, beside those of the zones."""
    presets = share_folder("data") / "rules"
    found = [p for n in rule_set_names(project) for p in rule_paths(n, project.folder, presets)]
    if project.scenarios.ids:
        found.append(build / BALANCES)
    return list(dict.fromkeys(found))


def scenario_parameters(project: Project) -> list[list[str | float | None]]:
    """Return what scenarios say of rules and cabins."""
    return [
        [s.scenario.id, s.scenario.rules, s.headroom_factor] for s in project_scenarios(project)
    ]


def zone_scenarios(
    context: StageContext, frames: Frames, hidden: NDArray[np.bool_]
) -> pd.DataFrame:
    """
    Zone a project under each of its scenarios and each rule set.

    Parameters
    ----------
    context : StageContext
        Project and build folder; ``scenarios.parquet`` when the project names scenarios.
    frames : Frames
        Tables of earlier stages.
    hidden : ndarray of bool, shape (zones,)
        Zones whose demand may not be shown: it is removed in every scenario.

    Returns
    -------
    DataFrame
        Per scenario, rule set and zone: ``scenario_id`` (`BASE` for the map), ``rule_set``,
        ``chosen`` (the rule set that the scenario or the project names), ``zone_id``,
        ``name``, ``zone_class``, ``step_id`` that decided, ``confidence``, and indicators.
    """
    project = context.project
    scenarios = project_scenarios(project)
    balances = _balances(context) if scenarios else pd.DataFrame()
    ids = {name: rules.rule_set.id for name, rules in named_rule_sets(project).items()}
    rows = []
    for rules in rule_sets(project).values():
        for scenario in (None, *scenarios):
            table = _table(context, frames, rules, scenario, balances)
            named = None if scenario is None else scenario.scenario.rules
            chosen = ids[named or project.zoning.rules] == rules.rule_set.id
            shown = with_figures(table.masked(hidden), _figures_by_hand(project, scenario))
            rows.append(
                _rows(shown, rules, project).assign(
                    scenario_id=BASE if scenario is None else scenario.scenario.id, chosen=chosen
                )
            )
    frame = pd.concat(rows, ignore_index=True)
    first = ["scenario_id", "rule_set", "chosen"]
    return frame[[*first, *(c for c in frame.columns if c not in first)]]


def _figures_by_hand(project: Project, scenario: Scenario | None) -> tuple[ZoneOverride, ...]:
    """Return the figures set by hand that hold: a scenario brings its own yield and demand."""
    ones = project.zoning.overrides
    return ones if scenario is None else tuple(o for o in ones if o.indicator not in _OF_SCENARIO)


def _balances(context: StageContext) -> pd.DataFrame:
    path = context.built(BALANCES, "scenarios")
    frame = read_parquet(path)
    absent = sorted({*_OF_BALANCE, "scenario"} - set(frame.columns))
    if absent:
        raise TableError(
            str(path), f"no column {absent[0]}", "a file of this version", "run stage scenarios"
        )
    return frame


def _table(
    context: StageContext,
    frames: Frames,
    rules: RuleFile,
    scenario: Scenario | None,
    balances: pd.DataFrame,
) -> ZoneTable:
    """Return the figures of all zones under a scenario; as they are without one."""
    assumed = assumptions(context.project, rules)
    if scenario is None:
        return zone_table(frames, zone_grid(context, frames, assumed))
    here = balances[balances["scenario"] == scenario.scenario.id].set_index("unit_id")
    today = frames.balance[frames.balance["unit"] == "zone"].set_index("unit_id")
    here = here.reindex(today.index)
    # The power of standing panels at noon follows from all roofs, not from those with owners.
    there = today.assign(**{n: here[n] for n in _OF_BALANCE if n != "pv_peak_kw"})
    then = replace(frames, balance=there.reset_index())
    table = zone_table(then, zone_grid(context, then, assumed, scenario.headroom_factor))
    peak = numbers(here.reindex(table.zone_ids), "pv_peak_kw")
    return replace(table, inputs=ZoneInputs(peak, table.inputs.min_load_sunny_kw))


def _rows(table: ZoneTable, rules: RuleFile, project: Project) -> pd.DataFrame:
    steps = rules.rule_set.class_rules
    zones = len(table.zone_ids)
    codes, deciding = classify(steps, table.indicators, (zones,))
    set_classes(project, table.zone_ids, steps, (codes, deciding))
    confidence = np.full(zones, np.nan)
    if project.zoning.draws > 0:
        sampling = Sampling(project.zoning.draws, project.zoning.seed, rules.uncertainty)
        sure = class_confidence(steps, table.indicators, table.inputs, table.zone_ids, sampling)
        confidence = sure.probabilities[np.arange(zones), codes]
    asked = (c.indicator for step in steps for c in step.conditions)
    names = list(dict.fromkeys([*KEY_INDICATORS, *asked]))
    return pd.DataFrame(
        {
            "rule_set": rules.rule_set.id,
            "zone_id": table.zone_ids,
            "name": table.names,
            "zone_class": [ZONE_CLASSES[code] for code in codes],
            "step_id": [steps[s].id if s >= 0 else None for s in deciding],
            "confidence": confidence,
            **{name: table.indicators[name] for name in names},
        }
    )
