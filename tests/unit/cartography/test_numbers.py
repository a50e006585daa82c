"""Numbers as text: Belgian signs, one rounding, always a unit."""

from __future__ import annotations

import math

import pytest

from zonnekaart.cartography.numbers import (
    GROUP,
    SPACE,
    UNKNOWN,
    indicator_range_text,
    indicator_text,
    number_text,
    percent_text,
    quantity_text,
    range_text,
    unit_text,
    whole_text,
)


def plain(text):
    return text.replace(GROUP, " ").replace(SPACE, " ")


@pytest.mark.parametrize(
    ("value", "figures", "expected"),
    [
        (1234.5, 5, "1 234,5"),
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (0.000123, 3, "0,000123"),
        (99950.0, 3, "100 000"),
        (-1234.5, 5, "−1 234,5"),
        (2.5, 1, "3"),
        (1234567.0, 3, "1 230 000"),
    ],
)
def test_numbers_have_belgian_signs_and_are_rounded_once(value, figures, expected):
    assert plain(number_text(value, "nl", figures=figures)) == expected


def test_english_takes_a_decimal_point_and_french_a_comma():
    assert plain(number_text(1234.5, "en", figures=5)) == "1 234.5"
    assert plain(number_text(1234.5, "fr", figures=5)) == "1 234,5"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1_830_000, "kWh", "1,83 GWh"),
        (999.4, "kWh", "999 kWh"),
        (1000, "kW", "1 MW"),
        (85.26, "m2", "85,3 m²"),
        (987.6, "kWh/m2", "988 kWh/m²"),
    ],
)
def test_estimates_step_up_their_unit(value, unit, expected):
    assert plain(quantity_text(value, unit)) == expected


def test_a_range_stands_on_one_step():
    assert plain(range_text(280, 560, "kW")) == "280–560 kW"
    assert plain(range_text(280_000, 1_560_000, "kWh")) == "0,28–1,6 GWh"
    assert range_text(100.1, 100.2, "kW") == ""
    assert range_text(math.nan, 1.0, "kW") == ""


def test_the_kind_of_indicator_decides_its_form():
    assert plain(indicator_text("self_consumption", 0.382)) == "38 %"
    assert plain(indicator_text("headroom_ratio", 2.345)) == "2,3 ×"
    assert plain(indicator_text("dwellings", 12345.4)) == "12 345"
    assert plain(indicator_text("annual_yield_kwh", 1_830_000)) == "1,83 GWh"
    assert plain(indicator_range_text("self_consumption", 0.2, 0.4)) == "20–40 %"
    assert plain(indicator_range_text("headroom_ratio", 0.8, 1.4)) == "0,8–1,4 ×"
    assert plain(indicator_range_text("dwellings", 980, 1200)) == "980–1 200"
    assert plain(indicator_range_text("pv_headroom_kw", 280, 560)) == "280–560 kW"


def test_small_shares_are_not_rounded_to_nothing():
    assert plain(percent_text(0.004)) == "0,4 %"
    assert plain(percent_text(0.0)) == "0 %"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_known_is_a_dash_and_never_zero(value):
    assert percent_text(value) == UNKNOWN
    assert quantity_text(value, "kWh") == UNKNOWN
    assert indicator_text("self_consumption", value) == UNKNOWN


def test_units_of_files_have_a_form_on_screen():
    assert unit_text("m2") == "m²"
    assert unit_text("-") == "%"
    assert plain(whole_text(1234567.5)) == "1 234 568"
