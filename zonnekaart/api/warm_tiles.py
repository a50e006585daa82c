"""The short way of a tile that was asked for before: no routing, no parsing of parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from zonnekaart.api.routes.tiles import tile_answer
from zonnekaart.errors import ZonnekaartError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from zonnekaart.api.dependencies import Publications
    from zonnekaart.api.metrics import Metrics
    from zonnekaart.api.results import Results

_TILE = re.compile(
    r"(?:/p/(?P<project>[a-z0-9_-]{1,64}))?/(?P<kind>tiles|raster)/(?P<layer>[a-z_]{1,32})"
    r"/(?P<z>\d{1,2})/(?P<x>\d{1,7})/(?P<y>\d{1,7})\.(?P<ending>mvt|png)"
)
_ENDINGS = {"tiles": "mvt", "raster": "png"}


@dataclass(frozen=True)
class _Route:
    """What the meters call this way: the same as the long one."""

    path: str


_ROUTES = {
    kind: _Route(f"/{kind}/{{layer}}/{{z}}/{{x}}/{{y}}.{ending}")
    for kind, ending in _ENDINGS.items()
}


class WarmTiles:
    """
    Answers kept tiles itself and leaves all else to the routes.

    A map asks for tiles hundreds of times as often as for anything else. Stands behind the gate
    and the limits; the tile and its headers are those of the route, by the same function.

    Parameters
    ----------
    app : ASGIApp
        The routes.
    publications : Publications
        The projects.
    metrics : Metrics
        Counts the tiles.
    """

    def __init__(self, app: ASGIApp, publications: Publications, metrics: Metrics) -> None:
        self._app, self._publications = app, publications
        self._kept = metrics.tiles.labels("kept")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] == "GET":
            found = _TILE.fullmatch(scope["path"])
            if found and _ENDINGS[found["kind"]] == found["ending"]:
                results = self._results(found["project"])
                if results is not None and await self._kept_tile(results, found, scope, send):
                    return
        await self._app(scope, receive, send)

    def _results(self, project: str | None) -> Results | None:
        try:
            return self._publications.find(project).if_current()
        except ZonnekaartError:
            return None

    async def _kept_tile(
        self, results: Results, found: re.Match[str], scope: Scope, send: Send
    ) -> bool:
        key = (found["layer"], int(found["z"]), int(found["x"]), int(found["y"]))
        body = results.tiles.get(key)
        if body is None or found["layer"] not in (
            results.rasters if found["kind"] == "raster" else results.vector_ids
        ):
            return False
        version = scope["query_string"].removeprefix(b"v=").decode("latin-1")
        request = Request(scope)
        scope["route"] = _ROUTES[found["kind"]]
        self._kept.inc()
        await tile_answer(request, results, body, version)(scope, request.receive, send)
        return True
