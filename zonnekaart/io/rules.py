"""Reading zoning rules: TOML in, checked rule set out. Every fault names its rule and key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from zonnekaart.energy.hosting import Band, CabinAssumptions
from zonnekaart.errors import MissingInputError, RulesError
from zonnekaart.io.rule_checks import check_rules
from zonnekaart.io.rule_lines import FileLines, Key, RuleLines, file_lines
from zonnekaart.io.rule_schema import (
    ANY_KIND,
    OWN_METHOD,
    BandTable,
    ClassRuleTable,
    ConditionTable,
    HeadroomTable,
    RuleFileTable,
    RuleTable,
    headroom_methods,
)
from zonnekaart.quantities import LANGUAGES, ZONE_KINDS
from zonnekaart.zoning.confidence import CertaintyLimits, Uncertainty
from zonnekaart.zoning.rules import ClassRule, Condition, Rule, RuleSet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRESETS = ("default", "voorzichtig", "ambitieus")
"""Rule sets that come with the package, the complete one first."""

_OVERRIDES = frozenset({"thresholds", "when", "class_thresholds"})
_REPLACED = ("title", "headroom", "uncertainty", "confidence", "gaps", "privacy", "flip")


@dataclass(frozen=True)
class Texts:
    """
    Sentences of a rule file, each a mapping of language to template.

    Parameters
    ----------
    sentences : tuple of (str, str or None, mapping)
        Zone class, class step if it is for one only, and template, in the order in which they
        are tried.
    flip, privacy, certainty : mapping of str to mapping
        Templates by name.
    """

    sentences: tuple[tuple[str, str | None, Mapping[str, str]], ...]
    flip: Mapping[str, Mapping[str, str]]
    privacy: Mapping[str, Mapping[str, str]]
    certainty: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class RuleFile:
    """
    All that a rule file says.

    Parameters
    ----------
    rule_set : RuleSet
        Rules and class steps.
    cabins : CabinAssumptions
        What is assumed of the grid, by the method that the file names.
    methods : mapping of str to CabinAssumptions
        The same by each method that may be chosen.
    uncertainty : Uncertainty
        What is assumed where inputs carry no interval.
    certainty : CertaintyLimits
        From which probability a class is called sure or likely.
    gap_sources : mapping of str to tuple of str
        Kind of thinness → rows of the data matrix.
    texts : Texts
        Sentences.
    paths : tuple of Path
        The file, and the file it is based on.
    """

    rule_set: RuleSet
    cabins: CabinAssumptions
    methods: Mapping[str, CabinAssumptions]
    uncertainty: Uncertainty
    certainty: CertaintyLimits
    gap_sources: Mapping[str, tuple[str, ...]]
    texts: Texts
    paths: tuple[Path, ...]


def rule_paths(name: str, folder: Path, presets: Path) -> tuple[Path, ...]:
    """
    Return the files a rule set is read from: its own and the one it is based on.

    Parameters
    ----------
    name : str
        Name of a preset, or a path; relative paths start at `folder`.
    folder : Path
        The project's folder.
    presets : Path
        Folder with the presets that come with the package.

    Raises
    ------
    MissingInputError, RulesError
        If a file is absent or is no TOML.
    """
    path = _located(name, folder, presets)
    raw = _load(path)
    base = raw.get("based_on")
    if base is None:
        return (path,)
    where = RuleLines(file_lines(path, _text(path)))
    subject = where.subject(("based_on",), "based_on")
    if not isinstance(base, str):
        raise RulesError(subject, repr(base), "the name of a rule set", "quote it")
    based_on = _located(base, path.parent, presets)
    if "based_on" in _load(based_on) or based_on == path:
        raise RulesError(
            subject,
            f"{base}, which is itself based on another set",
            "a complete rule set",
            "base it on default, or copy default.toml whole",
        )
    return path, based_on


def read_rules(name: str, folder: Path, presets: Path) -> RuleFile:
    """
    Read and check a rule set.

    Parameters
    ----------
    name : str
        Name of a preset, or a path; relative paths start at `folder`.
    folder : Path
        The project's folder.
    presets : Path
        Folder with the presets that come with the package.

    Raises
    ------
    MissingInputError
        If a file is absent.
    RulesError
        If it does not follow the schema, or contradicts the register or itself.
    """
    paths = rule_paths(name, folder, presets)
    lines = [file_lines(path, _text(path)) for path in paths]
    parsed = _checked(_load(paths[-1]), RuleLines(lines[-1]))
    if len(paths) > 1:
        merged = _merged(_load(paths[1]), _load(paths[0]), lines[0])
        parsed = _checked(merged, RuleLines(*lines))
    return _built(parsed, paths)


def _checked(raw: dict[str, Any], lines: RuleLines) -> RuleFileTable:
    try:
        parsed = RuleFileTable.model_validate(raw)
    except ValidationError as error:
        raise _schema_error(error, raw, lines) from error
    check_rules(parsed, lines)
    return parsed


def _located(name: str, folder: Path, presets: Path) -> Path:
    preset = presets / f"{name}.toml"
    if "/" not in name and not name.endswith(".toml") and preset.is_file():
        return preset
    path = folder / name
    if not path.is_file() and not name.endswith(".toml"):
        path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in presets.glob("*.toml")))
        raise MissingInputError(
            name, "no such rule set", f"one of: {known}; or a path", "correct [zoning] rules"
        )
    return path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RulesError(
            str(path), f"bytes that are no text ({error})", "a rule file in UTF-8", "save it so"
        ) from error


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise RulesError(
            str(path), f"text that is not TOML ({error})", "a rule file", "check quotes, brackets"
        ) from error


def _merged(base: dict[str, Any], own: dict[str, Any], lines: FileLines) -> dict[str, Any]:
    """Return the base, which is sound, with the differences of a short file applied."""
    merged = dict(base)
    for key, value in own.items():
        if key == "based_on" or key in _OVERRIDES:
            continue
        if key in _REPLACED and isinstance(value, dict):
            merged[key] = {**base.get(key, {}), **value}
        else:
            merged[key] = value
    if isinstance(own.get("rules", own.get("classes")), list):
        return merged  # its own rules, whole: nothing to change in them
    rules = {r["id"]: dict(r) for r in base["rules"]}
    steps = {c["id"]: dict(c) for c in base["classes"]}
    where = RuleLines(lines)
    for rule_id, threshold in _table(own, "thresholds", where).items():
        _known(rules, rule_id, "thresholds", where)["threshold"] = threshold
    for rule_id, changes in _table(own, "when", where).items():
        rule = _known(rules, rule_id, "when", where)
        applies = dict(rule["applies_to"])
        applies["when"] = _moved(applies.get("when", []), changes, ("when", rule_id), where)
        rule["applies_to"] = applies
    for step_id, changes in _table(own, "class_thresholds", where).items():
        step = _known(steps, step_id, "class_thresholds", where)
        step["all"] = _moved(step["all"], changes, ("class_thresholds", step_id), where)
    return merged | {"rules": list(rules.values()), "classes": list(steps.values())}


def _table(own: dict[str, Any], name: str, where: RuleLines) -> dict[str, Any]:
    found = own.get(name, {})
    if not isinstance(found, dict):
        raise RulesError(where.subject((name,), name), repr(found), "a table", f"write [{name}]")
    return found


def _known(
    found: dict[str, dict[str, Any]], key: str, table: str, where: RuleLines
) -> dict[str, Any]:
    if key not in found:
        raise RulesError(
            where.subject((table, key), table),
            key,
            f"one of: {', '.join(found)}",
            "correct the rule id",
        )
    return found[key]


def _moved(
    conditions: list[dict[str, Any]], changes: object, place: tuple[Key, Key], where: RuleLines
) -> list[dict[str, Any]]:
    subject = where.subject(place, ".".join(map(str, place)))
    if not isinstance(changes, dict):
        raise RulesError(
            subject, repr(changes), "indicator and threshold", "write { indicator = 0.5 }"
        )
    present = {c["indicator"] for c in conditions}
    for indicator in changes:
        if indicator not in present:
            raise RulesError(
                subject, indicator, f"one of: {', '.join(sorted(present))}", "correct the indicator"
            )
    return [{**c, "threshold": changes.get(c["indicator"], c["threshold"])} for c in conditions]


def _schema_error(error: ValidationError, raw: dict[str, Any], lines: RuleLines) -> RulesError:
    """Say the first problem in four facts, with its line and the id of the rule it is in."""
    problems = error.errors(include_url=False)
    # A misspelt key is also a missing one; the spelling is what helps.
    first = min(problems, key=lambda problem: problem["type"] != "extra_forbidden")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    subject = lines.subject(first["loc"], _place(first["loc"], raw))
    if first["type"] == "extra_forbidden":
        return RulesError(
            subject, f"an unknown key{more}", "a key of the rule schema", "check the spelling"
        )
    if first["type"] == "missing":
        language = str(first["loc"][-1]) in LANGUAGES
        hint = "write the sentence in nl, fr and en" if language else "add it; see default.toml"
        return RulesError(subject, f"nothing{more}", "a value", hint)
    return RulesError(subject, f"{first['input']!r}{more}", first["msg"], "correct the value")


def _place(location: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """Return where in the file: the id of the rule instead of its number."""
    names: list[str] = []
    here: Any = raw
    for part in location:
        here = here[part] if _has(here, part) else None
        if isinstance(part, int) and isinstance(here, dict) and "id" in here:
            names.append(f"'{here['id']}'")
        else:
            names.append(str(part))
    return ".".join(names)


def _has(here: object, part: int | str) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _built(parsed: RuleFileTable, paths: tuple[Path, ...]) -> RuleFile:
    headroom = parsed.headroom
    return RuleFile(
        rule_set=RuleSet(
            parsed.id,
            parsed.version,
            parsed.date,
            parsed.title.model_dump(),
            tuple(_rule(r) for r in parsed.rules),
            tuple(_step(c) for c in parsed.classes),
        ),
        cabins=_cabins(headroom, headroom.method),
        methods={name: _cabins(headroom, name) for name in headroom_methods(headroom)},
        uncertainty=Uncertainty(**parsed.uncertainty.model_dump(exclude={"source"})),
        certainty=CertaintyLimits(parsed.confidence.sure, parsed.confidence.likely),
        gap_sources={name: tuple(ids) for name, ids in parsed.gaps.items()},
        texts=Texts(
            tuple(
                (s.zone_class, s.step, {lang: getattr(s, lang) for lang in LANGUAGES})
                for s in parsed.sentences
            ),
            parsed.flip.model_dump(),
            parsed.privacy.model_dump(),
            parsed.confidence.words.model_dump(),
        ),
        paths=paths,
    )


def _cabins(headroom: HeadroomTable, method: str) -> CabinAssumptions:
    """Return what is assumed of cabins by one method: its bands in the place of our own."""
    certain = Band(1.0, 1.0, 1.0)
    limit, load, factor = _band(headroom.reverse_limit), certain, _band(headroom.network_factor)
    if method != OWN_METHOD:
        bands = headroom.methods[method]
        limit, load, factor = _band(bands.reverse_limit), _band(bands.load_share), certain
    return CabinAssumptions(
        tuple(headroom.classes_kva),
        headroom.connections_min,
        headroom.connections_max,
        _band(headroom.dwelling_kw),
        headroom.dwelling_simultaneity,
        headroom.other_simultaneity,
        headroom.other_kw_m2,
        headroom.own_cabin_kw,
        headroom.power_factor,
        limit,
        _band(headroom.existing_unknown_share),
        load,
        factor,
        method,
    )


def _band(band: BandTable) -> Band:
    return Band(band.low, band.central, band.high)


def _condition(condition: ConditionTable) -> Condition:
    return Condition(condition.indicator, condition.comparison, condition.threshold, condition.unit)


def _rule(rule: RuleTable) -> Rule:
    kinds = rule.applies_to.kinds
    return Rule(
        id=rule.id,
        kind=rule.kind,
        condition=_condition(rule),
        severity=rule.severity,
        weight=rule.weight,
        subject=rule.subject,
        zone_kinds=ZONE_KINDS if ANY_KIND in kinds else tuple(kinds),
        when=tuple(_condition(c) for c in rule.applies_to.when),
        reason=rule.reason.model_dump(),
        source=rule.source,
        actions=tuple(rule.actions),
        gaps=tuple(rule.gaps),
    )


def _step(step: ClassRuleTable) -> ClassRule:
    return ClassRule(
        id=step.id,
        zone_class=step.zone_class,
        conditions=tuple(_condition(c) for c in step.all),
        when_unknown=step.when_unknown,
        source=step.source,
        actions=tuple(step.actions),
        gaps=tuple(step.gaps),
    )
