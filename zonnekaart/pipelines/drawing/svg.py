"""A picture as SVG: the map of stills and zone sheets, with scale bar and north arrow."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.cartography.scalebar import bar_length_m, length_text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from zonnekaart.pipelines.drawing.drawn import DrawnLayer, Note, Picture, Shape

Bounds = tuple[float, float, float, float]

_TOLERANCE_PX = 0.3
_BAR_SHARE = 0.25
_SYMBOL_PX = 13
_LEAST_FOR_SYMBOL_PX = 12
_NOTE_PX = 11.0
_LETTER_WIDTH = 0.56
_MARGIN_PX = 10.0


class _Frame:
    """From metres to pixels: the whole of the bounds in view, north up."""

    def __init__(
        self, bounds: tuple[float, float, float, float], size: tuple[float, float]
    ) -> None:
        west, south, east, north = bounds
        self.width, self.height = size
        self.px_per_m = min(
            self.width / max(east - west, 1.0), self.height / max(north - south, 1.0)
        )
        self.west = (west + east) / 2.0 - self.width / 2.0 / self.px_per_m
        self.north = (south + north) / 2.0 + self.height / 2.0 / self.px_per_m

    def view(self) -> shapely.Polygon:
        """Return what is in view, in m."""
        east = self.west + self.width / self.px_per_m
        return shapely.box(self.west, self.north - self.height / self.px_per_m, east, self.north)

    def px(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in pixels from the top left corner."""
        return (x - self.west) * self.px_per_m, (self.north - y) * self.px_per_m

    def path(self, shape: BaseGeometry) -> str:
        """Return the rings of an area as path data."""
        rings = []
        for part in shapely.get_parts(shape):
            for ring in (part.exterior, *part.interiors):
                at = shapely.get_coordinates(ring)
                x = (at[:, 0] - self.west) * self.px_per_m
                y = (self.north - at[:, 1]) * self.px_per_m
                points = np.round(np.column_stack([x, y]), 1)
                rings.append("M" + "L".join(f"{a:g} {b:g}" for a, b in points[:-1]) + "Z")
        return "".join(rings)


def svg_map(picture: Picture, width_px: float, height_px: float, label: str) -> str:
    """
    Draw a picture.

    Parameters
    ----------
    picture : Picture
        What to draw.
    width_px, height_px : float
        Size of the drawing; its shapes fill what they can of it.
    label : str
        What a screen reader says.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    frame = _Frame(picture.bounds, (width_px, height_px))
    body = "".join(_layer(layer, frame) for layer in picture.layers)
    notes = "".join(_note(note, frame) for note in picture.notes)
    return (
        f'<svg class="map" role="img" aria-label="{escape(label)}" '
        f'viewBox="0 0 {width_px:g} {height_px:g}" width="{width_px:g}" height="{height_px:g}">'
        "<defs>"
        '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/>'
        '<line x1="0" y1="0" x2="0" y2="6" stroke="#9e9e9e" stroke-width="3"/></pattern></defs>'
        f"{body}{notes}{_scale_bar(frame)}{_north(frame, picture.words.get('north', 'N'))}</svg>"
    )


def _layer(layer: DrawnLayer, frame: _Frame) -> str:
    view = frame.view()
    areas, signs = [], []
    simple = layer.geometry.simplify(_TOLERANCE_PX / frame.px_per_m)
    for shape, look in zip(simple, layer.shapes, strict=True):
        if shape is None or shape.is_empty or not shape.intersects(view):
            continue
        fill = "url(#hatch)" if look.hatched else look.fill
        dash = ' stroke-dasharray="4 3"' if look.hatched else ""
        areas.append(
            f'<path d="{frame.path(_areas(shape))}" fill="{fill}" stroke="{look.line}"{dash}/>'
        )
        if look.symbol:
            signs.append(_sign(shape, look, frame, layer.shift_px))
    return (
        f'<g id="layer-{layer.id}" fill-opacity="{layer.opacity:g}" '
        f'stroke-width="{layer.width_px:g}" fill-rule="evenodd">{"".join(areas)}</g>'
        f'<g class="sign">{"".join(signs)}</g>'
    )


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Return only the areas of a shape; a line has no inside to fill."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _sign(shape: BaseGeometry, look: Shape, frame: _Frame, shift_px: int) -> str:
    west, south, east, north = shape.bounds
    side = min(east - west, north - south) * frame.px_per_m
    if side < _LEAST_FOR_SYMBOL_PX:
        return ""
    inside = shape.representative_point()
    x, y = frame.px(inside.x, inside.y)
    size = min(_SYMBOL_PX, side * 0.5)
    near = shift_px * size / _SYMBOL_PX
    return (
        f'<text x="{x + near:.1f}" y="{y:.1f}" font-size="{size:.1f}" '
        f'fill="{look.ink}" text-anchor="middle" dominant-baseline="central">'
        f"{escape(look.symbol)}</text>"
    )


def _note(note: Note, frame: _Frame) -> str:
    """Draw a remark in a box above its place, moved so that it stays on the map."""
    x, y = frame.px(note.x, note.y)
    lines = [*note.texts, note.name]
    width = max(len(line) for line in lines) * _NOTE_PX * _LETTER_WIDTH + 14.0
    height = len(lines) * _NOTE_PX * 1.35 + 8.0
    left = min(max(x - width / 2.0, _MARGIN_PX), frame.width - width - _MARGIN_PX)
    above = y - height - 14.0
    top = above if above > _MARGIN_PX else y + 14.0
    foot = top + height if above > _MARGIN_PX else top
    said = "".join(
        f'<text x="{left + 7:.1f}" y="{top + 4 + _NOTE_PX * (1.35 * i + 1):.1f}" '
        f'font-size="{_NOTE_PX:g}" font-weight="{400 if i == len(note.texts) else 600}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    )
    return (
        f'<g class="remark"><line x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{foot:.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4"/>'
        f"{said}</g>"
    )


def _scale_bar(frame: _Frame) -> str:
    length = bar_length_m(frame.width * _BAR_SHARE / frame.px_per_m)
    px = length * frame.px_per_m
    x, y = _MARGIN_PX + 4.0, frame.height - _MARGIN_PX - 4.0
    return (
        f'<g class="scale"><rect x="{x - 8:.1f}" y="{y - 21:.1f}" width="{px + 16:.1f}" '
        f'height="27" rx="3"/>'
        f'<path d="M{x:.1f} {y - 5:.1f}V{y:.1f}H{x + px:.1f}V{y - 5:.1f}"/>'
        f'<text x="{x + px / 2:.1f}" y="{y - 8:.1f}" text-anchor="middle" font-size="11">'
        f"{length_text(length)}</text></g>"
    )


def _north(frame: _Frame, word: str) -> str:
    x, y = frame.width - _MARGIN_PX - 14.0, _MARGIN_PX + 8.0
    return (
        f'<g class="north"><circle cx="{x:.1f}" cy="{y + 14:.1f}" r="19"/>'
        f'<path d="M{x:.1f} {y - 2:.1f}l6 17l-6 -4l-6 4z"/>'
        f'<text x="{x:.1f}" y="{y + 27:.1f}" text-anchor="middle" font-size="11">'
        f"{escape(word)}</text></g>"
    )


MAP_STYLE = (
    ".map{display:block;background:#ece7dc}"
    ".map text{font-family:'Noto Sans',sans-serif}"
    ".map .sign text{paint-order:stroke;stroke:#ffffff;stroke-width:2.5px}"
    ".map .scale rect,.map .north circle{fill:#fffdf8;fill-opacity:.85}"
    ".map .scale path{fill:none;stroke:#2b2a27;stroke-width:1.5}"
    ".map .north path{fill:#2b2a27}"
    ".map .remark rect{fill:#fffdf8;stroke:#2b2a27;stroke-width:1.2}"
    ".map .remark line{stroke:#2b2a27;stroke-width:1.2}"
    ".map .remark circle{fill:#2b2a27}"
)
"""Style of the drawing; stands once in the page around it."""
