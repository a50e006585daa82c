"""How a number becomes text, for screen, sheet and export: rounded once, always with its unit.

The map's own ``web/numbers.js`` follows the same rules; both are held to the same examples.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from zonnekaart.quantities import RATIO, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP = "\u202f"
"""Narrow no-break space between groups of three digits."""
SPACE = "\u00a0"
"""No-break space between a number and its unit."""
UNKNOWN = "–"
"""What stands where a number is not known."""

_MINUS = "\u2212"
_DECIMAL = {"nl": ",", "fr": ",", "en": "."}
_LADDERS = (
    ("kWh", "MWh", "GWh", "TWh"),
    ("kW", "MW", "GW"),
    ("kWp", "MWp", "GWp"),
)
_UNIT_TEXT = {"m2": "m²", "kWh/m2": "kWh/m²", "deg": "°"}
_STEP = 1000.0
_ESTIMATE_FIGURES = 3
_RANGE_FIGURES = 2
_MORE_FIGURES = (3, 4, 5, 6)


def number_text(value: float, language: str = "nl", *, figures: int = _ESTIMATE_FIGURES) -> str:
    """
    Write a bare number with at most `figures` significant figures.

    Parameters
    ----------
    value : float
        A finite number.
    language : {"nl", "fr", "en"}
        Decides the decimal sign.
    figures : int
        Significant figures, > 0; trailing zeros after the decimal sign are left out.

    Examples
    --------
    >>> number_text(1234.5, "nl", figures=5).replace(GROUP, " ")
    '1 234,5'
    """
    if value == 0:
        return "0"
    exact = Decimal(value)
    return _written(_rounded(exact, exact.adjusted() - figures + 1), language)


def whole_text(value: float, language: str = "nl") -> str:
    """Write a count: no decimals, groups of three digits."""
    return _written(_rounded(Decimal(value), 0), language)


def percent_text(value: float, language: str = "nl") -> str:
    """
    Write a share from 0 to 1 as a percentage; whole, or one figure below 1 %.

    Examples
    --------
    >>> percent_text(0.382).replace(SPACE, " ")
    '38 %'
    """
    if not math.isfinite(value):
        return UNKNOWN
    shown = value * 100.0
    small = 0 < abs(shown) < 1
    text = number_text(shown, language, figures=1) if small else whole_text(shown, language)
    return f"{text}{SPACE}%"


def quantity_text(
    value: float, unit: str, language: str = "nl", *, figures: int = _ESTIMATE_FIGURES
) -> str:
    """
    Write an estimate with its unit on the step that reads best.

    Parameters
    ----------
    value : float
        Value in `unit`; NaN and infinity are written as unknown.
    unit : str
        Unit as in the register.
    language : {"nl", "fr", "en"}
        Decides the decimal sign.
    figures : int
        Significant figures.

    Examples
    --------
    >>> quantity_text(1_830_000, "kWh").replace(SPACE, " ")
    '1,83 GWh'
    """
    if not math.isfinite(value):
        return UNKNOWN
    factor, shown = _scale([value], unit)
    return f"{number_text(value * factor, language, figures=figures)}{SPACE}{shown}"


def range_text(low: float, high: float, unit: str, language: str = "nl") -> str:
    """
    Write a range on one step of the unit; empty when an end is unknown or both read the same.

    Examples
    --------
    >>> range_text(280, 560, "kW").replace(SPACE, " ")
    '280–560 kW'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    factor, shown = _scale([low, high], unit)
    ends = [number_text(v * factor, language, figures=_RANGE_FIGURES) for v in (low, high)]
    return "" if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}{SPACE}{shown}"


def indicator_text(name: str, value: float, language: str = "nl") -> str:
    """
    Write the value of a published quantity in the way its kind asks for.

    Shares are percentages, ratios that may pass 1 are written as ``1,4 ×``, counts are whole,
    all else is an estimate with its unit.

    Parameters
    ----------
    name : str
        A name in the register.
    value : float
        Its value in the register's unit; NaN is written as unknown.
    language : {"nl", "fr", "en"}
        Decides the decimal sign.
    """
    if not math.isfinite(value):
        return UNKNOWN
    known = quantity(name)
    if known.unit == "count":
        return whole_text(value, language)
    if known.unit == RATIO and math.isinf(known.high):
        return f"{number_text(value, language, figures=2)}{SPACE}×"
    if known.unit == RATIO:
        return percent_text(value, language)
    return quantity_text(value, known.unit, language)


def texts_apart(name: str, value: float, limit: float, language: str = "nl") -> tuple[str, str]:
    """
    Write a value and its limit with as many figures as it takes to tell them apart.

    Parameters
    ----------
    name : str
        A name in the register.
    value, limit : float
        In the register's unit; NaN is written as unknown.
    language : {"nl", "fr", "en"}
        Decides the decimal sign.

    Examples
    --------
    >>> [t.replace(SPACE, " ") for t in texts_apart("sharing_gain", 0.0298, 0.03)]
    ['2,98 %', '3 %']
    """
    short = indicator_text(name, value, language), indicator_text(name, limit, language)
    if short[0] != short[1] or value == limit or quantity(name).unit == "count":
        return short
    for figures in _MORE_FIGURES:
        longer = tuple(_with_figures(name, v, language, figures) for v in (value, limit))
        if longer[0] != longer[1]:
            return longer[0], longer[1]
    return short


def _with_figures(name: str, value: float, language: str, figures: int) -> str:
    known = quantity(name)
    if not math.isfinite(value):
        return UNKNOWN
    if known.unit != RATIO:
        return quantity_text(value, known.unit, language, figures=figures)
    factor, sign = (1.0, "×") if math.isinf(known.high) else (100.0, "%")
    return f"{number_text(value * factor, language, figures=figures)}{SPACE}{sign}"


def indicator_range_text(name: str, low: float, high: float, language: str = "nl") -> str:
    """
    Write the range of a published quantity, its unit once; empty when unknown or without width.

    Examples
    --------
    >>> indicator_range_text("self_consumption", 0.34, 0.41).replace(SPACE, " ")
    '34–41 %'
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    known = quantity(name)
    if known.unit not in {RATIO, "count"}:
        return range_text(low, high, known.unit, language)
    first, last = (indicator_text(name, value, language) for value in (low, high))
    unit = SPACE + last.partition(SPACE)[2]
    return "" if first == last else f"{first.removesuffix(unit)}–{last}"


def unit_text(unit: str) -> str:
    """Return how a unit of the register is written on screen."""
    return "%" if unit == RATIO else _UNIT_TEXT.get(unit, unit)


def _scale(values: Iterable[float], unit: str) -> tuple[float, str]:
    """Return the factor and unit on which the largest of `values` stays below a thousand."""
    ladder = next((steps for steps in _LADDERS if unit in steps), None)
    if ladder is None:
        return 1.0, _UNIT_TEXT.get(unit, unit)
    step = ladder.index(unit)
    factor = 1.0
    largest = max(abs(v) for v in values)
    while largest * factor >= _STEP and step < len(ladder) - 1:
        factor /= _STEP
        step += 1
    return factor, ladder[step]


def _rounded(exact: Decimal, exponent: int) -> Decimal:
    """Round half away from zero, as browsers do."""
    return exact.quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_UP)


def _written(value: Decimal, language: str) -> str:
    whole, _, fraction = f"{abs(value):f}".partition(".")
    groups: list[str] = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    text = GROUP.join(groups)
    fraction = fraction.rstrip("0")
    if fraction:
        text += _DECIMAL[language] + fraction
    return (_MINUS if value < 0 else "") + text
