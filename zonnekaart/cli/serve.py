"""``serve``: the map on this machine."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvicorn

from zonnekaart.cli import options
from zonnekaart.cli.config import read_settings
from zonnekaart.cli.console import say
from zonnekaart.cli.run import build_folder
from zonnekaart.config import load_project, require_safe_binding
from zonnekaart.errors import ConfigError, NotBuiltError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PUBLISHED = "published.json"


@click.command("serve")
@click.argument(
    "project_files",
    metavar="PROJECT.toml...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
)
@options.build_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@options.port_option
def serve_command(
    project_files: tuple[Path, ...], build: Path | None, host: str, port: int
) -> None:
    """Serve the map of PROJECT.toml, or several; other addresses need ZONNEKAART_TOKEN."""
    projects = [load_project(path) for path in project_files]
    if build is not None and len(projects) > 1:
        raise ConfigError(
            "--build", "one folder for several projects", "one project", "leave --build out"
        )
    builds = {project.slug: build_folder(project, build) for project in projects}
    if len(builds) < len(projects):
        raise ConfigError(
            "PROJECT.toml",
            f"{len(projects)} projects with {len(builds)} names",
            "a name of its own for each",
            "change [project] name in one of them",
        )
    serve_builds(builds, host, port)


def serve_builds(builds: Mapping[str, Path], host: str, port: int) -> None:
    """
    Serve what publish wrote until stopped.

    Parameters
    ----------
    builds : mapping of str to Path
        Build folder by name in the address; the first is also served without a name.
    host : str
        Address to listen on.
    port : int
        Port to listen on.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    ConfigError
        If the address may not be used or the port is taken.
    """
    for build in builds.values():
        if not (build / _PUBLISHED).is_file():
            raise NotBuiltError(str(build / _PUBLISHED), "zonnekaart run PROJECT.toml")
    os.environ["ZONNEKAART_PROJECTS"] = json.dumps({n: str(b) for n, b in builds.items()})
    os.environ["ZONNEKAART_HOST"] = host
    os.environ["ZONNEKAART_PORT"] = str(port)
    os.environ.pop("ZONNEKAART_BUILD", None)
    require_safe_binding(read_settings())
    _require_free(host, port)
    shown = "localhost" if host == "127.0.0.1" else host
    say(f"the map is on http://{shown}:{port}/ (stop: Ctrl-C)")
    if len(builds) > 1:
        for name in builds:
            say(f"  {name}: http://{shown}:{port}/p/{name}/")
    # By import string: the command line and the server do not know each other (ADR 1).
    uvicorn.run(
        "zonnekaart.api.app:app_from_environment",
        factory=True,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
    )


def _require_free(host: str, port: int) -> None:
    """Fail early, in our words, when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                "--port", f"{port}, which is in use", "a free port", "try --port 8001"
            ) from error
