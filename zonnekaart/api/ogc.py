"""What the OGC routes say of the layers: collections, links, conformance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.api.answers import JSON, Body
from zonnekaart.api.errors import BadRequestError, NoSuchThingError
from zonnekaart.api.ogc_models import Collection, Extent, Link, SpatialExtent
from zonnekaart.io.features import KEYS
from zonnekaart.io.reference_systems import CRS84

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import Request
    from pydantic import BaseModel

    from zonnekaart.api.results import Results
    from zonnekaart.io.published import LayerInfo

GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
WEB_MERCATOR_CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
_TMS = "http://www.opengis.net/spec/tms/2.0/conf"
CONFORMANCE = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{_FEATURES}/core",
    f"{_FEATURES}/oas30",
    f"{_FEATURES}/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    f"{_TILES}/core",
    f"{_TILES}/tileset",
    f"{_TILES}/tilesets-list",
    f"{_TILES}/geodata-tilesets",
    f"{_TILES}/mvt",
    f"{_TILES}/png",
    f"{_TMS}/tilematrixset",
    f"{_TMS}/json-tilematrixset",
]


def link(href: str, rel: str, kind: str = JSON, title: str = "") -> Link:
    """Return a link."""
    return Link(href=href, rel=rel, type=kind, title=title)


def document(model: BaseModel, kind: str = JSON) -> Body:
    """Return a model as the standards write it: their names, nothing for what is not given."""
    return Body(model.model_dump_json(by_alias=True, exclude_none=True).encode(), kind)


def require_known(request: Request, known: Iterable[str]) -> None:
    """
    Refuse parameters that a route does not have, as the standard asks.

    Raises
    ------
    BadRequestError
        If one is not known, stands twice, or asks for another format.
    """
    names = list(request.query_params.keys())
    allowed = {*known, "f"}
    if set(names) - allowed:
        plain = sorted(name for name in allowed if "__" not in name)
        raise BadRequestError(f"parameters here are: {', '.join(plain)}")
    if len(request.query_params.multi_items()) != len(set(names)):
        raise BadRequestError("a parameter stands twice")
    if request.query_params.get("f", "json") != "json":
        raise BadRequestError("f is json")


def feature_layers(results: Results) -> list[LayerInfo]:
    """Return the layers that have features."""
    return [x for x in results.project.layers if x.id in KEYS]


def picture_layers(results: Results) -> list[LayerInfo]:
    """
    Return the layers that have map tiles only.

    They are collections too, but not in the list of them: clients of OGC API Features (GDAL 3.12)
    ask every collection of the list for features.
    """
    return [x for x in results.project.layers if x.kind == "raster"]


def shown_layer(results: Results, name: str) -> LayerInfo:
    """
    Return one layer that is a collection, with features or pictures.

    Raises
    ------
    NoSuchThingError
        If it is none.
    """
    for layer in (*feature_layers(results), *picture_layers(results)):
        if layer.id == name:
            return layer
    raise NoSuchThingError(name)


def tiles_link(layer: LayerInfo, base: str) -> Link:
    """Return where the tile sets of a layer are."""
    kind = "map" if layer.kind == "raster" else "vector"
    return link(
        f"{base}/ogc/collections/{layer.id}/tiles",
        f"http://www.opengis.net/def/rel/ogc/1.0/tilesets-{kind}",
        title=layer.title.en,
    )


def collection(results: Results, layer: LayerInfo, base: str) -> Collection:
    """
    Describe a layer as a collection.

    Parameters
    ----------
    results : Results
        The open results.
    layer : LayerInfo
        One that is a collection.
    base : str
        Address of the project.
    """
    here = f"{base}/ogc/collections/{layer.id}"
    features = results.features.get(layer.id)
    links = [link(here, "self")]
    if features is not None:
        links += [
            link(f"{here}/items", "items", GEOJSON, layer.title.en),
            link(
                f"{here}/queryables",
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                SCHEMA,
            ),
        ]
    links.append(tiles_link(layer, base))
    return Collection(
        id=layer.id,
        title=layer.title.en,
        description=(layer.limits or layer.title).en,
        extent=Extent(spatial=SpatialExtent(bbox=[results.project.bounds_lonlat], crs=CRS84)),
        item_type=None if features is None else "feature",
        crs=[CRS84] if features is None else list(features.systems),
        storage_crs=None if features is None else features.storage.uri,
        links=links,
    )
