from __future__ import annotations

import pytest

from zonnekaart.cartography.classes import CLASSES, darker
from zonnekaart.quantities import LANGUAGES, ZONE_CLASSES

# Okabe & Ito, Color Universal Design (2008): the palette's hues by name, and a neutral grey.
OKABE_ITO = {
    "eigen_gebruik": "#009E73",
    "delen": "#E69F00",
    "overschot": "#D55E00",
    "vraag": "#0072B2",
    "toets": "#CC79A7",
    "onbekend": "#9E9E9E",
}


def test_classes_are_those_of_the_register_in_its_order():
    assert tuple(CLASSES) == ZONE_CLASSES


def test_colours_are_okabe_ito():
    assert {k: v.color for k, v in CLASSES.items()} == OKABE_ITO


def test_colour_is_never_the_only_sign():
    assert len({look.symbol for look in CLASSES.values()}) == len(CLASSES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_its_own_word_and_a_sentence(language):
    labels = {look.label[language] for look in CLASSES.values()}
    assert len(labels) == len(CLASSES)
    assert all(look.description[language].endswith(".") for look in CLASSES.values())


def _luminance(color: str) -> float:
    """Relative luminance of WCAG 2.1."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("look", CLASSES.values(), ids=lambda look: look.id)
def test_outline_has_contrast_3_on_paper(look):
    paper = _luminance("#f4f1ea")
    assert (paper + 0.05) / (_luminance(look.outline) + 0.05) >= 3.0


def test_darker_ends():
    assert darker("#E69F00", 1.0) == "#e69f00"
    assert darker("#E69F00", 0.0) == "#000000"
