"""Two cases of a project zone by zone: which zones change class, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import SPACE, indicator_text, texts_apart
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.published import known
from zonnekaart.io.vector import read_parquet
from zonnekaart.pipelines.zone_scenarios import BASE, OUTPUT, rule_sets
from zonnekaart.quantities import ZONE_CLASSES, quantity
from zonnekaart.zoning.differences import Difference, first_difference

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from pathlib import Path

    import pandas as pd

    from zonnekaart.config import Project
    from zonnekaart.io.rules import RuleFile
    from zonnekaart.quantities import Language

_KWH_PER_GWH = 1e6
_SUMS = ("annual_yield_kwh", "consumption_kwh", "surplus_kwh")
_COUNTED: dict[Language, str] = {
    "nl": "{changed} van {zones} zones wijzigen van klasse.",
    "fr": "{changed} zones sur {zones} changent de classe.",
    "en": "{changed} of {zones} zones change class.",
}
_ONE: dict[Language, str] = {
    "nl": "1 van {zones} zones wijzigt van klasse.",
    "fr": "1 zone sur {zones} change de classe.",
    "en": "1 of {zones} zones changes class.",
}
_MOVED: dict[Language, str] = {
    "nl": "van {value_from} naar {value_to}",
    "fr": "de {value_from} à {value_to}",
    "en": "from {value_from} to {value_to}",
}
_SIDES: dict[str, dict[Language, str]] = {
    "below": {"nl": "onder", "fr": "sous", "en": "below"},
    "above": {"nl": "boven", "fr": "au-dessus de", "en": "above"},
    "at": {"nl": "op", "fr": "juste à", "en": "at"},
    "unknown": {"nl": "tegenover", "fr": "face à", "en": "against"},
}
_LIMIT: dict[Language, str] = {
    "nl": "de grens van {to}",
    "fr": "la limite de {to}",
    "en": "the limit of {to}",
}
_NEW_LIMIT: dict[Language, str] = {
    "nl": "de nieuwe grens van {to} (was {was})",
    "fr": "la nouvelle limite de {to} (avant {was})",
    "en": "the new limit of {to} (was {was})",
}
_OTHER_STEPS: dict[Language, str] = {
    "nl": "De stappen van beide regelsets verschillen vanaf {step}.",
    "fr": "Les étapes des deux jeux de règles diffèrent à partir de {step}.",
    "en": "The steps of the two rule sets differ from {step} on.",
}


@dataclass(frozen=True)
class Case:
    """A scenario with a rule set."""

    scenario: str
    rule_set: str

    @property
    def name(self) -> str:
        """Return the case as it is asked for."""
        return f"{self.scenario}/{self.rule_set}"


@dataclass(frozen=True)
class Comparison:
    """
    What differs between two cases.

    Parameters
    ----------
    before, after : Case
        What is compared.
    zones : int
        Zones in both.
    sentence : mapping of str to str
        How many change, per language.
    changes : list of dict
        One row per zone that changes class.
    classes : list of dict
        Zones and yield of each class in both.
    sums : dict
        Sums over the zones whose figures may be shown, in GWh; None where none is known.
    """

    before: Case
    after: Case
    zones: int
    sentence: Mapping[Language, str]
    changes: list[dict[str, Any]]
    classes: list[dict[str, Any]]
    sums: dict[str, Any]


def compare(project: Project, build: Path, before: str, after: str) -> Comparison:
    """
    Compare two cases of a project.

    Parameters
    ----------
    project : Project
        The project.
    build : Path
        Folder with ``zone_scenarios.parquet``.
    before, after : str
        A scenario (``elektrisch``), a rule set (``voorzichtig``), or both
        (``elektrisch/voorzichtig``); ``vandaag`` is the map without a scenario.

    Raises
    ------
    NotBuiltError
        If stage zoning has not run.
    ConfigError
        If a case is not in the file.
    """
    path = build / OUTPUT
    if not path.is_file():
        raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage zoning")
    frame = read_parquet(path)
    cases = (_case(frame, before, "--from"), _case(frame, after, "--to"))
    tables = [_of(frame, case) for case in cases]
    sets = rule_sets(project)
    language = project.project.language
    shared = tables[0].index.intersection(tables[1].index, sort=False)
    classes = [table["zone_class"].astype(str).to_dict() for table in tables]
    changes = [
        _change(zone, [t.loc[zone] for t in tables], [sets[c.rule_set] for c in cases], language)
        for zone in shared
        if classes[0][zone] != classes[1][zone]
    ]
    told = _ONE if len(changes) == 1 else _COUNTED
    return Comparison(
        before=cases[0],
        after=cases[1],
        zones=len(shared),
        sentence={
            lang: text.format(changed=len(changes), zones=len(shared))
            for lang, text in told.items()
        },
        changes=changes,
        classes=[_class_row(name, tables) for name in ZONE_CLASSES],
        sums=_sums(tables),
    )


def _case(frame: pd.DataFrame, name: str, option: str) -> Case:
    """Read a case: a scenario takes its chosen rule set, a rule set alone takes the map."""
    scenario, _, rules = name.partition("/")
    if scenario in set(frame["rule_set"]) and not rules:
        scenario, rules = BASE, scenario
    found = frame[frame["scenario_id"] == scenario]
    if not rules and not found.empty:
        rules = str(found.loc[found["chosen"], "rule_set"].iloc[0])
    if found.empty or rules not in set(found["rule_set"]):
        scenarios = ", ".join(dict.fromkeys(frame["scenario_id"]))
        sets = ", ".join(dict.fromkeys(frame["rule_set"]))
        raise ConfigError(
            option,
            name,
            f"a scenario ({scenarios}), a rule set ({sets}), or scenario/rule set",
            "name scenarios in [scenarios] ids and run the stages scenarios and zoning",
        )
    return Case(scenario, rules)


def _of(frame: pd.DataFrame, case: Case) -> pd.DataFrame:
    here = frame[(frame["scenario_id"] == case.scenario) & (frame["rule_set"] == case.rule_set)]
    return here.set_index("zone_id")


def _change(
    zone: Hashable, rows: list[pd.Series[Any]], rules: list[RuleFile], language: Language
) -> dict[str, Any]:
    steps = [r.rule_set.class_rules for r in rules]
    asked = {c.indicator for found in steps for step in found for c in step.conditions}
    figures = [{name: float(row[name]) for name in asked} for row in rows]
    found = first_difference((steps[0], figures[0]), (steps[1], figures[1]))
    return {
        "zone_id": zone,
        "name": rows[0]["name"],
        "class_from": rows[0]["zone_class"],
        "class_to": rows[1]["zone_class"],
        "confidence_from": known(rows[0]["confidence"]),
        "confidence_to": known(rows[1]["confidence"]),
        "step_id": None if found is None else found.step_id,
        "indicator": None if found is None else found.indicator or None,
        "value_from": None if found is None else known(found.value_from),
        "value_to": None if found is None else known(found.value_to),
        "threshold_from": None if found is None else known(found.threshold_from),
        "threshold_to": None if found is None else known(found.threshold_to),
        "why": "" if found is None else why(found, language),
    }


def why(found: Difference, language: Language) -> str:
    """
    Write what made a zone change class.

    Parameters
    ----------
    found : Difference
        Where the decision parts.
    language : {"nl", "fr", "en"}
        Of the sentence.
    """
    if not found.indicator:
        return _OTHER_STEPS[language].format(step=found.step_id)
    name = found.indicator

    def text(value: float) -> str:
        return indicator_text(name, value, language)

    values, to = texts_apart(name, found.value_to, found.threshold_to, language)
    if found.value_from != found.value_to:
        values = _MOVED[language].format(value_from=text(found.value_from), value_to=values)
    limits = _LIMIT if found.threshold_from == found.threshold_to else _NEW_LIMIT
    limit = limits[language].format(to=to, was=text(found.threshold_from))
    label = quantity(name).label[language]
    colon = f"{SPACE}:" if language == "fr" else ":"
    side = _SIDES[_side(found)][language]
    return f"{label[0].upper()}{label[1:]}{colon} {values}, {side} {limit}."


def _side(found: Difference) -> str:
    """Return on which side of its limit the figure now lies."""
    if math.isnan(found.value_to):
        return "unknown"
    if found.value_to == found.threshold_to:
        return "at"
    return "below" if found.value_to < found.threshold_to else "above"


def class_label(name: str, language: Language) -> str:
    """Return the name of a class for people."""
    return CLASSES[name].label[language]


def _class_row(name: str, tables: list[pd.DataFrame]) -> dict[str, Any]:
    row: dict[str, Any] = {"zone_class": name}
    for side, table in zip(("from", "to"), tables, strict=True):
        here = table[table["zone_class"] == name]
        row[f"zones_{side}"] = len(here)
        row[f"annual_yield_gwh_{side}"] = float(here["annual_yield_kwh"].sum()) / _KWH_PER_GWH
    return row


def _sums(tables: list[pd.DataFrame]) -> dict[str, Any]:
    """Sum over the zones that are known in both, so that the two sums speak of the same zones."""
    found: dict[str, Any] = {}
    for name in _SUMS:
        both = tables[0][name].notna() & tables[1][name].reindex(tables[0].index).notna()
        stem = name.removesuffix("_kwh")
        for side, table in zip(("from", "to"), tables, strict=True):
            values = table[name].reindex(both.index)[both]
            found[f"{stem}_gwh_{side}"] = float(values.sum()) / _KWH_PER_GWH if both.any() else None
        found[f"{stem}_zones"] = int(both.sum())
    return found
