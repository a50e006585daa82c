"""Mock-ups of the embedded town: one file that draws itself with the network off."""

from __future__ import annotations

import json
import re
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import duckdb
import geopandas as gpd
import pytest
from playwright.sync_api import sync_playwright

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.storyboards import read_storyboard, storyboard_names
from zonnekaart.io.themes import Theme
from zonnekaart.pipelines.mockups import make
from zonnekaart.pipelines.mockups.layers import LAYER_IDS
from zonnekaart.pipelines.mockups.make import Order, make_mockups
from zonnekaart.pipelines.mockups.words import mockup_words
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.stills import Paper, Printer, find_browser

STORYBOARDS = share_folder("data") / "storyboards"
LANGUAGES = ("nl", "fr", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DRAWN_MS = 60_000
LOADS = re.compile(r"(?:src|href|action|data)\s*=\s*[\"']?(?!data:|#)([^\"'\s>]+)", re.IGNORECASE)
STYLE_LOADS = re.compile(r"(?:url\(|@import)\s*[\"']?(?!data:|#)([^\"')\s]+)")
NAMES = storyboard_names(STORYBOARDS)

pytestmark = pytest.mark.skipif(
    not (share_folder("web") / "vendor" / "leaflet.js").is_file(),
    reason="web/vendor is empty; run: make vendor",
)
needs_browser = pytest.mark.skipif(
    not any(map(shutil.which, BROWSERS)), reason="no Chromium on this machine"
)


@pytest.fixture(scope="module")
def context(town_build):
    return StageContext(project=town_build.project, build=town_build.build)


@pytest.fixture(scope="module")
def pages(context, tmp_path_factory):
    """Every storyboard in every language."""
    folder = tmp_path_factory.mktemp("mockups")
    made = {}
    for language in LANGUAGES:
        paths = make_mockups(context, Order((), ("html",), language), folder)
        made |= {(name, language): path for name, path in zip(NAMES, paths, strict=True)}
    return made


@pytest.fixture(scope="module")
def published(town_build):
    return json.loads((town_build.build / "published.json").read_text(encoding="utf-8"))


def markup_of(page):
    """The page without the insides of its scripts, and its styles."""
    text = page.read_text(encoding="utf-8")
    styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    return re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), styles


def said_in(page):
    """What clicks say, by key."""
    found = re.search(r"const said = (\{.*?\});", page.read_text("utf-8"))
    return json.loads(found[1])


def in_html(text):
    return text.replace("&", "&amp;").replace("'", "&#39;")


def test_there_is_a_storyboard_for_each_of_six_people(pages):
    assert set(NAMES) >= {
        "schepen",
        "energieplanner",
        "cooperatie",
        "syndicus",
        "netbeheerder",
        "bewonersavond",
    }
    drawn = [tuple(read_storyboard(STORYBOARDS, name).layers) for name in NAMES]
    assert len(set(drawn)) >= 5


def test_every_storyboard_in_every_language_tells_its_story(pages, published):
    for (name, language), page in pages.items():
        assert page.name == f"{name}-{language}.html"
        text = page.read_text(encoding="utf-8")
        board = read_storyboard(STORYBOARDS, name)
        assert f'<aside lang="{language}">' in text
        for part in (board.title, board.question, board.answer.title, *board.steps):
            assert in_html(part.in_language(language)) in text
        assert published["summary"][language] in text
        for source in published["sources"]:
            assert source["title"] in text
        assert mockup_words(language)["notice"] in text
        assert mockup_words(language)["uncertain"] in text
        for layer in (*board.layers, *board.optional):
            title = mockup_words(language)[f"layer.{layer}"]
            assert json.dumps(title)[1:-1] in text


def test_every_map_has_opportunities_and_bottlenecks_within_reach(pages):
    for name in NAMES:
        board = read_storyboard(STORYBOARDS, name)
        assert {"opportunities", "bottlenecks"} <= {*board.layers, *board.optional}


def test_every_layer_of_the_schema_can_be_drawn():
    schema = read_storyboard(STORYBOARDS, "schepen").model_json_schema()
    assert set(schema["properties"]["layers"]["items"]["enum"]) == set(LAYER_IDS)


def test_reasons_are_told_with_value_threshold_and_source(pages, town_build):
    said = said_in(pages["energieplanner", "nl"])
    details = zone_details(town_build.build)
    told = 0
    for zone, detail in details.items():
        for reason in (*detail["opportunities"], *detail["bottlenecks"]):
            text = said[f"zone:{zone}"]
            assert in_html(reason["reason"]["nl"]) in text
            assert f"regel {reason['rule_id']}" in text
            if reason["source"]:
                assert "bron: " in text
            told += 1
    assert told > 20


def zone_details(build):
    with duckdb.connect(str(build / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute("SELECT zone_id, detail FROM zone_details").fetchall()
    return {zone: json.loads(detail) for zone, detail in rows}


def test_made_up_data_is_marked_as_such(pages):
    for (_, language), page in pages.items():
        badge = re.search(r'<span class="badge made-up">(.*?)</span>', page.read_text("utf-8"))
        assert badge is not None
        assert badge[1] == mockup_words(language)["illustrative"]


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
    hidden = zones.loc[~zones["published"].astype(bool), "zone_id"].astype(str)
    assert len(hidden) > 0
    for language in LANGUAGES:
        said = said_in(pages["schepen", language])
        label = mockup_words(language)["consumption_kwh"]
        for zone in zones["zone_id"].astype(str):
            row = re.search(f"<tr><th>{label}</th><td>(.*?)</td></tr>", said[f"zone:{zone}"])
            assert bool(re.search(r"\d", row[1])) == (zone not in set(hidden))


def test_before_publish_it_says_what_to_run(context, tmp_path):
    nothing = StageContext(project=context.project, build=tmp_path / "none")
    with pytest.raises(NotBuiltError, match="zonnekaart run"):
        make_mockups(nothing, Order(("schepen",), ("html",), "nl"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_storyboard_is_refused_before_anything_is_read(context, tmp_path):
    nothing = StageContext(project=context.project, build=tmp_path / "none")
    with pytest.raises(ConfigError, match="energieplanner"):
        make_mockups(nothing, Order(("burgers",), ("html",), "nl"), tmp_path)


def test_what_is_there_stays_unless_asked(context, tmp_path):
    present = tmp_path / "schepen-nl.html"
    present.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="overwrite"):
        make_mockups(context, Order(("energieplanner", "schepen"), ("html",), "nl"), tmp_path)
    assert present.read_text("utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [present]


def test_a_theme_gives_name_and_colours(context, tmp_path):
    theme = Theme(municipality="Gemeente <Zon>", accent="#123456")
    order = Order(("schepen",), ("html",), "nl", theme=theme)
    (page,) = make_mockups(context, order, tmp_path)
    text = page.read_text("utf-8")
    assert "Gemeente &lt;Zon&gt;: " in text
    assert "--accent: #123456" in text


@pytest.mark.parametrize(("ending", "head"), [(".pdf", b"%PDF-"), (".png", b"\x89PNG\r\n\x1a\n")])
def test_without_a_browser_matplotlib_draws_the_still(context, tmp_path, monkeypatch, ending, head):
    monkeypatch.setattr(make, "can_print", lambda: False)
    order = Order(("energieplanner",), (ending[1:],), "nl")
    (out,) = make_mockups(context, order, tmp_path)
    content = out.read_bytes()
    assert content.startswith(head)
    assert len(content) > 20_000
    if ending == ".png":
        # A4 landscape at 200 dots per inch.
        assert struct.unpack(">II", content[16:24]) == (2338, 1653)


def test_the_deck_has_a_slide_per_storyboard_with_sources_in_its_notes(
    context, tmp_path, monkeypatch, published
):
    pptx = pytest.importorskip("pptx")
    monkeypatch.setattr(make, "can_print", lambda: False)
    (out,) = make_mockups(context, Order((), ("pptx",), "fr"), tmp_path)
    deck = pptx.Presentation(out)
    assert len(deck.slides) == len(NAMES)
    for slide, name in zip(deck.slides, NAMES, strict=True):
        board = read_storyboard(STORYBOARDS, name)
        assert [shape.name for shape in slide.shapes] == [board.title.fr]
        notes = slide.notes_slide.notes_text_frame.text
        assert board.question.fr in notes
        assert published["run_id"] in notes
        for source in published["sources"]:
            assert f"{source['title']} ({source['date']}; {source['licence']})" in notes


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
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def apart():
    """Run a function in a thread: playwright allows one driver per thread, and one is open."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda work: thread.submit(work).result()


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
@needs_browser
@pytest.mark.parametrize("name", NAMES)
def test_it_draws_itself_without_a_network(pages, look, town_build, name):
    page = pages[name, "nl"]
    seen = look(page)
    outside = [u for u in seen.requests if u != page.as_uri() and not u.startswith("data:")]
    assert outside == []
    assert seen.complaints == []
    zones = gpd.read_parquet(town_build.build / "zones.parquet")
    assert seen.page.locator("path.leaflet-interactive").count() >= len(zones)
    board = read_storyboard(STORYBOARDS, name)
    assert board.title.nl in seen.page.locator("h1").inner_text()
    assert seen.page.locator(".badge.made-up").inner_text() == mockup_words("nl")["illustrative"]
    assert seen.page.locator(".note").count() >= 1
    boxes = seen.page.locator(".leaflet-control-layers-selector")
    assert boxes.count() == len(board.layers) + len(board.optional)
    assert seen.page.locator(".leaflet-control-layers-selector:checked").count() == len(
        board.layers
    )


@pytest.mark.browser
@needs_browser
def test_a_layer_can_be_turned_on(pages, look):
    seen = look(pages["schepen", "nl"])
    before = seen.page.locator("path.leaflet-interactive").count()
    seen.page.get_by_text(mockup_words("nl")["layer.bottlenecks"]).click()
    assert seen.page.locator("path.leaflet-interactive").count() > before


@pytest.mark.browser
@needs_browser
def test_the_page_has_a_title_and_a_language(pages, look):
    seen = look(pages["schepen", "fr"])
    assert "Zonnedorp" in seen.page.title()
    assert seen.page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.browser
@needs_browser
def test_a_click_on_a_zone_says_its_class(pages, look, published):
    seen = look(pages["schepen", "nl"])
    seen.page.locator("path.leaflet-interactive").first.dispatch_event("click")
    said = seen.page.locator(".leaflet-popup-content").inner_text()
    labels = {row["label"]["nl"] for row in published["classes"]}
    assert any(label in said for label in labels)
    assert mockup_words("nl")["annual_yield_kwh"] in said


@pytest.mark.browser
@needs_browser
def test_names_are_text_and_never_script(context, tmp_path, look):
    """A zone is called what the municipality's layer says, whatever that is."""
    build = tmp_path / "build"
    build.mkdir()
    for name in ("zones.parquet", "buildings.parquet", "published.json", "warehouse.duckdb"):
        shutil.copyfile(context.build / name, build / name)
    wicked = "<img src=x onerror=\"document.title='taken'\"></script>`${1}`"
    with duckdb.connect(str(build / "warehouse.duckdb")) as warehouse:
        for zone, detail in warehouse.execute("SELECT * FROM zone_details").fetchall():
            text = json.dumps(json.loads(detail) | {"name": wicked})
            warehouse.execute("UPDATE zone_details SET detail = ? WHERE zone_id = ?", [text, zone])
    order = Order(("schepen",), ("html",), "nl")
    (page,) = make_mockups(StageContext(context.project, build), order, tmp_path)
    seen = look(page)
    zone = seen.page.locator("path.leaflet-interactive").first
    zone.dispatch_event("mouseover")
    zone.dispatch_event("click")
    seen.page.wait_for_selector(".leaflet-popup-content")
    assert seen.page.locator("img[src=x]").count() == 0
    assert wicked in seen.page.locator(".leaflet-popup-content").inner_text()
    assert seen.page.title() != "taken"


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize(("paper", "points"), [("A4", (842.0, 595.0)), ("A3", (1191.0, 842.0))])
def test_stills_are_whole(context, tmp_path, apart, paper, points):
    order = Order(("schepen",), ("pdf", "png"), "nl", Paper(paper))
    pdf, png = apart(lambda: make_mockups(context, order, tmp_path))
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 (\S+) (\S+)\]", content).groups())
    assert (width, height) == pytest.approx(points, abs=1.5)
    picture = png.read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    # Two pixels per pixel of the page.
    assert struct.unpack(">II", picture[16:24]) == tuple(2 * n for n in Paper(paper).size_px)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".pdf", ".png"]


@pytest.mark.browser
@needs_browser
def test_a_page_with_a_script_error_gives_no_still(tmp_path, apart):
    def work():
        with Printer() as printer:
            printer.print("<script>no_such_thing()</script>", tmp_path / "x.png", Paper())

    with pytest.raises(RuntimeError, match="script error"):
        apart(work)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
@needs_browser
def test_stills_are_pdf_or_png(tmp_path, apart):
    def work():
        with Printer() as printer:
            printer.print("<p>zon</p>", tmp_path / "x.svg", Paper())

    with pytest.raises(ConfigError, match="pdf or png"):
        apart(work)
