"""The balance kernel against an independent implementation in pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammainc

from zonnekaart.energy.balance import balance, pieces_of, pooled_use, unit_balance
from zonnekaart.energy.production import production_series
from zonnekaart.energy.series import Loads
from zonnekaart.energy.variation import load_spread
from zonnekaart.errors import ShapeMismatchError


def run(case, unit, loads=None):
    result, units = balance(
        case.year, case.planes, loads or case.loads, np.asarray(unit, dtype=np.int64), case.table
    )
    return result, list(units)


def frames(case):
    """Production and load of every building as frames over local time."""
    clock = case.year.clock
    local = pd.DatetimeIndex(clock.start_utc, tz="UTC").tz_convert("Europe/Brussels")
    buildings = range(len(case.loads.energy_kwh))
    production = {b: production_series(case.year.sky, case.planes, b) for b in buildings}
    load = {
        b: sum(
            case.loads.energy_kwh[b, c] * case.year.profiles[case.loads.profile[b, c]]
            for c in (0, 1)
        )
        for b in buildings
    }
    return pd.DataFrame(production, index=local), pd.DataFrame(load, index=local)


def test_fifty_buildings_against_pandas(energy_case):
    case = energy_case(50)
    result, _ = run(case, np.zeros(50))
    production, load = frames(case)
    used = production.where(production < load, load)
    np.testing.assert_allclose(result.annual_yield_kwh, production.sum(), rtol=1e-9)
    np.testing.assert_allclose(result.self_consumed_kwh, used.sum(), rtol=1e-9)
    np.testing.assert_allclose(result.peak_injection_kw, (production - used).max() * 4, rtol=1e-9)
    np.testing.assert_allclose(result.peak_offtake_kw, (load - used).max() * 4, rtol=1e-9)
    months = production.groupby(production.index.month).sum().T
    np.testing.assert_allclose(result.monthly_yield_kwh, months, rtol=1e-9, atol=1e-9)
    months = load.groupby(load.index.month).sum().T
    np.testing.assert_allclose(result.monthly_consumption_kwh, months, rtol=1e-9)


def test_units_against_pandas(energy_case):
    case = energy_case(12)
    unit = np.array([0, 1, 1, 0, -1, 1, 2, 2, 0, 1, -1, 2])
    _, units = run(case, unit)
    production, load = frames(case)
    assert [u.unit for u in units] == [0, 1, 2]
    for series in units:
        members = np.flatnonzero(unit == series.unit)
        p, d = production[members].sum(axis=1), load[members].sum(axis=1)
        np.testing.assert_allclose(series.production, p, atol=1e-9)
        np.testing.assert_allclose(series.demand, d, atol=1e-9)
        figures = unit_balance(series, case.year.clock, case.loads.spread_of_one, case.table)
        assert figures.pooled_kwh == pytest.approx(np.minimum(p, d).sum())
        assert figures.pv_peak_kw == pytest.approx(p.max() * 4)
        assert figures.peak_injection_kw == pytest.approx((p - np.minimum(p, d)).max() * 4)
        assert figures.min_load_sunny_kw == pytest.approx(d[p >= p.max() / 2].min() * 4)
        june = p[p.index.month == 6]
        day = june.groupby(june.index.hour * 4 + june.index.minute // 15).mean() * 4
        np.testing.assert_allclose(figures.june_supply_kw, day, atol=1e-9)


def test_a_large_unit_is_cut_into_pieces_and_added_again(energy_case):
    case = energy_case(70)
    order, pieces = pieces_of(np.zeros(70, dtype=np.int64))
    assert len(pieces) == 3
    np.testing.assert_array_equal(order, np.arange(70))
    result, (series,) = run(case, np.zeros(70))
    assert series.production.sum() == pytest.approx(result.annual_yield_kwh.sum(), rel=1e-12)
    assert series.used.sum() == pytest.approx(result.self_consumed_kwh.sum(), rel=1e-12)


def test_runs_repeat_to_the_last_bit(energy_case):
    case = energy_case(40, spread=(1.0, 0.6))
    unit = np.arange(40) % 3
    (a, units_a), (b, units_b) = run(case, unit), run(case, unit)
    np.testing.assert_array_equal(a.self_consumed_kwh, b.self_consumed_kwh)
    for x, y in zip(units_a, units_b, strict=True):
        np.testing.assert_array_equal(x.production, y.production)


def test_unknown_consumption_is_nan_and_zero_is_zero(energy_case):
    case = energy_case(3)
    energy = np.array([[np.nan, 0.0], [0.0, 0.0], [3500.0, 0.0]])
    loads = Loads(energy, np.ones((3, 2)), case.loads.profile, case.loads.spread_of_one)
    result, units = run(case, [0, 1, 2], loads)
    assert np.isnan(result.self_consumed_kwh[0])
    assert np.isnan(result.consumption_kwh[0])
    assert result.self_consumed_kwh[1] == 0
    assert result.consumption_kwh[1] == 0
    assert np.isnan(units[0].demand).all()
    assert np.isnan(pooled_use(units[0], loads.spread_of_one, case.table)).all()
    assert result.annual_yield_kwh[0] > 0


def test_unknown_yield_is_nan(energy_case):
    case = energy_case(2)
    case.planes.annual_yield_kwh[0] = np.nan
    result, _ = run(case, [0, 0])
    assert np.isnan(result.annual_yield_kwh[0])
    assert np.isnan(result.self_consumed_kwh[0])
    assert np.isfinite(result.annual_yield_kwh[1])


def test_no_buildings_give_no_units(energy_case):
    case = energy_case(1)
    result, units = run(case, [-1])
    assert units == []
    assert result.annual_yield_kwh[0] > 0


def test_varying_load_uses_less_than_its_profile(energy_case):
    plain, varied = energy_case(20), energy_case(20, spread=(1.0, 0.6))
    a, _ = run(plain, np.zeros(20))
    b, _ = run(varied, np.zeros(20))
    assert (b.self_consumed_kwh < a.self_consumed_kwh).all()
    assert b.self_consumed_kwh.sum() > 0.7 * a.self_consumed_kwh.sum()


def test_units_of_another_number_of_buildings_are_refused(energy_case):
    case = energy_case(3)
    with pytest.raises(ShapeMismatchError):
        balance(case.year, case.planes, case.loads, np.zeros(4, dtype=np.int64), case.table)


def test_varying_load_against_the_exact_integral(energy_case):
    # Also catches a kernel compiled against an older table layout in a called module.
    case = energy_case(2, spread=(1.0, 0.6))
    result, _ = run(case, [0, 0])
    production, load = (f.to_numpy() for f in frames(case))
    spread = load_spread(case.loads.energy_kwh, case.loads.connections, case.loads.spread_of_one)
    shape = 1 / spread**2
    ratio = production / load
    share = gammainc(shape + 1, shape * ratio) + ratio * (1 - gammainc(shape, shape * ratio))
    np.testing.assert_allclose(result.self_consumed_kwh, (load * share).sum(axis=0), rtol=1e-3)
