"""The zones' look for QGIS: a QML style with the same classes, colours and words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from zonnekaart.cartography.classes import CLASSES, FILL_OPACITY, OUTLINE_PX, UNKNOWN_CLASS

if TYPE_CHECKING:
    from zonnekaart.cartography.classes import ClassLook

_MM_PER_PX = 25.4 / 96.0
"""QGIS measures lines in millimetres, browsers in 1/96 inch. [mm]"""
_ALPHA = round(255 * FILL_OPACITY)
_OPAQUE = 255


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
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22" styleCategories="Symbology">'
        '<renderer-v2 type="categorizedSymbol" attr="zone_class" enableorderby="0" '
        'forceraster="0" symbollevels="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols>"
        "</renderer-v2></qgis>"
    )


def _symbol(number: int, look: ClassLook) -> str:
    style = "b_diagonal" if look.id == UNKNOWN_CLASS else "solid"
    options = {
        "color": _rgba(look.color, _ALPHA),
        "style": style,
        "outline_color": _rgba(look.outline, _OPAQUE),
        "outline_style": "solid",
        "outline_width": f"{OUTLINE_PX * _MM_PER_PX:.2f}",
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
