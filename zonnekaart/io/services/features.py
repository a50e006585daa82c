"""Features from OGC API Features and WFS 2.0: all pages, counted, with the axes checked."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from owslib.wfs import WebFeatureService

from zonnekaart.geo.crs import LONLAT_CRS, transformer
from zonnekaart.io.services.http import Client, ServiceError, json_of

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.services.endpoints import Endpoint

    Bounds = tuple[float, float, float, float]

PAGE = 1000
_MOST_PAGES = 5000
_EXCERPT = 200
_DEGREES = 360.0
_PART_2 = "/ogcapi-features-2/1.0/conf/crs"


@dataclass(frozen=True)
class Query:
    """
    Which features.

    Parameters
    ----------
    crs : str
        ``EPSG:`` code of bounds and answer.
    bounds : tuple of float, optional
        ``(west, south, east, north)``.
    equals : tuple of (str, str), optional
        Property and value.
    page : int
        Features per request.
    """

    crs: str
    bounds: Bounds | None = None
    equals: tuple[str, str] | None = None
    page: int = PAGE


@dataclass(frozen=True)
class Answer:
    """
    What a service gave.

    Parameters
    ----------
    features : list of dict
        GeoJSON features, x before y.
    crs : str
        The system that their coordinates are in: what was asked, or longitude and latitude.
    """

    features: list[dict[str, Any]]
    crs: str


def fetch_features(client: Client, endpoint: Endpoint, query: Query) -> Answer:
    """
    Return all features of a collection that match.

    Parameters
    ----------
    client : Client
        The client.
    endpoint : Endpoint
        Names service and collection.
    query : Query
        What is wanted.

    Raises
    ------
    ServiceError
        If the service answers an exception or another count than it announces, if nothing
        matches, or if the coordinates lie elsewhere than was asked.

    Notes
    -----
    A service without OGC API Features part 2 knows longitude and latitude only; one that ignores a
    property is filtered here.
    """
    if endpoint.kind == "wfs":
        asked, features = query, _wfs(client, endpoint, query)
    else:
        asked = query if _knows_crs(client, endpoint) else _in_degrees(query)
        features = _ogc(client, endpoint, asked)
    address = f"{endpoint.url} {endpoint.collection}"
    features = _matching(features, query, address)
    if not features:
        raise ServiceError(
            address,
            "an empty set",
            "features of this municipality",
            "see whether the service covers it, and whether bounds and CRS belong together",
        )
    _require_place(features, asked, address)
    return Answer(features, asked.crs)


def _knows_crs(client: Client, endpoint: Endpoint) -> bool:
    address = f"{endpoint.url}/conformance"
    classes = json_of(client.get(address, {"f": "json"}), address).get("conformsTo", [])
    return any(str(name).endswith(_PART_2) for name in classes)


def _in_degrees(query: Query) -> Query:
    """Return the same query in longitude and latitude."""
    if query.bounds is None:
        return replace(query, crs=LONLAT_CRS)
    west, south, east, north = transformer(query.crs, LONLAT_CRS).transform_bounds(*query.bounds)
    return replace(
        query, crs=LONLAT_CRS, bounds=(float(west), float(south), float(east), float(north))
    )


def _matching(features: list[dict[str, Any]], query: Query, address: str) -> list[dict[str, Any]]:
    if query.equals is None or not features:
        return features
    name, value = query.equals
    if not any(name in (f.get("properties") or {}) for f in features):
        raise ServiceError(
            address,
            f"no property {name}",
            "the property that endpoints.toml names",
            f"one of: {', '.join(features[0].get('properties') or {})}",
        )
    return [f for f in features if str((f.get("properties") or {}).get(name)) == value]


def _ogc(client: Client, endpoint: Endpoint, query: Query) -> list[dict[str, Any]]:
    params: dict[str, str | list[str]] = {"f": "json", "limit": str(query.page)}
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{query.crs.rpartition(':')[2]}"
    if query.crs != LONLAT_CRS:
        params["crs"] = uri
    if query.bounds is not None:
        params["bbox"] = ",".join(
            f"{v:.9f}" if abs(v) < _DEGREES else f"{v:.3f}" for v in query.bounds
        )
        if query.crs != LONLAT_CRS:
            params["bbox-crs"] = uri
    if query.equals is not None:
        params[query.equals[0]] = query.equals[1]
    address: str | None = f"{endpoint.url}/collections/{endpoint.collection}/items"
    features: list[dict[str, Any]] = []
    matched: object = None
    seen: set[str] = set()
    while address is not None:
        if address in seen or len(seen) > _MOST_PAGES:
            raise ServiceError(
                address,
                "a page that links to itself",
                "the next page",
                "ask with a larger page (--page)",
            )
        seen.add(address)
        answer = json_of(client.get(address, params), address)
        page = _features_of(answer, address)
        features += page
        matched = answer.get("numberMatched", matched)
        address = _next_link(answer) if page else None
        params = {}
    _require_count(features, matched, f"{endpoint.url}/collections/{endpoint.collection}")
    return features


def _features_of(answer: dict[str, Any], address: str) -> list[dict[str, Any]]:
    if answer.get("type") != "FeatureCollection":
        said = answer.get("description") or answer.get("title") or json.dumps(answer)[:_EXCERPT]
        raise ServiceError(
            address,
            f"an exception: {said}",
            "a FeatureCollection",
            "see whether the collection was renamed; edit a copy of endpoints.toml",
        )
    found = answer.get("features")
    return found if isinstance(found, list) else []


def _next_link(answer: dict[str, Any]) -> str | None:
    links = answer.get("links", [])
    return next((str(link["href"]) for link in links if link.get("rel") == "next"), None)


def _require_count(features: list[dict[str, Any]], matched: object, address: str) -> None:
    """Check that what came is what was announced, each once."""
    if isinstance(matched, int) and matched != len(features):
        raise ServiceError(
            address,
            f"{len(features)} features",
            f"the {matched} that it announces",
            "the server loses the query between pages: ask with a larger page (--page)",
        )
    ids = [f["id"] for f in features if "id" in f]
    if len(set(map(str, ids))) < len(ids):
        raise ServiceError(
            address,
            f"{len(ids) - len(set(map(str, ids)))} features twice",
            "every feature once",
            "the service does not page in a fixed order: ask with a larger page (--page)",
        )


def _wfs(client: Client, endpoint: Endpoint, query: Query) -> list[dict[str, Any]]:
    base = {"service": "WFS", "version": "2.0.0"}
    capabilities = client.get(endpoint.url, {**base, "request": "GetCapabilities"})
    name = _type_name(capabilities, endpoint)
    params = {
        **base,
        "request": "GetFeature",
        "typeNames": name,
        "srsName": query.crs,
        "outputFormat": _json_format(capabilities, endpoint),
        "count": str(query.page),
    }
    if query.bounds is not None:
        params["bbox"] = ",".join([*(f"{v:.3f}" for v in query.bounds), query.crs])
    if query.equals is not None:
        params["cql_filter"] = f"{query.equals[0]}='{_quoted(query.equals[1])}'"
    features: list[dict[str, Any]] = []
    matched: object = None
    for _ in range(_MOST_PAGES):
        path = client.get(endpoint.url, {**params, "startIndex": str(len(features))})
        refuse_exception(path, endpoint.url)
        answer = json_of(path, endpoint.url)
        page = _features_of(answer, endpoint.url)
        features += page
        matched = answer.get("numberMatched", answer.get("totalFeatures", matched))
        if len(page) < query.page or len(features) == matched:
            break
    _require_count(features, matched, f"{endpoint.url} {name}")
    return features


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _capabilities(path: Path, endpoint: Endpoint) -> Any:  # noqa: ANN401 - OWSLib has no types
    raw = path.read_bytes()
    refuse_exception(path, endpoint.url)
    try:
        return WebFeatureService(endpoint.url, version="2.0.0", xml=raw)
    except Exception as error:  # OWSLib raises lxml's and its own errors alike
        raise ServiceError(
            endpoint.url,
            f"no capabilities of a WFS ({type(error).__name__})",
            "WFS 2.0.0",
            "try the address in a browser; it may be of another service",
        ) from error


def _type_name(path: Path, endpoint: Endpoint) -> str:
    service = _capabilities(path, endpoint)
    if endpoint.collection not in service.contents:
        raise ServiceError(
            endpoint.url,
            f"no type {endpoint.collection}; {', '.join(list(service.contents)[:8])}",
            "the type that endpoints.toml names",
            "it was renamed: edit a copy of endpoints.toml",
        )
    return endpoint.collection


def _json_format(path: Path, endpoint: Endpoint) -> str:
    """Return the service's own name for GeoJSON."""
    operation = _capabilities(path, endpoint).getOperationByName("GetFeature")
    formats = operation.parameters.get("outputFormat", {}).get("values", [])
    for name in formats:
        if "json" in name.lower():
            return str(name)
    raise ServiceError(
        endpoint.url,
        f"no GeoJSON; {', '.join(formats[:6])}",
        "GeoJSON among its formats",
        "download GML by hand and convert it: ogr2ogr OUT.gpkg IN.gml",
    )


def refuse_exception(path: Path, address: str) -> None:
    """Raise when an answer with status 200 is an exception document."""
    raw = path.read_bytes()[:100_000].lstrip()
    if not raw.startswith(b"<"):
        return
    try:
        root = fromstring(path.read_bytes())
    except (ParseError, DefusedXmlException):
        return
    if root.tag.rpartition("}")[2] in {"ExceptionReport", "ServiceExceptionReport"}:
        said = " ".join(" ".join(root.itertext()).split())[:_EXCERPT]
        raise ServiceError(
            address,
            f"an exception: {said}",
            "data",
            "correct the entry in a copy of endpoints.toml",
        )


def _require_place(features: list[dict[str, Any]], query: Query, address: str) -> None:
    """Check that the coordinates lie where they were asked for, and not with the axes swapped."""
    if query.bounds is None:
        return
    outlines = [_corners(f["geometry"]) for f in features if f.get("geometry")]
    outlines = [corners for corners in outlines if corners]
    if not outlines or any(_touches(corners, query.bounds) for corners in outlines):
        return
    turned = any(_touches([(y, x) for x, y in corners], query.bounds) for corners in outlines)
    found = "x and y swapped" if turned else f"coordinates such as {outlines[0][0]}"
    raise ServiceError(
        address,
        found,
        f"features inside {tuple(round(v) for v in query.bounds)} in {query.crs}",
        "the service ignores the CRS or the axis order: set crs in a copy of endpoints.toml",
    )


def _corners(geometry: dict[str, Any]) -> list[tuple[float, float]]:
    if geometry.get("type") == "GeometryCollection":
        return [p for part in geometry.get("geometries", []) for p in _corners(part)]
    out: list[tuple[float, float]] = []
    stack = [geometry.get("coordinates", [])]
    while stack:
        item = stack.pop()
        if item and isinstance(item[0], (int, float)):
            out.append((float(item[0]), float(item[1])))
        else:
            stack.extend(item)
    return out


def _touches(corners: list[tuple[float, float]], bounds: Bounds) -> bool:
    """Tell whether the extent of corners meets the bounds."""
    x, y = [c[0] for c in corners], [c[1] for c in corners]
    return (
        min(x) <= bounds[2] and max(x) >= bounds[0] and min(y) <= bounds[3] and max(y) >= bounds[1]
    )
