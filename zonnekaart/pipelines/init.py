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

    from zonnekaart.io.cadastre_options import Kind

PROJECT_FILE = "zonnekaart.toml"
NEEDED: dict[Kind, tuple[str, ...]] = {
    "raster": ("path", "kind"),
    "roofs": (
        "path",
        "kind",
        "irradiation_column",
        "irradiation_unit",
        "surface",
        "tilt_column",
        "azimuth_column",
        "azimuth_zero",
    ),
    "buildings": ("path", "kind", "yield_column", "yield_unit", "yield_includes_losses"),
}
"""Options that a project from a cadastre begins with, by kind."""
FOLDERS = ("heights", "layers", "tables", "weather")


def start_project(
    folder: Path,
    name: str,
    crs: str = "EPSG:31370",
    *,
    cadastre: Kind | None = None,
    overwrite: bool = False,
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
    cadastre : {"raster", "roofs", "buildings"}, optional
        Begin from an existing cadastre of this kind instead of heights.
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
    text = fill_template(name, crs, cadastre)
    parse_project(tomllib.loads(text), target)
    for part in FOLDERS:
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    return target


def fill_template(name: str, crs: str, cadastre: Kind | None = None) -> str:
    """
    Return the commented project file with its two blanks filled.

    Parameters
    ----------
    name : str
        Name of the place.
    crs : str
        ``EPSG:`` code.
    cadastre : {"raster", "roofs", "buildings"}, optional
        Kind of cadastre that stands in for the heights.
    """
    template = (share_folder("data") / "templates" / PROJECT_FILE).read_text(encoding="utf-8")
    quoted = {"@NAME@": name, "@CRS@": crs}
    for blank, value in quoted.items():
        template = template.replace(blank, json.dumps(value, ensure_ascii=False))
    return template if cadastre is None else _from_cadastre(template, cadastre)


def _from_cadastre(template: str, kind: Kind) -> str:
    """Comment the heights out, and switch on what a cadastre of this kind needs."""
    heights = '[inputs.dsm]\npath = "heights/dsm.tif"\n'
    text = template.replace(heights, "".join(f"# {line}\n" for line in heights.splitlines()))
    start = text.index("# [inputs.cadastre]\n")
    stop = text.index("# [inputs.cadastre.source]\n")
    lines = text[start:stop].splitlines(keepends=True)
    keys = ("[inputs.cadastre]", *(f"{key} =" for key in NEEDED[kind]))
    on = [
        line.removeprefix("# ") if line.removeprefix("# ").startswith(keys) else line
        for line in lines
    ]
    block = "".join(on).replace('kind = "raster"', f'kind = "{kind}"')
    if kind != "raster":
        block = block.replace("layers/cadastre.tif", "layers/cadastre.gpkg")
    return text[:start] + block + text[stop:]
