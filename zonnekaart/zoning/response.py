"""How a zone's figures answer when its yield, demand or headroom changes.

Running the year of quarter-hours again for every draw is out of reach, so the answer of
self-consumption is a curve through the zone's own balance. The curve and its error against full
balances stand in ``specs/zoning.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.zoning.indicators import derived_indicators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

HEADROOM_FLOOR_KW = 1.0
"""Least headroom that injection is divided by; the same as in ``energy/hosting.py``. [kW]"""
SHARPNESS = {"": 1.0, "_pooled": 2.0}
"""
Sharpness of the curve of single buildings and of a zone's pool. The load of one building is ragged
and passes gently from full to no further use; the load of many is smooth and passes sharply.
Fitted once on BDEW profiles, with and without raggedness; specs/zoning.md has the errors. [-]
"""
_LEAST_SHARE = 1e-9


@dataclass(frozen=True)
class ZoneInputs:
    """
    What the figures of a zone rest on, beside the indicators; arrays of shape (zones,).

    Parameters
    ----------
    pv_peak_kw : ndarray of float64
        Peak of the sum of roofs at full potential. [kW]
    min_load_sunny_kw : ndarray of float64
        Lowest demand in sunny quarter-hours. [kW]
    """

    pv_peak_kw: FloatArray
    min_load_sunny_kw: FloatArray

    def of(self, part: slice | NDArray[np.bool_]) -> ZoneInputs:
        """Return what some of the zones rest on."""
        return ZoneInputs(self.pv_peak_kw[part], self.min_load_sunny_kw[part])


@dataclass(frozen=True)
class Change:
    """
    Factors on the uncertain inputs, arrays of shape (zones, draws).

    Parameters
    ----------
    yield_factor, demand_factor : ndarray of float64
        > 0; 1 is as found. [-]
    headroom_kw : ndarray of float64
        Headroom at the found demand; the sunny minimum load in it follows the demand. [kW]
    """

    yield_factor: FloatArray
    demand_factor: FloatArray
    headroom_kw: FloatArray


def scaled_self_consumption(
    self_consumption: FloatArray, ratio_factor: FloatArray, sharpness: float
) -> FloatArray:
    """
    Return self-consumption after the ratio of yield to demand has changed.

    Parameters
    ----------
    self_consumption : ndarray of float64, broadcastable to `ratio_factor`
        As found in the balance; NaN is not known. [-]
    ratio_factor : ndarray of float64
        New ratio of yield to demand divided by the found one, > 0. [-]
    sharpness : float
        How sharply use passes from "all" to "no more", > 0: `SHARPNESS`. [-]

    Returns
    -------
    ndarray of float64
        From 0 to 1; exactly as found where the factor is 1. [-]

    Notes
    -----
    The used share is taken as ``(1 + u ** p) ** (-1 / p)``, u proportional to the ratio and fixed
    by the zone's own balance. It starts at 1, falls with yield, and what is used never falls.

    Examples
    --------
    >>> scaled_self_consumption(np.array([0.4]), np.array([1.0, 2.0]), 1.0)
    array([0.4 , 0.25])
    """
    found = np.clip(self_consumption, _LEAST_SHARE, 1.0)
    saturation = found**-sharpness - 1.0
    change = (1.0 + saturation) / (1.0 + saturation * ratio_factor**sharpness)
    scaled: FloatArray = np.minimum(self_consumption * change ** (1.0 / sharpness), 1.0)
    return scaled


def respond(
    indicators: Mapping[str, FloatArray], inputs: ZoneInputs, change: Change
) -> dict[str, FloatArray]:
    """
    Return the indicators of zones after a change of their inputs.

    Parameters
    ----------
    indicators : mapping of str to ndarray of float64, shape (zones,)
        As found; NaN is not known and stays so.
    inputs : ZoneInputs
        What they rest on.
    change : Change
        Arrays of shape (zones, draws).

    Returns
    -------
    dict of str to ndarray of float64, shape (zones, draws) or (zones, 1)
        All indicators; those that the change does not touch keep one column.
    """
    found = {name: values[:, None] for name, values in indicators.items()}
    fy, fd = change.yield_factor, change.demand_factor
    new = dict(found)
    new["annual_yield_kwh"] = found["annual_yield_kwh"] * fy
    new["consumption_kwh"] = found["consumption_kwh"] * fd
    new["peak_offtake_kw"] = found["peak_offtake_kw"] * fd
    for suffix, sharpness in SHARPNESS.items():
        used = scaled_self_consumption(found["self_consumption" + suffix], fy / fd, sharpness)
        if suffix:  # sharing never takes away what a building uses itself
            used = np.maximum(used, new["self_consumption"])
        new["self_consumption" + suffix] = used
        new["self_sufficiency" + suffix] = np.minimum(
            used * _ratio(new["annual_yield_kwh"], new["consumption_kwh"]), 1.0
        )
    used = new["self_consumption_pooled"] * new["annual_yield_kwh"]
    new["surplus_kwh"] = new["annual_yield_kwh"] - used
    new["residual_kwh"] = np.maximum(new["consumption_kwh"] - used, 0.0)
    new |= derived_indicators(new)
    return new | _grid_response(found, inputs, change)


def _grid_response(
    found: Mapping[str, FloatArray], inputs: ZoneInputs, change: Change
) -> dict[str, FloatArray]:
    """Peak of injection against headroom; the load at the peak follows the demand."""
    pv_peak = inputs.pv_peak_kw[:, None]
    load_at_peak = np.maximum(pv_peak - found["peak_injection_kw"], 0.0)
    injection = found["peak_injection_kw"] + pv_peak * (change.yield_factor - 1.0)
    injection = np.maximum(injection - load_at_peak * (change.demand_factor - 1.0), 0.0)
    sunny = inputs.min_load_sunny_kw[:, None] * (change.demand_factor - 1.0)
    headroom = np.maximum(change.headroom_kw + sunny, 0.0)
    return {
        "peak_injection_kw": injection,
        "pv_headroom_kw": headroom,
        "headroom_ratio": injection / np.maximum(headroom, HEADROOM_FLOOR_KW),
    }


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    result = np.full(np.broadcast(part, whole).shape, np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
