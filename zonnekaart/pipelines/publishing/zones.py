"""Rows and panels of zones, as the server hands them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.published import (
    DayCurve,
    Interval,
    Monthly,
    Override,
    PresetInfo,
    TypicalDays,
    ZoneDetail,
    ZoneRow,
    known,
)
from zonnekaart.pipelines.publishing.advice import actions, gaps
from zonnekaart.pipelines.publishing.frames import number, plain, records, zone_curves
from zonnekaart.pipelines.publishing.places import areas_of_zones
from zonnekaart.pipelines.publishing.words import (
    certainty_of,
    flip,
    known_text,
    privacy_texts,
    reason,
    sentence_of,
)
from zonnekaart.quantities import INDICATORS, interval_of, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from zonnekaart.config import Project
    from zonnekaart.io.matrix import Matrix
    from zonnekaart.io.published import EconomicsRow
    from zonnekaart.io.rules import RuleFile

_ROUND_DEGREES = 6
_ROW_FIGURES = (
    "annual_yield_kwh",
    "consumption_kwh",
    "self_consumption",
    "self_consumption_pooled",
    "self_sufficiency",
    "headroom_ratio",
    "capacity_kwp",
    "existing_kwp",
    "buildings",
)
_ENDS = frozenset(end for name in INDICATORS for end in interval_of(name) or ())


@dataclass(frozen=True)
class ZoneTables:
    """
    What a zone's panel is made from.

    Parameters
    ----------
    zones : GeoDataFrame
        Publishable zones, indicators as columns, in the project CRS.
    balance : DataFrame
        ``balance.parquet``; only rows of zones are read.
    rules : RuleFile
        The set the zones were classed with.
    matrix : Matrix
        Data and experience matrix.
    preset : PresetInfo
        Suitability preset.
    project : Project
        For the limits of the privacy rule.
    money : dict of str to list of EconomicsRow
        Per zone id; empty where stage economics has not run.
    """

    zones: gpd.GeoDataFrame
    balance: pd.DataFrame
    rules: RuleFile
    matrix: Matrix
    preset: PresetInfo
    project: Project
    money: Mapping[str, list[EconomicsRow]] = field(default_factory=dict)


def zone_details(tables: ZoneTables) -> list[tuple[ZoneRow, ZoneDetail]]:
    """Return row and panel of every zone, highest yield first, unknown yield last."""
    lonlat = tables.zones.to_crs(LONLAT_CRS).geometry
    areas = areas_of_zones(tables.project, tables.zones)
    made = []
    for index, record in zip(tables.zones.index, tables.zones.to_dict("records"), strict=True):
        shape = lonlat[index]
        bounds = tuple(round(v, _ROUND_DEGREES) for v in shape.bounds)
        inside = shape.representative_point()
        center = (round(inside.x, _ROUND_DEGREES), round(inside.y, _ROUND_DEGREES))
        record["area"] = areas[index]
        made.append((_row(record, bounds, center), _detail(tables, record, bounds)))
    return sorted(made, key=lambda pair: (-(pair[0].annual_yield_kwh or -1.0), pair[0].zone_id))


def _row(record: Mapping[str, Any], bounds: Any, center: tuple[float, float]) -> ZoneRow:  # noqa: ANN401 - four floats
    return ZoneRow(
        zone_id=str(record["zone_id"]),
        name=str(record["name"]),
        zone_class=str(record["zone_class"]),
        confidence=known(record["confidence"]),
        bounds_lonlat=bounds,
        center_lonlat=center,
        area=record["area"],
        **{name: known(record[name]) for name in _ROW_FIGURES},
        bottlenecks=len(records(record["bottlenecks"])),
        opportunities=len(records(record["opportunities"])),
        published=bool(record["published"]),
    )


def _detail(tables: ZoneTables, record: Mapping[str, Any], bounds: Any) -> ZoneDetail:  # noqa: ANN401 - four floats
    figures = {name: number(record.get(name)) for name in INDICATORS}
    curves = zone_curves(tables.balance, str(record["zone_id"]))
    published = bool(record["published"])
    return ZoneDetail(
        zone_id=str(record["zone_id"]),
        name=str(record["name"]),
        kind=str(record["kind"]),
        zone_class=str(record["zone_class"]),
        confidence=known(record["confidence"]),
        class_probabilities={
            name: known(value) for name, value in (record.get("class_probabilities") or {}).items()
        },
        certainty=known_text(record.get("certainty")),
        certainty_text=certainty_of(record.get("certainty_text")),
        sentence=sentence_of(record.get("sentence")),
        indicators={name: _interval(figures, name) for name in INDICATORS if name not in _ENDS},
        bottlenecks=[reason(tables.rules, r) for r in records(record["bottlenecks"])],
        opportunities=[reason(tables.rules, r) for r in records(record["opportunities"])],
        flips=[flip(tables.rules, r, figures) for r in records(record.get("flips"))],
        gaps=gaps(tables.matrix, record),
        actions=actions(tables.matrix, record),
        typical_days=_days(curves, published=published),
        monthly=_months(curves, published=published),
        preset=tables.preset,
        bounds_lonlat=bounds,
        published=published,
        privacy_note=privacy_texts(tables.rules, record.get("privacy_note"), tables.project),
        economics=tables.money.get(str(record["zone_id"]), []),
        computed_class=record.get("computed_class"),
        overrides=[Override(**plain(row)) for row in records(record.get("overrides"))],
    )


def _interval(figures: Mapping[str, float], name: str) -> Interval:
    ends = interval_of(name)
    return Interval(
        value=known(figures[name]),
        low=known(figures.get(ends[0])) if ends else None,
        high=known(figures.get(ends[1])) if ends else None,
        unit=quantity(name).unit,
    )


def _series(values: Any, *, shown: bool = True) -> list[float | None]:  # noqa: ANN401 - a list cell
    return [known(v) if shown else None for v in values]


def _days(curves: Mapping[str, Any] | None, *, published: bool) -> TypicalDays | None:
    if curves is None:
        return None

    def day(month: str) -> DayCurve:
        return DayCurve(
            supply_kw=_series(curves[f"{month}_supply_kw"]),
            demand_kw=_series(curves[f"{month}_demand_kw"], shown=published),
        )

    return TypicalDays(june=day("june"), december=day("december"))


def _months(curves: Mapping[str, Any] | None, *, published: bool) -> Monthly | None:
    if curves is None:
        return None
    return Monthly(
        yield_kwh=_series(curves["monthly_yield_kwh"]),
        consumption_kwh=_series(curves["monthly_consumption_kwh"], shown=published),
    )
