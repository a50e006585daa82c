"""When something is missing, old or broken the page says what is the matter and goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.browser

DEMAND = ("consumption_kwh", "self_consumption", "self_sufficiency", "self_consumption_pooled")


def answer_with(page: Any, address: str, change: Callable[[Any], Any]) -> None:
    """Let the page see another answer of the server."""

    def altered(route: Any) -> None:
        content = route.fetch().json()
        route.fulfill(status=200, json=change(content))

    page.route(address, altered)


def said(page: Any) -> str:
    return " ".join(page.locator(".notice, .failure, .empty, .scale-note").all_inner_texts())


def test_a_failed_tile_is_told_and_comes_with_the_retry(visit):
    page = visit.page
    broken = {"now": True}
    page.route(
        "**/tiles/zones/**",
        lambda route: route.abort() if broken["now"] else route.continue_(),
    )
    page.goto(visit.site)
    page.wait_for_selector(".notice")
    assert "laadde niet" in said(page)
    page.locator(".top-item").first.click()
    page.wait_for_selector(".zone-head")
    broken["now"] = False
    page.locator(".notice .link").click()
    page.wait_for_function(
        "() => zonnekaart.map.querySourceFeatures('zones', {sourceLayer: 'zones'}).length > 0"
    )


def test_a_server_that_stops_leaves_what_was_seen(visit, zones):
    page = visit.open("show=table")
    page.route("**/*", lambda route: route.abort())
    page.locator(".table-card tbody th button").first.click()
    page.wait_for_selector(".failure")
    assert "antwoordt niet" in said(page)
    assert page.locator(".table-card tbody tr").count() == len(zones)
    page.unroute("**/*")
    page.locator(".failure .button").click()
    page.wait_for_selector(".zone-head")


def test_a_server_without_results_says_what_to_run(visit):
    page = visit.page
    body = {"code": "not_built", "message": "run publish"}
    page.route("**/api/project", lambda route: route.fulfill(status=503, json=body))
    page.goto(visit.site)
    page.wait_for_selector(".failure")
    assert "zonnekaart run" in said(page)


@pytest.mark.parametrize("gone", [["roof_planes"], ["roof_planes", "buildings", "irradiation"]])
def test_a_project_without_roofs_says_so_in_the_layer_list(visit, gone):
    page = visit.page
    answer_with(
        page,
        "**/api/project",
        lambda found: {**found, "layers": [x for x in found["layers"] if x["id"] not in gone]},
    )

    def without(style: Any) -> Any:
        style["sources"] = {k: v for k, v in style["sources"].items() if k not in gone}
        style["layers"] = [x for x in style["layers"] if x.get("source") not in gone]
        return style

    answer_with(page, "**/api/style.json", without)
    visit.open()
    absent = page.locator("[data-absent]")
    assert {item.get_attribute("data-absent") for item in absent.all()} == set(gone)
    assert "zonnekaart run" in absent.first.inner_text()
    assert page.locator(".chip").count() == 6
    assert visit.complaints == []


def test_a_project_without_demand_shows_dashes_and_no_zeros(visit, zones):
    page = visit.page

    def without(found: Any) -> Any:
        totals = found["totals"]
        empty = {"value": None, "low": None, "high": None, "unit": "kWh"}
        nothing = dict.fromkeys(DEMAND[1:])
        return {**found, "totals": {**totals, "consumption_kwh": empty, **nothing}}

    answer_with(page, "**/api/project", without)
    answer_with(
        page, "**/api/zones", lambda rows: [{**row, **dict.fromkeys(DEMAND)} for row in rows]
    )
    visit.open("sel=-&show=table")
    page.click("#select-shown")
    box = page.locator(".sum-card .totals > div:has(dt:text-is('verbruik')) dd")
    assert box.inner_text().startswith("–")
    assert f"Van {len(zones)} van de {len(zones)} zones" in page.inner_text(".sum-card .hint")
    page.keyboard.press("Escape")
    page.wait_for_selector(".overview")
    overview = page.locator(".totals > div:has(dt:text-is('verbruik')) dd")
    assert overview.inner_text().startswith("–")
    assert visit.complaints == []


def test_a_project_without_zones_says_what_to_run(visit):
    page = visit.page
    answer_with(
        page,
        "**/api/project",
        lambda found: {**found, "classes": [{**c, "zones": 0} for c in found["classes"]]},
    )
    answer_with(page, "**/api/zones", lambda _: [])
    visit.open()
    assert "zonnekaart run" in said(page)


def test_an_empty_zone_opens_and_says_what_is_not_there(visit, zones):
    page = visit.page

    def emptied(found: Any) -> Any:
        lists = ("bottlenecks", "opportunities", "flips", "gaps", "actions")
        figures = {k: {**v, "value": None} for k, v in found["indicators"].items()}
        empty: dict[str, Any] = {**found, **{name: [] for name in lists}}
        return {**empty, "typical_days": None, "monthly": None, "indicators": figures}

    answer_with(page, "**/api/zones/*", emptied)
    visit.open(f"zone={zones[0]['zone_id']}")
    text = page.inner_text(".zone")
    assert "Geen regel vindt een kans" in text
    assert "geen dag- of maandverloop" in text
    assert "NaN" not in text
    assert visit.complaints == []


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ("thema=zon&jaar=2030", ["thema", "jaar"]),
        ("zone=gone", ["gone"]),
        ("layers=oldlayer:1:0.5", ["oldlayer"]),
        ("order=oldlayer,zones", ["oldlayer"]),
        ("class=oude_klasse", ["oude_klasse"]),
        ("sel=gone1,gone2", ["gone1", "gone2"]),
        ("sort=old_column:down&show=table", ["old_column"]),
        ("map=99/1/2", ["map"]),
    ],
)
def test_an_old_link_names_what_it_ignores_and_goes_on(visit, state, named):
    page = visit.open(state)
    text = said(page)
    for name in named:
        assert name in text
    assert page.locator(".overview, .selection").count() == 1
    page.evaluate("zonnekaart.map.zoomTo(15.3, {duration: 0})")
    page.wait_for_function("() => location.hash.includes('map=15.3')")
    kept = page.evaluate("location.hash")
    assert not [name for name in named if name in kept and name != "map"]
    assert visit.complaints == []


def test_a_browser_without_webgl_gets_the_table(visit, zones):
    page = visit.page
    page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = new Proxy("
        "HTMLCanvasElement.prototype.getContext, {apply: (f, self, args) =>"
        " String(args[0]).startsWith('webgl') ? null : Reflect.apply(f, self, args)})"
    )
    page.goto(visit.site)
    page.wait_for_selector(".table-card")
    assert "WebGL" in said(page)
    assert page.locator(".table-card tbody tr").count() == len(zones)


def test_two_projects_do_not_share_a_page_state(visit, zones):
    """The state is the address and nothing else: a fresh page knows nothing of the last one."""
    visit.open(f"zone={zones[0]['zone_id']}&show=table")
    page = visit.open()
    page.goto("about:blank")
    page = visit.open()
    assert page.locator(".overview").count() == 1
    kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert json.loads(kept) == {}


def test_the_answers_behind_these_tests_are_the_real_ones(site):
    """A changed answer would pass unseen if the addresses above were not the page's own."""
    for address in ("/api/project", "/api/style.json", "/api/zones"):
        assert httpx.get(site + address).status_code == 200
