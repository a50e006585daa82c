"""One zone as a CSV sheet that opens in a spreadsheet program."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from zonnekaart.io.sheets import cell_text, guarded

if TYPE_CHECKING:
    from zonnekaart.io.published import Reason, ZoneDetail

_HEADER = ("part", "name", "value", "low", "high", "unit", "threshold", "text_nl", "text_en")


def zone_sheet(zone: ZoneDetail) -> str:
    """Return figures, reasons and tipping points of a zone as CSV text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(_HEADER)
    for row in _rows(zone):
        writer.writerow([_cell(name, value) for name, value in zip(_HEADER, row, strict=True)])
    return stream.getvalue()


def _cell(name: str, value: object) -> object:
    # The unit of ratios is a lone dash: from our register, and no formula.
    if name == "unit" or isinstance(value, int | float):
        return value
    return guarded(cell_text(value))


def _rows(zone: ZoneDetail) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [
        ("zone", "zone_id", zone.zone_id, None, None, "", None, zone.name, zone.name),
        (
            "zone",
            "zone_class",
            zone.zone_class,
            None,
            None,
            "",
            None,
            zone.sentence.nl,
            zone.sentence.en,
        ),
        ("zone", "confidence", zone.confidence, None, None, "-", None, "", ""),
    ]
    if not zone.published:
        rows.append(
            ("zone", "published", "false", None, None, "", None, "", zone.privacy_note or "")
        )
    rows += [
        ("indicator", name, figure.value, figure.low, figure.high, figure.unit, None, "", "")
        for name, figure in zone.indicators.items()
    ]
    rows += [_reason("opportunity", reason) for reason in zone.opportunities]
    rows += [_reason("bottleneck", reason) for reason in zone.bottlenecks]
    rows += [
        (
            "flip",
            flip.indicator,
            flip.value,
            None,
            None,
            flip.unit,
            flip.flips_at,
            flip.sentence.nl,
            flip.sentence.en,
        )
        for flip in zone.flips
    ]
    return rows


def _reason(part: str, reason: Reason) -> tuple[object, ...]:
    return (
        part,
        reason.rule_id,
        reason.value,
        None,
        None,
        reason.unit,
        reason.threshold,
        reason.reason.nl,
        reason.reason.en,
    )
