"""Properties of sources: every code has a heat and a name in each language."""

from __future__ import annotations

from zonnekaart.io.matrix import load_matrix, matrix_folder
from zonnekaart.io.matrix_properties import HEATS, PROPERTIES, properties, read_labels


def test_every_code_has_a_heat_and_a_name():
    labels = read_labels(matrix_folder())
    assert set(PROPERTIES) == set(labels.properties) == set(HEATS)
    for name in PROPERTIES:
        assert set(HEATS[name]) == set(labels.values[name]), name
    for row in load_matrix().sources:
        found = properties(row)
        assert tuple(found) == PROPERTIES
        assert all(part["text"] is not None for part in found.values())


def test_open_viewer_is_not_data_that_loads():
    matrix = load_matrix()
    codes = {row.id: properties(row)["availability"]["code"] for row in matrix.sources}
    assert codes["SUP-01"] == "none"
    assert codes["SUP-04"] == "now"
    assert codes["SUP-02"] in {"ask", "none"}


def test_what_is_to_verify_stays_visible():
    matrix = load_matrix()
    third = [r for r in matrix.sources if "third-party" in r.verification]
    assert third
    assert all(properties(row)["verification"]["heat"] != "good" for row in third)
