"""The project as a whole: totals, classes, strongest reasons, one sentence, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import percent_text, quantity_text
from zonnekaart.io.published import ClassInfo, Interval, SourceInfo, Texts, TopReason, Totals, known
from zonnekaart.pipelines.publishing.words import finite
from zonnekaart.quantities import LANGUAGES
from zonnekaart.zoning.rules import SEVERITY_RANK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from zonnekaart.config import Project
    from zonnekaart.io.published import Reason, ZoneDetail
    from zonnekaart.io.rules import RuleFile

_TOP = 5
_PER_RULE = 2
"""The same sentence at most twice in a short list, so that a reader sees more than one kind."""


def totals(zones: pd.DataFrame, buildings: pd.DataFrame, roof_planes: int) -> Totals:
    """
    Return sums over the project.

    Parameters
    ----------
    zones : DataFrame
        Publishable zones, indicators as columns.
    buildings : DataFrame
        Publishable buildings; supply is summed here, so that buildings outside zones count.
    roof_planes : int
        Number of planes.

    Notes
    -----
    Low and high ends are sums of ends: wider than the true interval of the sum, never narrower.
    Demand is summed over zones that may show theirs; a total over all would give the rest away.
    """
    shown = zones[zones["published"].astype(bool) & zones["consumption_kwh"].notna()]
    return Totals(
        annual_yield_kwh=Interval(
            value=_sum(buildings["annual_yield_kwh"]),
            low=_sum(buildings["annual_yield_low_kwh"]),
            high=_sum(buildings["annual_yield_high_kwh"]),
            unit="kWh",
        ),
        consumption_kwh=Interval(
            value=_sum(shown["consumption_kwh"]),
            low=_sum(shown["consumption_low_kwh"]),
            high=_sum(shown["consumption_high_kwh"]),
            unit="kWh",
        ),
        capacity_kwp=_sum(buildings["capacity_kwp"]),
        existing_kwp=_sum(buildings["existing_kwp"]),
        self_consumption=_weighted(shown, "self_consumption", "annual_yield_kwh"),
        self_sufficiency=_weighted(shown, "self_sufficiency", "consumption_kwh"),
        self_consumption_pooled=_weighted(shown, "self_consumption_pooled", "annual_yield_kwh"),
        zones=len(zones),
        zones_with_demand=len(shown),
        buildings=len(buildings),
        roof_planes=roof_planes,
    )


def _sum(values: pd.Series[Any]) -> float | None:
    """Return the sum of what is known; null when nothing is."""
    return known(values.astype(float).sum(min_count=1))


def _weighted(frame: pd.DataFrame, name: str, weight: str) -> float | None:
    """Return the mean of a share, weighted by the energy it is a share of."""
    rows = frame[[name, weight]].astype(float).dropna()
    whole = float(rows[weight].sum())
    return known((rows[name] * rows[weight]).sum() / whole) if whole > 0.0 else None


def class_infos(zones: pd.DataFrame) -> list[ClassInfo]:
    """Return the six classes with what the project holds of each."""
    infos = []
    for look in CLASSES.values():
        members = zones[zones["zone_class"] == look.id]
        infos.append(
            ClassInfo(
                id=look.id,
                color=look.color,
                symbol=look.symbol,
                label=Texts(**look.label),
                description=Texts(**look.description),
                zones=len(members),
                annual_yield_kwh=_sum(members["annual_yield_kwh"]) if len(members) else 0.0,
            )
        )
    return infos


def top_reasons(details: Sequence[ZoneDetail], rules: RuleFile, kind: str) -> list[TopReason]:
    """
    Return the strongest opportunities or bottlenecks, at most one per zone.

    Parameters
    ----------
    details : sequence of ZoneDetail
        All zones.
    rules : RuleFile
        For the weight of each rule.
    kind : {"opportunities", "bottlenecks"}
        Which list of each zone.
    """
    candidates: list[tuple[float, float, str, ZoneDetail, Reason]] = []
    for zone in details:
        yielded = zone.indicators["annual_yield_kwh"].value or 0.0
        candidates += [
            (_strength(rules, found), yielded, zone.zone_id, zone, found)
            for found in getattr(zone, kind)
        ]
    candidates.sort(key=lambda c: (-c[0], -c[1], c[2]))
    chosen: list[TopReason] = []
    seen_zones: set[str] = set()
    per_rule: dict[str, int] = {}
    for _, _, zone_id, zone, found in candidates:
        if zone_id in seen_zones or per_rule.get(found.rule_id, 0) >= _PER_RULE:
            continue
        seen_zones.add(zone_id)
        per_rule[found.rule_id] = per_rule.get(found.rule_id, 0) + 1
        chosen.append(
            TopReason(
                zone_id=zone_id,
                name=zone.name,
                rule_id=found.rule_id,
                indicator=found.indicator,
                value=found.value,
                unit=found.unit,
                reason=found.reason,
            )
        )
        if len(chosen) == _TOP:
            break
    return chosen


def _strength(rules: RuleFile, found: Reason) -> float:
    return SEVERITY_RANK[found.severity] * rules.rule_set.rule(found.rule_id).weight


_SUMMARY = {
    "nl": "De daken van {name} kunnen {yield} per jaar geven{demand}. {classes}.",
    "fr": "Les toits de {name} peuvent donner {yield} par an{demand}. {classes}.",
    "en": "The roofs of {name} can give {yield} per year{demand}. {classes}.",
}
_DEMAND = {
    "nl": "; waar het verbruik getoond mag worden, wordt {own} per gebouw zelf gebruikt en "
    "{pooled} als zones delen",
    "fr": "\u00a0; là où la consommation peut être montrée, {own} sont utilisés par bâtiment et "
    "{pooled} si les zones partagent",
    "en": "; where use may be shown, {own} is used per building and {pooled} when zones share",
}
_CLASS_COUNT = {
    "nl": "{count} van {all} zones: {label}",
    "fr": "{count} zones sur {all}\u00a0: {label}",
    "en": "{count} of {all} zones: {label}",
}


def summary(name: str, sums: Totals, classes: Sequence[ClassInfo]) -> Texts:
    """Return the result of the project in one sentence and its largest class in another."""
    largest = max(classes, key=lambda c: c.zones)
    made = {}
    for lang in LANGUAGES:
        demand = ""
        if sums.self_consumption is not None and sums.self_consumption_pooled is not None:
            demand = _DEMAND[lang].format(
                own=percent_text(sums.self_consumption, lang),
                pooled=percent_text(sums.self_consumption_pooled, lang),
            )
        made[lang] = _SUMMARY[lang].format_map(
            {
                "name": name,
                "yield": quantity_text(finite(sums.annual_yield_kwh.value), "kWh", lang),
                "demand": demand,
                "classes": _CLASS_COUNT[lang].format(
                    count=largest.zones, all=sums.zones, label=getattr(largest.label, lang)
                ),
            }
        )
    return Texts(**made)


def source_infos(project: Project) -> list[SourceInfo]:
    """Return the provenance of every input that names one, with its role."""
    found = []
    for role, table in project.named_inputs().items():
        source = getattr(table, "source", None)
        if source is not None:
            found.append(
                SourceInfo(
                    role=role,
                    title=source.title,
                    licence=source.licence,
                    date=source.date,
                    attribution=source.attribution,
                    limits=source.limits,
                    redistribution=source.redistribution or "",
                )
            )
    return found


def source_of(sources: Sequence[SourceInfo], role: str) -> Mapping[str, str | None]:
    """Return title, date, licence and holder of one input, null when it names none."""
    found = next((s for s in sources if s.role == role), None)
    if found is None:
        return {"source": None, "date": None, "licence": None}
    return {
        "source": found.title,
        "date": found.date,
        "licence": found.licence,
        "contact": found.attribution or None,
    }


def bounds_of(zones: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - a GeoDataFrame
    """Return west, south, east, north of a frame in degrees."""
    west, south, east, north = np.round(zones.total_bounds, 6).tolist()
    return west, south, east, north
