"""The matrix pages in a browser: no other host, no fault, every language, sort and filter, axe."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

NAMES = ("matrix", "ervaring", "stappenplan")
DRAWN = "#page-body[aria-busy=false] h1"
WIDTH = 320
pytestmark = pytest.mark.browser


def opened(visit, address):
    visit.page.goto(f"{visit.site}/{address}")
    visit.page.wait_for_selector(DRAWN)
    return visit.page


@pytest.mark.parametrize("name", NAMES)
def test_page_calls_no_other_host_and_is_open_to_all(visit, name):
    page = opened(visit, name)
    found = Axe().run(page)
    assert [v["id"] for v in found.response["violations"]] == []
    assert visit.foreign() == []
    assert visit.complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_each_language_has_its_own_heading(visit, name):
    page = opened(visit, name)
    heads = set()
    for language in ("fr", "en", "nl"):
        page.select_option("#language", language)
        page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=language)
        heads.add(page.inner_text("h1"))
    assert len(heads) == 3


@pytest.mark.parametrize("name", NAMES)
def test_narrow_phone_does_not_scroll_sideways(phone, name):
    page = opened(phone, name)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_sources_are_filtered_and_sorted(visit):
    page = opened(visit, "matrix")
    rows = page.locator("section[aria-labelledby=sources-head] tbody tr")
    assert rows.count() == 85
    page.select_option("[data-filter=side]", "grid")
    assert rows.count() == 8
    page.fill("[data-filter=words]", "elia")
    assert 0 < rows.count() < 8
    page.fill("[data-filter=words]", "")
    page.click("[data-sort=confidence]")
    assert page.get_attribute("th:has([data-sort=confidence])", "aria-sort") == "ascending"
    assert page.evaluate("document.activeElement.dataset.sort") == "confidence"


def test_missing_sources_stand_on_top_with_what_they_touch(visit):
    page = opened(visit, "matrix")
    assert page.locator("section").first.get_attribute("aria-labelledby") == "ask-head"
    page.click("#MIS-01 summary")
    assert "matrix letter" in page.inner_text("#MIS-01")
    assert page.locator("#MIS-01 a[href*='zone=']").count() > 0


def test_needs_are_filtered_by_what_is_not_served(visit):
    page = opened(visit, "ervaring")
    page.select_option("[data-filter=served]", "no")
    rows = page.locator("section[aria-labelledby=needs-head] tbody tr")
    assert rows.count() == 8
    assert all("nog niet" in text for text in rows.all_inner_texts())
