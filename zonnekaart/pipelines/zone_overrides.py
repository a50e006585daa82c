"""What a municipality says of a zone against the figures: it wins, and what it replaces is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from zonnekaart.errors import ConfigError
from zonnekaart.pipelines.sentences import ruled_sentence
from zonnekaart.quantities import INDICATORS, QUANTITIES, ZONE_CLASSES, interval_of, quantity
from zonnekaart.zoning.classes import NO_STEP
from zonnekaart.zoning.privacy import DEMAND_INDICATORS
from zonnekaart.zoning.response import Change, ZoneInputs, respond

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zonnekaart.config import Project, ZoneOverride
    from zonnekaart.pipelines.sentences import Sentence
    from zonnekaart.pipelines.zone_figures import ZoneTable
    from zonnekaart.zoning.rules import ClassRule

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

OVERRIDE_TYPE = pa.list_(
    pa.struct(
        [
            ("indicator", pa.string()),
            ("original_value", pa.float64()),
            ("value", pa.float64()),
            ("unit", pa.string()),
            ("original_class", pa.string()),
            ("zone_class", pa.string()),
            ("by", pa.string()),
            ("date", pa.string()),
            ("reason", pa.string()),
        ]
    )
)
"""Arrow type of ``overrides``; of a class ``indicator`` is null, of a figure the classes are."""

_FOLLOWED = ("annual_yield_kwh", "consumption_kwh", "pv_headroom_kw")
"""Figures that others rest on: those others follow."""


def require_sound_overrides(project: Project) -> None:
    """
    Check what can be checked of ``[[zoning.overrides]]`` before there are zones.

    Raises
    ------
    ConfigError
        If a date is none or lies in the future, an indicator is not known or its value
        impossible, or two speak of the same.
    """
    today = dt.datetime.now(dt.UTC).date()
    seen: set[tuple[str, str | None]] = set()
    for number, one in enumerate(project.zoning.overrides):
        if not _is_day_until(today, one.date):
            raise _fault(project, number, f"the date {one.date}", f"a day up to {today}", "date")
        if one.indicator is not None:
            _require_figure(project, number, one.indicator, one.value)
        about = (one.zone_id, one.indicator)
        if about in seen:
            raise _fault(
                project,
                number,
                f"a second {one.indicator or 'zone_class'} for zone {one.zone_id}",
                "one per zone and figure",
                None,
            )
        seen.add(about)


def _is_day_until(today: dt.date, text: str) -> bool:
    try:
        return dt.date.fromisoformat(text) <= today
    except ValueError:
        return False


def require_zones(project: Project, zone_ids: list[str], hidden: BoolArray) -> None:
    """
    Check ``[[zoning.overrides]]`` against the zones of the map.

    Parameters
    ----------
    project : Project
        Its overrides.
    zone_ids : list of str
        Zones of the map.
    hidden : ndarray of bool, shape (zones,)
        True where demand may not be shown.

    Raises
    ------
    ConfigError
        If a zone is not on the map, or a figure of demand would show where none may.
    """
    place = {zone: k for k, zone in enumerate(zone_ids)}
    for number, one in enumerate(project.zoning.overrides):
        if one.zone_id not in place:
            raise _fault(project, number, f"zone {one.zone_id}", "a zone of the map", "zone_id")
        if one.indicator in DEMAND_INDICATORS and hidden[place[one.zone_id]]:
            raise _fault(
                project,
                number,
                f"{one.indicator} of zone {one.zone_id}, whose demand may not be shown",
                "a figure that does not tell of demand, or a zone_class",
                "indicator",
            )


def _require_figure(project: Project, number: int, name: str, value: float | None) -> None:
    if name not in INDICATORS:
        raise _fault(project, number, name, f"one of: {', '.join(INDICATORS)}", "indicator")
    known = QUANTITIES[name]
    if value is None or not known.low <= value <= known.high:
        expected = f"between {known.low:g} and {known.high:g} {known.unit}"
        raise _fault(project, number, f"{name} {value}", expected, "value")


def _fault(
    project: Project, number: int, found: str, expected: str, key: str | None
) -> ConfigError:
    one = project.zoning.overrides[number]
    where = f"zoning.overrides.{number}" + (f".{key}" if key else "")
    return ConfigError(
        f"{project.path}: {where}",
        found,
        expected,
        f"correct or remove the override of {one.by} of {one.date}; `zonnekaart zones` lists ids",
    )


def with_figures(table: ZoneTable, overrides: tuple[ZoneOverride, ...]) -> ZoneTable:
    """
    Put the municipality's figures in place of computed ones.

    Parameters
    ----------
    table : ZoneTable
        Figures as shown.
    overrides : tuple of ZoneOverride
        Those of a class are passed over.

    Returns
    -------
    ZoneTable
        A figure that others rest on (yield, demand, headroom) moves those others along the
        response curve, as tipping points do; one with a range loses its range.
    """
    place = {zone: k for k, zone in enumerate(table.zone_ids)}
    figures = {name: values.copy() for name, values in table.indicators.items()}
    inputs = ZoneInputs(table.inputs.pv_peak_kw.copy(), table.inputs.min_load_sunny_kw.copy())
    for one in overrides:
        if one.indicator is None or one.value is None:
            continue
        zone = place[one.zone_id]
        if one.indicator in _FOLLOWED:
            _follow(figures, inputs, zone, one.indicator, one.value)
        for name in (one.indicator, *(interval_of(one.indicator) or ())):
            figures[name][zone] = one.value
    return replace(table, indicators=figures, inputs=inputs)


def _follow(
    figures: dict[str, Any], inputs: ZoneInputs, zone: int, name: str, value: float
) -> None:
    """Move what rests on a figure of one zone, in place; nothing where the figure is not known."""
    found = float(figures[name][zone])
    moved_by_factor = name != "pv_headroom_kw"
    if np.isnan(found) or (moved_by_factor and found <= 0.0):
        return
    factor = value / found if moved_by_factor else 1.0
    one = np.ones((1, 1))
    headroom = value if name == "pv_headroom_kw" else float(figures["pv_headroom_kw"][zone])
    change = Change(
        one * (factor if name == "annual_yield_kwh" else 1.0),
        one * (factor if name == "consumption_kwh" else 1.0),
        one * headroom,
    )
    here = {key: values[[zone]] for key, values in figures.items()}
    own = ZoneInputs(inputs.pv_peak_kw[[zone]], inputs.min_load_sunny_kw[[zone]])
    for key, values in respond(here, own, change).items():
        figures[key][zone] = values[0, 0]
    inputs.pv_peak_kw[zone] *= change.yield_factor[0, 0]
    inputs.min_load_sunny_kw[zone] *= change.demand_factor[0, 0]


def set_classes(
    project: Project,
    zone_ids: list[str],
    steps_of: Sequence[ClassRule],
    found: tuple[IntArray, IntArray],
) -> BoolArray:
    """
    Put the municipality's classes in place of computed ones.

    Parameters
    ----------
    project : Project
        Its overrides; those of a figure are passed over.
    zone_ids : list of str
        Zones of the map.
    steps_of : sequence of ClassRule
        Steps of the class decision; the first step of the class set speaks for the zone.
    found : tuple of ndarray of int64, shape (zones,)
        Class and deciding step of each zone; changed in place.

    Returns
    -------
    ndarray of bool, shape (zones,)
        True where a class was set: nothing flips it.
    """
    codes, steps = found
    place = {zone: k for k, zone in enumerate(zone_ids)}
    ruled = np.zeros(len(codes), dtype=np.bool_)
    for one in project.zoning.overrides:
        if one.zone_class is None:
            continue
        zone = place[one.zone_id]
        own = [k for k, step in enumerate(steps_of) if step.zone_class == one.zone_class]
        codes[zone], steps[zone] = ZONE_CLASSES.index(one.zone_class), min(own, default=NO_STEP)
        ruled[zone] = True
    return ruled


def sentences_by_hand(
    project: Project, zone_ids: list[str], sentences: list[Sentence]
) -> list[Sentence]:
    """
    Return the sentence of each zone; where a person set the class, that person's reason.

    Parameters
    ----------
    project : Project
        Its overrides.
    zone_ids : list of str
        Zones of the map.
    sentences : list of dict
        What the figures say.
    """
    by_hand = {o.zone_id: o for o in project.zoning.overrides if o.zone_class is not None}
    return [
        ruled_sentence(str(by_hand[zone].zone_class), by_hand[zone].by, by_hand[zone].reason)
        if zone in by_hand
        else sentence
        for zone, sentence in zip(zone_ids, sentences, strict=True)
    ]


def override_records(
    project: Project, table: ZoneTable, computed: list[str]
) -> list[list[dict[str, Any]]]:
    """
    Return per zone what was set, what it replaced, by whom, when and why.

    Parameters
    ----------
    project : Project
        Its overrides.
    table : ZoneTable
        Figures as shown before any override.
    computed : list of str
        Class of each zone before any override.
    """
    place = {zone: k for k, zone in enumerate(table.zone_ids)}
    records: list[list[dict[str, Any]]] = [[] for _ in computed]
    for one in project.zoning.overrides:
        zone = place[one.zone_id]
        of_class = one.indicator is None
        records[zone].append(
            {
                "indicator": one.indicator,
                "original_value": (
                    None if one.indicator is None else float(table.indicators[one.indicator][zone])
                ),
                "value": one.value,
                "unit": None if one.indicator is None else quantity(one.indicator).unit,
                "original_class": computed[zone] if of_class else None,
                "zone_class": one.zone_class,
                "by": one.by,
                "date": one.date,
                "reason": one.reason,
            }
        )
    return records
