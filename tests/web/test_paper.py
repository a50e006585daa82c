"""Paper: what the sheet says, and that map and words fit the page that was asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.browser

MEDIA_BOX = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]")
MM_PER_POINT = 25.4 / 72.0


def prepared(visit: Any, state: str, paper: str, turn: str, *, more: bool) -> Any:
    """Open the page, fill the sheet, and stop short of the printer."""
    page = visit.open(state)
    page.evaluate("() => { window.print = () => { window.printed = true } }")
    page.click("#print")
    page.select_option("#print-paper", paper)
    page.select_option("#print-turn", turn)
    page.set_checked("#print-more", more)
    page.click("#print-go")
    page.wait_for_function("() => window.printed === true", timeout=60_000)
    return page


def pages_of(page: Any) -> list[tuple[int, int]]:
    """Width and height of each page in millimetres."""
    content = page.pdf(prefer_css_page_size=True)
    boxes = MEDIA_BOX.findall(content)
    return [(round(float(w) * MM_PER_POINT), round(float(h) * MM_PER_POINT)) for w, h in boxes]


@pytest.mark.parametrize(
    ("paper", "turn", "size"),
    [
        ("a4", "portrait", (210, 297)),
        ("a4", "landscape", (297, 210)),
        ("a3", "portrait", (297, 420)),
        ("a3", "landscape", (420, 297)),
    ],
)
def test_the_map_sheet_is_one_page_of_the_asked_size(visit, paper, turn, size):
    page = prepared(visit, "", paper, turn, more=False)
    assert pages_of(page) == [size]
    image = page.evaluate(
        "() => { const i = document.querySelector('.print-map img');"
        " return [i.naturalWidth / parseFloat(i.style.width), parseFloat(i.style.height)] }"
    )
    assert image[0] == pytest.approx(2.0, abs=0.01)
    assert image[1] > 250


def test_the_sheet_says_what_a_reader_must_know(visit, zones):
    zone = zones[0]
    page = prepared(visit, f"zone={zone['zone_id']}", "a4", "landscape", more=True)
    address = page.url
    page.emulate_media(media="print")
    text = page.locator("#print-sheet").inner_text()
    assert zone["name"] in text
    assert "geen vergunning of offerte" in text
    assert "schattingen met een marge" in text
    assert address in text
    assert "CC0-1.0" in text
    assert re.search(r"1 : [\d\u202f]+", text)
    assert page.locator(".print-legend li").count() == 6
    assert page.locator(".print-bar rect").count() == 2
    assert page.locator(".print-north").count() == 1
    assert page.locator("#panel-heading").is_visible()
    assert not page.locator(".topbar").is_visible()
    assert len(pages_of(page)) >= 2


def test_only_layers_that_are_on_stand_in_the_legend(visit):
    page = prepared(visit, "layers=irradiation:1,supply_sites:0", "a4", "landscape", more=False)
    shown = page.locator(".print-ramp p.strong").all_text_contents()
    assert shown == ["Instraling per jaar (kWh/m²·jaar)"]


def test_the_scale_bar_is_as_long_as_it_says(visit):
    page = prepared(visit, "", "a4", "portrait", more=False)
    metres = page.evaluate(
        """() => {
          const words = document.querySelector(".print-bar text:last-child").textContent;
          const value = Number(words.replace(/[^0-9,]/g, "").replace(",", "."));
          const bar = document.querySelector(".print-bar rect");
          const metres = value * (words.includes("km") ? 1000 : 1);
          return metres / (2 * Number(bar.getAttribute("width")));
        }"""
    )
    scale = page.locator(".print-scale").text_content()
    stated = float(re.sub(r"\D", "", scale.split(":")[1])) * 0.0254 / 96.0
    assert metres == pytest.approx(stated, rel=0.06)
