"""The page on sharing shows the rule sets as they are in the files."""

from pathlib import Path

from zonnekaart.pipelines.sharing_rules_table import markdown_table, rule_rows

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sharing.md"
BEGIN, END = "<!-- rules: zonnekaart sharing rules --markdown -->", "<!-- end of rules -->"


def test_the_page_holds_the_table_of_the_rule_files():
    shown = PAGE.read_text(encoding="utf-8").split(BEGIN, 1)[1].split(END, 1)[0].strip()
    assert shown == markdown_table(rule_rows())
