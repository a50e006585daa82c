"""Look at the matrices: schema, ids that occur twice, references to nothing, age, addresses."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.config import share_folder
from zonnekaart.io.experience import Experience
from zonnekaart.io.matrix import Matrix, load_matrix, matrix_folder
from zonnekaart.io.matrix_rows import line_of
from zonnekaart.io.rules import read_rules
from zonnekaart.pipelines.checks.findings import Finding, first_few
from zonnekaart.quantities.zones import INDICATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

OLD_MONTHS = 12
_MONTH_DAYS = 30.44
_RULES = "default"


@dataclass(frozen=True)
class _List:
    """
    One list of rows.

    Parameters
    ----------
    path : Path
        File it stands in.
    key : str
        Its name there.
    ids : list of str
        In the order of the file.
    """

    path: Path
    key: str
    ids: list[str]

    def line(self, at: int, *field: str) -> str:
        """Return file and line of a row."""
        return f"{self.path}:{line_of(self.path, self.key, at, *field)}"


def check(folder: Path | None = None, today: dt.date | None = None) -> list[Finding]:
    """
    Look at the matrices: schema, ids that occur twice, references to nothing, age.

    Parameters
    ----------
    folder : Path, optional
        Folder with the files; ours when left out.
    today : date, optional
        Day that ages are counted to; today when left out.

    Returns
    -------
    list of Finding
        Empty when all is well; each names file and line.

    Raises
    ------
    MissingInputError, TableError
        If a file is absent or a row breaks the schema.
    """
    place = folder or matrix_folder()
    matrix = load_matrix(place)
    lists = _lists(matrix, place)
    now = today or dt.datetime.now(dt.UTC).date()
    return [
        *_repeated(lists),
        *_dangling(matrix, lists),
        *_unlinked(matrix, lists),
        *_unanswered(matrix, lists),
        *_old(matrix, lists["sources"], now),
    ]


def addresses(matrix: Matrix) -> dict[str, list[str]]:
    """
    Return every address of the matrices with the rows that rest on it.

    Parameters
    ----------
    matrix : Matrix
        Both matrices.
    """
    found: dict[str, list[str]] = {}
    for row in matrix.sources:
        for address in row.addresses:
            found.setdefault(address.rstrip("."), []).append(row.id)
    for name in Experience.model_fields:
        for row in getattr(matrix.experience, name):
            for address in (getattr(row, "source", None), *getattr(row, "more_sources", ())):
                if address:
                    found.setdefault(address, []).append(row.id)
    return found


def check_addresses(matrix: Matrix, ask: Callable[[str], str | None]) -> list[Finding]:
    """
    Ask each address once whether it still answers.

    Parameters
    ----------
    matrix : Matrix
        Both matrices.
    ask : callable
        Address → what went wrong, or None; see `zonnekaart.io.services.addresses`.
    """
    found = []
    for address, ids in sorted(addresses(matrix).items()):
        trouble = ask(address)
        if trouble is not None:
            found.append(
                Finding(
                    "warning",
                    "matrix.address",
                    "matrix",
                    address,
                    f"{trouble} (rows {first_few(ids)})",
                    "a page that answers",
                    "look for its new place, and check the facts there again",
                )
            )
    return found


def _lists(matrix: Matrix, folder: Path) -> dict[str, _List]:
    """Return the ids of each list with the file it stands in."""
    lists = {
        name: _List(folder / f"{name}.yaml", name, [row.id for row in getattr(matrix, name)])
        for name in ("sources", "missing")
    }
    for name in Experience.model_fields:
        rows = getattr(matrix.experience, name)
        ids = [row.recommendation if name == "links" else row.id for row in rows]
        lists[name] = _List(folder / "experience" / f"{name}.yaml", name, ids)
    return lists


def _error(code: str, place: str, found: str, expected: str, hint: str) -> Finding:
    return Finding("error", code, "matrix", place, found, expected, hint)


def _repeated(lists: dict[str, _List]) -> list[Finding]:
    found = []
    for members in lists.values():
        for identity, times in Counter(members.ids).items():
            if times > 1:
                last = len(members.ids) - 1 - members.ids[::-1].index(identity)
                found.append(
                    _error(
                        "matrix.duplicate",
                        members.line(last),
                        f"{identity} for the {times}. time",
                        "every id once",
                        "give the newer row the next free number",
                    )
                )
    return found


def _dangling(matrix: Matrix, lists: dict[str, _List]) -> list[Finding]:
    experience = matrix.experience
    known = {name: set(members.ids) for name, members in lists.items()}
    rules = read_rules(_RULES, matrix_folder(), share_folder("data") / "rules").rule_set
    known["rules"] = {rule.id for rule in rules.rules}
    known["indicators"] = set(INDICATORS)
    plan: list[tuple[str, Sequence[object], dict[str, str]]] = [
        ("missing", matrix.missing, {"refs": "sources"}),
        (
            "links",
            experience.links,
            {
                "recommendation": "recommendations",
                "stakeholders": "stakeholders",
                "projects": "sharing_projects",
                "missing": "missing",
                "indicators": "indicators",
            },
        ),
        (
            "needs",
            experience.needs,
            {
                "stakeholder": "stakeholders",
                "recommendations": "recommendations",
                "rules": "rules",
                "indicators": "indicators",
            },
        ),
    ]
    return [
        finding
        for name, rows, fields in plan
        for at, row in enumerate(rows)
        for field, target in fields.items()
        for finding in _unknown(_named(row, field), known[target], lists[name], (at, field))
    ]


def _named(row: object, field: str) -> list[str]:
    value = getattr(row, field)
    return [value] if isinstance(value, str) else list(value)


def _unknown(
    named: Iterable[str], ids: set[str], members: _List, place: tuple[int, str]
) -> list[Finding]:
    at, field = place
    lost = sorted(set(named) - ids)
    if not lost:
        return []
    return [
        _error(
            "matrix.dangling",
            members.line(at, field),
            f"{members.ids[at]}.{field} names {first_few(lost)}, which does not exist",
            "ids of rows that exist",
            "correct the id, or add the row",
        )
    ]


def _unlinked(matrix: Matrix, lists: dict[str, _List]) -> list[Finding]:
    """Look for actions without a link."""
    linked = set(lists["links"].ids)
    return [
        _error(
            "matrix.unlinked",
            lists["recommendations"].line(at),
            f"{row.id} without a link in {lists['links'].path.name}",
            "a link per recommendation",
            "say which classes, indicators and gaps call for it; lists may be empty",
        )
        for at, row in enumerate(matrix.experience.recommendations)
        if row.id not in linked
    ]


def _unanswered(matrix: Matrix, lists: dict[str, _List]) -> list[Finding]:
    """Look for features that a group asks for and of which no need says anything."""
    experience = matrix.experience
    answered = {(need.stakeholder, need.feature.en) for need in experience.needs}
    return [
        _error(
            "matrix.unanswered",
            lists["stakeholders"].line(at, "tool_features"),
            f"{group.id} asks for {wish!r}, not in {lists['needs'].path.name}",
            "a need per feature that a group asks for",
            "add a row: served yes, partly or no, and where",
        )
        for at, group in enumerate(experience.stakeholders)
        for wish in group.tool_features
        if (group.id, wish) not in answered
    ]


def _old(matrix: Matrix, sources: _List, today: dt.date) -> list[Finding]:
    """Tell of rows whose facts were looked up too long ago, the oldest first."""
    months = {
        at: (today - dt.date.fromisoformat(row.checked)).days / _MONTH_DAYS
        for at, row in enumerate(matrix.sources)
    }
    old = sorted((at for at in months if months[at] > OLD_MONTHS), key=lambda at: -months[at])
    if not old:
        return []
    return [
        Finding(
            "warning",
            "matrix.old",
            "matrix",
            sources.line(old[0]),
            f"facts of {len(old)} rows looked up to {months[old[0]]:.0f} months ago",
            f"at most {OLD_MONTHS} months",
            "look them up again at their addresses and renew `compiled`, or `checked` per row",
        )
    ]
