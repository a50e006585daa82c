"""Counts and times of requests, for Prometheus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from zonnekaart import __version__

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_NOWHERE = "none"


class Metrics:
    """The meters of one server process; each process tells its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "zonnekaart_requests",
            "Requests answered, by route and status.",
            ["route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "zonnekaart_request_seconds",
            "Time from request to last byte, by route.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.bytes = Counter(
            "zonnekaart_response_bytes",
            "Bytes of answers as sent, headers left out, by route.",
            ["route"],
            registry=self._registry,
        )
        self.running = Gauge(
            "zonnekaart_requests_running",
            "Requests being answered now.",
            registry=self._registry,
        )
        self.tiles = Counter(
            "zonnekaart_tiles",
            "Tiles by where they came from: kept, archive, live, drawn.",
            ["source"],
            registry=self._registry,
        )
        about = Gauge(
            "zonnekaart_info", "Version of the server.", ["version"], registry=self._registry
        )
        about.labels(__version__).set(1)

    def text(self) -> bytes:
        """Return all meters in the format of Prometheus."""
        return generate_latest(self._registry)


class CountRequests:
    """
    Measures every request under the template of its route, so that ids make no new series.

    Parameters
    ----------
    app : ASGIApp
        What is behind.
    metrics : Metrics
        Where to write.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status, size = time.perf_counter(), 500, 0

        async def noting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        self._metrics.running.inc()
        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", _NOWHERE)
            self._metrics.running.dec()
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.bytes.labels(route).inc(size)
            self._metrics.seconds.labels(route).observe(time.perf_counter() - begin)
