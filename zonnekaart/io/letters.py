"""Letters as DOCX and as Markdown; the only door to python-docx."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import docx
from docx.shared import Cm, Pt, RGBColor

from zonnekaart.io.files import replacing, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document
    from docx.text.run import Run

_MARGIN = Cm(2.2)
_GREY = RGBColor(0x5E, 0x58, 0x50)
_LANGUAGE_TAGS = {"nl": "nl-BE", "fr": "fr-BE", "en": "en-GB"}
_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|"})


@dataclass(frozen=True)
class Part:
    """
    One part of a letter.

    Parameters
    ----------
    head : str
        Its heading; empty for none.
    paragraphs : tuple of str
        Whole sentences.
    items : tuple of str
        A list below them.
    """

    head: str = ""
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """
    A letter, whole and in one language.

    Parameters
    ----------
    language : {"nl", "fr", "en"}
        For the spelling checker of the reader.
    top : tuple of str
        Lines above the subject: to whom, place and date.
    subject : str
        One line.
    parts : tuple of Part
        The body.
    end : tuple of str
        Lines below the body: greeting and who signs.
    footer : str
        Small line that says where it came from.
    """

    language: str
    top: tuple[str, ...]
    subject: str
    parts: tuple[Part, ...]
    end: tuple[str, ...] = field(default=())
    footer: str = ""


def write_letter(path: Path, letter: Letter) -> None:
    """
    Write a letter atomically: DOCX when the file is called so, else Markdown.

    Parameters
    ----------
    path : Path
        ``.docx`` or ``.md``.
    letter : Letter
        What to write.
    """
    if path.suffix.lower() == ".docx":
        document = _document(letter)
        with replacing(path) as temporary:
            document.save(str(temporary))
    else:
        write_text(path, letter_markdown(letter))


def letter_markdown(letter: Letter) -> str:
    """Return a letter as Markdown; nothing in its texts reads as markup."""
    lines = ["  \n".join(_plain(line) for line in letter.top), f"# {_plain(letter.subject)}"]
    for part in letter.parts:
        if part.head:
            lines.append(f"## {_plain(part.head)}")
        lines += [_plain(text) for text in part.paragraphs]
        if part.items:
            lines.append("\n".join(f"- {_plain(item)}" for item in part.items))
    lines.append("  \n".join(_plain(line) for line in letter.end))
    lines.append(f"*{_plain(letter.footer)}*")
    return "\n\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_MARKUP)


def _document(letter: Letter) -> Document:
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = _MARGIN
    section.bottom_margin = Cm(1.8)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Noto Sans", Pt(10)
    style.paragraph_format.space_after = Pt(4)
    document.core_properties.title = letter.subject
    document.core_properties.author = "zonnekaart"
    document.core_properties.language = _LANGUAGE_TAGS[letter.language]
    document.core_properties.created = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for line in letter.top:
        document.add_paragraph(line).paragraph_format.space_after = Pt(2)
    subject = document.add_paragraph()
    subject.paragraph_format.space_before = Pt(14)
    subject.paragraph_format.space_after = Pt(8)
    _run(subject.add_run(letter.subject), size=13)
    for part in letter.parts:
        if part.head:
            head = document.add_paragraph()
            head.paragraph_format.space_before = Pt(6)
            head.paragraph_format.space_after = Pt(2)
            head.paragraph_format.keep_with_next = True
            _run(head.add_run(part.head), size=10)
        for text in part.paragraphs:
            document.add_paragraph(text)
        for item in part.items:
            document.add_paragraph(item, style="List Bullet").paragraph_format.space_after = Pt(2)
    for number, line in enumerate(letter.end):
        document.add_paragraph(line).paragraph_format.space_before = Pt(0 if number else 14)
    foot = section.footer.paragraphs[0].add_run(letter.footer)
    foot.font.size, foot.font.color.rgb = Pt(8), _GREY
    return document


def _run(run: Run, *, size: float) -> None:
    run.bold = True
    run.font.size = Pt(size)
