"""Published totals over areas and buildings."""

import math

import numpy as np
import pytest

from zonnekaart.energy.demand import (
    StockRates,
    area_totals,
    building_stock,
    covered_interval,
    spread_over_buildings,
    spread_total,
    stock_share,
)
from zonnekaart.errors import TableError

NAN = np.nan


def test_parts_sum_to_the_total_exactly():
    weights = np.random.default_rng(1).random(999)
    total = 8_691_926.20
    assert abs(math.fsum(spread_total(total, weights)) - total) <= math.ulp(total)


def test_total_without_weight_stays_unspread():
    spread = spread_over_buildings(np.array([0, 0]), np.zeros(2), np.array([500.0]))
    np.testing.assert_array_equal(spread.kwh, [0, 0])
    assert spread.residual_kwh[0] == 500.0


def test_buildings_of_an_unknown_area_are_unknown_not_zero():
    spread = spread_over_buildings(np.array([0, -1, 1]), np.ones(3), np.array([50.0, NAN]))
    np.testing.assert_array_equal(spread.kwh, [50.0, NAN, NAN])
    assert np.isnan(spread.spread_kwh[1])


def test_suppressed_area_gets_what_is_left_of_the_higher_total():
    found = area_totals(
        np.array([100.0, NAN, NAN]), np.array([1.0, 1.0, 3.0]), np.ones(3), 180.0, "x"
    )
    np.testing.assert_allclose(found.kwh, [100, 20, 60])
    np.testing.assert_array_equal(found.estimated, [False, True, True])
    assert found.high_kwh[2] >= found.kwh[2] >= found.low_kwh[2]


def test_suppressed_area_without_higher_total_gets_the_mean_per_connection():
    published = np.array([3000.0, 5000.0, NAN])
    found = area_totals(published, np.array([1.0, 1.0, 10.0]), np.ones(3), NAN, "x")
    assert found.kwh[2] == pytest.approx(40_000)
    assert found.low_kwh[2] == pytest.approx(32_000)
    assert found.high_kwh[2] == pytest.approx(48_000)


def test_stock_stands_in_where_connections_are_unknown():
    found = area_totals(
        np.array([1000.0, NAN]), np.array([NAN, NAN]), np.array([10.0, 4.0]), NAN, "x"
    )
    assert found.kwh[1] == pytest.approx(400)


def test_nothing_known_stays_unknown():
    found = area_totals(np.array([NAN]), np.array([5.0]), np.ones(1), NAN, "x")
    assert np.isnan(found.kwh[0])


def test_parts_above_the_higher_total_contradict():
    with pytest.raises(TableError, match="at most the total of 50 kWh"):
        area_totals(np.array([100.0, NAN]), np.ones(2), np.ones(2), 50.0, "x")


def test_stock_share_needs_an_area_wholly_inside():
    connections = np.array([100.0, 200.0])
    share = stock_share(np.array([1.0, 0.5]), np.array([50.0, 75.0]), connections)
    np.testing.assert_allclose(share, [1.0, 0.75])
    assert np.isnan(stock_share(np.array([0.9, 0.5]), np.ones(2), connections)).all()


def test_interval_of_the_covered_share():
    central, low, high = covered_interval(
        np.array([1.0, 0.0, 0.5, 0.2]), np.array([1.0, 0.0, NAN, 0.9])
    )
    np.testing.assert_allclose(central, [1, 0, 0.5, 0.2])
    np.testing.assert_allclose(low, [1, 0, 0.25, 0.1])
    np.testing.assert_allclose(high, [1, 0, 0.75, 0.55])


RATES = StockRates(
    3400.0,
    {"residential": 150.0, "apartments": 95.0, "unknown": 150.0},
    {"residential": 0.0, "commercial": 90.0, "unknown": 12.0, "annex": 0.0},
    30.0,
    500.0,
    60.0,
)


def test_stock_of_known_and_unknown_uses():
    use = np.array(["residential", "residential", "apartments", "commercial", "annex"])
    dwellings = np.array([2.0, NAN, NAN, 0.0, NAN])
    floor = np.array([300.0, 100.0, 950.0, 200.0, 40.0])
    stock = building_stock(use, dwellings, floor, floor, RATES)
    np.testing.assert_allclose(stock.dwellings, [2, 1, 10, 0, 0])
    np.testing.assert_allclose(stock.non_residential, [0, 0, 0, 18_000, 0])
    np.testing.assert_array_equal(stock.assumed, [False, True, True, False, False])


def test_footprints_of_unknown_use_are_judged_by_size():
    use = np.array(["unknown"] * 3)
    footprint = np.array([12.0, 120.0, 900.0])
    stock = building_stock(use, np.full(3, NAN), np.full(3, NAN), footprint, RATES)
    np.testing.assert_allclose(stock.dwellings, [0, 1, 0])
    np.testing.assert_allclose(stock.non_residential, [0, 12 * 120, 60 * 900])
    assert stock.assumed.all()
