"""What routes are given: the open results, static files, settings."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from zonnekaart.api.files import StaticFiles
from zonnekaart.api.results import Results, stamp_of
from zonnekaart.errors import NotBuiltError, ZonnekaartError

if TYPE_CHECKING:
    from pathlib import Path


class Publication:
    """
    The results that stand in a build folder now; opened again after each publish.

    Parameters
    ----------
    build : Path or None
        Build folder; None when the settings name none.
    """

    def __init__(self, build: Path | None) -> None:
        self._build = build
        self._results: Results | None = None
        self._lock = threading.Lock()

    def if_current(self) -> Results | None:
        """Return the open results when publish has not replaced them, without opening any."""
        found = self._results
        if found is None or self._build is None or found.stamp != stamp_of(self._build):
            return None
        return found

    def current(self) -> Results:
        """
        Return the open results; open them when they are new.

        Raises
        ------
        NotBuiltError
            If there is no build folder or publish has not run.
        """
        if self._build is None:
            raise NotBuiltError("ZONNEKAART_BUILD", "start with: zonnekaart serve PROJECT.toml")
        with self._lock:
            found = self.if_current()
            if found is not None:
                return found
            # Requests that still read the previous results keep them alive.
            self._results = Results(self._build)
            return self._results


# Asynchronous, because the framework sends plain dependencies to a thread, once per tile.
async def _results(request: Request) -> Results:
    publication: Publication = request.app.state.publication
    ready = publication.if_current()
    if ready is None:
        ready = await run_in_threadpool(publication.current)
    return ready


async def _static(request: Request) -> StaticFiles:
    files: StaticFiles = request.app.state.static
    return files


async def _outside_host(request: Request) -> str:
    """Return the origin of the outside background; the page itself opens without results."""
    try:
        layer = (await _results(request)).outside
    except ZonnekaartError:
        return ""
    address = urlsplit(layer.tiles) if layer else None
    return f"{address.scheme}://{address.netloc}" if address else ""


ResultsNow = Annotated[Results, Depends(_results)]
OutsideHost = Annotated[str, Depends(_outside_host)]
Static = Annotated[StaticFiles, Depends(_static)]
