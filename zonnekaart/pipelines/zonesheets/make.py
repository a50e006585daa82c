"""Zone sheets as files: one zone, or all of a municipality with one browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zonnekaart.errors import ConfigError
from zonnekaart.io.files import write_text
from zonnekaart.pipelines.mockups.scene import Asked, Scene
from zonnekaart.pipelines.stills import Paper, Printer
from zonnekaart.pipelines.zonesheets.page import SheetMaker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.io.storyboards import Language
    from zonnekaart.io.themes import Theme
    from zonnekaart.pipelines.runs import StageContext

_PAPER = Paper("A4", landscape=False)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class SheetOrder:
    """
    What is asked for.

    Parameters
    ----------
    kind : {"html", "pdf"}
        Format.
    language : {"nl", "fr", "en"}
        Language of every text.
    zones : sequence of str
        Ids; all zones when empty.
    theme : Theme, optional
        Name and colours.
    overwrite : bool
        Replace files that are there.
    """

    kind: Literal["html", "pdf"]
    language: Language
    zones: Sequence[str] = ()
    theme: Theme | None = None
    overwrite: bool = False


def make_sheets(context: StageContext, order: SheetOrder, out: Path) -> list[Path]:
    """
    Write a sheet per zone as ``<zone id>-<language>.<format>``.

    Parameters
    ----------
    context : StageContext
        Project and build folder; publish must have run.
    order : SheetOrder
        What is asked for.
    out : Path
        Folder to write to.

    Raises
    ------
    ConfigError
        If a zone is not known, or a file exists and may not be replaced.
    MissingInputError
        If PDF is asked for and there is no browser.
    NotBuiltError
        If publish has not run.
    """
    scene = Scene(context)
    zones = list(order.zones) or list(scene.details)
    unknown = [zone for zone in zones if zone not in scene.details]
    if unknown:
        raise ConfigError(
            "--zone", repr(unknown[0]), "the id of a zone", "list them: zonnekaart zones"
        )
    paths = {zone: out / sheet_name(zone, order) for zone in zones}
    present = next((path for path in paths.values() if path.exists()), None)
    if present is not None and not order.overwrite:
        raise ConfigError(
            "--out",
            f"{present}, which exists",
            "new files",
            "choose another folder, or --overwrite",
        )
    maker = SheetMaker(Asked(scene, order.language), order.theme)
    context.progress.start("sheets", len(paths))
    if order.kind == "html":
        for zone, path in paths.items():
            write_text(path, maker.page(zone))
            context.progress.advance()
        return list(paths.values())
    with Printer() as printer:
        for zone, path in paths.items():
            printer.print(maker.page(zone), path, _PAPER)
            context.progress.advance()
    return list(paths.values())


def sheet_name(zone: str, order: SheetOrder) -> str:
    """
    Return the file name of a sheet; what a file system may refuse becomes a line.

    Examples
    --------
    >>> sheet_name("A/1", SheetOrder("pdf", "nl"))
    'A-1-nl.pdf'
    """
    return f"{_UNSAFE.sub('-', zone)}-{order.language}.{order.kind}"
