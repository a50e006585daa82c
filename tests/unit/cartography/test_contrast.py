from __future__ import annotations

import pytest

from zonnekaart.cartography.contrast import contrast_ratio, luminance


def test_black_on_white_is_the_most_and_a_colour_on_itself_the_least():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast_ratio("#7a4a00", "#7a4a00") == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("color", "ratio"), [("#767676", 4.54), ("#777777", 4.48), ("#0000ff", 8.59), ("#ff0000", 4.0)]
)
def test_known_contrasts_with_white(color, ratio):
    """Values that contrast checkers of others give; #767676 is the palest grey that passes."""
    assert contrast_ratio(color, "#ffffff") == pytest.approx(ratio, abs=0.01)
    assert contrast_ratio("#ffffff", color) == contrast_ratio(color, "#ffffff")


def test_green_is_the_lightest_of_the_three_lights():
    assert luminance("#00ff00") > luminance("#ff0000") > luminance("#0000ff") > 0
