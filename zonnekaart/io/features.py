"""Published layers as features: pages, boxes, filters on columns of the catalogue, single ones."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import shapely

from zonnekaart.errors import ZonnekaartError
from zonnekaart.io.reference_systems import LONLAT, Box, offered_systems, search_area, system_of
from zonnekaart.io.warehouse import identifier, sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonnekaart.io.reference_systems import ReferenceSystem
    from zonnekaart.io.warehouse import Warehouse

MAX_LIMIT = 10_000
KEYS: Mapping[str, str] = MappingProxyType(
    {
        "zones": "zone_id",
        "buildings": "building_id",
        "roof_planes": "plane_id",
        "supply_sites": "plane_id",
    }
)
"""Layers that can be had as features, with the column that names one."""

Kind = Literal["string", "number", "boolean", "record"]
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"VARCHAR": "string", "DOUBLE": "number", "BOOLEAN": "boolean", "BIGINT": "number"}
)
_RECORDS = frozenset(
    {
        "class_probabilities",
        "sentence",
        "bottlenecks",
        "opportunities",
        "flips",
        "gaps",
        "actions",
        "flags",
        "monthly_irradiation_kwh_m2",
    }
)
"""Columns that publish keeps as JSON text."""
_BOX = ("xmin", "ymin", "xmax", "ymax")
_INTERNAL = frozenset({*_BOX, "geometry", "geometry_web"})
Value = str | float | bool
Operator = Literal["=", "<>", "<", "<=", ">", ">="]
OPERATORS: tuple[Operator, ...] = ("=", "<>", "<", "<=", ">", ">=")


class FilterError(ZonnekaartError, ValueError):
    """
    A condition names no column of the layer, or compares it with another kind of value.

    Its text holds names of the catalogue only, because the server sends it to the client.
    """


@dataclass(frozen=True)
class Condition:
    """
    One comparison of a column with a value.

    Parameters
    ----------
    column : str
        Name of a column; looked up, never put into a query as it came.
    operator : str
        One of `OPERATORS`.
    value : str
        As the client wrote it; read as the kind the column has.
    """

    column: str
    operator: Operator
    value: str


@dataclass(frozen=True)
class FeatureQuery:
    """
    What a client asks of a layer.

    Parameters
    ----------
    limit, offset : int
        Size of the page, and how many features come before it.
    box : tuple of float, optional
        West, south, east, north in `box_system`; shapes that touch it are met.
    box_system, system : ReferenceSystem
        Systems of the box and of the answer.
    conditions : tuple of Condition
        All must hold.
    """

    limit: int = 100
    offset: int = 0
    box: Box | None = None
    box_system: ReferenceSystem = LONLAT
    system: ReferenceSystem = LONLAT
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class FeaturePage:
    """
    Features as GeoJSON texts, and how many the query meets in all.

    Parameters
    ----------
    features : list of str
        One GeoJSON feature each.
    matched : int
        All that meet the query.
    """

    features: list[str]
    matched: int


@dataclass
class FeatureLayer:
    """
    One layer of the warehouse.

    Parameters
    ----------
    warehouse : Warehouse
        Open and locked.
    id : str
        Name of the layer, a key of `KEYS`.
    crs : str
        System of its shapes.
    """

    warehouse: Warehouse
    id: str
    crs: str
    key: str = field(init=False)
    columns: dict[str, Kind] = field(init=False)

    def __post_init__(self) -> None:
        """Read the catalogue of columns."""
        self.key = KEYS[self.id]
        self.columns = {
            name: "record" if name in _RECORDS else _KINDS[kind]
            for name, kind in self.warehouse.columns(self.id).items()
            if name not in _INTERNAL and kind in _KINDS
        }

    @cached_property
    def bounds(self) -> Box:
        """Box of all shapes, in the layer's own system."""
        text = sql("layer_bounds").format(table=identifier(self.id))
        (row,) = self.warehouse.select(text)
        west, south, east, north = (float(row[name]) for name in _BOX)
        return west, south, east, north

    @cached_property
    def storage(self) -> ReferenceSystem:
        """System of the stored shapes."""
        return system_of(self.crs)

    @cached_property
    def systems(self) -> dict[str, ReferenceSystem]:
        """Systems that may be asked for, by address."""
        return offered_systems(self.storage.code, self.bounds)

    def page(self, query: FeatureQuery) -> FeaturePage:
        """
        Return a page of features.

        Raises
        ------
        FilterError
            If a condition does not fit the layer.
        """
        where, values = self._where(query)
        count = sql("feature_count").format(table=identifier(self.id), where=where)
        matched = int(self.warehouse.select(count, values)[0]["matched"])
        if query.offset >= matched:
            return FeaturePage([], matched)
        rows = self.warehouse.select(
            self._page_text(where), [*values, min(query.limit, MAX_LIMIT), query.offset]
        )
        return FeaturePage(self._features(rows, query.system), matched)

    def one(self, feature_id: str, system: ReferenceSystem = LONLAT) -> str | None:
        """Return one feature as GeoJSON text, or None when there is no such feature."""
        rows = self.warehouse.select(
            self._page_text(f"{identifier(self.key)} = ?"), [feature_id, 1, 0]
        )
        return self._features(rows, system)[0] if rows else None

    def _page_text(self, where: str) -> str:
        return sql("feature_page").format(
            table=identifier(self.id),
            columns=", ".join(identifier(name) for name in self.columns),
            where=where,
        )

    def _where(self, query: FeatureQuery) -> tuple[str, list[object]]:
        parts, values = ["true"], list[object]()
        if query.box is not None:
            area = search_area(query.box, query.box_system, self.storage.code, self.bounds)
            if shapely.is_empty(area):
                return "false", []
            west, south, east, north = shapely.bounds(area)
            parts.append(
                "xmax >= ? AND ymax >= ? AND xmin <= ? AND ymin <= ? "
                "AND ST_Intersects(geometry, ST_GeomFromWKB(?))"
            )
            values += [float(west), float(south), float(east), float(north), shapely.to_wkb(area)]
        for condition in query.conditions:
            text, value = self._comparison(condition)
            parts.append(text)
            values.append(value)
        return " AND ".join(parts), values

    def _comparison(self, condition: Condition) -> tuple[str, Value]:
        """Return SQL with a place for the value, and the value as the column's kind."""
        kind = self.columns.get(condition.column)
        if kind is None or kind == "record":
            raise FilterError("the collection has no such column to compare")
        if condition.operator not in OPERATORS:
            raise FilterError(f"operators are {' '.join(OPERATORS)}")
        if kind == "boolean" and condition.operator not in {"=", "<>"}:
            raise FilterError(f"{condition.column} is true or false, it has no order")
        name = identifier(condition.column)
        return f"{name} {condition.operator} ?", _typed(condition, kind)

    def _features(self, rows: list[dict[str, Any]], system: ReferenceSystem) -> list[str]:
        shapes = shapely.from_wkb([bytes(row.pop("wkb")) for row in rows])
        written = shapely.to_geojson(system.written(shapes, self.storage.code))
        return [
            f'{{"type":"Feature","id":{json.dumps(row[self.key])},"geometry":{shape},'
            f'"properties":{json.dumps(self._properties(row), ensure_ascii=False)}}}'
            for row, shape in zip(rows, written, strict=True)
        ]

    def _properties(self, row: dict[str, Any]) -> dict[str, Any]:
        return {name: _plain(row[name], kind) for name, kind in self.columns.items()}


def _plain(value: Any, kind: Kind) -> Any:  # noqa: ANN401 - cells of a table
    """Return a cell as JSON holds it: nothing for unknown, records unpacked."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return json.loads(value) if kind == "record" else value


def _typed(condition: Condition, kind: Kind) -> Value:
    """
    Read a value as the kind its column has.

    Raises
    ------
    FilterError
        If it is of another kind.
    """
    text = condition.value
    if kind == "string":
        return text
    if kind == "boolean":
        if text.lower() not in {"true", "false"}:
            raise FilterError(f"{condition.column} is true or false")
        return text.lower() == "true"
    try:
        number = float(text)
    except ValueError as error:
        raise FilterError(f"{condition.column} is a number") from error
    if not math.isfinite(number):
        raise FilterError(f"{condition.column} is a finite number")
    return number
