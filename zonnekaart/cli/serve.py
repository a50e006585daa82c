"""``serve``: the map on this machine."""

from __future__ import annotations

import os
import socket
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
    from pathlib import Path

_PUBLISHED = "published.json"


@click.command("serve")
@options.project_argument
@options.build_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@options.port_option
def serve_command(project_file: Path, build: Path | None, host: str, port: int) -> None:
    """Serve the map of PROJECT.toml; other addresses than this machine need ZONNEKAART_TOKEN."""
    serve_build(build_folder(load_project(project_file), build), host, port)


def serve_build(build: Path, host: str, port: int) -> None:
    """
    Serve what publish wrote in `build` until stopped.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    ConfigError
        If the address may not be used or the port is taken.
    """
    if not (build / _PUBLISHED).is_file():
        raise NotBuiltError(str(build / _PUBLISHED), "zonnekaart run PROJECT.toml")
    os.environ["ZONNEKAART_BUILD"] = str(build)
    os.environ["ZONNEKAART_HOST"] = host
    os.environ["ZONNEKAART_PORT"] = str(port)
    require_safe_binding(read_settings())
    _require_free(host, port)
    shown = "localhost" if host == "127.0.0.1" else host
    say(f"the map is on http://{shown}:{port}/ (stop: Ctrl-C)")
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
