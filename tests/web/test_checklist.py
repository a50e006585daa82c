"""The list of things users of a planning map expect; ``docs/map.md`` says which test is whose."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pyproj
import pytest

pytestmark = pytest.mark.browser

ORDER = """() => zonnekaart.map.getStyle().layers.map((layer) => layer.id)"""
SMALL = """() => {
  const seen = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  return [...document.querySelectorAll("button, select, summary, input, .link")]
    .filter((e) => seen(e) && !e.closest(".visually-hidden, .maplibregl-map"))
    // A box to tick is touched by its words too.
    .map((e) => (e.type === "checkbox" && e.labels[0] ? e.labels[0] : e))
    .map((e) => ({ name: `${e.tagName}.${e.className}#${e.id}`, box: e.getBoundingClientRect() }))
    .filter(({ box }) => box.height < 43.5)
    .map(({ name, box }) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`);
}"""
BARE = re.compile(r"^[\d\u202f,.–\s]+$")


def hash_of(page: Any) -> dict[str, list[str]]:
    return parse_qs(page.evaluate("location.hash.slice(1)"))


# --- 1. search ------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["EPSG:31370", "EPSG:3812", "EPSG:4326"])
def test_search_knows_coordinates_by_their_range(visit, zones, system):
    lon, lat = zones[0]["center_lonlat"]
    way = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
    x, y = way.transform(lon, lat)
    decimals = 6 if system == "EPSG:4326" else 1
    page = visit.open()
    box = page.locator("#search-input")
    box.fill(f"{x:.{decimals}f}, {y:.{decimals}f}")
    box.press("Enter")
    page.wait_for_selector(".pin")
    center = page.evaluate("zonnekaart.map.getCenter().toArray()")
    assert center == pytest.approx([lon, lat], abs=2e-5)


def test_search_finds_streets_areas_and_buildings_by_keyboard(visit, zones):
    page = visit.open()
    box = page.locator("#search-input")
    area = next(row["area"] for row in zones if row["area"])
    for text, kind in ((area, "wijk"), ("kerkstr", "straat"), ("zd-0001", "gebouw")):
        box.fill(text)
        option = page.locator(f"#search-list li:has(span:text-is('{kind}'))").first
        option.wait_for()
        wanted = option.get_attribute("id")
        for _ in range(20):
            if box.get_attribute("aria-activedescendant") == wanted:
                break
            box.press("ArrowDown")
        assert page.locator(f"#{wanted}").get_attribute("aria-selected") == "true"
        before = page.evaluate("zonnekaart.map.getCenter().toArray().join() + location.hash")
        box.press("Enter")
        assert page.locator("#search-list").is_hidden()
        page.wait_for_function(
            "(before) => zonnekaart.map.getCenter().toArray().join() + location.hash !== before",
            arg=before,
        )


# --- 2, 3, 10. layers, legend, facts ----------------------------------------------------------


def test_layers_are_grouped_ordered_and_explained(visit):
    page = visit.open("layers=irradiation:1")
    groups = page.locator(".layer-group").all_inner_texts()
    assert groups[0].lower() == "zones"
    assert len(groups) == len(set(groups)) == 5
    order = page.evaluate(ORDER)
    assert order.index("irradiation") < order.index("zones-fill")
    for _ in range(20):
        button = page.locator("#up-irradiation")
        if button.is_disabled():
            break
        button.press("Enter")
    order = page.evaluate(ORDER)
    assert order.index("irradiation") > order.index("zones-fill")
    assert order.index("irradiation") < order.index("zones-symbol")
    assert order.index("paper") == 0
    assert hash_of(page)["order"][0].startswith("irradiation,")
    page.reload()
    page.wait_for_selector("#map[aria-busy=false]", state="attached", timeout=60_000)
    assert page.evaluate(ORDER) == order


def test_a_layer_out_of_scale_says_why_and_leads_there(visit):
    page = visit.open()
    item = page.locator("[data-layer=roof_planes]")
    assert "out-of-scale" in (item.get_attribute("class") or "")
    assert "verder inzoomt" in item.inner_text()
    page.click("#extent-roof_planes")
    page.wait_for_function("() => zonnekaart.map.getZoom() > 16")
    page.wait_for_selector("[data-layer=roof_planes]:not(.out-of-scale)")
    page.click("#extent-roof_planes")
    page.wait_for_function("() => zonnekaart.map.getZoom() < 16")


def test_a_legend_has_a_unit_belgian_bounds_and_a_class_without_data(visit):
    page = visit.open("layers=irradiation:1")
    item = page.locator("[data-layer=irradiation]")
    assert "kWh/m²·jaar" in item.locator("label").inner_text()
    bounds = item.locator(".ramp-bounds span").all_inner_texts()
    assert "1\u202f100" in bounds
    assert "geen gegevens" in item.inner_text()
    page.uncheck("#layer-irradiation")
    assert item.locator(".ramp").count() == 0


@pytest.mark.parametrize("layer", ["zones", "irradiation"])
def test_the_facts_of_a_layer_are_complete(visit, layer):
    page = visit.open()
    page.click(f"#info-{layer}")
    facts = page.locator(f"[data-layer={layer}] .layer-facts")
    names = facts.locator("dt").all_inner_texts()
    assert names == [
        "Bron", "Datum", "Licentie", "Contact", "Resolutie", "Methode", "Run", "Grenzen"
    ]  # fmt: skip
    values = facts.locator("dd").all_inner_texts()
    assert all(text.strip() for text in values)
    assert "onbekend" not in values
    assert re.search(r"[0-9a-f]{12}", values[6])
    page.keyboard.press("Escape")
    assert facts.count() == 0


# --- 7. permalink -----------------------------------------------------------------------------


def test_a_link_holds_every_choice_and_opens_the_same_view(visit, zones):
    page = visit.open("show=table")
    page.click('button[data-sort="annual_yield_kwh"]')
    page.click(f".chip[data-class={zones[0]['zone_class']}]")
    page.check("#layer-irradiation")
    page.locator("#opacity-irradiation").fill("60")
    page.click("#up-irradiation")
    page.click("#map-select")
    page.click("#select-shown")
    page.evaluate("() => zonnekaart.map.jumpTo({zoom: 15.5})")
    page.wait_for_function("() => location.hash.includes('map=15.5')")
    found = hash_of(page)
    assert set(found) == {"map", "class", "layers", "order", "sel", "sort", "show"}
    state = page.evaluate("location.hash.slice(1)")
    again = visit.open()
    again.goto("about:blank")
    again = visit.open(state)
    assert again.evaluate("location.hash.slice(1)") == state
    assert again.locator("#opacity-irradiation").input_value() == "60"
    assert again.locator("th[aria-sort=descending]").count() == 1
    assert again.locator("[data-tick]:checked").count() > 0


def test_back_and_forward_walk_through_choices(visit):
    page = visit.open()
    page.locator(".chip").first.click()
    page.click("#select-open")
    page.wait_for_selector(".selection")
    page.go_back()
    page.wait_for_selector(".overview")
    assert "class" in hash_of(page)
    page.go_back()
    page.wait_for_function("() => !location.hash.includes('class')")
    page.go_forward()
    page.go_forward()
    page.wait_for_selector(".selection")


# --- 11. units ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "zone", "select"])
def test_no_figure_stands_without_its_unit(visit, zones, state):
    ids = zones[0]["zone_id"]
    page = visit.open({"zone": f"zone={ids}", "select": f"sel={ids}"}.get(state, ""))
    figures = page.locator(".totals dd, .figures dd, .reason-figures .strong").all_inner_texts()
    shown = [text.strip().splitlines()[0] for text in figures if text.strip()]
    assert len(shown) >= 4
    for first in shown:
        assert not BARE.match(first), first
        assert not re.search(r"\d\.\d|\d,\d{3},", first), first


# --- 12. loading ---------------------------------------------------------------------------------


def test_loading_that_lasts_is_shown_per_layer_and_ends(visit):
    page = visit.open()
    held: list[Any] = []
    page.route("**/raster/irradiation/**", lambda route: held.append(route))
    page.check("#layer-irradiation")
    page.wait_for_selector("#progress:not([hidden])", state="attached")
    page.wait_for_selector("[data-layer=irradiation].loading")
    assert page.locator("[data-layer=irradiation]").get_attribute("aria-busy") == "true"
    # The newest handler is asked first, so nothing more is held.
    page.route("**/raster/irradiation/**", lambda route: route.continue_())
    for route in held:
        route.continue_()
    page.wait_for_selector("#progress", state="hidden")
    assert page.locator(".layer.loading").count() == 0


# --- 14. keyboard --------------------------------------------------------------------------------


def test_tab_goes_from_panel_to_map_to_legend_without_a_trap(visit):
    page = visit.open()
    page.evaluate("() => document.getElementById('panel-body').focus()")
    places = []
    for _ in range(80):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "() => { const e = document.activeElement;"
            " return e.closest('.panel') ? 'panel' : e.closest('#map') ? 'map'"
            " : e.closest('#legend') ? 'legend' : e.closest('.footer') ? 'footer' : 'other' }"
        )
        if not places or places[-1] != where:
            places.append(where)
        if where == "footer":
            break
    kept = [place for place in places if place != "other"]
    assert kept == ["panel", "map", "legend", "footer"]


def test_single_keys_help_and_can_be_switched_off(visit):
    page = visit.open()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-input"
    page.keyboard.type("t?")
    assert page.locator("dialog[open], .table-card").count() == 0
    page.keyboard.press("Escape")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("t")
    assert page.locator(".table-card").count() == 1
    page.keyboard.press("?")
    page.wait_for_selector("#help")
    page.uncheck("#help-keys")
    page.keyboard.press("Escape")
    page.wait_for_selector("#help", state="detached")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("t")
    assert page.locator(".table-card").count() == 1


def test_arrows_pan_and_signs_zoom_the_map(visit):
    page = visit.open()
    page.locator("#map canvas").focus()
    before = page.evaluate("zonnekaart.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(lng) => zonnekaart.map.getCenter().lng > lng", arg=before)
    zoom = page.evaluate("zonnekaart.map.getZoom()")
    page.keyboard.press("+")
    page.wait_for_function("(zoom) => zonnekaart.map.getZoom() > zoom", arg=zoom)


# --- 15. phones ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "zone", "select", "show=table", "legend"])
def test_what_a_finger_touches_is_44_pixels_high(phone, zones, state):
    ids = zones[0]["zone_id"]
    known = {"zone": f"zone={ids}", "select": f"sel={ids}", "legend": ""}
    page = phone.open(known.get(state, state))
    if state == "legend":
        page.click(".legend-toggle")
    assert page.evaluate(SMALL) == []


# --- 19, 20. background and no internet -------------------------------------------------------


def test_the_background_is_our_own_and_may_be_switched_off(visit):
    page = visit.open()
    style = page.evaluate("zonnekaart.map.getStyle()")
    ids = [layer["id"] for layer in style["layers"]]
    for name in ("paper", "water", "hillshade", "roads-area", "roads", "background-buildings"):
        assert name in ids
    page.uncheck("#layer-background")
    page.uncheck("#layer-hillshade")
    page.wait_for_timeout(300)
    drawn = page.evaluate(
        "() => zonnekaart.map.queryRenderedFeatures()"
        ".filter((f) => f.source === 'background').length"
    )
    assert drawn == 0
    assert visit.foreign() == []


def test_the_footer_dates_the_data_and_is_honest_about_the_internet(visit):
    page = visit.open()
    footer = page.inner_text("#footer")
    assert "Hoogtes 2021" in footer
    assert "berekend op" in footer
    assert "werkt zonder internet" in footer


def test_with_an_outside_background_the_footer_says_so(visit):
    page = visit.page

    def with_outside(route: Any) -> None:
        found = route.fetch().json()
        layer = {**found["layers"][-1], "id": "outside", "source": "tiles.example"}
        route.fulfill(status=200, json={**found, "layers": [*found["layers"], layer]})

    page.route("**/api/project", with_outside)
    visit.open()
    footer = page.inner_text("#footer")
    assert "tiles.example" in footer
    assert "werkt zonder internet" not in footer
