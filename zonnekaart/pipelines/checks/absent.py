"""Optional inputs that a project goes without: what that costs, and where they can be got."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonnekaart.config import share_folder
from zonnekaart.errors import InputError
from zonnekaart.io.absent_inputs import read_optional_inputs
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.rules import read_rules, rule_paths
from zonnekaart.pipelines.checks.findings import first_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.io.absent_inputs import OptionalInput
    from zonnekaart.io.matrix import Source
    from zonnekaart.io.rules import RuleFile


def absent_inputs(project: Project) -> list[dict[str, Any]]:
    """
    Return the optional inputs that are absent, with cost and address.

    Parameters
    ----------
    project : Project
        The project file.

    Returns
    -------
    list of dict
        Per input: ``input``, ``effect`` (``unknown`` or ``weaker``), ``cost`` per language,
        ``indicators`` and ``rules`` that it touches, ``missing`` (rows of the matrix that name
        the gap) and ``sources`` (id, name, holder, address). The most costly first.
    """
    rules = _rules(project)
    rows = load_matrix()
    gone = []
    for row in read_optional_inputs():
        if not _counts(project, row):
            continue
        ids = () if rules is None or row.gap is None else rules.gap_sources.get(row.gap, ())
        known = [s for s in (rows.source(i) for i in row.sources) if s is not None]
        gone.append(
            {
                "input": row.input,
                "effect": row.effect,
                "cost": row.cost.model_dump(),
                "indicators": row.indicators,
                "rules": [] if rules is None else _touched(rules, row.indicators),
                "missing": [
                    {"id": m.id, "title": m.title, "severity": m.severity}
                    for m in rows.missing
                    if m.id in ids
                ],
                "sources": [
                    {"id": s.id, "name": s.name, "holder": s.owner, "address": address_of(s)}
                    for s in known
                ],
            }
        )
    return gone


def absent_lines(gone: Iterable[Mapping[str, Any]], language: str = "en") -> list[str]:
    """Return one short line per absent input, for the terminal."""
    lines = []
    for entry in gone:
        rules = f" Rules: {first_few(entry['rules'], 3)}." if entry["rules"] else ""
        places = [f"{s['id']} {s['holder']}, {s['address']}" for s in entry["sources"][:1]]
        where = f" Get it: {places[0]}" if places else ""
        lines.append(
            f"{entry['input']} ({entry['effect']}): {entry['cost'][language]}{rules}{where}"
        )
    return lines


def address_of(source: Source) -> str:
    """Return the first web address of a row: of its service, else of its facts."""
    return next(iter([*source.service_addresses, *source.addresses]), "no address known")


def rule_files(project: Project) -> list[Path]:
    """Return the files of rules that the project chose; none when they cannot be found."""
    try:
        return list(
            rule_paths(project.zoning.rules, project.folder, share_folder("data") / "rules")
        )
    except InputError:
        return []


def _rules(project: Project) -> RuleFile | None:
    """Return the rules of the project; None when they are broken, which zoning itself tells."""
    try:
        return read_rules(project.zoning.rules, project.folder, share_folder("data") / "rules")
    except InputError:
        return None


def _counts(project: Project, row: OptionalInput) -> bool:
    instead = any(_given(project, place) for place in (row.input, *row.unless))
    return not instead and all(_given(project, place) for place in row.when)


def _given(project: Project, place: str) -> bool:
    """Tell whether a place of the project file is filled in."""
    value: object = project
    for key in place.split("."):
        value = getattr(value, key, None)
    return value is not None and value != ()


def _touched(rules: RuleFile, indicators: list[str]) -> list[str]:
    """Return the rules and class steps that look at one of these indicators."""
    named = set(indicators)
    sets = rules.rule_set
    found = [
        rule.id
        for rule in sets.rules
        if named & {c.indicator for c in (rule.condition, *rule.when)}
    ]
    return found + [
        step.id for step in sets.class_rules if named & {c.indicator for c in step.conditions}
    ]
