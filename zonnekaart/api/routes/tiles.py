"""Tiles of layers, by id only."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from zonnekaart.api.answers import IMMUTABLE, REVALIDATE, Body, answer
from zonnekaart.api.dependencies import ResultsNow
from zonnekaart.api.errors import NOT_FOUND, error_answer
from zonnekaart.api.models import ErrorBody, TileJson, VectorLayer
from zonnekaart.api.results import MVT, Results
from zonnekaart.io.tiles import MAX_ZOOM, valid_tile

router = APIRouter(tags=["tiles"])

LayerId = Annotated[str, Path(pattern=r"^[a-z_]{1,32}$")]
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Place = Annotated[int, Path(ge=0, lt=1 << MAX_ZOOM)]
Version = Annotated[str | None, Query(alias="v", description="run id; lets the tile be kept")]


@dataclass(frozen=True)
class TileId:
    """One tile of one layer."""

    layer: str
    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the scheme has such a tile."""
        return valid_tile(self.z, self.x, self.y)


async def _tile_id(layer: LayerId, z: Zoom, x: Place, y: Place) -> TileId:
    return TileId(layer, z, x, y)


Tile = Annotated[TileId, Depends(_tile_id)]


@router.get("/tiles/{layer}.json", response_model=TileJson, responses={404: {"model": ErrorBody}})
def tilejson(request: Request, results: ResultsNow, layer: LayerId) -> Response:
    """Describe one vector layer as TileJSON 3.0.0."""
    archive = results.archives.get(layer)
    info = next((x for x in results.project.layers if x.id == layer), None)
    if archive is None or info is None:
        return error_answer(NOT_FOUND)
    west, south, east, north = bounds = archive.bounds_lonlat
    description = TileJson(
        tilejson="3.0.0",
        name=layer,
        description=info.title.en,
        version="1.0.0",
        scheme="xyz",
        tiles=[f"{str(request.base_url).rstrip('/')}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"],
        minzoom=archive.minzoom,
        maxzoom=archive.maxzoom,
        bounds=bounds,
        center=((west + east) / 2.0, (south + north) / 2.0, float(archive.minzoom)),
        attribution=info.source or "",
        vector_layers=[
            VectorLayer(
                id=part["id"],
                description=info.title.en,
                minzoom=archive.minzoom,
                maxzoom=archive.maxzoom,
                fields=part["fields"],
            )
            for part in archive.metadata["vector_layers"]
        ],
    )
    return answer(request, Body(description.model_dump_json().encode(), "application/json"))


@router.get(
    "/tiles/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}}},
        204: {"description": "nothing there"},
        404: {"model": ErrorBody},
    },
)
async def vector_tile(
    request: Request, results: ResultsNow, tile: Tile, v: Version = None
) -> Response:
    """Return one vector tile."""
    if tile.layer not in results.archives or not tile.exists:
        return error_answer(NOT_FOUND)
    # A slice of a memory map: shorter than the way to a thread and back.
    return _tile(request, results, results.vector_tile(tile.layer, tile.z, tile.x, tile.y), v)


@router.get(
    "/raster/{layer}/{z}/{x}/{y}.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}}},
        204: {"description": "nothing known there"},
        404: {"model": ErrorBody},
        429: {"model": ErrorBody},
    },
)
async def raster_tile(
    request: Request, results: ResultsNow, tile: Tile, v: Version = None
) -> Response:
    """Return one raster tile, coloured by the layer's own ramp."""
    if tile.layer not in results.rasters or not tile.exists:
        return error_answer(NOT_FOUND)
    key = (tile.layer, tile.z, tile.x, tile.y)
    body = results.tiles.get(key)
    if body is None:
        body = await run_in_threadpool(results.raster_tile, *key)
    return _tile(request, results, body, v)


def _tile(request: Request, results: Results, body: Body, version: str | None) -> Response:
    cache = IMMUTABLE if version == results.project.run_id else REVALIDATE
    if not body.size:
        return Response(status_code=204, headers={"cache-control": cache})
    return answer(request, body, cache)
