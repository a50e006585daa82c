"""Installed panels placed on buildings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.energy.existing import (
    PanelStock,
    existing_annual_yield_kwh,
    placed_power,
    spread_installed,
)
from zonnekaart.errors import InputError, ShapeMismatchError

POWERS = st.lists(
    st.tuples(
        st.one_of(st.just(0.0), st.floats(1e-3, 1e4)), st.one_of(st.just(0.0), st.floats(1e-3, 1e4))
    ),
    max_size=40,
)


@given(POWERS, st.floats(0.0, 1e6))
def test_parts_sum_to_the_total_or_to_all_that_fits(pairs, total):
    weight, most = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    parts = placed_power(total, weight, most)
    fits = math.fsum(most[weight > 0.0])
    assert math.fsum(parts) == pytest.approx(min(total, fits), rel=1e-12, abs=1e-12)
    assert (parts >= 0.0).all()
    assert (parts <= most).all()
    assert (parts[weight == 0.0] == 0.0).all()


@given(POWERS, st.floats(0.0, 1e6), st.randoms(use_true_random=False))
def test_order_of_buildings_does_not_matter(pairs, total, random):
    turned = list(range(len(pairs)))
    random.shuffle(turned)
    weight, most = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    straight = placed_power(total, weight, most)
    shuffled = placed_power(total, weight[turned], most[turned])
    assert shuffled == pytest.approx(straight[turned], rel=1e-9, abs=1e-9)


@given(POWERS, st.floats(0.0, 1e4), st.floats(0.0, 1e4))
def test_a_larger_total_takes_nothing_away(pairs, total, more):
    weight, most = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    less = placed_power(total, weight, most)
    assert (placed_power(total + more, weight, most) >= less - 1e-9 * (1.0 + less)).all()


def test_parts_below_their_maximum_are_proportional():
    parts = placed_power(9.0, np.array([1.0, 2.0, 4.0]), np.array([100.0, 100.0, 3.0]))
    assert parts == pytest.approx([2.0, 4.0, 3.0])


@pytest.mark.parametrize(
    ("total", "weight", "most"),
    [(-1.0, 1.0, 1.0), (np.nan, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, np.nan)],
)
def test_negative_or_unknown_numbers_are_refused(total, weight, most):
    with pytest.raises(InputError, match="negative or unknown"):
        placed_power(total, np.array([weight]), np.array([most]))


def test_shapes_must_agree():
    with pytest.raises(ShapeMismatchError):
        placed_power(1.0, np.ones(2), np.ones(3))


def stock(**changes):
    values = {
        "area": np.array([0, 0, 0, 1, 2, -1]),
        "own_kwp": np.array([4.0, np.nan, np.nan, np.nan, 9.0, np.nan]),
        "weight": np.array([1.0, 1.0, 3.0, 1.0, 1.0, 1.0]),
        "most_kwp": np.full(6, 5.0),
    }
    return PanelStock(**(values | changes))


def test_own_figures_come_first_and_the_rest_is_spread():
    result = spread_installed(stock(), np.ones(6, dtype=bool), np.array([8.0, np.nan, 6.0]))
    assert result.kwp == pytest.approx([np.nan, 1.0, 3.0, np.nan, np.nan, np.nan], nan_ok=True)
    assert result.own_kwp == pytest.approx([4.0, np.nan, 9.0], nan_ok=True)
    assert result.spread_kwp == pytest.approx([4.0, np.nan, 0.0], nan_ok=True)
    # Own figures above the total show as a negative rest, never as panels taken away.
    assert result.residual_kwp == pytest.approx([0.0, np.nan, -3.0], nan_ok=True)


def test_more_than_the_roofs_carry_is_left_over_not_lost():
    result = spread_installed(stock(), np.ones(6, dtype=bool), np.array([20.0, 7.0, np.nan]))
    assert result.kwp[:4] == pytest.approx([np.nan, 5.0, 5.0, 5.0], nan_ok=True)
    assert result.residual_kwp[:2] == pytest.approx([6.0, 2.0])


def test_only_members_get_a_part():
    member = np.array([True, True, False, True, True, True])
    result = spread_installed(stock(), member, np.array([6.0, np.nan, np.nan]))
    assert result.kwp[:3] == pytest.approx([np.nan, 2.0, np.nan], nan_ok=True)


def test_unknown_panels_have_an_unknown_yield():
    existing = np.array([np.nan, 0.0, 2.0, 1.0])
    capacity = np.array([4.0, np.nan, 4.0, np.nan])
    energy = np.array([4000.0, np.nan, 3200.0, np.nan])
    found = existing_annual_yield_kwh(existing, capacity, energy)
    assert found == pytest.approx([np.nan, 0.0, 1600.0, 900.0], nan_ok=True)


def test_without_any_yield_nothing_is_known():
    nothing = np.array([np.nan])
    assert np.isnan(existing_annual_yield_kwh(np.array([1.0]), nothing, nothing)).all()


BUILDINGS = st.lists(
    st.tuples(
        st.integers(-1, 3),
        st.one_of(st.none(), st.floats(0.0, 50.0)),
        st.one_of(st.just(0.0), st.floats(1e-3, 100.0)),
        st.one_of(st.just(0.0), st.floats(1e-3, 100.0)),
        st.booleans(),
    ),
    max_size=40,
)
TOTALS = st.lists(st.one_of(st.none(), st.floats(0.0, 5000.0)), min_size=4, max_size=4)


@given(BUILDINGS, TOTALS)
def test_no_power_is_lost_or_made(rows, totals):
    area = np.array([r[0] for r in rows], dtype=np.int64)
    own = np.array([np.nan if r[1] is None else r[1] for r in rows], dtype=np.float64)
    weight, most = (np.array([r[k] for r in rows], dtype=np.float64) for k in (2, 3))
    member = np.array([r[4] for r in rows], dtype=bool)
    total = np.array([np.nan if t is None else t for t in totals])
    result = spread_installed(PanelStock(area, own, weight, most), member, total)
    known = ~np.isnan(total)
    parts = (result.own_kwp + result.spread_kwp + result.residual_kwp)[known]
    assert parts == pytest.approx(total[known], rel=1e-12, abs=1e-9)
    given_one = ~np.isnan(result.kwp)
    assert (given_one == (member & np.isnan(own) & np.isin(area, np.flatnonzero(known)))).all()
    assert (result.kwp[given_one] <= most[given_one]).all()
    # Something is left over only where every roof that may carry panels is full.
    for number in np.flatnonzero(known):
        if result.residual_kwp[number] > 1e-6:
            inside = given_one & (area == number) & (weight > 0.0)
            assert result.kwp[inside] == pytest.approx(most[inside])
