"""The page for everyone: languages, keyboard, screen readers, narrow screens, paper."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from zonnekaart.config import share_folder

LANGUAGES = ("nl", "fr", "en")
TEXTS_OF_PAGE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("script, noscript, [lang]:not(html)"))
      texts.push(walker.currentNode.data.trim());
  }
  for (const name of ["aria-label", "title", "placeholder"])
    for (const element of document.querySelectorAll(`[${name}]`))
      texts.push(element.getAttribute(name));
  return texts.filter(Boolean);
}"""
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(
    ".table-scroll, .behind-scroll, .maplibregl-map, .visually-hidden, .skip"))
  .map((e) => e.tagName + "." + e.className)"""


def catalogue(language: str) -> dict[str, str]:
    path = share_folder("web") / "lang" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_catalogues_have_the_same_keys():
    dutch, french, english = (catalogue(language) for language in LANGUAGES)
    assert dutch.keys() == french.keys() == english.keys()


@pytest.mark.browser
@pytest.mark.parametrize("state", ["", "show=table", "zone"])
def test_a_change_of_language_changes_every_text(visit, zones, state):
    page = visit.open(f"zone={zones[0]['zone_id']}" if state == "zone" else state)
    for language in ("fr", "en", "nl"):
        page.select_option("#language", language)
        page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=language)
        page.wait_for_selector("#panel[aria-busy=false]")
        own = set(catalogue(language).values())
        others = {
            text
            for other in LANGUAGES
            if other != language
            for text in catalogue(other).values()
            # Single letters are months in a chart.
            if text not in own and len(text) > 1
        }
        shown = set(page.evaluate(TEXTS_OF_PAGE))
        assert shown & others == set()
        assert len(shown & own) > 15


@pytest.mark.browser
@pytest.mark.parametrize(
    "state", ["", "show=table", "zone", "sources", "info", "select", "drawing", "help", "print"]
)
def test_axe_finds_nothing(visit, zones, state):
    ids = ",".join(str(row["zone_id"]) for row in zones[:3])
    known = {"zone": f"zone={zones[0]['zone_id']}", "select": f"sel={ids}&show=table"}
    known["drawing"] = f"sel={ids}"
    page = visit.open(known.get(state, state * ("=" in state)))
    if state == "sources":
        page.click("#sources-open")
    if state == "info":
        page.click("#info-zones")
    if state == "drawing":
        page.click("#select-polygon")
    if state in {"help", "print"}:
        page.click("#help-open" if state == "help" else "#print")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.browser
def test_axe_finds_nothing_on_a_phone(phone, zones):
    page = phone.open(f"zone={zones[0]['zone_id']}")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.browser
@pytest.mark.parametrize("state", ["", "show=table", "zone"])
def test_320_pixels_need_no_sideways_scrolling(phone, zones, state):
    page = phone.open(f"zone={zones[0]['zone_id']}" if state == "zone" else state)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(TOO_WIDE) == []


@pytest.mark.browser
def test_the_sheet_of_a_phone_has_three_heights(phone):
    page = phone.open()
    heights = []
    for key in ("ArrowDown", "ArrowUp", "ArrowUp"):
        page.locator("#sheet-handle").press(key)
        page.wait_for_timeout(400)
        heights.append(page.locator("#panel").bounding_box()["height"])
    assert heights == sorted(heights)
    assert len(set(heights)) == 3


@pytest.mark.browser
def test_the_table_opens_a_zone_by_keyboard_and_escape_leads_back(visit, zones):
    page = visit.open()
    page.locator("#table-toggle").press("Enter")
    assert page.evaluate("document.activeElement.id") == "table-head"
    first = page.locator(".table-card tbody th button").first
    name = first.inner_text()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".zone-head")
    assert page.locator("#panel-heading").inner_text() == name
    page.keyboard.press("Escape")
    page.wait_for_selector(".overview")
    assert page.locator(".table-card").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".table-card").count() == 0


@pytest.mark.browser
def test_a_column_head_sorts_and_says_so(visit, zones):
    page = visit.open("show=table")
    page.click('button[data-sort="annual_yield_kwh"]')
    head = page.locator('th:has(button[data-sort="annual_yield_kwh"])')
    assert head.get_attribute("aria-sort") == "descending"
    best = max(zones, key=lambda row: row["annual_yield_kwh"] or 0)
    assert page.locator("tbody tr").first.get_attribute("data-zone") == best["zone_id"]
    assert page.evaluate("document.activeElement.dataset.sort") == "annual_yield_kwh"
