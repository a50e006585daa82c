"""Selecting zones: by click, box, polygon, area, filter and tick; sums; downloads."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import parse_qs

import pytest

pytestmark = pytest.mark.browser

SPOTS = """(ids) => {
  const box = zonnekaart.map.getCanvas().getBoundingClientRect();
  const found = {};
  for (let y = 70; y < box.height - 60; y += 7) for (let x = 70; x < box.width - 300; x += 7) {
    const features = zonnekaart.map.queryRenderedFeatures([x, y]);
    const zone = features.find((f) => f.sourceLayer === "zones")?.properties.zone_id;
    if (zone && ids.includes(zone)) found[zone] ??= [box.x + x, box.y + y];
  }
  return found;
}"""
CORNERS = """() => {
  const [box, map] = [zonnekaart.map.getCanvas().getBoundingClientRect(), zonnekaart.map];
  const { _sw, _ne } = map.getBounds();
  return { x: box.x, y: box.y, width: box.width, height: box.height };
}"""


def selected(page: Any) -> set[str]:
    """Ids in the address."""
    found = parse_qs(page.evaluate("location.hash.slice(1)")).get("sel", [""])[0]
    return set() if found in {"", "-"} else set(found.split(","))


def inside(page: Any, zones: list[dict[str, Any]], ring: list[tuple[float, float]]) -> set[str]:
    """Zones whose middle is drawn inside a box on the screen."""
    (west, north), (east, south) = ring
    places = page.evaluate(
        "(points) => { const b = zonnekaart.map.getCanvas().getBoundingClientRect();"
        " return points.map((p) => { const s = zonnekaart.map.project(p);"
        " return [b.x + s.x, b.y + s.y] }) }",
        [row["center_lonlat"] for row in zones],
    )
    return {
        str(row["zone_id"])
        for row, (x, y) in zip(zones, places, strict=True)
        if west < x < east and north < y < south
    }


def figure(page: Any, name: str) -> str:
    return page.locator(f".sum-card .totals > div:has(dt:text-is('{name}')) dd").inner_text()


def test_clicks_select_and_the_click_again_lets_go(visit, zones):
    page = visit.open()
    spots = page.evaluate(SPOTS, [row["zone_id"] for row in zones])
    (first, at), (second, there) = list(spots.items())[:2]
    page.keyboard.down("Shift")
    page.mouse.click(*at)
    page.keyboard.up("Shift")
    page.wait_for_selector(".selection")
    page.mouse.click(*there)
    assert selected(page) == {first, second}
    page.mouse.click(*at)
    assert selected(page) == {second}


def test_a_box_selects_zones_whose_middle_lies_in_it(visit, zones):
    page = visit.open("sel=-")
    box = page.evaluate(CORNERS)
    ring = [
        (box["x"] + 80, box["y"] + 80),
        (box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.55),
    ]
    page.click("#select-box")
    page.mouse.move(*ring[0])
    page.mouse.down()
    page.mouse.move(*ring[1], steps=3)
    page.mouse.up()
    wanted = inside(page, zones, ring)
    assert 0 < len(wanted) < len(zones)
    assert selected(page) == wanted
    assert page.locator(".draw-sheet").count() == 0
    assert page.evaluate("document.activeElement.id") == "select-box"


def test_a_polygon_is_made_with_single_taps_and_escape_leaves_it(visit, zones):
    page = visit.open("sel=-")
    box = page.evaluate(CORNERS)
    west, north, east, south = (
        box["x"] + 110,
        box["y"] + 110,
        box["x"] + box["width"] * 0.5,
        box["y"] + box["height"] - 80,
    )
    page.click("#select-polygon")
    page.keyboard.press("Escape")
    assert page.locator(".draw-sheet").count() == 0
    assert page.locator(".selection").count() == 1
    page.click("#select-polygon")
    for corner in ((west, north), (east, north), (east, south), (west, south)):
        page.mouse.click(*corner)
    page.keyboard.press("Enter")
    assert selected(page) == inside(page, zones, [(west, north), (east, south)])


def test_an_area_is_selected_by_name(visit, zones):
    area = next(row["area"] for row in zones if row["area"])
    page = visit.open("sel=-")
    page.select_option("#select-area", area)
    assert selected(page) == {str(row["zone_id"]) for row in zones if row["area"] == area}


def test_the_sum_is_that_of_energy_over_zones_that_show_theirs(visit, zones):
    page = visit.open("sel=-")
    page.click("#select-shown")
    shown = [row for row in zones if row["published"] and row["consumption_kwh"] is not None]
    used = sum(
        row["self_consumption"] * row["annual_yield_kwh"]
        for row in shown
        if row["self_consumption"] is not None
    )
    supply = sum(row["annual_yield_kwh"] for row in shown if row["self_consumption"] is not None)
    assert figure(page, "zelfverbruik").startswith(f"{used / supply * 100:.0f}\u00a0%")
    hidden = len(zones) - len(shown)
    assert hidden > 0
    assert re.search(rf"Van {hidden} van de {len(zones)} zones", page.inner_text(".sum-card .hint"))
    assert f"{len(shown)} van {len(zones)}" in figure(page, "verbruik")


@pytest.mark.parametrize("kind", ["gpkg", "csv", "geojson", "xlsx"])
def test_a_selection_is_downloaded_with_licence_and_system(visit, zones, kind):
    ids = [str(row["zone_id"]) for row in zones[:3]]
    page = visit.open(f"sel={','.join(ids)}")
    page.select_option("#download-format", kind)
    if kind == "geojson":
        assert page.locator("#download-crs").is_disabled()
    else:
        page.select_option("#download-crs", "EPSG:3812")
    with page.expect_download() as waiting:
        page.click(".download button[type=submit]")
    content = waiting.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if kind == "xlsx":
            assert waiting.value.suggested_filename.endswith(".xlsx")
            return
        about = json.loads(archive.read(next(n for n in names if "metadata" in n)))
    assert any(name.endswith(f".{kind}") for name in names)
    assert about["crs"] == ("EPSG:4326" if kind == "geojson" else "EPSG:3812")
    assert all(source["licence"] for source in about["sources"])
    assert about["selection"].startswith("3 of ")


def test_a_failed_download_is_told_and_can_be_tried_again(visit, zones):
    page = visit.open(f"sel={zones[0]['zone_id']}")
    page.route("**/api/selection", lambda route: route.abort())
    page.click(".download button[type=submit]")
    page.wait_for_selector(".notice")
    page.unroute("**/api/selection")
    with page.expect_download():
        page.locator(".notice .link").click()


def test_ticks_in_the_table_select_by_keyboard(visit, zones):
    page = visit.open("sel=-&show=table")
    tick = page.locator("[data-tick]").first
    tick.focus()
    page.keyboard.press("Space")
    name = tick.get_attribute("data-tick")
    assert selected(page) == {name}
    assert page.evaluate("document.activeElement.dataset.tick") == name
    page.keyboard.press("Escape")
    assert page.locator(".selection").count() == 0
    assert selected(page) == set()
