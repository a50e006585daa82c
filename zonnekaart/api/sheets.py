"""One zone as a CSV sheet that opens in a spreadsheet program."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from zonnekaart.io.published import Texts
from zonnekaart.io.sheets import cell_text, guarded
from zonnekaart.quantities import LANGUAGES

if TYPE_CHECKING:
    from zonnekaart.io.published import Action, EconomicsRow, Override, Reason, ZoneDetail

_HEADER = ("part", "name", "value", "low", "high", "unit", "threshold")
_TEXTS = tuple(f"text_{language}" for language in LANGUAGES)


def zone_sheet(zone: ZoneDetail) -> str:
    """Return figures, reasons, tipping points, actions and gaps of a zone as CSV text."""
    header = (*_HEADER, *_TEXTS)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header)
    for row in _rows(zone):
        writer.writerow([_cell(name, value) for name, value in zip(header, row, strict=True)])
    return stream.getvalue()


def _cell(name: str, value: object) -> object:
    # The unit of ratios is a lone dash: from our register, and no formula.
    if name == "unit" or isinstance(value, int | float):
        return value
    return guarded(cell_text(value))


def _rows(zone: ZoneDetail) -> list[tuple[object, ...]]:
    name = dict.fromkeys(LANGUAGES, zone.name)
    rows = [
        _row("zone", "zone_id", zone.zone_id, texts=Texts(**name)),
        _row("zone", "zone_class", zone.zone_class, texts=zone.sentence),
        _row("zone", "confidence", zone.confidence, unit="-", texts=zone.certainty_text),
    ]
    if not zone.published:
        rows.append(_row("zone", "published", "false", texts=zone.privacy_note))
    rows += [
        _row("indicator", indicator, figure.value, figure.low, figure.high, unit=figure.unit)
        for indicator, figure in zone.indicators.items()
    ]
    rows += [_override(zone, override) for override in zone.overrides]
    rows += [_reason("opportunity", reason) for reason in zone.opportunities]
    rows += [_reason("bottleneck", reason) for reason in zone.bottlenecks]
    rows += [
        _row("flip", f.indicator, f.value, unit=f.unit, threshold=f.flips_at, texts=f.sentence)
        for f in zone.flips
    ]
    rows += [row for found in zone.economics for row in _money(found)]
    rows += [_action(action) for action in zone.actions]
    rows += [
        _row("gap", gap.id, gap.confidence_gain, unit="-", texts=gap.title) for gap in zone.gaps
    ]
    return rows


def _money(found: EconomicsRow) -> list[tuple[object, ...]]:
    """Return the money of one owner type, a line per figure; one line where there is none."""
    name = f"{found.owner_type}, {found.sizing}"
    if found.reason is not None:
        return [_row("economics", f"{name}, {found.reason}", None, texts=found.reason_text)]
    spans = {"investment": found.investment, "yearly_benefit": found.yearly_benefit}
    spans["payback"] = found.payback
    lines = [
        _row("economics", f"{name}, {key}", s.value, s.low, s.high, unit=s.unit)
        for key, s in spans.items()
    ]
    energy = {"saved_kwh": found.saved_kwh, "injected_kwh": found.injected_kwh}
    lines += [_row("economics", f"{name}, {k}", v, unit="kWh") for k, v in energy.items()]
    return [
        *lines,
        _row("economics", f"{name}, capacity_kwp", found.capacity_kwp, unit="kWp"),
        _row("economics", f"{name}, tariff_from", found.tariff_from),
    ]


def _action(action: Action) -> tuple[object, ...]:
    energy = None if action.effect is None else action.effect.energy
    if energy is None:
        return _row("action", action.id, None, texts=action.title)
    return _row(
        "action",
        action.id,
        energy.value,
        energy.low,
        energy.high,
        unit=energy.unit,
        texts=action.title,
    )


def _override(zone: ZoneDetail, override: Override) -> tuple[object, ...]:
    """Return what was set by hand as value, what it replaces as threshold, and why as text."""
    why = f"{override.by}, {override.date}: {override.reason}"
    name, value, before = override.indicator, override.value, override.original_value
    if name is None:
        return (
            "override",
            "zone_class",
            zone.zone_class,
            None,
            None,
            "",
            override.original_class,
            *(why,) * len(LANGUAGES),
        )
    texts = Texts(**dict.fromkeys(LANGUAGES, why))
    return _row("override", name, value, unit=override.unit or "", threshold=before, texts=texts)


def _reason(part: str, reason: Reason) -> tuple[object, ...]:
    return _row(
        part,
        reason.rule_id,
        reason.value,
        unit=reason.unit,
        threshold=reason.threshold,
        texts=reason.reason,
    )


def _row(
    part: str,
    name: str,
    *figures: object,
    unit: str = "",
    threshold: float | None = None,
    texts: Texts | None = None,
) -> tuple[object, ...]:
    """Return a line: value, low and high as far as given, and the texts in each language."""
    value, low, high = (*figures, None, None)[:3]
    words = ("" if texts is None else getattr(texts, language) for language in LANGUAGES)
    return (part, name, value, low, high, unit, threshold, *words)
