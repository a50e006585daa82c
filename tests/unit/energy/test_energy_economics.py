"""Benefit, payback and present value against a hand calculation and a plain cash-flow sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonnekaart.energy.economics import (
    Horizon,
    Prices,
    best_first,
    net_present_value,
    simple_payback,
    yearly_benefit,
)

money = st.floats(0.0, 1e6)


def prices(invest=1200.0, avoided=0.25, injection=0.05, upkeep=10.0):
    return Prices(*(np.array([v]) for v in (invest, avoided, injection, upkeep)))


def cash_flow_npv(rate, values):
    """What numpy-financial's ``npv`` gives: the first value is today's."""
    return float(sum(v / (1.0 + rate) ** t for t, v in enumerate(values)))


def test_a_home_by_hand():
    # 4 kWp, 3 600 kWh, a third used: 1 200 x 0.25 + 2 400 x 0.05 - 40 = 380 EUR; 4 800 / 380.
    benefit = yearly_benefit(np.array([4.0]), np.array([1200.0]), np.array([2400.0]), prices())
    assert benefit.tolist() == [380.0]
    assert simple_payback(np.array([4800.0]), benefit)[0] == pytest.approx(12.6316, abs=1e-4)


def test_two_years_by_hand():
    # -1000 + (600 - 50) / 1.1 + (540 - 50 - 100) / 1.21 = -177.69
    found = net_present_value(
        np.array([1000.0]),
        np.array([600.0]),
        np.array([50.0]),
        Horizon(2, 0.1, 0.1),
        ((2, np.array([100.0])),),
    )
    assert found[0] == pytest.approx(-177.6860, abs=1e-4)


@given(
    invest=money,
    income=money,
    upkeep=money,
    rate=st.floats(0.0, 0.2),
    loss=st.floats(0.0, 0.05),
    years=st.integers(1, 40),
)
def test_present_value_is_the_discounted_cash_flow(invest, income, upkeep, rate, loss, years):
    flow = [-invest] + [income * (1 - loss) ** (t - 1) - upkeep for t in range(1, years + 1)]
    found = net_present_value(
        np.array([invest]), np.array([income]), np.array([upkeep]), Horizon(years, rate, loss)
    )
    assert found[0] == pytest.approx(cash_flow_npv(rate, flow), rel=1e-9, abs=1e-3)


@given(st.floats(1.0, 1e6), st.floats(1.0, 1e5))
def test_without_interest_and_loss_value_is_nought_at_payback(invest, benefit):
    years = simple_payback(np.array([invest]), np.array([benefit]))[0]
    whole = int(np.ceil(years))
    if whole > 200:
        return
    nothing = np.zeros(1)
    after = net_present_value(
        np.array([invest]), np.array([benefit]), nothing, Horizon(max(whole, 1), 0.0, 0.0)
    )[0]
    assert -1e-6 * invest <= after <= benefit * (1 + 1e-9)


def test_nothing_earned_never_pays_back_and_unknown_stays_unknown():
    found = simple_payback(np.array([100.0, 100.0, np.nan]), np.array([0.0, np.nan, 10.0]))
    assert np.isinf(found[0])
    assert np.isnan(found[1:]).all()


def test_a_dearer_rate_never_adds_value():
    one = np.array([5000.0]), np.array([500.0]), np.array([0.0])
    values = [net_present_value(*one, Horizon(25, r, 0.005))[0] for r in (0.0, 0.02, 0.04, 0.08)]
    assert values == sorted(values, reverse=True)


def test_the_best_planes_are_filled_until_they_yield_the_demand():
    made = np.array([2000.0, 3000.0, 500.0, 1000.0, 800.0])
    size = np.array([2.5, 3.0, 1.0, 1.0, 1.0])
    owner = np.array([0, 0, 0, 1, 1])
    found = best_first(made, size, owner, np.array([4000.0, 5000.0]))
    assert found.tolist() == [0.5, 1.0, 0.0, 1.0, 1.0]


def test_planes_of_a_building_that_is_not_known_stay_unknown():
    made, size = np.array([2000.0, np.nan, 1000.0]), np.ones(3)
    found = best_first(made, size, np.array([0, 0, 1]), np.array([4000.0, np.nan]))
    assert np.isnan(found).all()


@given(
    st.lists(
        st.tuples(st.floats(1.0, 1e4), st.floats(0.5, 20.0), st.integers(0, 3)),
        min_size=1,
        max_size=12,
    ),
    st.floats(0.0, 2e4),
)
def test_no_more_is_placed_than_wanted_and_no_worse_plane_before_a_better(planes, wanted):
    made, size, owner = (np.array(c) for c in zip(*planes, strict=True))
    part = best_first(made, size, owner.astype(np.int64), np.full(4, wanted))
    for house in np.unique(owner):
        here = owner == house
        placed = (part * made)[here].sum()
        assert placed == pytest.approx(min(wanted, made[here].sum()), rel=1e-9, abs=1e-6)
        used = part[here] > 0.0
        per_kwp = (made / size)[here]
        if used.any() and (part[here] < 1.0).any():
            assert (
                per_kwp[used].min() >= per_kwp[part[here] < 1.0].max() * (1 - 1e-9)
                or (used & (part[here] < 1.0)).any()
            )
