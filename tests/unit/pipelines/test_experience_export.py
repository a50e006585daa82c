"""The experience matrix leaves with its joined table, in each format and language."""

from __future__ import annotations

import html
import re
from pathlib import Path

import click
import openpyxl
import pytest

from zonnekaart.cli.main import cli
from zonnekaart.errors import ConfigError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.experience_export import export, joined


def test_every_need_leads_to_an_action_and_where_it_is_served_to_a_place():
    for row in joined(load_matrix()):
        assert row["actions"], row["id"]
        assert bool(row["where"]) == (row["served"] != "no")
        assert all(set(text) == {"nl", "fr", "en"} for text in [*row["actions"], *row["figures"]])


def test_workbook_has_all_lists_and_no_formula(tmp_path):
    matrix = load_matrix()
    export(matrix, "xlsx", tmp_path / "e.xlsx", "nl")
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames[0] == "coverage"
    assert book.sheetnames[-1] == "metadata"
    assert book["coverage"].max_row == 2 + len(matrix.experience.needs)
    for name in ("tools", "sharing_projects", "perimeters"):
        assert book[name].max_row == 2 + len(getattr(matrix.experience, name))
    kinds = {cell.data_type for page in book for row in page for cell in row}
    assert "f" not in kinds


def test_page_calls_no_host_and_has_three_languages(tmp_path):
    export(load_matrix(), "html", tmp_path / "e.html")
    page = (tmp_path / "e.html").read_text("utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", page)
    for need in load_matrix().experience.needs:
        for text in need.feature.model_dump().values():
            assert html.escape(text) in page


def test_markdown_joins_in_the_language_asked_for(tmp_path):
    export(load_matrix(), "md", tmp_path / "e.md", "fr")
    text = (tmp_path / "e.md").read_text("utf-8")
    assert "Carte des opportunités avec lieux classés" in text
    assert text.count("\n## ") == 9


def test_unknown_format_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="xlsx, md, html"):
        export(load_matrix(), "csv", tmp_path / "e.csv")


def test_places_that_needs_name_exist():
    checkout = Path(__file__).resolve().parents[3]
    pages = {"/", "/matrix", "/ervaring", "/stappenplan"}
    for need in load_matrix().experience.needs:
        for place in need.where:
            if place.kind == "command":
                named = place.address.split()[1]
                assert cli.get_command(click.Context(cli), named), place.address
            elif place.kind == "page":
                assert place.address in pages
            elif place.kind == "document":
                assert (checkout / place.address).is_file(), place.address
