"""The published files of one project, opened once and kept until publish replaces them."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from zonnekaart.api.answers import JSON, Body
from zonnekaart.api.errors import CrowdedError
from zonnekaart.api.models import LabelFeature, LabelPoint, Labels, Rules
from zonnekaart.cartography.ramps import IRRADIATION
from zonnekaart.cartography.style import OUTSIDE, StyleInput, TileSource, map_style
from zonnekaart.errors import NotBuiltError, TableError
from zonnekaart.io.png import Palette
from zonnekaart.io.published import LayerInfo, PublishedProject, ZoneDetail, ZoneRow
from zonnekaart.io.selection import Download, Wanted, ZonesCopy
from zonnekaart.io.serving import RasterTiles
from zonnekaart.io.tiles import TileArchive
from zonnekaart.io.warehouse import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

MVT = "application/vnd.mapbox-vector-tile"
PUBLISHED = "published.json"
_CACHE_BYTES = 64 << 20
_DRAWING = 4
"""Raster tiles drawn at once; more would only fight for the same cores."""
_WRITING = 2
"""Downloads written at once."""
_PATIENCE_S = 2.0
_GREY = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
_PALETTES = {
    "irradiation": Palette(IRRADIATION.low, IRRADIATION.high, IRRADIATION.table()),
    "hillshade": Palette(1.0, 255.0, _GREY),
}
_EMPTY = Body(b"", "application/octet-stream", compress=False)
TileKey = tuple[str, int, int, int]


class TileCache:
    """
    The tiles asked for last, up to a number of bytes; tiles that do not exist are kept too.

    Parameters
    ----------
    limit : int
        Bytes of bodies to keep.
    """

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._kept: OrderedDict[TileKey, Body] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: TileKey) -> Body | None:
        """Return a kept body; one without content stands for a tile that does not exist."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: TileKey, body: Body | None) -> Body:
        """Keep a body, or that there is none; the oldest leave."""
        kept = body or _EMPTY
        with self._lock:
            previous = self._kept.pop(key, None)
            self._bytes += _cost(kept) - (_cost(previous) if previous else 0)
            self._kept[key] = kept
            while self._bytes > self._limit and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _cost(dropped)
        return kept


def _cost(body: Body) -> int:
    # A tag, a key and three objects; so that empty tiles count as well.
    return body.size + 512


@dataclass(frozen=True)
class Stamp:
    """Tells one publication from the next."""

    modified_ns: int
    size: int


def stamp_of(build: Path) -> Stamp:
    """
    Return the stamp of what stands in a build folder.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    """
    try:
        stat = (build / PUBLISHED).stat()
    except FileNotFoundError as error:
        raise NotBuiltError(str(build / PUBLISHED), "zonnekaart run PROJECT.toml") from error
    return Stamp(stat.st_mtime_ns, stat.st_size)


class Results:
    """
    All that the server answers from.

    Parameters
    ----------
    build : Path
        Build folder.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    TableError
        If ``published.json`` is not one of ours.
    """

    def __init__(self, build: Path) -> None:
        self.stamp = stamp_of(build)
        path = build / PUBLISHED
        try:
            self.project = PublishedProject.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise TableError(
                str(path),
                str(error).splitlines()[0],
                "what this version's publish writes",
                "run publish again",
            ) from error
        self.build = build
        self.tiles = TileCache()
        self._drawing = threading.BoundedSemaphore(_DRAWING)
        self._writing = threading.BoundedSemaphore(_WRITING)
        self.warehouse = Warehouse(build / "warehouse.duckdb")
        self.archives = {
            layer.id: TileArchive(build / "tiles" / f"{layer.id}.pmtiles")
            for layer in self.project.layers
            if layer.kind == "vector"
        }
        self.rasters = {
            layer.id: RasterTiles(build / "serving" / f"{layer.id}.tif")
            for layer in self.project.layers
            if layer.kind == "raster" and layer.id in _PALETTES
        }

    def vector_tile(self, layer: str, z: int, x: int, y: int) -> Body:
        """Return a tile of an archive; without content where there is none."""
        key = (layer, z, x, y)
        kept = self.tiles.get(key)
        if kept is not None:
            return kept
        archive = self.archives[layer]
        content = archive.get(z, x, y)
        body = content and Body(content, MVT, stored_gzipped=archive.gzipped)
        return self.tiles.put(key, body or None)

    def raster_tile(self, layer: str, z: int, x: int, y: int) -> Body:
        """
        Draw a tile of a raster; without content where all is unknown.

        Raises
        ------
        CrowdedError
            If too many are being drawn.
        """
        if not self._drawing.acquire(timeout=_PATIENCE_S):
            raise CrowdedError(f"{layer}: no place to draw came free in {_PATIENCE_S} s")
        try:
            content = self.rasters[layer].png(z, x, y, _PALETTES[layer])
        finally:
            self._drawing.release()
        body = None if content is None else Body(content, "image/png", compress=False)
        return self.tiles.put((layer, z, x, y), body)

    @cached_property
    def project_body(self) -> Body:
        """``/api/project``."""
        return _json(self.project)

    @cached_property
    def zones(self) -> list[ZoneRow]:
        """All zones as rows."""
        rows = self.warehouse.rows("zone_rows")
        return [ZoneRow.model_validate_json(row["row"]) for row in rows]

    @cached_property
    def zones_body(self) -> Body:
        """``/api/zones``."""
        content = ",".join(row.model_dump_json() for row in self.zones)
        return Body(f"[{content}]".encode(), JSON)

    @cached_property
    def labels_body(self) -> Body:
        """``/api/labels.geojson``."""
        features = [
            LabelFeature(
                type="Feature",
                geometry=LabelPoint(type="Point", coordinates=row.center_lonlat),
                properties={
                    "zone_id": row.zone_id,
                    "name": row.name,
                    "zone_class": row.zone_class,
                    "confidence": row.confidence,
                },
            )
            for row in self.zones
        ]
        body = Labels(type="FeatureCollection", features=features)
        return Body(body.model_dump_json().encode(), "application/geo+json")

    @cached_property
    def rules_body(self) -> Body:
        """``/api/rules``."""
        return _json(Rules.model_validate_json(self.document("rules")))

    @cached_property
    def catalog_body(self) -> Body:
        """``/catalog``."""
        path = self.build / "catalog.jsonld"
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        return Body(path.read_bytes(), "application/ld+json")

    def document(self, key: str) -> str:
        """Return a document that publish kept whole."""
        rows = self.warehouse.rows("document", [key])
        if not rows:
            raise NotBuiltError(key, "zonnekaart run PROJECT.toml --stage publish")
        return str(rows[0]["content"])

    @cached_property
    def _zones_copy(self) -> ZonesCopy:
        return ZonesCopy(self.build / "serving")

    def download(self, wanted: Wanted) -> Download | None:
        """
        Return chosen zones as a file, or None when an id is not one of ours.

        Raises
        ------
        CrowdedError
            If too many files are being written.
        NotBuiltError
            If the build has no copy of its zones.
        """
        if not self._writing.acquire(timeout=_PATIENCE_S):
            raise CrowdedError(f"download: no place to write came free in {_PATIENCE_S} s")
        try:
            return self._zones_copy.download(wanted, self.project)
        finally:
            self._writing.release()

    def zone(self, zone_id: str) -> ZoneDetail | None:
        """Return everything about one zone, or None when there is no such zone."""
        rows = self.warehouse.rows("zone_detail", [zone_id])
        return ZoneDetail.model_validate_json(rows[0]["detail"]) if rows else None

    @cached_property
    def outside(self) -> LayerInfo | None:
        """The background of another server, when the project names one."""
        return next((layer for layer in self.project.layers if layer.id == OUTSIDE), None)

    def style(self, base: str) -> Body:
        """Return the map style with addresses that start with `base`."""
        layers = {
            kind: {
                layer.id: TileSource(layer.minzoom, layer.maxzoom)
                for layer in self.project.layers
                if layer.kind == kind and layer.id != OUTSIDE
            }
            for kind in ("vector", "raster")
        }
        style = map_style(
            StyleInput(
                name=self.project.name,
                bounds_lonlat=self.project.bounds_lonlat,
                vector=layers["vector"],
                raster=layers["raster"],
                base=base,
                outside=self.outside.tiles if self.outside else "",
                version=self.project.run_id,
            )
        )
        return Body(_dumps(style), JSON)


def _dumps(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _json(model: BaseModel) -> Body:
    return Body(model.model_dump_json(by_alias=True).encode(), JSON)
