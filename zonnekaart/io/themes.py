"""Themes: a municipality's name and colours on mock-ups and sheets, checked for contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from zonnekaart.cartography.contrast import TEXT_CONTRAST, contrast_ratio
from zonnekaart.errors import ConfigError
from zonnekaart.io.toml_files import line_of, read_toml

if TYPE_CHECKING:
    from pathlib import Path

Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
_HINT = "see docs/mockups.md"


class Theme(BaseModel):
    """
    Colours of pages and the name on them.

    ``ink`` is text on ``paper`` and ``panel``; ``accent`` is the bar on top with ``on_accent`` on
    it, and headings on ``panel``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    municipality: str = Field(default="", description="name on the page; the project's when empty")
    ink: Color = "#2b2a27"
    muted: Color = "#55524b"
    paper: Color = "#f4f1ea"
    panel: Color = "#fffdf8"
    accent: Color = "#7a4a00"
    on_accent: Color = "#ffffff"


_PAIRS = (
    ("ink", "paper"),
    ("ink", "panel"),
    ("muted", "panel"),
    ("accent", "panel"),
    ("on_accent", "accent"),
)
"""Text colour and what it stands on."""


def read_theme(path: Path) -> Theme:
    """
    Read a theme and refuse one that cannot be read by all.

    Parameters
    ----------
    path : Path
        A TOML file.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ConfigError
        If it does not follow the schema, or a text has less contrast than 4.5; with its line.
    """
    theme = read_toml(path, Theme, _HINT)
    require_contrast(theme, path)
    return theme


def require_contrast(theme: Theme, path: Path, table: tuple[str, ...] = ()) -> None:
    """
    Refuse colours of a file in which a text stands out too little.

    Parameters
    ----------
    theme : Theme
        Colours; only those that the file sets can be at fault.
    path : Path
        The file.
    table : tuple of str
        Where in it the colours stand.

    Raises
    ------
    ConfigError
        If a text has less contrast than 4.5; with the line of the colour.
    """
    text = path.read_text(encoding="utf-8")
    for front, back in _PAIRS:
        colors = (getattr(theme, front), getattr(theme, back))
        ratio = contrast_ratio(*colors)
        if ratio < TEXT_CONTRAST:
            told = [(*table, name) for name in (front, back) if name in theme.model_fields_set]
            raise ConfigError(
                f"{path}, line {max(line_of(text, place) for place in told)}",
                f"{front} {colors[0]} on {back} {colors[1]}: contrast {ratio:.1f}",
                f"{TEXT_CONTRAST} or more (WCAG 2.2, 1.4.3)",
                "make one of the two darker or lighter",
            )
