"""A picture by matplotlib: the way out on a machine without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from zonnekaart.cartography.scalebar import bar_length_m, length_text
from zonnekaart.errors import MissingInputError
from zonnekaart.io.files import replacing
from zonnekaart.pipelines.drawing.drawn import NO_FILL

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.pipelines.drawing.drawn import DrawnLayer, LegendRow, Picture
    from zonnekaart.pipelines.stills import Paper

_MM_PER_INCH = 25.4
_POINT_PER_PX = 0.75
_MAP_BOX = (0.025, 0.125, 0.66, 0.765)
_SIDE_LEFT = 0.70
_BAR_SHARE = 0.25
_DPI = 200
_WIDE, _NARROW = 240, 46
_LOOK: dict[Any, Any] = {
    "font.family": ["Noto Sans", "DejaVu Sans"],
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "hatch.color": "#9e9e9e",
}


def draw_plain(
    picture: Picture, paper: Paper, texts: dict[str, str], colors: tuple[str, str], out: Path
) -> Path:
    """
    Draw a sheet with matplotlib: title, map, legend, scale bar, north arrow, footer.

    Parameters
    ----------
    picture : Picture
        The map.
    paper : Paper
        Size of the sheet.
    texts : dict of str
        ``title``, ``subtitle``, ``lead``, ``side`` (lines), ``footer``.
    colors : tuple of str
        Bar on top, and text on it.
    out : Path
        ``.pdf`` or ``.png``.

    Raises
    ------
    MissingInputError
        If matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle
    except ImportError as error:
        raise MissingInputError(
            "matplotlib",
            "not installed, and no browser either",
            "the extra [plain], or Chromium with the extra [pdf]",
            "pip install 'zonnekaart[plain]'",
        ) from error
    import logging

    # A machine without our font draws with the next one in the list.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    width, height = (mm / _MM_PER_INCH for mm in paper.size_mm)
    with mpl.rc_context(_LOOK), replacing(out) as temporary:
        figure = Figure(figsize=(width, height), facecolor="#fffdf8")
        figure.add_artist(Rectangle((0, 0.905), 1, 0.095, facecolor=colors[0], zorder=-1))
        figure.text(0.025, 0.955, texts["title"], size=17, weight="bold", color=colors[1])
        figure.text(0.025, 0.922, texts["subtitle"], size=9.5, color=colors[1])
        _map(figure, picture)
        _side(figure, picture, texts)
        footer = _wrapped(texts["footer"], _WIDE)
        figure.text(0.025, 0.11, footer, size=6.5, va="top", color="#55524b", linespacing=1.3)
        figure.savefig(temporary, dpi=_DPI, format=out.suffix.removeprefix("."))
    return out


def _map(figure: Any, picture: Picture) -> None:  # noqa: ANN401 - matplotlib is optional
    axes = figure.add_axes(_MAP_BOX)
    axes.set_facecolor("#ece7dc")
    axes.set_xticks([])
    axes.set_yticks([])
    west, south, east, north = picture.bounds
    box = axes.get_window_extent()
    per_px = max((east - west) / box.width, (north - south) / box.height)
    half = box.width * per_px / 2.0, box.height * per_px / 2.0
    middle = (west + east) / 2.0, (south + north) / 2.0
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])
    view = shapely.box(
        *(m - h for m, h in zip(middle, half, strict=True)),
        *(m + h for m, h in zip(middle, half, strict=True)),
    )
    for layer in picture.layers:
        _layer(axes, layer, view)
    for note in picture.notes:
        axes.annotate(
            "\n".join([*note.texts, note.name]),
            (note.x, note.y),
            xytext=(0, 22),
            textcoords="offset points",
            ha="center",
            size=7.5,
            bbox={"boxstyle": "round", "facecolor": "#fffdf8", "edgecolor": "#2b2a27"},
            arrowprops={"arrowstyle": "-", "color": "#2b2a27"},
            annotation_clip=True,
        )
    _scale_and_north(axes, half[0] * 2.0, picture)


def _layer(axes: Any, layer: DrawnLayer, view: shapely.Polygon) -> None:  # noqa: ANN401
    from matplotlib.patches import PathPatch

    for shape, look in zip(layer.geometry, layer.shapes, strict=True):
        if shape is None or not shape.intersects(view):
            continue
        path = _path(shape)
        if path is None:
            continue
        axes.add_patch(
            PathPatch(
                path,
                facecolor="white" if look.hatched else look.fill,
                edgecolor=look.line,
                alpha=None if look.fill == NO_FILL else layer.opacity,
                linewidth=layer.width_px * _POINT_PER_PX,
                hatch="////" if look.hatched else None,
                linestyle="--" if look.hatched else "-",
            )
        )
        if look.symbol:
            inside = shape.representative_point()
            axes.annotate(
                look.symbol,
                (inside.x, inside.y),
                xytext=(layer.shift_px * 0.5, 0),
                textcoords="offset points",
                ha="center",
                va="center",
                size=7,
                color=look.ink,
                family=["DejaVu Sans"],
                annotation_clip=True,
            )


def _path(shape: shapely.Geometry) -> Any:  # noqa: ANN401 - matplotlib is optional
    from matplotlib.path import Path as Outline

    rings = [
        shapely.get_coordinates(ring)
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return None
    codes = np.concatenate(
        [[Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings]
    )
    return Outline(np.concatenate(rings), codes)


def _scale_and_north(axes: Any, width_m: float, picture: Picture) -> None:  # noqa: ANN401
    from matplotlib.patches import Rectangle

    length = bar_length_m(width_m * _BAR_SHARE)
    share = length / width_m
    box = {"transform": axes.transAxes, "color": "#2b2a27", "zorder": 6}
    axes.plot([0.02, 0.02, 0.02 + share, 0.02 + share], [0.035, 0.025, 0.025, 0.035], **box)
    axes.add_patch(
        Rectangle(
            (0.008, 0.01),
            share + 0.024,
            0.055,
            transform=axes.transAxes,
            facecolor="#fffdf8",
            edgecolor="none",
            zorder=5,
        )
    )
    axes.text(0.02 + share / 2, 0.032, length_text(length), size=8, ha="center", va="bottom", **box)
    axes.annotate(
        picture.words.get("north", "N"),
        (0.97, 0.98),
        xytext=(0.97, 0.91),
        xycoords="axes fraction",
        textcoords="axes fraction",
        ha="center",
        size=9,
        arrowprops={"arrowstyle": "-|>", "color": "#2b2a27"},
    )


def _side(figure: Any, picture: Picture, texts: dict[str, str]) -> None:  # noqa: ANN401
    from matplotlib.patches import Patch

    lead = _wrapped(texts["lead"], _NARROW)
    figure.text(_SIDE_LEFT, 0.885, lead, size=8.5, weight="bold", va="top", linespacing=1.3)
    top = 0.885 - 0.024 * (lead.count("\n") + 1)
    figure.text(_SIDE_LEFT, top, texts["side"], size=7.5, va="top", linespacing=1.45)
    top -= 0.0195 * (texts["side"].count("\n") + 1) + 0.01
    rows = [row for layer in picture.layers for row in layer.legend]
    handles = [
        Patch(
            facecolor="white" if row.hatched or row.outlined else row.color,
            edgecolor=row.color if row.outlined else "#2b2a27",
            hatch="////" if row.hatched else None,
            linewidth=1.5 if row.outlined else 0.8,
        )
        for row in rows
    ]
    figure.legend(
        handles,
        [_row_text(row) for row in rows],
        loc="upper left",
        bbox_to_anchor=(_SIDE_LEFT - 0.008, top),
        frameon=False,
        fontsize=7.5,
    )


def _row_text(row: LegendRow) -> str:
    return f"{row.symbol} {row.text}".strip()


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
