"""Which error becomes which status; the body never tells missing from forbidden."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from zonnekaart.errors import LicenceError, NotBuiltError, ZonnekaartError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_LOG = logging.getLogger("zonnekaart.api")

NOT_FOUND = 404
TOO_MANY = 429
LEGAL = 451
UNAVAILABLE = 503


class CrowdedError(ZonnekaartError, RuntimeError):
    """More work is asked for at once than this server takes on."""


STATUS: tuple[tuple[type[ZonnekaartError], int], ...] = (
    (NotBuiltError, UNAVAILABLE),
    (CrowdedError, TOO_MANY),
    (LicenceError, LEGAL),
    (ZonnekaartError, UNAVAILABLE),
)
"""First match wins. A published file that cannot be read is our fault, so 503 and never 400."""

_BODIES: dict[int, dict[str, str]] = {
    401: {"code": "token_needed", "message": "this server needs its token"},
    NOT_FOUND: {"code": "not_found", "message": "there is nothing here"},
    405: {"code": "not_found", "message": "there is nothing here"},
    TOO_MANY: {"code": "busy", "message": "too many requests at once; try again in a second"},
    LEGAL: {"code": "licence", "message": "a source of this layer may not be handed on"},
    500: {"code": "fault", "message": "something went wrong here; the log says what"},
    UNAVAILABLE: {
        "code": "not_built",
        "message": "this part of the results is not there; run: zonnekaart run PROJECT.toml",
    },
}


def error_answer(status: int) -> JSONResponse:
    """Return the one body that a status has."""
    headers = {"cache-control": "no-store"}
    if status == TOO_MANY:
        headers["retry-after"] = "1"
    body = _BODIES.get(status, _BODIES[NOT_FOUND])
    return JSONResponse(body, status_code=status, headers=headers)


def status_of(error: ZonnekaartError) -> int:
    """Return the status of one of our errors."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def add_handlers(app: FastAPI) -> None:
    """Make every failure of `app` answer with a body of ours."""

    @app.exception_handler(ZonnekaartError)
    async def ours(_: Request, error: ZonnekaartError) -> JSONResponse:
        _LOG.warning("%s", error)
        return error_answer(status_of(error))

    # A malformed id is an id that does not exist.
    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, __: RequestValidationError) -> JSONResponse:
        return error_answer(NOT_FOUND)

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> JSONResponse:
        return error_answer(error.status_code)

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        _LOG.error("unforeseen", exc_info=error)
        return error_answer(500)
