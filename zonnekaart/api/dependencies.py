"""What routes are given: the open results, static files, their own address."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from zonnekaart.api.errors import NoSuchThingError
from zonnekaart.api.files import StaticFiles
from zonnekaart.api.metrics import Metrics
from zonnekaart.api.results import Results, stamp_of
from zonnekaart.errors import NotBuiltError, ZonnekaartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zonnekaart.config import Settings

PROJECT_PREFIX = "/p/{project_id}"
"""Before this stand the addresses of the first project, after it those of the named one."""


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


class Publications:
    """
    The projects of one server.

    Parameters
    ----------
    settings : Settings
        ``projects`` names them; ``build`` alone is one without a name.
    """

    def __init__(self, settings: Settings) -> None:
        self.named: Mapping[str, Publication] = {
            name: Publication(build) for name, build in settings.projects.items()
        }
        if settings.build is None and self.named:
            self.first = next(iter(self.named.values()))
        else:
            self.first = Publication(settings.build)

    def find(self, project_id: str | None) -> Publication:
        """
        Return a project by its name; the first one without.

        Raises
        ------
        NoSuchThingError
            If no project has that name.
        """
        if project_id is None:
            return self.first
        found = self.named.get(project_id)
        if found is None:
            raise NoSuchThingError(project_id)
        return found

    def names(self) -> dict[str, str | None]:
        """Return id → title of the named projects; no title where nothing can be read."""
        return {name: _title(publication) for name, publication in self.named.items()}


def _title(publication: Publication) -> str | None:
    try:
        return publication.current().project.name
    except ZonnekaartError:
        return None


# Asynchronous, because the framework sends plain dependencies to a thread, once per tile.
async def _results(request: Request) -> Results:
    publications: Publications = request.app.state.publications
    publication = publications.find(request.path_params.get("project_id"))
    ready = publication.if_current()
    if ready is None:
        ready = await run_in_threadpool(publication.current)
    return ready


async def _publications(request: Request) -> Publications:
    found: Publications = request.app.state.publications
    return found


async def _static(request: Request) -> StaticFiles:
    files: StaticFiles = request.app.state.static
    return files


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _base(request: Request) -> str:
    """Return the address that this project's addresses start with."""
    base = str(request.base_url).rstrip("/")
    project_id = request.path_params.get("project_id")
    return base if project_id is None else f"{base}/p/{project_id}"


Projects = Annotated[Publications, Depends(_publications)]


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
Meters = Annotated[Metrics, Depends(_metrics)]
Base = Annotated[str, Depends(_base)]
