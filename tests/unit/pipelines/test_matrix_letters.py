"""Letters to holders: complete in each language, with the figures of the build, and safe."""

from __future__ import annotations

import re

import docx
import pandas as pd
import pytest

from zonnekaart.config import load_project
from zonnekaart.errors import ConfigError
from zonnekaart.io.letters import Letter, Part, letter_markdown, write_letter
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.matrix_letters import request_letter
from zonnekaart.pipelines.town import build_town

LANGUAGES = ("nl", "fr", "en")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return load_project(build_town(tmp_path_factory.mktemp("town")))


def text_of(letter):
    parts = [line for part in letter.parts for line in (part.head, *part.paragraphs, *part.items)]
    return "\n".join([*letter.top, letter.subject, *parts, *letter.end, letter.footer])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_has_its_letter_without_holes(project, tmp_path, language):
    matrix = load_matrix()
    for row in [*matrix.missing, *matrix.sources]:
        text = text_of(request_letter(project, tmp_path, row.id, language))
        assert not re.search(r"[{}]|\bNone\b|\bnan\b", text), row.id
        assert row.id in text
        assert re.search("https?://", text), row.id


def test_languages_differ_and_use_the_translated_words(project, tmp_path):
    matrix = load_matrix()
    row = next(r for r in matrix.missing if r.id == "MIS-06")
    texts = {lang: text_of(request_letter(project, tmp_path, row.id, lang)) for lang in LANGUAGES}
    for language, title in matrix.texts("missing", row, "title").items():
        assert title in texts[language]
    assert len(set(texts.values())) == 3


def test_effect_is_that_of_the_build(project, tmp_path):
    pd.DataFrame(
        {
            "zone_id": ["a", "b"],
            "gaps": [["MIS-01"], ["MIS-01"]],
            "indicators": [{"annual_yield_kwh": 1e6}, {"annual_yield_kwh": 2e6}],
        }
    ).to_parquet(tmp_path / "zones.parquet")
    pd.DataFrame(
        {
            "rank": [1],
            "source_id": ["MIS-01"],
            "zones_touched": [2],
            "zones_undecided": [1],
            "expected_zones": [0.7],
            "annual_yield_mwh": [3000.0],
        }
    ).to_parquet(tmp_path / "gap_ranking.parquet")
    text = text_of(request_letter(project, tmp_path, "MIS-01", "en"))
    assert "It touches 2 zones" in text
    assert re.search(r"together 3\W?GWh", text)
    assert "In 1 of them" in text
    assert "up to 0.7 more zones" in text
    assert "not been computed" in text_of(request_letter(project, tmp_path / "no", "MIS-03", "en"))


def test_limits_of_privacy_are_those_of_the_project(project, tmp_path):
    text = text_of(request_letter(project, tmp_path, "MIS-06", "en"))
    assert f"from {project.privacy.k} connections" in text
    assert f"{project.privacy.min_buildings} buildings" in text


def test_unknown_row_is_refused(project, tmp_path):
    with pytest.raises(ConfigError, match="'MIS-99'"):
        request_letter(project, tmp_path, "MIS-99", "nl")


def test_docx_reads_back_with_every_line(project, tmp_path):
    letter = request_letter(project, tmp_path, "MIS-01", "fr")
    write_letter(tmp_path / "brief.docx", letter)
    document = docx.Document(str(tmp_path / "brief.docx"))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [paragraph.text for paragraph in document.sections[0].footer.paragraphs]
    assert set(text_of(letter).split("\n")) - {""} <= set(found)


def test_markdown_takes_no_markup_from_texts():
    letter = Letter("nl", ("Aan: *x*",), "a # b", (Part("", ("<script> | [l](u)",)),))
    text = letter_markdown(letter)
    assert "\\*x\\*" in text
    assert "<script>" not in text.replace("\\<script", "")
    assert "\\[l\\](u)" in text
