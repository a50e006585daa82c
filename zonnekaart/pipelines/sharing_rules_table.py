"""The rule sets for sharing side by side, as rows for the terminal and as a table for the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.config import share_folder
from zonnekaart.io.sharing_rules import Perimeter, SharingRules, read_all_sharing_rules

if TYPE_CHECKING:
    import datetime as dt

RULES_FOLDER = "sharing"
COLUMNS = (
    "rule set",
    "from",
    "to",
    "scheme",
    "perimeter",
    "limit",
    "step",
    "keys, default first",
    "grid cost due",
    "confidence",
    "source",
)
_UNKNOWN = "not found"


def rule_rows(day: dt.date | None = None) -> list[dict[str, str]]:
    """
    Return one row per perimeter of every rule set.

    Parameters
    ----------
    day : date, optional
        Only what holds on this day; all, with their dates, when None.

    Returns
    -------
    list of dict
        Keys are `COLUMNS`; a fact that no source gives reads ``not found``.
    """
    rows = []
    for rules in read_all_sharing_rules(share_folder("data") / RULES_FOLDER):
        if day is not None and not rules.in_force(day):
            continue
        held = [p for p in rules.perimeters if day is None or p.in_force(day)]
        rows += [dict(zip(COLUMNS, _cells(rules, p), strict=True)) for p in held]
    return rows


def markdown_table(rows: list[dict[str, str]]) -> str:
    """Return rows as a Markdown table."""
    shown = [name for name in COLUMNS if name not in ("confidence", "source")]
    lines = [f"| {' | '.join(shown)} |", "|" + "---|" * len(shown)]
    for row in rows:
        scheme = f"{row['scheme']} [{row['confidence']}]({row['source']})"
        cells = {**row, "rule set": f"`{row['rule set']}`", "scheme": scheme}
        lines.append(f"| {' | '.join(cells[name] for name in shown)} |")
    return "\n".join(lines)


def _cells(rules: SharingRules, perimeter: Perimeter) -> tuple[str, ...]:
    settlement = rules.settlement
    default = settlement.default_key
    keys = [default, *(k for k in settlement.keys if k != default)]
    return (
        rules.rule.id,
        _first(perimeter, rules),
        _last(perimeter, rules),
        perimeter.scheme,
        perimeter.model if perimeter.enabled else "off: " + perimeter.status,
        _limit(perimeter),
        f"{settlement.step_minutes} min",
        ", ".join(keys),
        _due(perimeter),
        perimeter.confidence,
        perimeter.source,
    )


def _first(perimeter: Perimeter, rules: SharingRules) -> str:
    first = perimeter.valid_from
    if first is None:
        return _UNKNOWN
    length = {"day": 10, "month": 7, "year": 4}[perimeter.date_precision]
    if first < rules.rule.valid_from:
        return rules.rule.valid_from.isoformat()
    return first.isoformat()[:length]


def _last(perimeter: Perimeter, rules: SharingRules) -> str:
    last = perimeter.valid_to or rules.rule.valid_to
    return last.isoformat() if last else ""


def _limit(perimeter: Perimeter) -> str:
    said = []
    if perimeter.max_distance_m is not None:
        said.append(f"{perimeter.max_distance_m:g} m {perimeter.distance_measure or ''}".strip())
    if perimeter.max_receivers is not None:
        said.append(f"{perimeter.max_receivers} receiver")
    if perimeter.min_members is not None:
        said.append(f"{perimeter.min_members} members or more")
    said += ["same holder"] if perimeter.same_holder else []
    said += ["legal person"] if perimeter.legal_person else []
    if perimeter.size_limit_kw is not None:
        said.append(f"{perimeter.size_limit_kw:g} kW")
    said += [perimeter.condition] if perimeter.condition else []
    return "; ".join(said)


def _due(perimeter: Perimeter) -> str:
    if perimeter.grid_cost_share is not None:
        return f"{perimeter.grid_cost_share:.0%}"
    return perimeter.network_tariff_effect
