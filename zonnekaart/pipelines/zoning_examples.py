"""One worked example per class from a build: figures, steps, rules, tipping points, actions.

The page in the documentation is this text for the embedded town; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.cartography.numbers import indicator_text, percent_text
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.vector import read_geoparquet, read_parquet
from zonnekaart.pipelines.publishing.frames import number
from zonnekaart.pipelines.publishing.words import flip, privacy_texts, reason
from zonnekaart.pipelines.zoning import OUTPUT, rule_file
from zonnekaart.quantities import ZONE_CLASSES, quantity
from zonnekaart.zoning.classes import classify, match
from zonnekaart.zoning.response import Change, ZoneInputs, respond

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.zoning.rules import ClassRule, Condition

_LANGUAGE = "en"
_MOST = 3
_SUPPLY = ("buildings", "connections", "capacity_kwp", "annual_yield_kwh")
_DEMAND = (
    "consumption_kwh",
    "yield_demand_ratio",
    "self_consumption",
    "self_consumption_pooled",
    "sharing_gain",
    "surplus_share",
    "headroom_ratio",
)
_READING = {
    "eigen_gebruik": "The buildings use most of their solar power as it is made. A planner helps "
    "owners to fill their roofs, and needs neither a sharing group nor the grid operator first.",
    "delen": "One building's surplus is its neighbour's use. A planner brings parties together; "
    "each of them alone would send the power away.",
    "overschot": "Full roofs give more than zone and grid take, also after sharing. A planner "
    "talks with the grid operator before a campaign, and looks for users nearby.",
    "vraag": "Too many people under too little roof. A planner looks for power from elsewhere: "
    "zones with a surplus, car parks, large roofs.",
    "toets": "Heritage carries much of the capacity, and that comes before any other step. A "
    "planner asks for one heritage plan for the zone rather than a check per roof.",
    "onbekend": "Not enough may be said: the demand is not shown, or not known. The supply "
    "stands; a planner asks for data before promising anything.",
}


@dataclass(frozen=True)
class _Judged:
    """What examples are told from, beside the zones."""

    project: Project
    rules: RuleFile
    truth: dict[str, float]
    inputs: pd.DataFrame


def examples_page(project: Project, build: Path) -> str:
    """
    Return the page with one example per class.

    Parameters
    ----------
    project : Project
        The embedded town, or any other.
    build : Path
        Its build folder after stage zoning, with ``truth/demand.csv`` beside the project file when
        the truth is known.

    Returns
    -------
    str
        Markdown. Of each class the zone with the highest confidence, of several the one with the
        highest yield; a zone whose demand is not shown is told by its supply.
    """
    rules = rule_file(project)
    zones = read_geoparquet(build / OUTPUT)
    figures = pd.DataFrame(list(zones["indicators"]), dtype=float)
    judged = _Judged(project, rules, _true_demand(project, build), _inputs(build))
    parts = [_HEAD.format(rules=f"{rules.rule_set.id} {rules.rule_set.version}")]
    for name in ZONE_CLASSES:
        row = _chosen(zones, figures, name)
        if row is None:
            parts.append(f"## {name}\n\nNo zone of this place has this class.\n")
            continue
        record, values = dict(zones.iloc[row]), dict(figures.iloc[row])
        parts.append(_example(record, values, judged))
    return "\n".join(parts)


_HEAD = """# Zoning: a worked example of each class

Each example is a real zone of the [embedded town](town.md), judged by rule set `{rules}`. The
town's true demand is known, so each example also says what the class would be at the true
consumption: published totals are spread over buildings, and where that errs a class near its
tipping point errs too. Written by `python scripts/zoning_examples.py`; a test compares this page
with a run of the town. How the steps work stands in `specs/zoning.md`.
"""


def _chosen(zones: pd.DataFrame, figures: pd.DataFrame, name: str) -> int | None:
    """Return the zone that shows a class best; one whose demand is shown before any other."""
    found = np.flatnonzero((zones["zone_class"] == name).to_numpy())
    if len(found) == 0:
        return None
    return int(
        min(
            found,
            key=lambda k: (
                not zones["published"].iloc[k],
                -round(float(zones["confidence"].iloc[k]), 6),
                -figures["annual_yield_kwh"].iloc[k],
            ),
        )
    )


def _true_demand(project: Project, build: Path) -> dict[str, float]:
    """Return the true demand per zone; empty where no truth is known. [kWh]."""
    path = project.folder / "truth" / "demand.csv"
    if not path.is_file():
        return {}
    zone = read_geoparquet(build / "buildings.parquet").set_index("building_id")["zone_id"]
    truth = pd.read_csv(path).set_index("building_id")["demand_kwh"]
    sums = truth.groupby(zone.reindex(truth.index)).sum()
    return {str(name): float(value) for name, value in sums.items()}


def _inputs(build: Path) -> pd.DataFrame:
    """Return what the figures of zones rest on, by zone."""
    balance = read_parquet(build / "balance.parquet")
    columns = ["pv_peak_kw", "min_load_sunny_kw"]
    return balance[balance["unit"] == "zone"].set_index("unit_id")[columns]


def _class_at(
    record: Mapping[str, Any], values: Mapping[str, float], judged: _Judged, kwh: float
) -> str:
    """Return the class of a zone at another consumption, along the response curve."""
    one = np.ones((1, 1))
    here = judged.inputs.loc[[str(record["zone_id"])]].to_numpy(dtype=np.float64)
    columns = {name: np.array([value]) for name, value in values.items()}
    change = Change(one, one * kwh / values["consumption_kwh"], one * values["pv_headroom_kw"])
    moved = respond(columns, ZoneInputs(here[:, 0], here[:, 1]), change)
    codes, _ = classify(judged.rules.rule_set.class_rules, moved, (1, 1))
    return ZONE_CLASSES[int(codes[0, 0])]


def _example(record: Mapping[str, Any], values: Mapping[str, float], judged: _Judged) -> str:
    rules = judged.rules
    name = str(record["zone_class"])
    lines = [
        f"## {name}: {record['name']}",
        "",
        f"Zone `{record['zone_id']}`. {_READING[name]}",
        "",
    ]
    lines += _figures(record, values, judged)
    lines += ["**Which step decides**", "", *_steps(values, rules.rule_set.class_rules), ""]
    sure = percent_text(float(record["confidence"]), _LANGUAGE)
    lines += [f"So the class is `{name}`, with a probability of {sure} over the draws.", ""]
    lines += _reasons(record, rules)
    lines += _flips(record, values, rules)
    lines += ["**What now**", "", *_actions(record), ""]
    return "\n".join(lines)


def _figures(record: Mapping[str, Any], values: Mapping[str, float], judged: _Judged) -> list[str]:
    true_kwh = judged.truth.get(str(record["zone_id"]))
    shown = (*_SUPPLY, *_DEMAND, "heritage_share") if record["published"] else _SUPPLY
    rows = ["| figure | value |", "|---|---|"]
    rows += [f"| {_label(n)} (`{n}`) | {_text(n, values[n])} |" for n in shown]
    if record["published"] and true_kwh is not None:
        rows.append(f"| true consumption of the town | {_text('consumption_kwh', true_kwh)} |")
        there = _class_at(record, values, judged, true_kwh)
        rows.append(f"| class at the true consumption | `{there}` |")
    if not record["published"]:
        why = privacy_texts(judged.rules, record["privacy_note"], judged.project)
        rows.append(f"| consumption | {why.en if why else 'not shown'} |")
    return [*rows, ""]


def _label(name: str) -> str:
    return quantity(name).label[_LANGUAGE]


def _text(name: str, value: float) -> str:
    return "not known" if np.isnan(value) else indicator_text(name, value, _LANGUAGE)


def _steps(values: Mapping[str, float], steps: tuple[ClassRule, ...]) -> list[str]:
    """Return the steps up to the one that decides, each with its answer."""
    columns = {name: np.array([value]) for name, value in values.items()}
    lines: list[str] = []
    for number_, step in enumerate(steps, start=1):
        true, unknown = match(step, columns, (1,))
        asked = " and ".join(_condition(c, values) for c in step.conditions) or "always"
        if true[0]:
            return [*lines, f"{number_}. `{step.id}`: {asked}: **yes → `{step.zone_class}`**"]
        if unknown[0] and step.when_unknown == "onbekend":
            return [*lines, f"{number_}. `{step.id}`: {asked}: **cannot be said → `onbekend`**"]
        answer = "cannot be said, next" if unknown[0] else "no"
        lines.append(f"{number_}. `{step.id}`: {asked}: {answer}")
    return lines


def _condition(condition: Condition, values: Mapping[str, float]) -> str:
    name = condition.indicator
    limit = indicator_text(name, condition.threshold, _LANGUAGE)
    return f"{_label(name)} {_text(name, values[name])} {condition.comparison} {limit}"


def _reasons(record: Mapping[str, Any], rules: RuleFile) -> list[str]:
    rows = []
    for column, sign in (("opportunities", "opportunity"), ("bottlenecks", "bottleneck")):
        for fired in record[column]:
            told = reason(rules, fired)
            limit = indicator_text(told.indicator, number(told.threshold), _LANGUAGE)
            value = indicator_text(told.indicator, number(told.value), _LANGUAGE)
            rows.append(
                f"| {sign} | `{told.rule_id}` | {value} | {told.comparison} {limit} "
                f"| {told.severity} | {told.reason.en} |"
            )
    if not rows:
        return ["**Rules that fired**: none.", ""]
    head = "| | rule | value | threshold | severity | reason |"
    return ["**Rules that fired**", "", head, "|---|---|---|---|---|---|", *rows, ""]


def _flips(record: Mapping[str, Any], values: Mapping[str, float], rules: RuleFile) -> list[str]:
    found = [flip(rules, row, values).sentence.en for row in record["flips"]][:_MOST]
    if not found:
        return ["**What would flip it**: no single figure.", ""]
    return ["**What would flip it**", "", *(f"- {text}" for text in found), ""]


def _actions(record: Mapping[str, Any]) -> list[str]:
    matrix = load_matrix()
    known = {r.id: r for r in matrix.experience.recommendations}
    lines = []
    for rank, identity in enumerate(list(record["actions"])[:_MOST], start=1):
        found = known[identity]
        what = matrix.texts("recommendations", found, "policy_action")[_LANGUAGE]
        how = matrix.texts("recommendations", found, "how")[_LANGUAGE]
        lines.append(f"{rank}. {what} (`{identity}`): {how[0].lower()}{how[1:]}")
    return lines
