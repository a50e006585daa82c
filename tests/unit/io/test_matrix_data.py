"""The matrices in data/matrix follow their schema, and a broken row says where it is."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.matrix import load_matrix, matrix_folder

NUMBER = re.compile(r"\d+(?:[.,\u202f]\d+)*")


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(matrix_folder(), tmp_path / "matrix")
    return tmp_path / "matrix"


def change(folder, name, key, edit):
    path = folder / name
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(content[key])
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_every_row_is_there():
    matrix = load_matrix()
    assert len(matrix.sources) == 85
    assert len(matrix.missing) == 22
    sizes = {
        name: len(getattr(matrix.experience, name)) for name in type(matrix.experience).model_fields
    }
    assert sizes == {
        "tools": 34,
        "sharing_projects": 27,
        "stakeholders": 16,
        "rules": 32,
        "perimeters": 37,
        "apartment_barriers": 23,
        "apartment_steps": 12,
        "recommendations": 18,
        "links": 18,
        "needs": 43,
    }


@pytest.mark.shared
def test_every_row_of_the_research_is_here(shared_research):
    matrix = load_matrix()
    for name, rows in (
        ("datamatrix", matrix.sources),
        ("datamatrix_missing", matrix.missing),
    ):
        found = yaml.safe_load((shared_research / f"{name}.yaml").read_text("utf-8"))
        assert [row["id"] for row in found] == [row.id for row in rows]
    experience = yaml.safe_load((shared_research / "belevingsmatrix.yaml").read_text("utf-8"))
    for name, found in experience.items():
        assert len(getattr(matrix.experience, name)) == len(found), name


@pytest.mark.shared
def test_facts_are_those_of_the_research(shared_research):
    found = yaml.safe_load((shared_research / "datamatrix.yaml").read_text("utf-8"))
    for theirs, ours in zip(found, load_matrix().sources, strict=True):
        for field in ("name", "owner", "fact_address", "verification", "licence", "service"):
            assert " ".join(getattr(ours, field).split()) == " ".join(str(theirs[field]).split())


def test_sides_and_access_are_as_compiled():
    matrix = load_matrix()
    sides = [row.side for row in matrix.sources]
    assert [sides.count(s) for s in ("supply", "demand", "grid", "governance", "context")] == [
        32,
        29,
        8,
        9,
        7,
    ]
    access = [row.access for row in matrix.sources]
    assert [access.count(a) for a in ("open", "on_request", "restricted", "none")] == [61, 6, 10, 8]


def test_every_source_names_an_address_and_what_is_still_to_verify():
    for row in load_matrix().sources:
        assert row.addresses, row.id
        assert row.verification
        assert row.evidence


def test_a_mixed_confidence_keeps_its_words():
    row = load_matrix().source("SUP-01")
    assert row.confidence == "high"
    assert row.confidence_note == "high for 2017 facts, low for present-day data access"


def test_unknown_source_is_none():
    assert load_matrix().source("SUP-99") is None


def test_value_outside_the_enumeration_names_file_row_and_field(copied):
    change(copied, "sources.yaml", "sources", lambda rows: rows[3].update(access="maybe"))
    with pytest.raises(TableError, match=r"sources\.yaml:\d+: SUP-04: access: found 'maybe'"):
        load_matrix(copied)


def test_row_without_address_is_refused(copied):
    change(copied, "sources.yaml", "sources", lambda rows: rows[0].pop("fact_address"))
    with pytest.raises(TableError, match="SUP-01: fact_address: found nothing"):
        load_matrix(copied)


def test_unknown_column_is_refused(copied):
    change(copied, "missing.yaml", "missing", lambda rows: rows[0].update(colour="red"))
    with pytest.raises(TableError, match="MIS-01: colour"):
        load_matrix(copied)


def test_file_that_is_not_yaml_says_so(copied):
    (copied / "missing.yaml").write_text("missing: [", encoding="utf-8")
    with pytest.raises(TableError, match="not YAML"):
        load_matrix(copied)


def test_absent_file_says_so(copied):
    (copied / "experience" / "links.yaml").unlink()
    with pytest.raises(MissingInputError, match=r"links\.yaml"):
        load_matrix(copied)


def translate(folder, edit, language="fr"):
    path = folder / "translations" / f"{language}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def shown_texts():
    """Yield list, id, field and the text in each language, for all that is translated."""
    matrix = load_matrix()
    rows = {
        "recommendations": matrix.experience.recommendations,
        "missing": matrix.missing,
        "sharing_projects": matrix.experience.sharing_projects,
        "stakeholders": matrix.experience.stakeholders,
        "apartment_steps": matrix.experience.apartment_steps,
        "apartment_barriers": matrix.experience.apartment_barriers,
    }
    for name, members in rows.items():
        known = getattr(matrix.translations["nl"], name)
        for row in (member for member in members if member.id in known):
            for field in type(known[row.id]).model_fields:
                yield name, row.id, field, matrix.texts(name, row, field)


def test_every_action_gap_and_example_has_its_texts_in_each_language():
    matrix = load_matrix()
    linked = {name for link in matrix.experience.links for name in link.projects}
    for language in ("nl", "fr"):
        texts = matrix.translations[language]
        assert set(texts.recommendations) == {r.id for r in matrix.experience.recommendations}
        assert set(texts.missing) == {r.id for r in matrix.missing}
        assert linked <= set(texts.sharing_projects)
    assert all(set(texts) == {"nl", "fr", "en"} for *_, texts in shown_texts())


def test_texts_are_translated_and_about_as_long():
    sizes = dict.fromkeys(("nl", "fr", "en"), 0)
    for name, identity, field, texts in shown_texts():
        for language, text in texts.items():
            sizes[language] += len(text)
            assert len(text) <= max(1.3 * len(texts["en"]), len(texts["en"]) + 32), (
                identity,
                field,
            )
        if name in {"recommendations", "missing"} and field != "who_uses_it":
            assert len(set(texts.values())) == 3, (identity, field)
    assert max(sizes.values()) <= 1.15 * sizes["en"]


def test_no_translation_brings_a_number_that_english_does_not_have():
    def numbers(text):
        return {re.sub(r"\D", "", found) for found in NUMBER.findall(text)}

    for _, identity, field, texts in shown_texts():
        for language in ("nl", "fr"):
            assert numbers(texts[language]) <= numbers(texts["en"]), (identity, field, language)


def test_row_without_translation_is_refused(copied):
    translate(copied, lambda texts: texts["missing"].pop("MIS-07"))
    with pytest.raises(TableError, match=r"fr\.yaml:\d+: missing: found no texts for MIS-07"):
        load_matrix(copied)


def test_example_without_translation_is_refused(copied):
    translate(copied, lambda texts: texts["sharing_projects"].pop("p12"), "nl")
    with pytest.raises(TableError, match=r"nl\.yaml:\d+: sharing_projects: found no texts for p12"):
        load_matrix(copied)


def test_translation_of_an_unknown_row_is_refused(copied):
    translate(copied, lambda texts: texts["missing"].update({"MIS-99": texts["missing"]["MIS-01"]}))
    with pytest.raises(TableError, match="found texts for MIS-99"):
        load_matrix(copied)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda row: row.update(titel="x"), "titel"),
        (lambda row: row.pop("why"), "why: found nothing"),
        (lambda row: row.update(proxy=" "), "proxy"),
    ],
)
def test_translation_with_wrong_fields_is_refused(copied, edit, field):
    translate(copied, lambda texts: edit(texts["missing"]["MIS-03"]))
    with pytest.raises(TableError, match=rf"fr\.yaml:\d+: missing\.MIS-03\.{field}"):
        load_matrix(copied)


def test_absent_language_says_so(copied):
    (copied / "translations" / "nl.yaml").unlink()
    with pytest.raises(MissingInputError, match=r"nl\.yaml"):
        load_matrix(copied)
