"""Typical days and months as SVG: supply as area, demand as line, what coincides hatched."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.cartography.numbers import quantity_text
from zonnekaart.cartography.ramps import nice_ceiling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = Sequence[float | None]

SUPPLY, DEMAND = "#e6a100", "#004f7c"
_HOURS = 24
_TICK_HOURS = (0, 6, 12, 18, 24)
_LEFT, _TOP, _BOTTOM, _RIGHT = 48.0, 16.0, 18.0, 8.0
_MONTHS = 12


def day_curve(
    supply_kw: Values,
    demand_kw: Values,
    top_kw: float,
    size: tuple[float, float],
    texts: dict[str, str],
) -> str:
    """
    Draw a mean day of quarter-hours.

    Parameters
    ----------
    supply_kw, demand_kw : sequence of float or None
        96 values; None where not known. [kW]
    top_kw : float
        End of the vertical scale, the same for days that are compared. [kW]
    size : tuple of float
        Width and height. [px]
    texts : dict of str
        ``title``, and ``language`` for numbers.
    """
    width, height = size
    supply, demand = _array(supply_kw), _array(demand_kw)
    plot_w, plot_h = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM

    def points(values: NDArray[np.float64]) -> list[str]:
        steps = np.arange(len(values)) + 0.5
        x = _LEFT + plot_w * steps / max(len(values), 1)
        y = _TOP + plot_h * (1.0 - np.clip(values / top_kw, 0.0, 1.0))
        return [f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True) if np.isfinite(b)]

    base = _TOP + plot_h
    parts = [_scale(top_kw, "kW", size, texts["language"])]
    for hour in _TICK_HOURS:
        x = _LEFT + plot_w * hour / _HOURS
        parts.append(f'<text x="{x:.1f}" y="{height - 4:.1f}" text-anchor="middle">{hour}</text>')
    parts.append(_area(points(supply), base, f'fill="{SUPPLY}" fill-opacity=".55"'))
    if np.isfinite(demand).any():
        both = np.fmin(supply, demand)
        parts.append(_area(points(both), base, 'fill="url(#both)"'))
        line = "L".join(points(demand))
        parts.append(f'<path d="M{line}" fill="none" stroke="{DEMAND}" stroke-width="1.8"/>')
    return _svg(size, texts["title"], "".join(parts))


def month_bars(
    yield_kwh: Values, use_kwh: Values, size: tuple[float, float], texts: dict[str, str]
) -> str:
    """
    Draw twelve months of yield and use beside each other.

    Parameters
    ----------
    yield_kwh, use_kwh : sequence of float or None
        Twelve values; None where not known. [kWh]
    size : tuple of float
        Width and height. [px]
    texts : dict of str
        ``title``, ``months`` (twelve letters) and ``language``.
    """
    width, height = size
    made, used = _array(yield_kwh), _array(use_kwh)
    top = nice_ceiling(float(np.nanmax(np.concatenate([made, used, [0.0]]))))
    plot_w, plot_h = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    step = plot_w / _MONTHS
    parts = [_scale(top, "kWh", size, texts["language"])]
    for month in range(_MONTHS):
        left = _LEFT + step * month
        for offset, value, color in ((0.12, made[month], SUPPLY), (0.52, used[month], DEMAND)):
            if np.isfinite(value):
                tall = plot_h * value / top
                parts.append(
                    f'<rect x="{left + step * offset:.1f}" y="{_TOP + plot_h - tall:.1f}" '
                    f'width="{step * 0.36:.1f}" height="{tall:.1f}" fill="{color}"/>'
                )
        parts.append(
            f'<text x="{left + step / 2:.1f}" y="{height - 4:.1f}" text-anchor="middle">'
            f"{escape(texts['months'][month])}</text>"
        )
    return _svg(size, texts["title"], "".join(parts))


def top_of_days(*series: Values) -> float:
    """Return the end of a vertical scale that holds all series."""
    values = np.concatenate([_array(one) for one in series])
    finite = values[np.isfinite(values)]
    return nice_ceiling(float(finite.max()) if finite.size else 0.0)


def _array(values: Values) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def _area(points: list[str], base: float, look: str) -> str:
    if not points:
        return ""
    first, last = points[0].split()[0], points[-1].split()[0]
    return f'<path d="M{first} {base:.1f}L{"L".join(points)}L{last} {base:.1f}Z" {look}/>'


def _scale(top: float, unit: str, size: tuple[float, float], language: str) -> str:
    width, height = size
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = _TOP + (height - _TOP - _BOTTOM) * (1.0 - share)
        text = quantity_text(top * share, unit, language) if share else "0"
        parts.append(
            f'<line x1="{_LEFT:g}" x2="{width - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#ded8ca"/><text x="{_LEFT - 4:g}" y="{y + 3:.1f}" text-anchor="end">'
            f"{escape(text)}</text>"
        )
    return "".join(parts)


def _svg(size: tuple[float, float], title: str, body: str) -> str:
    width, height = size
    return (
        f'<svg class="curve" role="img" aria-label="{escape(title)}" width="{width:g}" '
        f'height="{height:g}" viewBox="0 0 {width:g} {height:g}">'
        f'<text x="{_LEFT:g}" y="10" font-weight="600">{escape(title)}</text>{body}</svg>'
    )


CURVE_DEFINITIONS = (
    '<svg width="0" height="0" style="position:absolute"><defs>'
    '<pattern id="both" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" stroke="#1d1c1a" '
    'stroke-width="1" stroke-opacity=".55"/></pattern></defs></svg>'
)
"""The hatching of what coincides; stands once in the page."""
