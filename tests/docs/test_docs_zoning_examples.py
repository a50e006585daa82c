"""The worked examples on the page are what a run of the embedded town gives."""

from __future__ import annotations

from pathlib import Path

from zonnekaart.pipelines.zoning_examples import examples_page
from zonnekaart.quantities import ZONE_CLASSES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "zoning_examples.md"


def test_the_page_is_what_a_run_of_the_town_gives(town_build):
    found = examples_page(town_build.project, town_build.build)
    assert PAGE.read_text(encoding="utf-8") == found, "run: python scripts/zoning_examples.py"


def test_the_page_has_an_example_of_every_class():
    text = PAGE.read_text(encoding="utf-8")
    for name in ZONE_CLASSES:
        assert f"\n## {name}: " in text
    assert "No zone of this place" not in text
