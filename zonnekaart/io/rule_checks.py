"""Checks of a rule file that a schema cannot make: the register, texts, contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.errors import RulesError
from zonnekaart.io.rule_headroom import check_headroom
from zonnekaart.io.rule_schema import (
    ANY_KIND,
    template_fields,
)
from zonnekaart.quantities import INDICATORS, LANGUAGES, QUANTITIES, ZONE_CLASSES, ZONE_KINDS
from zonnekaart.zoning.ranges import (
    Ranges,
    ValueRange,
    condition_range,
    covered,
    joint_ranges,
    overlapping,
    possible,
    rest_of,
)
from zonnekaart.zoning.rules import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zonnekaart.io.rule_lines import Key, RuleLines
    from zonnekaart.io.rule_schema import (
        ClassRuleTable,
        ConditionTable,
        RuleFileTable,
        RuleTable,
        TextsTable,
    )

REASON_FIELDS = frozenset({"value", "threshold", "unit"})
FLIP_FIELDS = frozenset({"to_class", "label", "flips_at", "value", "range"})
PRIVACY_FIELDS = frozenset({"k", "buildings", "dominance"})
CERTAINTY_FIELDS = frozenset({"first", "second"})
_BOUNDS = {name: ValueRange(QUANTITIES[name].low, QUANTITIES[name].high) for name in INDICATORS}


@dataclass(frozen=True)
class _Place:
    """A place in the file: its path in the tables, and its name for people."""

    location: tuple[Key, ...]
    label: str

    def inside(self, *keys: Key) -> _Place:
        return _Place((*self.location, *keys), ".".join([self.label, *map(str, keys)]))


def check_rules(parsed: RuleFileTable, lines: RuleLines) -> None:
    """
    Check what a schema cannot: the register, ids, placeholders, contradictions.

    Parameters
    ----------
    parsed : RuleFileTable
        The rule set, whole.
    lines : RuleLines
        Where it stands in its files.

    Raises
    ------
    RulesError
        At the first fault, with file, line and the id of the rule it is in.
    """
    _Check(parsed, lines).run()


class _Check:
    """The checks of one rule set, in the order in which they are of use."""

    def __init__(self, parsed: RuleFileTable, lines: RuleLines) -> None:
        self.parsed = parsed
        self.lines = lines

    def run(self) -> None:
        for place, condition in self._conditions():
            self._condition(place, condition)
        self._kinds()
        self._ids()
        self._steps()
        self._reasons()
        self._sentences()
        self._other_texts()
        self._ranges_of_rules()
        self._contradictions()
        self._reachable_steps()
        check_headroom(self.parsed.headroom, self.lines)
        self._confidence()

    def fail(self, place: _Place, found: str, expected: str, hint: str) -> RulesError:
        return RulesError(self.lines.subject(place.location, place.label), found, expected, hint)

    def _rules(self) -> Iterator[tuple[_Place, RuleTable]]:
        for number, rule in enumerate(self.parsed.rules):
            yield _Place(("rules", number), f"rule '{rule.id}'"), rule

    def _classes(self) -> Iterator[tuple[_Place, ClassRuleTable]]:
        for number, step in enumerate(self.parsed.classes):
            yield _Place(("classes", number), f"class step '{step.id}'"), step

    def _conditions(self) -> Iterator[tuple[_Place, ConditionTable]]:
        for place, rule in self._rules():
            yield place, rule
            for condition in rule.applies_to.when:
                yield place.inside("applies_to", "when"), condition
        for place, step in self._classes():
            for condition in step.all:
                yield place.inside("all"), condition

    def _kinds(self) -> None:
        for place, rule in self._rules():
            known = (ANY_KIND, *ZONE_KINDS)
            strange = [kind for kind in rule.applies_to.kinds if kind not in known]
            if strange:
                raise self.fail(
                    place.inside("applies_to", "kinds"),
                    ", ".join(strange),
                    f"{ANY_KIND}, or some of: {', '.join(ZONE_KINDS)}",
                    f'correct the kind, or write ["{ANY_KIND}"]',
                )

    def _condition(self, place: _Place, condition: ConditionTable) -> None:
        if condition.indicator not in INDICATORS:
            raise self.fail(
                place.inside("indicator"),
                condition.indicator,
                f"one of: {', '.join(INDICATORS)}",
                "correct the name; docs/glossary.md explains each",
            )
        known = QUANTITIES[condition.indicator]
        if condition.unit != known.unit:
            raise self.fail(
                place.inside("unit"),
                repr(condition.unit),
                repr(known.unit),
                f"give the threshold of {condition.indicator} in {known.unit}; "
                "shares run from 0 to 1",
            )
        reach = condition_range(condition.comparison, condition.threshold)
        inside = known.low <= condition.threshold <= known.high
        if not inside or reach.intersect(_BOUNDS[condition.indicator]).empty:
            raise self.fail(
                place.inside("threshold"),
                f"{condition.comparison} {condition.threshold:g} {known.unit}",
                f"between {known.low:g} and {known.high:g}",
                "no zone can reach this threshold; shares run from 0 to 1",
            )

    def _ids(self) -> None:
        seen: set[str] = set()
        named = [(place, rule.id) for place, rule in self._rules()]
        named += [(place, step.id) for place, step in self._classes()]
        for place, name in named:
            if name in seen:
                raise self.fail(
                    place.inside("id"), "an id used twice", "one rule per id", "rename one"
                )
            seen.add(name)

    def _steps(self) -> None:
        named = [(p.inside("class"), c.zone_class) for p, c in self._classes()]
        named += [
            (_Place(("sentences", n, "class"), "sentences.class"), s.zone_class)
            for n, s in enumerate(self.parsed.sentences)
        ]
        for place, name in named:
            if name not in ZONE_CLASSES:
                raise self.fail(place, name, f"one of: {', '.join(ZONE_CLASSES)}", "correct it")
        for place, step in list(self._classes())[:-1]:
            if not step.all:
                raise self.fail(
                    place,
                    "no condition, before the last step",
                    "conditions, or the last place",
                    "steps after it would never be tried",
                )

    def _reasons(self) -> None:
        for place, rule in self._rules():
            reason = place.inside("reason")
            self._texts(reason, rule.reason, REASON_FIELDS)
            for language in LANGUAGES:
                if "{value}" not in getattr(rule.reason, language):
                    raise self.fail(
                        reason.inside(language),
                        "a sentence without {value}",
                        "the number that made the rule fire",
                        "put {value} in nl, fr and en",
                    )

    def _sentences(self) -> None:
        for number, sentence in enumerate(self.parsed.sentences):
            place = _Place(("sentences", number), f"sentences ({sentence.zone_class})")
            self._texts(place, sentence, frozenset(INDICATORS))
            steps = {c.id for c in self.parsed.classes if c.zone_class == sentence.zone_class}
            if sentence.step is not None and sentence.step not in steps:
                raise self.fail(
                    place.inside("step"),
                    sentence.step,
                    f"one of: {', '.join(sorted(steps))}",
                    "name a step of the same class, or leave step out",
                )
        missing = [
            c for c in ZONE_CLASSES if c not in {s.zone_class for s in self.parsed.sentences}
        ]
        if missing:
            raise self.fail(
                _Place(("sentences", 0), "sentences"),
                f"none for {missing[0]}",
                "one per class",
                "add [[sentences]]",
            )

    def _other_texts(self) -> None:
        words = self.parsed.confidence.words
        for table, texts, allowed in (
            ("flip", self.parsed.flip, FLIP_FIELDS),
            ("privacy", self.parsed.privacy, PRIVACY_FIELDS),
            ("confidence.words", words, CERTAINTY_FIELDS),
        ):
            for name in type(texts).model_fields:
                place = _Place((*table.split("."), name), f"{table}.{name}")
                self._texts(place, getattr(texts, name), allowed)

    def _texts(self, place: _Place, texts: TextsTable, allowed: frozenset[str]) -> None:
        """Check that templates are whole, differ, and use only placeholders that will be filled."""
        seen: dict[str, str] = {}
        for language in LANGUAGES:
            text = getattr(texts, language)
            twin = seen.setdefault(text.strip(), language)
            if twin != language:
                raise self.fail(
                    place.inside(language),
                    f"the same text as in {twin}",
                    f"a sentence in {language}",
                    "translate it; a copy is no translation",
                )
            self._fields(place.inside(language), text, allowed)

    def _fields(self, place: _Place, text: str, allowed: frozenset[str]) -> None:
        try:
            used = template_fields(text)
        except ValueError as error:
            raise self.fail(
                place, str(error), "whole braces", "write {{ for a plain brace"
            ) from error
        for field in sorted(used - allowed):
            raise self.fail(
                place,
                "{" + field + "}",
                f"one of: {', '.join(sorted(allowed))}",
                "correct the placeholder",
            )

    def _ranges_of_rules(self) -> None:
        for place, rule in self._rules():
            for name, part in _ranges((rule, *rule.applies_to.when)).items():
                if part.empty:
                    raise self.fail(
                        place.inside("applies_to"),
                        f"conditions on {name} that no value meets",
                        "a range with room between its ends",
                        "the rule would never fire; widen `when` or the threshold",
                    )

    def _contradictions(self) -> None:
        """Refuse two rules that say opposite things of the same numbers."""
        seen: list[tuple[_Place, RuleTable, Ranges]] = []
        for place, rule in self._rules():
            ranges = _ranges((rule, *rule.applies_to.when))
            for other_place, other, others in seen:
                if _opposed(rule, other) and overlapping(ranges, others):
                    pair = ((place, rule), (other_place, other))
                    raise self._contradiction(*sorted(pair, key=self._of_the_base))
            seen.append((place, rule, ranges))

    def _of_the_base(self, pair: tuple[_Place, RuleTable]) -> bool:
        """Tell whether a rule is as in the base: a short file is blamed for what it changes."""
        return not self.lines.changed(pair[0].inside("threshold").location)

    def _contradiction(
        self, first: tuple[_Place, RuleTable], second: tuple[_Place, RuleTable]
    ) -> RulesError:
        (place, rule), (_, other) = first, second
        condition, others = (f"{r.comparison} {r.threshold:g}" for r in (rule, other))
        return self.fail(
            place.inside("threshold"),
            f"the same condition as {other.kind} '{other.id}'"
            if condition == others
            else f"{condition}, which overlaps {other.kind} '{other.id}' ({others})",
            "one of the two, or ranges that do not overlap",
            f"a zone cannot have {rule.indicator} as {rule.kind} and {other.kind} at once",
        )

    def _reachable_steps(self) -> None:
        """Refuse a class step that no zone can come to."""
        left = dict(_BOUNDS)
        earlier: list[tuple[str, Ranges]] = []
        for place, step in self._classes():
            ranges = _ranges(step.all)
            hidden = next((i for i, r in earlier if step.all and covered(ranges, r)), None)
            rest = {name: part.intersect(left[name]) for name, part in ranges.items()}
            if hidden is None and possible(rest):
                earlier.append((step.id, ranges))
                if len(step.all) == 1:
                    (name,) = ranges
                    taken = condition_range(step.all[0].comparison, step.all[0].threshold)
                    left[name] = rest_of(left[name], taken)
                continue
            why = "earlier steps take all of it"
            if not possible(ranges):
                why = "its conditions exclude each other"
            elif hidden is not None:
                why = f"step '{hidden}' comes first and covers it"
            raise self.fail(
                place.inside("all"),
                f"a step that is never reached: {why}",
                "a step that some zone can come to",
                "move it up, change its thresholds, or remove it",
            )

    def _confidence(self) -> None:
        table = self.parsed.confidence
        if table.likely > table.sure:
            raise self.fail(
                _Place(("confidence", "likely"), "confidence.likely"),
                f"{table.likely:g}",
                f"at most {table.sure:g}, the value of sure",
                "likely is less than sure; swap the two",
            )


def _ranges(conditions: Sequence[ConditionTable]) -> Ranges:
    found = [Condition(c.indicator, c.comparison, c.threshold, c.unit) for c in conditions]
    return joint_ranges(found, _BOUNDS)


def _opposed(rule: RuleTable, other: RuleTable) -> bool:
    """
    Tell whether two rules exclude each other in sense.

    One warns and one invites, on one indicator in the same kind of zone. Two that look the same
    way may both be true (many flats decide together, and can share within one building), unless
    they are one and the same condition.
    """
    if rule.kind == other.kind or rule.indicator != other.indicator:
        return False
    if not set(rule.applies_to.kinds) & set(other.applies_to.kinds):
        return False
    upward = [r.comparison in {">", ">="} for r in (rule, other)]
    return upward[0] != upward[1] or rule.threshold == other.threshold
