"""The matrices in data/matrix follow their schema, and a broken row says where it is."""

from __future__ import annotations

import shutil

import pytest
import yaml

from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.matrix import load_matrix, matrix_folder


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
    }


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
    with pytest.raises(TableError, match=r"sources\.yaml: SUP-04: access: found 'maybe'"):
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
