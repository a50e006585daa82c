"""Sliders, comparison and filters: what they change is counted, told and held in the link."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

DRAWN_CLASSES = """() => Object.fromEntries(zonnekaart.map.queryRenderedFeatures()
  .filter((f) => f.layer.id === "zones-fill")
  .map((f) => [f.properties.zone_id, f.state.zone_class ?? f.properties.zone_class]))"""
SETTLED_MS = 700
"""Longer than the moment after which panel, table and signs follow a slider."""


def hash_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(page.evaluate("location.hash.slice(1)"))


def chip_counts(page: Any) -> list[int]:
    texts = page.locator(".chip-count").all_inner_texts()
    return [int(re.sub(r"\D", "", text)) for text in texts]


def opened(visit: Any, state: str = "") -> Any:
    page = visit.open(state)
    page.wait_for_selector("#scenario-toggle:visible")
    return page


def move(page: Any, slider: str, value: float) -> None:
    page.locator(slider).evaluate(
        """(input, value) => {
          input.value = value;
          input.dispatchEvent(new Event("input", { bubbles: true }));
          input.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        value,
    )
    page.wait_for_timeout(SETTLED_MS)


def test_a_slider_changes_classes_on_map_panel_and_card(visit, zones):
    page = opened(visit)
    before, drawn = chip_counts(page), page.evaluate(DRAWN_CLASSES)
    page.locator("#scenario-toggle").click()
    move(page, "#lever-adoption", 0.3)
    after = chip_counts(page)
    assert after != before
    assert sum(after) == len(zones)
    said = page.locator(".scenario-status").inner_text()
    changed = int(re.match(r"\d+", said)[0])
    now = page.evaluate(DRAWN_CLASSES)
    assert changed >= sum(now[zone] != drawn[zone] for zone in now) > 0
    assert hash_of(page)["levers"] == ["adoption:0.3"]
    assert "enadering" in page.locator(".scenario-note").inner_text()


def test_hidden_zones_stay_as_published(visit, zones):
    page = opened(visit, "levers=adoption:0.2,headroom:3&show=table")
    page.wait_for_timeout(SETTLED_MS)
    hidden = [row for row in zones if not row["published"]]
    assert hidden
    for row in hidden:
        cells = page.locator(f'tr[data-zone="{row["zone_id"]}"] td').all_inner_texts()
        assert cells[2] == "–"


def test_a_scenario_that_was_computed_says_so(visit):
    page = opened(visit)
    page.locator("#scenario-toggle").click()
    page.locator("#scenario-choice").select_option("helft")
    page.wait_for_timeout(SETTLED_MS)
    assert "Doorgerekend" in page.locator(".scenario-note").inner_text()
    assert page.locator("#lever-adoption").input_value() == "0.5"
    move(page, "#lever-adoption", 0.7)
    assert "enadering" in page.locator(".scenario-note").inner_text()


def test_back_undoes_a_slider_in_one_step(visit):
    page = opened(visit)
    page.locator("#scenario-toggle").click()
    page.locator("#lever-cars").focus()
    move(page, "#lever-cars", 0.5)
    page.go_back()
    page.wait_for_timeout(SETTLED_MS)
    assert "levers" not in hash_of(page)
    assert page.locator("#lever-cars").input_value() == "0"


def test_the_swipe_is_moved_by_keys_and_says_where_it_is(visit):
    page = opened(visit, "levers=adoption:0.3&compare=swipe:base")
    handle = page.get_by_role("slider", name="Grens tussen voor en na")
    handle.wait_for()
    assert page.locator("canvas.maplibregl-canvas").count() == 2
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert handle.get_attribute("aria-valuenow") == "40"
    assert hash_of(page)["compare"] == ["swipe:base:0.4"]
    page.keyboard.press("Home")
    assert handle.get_attribute("aria-valuenow") == "0"
    page.keyboard.press("Escape")
    assert page.locator("canvas.maplibregl-canvas").count() == 1
    assert "compare" not in hash_of(page)


def test_two_maps_side_by_side_show_the_same_place(visit):
    page = opened(visit, "compare=side:rules.voorzichtig")
    page.wait_for_selector("#map-before canvas")
    boxes = [page.locator(place).bounding_box() for place in ("#map-before", "#map")]
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=4)
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1
    assert page.locator("#compare-before").input_value() == "rules.voorzichtig"
    page.locator("#mode-swipe").click()
    assert page.get_by_role("slider", name="Grens tussen voor en na").is_visible()


def test_filters_count_what_the_table_holds(visit, zones):
    low, high = sorted(row["annual_yield_kwh"] for row in zones)[5], 1e12
    page = opened(visit, f"filter=annual_yield_kwh:{low}:{high:.0f}&sure=1&show=table")
    page.wait_for_timeout(SETTLED_MS)
    wanted = {
        row["zone_id"]
        for row in zones
        if row["annual_yield_kwh"] >= low and (row["confidence"] or 0) >= 0.5
    }
    assert page.locator("tbody tr[data-zone]").count() == len(wanted) < len(zones)
    assert page.locator("#zone-count").inner_text().startswith(f"{len(wanted)} van {len(zones)}")
    assert sum(chip_counts(page)) == len(wanted)
    assert set(page.evaluate(DRAWN_CLASSES)) <= wanted
    page.locator("#filter-reset").click()
    page.wait_for_timeout(SETTLED_MS)
    assert page.locator("tbody tr[data-zone]").count() == len(zones)


def test_a_dragged_range_filters_without_losing_the_thumb(visit, zones):
    page = opened(visit)
    page.locator(".filters > summary").click()
    thumb = page.get_by_role("slider", name="opbrengst: ondergrens")
    thumb.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(SETTLED_MS)
    assert page.evaluate("document.activeElement.id") == "filter-annual_yield_kwh-low"
    shown = int(re.match(r"\d+", page.locator("#zone-count").inner_text())[0])
    assert 0 < shown < len(zones)
    assert thumb.get_attribute("aria-valuetext")


def test_a_link_restores_all_of_it(visit):
    state = (
        "levers=adoption:0.4,saving:0.1&rules=ambitieus&compare=swipe:scenario.helft:0.3"
        "&filter=self_consumption:0.1:0.9&sure=1"
    )
    page = opened(visit, state)
    page.wait_for_timeout(SETTLED_MS)
    found = hash_of(page)
    for key, values in parse_qs(state).items():
        assert found[key] == values
    assert page.locator("#scenario-rules").input_value() == "ambitieus"
    assert page.locator("#compare-before").input_value() == "scenario.helft"
    assert page.locator("#filter-sure").is_checked()
    assert visit.complaints == []
    assert visit.foreign() == []


def test_a_link_to_what_is_gone_says_so(visit):
    page = opened(visit, "compare=swipe:scenario.gone")
    said = " ".join(page.locator(".notice").all_inner_texts())
    assert "compare" in said
    assert page.locator("#compare-before").input_value() == "base"


def test_without_the_columns_the_map_still_works(visit):
    visit.page.route("**/api/live", lambda route: route.fulfill(status=503, body="{}"))
    page = visit.open("levers=adoption:0.4")
    page.wait_for_selector(".notice")
    assert "kan hier nog niet" in page.locator(".notice").first.inner_text()
    assert page.locator("#scenario-toggle").is_hidden()
    assert page.locator(".chip").count() == 6


def test_a_zone_tells_what_the_sliders_make_of_it(visit, zones):
    row = next(row for row in zones if row["published"])
    page = opened(visit, f"zone={row['zone_id']}&levers=adoption:0.3")
    strip = page.locator("#zone-strip")
    strip.wait_for()
    assert "→" in strip.inner_text()


def test_panels_and_proposals_are_on_the_map(visit, zones):
    lon, lat = zones[0]["center_lonlat"]
    page = visit.open(f"map=18/{lat}/{lon}&layers=sharing_links:1,sharing_proposals:1")
    page.wait_for_function("zonnekaart.map.areTilesLoaded() && !zonnekaart.map.isMoving()")
    page.wait_for_timeout(SETTLED_MS)
    layers = page.evaluate(
        "() => [...new Set(zonnekaart.map.queryRenderedFeatures().map((f) => f.sourceLayer))]"
    )
    assert "roof_panels" in layers
    # Where no group is large and mixed enough there is no proposal to show.
    assert set(page.evaluate("zonnekaart.map.getStyle().layers.map((l) => l.source)")) >= {
        "sharing_proposals",
        "sharing_links",
    }


@pytest.mark.parametrize("state", ["levers=adoption:0.4&sure=1", "compare=swipe:base"])
def test_axe_finds_nothing_on_sliders_filters_and_two_maps(visit, state):
    page = opened(visit, state)
    page.locator(".filters > summary").click()
    page.wait_for_timeout(SETTLED_MS)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_card_fits_the_narrowest_phone(phone):
    page = opened(phone)
    page.locator("#scenario-toggle").click()
    page.wait_for_selector(".scenario-card:visible")
    box = page.locator(".scenario-card").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    # The map stays in sight above the card.
    assert box["y"] > 120
    page.locator("#compare-swipe").click()
    bar = page.locator(".compare-bar").bounding_box()
    assert bar["x"] + bar["width"] <= 320
