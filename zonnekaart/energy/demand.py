"""Published totals spread over areas and buildings so that the parts sum to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zonnekaart.errors import ShapeMismatchError, TableError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

ESTIMATE_QUANTILES = (0.1, 0.9)
FULLY_COVERED = 0.99
_QUANTILE_95 = 1.6448536269514722
"""95 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class AreaTotals:
    """
    Consumption of whole areas in one category, known or estimated.

    Parameters
    ----------
    kwh, low_kwh, high_kwh : ndarray of float64, shape (areas,)
        Central value and interval; NaN where nothing speaks of the area. [kWh]
    estimated : ndarray of bool, shape (areas,)
        True where the total is not published.
    """

    kwh: FloatArray
    low_kwh: FloatArray
    high_kwh: FloatArray
    estimated: BoolArray


@dataclass(frozen=True)
class StockRates:
    """
    What a building of each use is expected to consume before any total is known.

    Parameters
    ----------
    kwh_per_dwelling : float
        [kWh]
    m2_per_dwelling : dict of str to float
        Floor area that stands for one dwelling, per use that is lived in. [m2]
    kwh_per_m2 : dict of str to float
        Non-residential consumption per floor area and use. [kWh/m2]
    annex_below_m2, firm_above_m2 : float
        Footprints of unknown use below are annexes, above are firms. [m2]
    firm_kwh_per_m2 : float
        Of such firms. [kWh/m2]
    """

    kwh_per_dwelling: float
    m2_per_dwelling: dict[str, float]
    kwh_per_m2: dict[str, float]
    annex_below_m2: float
    firm_above_m2: float
    firm_kwh_per_m2: float


@dataclass(frozen=True)
class Stock:
    """
    Buildings as the spreading needs them; all arrays have shape (buildings,).

    Parameters
    ----------
    dwellings : ndarray of float64
        Known, or judged by use and floor area. [-]
    residential, non_residential : ndarray of float64
        Expected consumption before any total is known; weights otherwise. [kWh]
    assumed : ndarray of bool
        True where use or dwellings are not known.
    """

    dwellings: FloatArray
    residential: FloatArray
    non_residential: FloatArray
    assumed: BoolArray


def building_stock(
    use: npt.NDArray[np.str_],
    dwellings: FloatArray,
    floor_area_m2: FloatArray,
    footprint_area_m2: FloatArray,
    rates: StockRates,
) -> Stock:
    """
    Judge what each building is expected to consume, relative to the others.

    Parameters
    ----------
    use : ndarray of str, shape (buildings,)
        One of the uses of `StockRates.kwh_per_m2`.
    dwellings : ndarray of float64, shape (buildings,)
        NaN when unknown. [-]
    floor_area_m2, footprint_area_m2 : ndarray of float64, shape (buildings,)
        A floor area that is NaN is replaced by the footprint. [m2]
    rates : StockRates
        Figures per dwelling and per floor area.
    """
    floor = np.where(np.isnan(floor_area_m2), footprint_area_m2, floor_area_m2)
    unknown = use == "unknown"
    annex = unknown & (footprint_area_m2 < rates.annex_below_m2)
    firm = unknown & (footprint_area_m2 >= rates.firm_above_m2)
    size = np.array([rates.m2_per_dwelling.get(u, np.inf) for u in use])
    judged = np.where(np.isfinite(size) & ~annex & ~firm, np.maximum(floor / size, 1.0), 0.0)
    lived = np.where(np.isnan(dwellings), judged, dwellings)
    per_m2 = np.array([rates.kwh_per_m2.get(u, 0.0) for u in use])
    per_m2 = np.where(annex, 0.0, np.where(firm, rates.firm_kwh_per_m2, per_m2))
    return Stock(
        lived,
        lived * rates.kwh_per_dwelling,
        floor * per_m2,
        unknown | (np.isnan(dwellings) & (judged > 0)),
    )


def spread_total(total_kwh: float, weights: FloatArray) -> FloatArray:
    """
    Divide a total over parts in proportion to their weights, without losing anything.

    Parameters
    ----------
    total_kwh : float
        What the parts must sum to. [kWh]
    weights : ndarray of float64, shape (parts,)
        Relative sizes, >= 0, any unit.

    Returns
    -------
    ndarray of float64, shape (parts,)
        All zero when no part has weight: the total then stays unspread. [kWh]

    Notes
    -----
    Rounding is given to the largest part: the parts sum to the total within its last digit.

    Examples
    --------
    >>> spread_total(10.0, np.array([1.0, 3.0]))
    array([2.5, 7.5])
    """
    whole = weights.sum()
    if not whole > 0:
        return np.zeros_like(weights)
    parts: FloatArray = total_kwh * (weights / whole)
    parts[int(np.argmax(parts))] += total_kwh - math.fsum(parts)
    return parts


def user_factors(log_sd: float, users: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Interval of what a group of users takes, relative to what is expected of it.

    Parameters
    ----------
    log_sd : float
        Standard deviation of the logarithm of one user's figure around the expected one. [-]
    users : ndarray of float64, shape (buildings,)
        Independent users behind one meter or roof; below 1 counts as 1. [count]

    Returns
    -------
    low, high : ndarray of float64, shape (buildings,)
        Factors that 5 % and 95 % of such groups stay below; the mean of all is 1. [-]

    Notes
    -----
    The sum of users is taken as lognormal with the variance of the sum (Fenton's approximation).

    References
    ----------
    .. [1] L. F. Fenton, IRE Trans. Commun. Syst. 8, 1960. doi:10.1109/TCOM.1960.1097606

    Examples
    --------
    >>> low, high = user_factors(0.5, np.array([1.0, 25.0]))
    >>> low.round(2), high.round(2)
    (array([0.39, 0.83]), array([2.01, 1.18]))
    """
    variance = np.log1p(np.expm1(log_sd**2) / np.maximum(users, 1.0))
    width = _QUANTILE_95 * np.sqrt(variance)
    return np.exp(-width - variance / 2.0), np.exp(width - variance / 2.0)


def area_totals(
    published_kwh: FloatArray,
    connections: FloatArray,
    size: FloatArray,
    higher_total_kwh: float,
    subject: str,
) -> AreaTotals:
    """
    Complete the published totals of areas with estimates where they are unknown.

    Parameters
    ----------
    published_kwh : ndarray of float64, shape (areas,)
        NaN when suppressed or missing. [kWh]
    connections : ndarray of float64, shape (areas,)
        NaN when unknown. [-]
    size : ndarray of float64, shape (areas,)
        Size of the building stock in any unit, used where connections are unknown.
    higher_total_kwh : float
        Published total of all these areas together; NaN when there is none. [kWh]
    subject : str
        Table and category, for messages.

    Returns
    -------
    AreaTotals
        Known totals as they are. Unknown ones share what is left of the higher total, else get the
        mean consumption per connection (or per size) of the known areas; their interval spans the
        tenth to the ninetieth percentile of the known areas.

    Raises
    ------
    TableError
        If the known parts already exceed the higher total.
    """
    known = ~np.isnan(published_kwh)
    basis = _basis(connections, size)
    kwh = published_kwh.copy()
    low, high = kwh.copy(), kwh.copy()
    unknown = ~known
    if unknown.any():
        rates = _rates(published_kwh[known], basis[known])
        left = higher_total_kwh - math.fsum(published_kwh[known])
        if left < -1e-6 * abs(higher_total_kwh):
            raise TableError(
                subject,
                f"areas that sum to {math.fsum(published_kwh[known]):.0f} kWh",
                f"at most the total of {higher_total_kwh:.0f} kWh",
                "check that both are of the same year and unit",
            )
        central = basis[unknown] * rates[0]
        if not np.isnan(left):
            central = spread_total(max(left, 0.0), basis[unknown])
        kwh[unknown] = central
        low[unknown] = np.fmin(basis[unknown] * rates[1], central)
        high[unknown] = np.fmax(basis[unknown] * rates[2], central)
    return AreaTotals(kwh, low, high, unknown)


def _basis(connections: FloatArray, size: FloatArray) -> FloatArray:
    """Return the connections where all are known, else the size of the stock."""
    return size if np.isnan(connections).any() else connections


def _rates(kwh: FloatArray, basis: FloatArray) -> tuple[float, float, float]:
    """Mean, low and high consumption per unit of the basis in the known areas."""
    use = basis > 0
    if not use.any():
        return (math.nan, math.nan, math.nan)
    each = kwh[use] / basis[use]
    low, high = np.quantile(each, ESTIMATE_QUANTILES)
    return (float(kwh[use].sum() / basis[use].sum()), float(low), float(high))


def stock_share(covered: FloatArray, stock: FloatArray, connections: FloatArray) -> FloatArray:
    """
    Share of each area's buildings that lie inside the data, judged by buildings per connection.

    Parameters
    ----------
    covered : ndarray of float64, shape (areas,)
        Share of the area's surface inside the data. [-]
    stock : ndarray of float64, shape (areas,)
        Size of the building stock seen inside, any unit.
    connections : ndarray of float64, shape (areas,)
        Connections of the whole area. [-]

    Returns
    -------
    ndarray of float64, shape (areas,)
        At most 1; NaN when no area lies wholly inside, because then nothing tells how much stock
        belongs to a connection. [-]

    Notes
    -----
    Surface tells little of where people live: the two shares are shown beside each other, and their
    difference widens the interval.
    """
    whole = (covered >= FULLY_COVERED) & (connections > 0)
    if not whole.any():
        return np.full_like(covered, np.nan)
    per_connection = stock[whole].sum() / connections[whole].sum()
    if not per_connection > 0:
        return np.full_like(covered, np.nan)
    expected = connections * per_connection
    share: FloatArray = np.divide(
        stock, expected, out=np.full_like(stock, np.nan), where=expected > 0
    )
    return np.fmin(share, np.where(np.isnan(share), np.nan, 1.0))


def covered_interval(
    covered: FloatArray, by_stock: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Central, low and high share of an area's consumption that lies inside the data.

    Parameters
    ----------
    covered : ndarray of float64, shape (areas,)
        Share of the surface inside: the central value. [-]
    by_stock : ndarray of float64, shape (areas,)
        From `stock_share`; NaN when it cannot be told. [-]

    Returns
    -------
    tuple of three ndarray of float64, shape (areas,)
        An area wholly inside has no interval. Otherwise it reaches half the uncovered share to
        either side, and at least half-way to the share by stock. [-]

    Examples
    --------
    >>> covered_interval(np.array([0.4]), np.array([1.0]))
    (array([0.4]), array([0.2]), array([0.7]))
    """
    central = np.where(covered >= FULLY_COVERED, 1.0, covered)
    margin = 0.5 * np.minimum(central, 1.0 - central)
    partly = (central > 0) & (central < 1.0)
    halfway = np.where(partly, (central + by_stock) / 2, np.nan)
    return central, np.fmin(central - margin, halfway), np.fmax(central + margin, halfway)


@dataclass(frozen=True)
class Spread:
    """
    One category spread over buildings.

    Parameters
    ----------
    kwh : ndarray of float64, shape (buildings,)
        NaN where nothing speaks of the building's area. [kWh]
    spread_kwh : ndarray of float64, shape (areas,)
        What was given to buildings of each area. [kWh]
    residual_kwh : ndarray of float64, shape (areas,)
        What no building could carry. [kWh]
    """

    kwh: FloatArray
    spread_kwh: FloatArray
    residual_kwh: FloatArray


def spread_over_buildings(area: IntArray, weights: FloatArray, totals_kwh: FloatArray) -> Spread:
    """
    Spread the total of each area over its buildings.

    Parameters
    ----------
    area : ndarray of int64, shape (buildings,)
        Number of the area; -1 for a building in none.
    weights : ndarray of float64, shape (buildings,)
        Relative sizes, >= 0.
    totals_kwh : ndarray of float64, shape (areas,)
        What lies inside the data; NaN when unknown. [kWh]

    Returns
    -------
    Spread
        Buildings in no area are NaN here; the caller knows what stands in for them.
    """
    if area.shape != weights.shape:
        raise ShapeMismatchError("weights", weights.shape, area.shape)
    kwh = np.full(len(area), np.nan)
    spread = np.zeros_like(totals_kwh)
    for number, total in enumerate(totals_kwh):
        members = np.flatnonzero(area == number)
        if np.isnan(total):
            spread[number] = np.nan
            continue
        kwh[members] = spread_total(float(total), weights[members])
        spread[number] = math.fsum(kwh[members])
    return Spread(kwh, spread, totals_kwh - spread)
