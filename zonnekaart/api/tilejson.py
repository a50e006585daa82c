"""TileJSON of the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.api.models import TileJson, VectorLayer

if TYPE_CHECKING:
    from zonnekaart.api.results import Results
    from zonnekaart.io.published import LayerInfo

LIVE_MAXZOOM = 20
"""Zoom to which clients are told to ask; beyond, they enlarge."""


def tile_description(results: Results, base: str, layer: str) -> TileJson:
    """
    Describe a layer.

    Parameters
    ----------
    results : Results
        The open results.
    base : str
        Address of the project.
    layer : str
        Id of a layer, of either kind.

    Raises
    ------
    NoSuchThingError
        If there is no such layer.
    ZonnekaartError
        If it cannot be served now.
    """
    raster = any(x.id == layer and x.kind == "raster" for x in results.project.layers)
    info = results.layer(layer, "raster" if raster else "vector")
    if raster:
        results.require(layer)
        return _described(results, base, info, [])
    live = results.live.get(layer) if "warehouse" not in results.broken else None
    archive = results.archives.get(layer)
    if archive is None and live is None:
        results.require(layer)
    fields = archive.metadata["vector_layers"][0]["fields"] if archive else live and live.fields
    maxzoom = max(info.maxzoom, LIVE_MAXZOOM) if live else info.maxzoom
    part = VectorLayer(
        id=layer,
        description=info.title.en,
        minzoom=info.minzoom,
        maxzoom=maxzoom,
        fields=dict(fields or {}),
    )
    return _described(results, base, info, [part])


def _described(results: Results, base: str, info: LayerInfo, parts: list[VectorLayer]) -> TileJson:
    west, south, east, north = bounds = results.project.bounds_lonlat
    archive = results.archives.get(info.id)
    if archive is not None:
        west, south, east, north = bounds = archive.bounds_lonlat
    return TileJson(
        tilejson="3.0.0",
        name=info.id,
        description=info.title.en,
        version="1.0.0",
        scheme="xyz",
        tiles=[f"{base}{info.tiles}"],
        minzoom=info.minzoom,
        maxzoom=parts[0].maxzoom if parts else info.maxzoom,
        bounds=bounds,
        center=((west + east) / 2.0, (south + north) / 2.0, float(info.minzoom)),
        attribution=info.source or "",
        vector_layers=parts,
    )
