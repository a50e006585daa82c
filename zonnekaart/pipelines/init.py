"""Start a project: a commented project file and the folders it points to."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

from zonnekaart.config import parse_project, share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.geo.crs import require_metric
from zonnekaart.io.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

PROJECT_FILE = "zonnekaart.toml"
FOLDERS = ("heights", "layers", "tables", "weather")


def start_project(
    folder: Path, name: str, crs: str = "EPSG:31370", *, overwrite: bool = False
) -> Path:
    """
    Write a commented project file and its folders.

    Parameters
    ----------
    folder : Path
        Made when missing; files in it are left alone.
    name : str
        Name of the place, shown on the map.
    crs : str
        ``EPSG:`` code of a projected system in metres.
    overwrite : bool
        Replace a project file that is already there.

    Returns
    -------
    Path
        The project file.

    Raises
    ------
    ConfigError
        If there is a project file already, or the name is empty.
    CrsError
        If `crs` is not a projected system in metres.
    """
    target = folder / PROJECT_FILE
    if target.exists() and not overwrite:
        raise ConfigError(
            str(target),
            "a project file that is already there",
            "a folder without one",
            "choose another folder, or add --overwrite",
        )
    require_metric(crs, "--crs")
    text = fill_template(name, crs)
    parse_project(tomllib.loads(text), target)
    for part in FOLDERS:
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def fill_template(name: str, crs: str) -> str:
    """
    Return the commented project file with its two blanks filled.

    Parameters
    ----------
    name : str
        Name of the place.
    crs : str
        ``EPSG:`` code.
    """
    template = (share_folder("data") / "templates" / PROJECT_FILE).read_text(encoding="utf-8")
    quoted = {"@NAME@": name, "@CRS@": crs}
    for blank, value in quoted.items():
        template = template.replace(blank, json.dumps(value, ensure_ascii=False))
    return template
