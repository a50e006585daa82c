"""Every shared option, once."""

from __future__ import annotations

import os
from pathlib import Path

import click

project_argument = click.argument(
    "project_file", metavar="PROJECT.toml", type=click.Path(path_type=Path)
)
build_option = click.option(
    "--build",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder to write to; build/ beside the project file when left out.",
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="number of cores",
    help="Threads a stage may use.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")
port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on.",
)
out_file_option = click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write."
)
out_folder_option = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write.",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace the file when it is there already."
)
theme_option = click.option(
    "--theme",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="TOML file with name and colours of the municipality; see data/themes.",
)
