"""Vector tile archives (PMTiles 3): written by GDAL, read by memory map."""

from __future__ import annotations

import gzip
import json
import math
import mmap
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
from pmtiles.tile import (
    Compression,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from zonnekaart.errors import NotBuiltError, VectorError
from zonnekaart.geo.crs import DISPLAY_CRS
from zonnekaart.io.vector import write_layer

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

MAX_ZOOM = 22
_HEADER_BYTES = 127
_DIRECTORY_DEPTH = 4
_DAMAGE = (OSError, EOFError, ValueError, IndexError, zlib.error)
"""What reading a damaged archive raises: bad gzip, bad JSON, numbers that end too early."""
WORLD_M = 2.0 * math.pi * 6378137.0
"""Side of the web map's square: the equator of its sphere. [m]"""
TILE_PX = 256
_TILE_BYTES = 500_000
"""Largest tile GDAL writes; beyond it GDAL drops detail, and `dropped` counts what it cost."""


@dataclass(frozen=True)
class TileLayer:
    """
    One layer of one archive.

    Parameters
    ----------
    name : str
        Name of the archive and of the layer in each tile.
    minzoom, maxzoom : int
        Zooms that hold tiles.
    key : str
        Column that identifies a feature, used to count what was dropped.
    """

    name: str
    minzoom: int
    maxzoom: int
    key: str


def valid_tile(z: int, x: int, y: int) -> bool:
    """
    Tell whether a tile id exists in the web map scheme.

    Examples
    --------
    >>> valid_tile(1, 1, 1), valid_tile(1, 2, 0), valid_tile(23, 0, 0)
    (True, False, False)
    """
    return 0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def tile_of(x_m: float, y_m: float, z: int) -> tuple[int, int]:
    """
    Return column and row of the tile that holds a point of EPSG:3857.

    Parameters
    ----------
    x_m, y_m : float
        Web Mercator coordinates. [m]
    z : int
        Zoom.

    Examples
    --------
    >>> tile_of(0.0, 0.0, 1)
    (1, 1)
    """
    count = 1 << z
    col = math.floor((x_m / WORLD_M + 0.5) * count)
    row = math.floor((0.5 - y_m / WORLD_M) * count)
    return min(max(col, 0), count - 1), min(max(row, 0), count - 1)


def write_vector_tiles(frame: gpd.GeoDataFrame, path: Path, layer: TileLayer) -> dict[str, Any]:
    """
    Write a PMTiles archive and say what its tiles lost.

    Parameters
    ----------
    frame : GeoDataFrame
        Features in any CRS PROJ knows; reprojected for display only. Columns become properties.
    path : Path
        The archive.
    layer : TileLayer
        Name, zooms and key.

    Returns
    -------
    dict
        ``features``, ``bytes``, ``minzoom``, ``maxzoom``, and ``dropped``: per zoom the number
        of features that no tile holds.

    Raises
    ------
    VectorError
        If there is nothing to write, or a feature is lost at the largest zoom.
    """
    if frame.empty:
        raise VectorError(
            layer.name, "no features", "at least one", "see whether the earlier stages found any"
        )
    write_layer(
        frame.to_crs(DISPLAY_CRS),
        path,
        "PMTiles",
        layer=layer.name,
        NAME=layer.name,
        MINZOOM=str(layer.minzoom),
        MAXZOOM=str(layer.maxzoom),
        MAX_SIZE=str(_TILE_BYTES),
        geometry_type="Unknown",
    )
    dropped = {
        str(zoom): len(set(frame[layer.key]) - set(_keys_at(path, layer, zoom)))
        for zoom in (layer.minzoom, layer.maxzoom)
    }
    if dropped[str(layer.maxzoom)]:
        raise VectorError(
            str(path),
            f"{dropped[str(layer.maxzoom)]} features missing at zoom {layer.maxzoom}",
            "every feature at the largest zoom",
            "look for empty or very small shapes in the layer",
        )
    return {
        "features": len(frame),
        "bytes": path.stat().st_size,
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "dropped": dropped,
    }


def _keys_at(path: Path, layer: TileLayer, zoom: int) -> pd.Series[Any]:
    """Return the keys found in an archive's tiles of one zoom, read back by GDAL."""
    found = pyogrio.read_dataframe(
        path, layer=layer.name, columns=[layer.key], read_geometry=False, ZOOM_LEVEL=str(zoom)
    )
    column: pd.Series[Any] = pd.DataFrame(found)[layer.key]
    return column.drop_duplicates()


class TileArchive:
    """
    A PMTiles archive in memory map: a tile costs two directory look-ups and a slice.

    Parameters
    ----------
    path : Path
        The archive.

    Raises
    ------
    NotBuiltError
        If it is not there.
    VectorError
        If it is not a PMTiles archive of vector tiles.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        self.path = path
        if not path.stat().st_size:
            raise self._not_ours("an empty file")
        with path.open("rb") as stream:
            self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self._header = self._read_header()
        self._directory = lru_cache(maxsize=256)(self._read_directory)
        self.minzoom = int(self._header["min_zoom"])
        self.maxzoom = int(self._header["max_zoom"])
        self.metadata = self._metadata()
        self._directory(self._header["root_offset"], self._header["root_length"])

    def _read_header(self) -> dict[str, Any]:
        raw = self._map[:_HEADER_BYTES]
        if len(raw) < _HEADER_BYTES or raw[:7] != b"PMTiles":
            raise self._not_ours("a file that is not a PMTiles archive")
        header: dict[str, Any] = {**deserialize_header(raw)}
        end = header["tile_data_offset"] + header["tile_data_length"]
        if header["tile_type"] != TileType.MVT or end > len(self._map):
            raise self._not_ours("an archive that is cut off or holds no vector tiles")
        return header

    def _not_ours(self, found: str) -> VectorError:
        return VectorError(str(self.path), found, "vector tiles", "run publish again")

    def _metadata(self) -> dict[str, Any]:
        start = self._header["metadata_offset"]
        raw = self._map[start : start + self._header["metadata_length"]]
        packed = self._header["internal_compression"] == Compression.GZIP
        try:
            found: dict[str, Any] = json.loads(gzip.decompress(raw) if packed else raw)
        except _DAMAGE as error:
            raise self._not_ours("an archive with damaged metadata") from error
        return found

    def _read_directory(self, offset: int, length: int) -> list[Any]:
        try:
            entries: list[Any] = deserialize_directory(self._map[offset : offset + length])
        except _DAMAGE as error:
            raise self._not_ours("an archive with a damaged directory") from error
        return entries

    @property
    def gzipped(self) -> bool:
        """Whether tiles are stored compressed."""
        return bool(self._header["tile_compression"] == Compression.GZIP)

    @property
    def bounds_lonlat(self) -> tuple[float, float, float, float]:
        """West, south, east, north. [deg]."""
        west, south, east, north = (
            self._header[name] / 1e7
            for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")
        )
        return west, south, east, north

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """Return the stored bytes of a tile, or None when the archive has none there."""
        tile = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(_DIRECTORY_DEPTH):
            entry = find_tile(self._directory(offset, length), tile)
            if entry is None:
                return None
            if entry.run_length:
                start = self._header["tile_data_offset"] + entry.offset
                return self._map[start : start + entry.length]
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        raise self._not_ours("directories nested too deep")

    def close(self) -> None:
        """Release the file."""
        self._map.close()
