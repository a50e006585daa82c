"""Start a project: a commented project file and the folders it points to."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zonnekaart.config import parse_project, share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.geo.crs import require_metric
from zonnekaart.io.files import write_text
from zonnekaart.io.mergers import merged_into, read_mergers
from zonnekaart.pipelines.checks.findings import first_few
from zonnekaart.pipelines.project_text import set_source, switch_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zonnekaart.io.cadastre_options import Kind
    from zonnekaart.pipelines.found_inputs import FoundInput

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
_NIS_DIGITS = 5
FOLDERS = ("heights", "layers", "tables", "weather")
NEEDED_FILES = ("dsm", "buildings", "weather")
"""Inputs that no project goes without; a cadastre may stand in for the first."""


@dataclass(frozen=True)
class Place:
    """
    What a project begins with, besides its name and its system.

    Parameters
    ----------
    region : str, optional
        Code that picks rule sets, such as ``BE-VLG``.
    language : str, optional
        ``nl``, ``fr`` or ``en``.
    nis : str, optional
        Code of the municipality: names the command that fetches what is missing.
    """

    region: str | None = None
    language: str | None = None
    nis: str | None = None


ANYWHERE = Place()


def start_project(  # noqa: PLR0913 - two are shared with every caller, the others have defaults
    folder: Path,
    name: str,
    crs: str = "EPSG:31370",
    *,
    cadastre: Kind | None = None,
    overwrite: bool = False,
    place: Place = ANYWHERE,
    inputs: Iterable[FoundInput] = (),
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
    place : Place
        Region, language and municipality.
    inputs : iterable of FoundInput
        Files that are there already; the rest of the project file stays commented.

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
    text = with_inputs(with_place(fill_template(name, crs, cadastre), place), inputs, folder)
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


def with_place(text: str, place: Place) -> str:
    """
    Fill region and language in, and name the municipality on top.

    Parameters
    ----------
    text : str
        The project file.
    place : Place
        What is known.

    Raises
    ------
    ConfigError
        If the NIS code has no five digits, or is that of a municipality that merged.
    """
    chosen = {"region": place.region, "language": place.language}
    text = switch_on(text, "project", {key: v for key, v in chosen.items() if v is not None})
    if place.nis is None:
        return text
    if not (place.nis.isdigit() and len(place.nis) == _NIS_DIGITS):
        raise ConfigError(
            "--nis", place.nis, "five digits, such as 11016", "look it up: https://statbel.fgov.be"
        )
    mergers = read_mergers(share_folder("data") / "preparing" / "mergers.csv")
    merger = merged_into(place.nis, mergers)
    if merger is not None:
        raise ConfigError(
            "--nis",
            f"{place.nis} ({merger.old_name})",
            f"the code of today: {merger.new_nis} ({merger.new_name}, since {merger.since})",
            f"give --nis {merger.new_nis}",
        )
    return f"# Municipality with NIS code {place.nis}.\n{text}"


def with_inputs(text: str, inputs: Iterable[FoundInput], folder: Path) -> str:
    """
    Fill files, their columns and their sources in.

    Parameters
    ----------
    text : str
        The project file.
    inputs : iterable of FoundInput
        What is there.
    folder : Path
        Folder of the project file: paths start there where both lie on one disk near each other.
    """
    for found in inputs:
        table = f"inputs.{found.name}"
        path = near(found.path, folder)
        text = switch_on(text, table, {"path": path, **found.options})
        if found.source is not None:
            text = set_source(text, table, found.source)
    return text


def near(path: Path, folder: Path) -> str:
    """
    Return a path from a folder; the whole path when they have nothing but the root in common.

    Examples
    --------
    >>> near(Path("/a/b/c.tif"), Path("/a/project")), near(Path("/x/c.tif"), Path("/a"))
    ('../b/c.tif', '/x/c.tif')
    """
    target, start = path.resolve(), folder.resolve()
    apart = target.drive != start.drive or target.parts[:2] != start.parts[:2]
    return target.as_posix() if apart else Path(os.path.relpath(target, start)).as_posix()


def still_missing(inputs: Iterable[FoundInput], cadastre: Kind | None = None) -> list[str]:
    """Return the inputs that no project goes without and that were not given."""
    given = {found.name for found in inputs}
    wanted = ["cadastre" if name == "dsm" and cadastre else name for name in NEEDED_FILES]
    return [name for name in wanted if name not in given]


def next_steps(path: Path, missing: Iterable[str], nis: str | None) -> list[str]:
    """Return what to do after the project file was written, one line each."""
    names = list(missing)
    if not names:
        return [f"next: zonnekaart check {path}"]
    lines = [f"still to fill in: {first_few(names)}"]
    if nis is not None:
        what = ",".join(name for name in names if name != "cadastre")
        lines.append(
            f"get them: zonnekaart fetch --nis {nis} --what {what} --out downloads "
            "(uses the network), then zonnekaart prepare"
        )
    return [*lines, f"then: zonnekaart check {path}"]


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
