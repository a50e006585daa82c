"""The look of layers for QGIS: QML styles with the map's classes, colours and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from zonnekaart.cartography.classes import (
    CLASSES,
    FILL_OPACITY,
    OUTLINE_PX,
    UNKNOWN_CLASS,
    darker,
)
from zonnekaart.cartography.ramps import IRRADIATION
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from zonnekaart.cartography.classes import ClassLook

_MM_PER_PX = 25.4 / 96.0
"""QGIS measures lines in millimetres, browsers in 1/96 inch. [mm]"""
_ALPHA = round(255 * FILL_OPACITY)
_OPAQUE = 255


_PLAIN = {"buildings": "#b9b3a8", "supply_sites": "#e6a100", "sharing_groups": "#004f7c"}
_HOLLOW = frozenset({"sharing_groups"})
_THIN_PX = 0.5
_BEYOND = 10_000
_SOLID, _NO_BRUSH, _HATCHED = "solid", "no", "b_diagonal"


def layer_qml(layer: str, language: str = "nl") -> str:
    """
    Return a QML document for a layer of an export.

    Parameters
    ----------
    layer : str
        ``zones`` by class, ``roof_planes`` by irradiation, any other in one colour.
    language : {"nl", "fr", "en"}
        Language of the legend.
    """
    if layer == "zones":
        return zone_qml(language)
    if layer == "roof_planes":
        return _irradiation_qml()
    color = _PLAIN.get(layer, "#b9b3a8")
    brush = _NO_BRUSH if layer in _HOLLOW else _SOLID
    width = OUTLINE_PX if layer in _HOLLOW else _THIN_PX
    symbol = _fill(0, color, darker(color, 0.65), brush, width)
    return _document(
        '<renderer-v2 type="singleSymbol" enableorderby="0" forceraster="0" symbollevels="0">'
        f"<symbols>{symbol}</symbols></renderer-v2>"
    )


def _irradiation_qml() -> str:
    """Return roof planes in the steps and colours of the map."""
    steps = IRRADIATION.legend()
    unit = QUANTITIES["annual_irradiation_kwh_m2"].unit
    last = len(steps) - 1
    # The ends hold what lies beyond, as on the map.
    ranges = "".join(_range(i, step, unit, last) for i, step in enumerate(steps))
    symbols = "".join(
        _fill(i, step["color"], "#3b372f", _SOLID, _THIN_PX) for i, step in enumerate(steps)
    )
    return _document(
        '<renderer-v2 type="graduatedSymbol" attr="annual_irradiation_kwh_m2" '
        'graduatedMethod="GraduatedColor" enableorderby="0" forceraster="0" symbollevels="0">'
        f"<ranges>{ranges}</ranges><symbols>{symbols}</symbols></renderer-v2>"
    )


def _range(number: int, step: dict[str, Any], unit: str, last: int) -> str:
    low, high = step["from"], step["to"]
    ends = (0 if number == 0 else low, _BEYOND if number == last else high)
    return (
        f'<range lower="{ends[0]:g}" upper="{ends[1]:g}" symbol="{number}" render="true" '
        f"label={quoteattr(f'{low:g} - {high:g} {unit}')}/>"
    )


def zone_qml(language: str = "nl") -> str:
    """
    Return a QML document that draws zones by class.

    Parameters
    ----------
    language : {"nl", "fr", "en"}
        Language of the legend.
    """
    looks = list(CLASSES.values())
    categories = "".join(
        f'<category value={quoteattr(look.id)} symbol="{i}" render="true" '
        f"label={quoteattr(f'{look.symbol} {look.label[language]}')}/>"
        for i, look in enumerate(looks)
    )
    symbols = "".join(_symbol(i, look) for i, look in enumerate(looks))
    return _document(
        '<renderer-v2 type="categorizedSymbol" attr="zone_class" enableorderby="0" '
        'forceraster="0" symbollevels="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols>"
        "</renderer-v2>"
    )


def _document(renderer: str) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22" styleCategories="Symbology">{renderer}</qgis>'
    )


def _symbol(number: int, look: ClassLook) -> str:
    brush = _HATCHED if look.id == UNKNOWN_CLASS else _SOLID
    return _fill(number, look.color, look.outline, brush, OUTLINE_PX)


def _fill(number: int, color: str, outline: str, brush: str, width_px: float) -> str:
    options = {
        "color": _rgba(color, _ALPHA),
        "style": brush,
        "outline_color": _rgba(outline, _OPAQUE),
        "outline_style": "solid",
        "outline_width": f"{width_px * _MM_PER_PX:.2f}",
        "outline_width_unit": "MM",
    }
    lines = "".join(
        f'<Option name="{name}" type="QString" value={quoteattr(value)}/>'
        for name, value in options.items()
    )
    return (
        f'<symbol name="{number}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{lines}</Option></layer></symbol>'
    )


def _rgba(color: str, alpha: int) -> str:
    return ",".join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"
