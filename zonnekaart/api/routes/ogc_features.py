"""OGC API Features: pages of features, single ones, and the columns to compare."""

import math
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from zonnekaart.api.answers import Body, answer
from zonnekaart.api.dependencies import Base, ResultsNow
from zonnekaart.api.errors import BadRequestError, NoSuchThingError
from zonnekaart.api.models import ErrorBody
from zonnekaart.api.ogc import GEOJSON, SCHEMA, document, link, require_known
from zonnekaart.api.ogc_models import Feature, FeatureCollection, Link, Queryables
from zonnekaart.api.results import Results
from zonnekaart.api.routes.ogc import OGC_FAILURES
from zonnekaart.api.routes.tiles import LayerId
from zonnekaart.io.features import (
    MAX_LIMIT,
    Condition,
    FeatureLayer,
    FeatureQuery,
)
from zonnekaart.io.reference_systems import CRS84, Box, ReferenceSystem

router = APIRouter(tags=["ogc"])
_FAILURES = {**OGC_FAILURES, 429: {"model": ErrorBody}, 504: {"model": ErrorBody}}
_BOX_SIZES = {4: (0, 1, 2, 3), 6: (0, 1, 3, 4)}
"""Numbers of a box, flat or with heights, and where its corners stand among them."""
_OWN = ("bbox", "bbox-crs", "crs", "limit", "offset")
_SUFFIXES = {"": "=", "__ne": "<>", "__lt": "<", "__lte": "<=", "__gt": ">", "__gte": ">="}

Uri = Annotated[str, Query(max_length=128)]
Limit = Annotated[int, Query(ge=1)]
Offset = Annotated[int, Query(ge=0, le=1 << 31)]
BoxText = Annotated[str | None, Query(max_length=256, description="four or six numbers")]


class GeoJson(JSONResponse):
    """Tells the description the media type."""

    media_type = GEOJSON


class JsonSchema(JSONResponse):
    """Tells the description the media type."""

    media_type = SCHEMA


class Wish(NamedTuple):
    """The parameters of a page that every layer has, as they came."""

    bbox: str | None
    bbox_crs: str
    crs: str
    limit: int
    offset: int


async def _wish(
    bbox: BoxText = None,
    bbox_crs: Annotated[str, Query(alias="bbox-crs", max_length=128)] = CRS84,
    crs: Uri = CRS84,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Wish:
    return Wish(bbox, bbox_crs, crs, limit, offset)


@router.get(
    "/ogc/collections/{layer}/items",
    response_model=FeatureCollection,
    response_class=GeoJson,
    responses=_FAILURES,
)
async def items(
    request: Request,
    results: ResultsNow,
    base: Base,
    layer: LayerId,
    wish: Annotated[Wish, Depends(_wish)],
) -> Response:
    """
    Return a page of features.

    Columns of the collection are parameters too: ``use=school`` compares, and ``__ne``, ``__lt``,
    ``__lte``, ``__gt``, ``__gte`` behind a name change the comparison: ``capacity_kwp__gte=10``.
    """
    features = await _layer(results, layer)
    query = _query(request, features, wish)
    page = await results.asking.run(features.page, query)
    path = f"{base}/ogc/collections/{layer}"
    links = _page_links(request, f"{path}/items", query, page.matched)
    links.append(link(path, "collection"))
    heading = FeatureCollection(
        type="FeatureCollection",
        time_stamp=results.project.built_utc.replace("+00:00", "Z"),
        number_matched=page.matched,
        number_returned=len(page.features),
        links=links,
        features=[],
    ).model_dump_json(by_alias=True, exclude_none=True)
    # Features are texts already: parsing them again would only cost time.
    text = heading.removesuffix("[]}") + "[" + ",".join(page.features) + "]}"
    return answer(request, Body(text.encode(), GEOJSON), headers=_content_crs(query.system))


@router.get(
    "/ogc/collections/{layer}/items/{feature_id:path}",
    response_model=Feature,
    response_class=GeoJson,
    responses=_FAILURES,
)
async def item(
    request: Request,
    results: ResultsNow,
    base: Base,
    layer: LayerId,
    feature_id: Annotated[str, Path(max_length=256)],
    crs: Uri = CRS84,
) -> Response:
    """Return one feature by its id."""
    features = await _layer(results, layer)
    require_known(request, ("crs",))
    system = _system(features, crs)
    found = await results.asking.run(features.one, feature_id, system)
    if found is None:
        raise NoSuchThingError(feature_id)
    path = f"{base}/ogc/collections/{layer}"
    links = [link(str(request.url), "self", GEOJSON), link(path, "collection")]
    written = ",".join(x.model_dump_json(exclude_none=True) for x in links)
    text = f'{found[:-1]},"links":[{written}]}}'
    return answer(request, Body(text.encode(), GEOJSON), headers=_content_crs(system))


@router.get(
    "/ogc/collections/{layer}/queryables",
    response_model=Queryables,
    response_class=JsonSchema,
    responses=_FAILURES,
)
async def queryables(request: Request, results: ResultsNow, base: Base, layer: LayerId) -> Response:
    """Return the columns that may be compared, with their types."""
    features = await _layer(results, layer)
    require_known(request, ())
    body = Queryables(
        schema_="https://json-schema.org/draft/2020-12/schema",
        id_=f"{base}/ogc/collections/{layer}/queryables",
        type="object",
        title=results.layer(layer, "vector").title.en,
        properties={
            name: {"type": kind} for name, kind in features.columns.items() if kind != "record"
        },
        additional_properties=False,
    )
    return answer(request, document(body, SCHEMA))


async def _layer(results: Results, name: str) -> FeatureLayer:
    results.layer(name, "vector")
    found = (await results.asking.run(lambda: results.features)).get(name)
    if found is None:
        raise NoSuchThingError(name)
    return found


def _query(request: Request, features: FeatureLayer, wish: Wish) -> FeatureQuery:
    comparisons = {
        f"{name}{suffix}": (name, operator)
        for name, kind in features.columns.items()
        if kind != "record"
        for suffix, operator in _SUFFIXES.items()
    }
    require_known(request, (*_OWN, *comparisons))
    box_system = _system(features, wish.bbox_crs)
    return FeatureQuery(
        limit=min(wish.limit, MAX_LIMIT),
        offset=wish.offset,
        box=None if wish.bbox is None else _box(wish.bbox, box_system),
        box_system=box_system,
        system=_system(features, wish.crs),
        conditions=tuple(
            Condition(*comparisons[name], value)  # type: ignore[arg-type]
            for name, value in request.query_params.items()
            if name in comparisons
        ),
    )


def _system(features: FeatureLayer, uri: str) -> ReferenceSystem:
    """Return one of the systems of a layer, by address or safe short form."""
    text = uri.removeprefix("[").removesuffix("]")
    authority, _, code = text.partition(":")
    if authority == "EPSG" and code.isdecimal():
        text = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    found = features.systems.get(text)
    if found is None:
        raise BadRequestError(f"reference systems here are: {', '.join(features.systems)}")
    return found


def _box(text: str, system: ReferenceSystem) -> Box:
    """Return west, south, east, north of a box as a client wrote it."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadRequestError("bbox is four or six numbers") from error
    places = _BOX_SIZES.get(len(numbers))
    if places is None or not all(math.isfinite(number) for number in numbers):
        raise BadRequestError("bbox is four or six numbers")
    first, second, third, fourth = (numbers[place] for place in places)
    west, south, east, north = system.read((first, second, third, fourth))
    if south > north or (west > east and not system.degrees):
        raise BadRequestError("bbox is the lower corner, then the upper one")
    return west, south, east, north


def _page_links(request: Request, path: str, query: FeatureQuery, matched: int) -> list[Link]:
    def at(offset: int) -> str:
        given = [(k, v) for k, v in request.query_params.items() if k not in {"offset", "limit"}]
        return f"{path}?{urlencode([*given, ('limit', query.limit), ('offset', offset)])}"

    links = [link(at(query.offset), "self", GEOJSON)]
    if query.offset + query.limit < matched:
        links.append(link(at(query.offset + query.limit), "next", GEOJSON))
    if query.offset:
        links.append(link(at(max(query.offset - query.limit, 0)), "prev", GEOJSON))
    return links


def _content_crs(system: ReferenceSystem) -> dict[str, str]:
    return {"content-crs": f"<{system.uri}>"}
