"""What a click on a mock-up says: figures and reasons with value, threshold and source, as HTML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import (
    SPACE,
    indicator_range_text,
    indicator_text,
    percent_text,
)
from zonnekaart.io.published import known
from zonnekaart.io.report import render
from zonnekaart.pipelines.drawing.drawn import page_words
from zonnekaart.pipelines.mockups.words import mockup_words
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonnekaart.io.published import Interval, Reason, ZoneDetail
    from zonnekaart.pipelines.drawing.drawn import DrawnLayer
    from zonnekaart.pipelines.mockups.scene import Asked

_TEMPLATE = "mockup_said.html"
_ZONE_FIGURES = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_consumption_pooled",
    "headroom_ratio",
)
_BUILDING_FIGURES = ("capacity_kwp", "annual_yield_kwh", "roof_area_m2", "existing_kwp")
_GROUP_FIGURES = ("shared_kwh_optimal", "self_consumption_before", "self_consumption_after")


def said_of(asked: Asked, layers: Iterable[DrawnLayer]) -> dict[str, str]:
    """Return the texts that shapes of the layers refer to, by key."""
    wanted = {shape.said for layer in layers for shape in layer.shapes if shape.said}
    kinds = {key.partition(":")[0] for key in wanted}
    made: dict[str, str] = {}
    for zone_id, detail in asked.scene.details.items():
        if "zone" in kinds:
            made[f"zone:{zone_id}"] = zone_said(detail, asked.language)
        for layer in sorted(kinds & {"opportunities", "bottlenecks"}):
            made[f"{layer}:{zone_id}"] = _reasons_said(detail, layer, asked.language)
    if "building" in kinds:
        made |= _buildings_said(asked)
    if "group" in kinds:
        made |= _groups_said(asked)
    return {key: made[key] for key in sorted(wanted)}


def figure_text(name: str, found: Interval | None, language: str) -> str:
    """Return a figure with its range, as text."""
    if found is None or found.value is None:
        return page_words(language)["unknown"]
    text = indicator_text(name, found.value, language)
    if found.low is None or found.high is None:
        return text
    span = indicator_range_text(name, found.low, found.high, language)
    return f"{text} ({span})" if span else text


def told(reason: Reason, language: str) -> dict[str, Any]:
    """Return a reason with value and threshold written in the way their kind asks for."""
    return {
        **reason.model_dump(),
        "comparison": {">=": "≥", "<=": "≤"}.get(reason.comparison, reason.comparison),
        "shown": _written(reason.indicator, reason.value, reason.unit, language),
        "limit": ""
        if reason.threshold is None
        else _written(reason.indicator, reason.threshold, reason.unit, language),
    }


def _written(indicator: str, value: float | None, unit: str, language: str) -> str:
    number = math.nan if value is None else value
    if indicator in QUANTITIES:
        return indicator_text(indicator, number, language)
    return f"{number:g}{SPACE}{unit}"


def zone_said(detail: ZoneDetail, language: str) -> str:
    """Return what a zone says: class, sentence, figures with ranges, reasons."""
    look = CLASSES[detail.zone_class]
    words = mockup_words(language)
    page = page_words(language)
    rows = [(words["confidence"], percent_text(_number(detail.confidence), language))]
    rows += [
        (
            words.get(name) or page[f"indicator.{name}"],
            figure_text(name, detail.indicators.get(name), language),
        )
        for name in _ZONE_FIGURES
    ]
    return render(
        _TEMPLATE,
        {
            "kind": "zone",
            "name": detail.name,
            "color": look.color,
            "symbol": look.symbol,
            "label": look.label[language],
            "sentence": getattr(detail.sentence, language),
            "rows": rows,
            "opportunities": [told(r, language) for r in detail.opportunities],
            "bottlenecks": [told(r, language) for r in detail.bottlenecks],
            "words": words,
            "language": language,
        },
    )


def _reasons_said(detail: ZoneDetail, layer: str, language: str) -> str:
    return render(
        _TEMPLATE,
        {
            "kind": "reasons",
            "name": detail.name,
            "mark": {"opportunities": "▲", "bottlenecks": "▼"}[layer],
            "reasons": [told(r, language) for r in getattr(detail, layer)],
            "words": mockup_words(language),
            "language": language,
        },
    )


def _buildings_said(asked: Asked) -> dict[str, str]:
    words, page = mockup_words(asked.language), page_words(asked.language)
    made = {}
    for row in asked.scene.buildings.to_dict("records"):
        rows = [(words[name], _with_range(row, name, asked.language)) for name in _BUILDING_FIGURES]
        use = page.get(f"use.{row.get('use')}", page["use.unknown"])
        name = f"{words['building']} {row['building_id']} ({use})"
        made[f"building:{row['building_id']}"] = _table(name, rows)
    return made


def _with_range(row: dict[Any, Any], name: str, language: str) -> str:
    text = indicator_text(name, _number(row.get(name)), language)
    stem, _, unit = name.rpartition("_")
    low, high = (_number(row.get(f"{stem}_{end}_{unit}")) for end in ("low", "high"))
    span = indicator_range_text(name, low, high, language)
    return f"{text} ({span})" if span else text


def _groups_said(asked: Asked) -> dict[str, str]:
    words, page = mockup_words(asked.language), page_words(asked.language)
    groups = asked.scene.sharing_groups
    made = {}
    names = {
        "shared_kwh_optimal": words["shared_kwh_optimal"],
        "self_consumption_before": page["word.own_use"],
        "self_consumption_after": page["word.shared_use"],
    }
    for row in [] if groups is None else groups.to_dict("records"):
        rows = [(words["members"], str(len(row["members"])))]
        rows += [
            (names[name], indicator_text(name, _number(row.get(name)), asked.language))
            for name in _GROUP_FIGURES
        ]
        made[f"group:{row['group_id']}"] = _table(f"{words['group']} {row['group_id']}", rows)
    return made


def _table(name: str, rows: list[tuple[str, str]]) -> str:
    return render(_TEMPLATE, {"kind": "table", "name": name, "rows": rows})


def _number(value: Any) -> float:  # noqa: ANN401 - cells of a frame
    found = known(value)
    return math.nan if found is None else found
