"""The glossary and the register say the same, and each quantity is told in three languages."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from zonnekaart.quantities import (
    INDICATORS,
    LANGUAGES,
    QUANTITIES,
    UnknownQuantityError,
    interval_of,
    quantity,
)

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"


def rows():
    text = GLOSSARY.read_text(encoding="utf-8").split("## Quantities", 1)[1]
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in cells}


def span(known):
    if math.isnan(known.low):
        return "–"
    return f"≥ {known.low:g}" if math.isinf(known.high) else f"{known.low:g} to {known.high:g}"


def test_glossary_and_register_hold_the_same_names():
    assert set(rows()) == set(QUANTITIES)


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_glossary_and_register_agree(name):
    known = QUANTITIES[name]
    assert rows()[name] == [
        known.unit or "–",
        known.dtype,
        span(known),
        known.nodata,
        *(known.label[language] for language in LANGUAGES),
        known.definition,
    ]


def test_every_quantity_is_defined_in_one_sentence():
    for known in QUANTITIES.values():
        assert known.definition.endswith("."), known.name
        assert all(known.label[language] for language in LANGUAGES), known.name


def test_names_end_in_their_unit():
    ends = {"kWh": "_kwh", "kW": "_kw", "kWp": "_kwp", "m2": "_m2", "deg": "_deg", "m": "_m"}
    for known in QUANTITIES.values():
        end = ends.get(known.unit)
        if end:
            assert known.name.endswith(end) or "kwh" in known.name, known.name


def test_floats_are_unknown_as_nan_and_objects_as_null():
    for known in QUANTITIES.values():
        assert known.nodata == ("NaN" if known.dtype == "float64" else "null"), known.name


def test_indicators_are_registered_numbers():
    assert len(set(INDICATORS)) == len(INDICATORS) == 56
    assert all(quantity(name).dtype == "float64" for name in INDICATORS)


def test_intervals_are_found_by_name():
    assert interval_of("pv_headroom_kw") == ("pv_headroom_low_kw", "pv_headroom_high_kw")
    assert interval_of("headroom_ratio") is None


def test_an_unknown_name_is_refused_with_a_hint():
    with pytest.raises(UnknownQuantityError, match=r"glossary\.md"):
        quantity("annual_yield")
