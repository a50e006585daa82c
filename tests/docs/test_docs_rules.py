"""The pages of all rules are those that the rule files give."""

from __future__ import annotations

from pathlib import Path

import pytest

from zonnekaart.pipelines.rules_document import presets, written_pages

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", ["rules.md", "rules.nl.md", "rules.fr.md"])
def test_a_page_is_current(name):
    expected = written_pages(DOCS)[DOCS / name]
    assert (DOCS / name).read_text(encoding="utf-8") == expected, (
        "write it anew: zonnekaart rules doc --language en > docs/rules.md, and nl, fr"
    )


def test_every_rule_and_step_stands_on_the_page_with_its_source_and_differences():
    standard, cautious, _ = presets()
    text = written_pages(DOCS)[DOCS / "rules.md"]
    for rule in (*standard.rule_set.rules, *standard.rule_set.class_rules):
        assert f"`{rule.id}`" in text
        assert rule.source in text
    assert "peak injection" in text.lower()
    assert text.count("differs in `voorzichtig`") == sum(
        (a.condition, a.when) != (b.condition, b.when)
        for a, b in zip(standard.rule_set.rules, cautious.rule_set.rules, strict=True)
    ) + sum(
        a.conditions != b.conditions
        for a, b in zip(standard.rule_set.class_rules, cautious.rule_set.class_rules, strict=True)
    )
