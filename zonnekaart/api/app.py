"""The server as one function of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from zonnekaart import __version__
from zonnekaart.api.dependencies import Publication
from zonnekaart.api.errors import add_handlers
from zonnekaart.api.files import StaticFiles
from zonnekaart.api.routes import health, mockups, pages, places, project, selection, tiles, zones
from zonnekaart.api.security import SecurityHeaders, TokenGate
from zonnekaart.config import Settings, require_safe_binding, share_folder
from zonnekaart.io.serving import restrict_gdal

if TYPE_CHECKING:
    from pathlib import Path


def create_app(settings: Settings) -> FastAPI:
    """
    Build the map server.

    Parameters
    ----------
    settings : Settings
        ``build`` names the folder that publish wrote; it may be filled later, until then the
        server answers 503. ``web`` replaces the page's own files. With ``token`` every request
        but ``/healthz`` needs it.

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
    app.state.publication = Publication(settings.build)
    app.state.static = StaticFiles(_web_folder(settings))
    for routes in (health, mockups, pages, project, zones, places, selection, tiles):
        app.include_router(routes.router)
    add_handlers(app)
    if settings.token:
        app.add_middleware(TokenGate, token=settings.token)
    # Added last, so outermost: refusals carry the headers too.
    app.add_middleware(SecurityHeaders)
    return app


def _web_folder(settings: Settings) -> Path:
    return settings.web or share_folder("web")


def app_from_environment() -> FastAPI:
    """Build the server from ``ZONNEKAART_*`` variables, in a process of its own."""
    restrict_gdal()
    return create_app(Settings())
