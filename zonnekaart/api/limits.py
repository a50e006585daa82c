"""Caps of one process: requests at once, length of an address, bodies, time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from zonnekaart.api.errors import BUSY, SLOW, TOO_LARGE, TOO_LONG, error_answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from zonnekaart.api.errors import Failure

MAX_TARGET_BYTES = 4096
"""Path and query together. [bytes]"""
MAX_BODY_BYTES = 512 << 10
"""Of the one request that carries a body. [bytes]"""
_SELECTION = "/api/selection"
REQUEST_S = 30.0
"""After this a request is given up. [s]"""
_OPEN_PATHS = frozenset({"/healthz", "/metrics"})
"""Answered even when the house is full: whoever watches must see that it is."""


class RequestLimits:
    """
    Turns away what is too much before any route sees it.

    Parameters
    ----------
    app : ASGIApp
        What is behind.
    at_once : int
        Requests that are taken on at the same time.
    seconds : float
        Time for one request. [s]
    """

    def __init__(self, app: ASGIApp, at_once: int, seconds: float = REQUEST_S) -> None:
        self._app, self._at_once, self._seconds = app, at_once, seconds
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is not None:
            await error_answer(refused)(scope, receive, send)
            return
        self._running += 1
        try:
            await self._in_time(scope, receive, send)
        finally:
            self._running -= 1

    def _refusal(self, scope: Scope) -> Failure | None:
        if self._running >= self._at_once and scope["path"] not in _OPEN_PATHS:
            return BUSY
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET_BYTES:
            return TOO_LONG
        most = MAX_BODY_BYTES if _takes_body(scope) else 0
        for name, value in scope["headers"]:
            if name == b"transfer-encoding":
                return TOO_LARGE
            # A length is digits; the server has refused anything else already.
            if name == b"content-length" and not (value.isdigit() and int(value) <= most):
                return TOO_LARGE
        return None

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, watched)
        except TimeoutError:
            if started:
                raise
            await error_answer(SLOW)(scope, receive, send)


def _takes_body(scope: Scope) -> bool:
    """Tell whether a request may carry a body: only a selection of zones does."""
    return bool(scope["method"] == "POST" and scope["path"].endswith(_SELECTION))


class HeadRequests:
    """Answers HEAD as GET without the body, for clients that look before they read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)
