"""Duties to place panels: who is meant, how much is asked, and what a total may tell."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.energy.obligations import ROUNDED_KWP, DutyTerms, obliged, shown_total_kwp

BIG, PUBLIC = 1_000_000.0, 250_000.0
TERMS = DutyTerms(np.array([BIG, PUBLIC]), np.array([12.5, 18.75]))


def test_a_duty_holds_above_its_threshold_for_those_it_speaks_of():
    concerns = np.array([[True, True, True, False], [False, False, True, False]])
    offtake = np.array([BIG, BIG + 1.0, 300_000.0, 5e6])
    holds, kwp = obliged(TERMS, concerns, offtake, np.full(4, 1000.0))
    assert holds.tolist() == [[False, True, False, False], [False, False, True, False]]
    assert kwp.tolist() == [0.0, 12.5, 18.75, 0.0]


def test_of_two_duties_the_one_that_asks_more_counts():
    _, kwp = obliged(TERMS, np.ones((2, 1), bool), np.array([2e6]), np.array([2000.0]))
    assert kwp.tolist() == [37.5]


def test_unknown_offtake_is_unknown_duty_where_one_could_hold():
    concerns = np.array([[True, False], [False, False]])
    holds, kwp = obliged(TERMS, concerns, np.full(2, np.nan), np.full(2, 1000.0))
    assert not holds.any()
    assert np.isnan(kwp[0])
    assert kwp[1] == 0.0


@pytest.mark.parametrize("obliged_buildings", [0, 1, 9])
def test_none_and_a_few_look_the_same(obliged_buildings):
    kwp = np.zeros(40)
    kwp[:obliged_buildings] = 100.0
    assert np.isnan(shown_total_kwp(kwp, np.ones(40, bool), 10, 0.8))


def test_enough_obliged_buildings_give_a_rounded_total():
    kwp = np.r_[np.full(12, 33.0), np.zeros(20)]
    assert shown_total_kwp(kwp, np.ones(32, bool), 10, 0.8) == 4 * ROUNDED_KWP


def test_a_total_of_all_candidates_or_of_one_roof_stays_hidden():
    everyone = np.full(12, 100.0)
    assert np.isnan(shown_total_kwp(everyone, np.ones(12, bool), 10, 0.8))
    one = np.r_[10_000.0, np.full(11, 10.0), np.zeros(20)]
    assert np.isnan(shown_total_kwp(one, np.ones(32, bool), 10, 0.8))


def test_an_unknown_roof_is_not_counted_as_obliged():
    kwp = np.r_[np.full(10, 50.0), np.nan, np.zeros(9)]
    assert shown_total_kwp(kwp, np.ones(20, bool), 10, 0.8) == 500.0
