"""The six zone classes as people see them: colour, symbol, words. Their only home."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from zonnekaart.quantities import LANGUAGES, ZONE_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_CLASS = "onbekend"
"""The class of a zone whose data is too thin; drawn hatched."""

FILL_OPACITY = 0.6
OUTLINE_PX = 1.5
_DARKER = 0.65


@dataclass(frozen=True)
class ClassLook:
    """
    How one zone class looks and is called.

    Parameters
    ----------
    id : str
        Name in files.
    color : str
        Fill, ``#RRGGBB`` of the Okabe-Ito palette.
    symbol : str
        One character, so that colour is never the only sign.
    label, description : mapping of str to str
        Per language: a word, and one sentence that says what it means.
    """

    id: str
    color: str
    symbol: str
    label: Mapping[str, str]
    description: Mapping[str, str]

    @property
    def outline(self) -> str:
        """Outline: the same hue, darker."""
        return darker(self.color, _DARKER)

    @property
    def image(self) -> str:
        """Id of the map image that the page draws for this class."""
        return f"class-{self.id}"


def darker(color: str, factor: float) -> str:
    """
    Return a colour with every channel multiplied by a factor.

    Parameters
    ----------
    color : str
        ``#RRGGBB``.
    factor : float
        From 0 (black) to 1 (the same).

    Examples
    --------
    >>> darker("#ffffff", 0.5)
    '#808080'
    """
    channels = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(c * factor):02x}" for c in channels)


def _texts(*texts: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(LANGUAGES, texts, strict=True)))


_LOOKS = (
    ClassLook(
        "eigen_gebruik",
        "#009E73",
        "⌂",
        _texts("eigen gebruik", "usage propre", "own use"),
        _texts(
            "Het verbruik onder het dak neemt de meeste zonnestroom op.",
            "La consommation sous le toit absorbe la plus grande part du courant solaire.",
            "Use under the same roof takes most of the solar power.",
        ),
    ),
    ClassLook(
        "delen",
        "#E69F00",
        "⚭",
        _texts("delen", "partage", "sharing"),
        _texts(
            "Overschot van het ene gebouw past bij het verbruik van het andere: delen werkt.",
            "Le surplus d’un bâtiment convient à la consommation d’un autre : le partage marche.",
            "One building’s surplus fits another’s use: sharing works.",
        ),
    ),
    ClassLook(
        "overschot",
        "#D55E00",
        "▲",
        _texts("overschot", "surplus", "surplus"),
        _texts(
            "De daken geven meer dan de zone en haar net aankunnen.",
            "Les toits donnent plus que la zone et son réseau ne peuvent prendre.",
            "The roofs give more than the zone and its grid can take.",
        ),
    ),
    ClassLook(
        "vraag",
        "#0072B2",
        "▼",
        _texts("vraag", "demande", "demand"),
        _texts(
            "Er is meer verbruik dan dak: breng zonnestroom van elders.",
            "La consommation dépasse les toits : apportez du courant solaire d’ailleurs.",
            "There is more use than roof: bring solar power from elsewhere.",
        ),
    ),
    ClassLook(
        "toets",
        "#CC79A7",
        "◎",
        _texts("toets", "à examiner", "needs a check"),
        _texts(
            "Erfgoed, eigendom of een andere regel vraagt eerst een toets.",
            "Patrimoine, propriété ou une autre règle demande d’abord un examen.",
            "Heritage, ownership or another rule asks for a check first.",
        ),
    ),
    ClassLook(
        UNKNOWN_CLASS,
        "#9E9E9E",
        "?",
        _texts("onbekend", "inconnu", "unknown"),
        _texts(
            "De gegevens zijn te dun om een uitspraak te doen.",
            "Les données sont trop minces pour se prononcer.",
            "The data is too thin to say.",
        ),
    ),
)

CLASSES: Mapping[str, ClassLook] = MappingProxyType({look.id: look for look in _LOOKS})
"""All classes by id, in the order in which they are shown."""

if tuple(CLASSES) != ZONE_CLASSES:
    raise AssertionError(f"looks {tuple(CLASSES)} differ from the register {ZONE_CLASSES}")
