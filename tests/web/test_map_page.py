"""What a planner does on the map: look, click, filter, search, share, go back."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest

pytestmark = pytest.mark.browser

DRAWN = """(layer) => zonnekaart.map.queryRenderedFeatures()
  .filter((feature) => feature.sourceLayer === layer).length"""
FREE_SPOT = """() => {
  const box = zonnekaart.map.getCanvas().getBoundingClientRect();
  for (let y = 60; y < box.height - 60; y += 11) for (let x = 60; x < box.width - 330; x += 11) {
    const found = zonnekaart.map.queryRenderedFeatures([x, y]);
    if (found.some((f) => ["buildings", "roof_planes"].includes(f.sourceLayer))) continue;
    const zone = found.find((f) => f.sourceLayer === "zones");
    if (zone) return { x: box.x + x, y: box.y + y, zone: zone.properties.zone_id };
  }
  return null;
}"""
ROOF_SPOT = """() => {
  const box = zonnekaart.map.getCanvas().getBoundingClientRect();
  for (let y = 60; y < box.height - 60; y += 5) for (let x = 60; x < box.width - 330; x += 5) {
    const found = zonnekaart.map.queryRenderedFeatures([x, y]);
    if (found.some((f) => f.sourceLayer === "roof_planes")) return { x: box.x + x, y: box.y + y };
  }
  return null;
}"""
NUMBER_WITH_UNIT = re.compile(r"\d\s*(%|×|kWh|MWh|GWh|kW|MW|kWp|MWp|kWh/m²|m²)")


def hash_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(page.evaluate("location.hash.slice(1)"))


def zone_with_reasons(visit: Any, zones: list[dict[str, Any]]) -> dict[str, Any]:
    return max(zones, key=lambda row: row["bottlenecks"] + row["opportunities"])


def test_zones_are_drawn(visit, zones):
    page = visit.open()
    assert page.evaluate(DRAWN, "zones") > 0
    shown = page.locator(".chip-count").all_inner_texts()
    assert sum(int(re.sub(r"\D", "", text)) for text in shown) == len(zones)


@pytest.mark.parametrize("figure", ["opbrengst", "verbruik"])
def test_a_total_stands_beside_its_range(visit, figure):
    box = visit.open().locator(".totals > div", has=visit.page.locator(f"dt:text-is('{figure}')"))
    assert NUMBER_WITH_UNIT.search(box.locator("dd").inner_text())
    ranges = box.locator(".range").all_inner_texts()
    assert sum(bool(re.search(r"\d–\d.*Wh", text)) for text in ranges) == 1


def test_nothing_leaves_the_server_and_nothing_complains(visit, zones):
    page = visit.open()
    page.get_by_role("button", name="Toon de tabel").click()
    page.evaluate("zonnekaart.map.jumpTo({zoom: 18})")
    page.wait_for_timeout(500)
    visit.open(f"zone={zones[0]['zone_id']}")
    assert len(visit.requests) > 10
    assert visit.foreign() == []
    assert visit.complaints == []


def test_a_click_on_a_zone_says_what_and_why(visit):
    page = visit.open()
    spot = page.evaluate(FREE_SPOT)
    assert spot is not None
    page.mouse.click(spot["x"], spot["y"])
    page.wait_for_selector(".zone-head")
    assert hash_of(page)["zone"] == [spot["zone"]]
    assert page.locator(".class-chip strong").inner_text().strip()
    assert page.locator(".figures dt").count() == 5
    assert page.evaluate("document.activeElement.id") == "panel-heading"


def test_reasons_carry_a_number_with_its_unit_and_a_threshold(visit, zones):
    row = zone_with_reasons(visit, zones)
    page = visit.open(f"zone={row['zone_id']}")
    figures = page.locator(".reason-figures").all_text_contents()
    assert len(figures) == row["bottlenecks"] + row["opportunities"] > 0
    for text in figures:
        assert NUMBER_WITH_UNIT.search(text.replace("\u202f", "")), text
        assert "drempel" in text
    assert all(text.strip() for text in page.locator(".reason-text").all_text_contents())


def test_a_roof_tells_its_tilt_and_yield(visit):
    page = visit.open()
    middle = page.evaluate("zonnekaart.map.getCenter().toArray()")
    page.evaluate("(center) => zonnekaart.map.jumpTo({center, zoom: 17.5})", middle)
    page.wait_for_function("() => zonnekaart.map.areTilesLoaded() && !zonnekaart.map.isMoving()")
    page.wait_for_timeout(500)
    spot = page.evaluate(ROOF_SPOT)
    assert spot is not None
    page.mouse.click(spot["x"], spot["y"])
    text = page.locator(".popup").inner_text()
    assert "helling" in text
    assert "kWh/m²" in text
    page.keyboard.press("Escape")
    assert page.locator(".popup").count() == 0


def test_a_class_filters_map_and_table(visit, zones):
    classes = sorted({row["zone_class"] for row in zones})
    page = visit.open("show=table")
    page.locator(f'.chip[data-class="{classes[0]}"]').click()
    wanted = [row for row in zones if row["zone_class"] == classes[0]]
    assert page.locator(".table-card tbody tr").count() == len(wanted)
    assert page.locator(f'.chip[data-class="{classes[0]}"]').get_attribute("aria-pressed") == "true"
    assert hash_of(page)["class"] == [classes[0]]
    page.wait_for_timeout(400)
    drawn = page.evaluate(
        "() => [...new Set(zonnekaart.map.queryRenderedFeatures()"
        ".filter((f) => f.layer.id === 'zones-fill').map((f) => f.properties.zone_class))]"
    )
    assert drawn in ([classes[0]], [])


def test_a_link_restores_zone_layers_and_view(visit, zones):
    zone = zones[-1]
    lon, lat = zone["center_lonlat"]
    page = visit.open(f"map=16.5/{lat:.5f}/{lon:.5f}&zone={zone['zone_id']}&layers=zones:1:0.5")
    assert page.locator("#panel-heading").inner_text() == zone["name"]
    view = page.evaluate("[zonnekaart.map.getZoom(), ...zonnekaart.map.getCenter().toArray()]")
    assert view == pytest.approx([16.5, lon, lat], abs=1e-4)
    assert page.locator("#opacity-zones").input_value() == "50"


def test_back_undoes_the_last_choice(visit, zones):
    page = visit.open()
    page.locator(".top-item").first.click()
    page.wait_for_selector(".zone-head")
    page.go_back()
    page.wait_for_selector(".overview")
    assert "zone" not in hash_of(page)


def test_an_old_link_says_what_it_ignores_and_goes_on(visit):
    page = visit.open("zone=gone&thema=zon")
    assert page.locator(".overview").count() == 1
    said = " ".join(page.locator(".notice").all_inner_texts())
    assert "thema" in said
    assert "gone" in said


def test_search_finds_a_zone_and_a_place(visit, zones):
    page = visit.open()
    box = page.get_by_role("combobox", name="Zoek adres, wijk, zone")
    box.fill(str(zones[0]["name"]))
    page.get_by_role("option").first.wait_for()
    box.press("Enter")
    page.wait_for_selector(".zone-head")
    lon, lat = zones[1]["center_lonlat"]
    box.fill(f"{lat} {lon}")
    box.press("Enter")
    page.wait_for_selector(".pin")
    center = page.evaluate("zonnekaart.map.getCenter().toArray()")
    assert center == pytest.approx([lon, lat], abs=1e-4)


def test_downloads_of_a_zone_are_there(visit, zones):
    page = visit.open(f"zone={zones[0]['zone_id']}")
    for link in page.locator(".downloads a").all():
        answer = page.request.get(visit.site + (link.get_attribute("href") or ""))
        assert answer.ok
        assert len(answer.body()) > 100


def test_a_failed_zone_is_told_and_can_be_tried_again(visit, zones):
    page = visit.open()
    page.route("**/api/zones/*", lambda route: route.abort())
    page.locator(".top-item").first.click()
    page.wait_for_selector(".failure")
    page.unroute("**/api/zones/*")
    page.get_by_role("button", name="Opnieuw proberen").click()
    page.wait_for_selector(".zone-head")


def test_failed_tiles_leave_panel_and_table_usable(visit):
    visit.page.route("**/tiles/**", lambda route: route.abort())
    visit.page.goto(visit.site)
    visit.page.wait_for_selector(".notice")
    assert visit.page.locator(".chip").count() == 6


def test_a_silent_server_is_told(visit):
    visit.page.route("**/api/project", lambda route: route.abort())
    visit.page.goto(visit.site)
    assert "antwoordt niet" in visit.page.locator(".failure h2").inner_text()
