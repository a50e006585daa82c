"""The stills as slides, with what they rest on in the notes. The door to python-pptx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.errors import MissingInputError
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.pipelines.mockups.story import Story

_WIDTH_MM, _HEIGHT_MM = 297, 210
_BLANK_LAYOUT = 6


@dataclass(frozen=True)
class Slide:
    """A still with the storyboard it shows."""

    story: Story
    picture: Path


def write_deck(slides: Sequence[Slide], out: Path) -> Path:
    """
    Write one slide per still in the shape of A4 landscape, atomically.

    Each picture carries its title and question as alternative text; the notes hold the steps of
    the story, the answer, sources with licences and dates, and the limits.

    Raises
    ------
    MissingInputError
        If python-pptx is not installed.
    """
    try:
        from pptx import Presentation
        from pptx.util import Mm
    except ImportError as error:
        raise MissingInputError(
            "python-pptx", "not installed", "the extra [slides]", "pip install 'zonnekaart[slides]'"
        ) from error
    deck = Presentation()
    deck.slide_width, deck.slide_height = Mm(_WIDTH_MM), Mm(_HEIGHT_MM)
    first = slides[0].story
    deck.core_properties.title = f"{first.municipality}: {first.words['deck.title']}"
    deck.core_properties.author = f"zonnekaart {first.asked.scene.project.version}"
    for slide in slides:
        page = deck.slides.add_slide(deck.slide_layouts[_BLANK_LAYOUT])
        shown = page.shapes.add_picture(
            str(slide.picture), 0, 0, deck.slide_width, deck.slide_height
        )
        story = slide.story
        shown.name = story.text(story.board.title)
        words = f"{story.municipality}: {shown.name}. {story.text(story.board.question)}"
        shown._element.nvPicPr.cNvPr.set("descr", words)
        page.notes_slide.notes_text_frame.text = notes_text(story)
    with replacing(out) as temporary:
        deck.save(str(temporary))
    return out


def notes_text(story: Story) -> str:
    """Return what stands under a slide: story, answer, sources, limits."""
    board, words, info = story.board, story.words, story.asked.scene.project
    lines = [
        f"{story.text(board.persona)}: {story.text(board.question)}",
        "",
        getattr(info.summary, story.asked.language),
        *(f"{name}: {value}" for name, value in story.figures),
        "",
        *(f"- {story.text(step)}" for step in board.steps),
    ]
    if board.answer is not None:
        lines += ["", story.text(board.answer.title)]
        lines += [f"- {name}: {value}" for _, name, value in story.answers]
    lines += ["", words["deck.sources"]]
    lines += [
        f"- {source.title} ({source.date}; {source.licence}). {source.limits}".strip()
        for source in info.sources
    ]
    marked = words["illustrative"] if info.illustrative else words["real"]
    lines += ["", f"{marked}. {words['uncertain']} {words['notice']}."]
    lines.append(f"zonnekaart {info.version}, {info.built_utc[:10]}, {words['run']} {info.run_id}")
    return "\n".join(lines)
