from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from zonnekaart.cartography.ramps import IRRADIATION, NO_DATA, Ramp, nice_ceiling


def test_ends_are_those_of_cividis():
    # Table S1 of Nuñez et al. 2018 begins with (0, 34, 78) and ends with (254, 232, 56).
    assert IRRADIATION.colors[0] == "#00224e"
    assert IRRADIATION.colors[-1] == "#fee838"


def test_lightness_only_rises_so_that_grey_print_keeps_the_order():
    weights = np.array([0.2126, 0.7152, 0.0722])
    lightness = IRRADIATION.table().astype(float) @ weights
    assert (np.diff(lightness) >= -0.5).all()
    assert lightness[-1] - lightness[0] > 150


def test_table_holds_the_stops_at_their_places():
    table = IRRADIATION.table()
    assert table.shape == (256, 3)
    assert table[0].tolist() == [0, 0x22, 0x4E]
    assert table[255].tolist() == [0xFE, 0xE8, 0x38]


def test_legend_steps_touch_and_cover_the_range():
    legend = IRRADIATION.legend()
    assert legend[0]["from"] == 300.0
    assert legend[-1]["to"] == 1200.0
    assert all(a["to"] == b["from"] for a, b in pairwise(legend))


def test_expression_gives_no_data_its_own_colour():
    ramp = Ramp(0.0, 1.0, "-", ("#000000", "#ffffff"))
    assert ramp.expression("x") == [
        "case",
        ["==", ["typeof", ["get", "x"]], "number"],
        ["interpolate", ["linear"], ["get", "x"], 0.0, "#000000", 1.0, "#ffffff"],
        NO_DATA,
    ]


@pytest.mark.parametrize(
    ("value", "top"), [(1830.0, 2000.0), (2.0, 2.0), (0.03, 0.05), (999.0, 1000.0), (0.0, 1.0)]
)
def test_nice_ceiling(value, top):
    assert nice_ceiling(value) == pytest.approx(top)


def test_nice_ceiling_of_unknown():
    assert nice_ceiling(math.nan) == 1.0
