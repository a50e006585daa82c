"""Gap → effect: what a missing or weak source touches, and how much surer it would make zones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.io.vector import read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from zonnekaart.io.matrix import Matrix
    from zonnekaart.io.rules import RuleFile

RANKING = "gap_ranking.parquet"
_FILLED, _PARTLY = 0.95, 0.0
_NAMED_ZONES = 20
"""Zones named per gap; a city has thousands, and each zone names its own gaps."""


@dataclass(frozen=True)
class _Filling:
    """
    What in a project stands for a missing source.

    Parameters
    ----------
    input : str
        Input whose facts tell.
    fact : str
        A known share among these facts, 0 to 1.
    most : {"filled", "partly"}
        The best it can be, even when the share is whole.
    """

    input: str
    fact: str
    most: str


_FILLINGS = {
    "MIS-01": _Filling("cabins", "rated_kva_known_share", "partly"),
    "MIS-02": _Filling("buildings", "existing_kwp_known_share", "filled"),
    "MIS-08": _Filling("consumption", "known_share", "partly"),
    "MIS-10": _Filling("buildings", "owner_known_share", "filled"),
    "MIS-11": _Filling("buildings", "dwellings_known_share", "partly"),
    "MIS-20": _Filling("buildings", "use_known_share", "partly"),
}
"""Missing sources that a project's own columns can stand for; all others stay open."""


@dataclass(frozen=True)
class Zones:
    """
    What zoning says of gaps and rules.

    Parameters
    ----------
    gaps : mapping of str to list of str
        Source → ids of the zones it touches, highest yield first.
    rules : mapping of str to int
        Rule → zones in which it fired.
    ranking : mapping of str to dict
        Source → its row of the ranking.
    """

    gaps: Mapping[str, list[str]]
    rules: Mapping[str, int]
    ranking: Mapping[str, dict[str, Any]]


def read_zones(build: Path) -> Zones | None:
    """
    Read which zones name which gap and rule, and the ranking of the gaps.

    Parameters
    ----------
    build : Path
        Build folder. ``gap_ranking.parquet`` and the column ``gap_effects`` are read when they
        are there; without them no gain is known, and sources are ranked by zones and yield.

    Returns
    -------
    Zones or None
        None before zoning.
    """
    path = build / "zones.parquet"
    if not path.is_file():
        return None
    frame = read_parquet(path)
    touched: dict[str, list[str]] = {}
    energy: dict[str, float] = {}
    produced = [
        _known((figures or {}).get("annual_yield_kwh")) or 0.0
        for figures in _column(frame, "indicators")
    ]
    rows = sorted(
        zip(produced, _column(frame, "zone_id"), frame["gaps"], strict=True),
        key=lambda row: (-row[0], str(row[1])),
    )
    for kwh, zone, named in rows:
        for gap in () if named is None else named:
            touched.setdefault(gap, []).append(str(zone))
            energy[gap] = energy.get(gap, 0.0) + kwh / 1000.0
    return Zones(touched, _fired(frame), _ranking(build, touched, energy))


def _column(frame: pd.DataFrame, name: str) -> list[Any]:
    return list(frame[name]) if name in frame else [None] * len(frame)


def _fired(frame: pd.DataFrame) -> dict[str, int]:
    """Return in how many zones each rule fired."""
    counts: dict[str, int] = {}
    for kind in ("bottlenecks", "opportunities"):
        for records in _column(frame, kind):
            for rule in {record["rule_id"] for record in (() if records is None else records)}:
                counts[rule] = counts.get(rule, 0) + 1
    return counts


def _ranking(
    build: Path, touched: dict[str, list[str]], energy: dict[str, float]
) -> dict[str, dict[str, Any]]:
    path = build / RANKING
    if path.is_file():
        frame = read_parquet(path)
        return {
            str(row["source_id"]): {
                "rank": int(row["rank"]),
                "zones_undecided": int(row["zones_undecided"]),
                "expected_zones": _known(row["expected_zones"]),
                "annual_yield_mwh": _known(row["annual_yield_mwh"]),
            }
            for row in frame.to_dict("records")
        }
    order = sorted(touched, key=lambda gap: (-len(touched[gap]), -energy[gap], gap))
    return {
        gap: {
            "rank": rank,
            "zones_undecided": None,
            "expected_zones": None,
            "annual_yield_mwh": round(energy[gap], 1),
        }
        for rank, gap in enumerate(order, start=1)
    }


def _known(value: Any) -> float | None:  # noqa: ANN401 - a number of any kind, or nothing
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 3)


def gaps(
    matrix: Matrix, inputs: list[dict[str, Any]], zones: Zones | None, rules: RuleFile
) -> list[dict[str, Any]]:
    """
    Return each missing source with what the project has of it and what it touches.

    Parameters
    ----------
    matrix : Matrix
        The data matrix. Sources that exist but that zoning asks for are added after its gaps.
    inputs : list of dict
        From `measured_inputs`.
    zones : Zones or None
        From `read_zones`; without zones nothing is known of them.
    rules : RuleFile
        Which rules and steps name a gap, and which figures these rest on.

    Returns
    -------
    list of dict
        ``expected_zones`` is the sum of the gains in confidence over the zones: so many more
        zones would have the right class. Null where no draw stands for what the data would tell.
    """
    facts = {entry["input"]: entry["facts"] for entry in inputs}
    asked = [] if zones is None else sorted(set(zones.ranking) | set(zones.gaps))
    ids = [row.id for row in matrix.missing]
    return [
        _gap(name, facts, zones, rules)
        for name in [*ids, *(other for other in asked if other not in ids)]
    ]


def _gap(
    name: str, facts: dict[str, dict[str, Any]], zones: Zones | None, rules: RuleFile
) -> dict[str, Any]:
    filling = _FILLINGS.get(name)
    share = facts.get(filling.input, {}).get(filling.fact) if filling else None
    status = "open"
    if filling is not None and share is not None and share > _PARTLY:
        status = filling.most if share >= _FILLED else "partly"
    members = None if zones is None else zones.gaps.get(name, [])
    unranked = dict.fromkeys(("rank", "zones_undecided", "expected_zones", "annual_yield_mwh"))
    named = [rule for rule in rules.rule_set.rules if name in rule.gaps]
    steps = [step for step in rules.rule_set.class_rules if name in step.gaps]
    conditions = [rule.condition for rule in named] + [c for s in steps for c in s.conditions]
    return {
        "id": name,
        "status": status,
        "known_share": share,
        "zones": None if members is None else len(members),
        "zone_ids": (members or [])[:_NAMED_ZONES],
        **({} if zones is None else zones.ranking).get(name, unranked),
        "rules": [rule.id for rule in named],
        "outputs": sorted({condition.indicator for condition in conditions}),
        "classes": sorted({step.zone_class for step in steps}),
    }


def with_effects(
    inputs: list[dict[str, Any]], zones: Zones | None, rules: RuleFile
) -> list[dict[str, Any]]:
    """
    Add to each input the rules that rest on it and the zones in which these fired.

    Parameters
    ----------
    inputs : list of dict
        From `measured_inputs`.
    zones : Zones or None
        From `read_zones`.
    rules : RuleFile
        The rule set of the project.
    """
    entries = []
    for entry in inputs:
        resting = [
            rule.id for rule in rules.rule_set.rules if rule.condition.indicator in entry["outputs"]
        ]
        fired = {} if zones is None else {r: zones.rules[r] for r in resting if r in zones.rules}
        entries.append({**entry, "rules": resting, "rules_fired": fired})
    return entries
