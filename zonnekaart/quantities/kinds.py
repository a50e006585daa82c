"""What one row of the register holds, and the kinds of quantity it can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["nl", "fr", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "fr", "en")

RATIO = "-"
"""Unit of shares and ratios: 0 to 1 in files, percent on screen only."""

UNKNOWN_NUMBER = "NaN"
UNKNOWN_OBJECT = "null"


@dataclass(frozen=True)
class Quantity:
    """
    One published quantity.

    Parameters
    ----------
    name : str
        Name of the column, field or indicator; the same everywhere.
    unit : str
        Unit as written in files: ``kWh``, ``kW``, ``kWp``, ``m2``, ``deg``, ``-`` for ratios,
        ``count`` for numbers of things, ``""`` for what has no unit.
    dtype : str
        ``float64``, ``float32``, ``int64``, ``bool``, ``string``, ``list<...>``, ``struct``
        or ``geometry``.
    nodata : str
        What stands where the value is not known: ``NaN`` or ``null``. Never 0.
    low, high : float
        Valid range, both ends included; NaN for what is not a number.
    definition : str
        One English sentence.
    label : mapping of str to str
        Short name per language, for people.
    """

    name: str
    unit: str
    dtype: str
    nodata: str
    low: float
    high: float
    definition: str
    label: Mapping[str, str]


_INF = math.inf
_KINDS: dict[str, tuple[str, str, float, float]] = {
    "energy": ("kWh", "float64", 0.0, _INF),
    "power": ("kW", "float64", 0.0, _INF),
    "rating": ("kVA", "float64", 0.0, _INF),
    "peak": ("kWp", "float64", 0.0, _INF),
    "share": (RATIO, "float64", 0.0, 1.0),
    "gain": (RATIO, "float64", -1.0, 1.0),
    "ratio": (RATIO, "float64", 0.0, _INF),
    "money": ("EUR", "float64", 0.0, _INF),
    "balance_of_money": ("EUR", "float64", -_INF, _INF),
    "years": ("year", "float64", 0.0, _INF),
    "area": ("m2", "float64", 0.0, _INF),
    "length": ("m", "float64", 0.0, 1000.0),
    "count": ("count", "float64", 0.0, _INF),
    "irradiation": ("kWh/m2", "float64", 0.0, 3000.0),
    "tilt": ("deg", "float64", 0.0, 90.0),
    "azimuth": ("deg", "float64", 0.0, 360.0),
    "yes_no": ("", "bool", math.nan, math.nan),
    "text": ("", "string", math.nan, math.nan),
    "texts": ("", "list<string>", math.nan, math.nan),
    "records": ("", "list<struct>", math.nan, math.nan),
    "record": ("", "struct", math.nan, math.nan),
    "shape": ("", "geometry", math.nan, math.nan),
    "monthly_energy": ("kWh", "list<float64>", 0.0, _INF),
    "monthly_irradiation": ("kWh/m2", "list<float64>", 0.0, 500.0),
    "day_power": ("kW", "list<float64>", 0.0, _INF),
    "horizon": ("deg", "list<float64>", -90.0, 90.0),
}


def row(name: str, kind: str, labels: str, definition: str) -> Quantity:
    """Return one row of the register; `labels` holds nl, fr and en between bars."""
    unit, dtype, low, high = _KINDS[kind]
    nodata = UNKNOWN_NUMBER if dtype.startswith("float") else UNKNOWN_OBJECT
    label: dict[str, str] = dict(zip(LANGUAGES, labels.split("|"), strict=True))
    return Quantity(name, unit, dtype, nodata, low, high, definition, MappingProxyType(label))
