"""What panels cost and bring: first-year benefit, simple payback, net present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

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


def fitting_share(annual_yield_kwh: FloatArray, consumption_kwh: FloatArray) -> FloatArray:
    """
    Return the part of a roof whose yield equals the consumption of a year, at most all of it.

    Parameters
    ----------
    annual_yield_kwh, consumption_kwh : ndarray of float64, shape (buildings,)
        Of the whole roof, and of the building; NaN is not known. [kWh]

    Returns
    -------
    ndarray of float64, shape (buildings,)
        From 0 to 1; 0 for a roof without yield, NaN where either is not known. [-]

    Examples
    --------
    >>> fitting_share(np.array([8000.0, 2000.0, 0.0]), np.array([4000.0, 4000.0, 4000.0]))
    array([0.5, 1. , 0. ])
    """
    share = np.zeros(np.broadcast(annual_yield_kwh, consumption_kwh).shape)
    np.divide(consumption_kwh, annual_yield_kwh, out=share, where=annual_yield_kwh > 0.0)
    unknown = np.isnan(annual_yield_kwh) | np.isnan(consumption_kwh)
    return np.where(unknown, np.nan, np.minimum(share, 1.0))
