"""Mock-ups as files: pages, stills and a deck of every storyboard that is asked for."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.io.files import write_text
from zonnekaart.io.storyboards import read_storyboard, storyboard_names
from zonnekaart.pipelines.drawing.plain import draw_plain
from zonnekaart.pipelines.mockups.deck import Slide, write_deck
from zonnekaart.pipelines.mockups.page import mockup_page
from zonnekaart.pipelines.mockups.scene import Scene
from zonnekaart.pipelines.mockups.still import still_page
from zonnekaart.pipelines.mockups.story import tell
from zonnekaart.pipelines.stills import Paper, Printer, can_print

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zonnekaart.io.storyboards import Language
    from zonnekaart.io.themes import Theme
    from zonnekaart.pipelines.mockups.story import Story
    from zonnekaart.pipelines.runs import StageContext

FORMATS = ("html", "pdf", "png", "pptx")
DECK = "mockups"


@dataclass(frozen=True)
class Order:
    """
    What is asked for.

    Parameters
    ----------
    storyboards : sequence of str
        Names, or paths of ``.toml`` files; all of ours when empty.
    formats : sequence of str
        Among `FORMATS`.
    language : {"nl", "fr", "en"}
        Language of every text.
    paper : Paper
        Of stills.
    theme : Theme, optional
        Name and colours.
    overwrite : bool
        Replace files that are there.
    """

    storyboards: Sequence[str]
    formats: Sequence[str]
    language: Language
    paper: Paper = field(default_factory=Paper)
    theme: Theme | None = None
    overwrite: bool = False


def storyboard_folder() -> Path:
    """Return the folder with our storyboards."""
    return share_folder("data") / "storyboards"


def make_mockups(context: StageContext, order: Order, out: Path) -> list[Path]:
    """
    Write mock-ups as ``<id>-<language>.<format>``, and the deck as ``mockups-<language>.pptx``.

    Stills are printed by Chromium; without it matplotlib draws a plainer sheet.

    Parameters
    ----------
    context : StageContext
        Project and build folder; publish must have run.
    order : Order
        What is asked for.
    out : Path
        Folder to write to.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ConfigError
        If a storyboard is wrong, or a file exists and may not be replaced.
    MissingInputError
        If Leaflet, or what a format needs, is not there.
    NotBuiltError
        If publish has not run.
    """
    folder = storyboard_folder()
    names = order.storyboards or storyboard_names(folder)
    boards = [read_storyboard(folder, name) for name in names]
    stems = [f"{board.id}-{order.language}" for board in boards]
    deck = out / f"{DECK}-{order.language}.pptx"
    single = [kind for kind in FORMATS if kind in order.formats and kind != "pptx"]
    wanted = [out / f"{stem}.{kind}" for stem in stems for kind in single]
    _refuse_present([*wanted, *([deck] if "pptx" in order.formats else [])], order)
    scene = Scene(context)
    stories = [tell(scene, board, order.language, order.theme) for board in boards]
    written = []
    if "html" in single:
        for story, stem in zip(stories, stems, strict=True):
            written.append(out / f"{stem}.html")
            write_text(written[-1], mockup_page(story))
    with _stills(order) as still:
        for story, stem in zip(stories, stems, strict=True):
            written += [still(story, out / f"{stem}.{kind}") for kind in single if kind != "html"]
        if "pptx" in order.formats:
            with tempfile.TemporaryDirectory(prefix="zonnekaart-") as place:
                slides = [
                    Slide(story, still(story, Path(place) / f"{stem}.png"))
                    for story, stem in zip(stories, stems, strict=True)
                ]
                written.append(write_deck(slides, deck))
    return written


def _refuse_present(paths: Sequence[Path], order: Order) -> None:
    found = next((path for path in paths if path.exists()), None)
    if found is not None and not order.overwrite:
        raise ConfigError(
            "--out", f"{found}, which exists", "new files", "choose another folder, or --overwrite"
        )


class _Still:
    """Draws stills, by the browser when there is one."""

    def __init__(self, printer: Printer | None, paper: Paper) -> None:
        self._printer = printer
        self._paper = paper

    def __call__(self, story: Story, out: Path) -> Path:
        if self._printer is not None:
            return self._printer.print(still_page(story, self._paper), out, self._paper)
        return plain_still(story, self._paper, out)


@contextlib.contextmanager
def _stills(order: Order) -> Iterator[_Still]:
    if not set(order.formats) - {"html"} or not can_print():
        yield _Still(None, order.paper)
        return
    with Printer() as printer:
        yield _Still(printer, order.paper)


def plain_still(story: Story, paper: Paper, out: Path) -> Path:
    """
    Draw a still without a browser.

    Raises
    ------
    MissingInputError
        If matplotlib is not installed.
    """
    board, words, info = story.board, story.words, story.asked.scene.project
    marked = words["illustrative"] if info.illustrative else words["real"]
    side = [f"{name}: {value}" for name, value in story.figures]
    if board.answer is not None:
        side += ["", story.text(board.answer.title)]
        side += [f"{i}. {name}: {value}" for i, (_, name, value) in enumerate(story.answers, 1)]
    sources = "; ".join(f"{s.title} ({s.date}; {s.licence})" for s in info.sources)
    texts = {
        "title": f"{story.municipality}: {story.text(board.title)}",
        "subtitle": f"{story.text(board.persona)} · {story.text(board.question)} · {marked}",
        "lead": getattr(info.summary, story.asked.language),
        "side": "\n".join(side),
        "footer": f"{words['uncertain']} {words['notice']}. {info.disclaimer} "
        f"{words['sources']}: {sources}. zonnekaart {info.version}, {words['built']} "
        f"{info.built_utc[:10]}, {words['run']} {info.run_id}.",
    }
    colors = (story.theme.accent, story.theme.on_accent)
    return draw_plain(story.picture, paper, texts, colors, out)
