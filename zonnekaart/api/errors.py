"""Which error becomes which answer; the body never tells missing from forbidden."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from zonnekaart.errors import LicenceError, NotBuiltError, ZonnekaartError
from zonnekaart.io.features import FilterError
from zonnekaart.io.live_tiles import TileTooLargeError
from zonnekaart.io.warehouse import QueryTimeoutError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_LOG = logging.getLogger("zonnekaart.api")


class Failure(NamedTuple):
    """One kind of failure as a client sees it."""

    status: int
    code: str
    message: str


BAD_REQUEST = Failure(400, "bad_request", "a parameter is not known here or does not fit")
NEEDS_TOKEN = Failure(401, "token_needed", "this server needs its token")
NOT_FOUND = Failure(404, "not_found", "there is nothing here")
METHOD = Failure(405, "not_found", "there is nothing here")
TOO_LARGE = Failure(413, "too_large", "this is more than the server sends or takes; zoom in")
TOO_LONG = Failure(414, "too_long", "this address is longer than the server reads")
BUSY = Failure(429, "busy", "too many requests at once; try again in a second")
LEGAL = Failure(451, "licence", "a source of this layer may not be handed on")
FAULT = Failure(500, "fault", "something went wrong here; the log says what")
NOT_BUILT = Failure(
    503, "not_built", "this part of the results is not there; run: zonnekaart run PROJECT.toml"
)
OLD_RESULTS = Failure(
    503,
    "old_results",
    "another version made these results; run: zonnekaart run PROJECT.toml --stage publish",
)
UNREADABLE = Failure(
    503,
    "unreadable",
    "a published file cannot be read; run: zonnekaart run PROJECT.toml --stage publish --force",
)
SLOW = Failure(504, "slow", "this took too long; ask for less")

_BY_STATUS = {
    failure.status: failure
    for failure in (BAD_REQUEST, NEEDS_TOKEN, NOT_FOUND, METHOD, TOO_LARGE, BUSY, FAULT)
}


class CrowdedError(ZonnekaartError, RuntimeError):
    """More work is asked for at once than this server takes on."""


class OldResultsError(ZonnekaartError, RuntimeError):
    """The results were written by a version whose files this one does not read."""


class BadRequestError(ZonnekaartError, ValueError):
    """A parameter is not known or does not fit; the text goes to the client, in our words."""


class NoSuchThingError(ZonnekaartError, LookupError):
    """An address of nothing."""


STATUS: tuple[tuple[type[ZonnekaartError], Failure], ...] = (
    (NoSuchThingError, NOT_FOUND),
    (BadRequestError, BAD_REQUEST),
    (FilterError, BAD_REQUEST),
    (TileTooLargeError, TOO_LARGE),
    (OldResultsError, OLD_RESULTS),
    (NotBuiltError, NOT_BUILT),
    (CrowdedError, BUSY),
    (LicenceError, LEGAL),
    (QueryTimeoutError, SLOW),
    (ZonnekaartError, UNREADABLE),
)
"""First match wins. A published file that cannot be read is our fault, so 503 and never 400."""


def failure_of(error: ZonnekaartError) -> Failure:
    """Return how one of our errors is told."""
    return next(failure for kind, failure in STATUS if isinstance(error, kind))


def error_answer(failure: Failure, message: str = "") -> JSONResponse:
    """Return the one body that a failure has; `message` only in words of our own."""
    headers = {"cache-control": "no-store"}
    if failure.status == BUSY.status:
        headers["retry-after"] = "1"
    body = {"code": failure.code, "message": message or failure.message}
    return JSONResponse(body, status_code=failure.status, headers=headers)


def add_handlers(app: FastAPI) -> None:
    """Make every failure of `app` answer with a body of ours."""

    @app.exception_handler(ZonnekaartError)
    async def ours(_: Request, error: ZonnekaartError) -> JSONResponse:
        failure = failure_of(error)
        if failure is BAD_REQUEST:
            return error_answer(failure, str(error))
        if failure is not NOT_FOUND:
            _LOG.warning("%s", error)
        return error_answer(failure)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        # A malformed id is an id that does not exist; a malformed wish is the client's fault.
        places = {str(found["loc"][0]) for found in error.errors()}
        return error_answer(BAD_REQUEST if places == {"query"} else NOT_FOUND)

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> JSONResponse:
        return error_answer(_BY_STATUS.get(error.status_code, NOT_FOUND))

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> JSONResponse:
        _LOG.error("unforeseen", exc_info=error)
        return error_answer(FAULT)
