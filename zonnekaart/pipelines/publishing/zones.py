"""Rows and panels of zones, as the server hands them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.numbers import SPACE
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.published import (
    Action,
    DayCurve,
    Gap,
    Interval,
    Monthly,
    PresetInfo,
    Texts,
    TypicalDays,
    ZoneDetail,
    ZoneRow,
    known,
)
from zonnekaart.pipelines.publishing.frames import number, records, texts, zone_curves
from zonnekaart.pipelines.publishing.places import areas_of_zones
from zonnekaart.pipelines.publishing.words import flip, privacy_texts, reason, sentence_of
from zonnekaart.quantities import INDICATORS, LANGUAGES, interval_of, quantity

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
        sentence=sentence_of(record.get("sentence")),
        indicators={name: _interval(figures, name) for name in INDICATORS if name not in _ENDS},
        bottlenecks=[reason(tables.rules, r) for r in records(record["bottlenecks"])],
        opportunities=[reason(tables.rules, r) for r in records(record["opportunities"])],
        flips=[flip(tables.rules, r, figures) for r in records(record.get("flips"))],
        gaps=[_gap(tables.matrix, i) for i in texts(record.get("gaps"))],
        actions=[_action(tables.matrix, i) for i in texts(record.get("actions"))],
        typical_days=_days(curves, published=published),
        monthly=_months(curves, published=published),
        preset=tables.preset,
        bounds_lonlat=bounds,
        published=published,
        privacy_note=privacy_texts(tables.rules, record.get("privacy_note"), tables.project),
        economics=tables.money.get(str(record["zone_id"]), []),
    )


def _interval(figures: Mapping[str, float], name: str) -> Interval:
    ends = interval_of(name)
    return Interval(
        value=known(figures[name]),
        low=known(figures.get(ends[0])) if ends else None,
        high=known(figures.get(ends[1])) if ends else None,
        unit=quantity(name).unit,
    )


def _gap(matrix: Matrix, identity: str) -> Gap:
    row = next((m for m in matrix.missing if m.id == identity), None)
    if row is not None:
        return Gap(
            id=row.id,
            title=Texts(**matrix.texts("missing", row, "title")),
            severity=row.severity,
            proxy=Texts(**matrix.texts("missing", row, "proxy")),
            supplier=row.supplier,
        )
    source = matrix.source(identity)
    if source is not None:
        return Gap(id=source.id, title=_same(source.name), supplier=source.owner)
    return Gap(id=identity, title=_same(identity))


def _same(name: str) -> Texts:
    """Return a name that no language changes."""
    return Texts(**dict.fromkeys(LANGUAGES, name))


def _action(matrix: Matrix, identity: str) -> Action:
    found = {r.id: r for r in matrix.experience.recommendations}.get(identity)
    if found is None:
        return Action(id=identity, title=_same(identity))
    fields = {"title": "policy_action", "text": "how", "who": "who_uses_it", "caveat": "caveat"}
    shown = {
        name: Texts(**matrix.texts("recommendations", found, field))
        for name, field in fields.items()
    }
    return Action(id=found.id, priority=found.priority, example=_example(matrix, identity), **shown)


def _example(matrix: Matrix, identity: str) -> Texts | None:
    """Return the first project that a recommendation is linked to, with its result."""
    links = {link.recommendation: link for link in matrix.experience.links}
    projects = {p.id: p for p in matrix.experience.sharing_projects}
    related = links[identity].projects if identity in links else []
    project = next((projects[p] for p in related if p in projects), None)
    if project is None:
        return None
    name, place, result = (
        matrix.texts("sharing_projects", project, field) for field in ("name", "place", "result")
    )
    return Texts(
        nl=f"{name['nl']}, {place['nl']}: {result['nl']}",
        fr=f"{name['fr']}, {place['fr']}{SPACE}: {result['fr']}",
        en=f"{name['en']}, {place['en']}: {result['en']}",
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
