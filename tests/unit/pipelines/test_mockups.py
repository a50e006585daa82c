"""Mock-ups of the embedded town: one file that draws itself with the network off."""

from __future__ import annotations

import json
import re
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import geopandas as gpd
import pytest
from playwright.sync_api import sync_playwright

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.storyboards import read_storyboard, storyboard_names
from zonnekaart.pipelines.mockups import make_mockup
from zonnekaart.pipelines.stills import find_browser, make_still

STORYBOARDS = share_folder("data") / "storyboards"
LABELS = json.loads((share_folder("data") / "templates" / "mockup.json").read_text("utf-8"))
LANGUAGES = ("nl", "fr", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN_MS = 60_000
LOADS = re.compile(r"(?:src|href|action|data)\s*=\s*[\"']?(?!data:|#)([^\"'\s>]+)", re.IGNORECASE)
STYLE_LOADS = re.compile(r"(?:url\(|@import)\s*[\"']?(?!data:|#)([^\"')\s]+)")

needs_vendor = pytest.mark.skipif(
    not (share_folder("web") / "vendor" / "leaflet.js").is_file(),
    reason="web/vendor is empty; run: make vendor",
)
pytestmark = needs_vendor


@pytest.fixture(scope="module")
def pages(town_build, tmp_path_factory):
    """Every storyboard in every language."""
    folder = tmp_path_factory.mktemp("mockups")
    return {
        (name, language): make_mockup(town_build.build, name, folder, language)
        for name in storyboard_names(STORYBOARDS)
        for language in LANGUAGES
    }


@pytest.fixture(scope="module")
def published(town_build):
    return json.loads((town_build.build / "published.json").read_text(encoding="utf-8"))


def markup_of(page):
    """The page without the insides of its scripts, and its styles."""
    text = page.read_text(encoding="utf-8")
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    return re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), styles


def test_every_storyboard_in_every_language_tells_its_story(pages, published):
    assert len(pages) >= 6
    for (name, language), page in pages.items():
        assert page.name == f"{name}-{language}.html"
        text = page.read_text(encoding="utf-8")
        board = read_storyboard(STORYBOARDS, name)
        assert f'<aside lang="{language}">' in text
        for part in (board.title, board.question, *board.steps):
            assert part.in_language(language).replace("'", "&#39;") in text
        for annotation in board.annotations:
            assert annotation.text.in_language(language) in text
        assert published["summary"][language] in text
        for row in published["classes"]:
            assert row["label"][language] in text
        for source in published["sources"]:
            assert source["title"] in text
        assert LABELS[language]["notice"] in text


def test_made_up_data_is_marked_as_such(pages):
    for (_, language), page in pages.items():
        badge = re.search(r'<span class="badge made-up">(.*?)</span>', page.read_text("utf-8"))
        assert badge is not None
        assert badge[1] == LABELS[language]["illustrative"]


def test_no_address_is_loaded(pages):
    for page in pages.values():
        markup, styles = markup_of(page)
        assert len(markup) > 3000
        assert len(styles) > 10_000
        assert LOADS.findall(markup) == []
        assert STYLE_LOADS.findall(styles) == []
        assert "<iframe" not in markup
        assert "<link" not in markup


def test_hidden_demand_is_not_in_the_page(pages, town_build):
    zones = gpd.read_parquet(town_build.build / "zones.parquet")
    hidden = zones[~zones["published"].astype(bool)]
    assert len(hidden) > 0
    for (_, language), page in pages.items():
        text = page.read_text(encoding="utf-8")
        rows = re.findall(r'"properties": (\{.*?"zone_class".*?\})', text)
        label = LABELS[language]["consumption_kwh"]
        shown = {}
        for row in map(json.loads, rows):
            shown[row["zone_id"]] = row[label]
        assert set(shown) == set(zones["zone_id"])
        for zone in zones.itertuples():
            digits = re.search(r"\d", shown[zone.zone_id])
            assert bool(digits) == bool(zone.published)


def test_before_publish_it_says_what_to_run(tmp_path):
    with pytest.raises(NotBuiltError, match="zonnekaart run"):
        make_mockup(tmp_path / "none", "schepen", tmp_path, "nl")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_storyboard_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="energieplanner"):
        make_mockup(tmp_path / "none", "burgers", tmp_path, "nl")


def test_stills_are_pdf_or_png(tmp_path):
    with pytest.raises(ConfigError, match="pdf or png"):
        make_still(tmp_path / "x.html", tmp_path / "x.svg")


# ---- in a browser ----


@dataclass
class Seen:
    """A page as Chromium shows it without a network, and what it asked for."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium():
    """A browser of this module's own."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def still():
    """`make_still` in a thread: playwright allows one driver per thread, and a browser is open."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("no Chromium on this machine")
    with ThreadPoolExecutor(1) as thread:
        yield lambda page, out: thread.submit(make_still, page, out).result()


@pytest.fixture
def look(chromium):
    """Return a function that opens a file with the network off."""
    opened = []

    def open_file(path, viewport=None):
        context = chromium.new_context(
            offline=True, viewport=viewport or {"width": 1440, "height": 900}
        )
        opened.append(context)
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on(
            "console",
            lambda said: seen.complaints.append(said.text) if said.type == "error" else None,
        )
        seen.page.goto(path.as_uri())
        seen.page.wait_for_selector("path.leaflet-interactive", timeout=DRAWN_MS, state="attached")
        return seen

    yield open_file
    for context in opened:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", storyboard_names(STORYBOARDS))
def test_it_draws_itself_without_a_network(pages, look, town_build, name):
    page = pages[name, "nl"]
    seen = look(page)
    outside = [u for u in seen.requests if u != page.as_uri() and not u.startswith("data:")]
    assert outside == []
    assert seen.complaints == []
    zones = gpd.read_parquet(town_build.build / "zones.parquet")
    drawn = seen.page.locator("path.leaflet-interactive").count()
    assert drawn >= len(zones)
    assert seen.page.locator(".symbol").count() == len(zones)
    board = read_storyboard(STORYBOARDS, name)
    assert board.title.nl in seen.page.locator("h1").inner_text()
    assert seen.page.locator(".badge.made-up").inner_text() == LABELS["nl"]["illustrative"]
    assert seen.page.locator(".note").count() >= 1


@pytest.mark.browser
def test_the_page_has_a_title_and_a_language(pages, look):
    seen = look(pages["schepen", "fr"])
    assert "Zonnedorp" in seen.page.title()
    assert seen.page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.browser
def test_a_click_on_a_zone_says_its_class(pages, look, published):
    seen = look(pages["schepen", "nl"])
    seen.page.locator("path.leaflet-interactive").first.dispatch_event("click")
    said = seen.page.locator(".leaflet-popup-content").inner_text()
    labels = {row["label"]["nl"] for row in published["classes"]}
    assert any(label in said for label in labels)
    assert LABELS["nl"]["annual_yield_kwh"] in said


@pytest.mark.browser
def test_names_are_text_and_never_script(town_build, tmp_path, look):
    """A zone is called what the municipality's layer says, whatever that is."""
    build = tmp_path / "build"
    build.mkdir()
    for name in ("zones.parquet", "buildings.parquet", "published.json"):
        shutil.copyfile(town_build.build / name, build / name)
    zones = gpd.read_parquet(build / "zones.parquet")
    wicked = "<img src=x onerror=\"document.title='taken'\"></script>`${1}`"
    zones["name"] = wicked
    zones.to_parquet(build / "zones.parquet")
    seen = look(make_mockup(build, "schepen", tmp_path, "nl"))
    zone = seen.page.locator("path.leaflet-interactive").first
    zone.dispatch_event("mouseover")
    zone.dispatch_event("click")
    seen.page.wait_for_selector(".leaflet-popup-content")
    assert seen.page.locator("img[src=x]").count() == 0
    assert wicked in seen.page.locator(".leaflet-popup-content").inner_text()
    assert seen.page.title() != "taken"


@pytest.mark.browser
@pytest.mark.parametrize(("ending", "head"), [(".pdf", b"%PDF-"), (".png", b"\x89PNG\r\n\x1a\n")])
def test_stills_are_whole(pages, tmp_path, still, ending, head):
    out = still(pages["schepen", "nl"], tmp_path / f"still{ending}")
    content = out.read_bytes()
    assert content.startswith(head)
    assert len(content) > 20_000
    assert list(tmp_path.iterdir()) == [out]
    if ending == ".png":
        assert struct.unpack(">II", content[16:24]) == (1440, 900)
    else:
        assert content.rstrip().endswith(b"%%EOF")
        width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 (\S+) (\S+)\]", content).groups())
        # A4 landscape in points.
        assert (width, height) == pytest.approx((842.0, 595.0), abs=1.0)


@pytest.mark.browser
def test_a_page_with_a_script_error_gives_no_still(tmp_path, still):
    page = tmp_path / "broken.html"
    page.write_text("<script>no_such_thing()</script>", encoding="utf-8")
    with pytest.raises(RuntimeError, match="script error"):
        still(page, tmp_path / "broken.png")
    assert list(tmp_path.iterdir()) == [page]
