"""Balance of production and consumption in quarter-hours, per building and per unit of buildings.

Buildings are worked off in pieces that belong to one unit each; a piece keeps one sum over time,
and pieces are added in their order, so that the result does not depend on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.profiles import MONTHS, STEP_HOURS, QuarterHours, mean_day
from zonnekaart.energy.series import (
    Demand,
    Loads,
    Prepared,
    Supply,
    Year,
    building_series,
    prepare,
)
from zonnekaart.energy.variation import UseTable, expected_use, load_spread, use_row
from zonnekaart.errors import ShapeMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zonnekaart.energy.production import Planes

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PIECE_BUILDINGS = 32
PIECES_AT_ONCE = 64
JUNE, DECEMBER = 5, 11
PRODUCED, USED, PEAK_IN, PEAK_OFF = range(4)


@dataclass(frozen=True)
class BuildingBalance:
    """
    Balance of every building; NaN where consumption or yield is unknown.

    Parameters
    ----------
    annual_yield_kwh, consumption_kwh, self_consumed_kwh : ndarray of float64, shape (buildings,)
        Energy of the year. [kWh]
    peak_injection_kw, peak_offtake_kw : ndarray of float64, shape (buildings,)
        Largest expected mean power of a quarter-hour. [kW]
    monthly_yield_kwh, monthly_consumption_kwh : ndarray of float64, shape (buildings, 12)
        Local months. [kWh]
    """

    annual_yield_kwh: FloatArray
    consumption_kwh: FloatArray
    self_consumed_kwh: FloatArray
    peak_injection_kw: FloatArray
    peak_offtake_kw: FloatArray
    monthly_yield_kwh: FloatArray
    monthly_consumption_kwh: FloatArray


@dataclass(frozen=True)
class UnitSeries:
    """
    Sums over the buildings of one unit.

    Parameters
    ----------
    unit : int
        Number of the unit.
    production, demand, used : ndarray of float64, shape (time,)
        Produced, consumed, and used in the building that produced it. [kWh]
    energy_kwh, connections : ndarray of float64, shape (categories,)
        Totals per category of `Loads`. [kWh], [-]
    """

    unit: int
    production: FloatArray
    demand: FloatArray
    used: FloatArray
    energy_kwh: FloatArray
    connections: FloatArray


@dataclass(frozen=True)
class UnitBalance:
    """
    Balance of one unit.

    Parameters
    ----------
    pooled_kwh : float
        Production used inside the unit when all is shared. [kWh]
    peak_injection_kw, peak_offtake_kw : float
        Largest power to and from the network of all buildings together. [kW]
    min_load_sunny_kw : float
        Smallest load in quarter-hours in which production is at least half its peak. [kW]
    pv_peak_kw : float
        Peak of the summed production. [kW]
    june_supply_kw, june_demand_kw, december_supply_kw, december_demand_kw : ndarray, shape (96,)
        Mean local days. [kW]
    """

    pooled_kwh: float
    peak_injection_kw: float
    peak_offtake_kw: float
    min_load_sunny_kw: float
    pv_peak_kw: float
    june_supply_kw: FloatArray
    june_demand_kw: FloatArray
    december_supply_kw: FloatArray
    december_demand_kw: FloatArray


@numba.njit(nogil=True, cache=True)
def _tally(
    production: FloatArray,
    used: FloatArray,
    load: FloatArray,
    month_start: IntArray,
    figures: FloatArray,
    monthly: FloatArray,
) -> None:
    """Annual sums and peaks of one building from its lit series."""
    total = own = 0.0
    peak_in, peak_off = 0.0, figures[PEAK_OFF]
    for m in range(monthly.size):
        produced = 0.0
        for s in range(month_start[m], month_start[m + 1]):
            produced += production[s]
            own += used[s]
            surplus, residual = production[s] - used[s], load[s] - used[s]
            if surplus > peak_in:
                peak_in = surplus
            if residual > peak_off:
                peak_off = residual
        monthly[m] = produced
        total += produced
    figures[PRODUCED] = total
    figures[USED] = own
    figures[PEAK_IN] = peak_in
    figures[PEAK_OFF] = peak_off


@numba.njit(nogil=True, cache=True, parallel=True)
def _balance_pieces(
    pieces: IntArray,
    order: IntArray,
    supply: Supply,
    demand: Demand,
    month_start: IntArray,
    results: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
) -> None:
    """Balance the buildings of several pieces; each piece writes only its own rows."""
    figures, monthly, piece_production, piece_used = results
    lit = piece_used.shape[1]
    for k in numba.prange(pieces.shape[0]):
        production, load, used = np.empty(lit), np.empty(lit), np.empty(lit)
        shape, row = np.empty(lit), np.empty(demand[4].shape[1])
        for s in range(lit):
            piece_production[k, s] = 0.0
            piece_used[k, s] = 0.0
        for i in range(pieces[k, 0], pieces[k, 1]):
            b = order[i]
            building_series(b, supply, demand, (shape, row), (production, load, used))
            _tally(production, used, load, month_start, figures[b], monthly[b])
            for s in range(lit):
                piece_production[k, s] += production[s]
                piece_used[k, s] += used[s]


def pieces_of(unit: IntArray) -> tuple[IntArray, IntArray]:
    """
    Cut buildings, sorted by unit, into pieces of one unit each.

    Parameters
    ----------
    unit : ndarray of int64, shape (buildings,)
        Number of the unit; -1 for none.

    Returns
    -------
    order : ndarray of int64, shape (buildings,)
        Buildings by unit, in their own order inside a unit.
    pieces : ndarray of int64, shape (pieces, 3)
        First and last + 1 position in `order`, and the unit.
    """
    order = np.argsort(unit, kind="stable").astype(np.int64)
    found, begin, count = np.unique(unit[order], return_index=True, return_counts=True)
    rows = [
        (start, min(start + PIECE_BUILDINGS, b + n), u)
        for u, b, n in zip(found, begin, count, strict=True)
        for start in range(b, b + n, PIECE_BUILDINGS)
    ]
    return order, np.array(rows, dtype=np.int64).reshape(-1, 3)


def balance(
    year: Year,
    planes: Planes,
    loads: Loads,
    unit: IntArray,
    table: UseTable,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[BuildingBalance, Iterator[UnitSeries]]:
    """
    Balance every building, and give the sums over time of each unit in turn.

    Parameters
    ----------
    year : Year
        Clock, sky, profiles.
    planes : Planes
        Supply, grouped by building.
    loads : Loads
        Demand of the same buildings.
    unit : ndarray of int64, shape (buildings,)
        Unit of each building, from 0; -1 for none (such a building has its own balance only).
    table : UseTable
        Expected own use.
    advance : callable
        Told how many buildings were done.

    Returns
    -------
    BuildingBalance
        Filled once the iterator is used up.
    iterator of UnitSeries
        Units in rising order. Must be read to its end; one unit is in memory at a time.

    Raises
    ------
    ShapeMismatchError
        If the inputs speak of different numbers of buildings.

    Notes
    -----
    Memory is ``2 × PIECES_AT_ONCE`` series whatever the number of buildings; time is linear in
    planes and buildings.
    """
    prepared = prepare(year, planes, loads, table)
    buildings = len(unit)
    if len(planes.first) - 1 != buildings:
        raise ShapeMismatchError("unit", buildings, len(planes.first) - 1)
    figures = np.zeros((buildings, 4))
    figures[:, PEAK_OFF] = prepared.night_peak_kwh
    monthly = np.zeros((buildings, MONTHS))
    result = _finish(year, loads, figures, monthly)
    run = _Run(year, planes, loads, unit, prepared, figures, monthly)
    return result, _units(run, result, advance)


@dataclass(frozen=True)
class _Run:
    year: Year
    planes: Planes
    loads: Loads
    unit: IntArray
    prepared: Prepared
    figures: FloatArray
    monthly: FloatArray


def _finish(year: Year, loads: Loads, figures: FloatArray, monthly: FloatArray) -> BuildingBalance:
    """Lay out the result on the arrays the kernel fills."""
    month_share = np.stack(
        [np.bincount(year.clock.month, p, minlength=MONTHS) for p in year.profiles]
    )
    by_month = np.einsum("bk,bkm->bm", loads.energy_kwh, month_share[loads.profile])
    return BuildingBalance(
        annual_yield_kwh=figures[:, PRODUCED],
        consumption_kwh=loads.energy_kwh.sum(axis=1),
        self_consumed_kwh=figures[:, USED],
        peak_injection_kw=figures[:, PEAK_IN],
        peak_offtake_kw=figures[:, PEAK_OFF],
        monthly_yield_kwh=monthly,
        monthly_consumption_kwh=by_month,
    )


def _units(
    run: _Run, result: BuildingBalance, advance: Callable[[int], None]
) -> Iterator[UnitSeries]:
    order, pieces = pieces_of(run.unit)
    lit = run.year.sky.step.size
    sums = np.zeros((2, lit))
    buffers = (np.empty((PIECES_AT_ONCE, lit)), np.empty((PIECES_AT_ONCE, lit)))
    for start in range(0, len(pieces), PIECES_AT_ONCE):
        batch = pieces[start : start + PIECES_AT_ONCE]
        results = (run.figures, run.monthly, buffers[0][: len(batch)], buffers[1][: len(batch)])
        _balance_pieces(
            batch,
            order,
            run.prepared.supply,
            run.prepared.demand,
            run.prepared.month_start,
            results,
        )
        advance(int(batch[-1, 1] - batch[0, 0]))
        for k, (_, end, unit) in enumerate(batch):
            sums += [buffers[0][k], buffers[1][k]]
            if end == len(order) or run.unit[order[end]] != unit:
                if unit >= 0:
                    yield _unit_series(run, int(unit), sums)
                sums = np.zeros((2, lit))
    _mark_unknown(run, result)


def _unit_series(run: _Run, unit: int, sums: FloatArray) -> UnitSeries:
    members = np.flatnonzero(run.unit == unit)
    demand = np.zeros(len(run.year.clock))
    for category in range(run.loads.energy_kwh.shape[1]):
        rows, energy = run.loads.profile[members, category], run.loads.energy_kwh[members, category]
        for profile in np.unique(rows):
            demand += energy[rows == profile].sum() * run.year.profiles[profile]
    series = np.zeros((2, len(run.year.clock)))
    series[:, run.year.sky.step] = sums
    return UnitSeries(
        unit,
        series[0],
        demand,
        series[1],
        run.loads.energy_kwh[members].sum(axis=0),
        run.loads.connections[members].sum(axis=0),
    )


def _mark_unknown(run: _Run, result: BuildingBalance) -> None:
    """NaN where the inputs are not known, and peaks from energy to power."""
    no_load = np.isnan(run.loads.energy_kwh).any(axis=1)
    building = np.repeat(np.arange(len(run.unit)), np.diff(run.planes.first))
    no_yield = np.zeros(len(run.unit), dtype=bool)
    no_yield[building[np.isnan(run.planes.annual_yield_kwh)]] = True
    for name in ("peak_injection_kw", "peak_offtake_kw"):
        values = getattr(result, name)
        values /= STEP_HOURS
        values[no_load | no_yield] = np.nan
    result.self_consumed_kwh[no_load | no_yield] = np.nan
    result.annual_yield_kwh[no_yield] = np.nan
    result.monthly_yield_kwh[no_yield] = np.nan


def pooled_use(series: UnitSeries, spread_of_one: FloatArray, table: UseTable) -> FloatArray:
    """
    Production used inside a unit in each step when all of it is shared.

    Parameters
    ----------
    series : UnitSeries
        Sums over the unit.
    spread_of_one : ndarray of float64, shape (categories,)
        See `Loads`. [-]
    table : UseTable
        Expected own use.

    Returns
    -------
    ndarray of float64, shape (time,)
        At least `series.used`; NaN when the demand is unknown. [kWh]
    """
    spread = float(load_spread(series.energy_kwh[None], series.connections[None], spread_of_one)[0])
    if np.isnan(spread):
        return np.full_like(series.demand, np.nan)
    if spread == 0.0:
        return np.minimum(series.production, series.demand)
    row = np.empty(table.share.shape[1])
    use_row(spread, table.share, row)
    return _pooled(series.production, series.demand, row)


@numba.njit(nogil=True, cache=True)
def _pooled(production: FloatArray, demand: FloatArray, row: FloatArray) -> FloatArray:
    used = np.empty(production.size)
    for t in range(production.size):
        used[t] = expected_use(production[t], demand[t], row)
    return used


def unit_balance(
    series: UnitSeries, clock: QuarterHours, spread_of_one: FloatArray, table: UseTable
) -> UnitBalance:
    """
    Figures of one unit from its sums over time.

    Parameters
    ----------
    series : UnitSeries
        Sums over the unit.
    clock : QuarterHours
        Steps and local months.
    spread_of_one : ndarray of float64, shape (categories,)
        See `Loads`. [-]
    table : UseTable
        Expected own use.
    """
    pooled = pooled_use(series, spread_of_one, table)
    peak, low = sunny_extremes(series)
    days = [
        mean_day(values, clock, month)
        for month in (JUNE, DECEMBER)
        for values in (series.production, series.demand)
    ]
    return UnitBalance(
        pooled_kwh=float(pooled.sum()),
        peak_injection_kw=float((series.production - pooled).max()) / STEP_HOURS,
        peak_offtake_kw=float((series.demand - pooled).max()) / STEP_HOURS,
        min_load_sunny_kw=low,
        pv_peak_kw=peak,
        june_supply_kw=days[0],
        june_demand_kw=days[1],
        december_supply_kw=days[2],
        december_demand_kw=days[3],
    )


def sunny_extremes(series: UnitSeries) -> tuple[float, float]:
    """
    Return the highest production of a unit, and its lowest demand while the sun is strong.

    Parameters
    ----------
    series : UnitSeries
        Sums over the unit.

    Returns
    -------
    pv_peak, min_load : float
        The second over quarter-hours of at least half of the peak; NaN without production. [kW]
    """
    peak = float(series.production.max())
    sunny = series.production >= peak / 2
    low = float(series.demand[sunny].min()) / STEP_HOURS if peak > 0 else np.nan
    return peak / STEP_HOURS, low


def self_consumption(used_kwh: FloatArray, production_kwh: FloatArray) -> FloatArray:
    """
    Share of the production that is used on site.

    Parameters
    ----------
    used_kwh, production_kwh : ndarray of float64, any equal shape
        Energy used as it was produced, and produced. [kWh]

    Returns
    -------
    ndarray of float64
        0 to 1; NaN without production or where something is unknown. [-]

    Examples
    --------
    >>> self_consumption(np.array([1.0, 0.0]), np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    return _share(used_kwh, production_kwh)


def self_sufficiency(used_kwh: FloatArray, consumption_kwh: FloatArray) -> FloatArray:
    """
    Share of the consumption that local production covers as it happens.

    Parameters
    ----------
    used_kwh, consumption_kwh : ndarray of float64, any equal shape
        Energy used as it was produced, and consumed. [kWh]

    Returns
    -------
    ndarray of float64
        0 to 1; NaN without consumption or where something is unknown. [-]

    Examples
    --------
    >>> self_sufficiency(np.array([1.0]), np.array([2.0]))
    array([0.5])
    """
    return _share(used_kwh, consumption_kwh)


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    if part.shape != whole.shape:
        raise ShapeMismatchError("part and whole", part.shape, whole.shape)
    share: FloatArray = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return share
