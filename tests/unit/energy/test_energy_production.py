"""Production of planes: shape from sun and sky, level from the known yield."""

import numpy as np
import pytest

from zonnekaart.energy.production import (
    FAIMAN_U0,
    FAIMAN_U1,
    MODULE_TEMPERATURE_COEFFICIENT,
    Planes,
    production_series,
)
from zonnekaart.errors import ShapeMismatchError


def slow_series(case, plane):
    """Write the formula again, step by step, in plain numpy on the whole year."""
    s, p = case.series, case.planes
    height, bearing = np.radians(s.elevation_deg), np.radians(s.azimuth_deg)
    east, north, up, even, ring, below = p.factors[plane]
    incidence = (
        east * np.cos(height) * np.sin(bearing)
        + north * np.cos(height) * np.cos(bearing)
        + up * np.sin(height)
    )
    horizon = p.tan_horizon[plane]
    clear = (1 - s.share) * (np.tan(height) > horizon[s.first])
    clear += s.share * (np.tan(height) > horizon[s.second])
    poa = s.beam * clear * np.maximum(incidence, 0)
    poa += even * s.isotropic + ring * s.ring + below * s.ground
    poa = np.maximum(poa, 0)
    cell = s.temp_air_c + poa / (FAIMAN_U0 + FAIMAN_U1 * s.wind_speed_m_s)
    power = poa * (1 + MODULE_TEMPERATURE_COEFFICIENT * (cell - 25))
    return power / power.sum() * p.annual_yield_kwh[plane]


def test_kernel_equals_the_formula_in_numpy(energy_case):
    case = energy_case(4)
    for building in range(4):
        slow = slow_series(case, 2 * building) + slow_series(case, 2 * building + 1)
        fast = production_series(case.year.sky, case.planes, building)
        np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-12)


def test_year_sums_to_the_known_yield(energy_case):
    case = energy_case(3)
    for building in range(3):
        total = production_series(case.year.sky, case.planes, building).sum()
        expected = case.planes.annual_yield_kwh[2 * building : 2 * building + 2].sum()
        assert total == pytest.approx(expected, rel=1e-12)


def test_no_production_in_the_dark(energy_case):
    case = energy_case(1)
    series = production_series(case.year.sky, case.planes, 0)
    assert (series[case.series.elevation_deg < 0] == 0).all()


def test_south_peaks_later_than_east(energy_case):
    case = energy_case(1)
    turned = []
    for east, north in [(np.sin(0.6), 0.0), (0.0, -np.sin(0.6))]:
        row = np.array([[east, north, np.cos(0.6), 0.9, 0.3, 0.1]])
        planes = Planes(np.array([0, 1]), row, np.zeros((1, 16)), np.array([1000.0]))
        series = production_series(case.year.sky, planes, 0)
        turned.append((series * case.year.clock.quarter).sum() / series.sum())
    assert turned[0] < turned[1] - 2


def test_planes_of_different_lengths_are_refused():
    with pytest.raises(ShapeMismatchError):
        Planes(np.array([0, 1]), np.zeros((2, 6)), np.zeros((1, 16)), np.ones(1))
