"""OGC API Tiles: the tile scheme, the tile sets of a collection, and the tiles themselves."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response

from zonnekaart.api.answers import Body, answer
from zonnekaart.api.dependencies import Base, Meters, ResultsNow
from zonnekaart.api.ogc import WEB_MERCATOR_CRS, document, link, require_known, shown_layer
from zonnekaart.api.ogc_models import (
    Link,
    TileMatrix,
    TileMatrixSet,
    TileMatrixSetItem,
    TileMatrixSets,
    TileSet,
    TileSetLayer,
    TileSets,
)
from zonnekaart.api.results import MVT, Results
from zonnekaart.api.routes.ogc import OGC_FAILURES
from zonnekaart.api.routes.tiles import (
    FAILURES,
    LayerId,
    Place,
    TileId,
    Zoom,
    raster_body,
    tile_answer,
    vector_body,
)
from zonnekaart.api.tilejson import tile_description
from zonnekaart.io.published import LayerInfo
from zonnekaart.io.reference_systems import CRS84
from zonnekaart.io.tiles import MAX_ZOOM, TILE_PX, WORLD_M

router = APIRouter(tags=["ogc"])
_SCHEME = "WebMercatorQuad"
_SCHEME_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_PIXEL_M = 0.00028
"""Size of a pixel that a scale of the OGC supposes. [m]"""
Scheme = Annotated[str, Path(pattern=f"^{_SCHEME}$")]


def _matrix(z: int) -> TileMatrix:
    cell = WORLD_M / (TILE_PX << z)
    return TileMatrix(
        id=str(z),
        scale_denominator=cell / _PIXEL_M,
        cell_size=cell,
        corner_of_origin="topLeft",
        point_of_origin=(-WORLD_M / 2.0, WORLD_M / 2.0),
        tile_width=TILE_PX,
        tile_height=TILE_PX,
        matrix_width=1 << z,
        matrix_height=1 << z,
    )


@router.get("/ogc/tileMatrixSets", response_model=TileMatrixSets, responses=OGC_FAILURES)
async def tile_matrix_sets(request: Request, base: Base) -> Response:
    """Return the tile schemes; there is one."""
    require_known(request, ())
    here = f"{base}/ogc/tileMatrixSets/{_SCHEME}"
    only = TileMatrixSetItem(id=_SCHEME, title=_SCHEME, uri=_SCHEME_URI, links=[link(here, "self")])
    return answer(request, document(TileMatrixSets(tile_matrix_sets=[only])))


@router.get("/ogc/tileMatrixSets/{scheme}", response_model=TileMatrixSet, responses=OGC_FAILURES)
async def tile_matrix_set(request: Request, scheme: Scheme) -> Response:
    """Return the tile scheme of web maps."""
    require_known(request, ())
    body = TileMatrixSet(
        id=scheme,
        title="Google Maps Compatible for the World",
        uri=_SCHEME_URI,
        crs=WEB_MERCATOR_CRS,
        ordered_axes=["X", "Y"],
        well_known_scale_set="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        tile_matrices=[_matrix(z) for z in range(MAX_ZOOM + 1)],
    )
    return answer(request, document(body))


@router.get("/ogc/collections/{layer}/tiles", response_model=TileSets, responses=OGC_FAILURES)
def tile_sets(request: Request, results: ResultsNow, base: Base, layer: LayerId) -> Response:
    """Return the tile sets of a collection; there is one."""
    require_known(request, ())
    found = _tile_set(results, base, shown_layer(results, layer))
    return answer(request, document(TileSets(tilesets=[found])))


@router.get(
    "/ogc/collections/{layer}/tiles/{scheme}", response_model=TileSet, responses=OGC_FAILURES
)
def tile_set(
    request: Request, results: ResultsNow, base: Base, layer: LayerId, scheme: Scheme
) -> Response:
    """Return where the tiles of a collection are."""
    require_known(request, ())
    return answer(request, document(_tile_set(results, base, shown_layer(results, layer))))


async def _tile_id(layer: LayerId, scheme: Scheme, z: Zoom, row: Place, col: Place) -> TileId:
    return TileId(layer, z, col, row)


@router.get(
    "/ogc/collections/{layer}/tiles/{scheme}/{z}/{row}/{col}",
    response_class=Response,
    responses={
        200: {"content": {MVT: {}, "image/png": {}}},
        204: {"description": "nothing there"},
        **FAILURES,
    },
)
async def tile(
    request: Request,
    results: ResultsNow,
    meters: Meters,
    found: Annotated[TileId, Depends(_tile_id)],
) -> Response:
    """Return one tile: vector of a feature collection, PNG of a raster."""
    raster = shown_layer(results, found.layer).kind == "raster"
    body: Body = await (raster_body if raster else vector_body)(results, meters, found)
    return tile_answer(request, results, body, None)


def _tile_set(results: Results, base: str, layer: LayerInfo) -> TileSet:
    described = tile_description(results, base, layer.id)
    kind: Literal["map", "vector"] = "map" if layer.kind == "raster" else "vector"
    here = f"{base}/ogc/collections/{layer.id}/tiles/{_SCHEME}"
    west, south, east, north = described.bounds
    tiles = Link(
        href=f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        rel="item",
        type="image/png" if kind == "map" else MVT,
        templated=True,
    )
    links = [
        link(here, "self"),
        tiles,
        link(
            f"{base}/ogc/tileMatrixSets/{_SCHEME}",
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
        ),
        link(f"{base}/tiles/{layer.id}.json", "describedby", title="TileJSON 3.0.0"),
    ]
    return TileSet(
        title=layer.title.en,
        data_type=kind,
        crs=WEB_MERCATOR_CRS,
        tile_matrix_set_uri=_SCHEME_URI,
        bounding_box={
            "crs": CRS84,
            "lowerLeft": (west, south),
            "upperRight": (east, north),
        },
        layers=[
            TileSetLayer(
                id=layer.id,
                title=layer.title.en,
                data_type=kind,
                min_tile_matrix=str(described.minzoom),
                max_tile_matrix=str(described.maxzoom),
            )
        ],
        links=links,
    )
