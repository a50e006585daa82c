"""Storyboards of mock-ups: TOML files in ``data/storyboards`` or of one's own, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zonnekaart.errors import ConfigError
from zonnekaart.io.themes import Color, Theme, require_contrast
from zonnekaart.io.toml_files import read_toml

Language = Literal["nl", "fr", "en"]
LayerId = Literal[
    "zones",
    "opportunities",
    "bottlenecks",
    "yield",
    "headroom",
    "surplus",
    "own_use",
    "sharing_gain",
    "residual",
    "confidence",
    "buildings",
    "roofs",
    "large_roofs",
    "apartments",
    "sharing_groups",
]
"""Layers a storyboard may draw; made in ``pipelines/mockups/layers.py``."""

Target = Literal[
    "top_opportunity", "top_bottleneck", "largest_yield", "least_certain", "first_answer"
]
Total = Literal[
    "annual_yield_kwh",
    "consumption_kwh",
    "capacity_kwp",
    "existing_kwp",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
]
Indicator = Literal[
    "annual_yield_kwh",
    "capacity_kwp",
    "headroom_ratio",
    "pv_headroom_kw",
    "peak_injection_kw",
    "surplus_kwh",
    "residual_kwh",
    "self_consumption",
    "self_sufficiency",
    "sharing_gain",
    "apartment_share",
    "mean_irradiation_kwh_m2",
]
_HINT = "see docs/mockups.md"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """One text in the three languages."""

    nl: str = Field(min_length=1)
    fr: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        text: str = getattr(self, language)
        return text


class Annotation(_Part):
    """A remark on the map, hung on a zone that the result decides."""

    target: Target
    text: Text


class View(_Part):
    """Which part of the map opens: all, or the surroundings of a zone the result decides."""

    focus: Literal["all"] | Target = "all"
    margin: float = Field(default=0.05, ge=0.0, le=10.0, description="share of the size around it")


class Answer(_Part):
    """The zones that answer the question: the highest or lowest of one figure."""

    indicator: Indicator
    order: Literal["highest", "lowest"] = "highest"
    count: int = Field(default=5, ge=1, le=12)
    title: Text


class Legend(_Part):
    """Heading and a remark under the legend."""

    title: Text
    note: Text | None = None


class Look(_Part):
    """Colours of this storyboard; a theme given on the command line goes before them."""

    accent: Color = "#7a4a00"
    on_accent: Color = "#ffffff"

    @property
    def theme(self) -> Theme:
        """The colours as a theme."""
        return Theme.model_validate(self.model_dump())


class Storyboard(_Part):
    """What a mock-up tells, to whom, with which layers."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str
    persona: Text
    title: Text
    question: Text
    steps: list[Text] = Field(min_length=1)
    layers: Annotated[list[LayerId], Field(min_length=1, description="drawn, from below")]
    optional: list[LayerId] = Field(default=[], description="in the control, but not drawn at once")
    view: View = View()
    figures: list[Total] = []
    answer: Answer | None = None
    annotations: list[Annotation] = []
    legend: Legend | None = None
    look: Look = Look()


def storyboard_names(folder: Path) -> list[str]:
    """Return the storyboards in a folder."""
    return sorted(p.stem for p in folder.glob("*.toml"))


def read_storyboard(folder: Path, name: str) -> Storyboard:
    """
    Read one storyboard by its name in `folder`, or by the path of a ``.toml`` file.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ConfigError
        If there is none of that name, it does not follow the schema, or its colours make text too
        pale; with its line.
    """
    if name.endswith(".toml"):
        return _read(Path(name))
    names = storyboard_names(folder)
    if name not in names:
        raise ConfigError(
            "--storyboard",
            repr(name),
            f"one of: {', '.join(names)}; or the path of a .toml file",
            "correct the name",
        )
    return _read(folder / f"{name}.toml")


def _read(path: Path) -> Storyboard:
    board = read_toml(path, Storyboard, _HINT)
    require_contrast(board.look.theme, path, ("look",))
    return board
