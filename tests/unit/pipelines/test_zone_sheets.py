"""One sheet per zone: all that the panel says, on one page."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, NotBuiltError
from zonnekaart.io.themes import Theme
from zonnekaart.pipelines.drawing.drawn import page_words
from zonnekaart.pipelines.mockups.scene import Scene
from zonnekaart.pipelines.mockups.words import mockup_words
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.zonesheets.make import SheetOrder, make_sheets

SAMPLE = runpy.run_path(str(Path(__file__).resolve().parents[2] / "api" / "sample.py"))
LANGUAGES = ("nl", "fr", "en")
HIDDEN = SAMPLE["HIDDEN"]

pytestmark = pytest.mark.skipif(
    not (share_folder("web") / "vendor" / "noto-sans-latin-400-normal.woff2").is_file(),
    reason="web/vendor is empty; run: make vendor",
)


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets")
    SAMPLE["publish_sample"](folder)
    return StageContext(
        project=SAMPLE["load_project"](folder / "zonnekaart.toml"), build=folder / "build"
    )


@pytest.fixture(scope="module")
def sheets(context, tmp_path_factory):
    """The sheet of every zone in every language, as text without scripts and styles."""
    folder = tmp_path_factory.mktemp("out")
    made = {}
    for language in LANGUAGES:
        for path in make_sheets(context, SheetOrder("html", language), folder):
            zone = path.name.removesuffix(f"-{language}.html")
            made[zone, language] = path.read_text("utf-8")
    return made


def shown(page):
    """What a reader sees, without the case and the tags around it."""
    body = page[page.index("<body>") :]
    body = re.sub(r"<script>.*?</script>", "", body, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", body))


def test_every_zone_has_a_sheet_in_every_language(context, sheets):
    zones = Scene(context).details
    assert len(zones) == 6
    assert set(sheets) == {(zone, language) for zone in zones for language in LANGUAGES}


def test_a_sheet_says_all_that_is_known_of_the_zone(context, sheets):
    published = json.loads((context.build / "published.json").read_text("utf-8"))
    for zone, detail in Scene(context).details.items():
        for language in LANGUAGES:
            text = shown(sheets[zone, language])
            words = page_words(language)
            assert detail.name in text
            assert getattr(detail.sentence, language) in text
            for reason in (*detail.opportunities, *detail.bottlenecks):
                assert getattr(reason.reason, language) in text
                assert reason.rule_id in text
            for flip in detail.flips:
                assert getattr(flip.sentence, language) in text
            for action in detail.actions:
                assert getattr(action.title, language) in text
            for gap in detail.gaps:
                assert getattr(gap.title, language) in text
            for key in ("why", "what_next", "unknowns", "chart.title"):
                assert words[key] in text
            for source in published["sources"]:
                assert source["title"] in text
            assert mockup_words(language)["notice"] in text
            assert published["run_id"] in text


def test_the_map_shows_the_zone_its_neighbours_a_scale_and_north(sheets):
    page = sheets["Z2", "nl"]
    drawing = page[page.index('<svg class="map"') : page.index("</svg>", page.index('class="map"'))]
    neighbours = drawing[drawing.index('id="layer-zones"') : drawing.index('id="layer-buildings"')]
    assert neighbours.count("<path") >= 4
    assert 'id="layer-own"' in drawing
    assert 'class="scale"' in drawing
    assert re.search(r">\d+ m</text>", drawing)
    assert 'class="north"' in drawing


def test_hidden_demand_is_on_no_sheet(sheets):
    shows, hides = shown(sheets["Z2", "nl"]), shown(sheets[HIDDEN, "nl"])
    assert re.search(r"verbruik\s*300.MWh", shows)
    assert not re.search(r"verbruik\s*\d", hides)
    # The line of demand, and what coincides.
    line = 'stroke-width="1.8"'
    assert sheets["Z2", "nl"].count(line) == 2
    assert sheets[HIDDEN, "nl"].count(line) == 0
    assert sheets[HIDDEN, "nl"].count("url(#both)") == 0


def test_a_name_is_text_and_never_markup(context, tmp_path):
    theme = Theme(municipality="<b>Zon</b>")
    order = SheetOrder("html", "nl", ("Z1",), theme)
    (path,) = make_sheets(context, order, tmp_path)
    page = path.read_text("utf-8")
    assert "&lt;b&gt;Zon" in page
    assert "<b>Zon" not in page


def test_nothing_is_loaded_from_outside(sheets):
    page = re.sub(r"<script>.*?</script>", "", sheets["Z1", "nl"], flags=re.DOTALL)
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?(?!data:|#)([^\"'\s>]+)", page) == []


def test_an_unknown_zone_is_refused(context, tmp_path):
    with pytest.raises(ConfigError, match="zonnekaart zones"):
        make_sheets(context, SheetOrder("html", "nl", ("Z99",)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_unless_asked(context, tmp_path):
    present = tmp_path / "Z2-nl.html"
    present.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="overwrite"):
        make_sheets(context, SheetOrder("html", "nl"), tmp_path)
    assert [p.read_text("utf-8") for p in tmp_path.iterdir()] == ["mine"]
    make_sheets(context, SheetOrder("html", "nl", ("Z2",), overwrite=True), tmp_path)
    assert present.read_text("utf-8") != "mine"


def test_before_publish_it_says_what_to_run(tmp_path):
    project = SAMPLE["write_project"](tmp_path)
    unpublished = StageContext(project=project, build=tmp_path / "build")
    with pytest.raises(NotBuiltError, match="publish"):
        make_sheets(unpublished, SheetOrder("html", "nl"), tmp_path / "out")


@pytest.mark.browser
@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="no Chromium on this machine",
)
def test_each_pdf_is_one_page_of_a4(context, tmp_path):
    with ThreadPoolExecutor(1) as thread:
        order = SheetOrder("pdf", "nl")
        paths = thread.submit(make_sheets, context, order, tmp_path).result()
    assert len(paths) == 6
    for path in paths:
        content = path.read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
        width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 (\S+) (\S+)\]", content).groups())
        assert (width, height) == pytest.approx((595.0, 842.0), abs=1.5)
