"""Vector tiles cut by DuckDB when asked: for zooms beyond the archives, and where one is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import ZonnekaartError
from zonnekaart.io.tiles import WORLD_M
from zonnekaart.io.warehouse import identifier, sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonnekaart.io.warehouse import Warehouse

MAX_FEATURES = 20_000
MAX_TILE_BYTES = 1_000_000
_MARGIN = 64 / 4096
"""How far shapes reach over the edge, so that outlines meet. [share of a tile]"""
_SIMPLE = frozenset({"VARCHAR", "DOUBLE", "FLOAT", "BOOLEAN", "BIGINT", "INTEGER"})
_FIELD_KINDS = {"VARCHAR": "String", "BOOLEAN": "Boolean"}
_BOX = frozenset({"xmin", "ymin", "xmax", "ymax"})


class TileTooLargeError(ZonnekaartError, RuntimeError):
    """A tile would hold more than a map can use."""


def tile_box(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """
    Return west, south, east, north of a tile in EPSG:3857. [m].

    Examples
    --------
    >>> [round(v) for v in tile_box(1, 1, 0)]
    [0, 0, 20037508, 20037508]
    """
    side = WORLD_M / (1 << z)
    west, north = x * side - WORLD_M / 2.0, WORLD_M / 2.0 - y * side
    return west, north - side, west + side, north


class LiveTiles:
    """
    Tiles of one layer of the warehouse.

    Parameters
    ----------
    warehouse : Warehouse
        Open and locked.
    layer : str
        Name of the table, and of the layer in each tile.
    fields : iterable of str, optional
        Columns that become properties, those the table lacks left out; all simple ones when
        left out.
    """

    def __init__(
        self, warehouse: Warehouse, layer: str, fields: Iterable[str] | None = None
    ) -> None:
        self._warehouse = warehouse
        there = {n: t for n, t in warehouse.columns(layer).items() if n not in _BOX}
        names = [n for n, t in there.items() if t in _SIMPLE]
        if fields is not None:
            wanted = set(fields)
            names = [n for n in names if n in wanted]
        self.layer = layer
        self.fields = {n: _FIELD_KINDS.get(there[n], "Number") for n in names}
        self.available = bool(names) and "geometry_web" in there
        self.query = sql("live_tile").format(
            table=identifier(layer),
            columns=", ".join(identifier(n) for n in names),
            layer=f"'{layer}'",
        )

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """
        Return an uncompressed tile, or None where there is nothing.

        Raises
        ------
        TileTooLargeError
            If it holds more than `MAX_FEATURES`, or weighs more than `MAX_TILE_BYTES`.
        QueryTimeoutError
            If it takes too long.
        """
        (row,) = self._warehouse.select(self.query, self.parameters(z, x, y))
        content = bytes(row["tile"] or b"")
        if row["features"] > MAX_FEATURES or len(content) > MAX_TILE_BYTES:
            raise TileTooLargeError(
                f"{self.layer} {z}/{x}/{y}: {row['features']} features, {len(content)} bytes"
            )
        return content if row["features"] and content else None

    def parameters(self, z: int, x: int, y: int) -> list[object]:
        """Return the bound values of `query` for one tile."""
        west, south, east, north = box = tile_box(z, x, y)
        margin = (east - west) * _MARGIN
        wide = (west - margin, south - margin, east + margin, north + margin)
        return [*box, *wide, MAX_FEATURES + 1]
