"""Money of new panels on a group of buildings: prices by size, benefit, payback, present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.energy.economics import (
    END_NAMES,
    Horizon,
    Prices,
    net_present_value,
    simple_payback,
    yearly_benefit,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.io.economics import Tariff, Tariffs

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

_DIGITS = 3
"""Figures are rounded to three digits, so that two totals that differ by one building do not give
that building away."""


@dataclass(frozen=True)
class Installed:
    """
    New panels on buildings, arrays of shape (buildings,).

    Parameters
    ----------
    capacity_kwp : ndarray of float64
        [kWp]
    annual_yield_kwh, saved_kwh : ndarray of float64
        All of it, and what the building uses as it happens; NaN is not known. [kWh]
    yield_low, yield_high : ndarray of float64
        Ends of the yield over its centre. [-]
    """

    capacity_kwp: FloatArray
    annual_yield_kwh: FloatArray
    saved_kwh: FloatArray
    yield_low: FloatArray
    yield_high: FloatArray

    def of(self, members: IntArray) -> Installed:
        """Return the panels of some buildings."""
        names = ("capacity_kwp", "annual_yield_kwh", "saved_kwh", "yield_low", "yield_high")
        return Installed(*(getattr(self, name)[members] for name in names))


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """
    Round to three digits; infinite becomes unknown.

    Examples
    --------
    >>> rounded({"saved_kwh": 123456.0, "payback_years": float("inf")})
    {'saved_kwh': 123000.0, 'payback_years': nan}
    """
    return {
        name: float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else float("nan")
        for name, value in figures.items()
    }


def tariff_facts(capacity_kwp: FloatArray, bands: list[Tariff]) -> dict[str, Any]:
    """Return the tariffs that installations of these sizes fall under, and their oldest year."""
    used = [bands[k] for k in np.unique(_band(capacity_kwp, bands))]
    return {
        "tariff_ids": [t.id for t in used],
        "tariff_from": str(min(t.valid_from for t in used).year),
    }


def _band(capacity_kwp: FloatArray, bands: list[Tariff]) -> IntArray:
    """Return the smallest tariff that a size fits in."""
    ends = np.array([t.up_to_kwp for t in bands])
    return np.minimum(np.searchsorted(ends, capacity_kwp), len(bands) - 1).astype(np.int64)


def _prices(band: IntArray, bands: list[Tariff], end: str) -> Prices:
    """Return prices at one end for each installation; a low end is one that brings less."""
    cost, gain = {"low": ("high", "low"), "high": ("low", "high")}.get(end, ("value", "value"))

    def of(name: str, side: str, less: FloatArray | float = 0.0) -> FloatArray:
        return np.array([getattr(getattr(t, name), side) for t in bands])[band] - less

    subsidy = np.array([t.subsidy_eur_kwp for t in bands])[band]
    return Prices(
        np.maximum(of("investment_eur_kwp", cost, subsidy), 0.0),
        of("avoided_eur_kwh", gain),
        of("injection_eur_kwh", gain),
        of("upkeep_eur_kwp_year", cost),
    )


def group_money(made: Installed, bands: list[Tariff], tariffs: Tariffs) -> dict[str, float]:
    """
    Sum costs and benefits over the buildings of a group.

    Parameters
    ----------
    made : Installed
        Panels of the group.
    bands : list of Tariff
        Of the owner type, smallest first; every building fits in one.
    tariffs : Tariffs
        Discount rate, lifetime, degradation.

    Returns
    -------
    dict of str to float
        NaN where the consumption of one is not known.

    Notes
    -----
    The low benefit takes the low yield and the prices that bring least; own use and injection keep
    their parts of the yield. Payback runs from cheap panels with the high benefit to dear panels
    with the low one.
    """
    capacity, saved = made.capacity_kwp, made.saved_kwh
    injected = made.annual_yield_kwh - saved
    band = _band(capacity, bands)
    width = (made.yield_low, np.ones_like(saved), made.yield_high)
    benefit, investment = {}, {}
    for end, scale in zip(END_NAMES, width, strict=True):
        prices = _prices(band, bands, end)
        each = yearly_benefit(capacity, saved * scale, injected * scale, prices)
        benefit[end] = float(each.sum())
        # The end that brings least is the one with the dearest panels.
        investment[end] = float((capacity * prices.investment_eur_kwp).sum())
    payback = {
        end: float(simple_payback(np.array(investment[end]), np.array(benefit[end])))
        for end in END_NAMES
    }
    return {
        "capacity_kwp": float(capacity.sum()),
        "saved_kwh": float(saved.sum()),
        "injected_kwh": float(injected.sum()),
        "investment_low_eur": investment["high"],
        "investment_eur": investment["central"],
        "investment_high_eur": investment["low"],
        "yearly_benefit_low_eur": benefit["low"],
        "yearly_benefit_eur": benefit["central"],
        "yearly_benefit_high_eur": benefit["high"],
        "payback_low_years": payback["high"],
        "payback_years": payback["central"],
        "payback_high_years": payback["low"],
        "net_present_value_eur": _present_value(made, band, bands, tariffs),
    }


def _present_value(made: Installed, band: IntArray, bands: list[Tariff], tariffs: Tariffs) -> float:
    capacity, saved = made.capacity_kwp, made.saved_kwh
    injected = made.annual_yield_kwh - saved
    prices = _prices(band, bands, "central")
    renewals = tuple(
        (t.inverter_after_years, np.where(band == k, capacity * t.inverter_eur_kwp.value, 0.0))
        for k, t in enumerate(bands)
        if t.inverter_after_years is not None and t.inverter_eur_kwp is not None
    )
    horizon = Horizon(
        round(tariffs.lifetime_years.value), tariffs.discount_rate.value, tariffs.degradation.value
    )
    value = net_present_value(
        capacity * prices.investment_eur_kwp,
        saved * prices.avoided_eur_kwh + injected * prices.injection_eur_kwh,
        capacity * prices.upkeep_eur_kwp_year,
        horizon,
        renewals,
    )
    return float(value.sum())
