"""What panels cost and bring: first-year benefit, simple payback, net present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

END_NAMES = ("low", "central", "high")


@dataclass(frozen=True)
class Prices:
    """
    Prices at one end of their ranges; every array broadcasts against the installations.

    Parameters
    ----------
    investment_eur_kwp : ndarray of float64
        Less subsidies, >= 0. [EUR/kWp]
    avoided_eur_kwh : ndarray of float64
        What a kWh that is not taken from the network saves. [EUR/kWh]
    injection_eur_kwh : ndarray of float64
        What a kWh that is fed in brings. [EUR/kWh]
    upkeep_eur_kwp_year : ndarray of float64
        [EUR/kWp a year]
    """

    investment_eur_kwp: FloatArray
    avoided_eur_kwh: FloatArray
    injection_eur_kwh: FloatArray
    upkeep_eur_kwp_year: FloatArray


def yearly_benefit(
    capacity_kwp: FloatArray, saved_kwh: FloatArray, injected_kwh: FloatArray, prices: Prices
) -> FloatArray:
    """
    Return what the first year brings, upkeep taken off.

    Parameters
    ----------
    capacity_kwp : ndarray of float64, shape (installations,)
        [kWp]
    saved_kwh, injected_kwh : ndarray of float64, shape (installations,)
        Used on site, and fed into the network; NaN is not known. [kWh]
    prices : Prices
        Of each installation.

    Returns
    -------
    ndarray of float64, shape (installations,)
        Negative where upkeep costs more than the panels bring. [EUR/year]

    Examples
    --------
    >>> one = Prices(*(np.array([v]) for v in (1200.0, 0.25, 0.05, 10.0)))
    >>> yearly_benefit(np.array([4.0]), np.array([1200.0]), np.array([2400.0]), one)
    array([380.])
    """
    income = saved_kwh * prices.avoided_eur_kwh + injected_kwh * prices.injection_eur_kwh
    return income - capacity_kwp * prices.upkeep_eur_kwp_year


def simple_payback(investment_eur: FloatArray, benefit_eur: FloatArray) -> FloatArray:
    """
    Return the years after which the benefit of the first year has paid the investment.

    Parameters
    ----------
    investment_eur : ndarray of float64
        [EUR]
    benefit_eur : ndarray of float64, same shape
        Of the first year. [EUR/year]

    Returns
    -------
    ndarray of float64
        Infinite where nothing is earned; NaN where either is not known. [year]

    Examples
    --------
    >>> simple_payback(np.array([4800.0, 4800.0]), np.array([480.0, -5.0]))
    array([10., inf])
    """
    years = np.full(np.broadcast(investment_eur, benefit_eur).shape, np.inf)
    np.divide(investment_eur, benefit_eur, out=years, where=np.asarray(benefit_eur) > 0.0)
    return np.where(np.isnan(investment_eur) | np.isnan(benefit_eur), np.nan, years)


@dataclass(frozen=True)
class Horizon:
    """
    How years to come are counted.

    Parameters
    ----------
    years : int
        Lifetime of the panels.
    discount_rate : float
        Real, because prices stay as they are. [1/year]
    degradation : float
        Share of the yield lost each year. [1/year]
    """

    years: int
    discount_rate: float
    degradation: float


def net_present_value(
    investment_eur: FloatArray,
    income_eur: FloatArray,
    upkeep_eur: FloatArray,
    horizon: Horizon,
    renewals: tuple[tuple[int, FloatArray], ...] = (),
) -> FloatArray:
    """
    Return the value today of all that is paid and earned over the lifetime.

    Parameters
    ----------
    investment_eur : ndarray of float64, shape (installations,)
        Paid at once. [EUR]
    income_eur : ndarray of float64, shape (installations,)
        Of the first year; falls with the yield. [EUR/year]
    upkeep_eur : ndarray of float64, shape (installations,)
        Every year. [EUR/year]
    horizon : Horizon
        Years, rate, degradation.
    renewals : tuple of (int, ndarray)
        Year at whose end, and what, is paid besides: an inverter. [EUR]

    Returns
    -------
    ndarray of float64, shape (installations,)
        At constant prices; income falls due at the end of each year. [EUR]

    Notes
    -----
    ``-I + sum_t (B (1 - d)^(t - 1) - U - R_t) / (1 + r)^t`` for t from 1 to the lifetime.
    """
    value = -np.asarray(investment_eur, dtype=np.float64)
    left = 1.0 - horizon.degradation
    for year in range(1, horizon.years + 1):
        flow = income_eur * left ** (year - 1) - upkeep_eur
        for due, cost in renewals:
            if due == year:
                flow = flow - cost
        value = value + flow / (1.0 + horizon.discount_rate) ** year
    return value


def best_first(
    annual_yield_kwh: FloatArray, capacity_kwp: FloatArray, building: IntArray, wanted: FloatArray
) -> FloatArray:
    """
    Fill the roof planes of each building, best first, until they yield what is wanted.

    Parameters
    ----------
    annual_yield_kwh, capacity_kwp : ndarray of float64, shape (planes,)
        Of the whole plane; NaN is not known. [kWh], [kWp]
    building : ndarray of int64, shape (planes,)
        Position of each plane's building.
    wanted : ndarray of float64, shape (buildings,)
        Yield of a year; NaN is not known. [kWh]

    Returns
    -------
    ndarray of float64, shape (planes,)
        Part of each plane that gets panels, from 0 to 1; the last plane of a building in part. NaN
        for all planes of a building of which the wanted yield or a plane is not known. [-]

    Examples
    --------
    >>> roof = np.array([2000.0, 3000.0]), np.array([4.0, 3.0])
    >>> best_first(*roof, np.array([0, 0]), np.array([4000.0]))
    array([0.5, 1. ])
    """
    per_kwp = np.divide(
        annual_yield_kwh,
        capacity_kwp,
        out=np.zeros_like(annual_yield_kwh),
        where=capacity_kwp > 0.0,
    )
    order = np.lexsort((-np.nan_to_num(per_kwp), building))
    made = np.nan_to_num(annual_yield_kwh)[order]
    owner = building[order]
    total = np.cumsum(made) - made
    first = np.searchsorted(owner, owner, side="left")
    left = wanted[owner] - (total - total[first])
    part = np.divide(left, made, out=np.zeros_like(made), where=made > 0.0)
    share = np.empty_like(made)
    share[order] = np.where(np.isnan(left), np.nan, np.clip(part, 0.0, 1.0))
    dark = np.zeros(len(wanted), dtype=np.bool_)
    dark[building[np.isnan(annual_yield_kwh) | np.isnan(capacity_kwp)]] = True
    return np.where(dark[building], np.nan, share)
