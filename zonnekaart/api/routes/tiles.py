"""Tiles of layers, by id only."""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse

from zonnekaart.api.answers import IMMUTABLE, REVALIDATE, Body, answer
from zonnekaart.api.dependencies import Base, Meters, ResultsNow
from zonnekaart.api.errors import NoSuchThingError
from zonnekaart.api.metrics import Metrics
from zonnekaart.api.models import ErrorBody, TileJson
from zonnekaart.api.results import MVT, Results
from zonnekaart.api.tilejson import tile_description
from zonnekaart.io.tiles import MAX_ZOOM, valid_tile

router = APIRouter(tags=["tiles"])

LayerId = Annotated[str, Path(pattern=r"^[a-z_]{1,32}$")]
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Place = Annotated[int, Path(ge=0, lt=1 << MAX_ZOOM)]
Version = Annotated[str | None, Query(alias="v", description="run id; lets the tile be kept")]
PMTILES = "application/vnd.pmtiles"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody} for status in (404, 413, 429, 503, 504)
}
MISSING: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (404, 503)}


@dataclass(frozen=True)
class TileId:
    """One tile of one layer."""

    layer: str
    z: int
    x: int
    y: int

    def require(self) -> None:
        """Raise `NoSuchThingError` when the scheme has no such tile."""
        if not valid_tile(self.z, self.x, self.y):
            raise NoSuchThingError(f"{self.z}/{self.x}/{self.y}")

    @property
    def key(self) -> tuple[str, int, int, int]:
        """The tile as a tuple."""
        return self.layer, self.z, self.x, self.y


async def _tile_id(layer: LayerId, z: Zoom, x: Place, y: Place) -> TileId:
    return TileId(layer, z, x, y)


Tile = Annotated[TileId, Depends(_tile_id)]


@router.get("/tiles/{layer}.json", response_model=TileJson, responses=MISSING)
async def tilejson(request: Request, results: ResultsNow, base: Base, layer: LayerId) -> Response:
    """Describe one layer as TileJSON 3.0.0."""
    description = tile_description(results, base, layer)
    return answer(request, Body(description.model_dump_json().encode(), "application/json"))


def _file_answers(kind: str) -> dict[int | str, dict[str, Any]]:
    parts: dict[int | str, dict[str, Any]] = {
        206: {"description": "the range asked for"},
        416: {"description": "no such range"},
    }
    return {200: {"content": {kind: {}}}, **parts, **MISSING}


@router.get("/tiles/{layer}.pmtiles", response_class=FileResponse, responses=_file_answers(PMTILES))
async def archive(request: Request, results: ResultsNow, layer: LayerId) -> Response:
    """Return the archive of one vector layer, whole or by range."""
    results.layer(layer, "vector")
    results.require(layer)
    return _file(request, results, results.archives[layer].path, PMTILES)


@router.get("/raster/{layer}.tif", response_class=FileResponse, responses=_file_answers(COG))
async def display_copy(request: Request, results: ResultsNow, layer: LayerId) -> Response:
    """Return the display copy of one raster, a COG in EPSG:3857, whole or by range."""
    results.layer(layer, "raster")
    results.require(layer)
    return _file(request, results, results.rasters[layer].path, COG)


def _file(request: Request, results: Results, path: FilePath, media_type: str) -> Response:
    # The run id is a digest of all that the file was made from, and the same run gives the same.
    tag = f'"{results.project.run_id}-{path.stat().st_size:x}"'
    headers = {"etag": tag, "cache-control": REVALIDATE}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}},
        204: {"description": "nothing there"},
        **FAILURES,
    },
)
async def vector_tile(
    request: Request, results: ResultsNow, meters: Meters, tile: Tile, v: Version = None
) -> Response:
    """Return one vector tile: from the archive, or cut from the warehouse beyond its zooms."""
    return tile_answer(request, results, await vector_body(results, meters, tile), v)


@router.get(
    "/raster/{layer}/{z}/{x}/{y}.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}}},
        204: {"description": "nothing known there"},
        **FAILURES,
    },
)
async def raster_tile(
    request: Request, results: ResultsNow, meters: Meters, tile: Tile, v: Version = None
) -> Response:
    """Return one raster tile, coloured by the layer's own ramp."""
    return tile_answer(request, results, await raster_body(results, meters, tile), v)


async def vector_body(results: Results, meters: Metrics, tile: TileId) -> Body:
    """Return a vector tile, kept from before or made now; without content where nothing is."""
    results.layer(tile.layer, "vector")
    tile.require()
    body = results.tiles.get(tile.key)
    if body is not None:
        meters.tiles.labels("kept").inc()
        return body
    if results.cut_live(tile.layer, tile.z):
        meters.tiles.labels("live").inc()
        return await results.asking.run(results.live_tile, *tile.key)
    meters.tiles.labels("archive").inc()
    # A slice of a memory map: shorter than the way to a thread and back.
    return results.archive_tile(*tile.key)


async def raster_body(results: Results, meters: Metrics, tile: TileId) -> Body:
    """Return a raster tile, kept from before or drawn now; without content where all is unknown."""
    results.layer(tile.layer, "raster")
    tile.require()
    results.require(tile.layer)
    body = results.tiles.get(tile.key)
    if body is not None:
        meters.tiles.labels("kept").inc()
        return body
    meters.tiles.labels("drawn").inc()
    return await results.drawing.run(results.raster_tile, *tile.key)


def tile_answer(request: Request, results: Results, body: Body, version: str | None) -> Response:
    """Send a tile; it may be kept for good when the client names the run it belongs to."""
    cache = IMMUTABLE if version == results.project.run_id else REVALIDATE
    if not body.size:
        return Response(status_code=204, headers={"cache-control": cache})
    return answer(request, body, cache)
