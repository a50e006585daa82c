"""The server as one function of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from zonnekaart import __version__
from zonnekaart.api.dependencies import PROJECT_PREFIX, Publications
from zonnekaart.api.errors import add_handlers
from zonnekaart.api.files import StaticFiles
from zonnekaart.api.limits import HeadRequests, RequestLimits
from zonnekaart.api.metrics import CountRequests, Metrics
from zonnekaart.api.routes import (
    health,
    matrix,
    mockups,
    ogc,
    ogc_features,
    ogc_tiles,
    pages,
    places,
    project,
    selection,
    server,
    tiles,
    zones,
)
from zonnekaart.api.security import SecurityHeaders, TokenGate
from zonnekaart.api.warm_tiles import WarmTiles
from zonnekaart.config import Settings, require_safe_binding, share_folder
from zonnekaart.io.serving import restrict_gdal

if TYPE_CHECKING:
    from pathlib import Path

_OF_A_PROJECT = (
    health,
    mockups,
    matrix,
    project,
    zones,
    places,
    selection,
    tiles,
    ogc,
    ogc_features,
    ogc_tiles,
)


def create_app(settings: Settings) -> FastAPI:
    """
    Build the map server.

    Parameters
    ----------
    settings : Settings
        ``build`` names the folder that publish wrote, ``projects`` several by name; they may be
        filled later, until then the server answers 503. ``web`` replaces the page's own files.
        With ``token`` every request but ``/healthz`` needs it.

    Raises
    ------
    ConfigError
        If the settings would open the server to other machines without a token.
    """
    require_safe_binding(settings)
    app = FastAPI(
        title="zonnekaart",
        version=__version__,
        description="Sun-zoning map: published results, read-only. Indicative.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        # One address per thing; and a redirect would repeat the client's Host header.
        redirect_slashes=False,
    )
    app.state.publications = Publications(settings)
    app.state.static = StaticFiles(_web_folder(settings))
    app.state.metrics = Metrics()
    for routes in (pages, server, *_OF_A_PROJECT):
        app.include_router(routes.router)
    for routes in _OF_A_PROJECT:
        # Described once; the description says that each stands under a project too.
        app.include_router(routes.router, prefix=PROJECT_PREFIX, include_in_schema=False)
    add_handlers(app)
    _add_guards(app, settings)
    return app


def _add_guards(app: FastAPI, settings: Settings) -> None:
    """Put the guards around the routes; what is added last stands outermost."""
    app.add_middleware(WarmTiles, publications=app.state.publications, metrics=app.state.metrics)
    if settings.token:
        app.add_middleware(TokenGate, token=settings.token)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors,
            allow_methods=["GET", "HEAD"],
            allow_headers=["Authorization", "If-None-Match", "Range"],
            expose_headers=["Content-Crs", "Content-Range", "ETag", "Link", "Retry-After"],
        )
    app.add_middleware(RequestLimits, at_once=settings.max_requests)
    app.add_middleware(CountRequests, metrics=app.state.metrics)
    app.add_middleware(HeadRequests)
    # Outermost: refusals carry the headers too.
    app.add_middleware(SecurityHeaders)


def _web_folder(settings: Settings) -> Path:
    return settings.web or share_folder("web")


def app_from_environment() -> FastAPI:
    """Build the server from ``ZONNEKAART_*`` variables, in a process of its own."""
    restrict_gdal()
    return create_app(Settings())
