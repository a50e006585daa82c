"""The document of all rules, for people: made from the rule files, never written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import indicator_text, percent_text
from zonnekaart.config import share_folder
from zonnekaart.io.rules import PRESETS, read_rules
from zonnekaart.quantities import ZONE_KINDS, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from zonnekaart.io.rules import RuleFile
    from zonnekaart.quantities import Language
    from zonnekaart.zoning.rules import ClassRule, Condition, Rule

_BLANK = "…"
_WORDS: dict[str, dict[Language, str]] = {
    "title": {"nl": "Alle regels", "fr": "Toutes les règles", "en": "All rules"},
    "intro": {
        "nl": "Gemaakt uit de regelbestanden met `zonnekaart rules doc --language nl`; niet met "
        "de hand wijzigen. „…” staat voor het cijfer van de zone.",
        "fr": "Produit à partir des fichiers de règles avec `zonnekaart rules doc --language fr` ; "
        "à ne pas modifier à la main. « … » remplace le chiffre de la zone.",
        "en": "Made from the rule files with `zonnekaart rules doc --language en`; do not edit by "
        "hand. “…” stands for the zone's figure.",
    },
    "sets": {"nl": "Regelsets", "fr": "Jeux de règles", "en": "Rule sets"},
    "steps": {
        "nl": "De klasse: stappen in volgorde, de eerste die klopt beslist",
        "fr": "La classe : des étapes dans l’ordre, la première qui se vérifie décide",
        "en": "The class: steps in order, the first that holds decides",
    },
    "bottleneck": {"nl": "Knelpunten", "fr": "Freins", "en": "Bottlenecks"},
    "opportunity": {"nl": "Kansen", "fr": "Opportunités", "en": "Opportunities"},
    "if": {"nl": "als", "fr": "si", "en": "if"},
    "always": {"nl": "altijd", "fr": "toujours", "en": "always"},
    "next": {
        "nl": "onbekend cijfer: volgende stap",
        "fr": "chiffre inconnu : étape suivante",
        "en": "unknown figure: next step",
    },
    "onbekend": {
        "nl": "onbekend cijfer: klasse onbekend",
        "fr": "chiffre inconnu : classe inconnue",
        "en": "unknown figure: class unknown",
    },
    "severity": {"nl": "ernst", "fr": "gravité", "en": "severity"},
    "high": {"nl": "hoog", "fr": "élevée", "en": "high"},
    "medium": {"nl": "middel", "fr": "moyenne", "en": "medium"},
    "low": {"nl": "laag", "fr": "faible", "en": "low"},
    "where": {"nl": "waar", "fr": "où", "en": "where"},
    "area": {"nl": "gebieden", "fr": "zones", "en": "areas"},
    "cell": {"nl": "cellen", "fr": "mailles", "en": "cells"},
    "street_segment": {"nl": "straatstukken", "fr": "tronçons de rue", "en": "street segments"},
    "block": {"nl": "bouwblokken", "fr": "îlots", "en": "blocks"},
    "cabin_area": {"nl": "cabinegebieden", "fr": "zones de cabine", "en": "cabin areas"},
    "own_zone": {"nl": "eigen zones", "fr": "zones propres", "en": "own zones"},
    "all_kinds": {"nl": "alle zones", "fr": "toutes les zones", "en": "all zones"},
    "source": {"nl": "bron", "fr": "source", "en": "source"},
    "actions": {"nl": "acties", "fr": "actions", "en": "actions"},
    "gaps": {"nl": "ontbrekende data", "fr": "données manquantes", "en": "data gaps"},
    "differs": {"nl": "anders in", "fr": "différent dans", "en": "differs in"},
    "and": {"nl": "en", "fr": "et", "en": "and"},
    "certainty": {
        "nl": "Zekerheid: een klasse heet zeker vanaf {sure}, waarschijnlijk vanaf {likely}; "
        "daaronder worden twee klassen genoemd.",
        "fr": "Certitude : une classe est dite certaine dès {sure}, probable dès {likely} ; "
        "en dessous, deux classes sont nommées.",
        "en": "Certainty: a class is called sure from {sure}, likely from {likely}; below that two "
        "classes are named.",
    },
}


def presets() -> list[RuleFile]:
    """Return the rule sets that come with the package."""
    folder = share_folder("data") / "rules"
    return [read_rules(name, folder, folder) for name in PRESETS]


def rules_markdown(sets: Sequence[RuleFile], language: Language) -> str:
    """
    Return one document of rule sets that differ in their numbers.

    Parameters
    ----------
    sets : sequence of RuleFile
        The first is written out; of the others only what differs from it.
    language : {"nl", "fr", "en"}
        Of headings and sentences; sources stand as the file has them.
    """
    return "\n".join(_Document(sets, language).lines()) + "\n"


def rule_rows(found: RuleFile, language: Language) -> list[list[str]]:
    """
    Return one row per class step and rule: id, kind or class, condition, severity, sentence.

    Parameters
    ----------
    found : RuleFile
        The rule set.
    language : {"nl", "fr", "en"}
        Of the words.
    """
    page = _Document([found], language)
    steps = [
        [s.id, s.zone_class, page.conditions(s.conditions), "", ""]
        for s in found.rule_set.class_rules
    ]
    rules = [
        [r.id, r.kind, page.conditions((r.condition, *r.when)), r.severity, page.sentence(r)]
        for r in found.rule_set.rules
    ]
    return steps + rules


def written_pages(folder: Path) -> dict[Path, str]:
    """Return the pages of the documentation: path and content per language, English first."""
    sets = presets()
    names: dict[Language, str] = {"en": "rules.md", "nl": "rules.nl.md", "fr": "rules.fr.md"}
    return {folder / name: rules_markdown(sets, language) for language, name in names.items()}


class _Document:
    """One document in one language."""

    def __init__(self, sets: Sequence[RuleFile], language: Language) -> None:
        self.first, *self.others = sets
        self.sets = sets
        self.language = language

    def word(self, key: str) -> str:
        return _WORDS[key][self.language]

    def lines(self) -> list[str]:
        found = self.first.rule_set
        limits = self.first.certainty
        lines = [f"# {self.word('title')}", "", self.word("intro"), ""]
        lines += [f"## {self.word('sets')}", ""]
        lines += [
            f"- `{s.rule_set.id}` {s.rule_set.version}, {s.rule_set.date}: "
            f"{s.rule_set.title[self.language]}"
            for s in self.sets
        ]
        certainty = self.word("certainty").format(
            sure=percent_text(limits.sure, self.language),
            likely=percent_text(limits.likely, self.language),
        )
        lines += ["", certainty, "", f"## {self.word('steps')}", ""]
        for number, step in enumerate(found.class_rules, start=1):
            lines += self._step(number, step)
        for kind in ("bottleneck", "opportunity"):
            lines += ["", f"## {self.word(kind)}"]
            for rule in found.rules:
                if rule.kind == kind:
                    lines += ["", *self._rule(rule)]
        return lines

    def _step(self, number: int, step: ClassRule) -> list[str]:
        label = CLASSES[step.zone_class].label[self.language]
        others = [
            (s, next((c for c in s.rule_set.class_rules if c.id == step.id), None))
            for s in self.others
        ]
        return [
            f"{number}. **{label}** `{step.id}`: {self.conditions(step.conditions)}; "
            f"{self.word(step.when_unknown)}.",
            *self._facts(step.source, step.actions, step.gaps, indent="   "),
            *self._differences(
                [(s, self.conditions(c.conditions)) for s, c in others if c is not None],
                self.conditions(step.conditions),
                indent="   ",
            ),
        ]

    def _rule(self, rule: Rule) -> list[str]:
        everywhere = set(rule.zone_kinds) == set(ZONE_KINDS)
        kinds = ("all_kinds",) if everywhere else rule.zone_kinds
        where = ", ".join(self.word(kind) for kind in kinds)
        others = [
            (s, next((r for r in s.rule_set.rules if r.id == rule.id), None)) for s in self.others
        ]
        own = self.conditions((rule.condition, *rule.when))
        return [
            f"### `{rule.id}`",
            "",
            self.sentence(rule),
            "",
            f"- {self.word('if')}: {own}",
            f"- {self.word('severity')}: {self.word(rule.severity)}; {self.word('where')}: {where}",
            *self._facts(rule.source, rule.actions, rule.gaps, indent=""),
            *self._differences(
                [(s, self.conditions((r.condition, *r.when))) for s, r in others if r is not None],
                own,
                indent="",
            ),
        ]

    def _facts(
        self, source: str, actions: Iterable[str], gaps: Iterable[str], indent: str
    ) -> list[str]:
        lines = [f"{indent}- {self.word('source')}: {source}"]
        for name, ids in (("actions", list(actions)), ("gaps", list(gaps))):
            if ids:
                lines.append(f"{indent}- {self.word(name)}: {', '.join(ids)}")
        return lines

    def _differences(self, others: list[tuple[RuleFile, str]], own: str, indent: str) -> list[str]:
        return [
            f"{indent}- {self.word('differs')} `{found.rule_set.id}`: {text}"
            for found, text in others
            if text != own
        ]

    def sentence(self, rule: Rule) -> str:
        """Write a reason with its threshold, and a blank for the value."""
        name, threshold = rule.condition.indicator, rule.condition.threshold
        return rule.reason[self.language].format(
            value=_BLANK,
            threshold=indicator_text(name, threshold, self.language),
            unit=rule.condition.unit,
        )

    def conditions(self, found: Iterable[Condition]) -> str:
        """Write conditions in words."""
        texts = [
            f"{quantity(c.indicator).label[self.language]} {_SIGNS[c.comparison]} "
            f"{indicator_text(c.indicator, c.threshold, self.language)}"
            for c in found
        ]
        return f" {self.word('and')} ".join(texts) or self.word("always")


_SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}
