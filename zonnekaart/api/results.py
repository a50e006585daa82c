"""The published files of one project, opened once and kept until publish replaces them."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from pydantic import ValidationError

from zonnekaart import __version__
from zonnekaart.api.answers import JSON, Body
from zonnekaart.api.errors import NoSuchThingError, OldResultsError
from zonnekaart.api.models import LabelFeature, LabelPoint, Labels, Rules
from zonnekaart.api.tile_cache import NOTHING, TileCache
from zonnekaart.api.turns import Turns
from zonnekaart.cartography.ramps import IRRADIATION
from zonnekaart.cartography.style import OUTSIDE, StyleInput, TileSource, map_style
from zonnekaart.errors import NotBuiltError, ZonnekaartError
from zonnekaart.io.catalog_formats import catalog_as
from zonnekaart.io.features import KEYS, FeatureLayer
from zonnekaart.io.live_tiles import LiveTiles
from zonnekaart.io.png import Palette
from zonnekaart.io.published import LayerInfo, PublishedProject, ZoneDetail, ZoneRow
from zonnekaart.io.selection import Download, Wanted, ZonesCopy
from zonnekaart.io.serving import RasterTiles
from zonnekaart.io.tiles import MAX_ZOOM, TileArchive
from zonnekaart.io.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import BaseModel

_LOG = logging.getLogger("zonnekaart.api")
MVT = "application/vnd.mapbox-vector-tile"
PUBLISHED = "published.json"
_DRAWING, _ASKING, _WRITING = 4, 4, 2
"""Raster tiles drawn, queries run, and downloads written at once."""
_WAITING = 512
_PATIENCE_S = 10.0
LIVE_MINZOOM = 14
"""Below this a live tile holds too much; only a layer whose archive is broken is cut live."""
_GREY = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
_PALETTES = {
    "irradiation": Palette(IRRADIATION.low, IRRADIATION.high, IRRADIATION.table()),
    # Pale and under everything else: fewer greys are not seen, and save a third of the bytes.
    "hillshade": Palette(1.0, 255.0, _GREY, shades=48),
}
T = TypeVar("T")
M = TypeVar("M", bound="BaseModel")


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
    All that the server answers from. A broken part is told when it is asked for; the rest works.

    Parameters
    ----------
    build : Path
        Build folder.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    OldResultsError
        If ``published.json`` is not what this version writes.
    """

    def __init__(self, build: Path) -> None:
        self.stamp = stamp_of(build)
        self.build = build
        self.project = _project(build / PUBLISHED)
        self.tiles = TileCache()
        self.drawing = Turns(_DRAWING, _WAITING, _PATIENCE_S)
        self.asking = Turns(_ASKING, _WAITING, _PATIENCE_S)
        self.broken: dict[str, ZonnekaartError] = {}
        self._warehouse = self._opened("warehouse", lambda: Warehouse(build / "warehouse.duckdb"))
        self.archives = self._each(
            "vector", lambda name: TileArchive(build / "tiles" / f"{name}.pmtiles")
        )
        self.rasters = self._each(
            "raster", lambda name: RasterTiles(build / "serving" / f"{name}.tif")
        )
        self.writing = Turns(_WRITING, _WAITING, _PATIENCE_S)

    def _opened(self, name: str, opener: Callable[[], T]) -> T | None:
        """Open one part; note it when it is broken."""
        try:
            return opener()
        except ZonnekaartError as error:
            _LOG.warning("%s: %s", name, error)
            self.broken[name] = error
            return None

    def _each(self, kind: str, opener: Callable[[str], T]) -> dict[str, T]:
        """Open the layers of one kind that can be opened."""
        found = {}
        for layer in self.project.layers:
            if layer.kind == kind and (kind == "vector" or layer.id in _PALETTES):
                # Bound as an argument: a closure would see the last name only.
                part = self._opened(layer.id, lambda name=layer.id: opener(name))  # type: ignore[misc]
                if part is not None:
                    found[layer.id] = part
        return found

    @property
    def warehouse(self) -> Warehouse:
        """The tables; raises what kept them from being opened."""
        if self._warehouse is None:
            raise self.broken["warehouse"]
        return self._warehouse

    def layer(self, name: str, kind: str) -> LayerInfo:
        """
        Return what is published of a layer.

        Raises
        ------
        NoSuchThingError
            If there is no such layer of this kind.
        """
        for layer in self.project.layers:
            if layer.id == name and layer.kind == kind:
                return layer
        raise NoSuchThingError(name)

    def require(self, name: str) -> None:
        """Raise what is the matter with a layer, if anything is."""
        if name in self.broken:
            raise self.broken[name]

    @cached_property
    def vector_ids(self) -> frozenset[str]:
        """Ids of the vector layers."""
        return frozenset(x.id for x in self.project.layers if x.kind == "vector")

    @cached_property
    def live(self) -> dict[str, LiveTiles]:
        """Layers that can be cut when asked, with the properties their archive has."""
        found = {}
        for name in self._features_possible():
            archive = self.archives.get(name)
            fields = archive.metadata["vector_layers"][0]["fields"] if archive else None
            live = LiveTiles(self.warehouse, name, fields)
            if live.available:
                found[name] = live
        return found

    @cached_property
    def features(self) -> dict[str, FeatureLayer]:
        """Layers that can be had as features."""
        crs = self.project.crs
        return {name: FeatureLayer(self.warehouse, name, crs) for name in self._features_possible()}

    def _features_possible(self) -> list[str]:
        tables = {row["table_name"] for row in self.warehouse.rows("tables")}
        return [x.id for x in self.project.layers if x.id in KEYS and x.id in tables]

    def cut_live(self, layer: str, z: int) -> bool:
        """Tell whether a tile comes from the warehouse: beyond its archive, or without one."""
        archive = self.archives.get(layer)
        if archive is None:
            return True
        return archive.maxzoom < z <= MAX_ZOOM and z >= LIVE_MINZOOM and layer in KEYS

    def archive_tile(self, layer: str, z: int, x: int, y: int) -> Body:
        """Return a tile of an archive; without content where there is none."""
        archive = self.archives[layer]
        content = archive.get(z, x, y)
        body = content and Body(content, MVT, stored_gzipped=archive.gzipped)
        return self.tiles.put((layer, z, x, y), body or None)

    def live_tile(self, layer: str, z: int, x: int, y: int) -> Body:
        """Cut a tile from the warehouse; without content where there is none."""
        if layer not in self.live:
            self.require(layer)
            return NOTHING
        content = self.live[layer].get(z, x, y)
        body = None if content is None else Body(content, MVT)
        return self.tiles.put((layer, z, x, y), body)

    def raster_tile(self, layer: str, z: int, x: int, y: int) -> Body:
        """Draw a tile of a raster; without content where all is unknown."""
        content = self.rasters[layer].png(z, x, y, _PALETTES[layer])
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
        return [_read(ZoneRow, row["row"], self.project.version) for row in rows]

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
    def advised_labels_body(self) -> Body:
        """``/api/advised_labels.geojson``."""
        body = Labels.model_validate_json(self.document("advised_labels"))
        return Body(body.model_dump_json().encode(), "application/geo+json")

    @cached_property
    def rules_body(self) -> Body:
        """``/api/rules``."""
        return _json(_read(Rules, self.document("rules"), self.project.version))

    @cached_property
    def live_body(self) -> Body:
        """``/api/live``."""
        return Body(self.document("live").encode(), JSON)

    def catalog(self, base: str, kind: str) -> Body:
        """
        Return the catalogue with addresses that start with `base`.

        Parameters
        ----------
        base : str
            Address of this project.
        kind : str
            A key of `CATALOG_FORMATS`.
        """
        path = self.build / "catalog.jsonld"
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        files = f"urn:zonnekaart:{self.project.slug}:{self.project.run_id}:"
        text = path.read_text("utf-8")
        for place, address in (("tiles/", "tiles/"), ("serving/", "raster/"), ("ogc", "ogc")):
            text = text.replace(files + place, f"{base}/{address}")
        return Body(catalog_as(text, kind).encode(), kind)

    @cached_property
    def matrix_body(self) -> Body:
        """``/api/matrix``."""
        path = self.build / "serving" / "matrix.json"
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        return Body(path.read_bytes(), JSON)

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
        NotBuiltError
            If the build has no copy of its zones.
        """
        return self._zones_copy.download(wanted, self.project)

    def zone(self, zone_id: str) -> ZoneDetail | None:
        """Return everything about one zone, or None when there is no such zone."""
        rows = self.warehouse.rows("zone_detail", [zone_id])
        if not rows:
            return None
        return _read(ZoneDetail, rows[0]["detail"], self.project.version)

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


def _project(path: Path) -> PublishedProject:
    content = path.read_bytes()
    try:
        return PublishedProject.model_validate_json(content)
    except ValidationError as error:
        raise _old(path.name, _version(content), error) from error


def _version(content: bytes) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        return "unknown"
    return str(found.get("version", "unknown")) if isinstance(found, dict) else "unknown"


def _read(model: type[M], text: str, version: str) -> M:
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise _old(model.__name__, version, error) from error


def _old(what: str, version: str, error: ValidationError) -> OldResultsError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    return OldResultsError(
        f"{what}: made by version {version}, this is {__version__} and does not read it "
        f"({place}: {first['msg']}). hint: zonnekaart run PROJECT.toml --stage publish"
    )
