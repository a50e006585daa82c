"""A storyboard on one sheet: a page for the browser to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.io.report import render
from zonnekaart.pipelines.drawing.svg import MAP_STYLE, svg_map
from zonnekaart.pipelines.mockups.page import font_faces

if TYPE_CHECKING:
    from zonnekaart.pipelines.mockups.story import Story
    from zonnekaart.pipelines.stills import Paper

_DESIGN_WIDTH_PX = 1123
"""Width of A4 landscape, on which the sheet is laid out; larger paper enlarges it. [px]"""
_MAP_PX = (744, 598)


def still_page(story: Story, paper: Paper) -> str:
    """
    Return a storyboard as a page with the size of the paper, landscape.

    Parameters
    ----------
    story : Story
        A storyboard filled with results.
    paper : Paper
        The sheet.
    """
    width, height = paper.size_px
    label = f"{story.words['map_of']} {story.municipality}"
    return render(
        "mockup_still.html",
        {
            **story.values(),
            "fonts": font_faces(),
            "map_style": MAP_STYLE,
            "map": svg_map(story.picture, *_MAP_PX, label),
            "map_width": _MAP_PX[0],
            "map_height": _MAP_PX[1],
            "width": width,
            "height": height,
            "zoom": width / _DESIGN_WIDTH_PX,
        },
    )
