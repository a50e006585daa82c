"""Class colours as people with colour blindness see them: pixels of the page, compared."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

LEAST = {"none": 20.0, "deuteranopia": 7.0, "protanopia": 8.0, "tritanopia": 8.0}
"""Smallest distance between two classes in CIELAB; 2.3 is just noticeable. The closest pair,
``toets`` and ``onbekend`` without green cones, is hatched on one side and has two signs."""


def lab(rgb: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """CIELAB under D65 of an sRGB colour (IEC 61966-2-1, CIE 15)."""
    part = np.array(rgb[:3]) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = matrix @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def class_colours(page: Any) -> dict[str, np.ndarray[Any, Any]]:
    """The band of colour at the left of each class, as it is drawn."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    found = {}
    for chip in page.locator(".chip").all():
        box = chip.bounding_box()
        at = (round(box["x"] + 2), round(box["y"] + box["height"] / 2))
        found[chip.get_attribute("data-class")] = lab(picture.getpixel(at))
    return found


@pytest.mark.parametrize("kind", LEAST)
def test_classes_stay_apart_in_every_kind_of_sight(visit, kind):
    page = visit.open()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
    colours = class_colours(page)
    assert len(colours) == 6
    apart = {
        (a, b): float(np.linalg.norm(colours[a] - colours[b]))
        for a, b in itertools.combinations(colours, 2)
    }
    closest = min(apart, key=apart.__getitem__)
    assert apart[closest] >= LEAST[kind], f"{closest}: {apart[closest]:.1f}"


def test_without_any_colour_the_signs_tell_classes_apart(visit):
    page = visit.open()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    shapes = page.evaluate(
        "() => [...document.querySelectorAll('.chip svg g')].map((g) => g.innerHTML)"
    )
    assert len(set(shapes)) == 6
    assert all(text.strip() for text in page.locator(".chip-word").all_inner_texts())
