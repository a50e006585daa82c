"""What people use of their own panels never passes the meter: offtake made whole again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

if TYPE_CHECKING:
    BoolArray = npt.NDArray[np.bool_]

Metering = Literal["offtake", "net", "gross"]
"""What a table counts: taken from the network at each moment; that less what was injected over the
year (a meter that runs back); or all that is used."""

ROUNDS = 60
"""Rounds of the fixed point; each brings it nearer by the slope of own use, below 0.5."""


@dataclass(frozen=True)
class OwnUseCurve:
    """
    Self-consumption by the ratio of a year's production to a year's consumption.

    Parameters
    ----------
    ratio : ndarray of float64, shape (knots,)
        Production over consumption, rising, above 0. [-]
    share : ndarray of float64, shape (knots,)
        Production used on site over production, falling. [-]
    """

    ratio: FloatArray
    share: FloatArray

    def used_kwh(self, production_kwh: FloatArray, consumption_kwh: FloatArray) -> FloatArray:
        """
        Return the production that is used on site.

        Parameters
        ----------
        production_kwh, consumption_kwh : ndarray of float64, any equal shape
            Energy of a year. [kWh]

        Returns
        -------
        ndarray of float64
            At most either; beyond the last knot own use grows no further. [kWh]

        Examples
        --------
        >>> curve = OwnUseCurve(np.array([0.5, 1.0]), np.array([0.6, 0.4]))
        >>> curve.used_kwh(np.array([1000.0, 4000.0]), np.array([1000.0, 1000.0]))
        array([400., 400.])
        """
        ratio = np.divide(
            production_kwh,
            consumption_kwh,
            out=np.zeros_like(production_kwh),
            where=consumption_kwh > 0.0,
        )
        knots = np.concatenate([[0.0], self.ratio])
        met = np.interp(ratio, knots, np.concatenate([[0.0], self.ratio * self.share]))
        return np.asarray(np.minimum(met * consumption_kwh, production_kwh))


@dataclass(frozen=True)
class Whole:
    """
    Consumption with own use, of every building.

    Parameters
    ----------
    consumption_kwh, own_use_kwh : ndarray of float64, shape (buildings,)
        All that is used, and what of it came from own panels. [kWh]
    """

    consumption_kwh: FloatArray
    own_use_kwh: FloatArray


def with_own_use(
    area: IntArray,
    offtake_kwh: FloatArray,
    production_kwh: FloatArray,
    curve: OwnUseCurve,
    metering: Metering,
) -> Whole:
    """
    Add to what passed the meters of an area what its panels gave behind them.

    Parameters
    ----------
    area : ndarray of int64, shape (buildings,)
        Area whose total was spread; -1 for buildings without one, which stay as they are.
    offtake_kwh : ndarray of float64, shape (buildings,)
        Total of each area, spread in proportion to what is expected of each building; NaN is
        unknown. [kWh]
    production_kwh : ndarray of float64, shape (buildings,)
        Of the panels that stand there; NaN counts as none. [kWh]
    curve : OwnUseCurve
        Of such users.
    metering : {"offtake", "net", "gross"}
        What the total counts.

    Returns
    -------
    Whole
        In each area consumption less own use sums to the total, and consumption is spread as
        before: a building with panels takes less from the network, not more in all.

    Raises
    ------
    ShapeMismatchError
        If the arrays differ in length.

    Notes
    -----
    Own use depends on consumption and raises it in turn; the fixed point is found by repetition.
    With ``net`` everything up to the year's consumption counts as own use.
    """
    for name, values in (("offtake_kwh", offtake_kwh), ("production_kwh", production_kwh)):
        if values.shape != area.shape:
            raise ShapeMismatchError(name, values.shape, area.shape)
    inside = area >= 0
    offtake = np.nan_to_num(offtake_kwh)
    made = np.where(inside, np.nan_to_num(production_kwh), 0.0)
    own = np.zeros_like(offtake)
    if metering == "gross" or not made.any():
        return Whole(offtake_kwh.copy(), own)
    count = int(area.max(initial=-1)) + 1
    total = np.bincount(area[inside], offtake[inside], minlength=count)
    whole = offtake
    for _ in range(ROUNDS):
        added = np.bincount(area[inside], own[inside], minlength=count)
        factor = np.divide(total + added, total, out=np.ones(count), where=total > 0.0)
        whole = np.where(inside, offtake * factor[np.where(inside, area, 0)], offtake)
        used = np.minimum(made, whole) if metering == "net" else curve.used_kwh(made, whole)
        if np.allclose(used, own, rtol=1e-12, atol=1e-9):
            break
        own = used
    # The last own use belongs to the last consumption: the sums close to the rounding of floats.
    return Whole(np.where(np.isnan(offtake_kwh), np.nan, whole), own)
