"""What a map draws, apart from the tool that draws it."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonnekaart.config import share_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

NO_FILL = "none"


@dataclass(frozen=True)
class LegendRow:
    """One line of a legend; the symbol stands beside the colour, never instead of words."""

    color: str
    text: str
    symbol: str = ""
    hatched: bool = False
    outlined: bool = False


@dataclass(frozen=True)
class Shape:
    """
    Look and words of one shape.

    Parameters
    ----------
    fill : str
        ``#RRGGBB`` or `NO_FILL`.
    line : str
        Colour of the outline.
    tip : str
        Plain text beside the pointer.
    said : str
        Key of the text that a click shows; empty for none.
    symbol : str
        Sign drawn inside the shape; empty for none.
    hatched : bool
        Drawn as not known.
    ink : str
        Colour of the sign.
    """

    fill: str
    line: str
    tip: str = ""
    said: str = ""
    symbol: str = ""
    hatched: bool = False
    ink: str = "#1d1c1a"


@dataclass(frozen=True)
class DrawnLayer:
    """
    One layer of a map.

    Parameters
    ----------
    id : str
        Name of the layer.
    title : str
        Name that people read.
    geometry : GeoSeries
        In the project CRS, one per shape.
    shapes : sequence of Shape
        In the same order.
    legend : sequence of LegendRow
        What its colours mean.
    width_px : float
        Of outlines.
    opacity : float
        Of fills, 0 to 1.
    shift_px : int
        How far signs stand to the right of the middle, so that those of two layers do not meet.
    """

    id: str
    title: str
    geometry: gpd.GeoSeries
    shapes: Sequence[Shape]
    legend: Sequence[LegendRow] = ()
    width_px: float = 1.5
    opacity: float = 0.6
    shift_px: int = 0


@dataclass(frozen=True)
class Note:
    """A remark with its place in the project CRS and the name of what it speaks of."""

    x: float
    y: float
    texts: Sequence[str]
    name: str


@dataclass(frozen=True)
class Picture:
    """
    A map to draw on paper.

    Parameters
    ----------
    layers : sequence of DrawnLayer
        From below.
    bounds : tuple of float
        West, south, east, north of what must be seen. [m]
    notes : sequence of Note
        Remarks.
    words : mapping of str to str
        ``north`` and ``scale``.
    """

    layers: Sequence[DrawnLayer]
    bounds: tuple[float, float, float, float]
    notes: Sequence[Note] = ()
    words: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def page_words(language: str) -> Mapping[str, str]:
    """Return the texts of the map page in one language, so that paper uses the same words."""
    path = share_folder("web") / "lang" / f"{language}.json"
    words: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return words
