from __future__ import annotations

import pytest

from zonnekaart.cartography.scalebar import bar_length_m, length_text


@pytest.mark.parametrize(
    ("room", "length"), [(9.99, 5.0), (10.0, 10.0), (47.0, 20.0), (2500.0, 2000.0), (0.7, 0.5)]
)
def test_the_bar_is_round_and_fits(room, length):
    assert bar_length_m(room) == pytest.approx(length)


@pytest.mark.parametrize("room", [0.0, -1.0, float("nan")])
def test_no_room_is_an_error(room):
    with pytest.raises(ValueError, match="more than 0"):
        bar_length_m(room)


def test_lengths_are_in_metres_up_to_a_kilometre():
    assert [length_text(v) for v in (50.0, 500.0, 1000.0, 20_000.0)] == [
        "50 m",
        "500 m",
        "1 km",
        "20 km",
    ]
