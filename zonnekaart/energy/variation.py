"""What an average load curve hides: how much of a small group's load meets its production.

A standard profile is the mean of many connections. The load of a few is that mean times a random
factor; because own use is the smaller of load and production, the mean of the smaller is less than
the smaller of the means. The factor is taken as gamma distributed with mean 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]

RATIO_STEPS = 32
RATIO_MAX = 32
LARGEST_SPREAD = 4.0
_SPREADS = np.concatenate(([0.0], np.geomspace(0.02, LARGEST_SPREAD, 47)))
LOG_FIRST = float(np.log(_SPREADS[1]))
LOG_STEP = float(np.log(_SPREADS[2] / _SPREADS[1]))


@dataclass(frozen=True)
class UseTable:
    """
    Expected own use as a share of the mean load, per ratio of production to mean load.

    Parameters
    ----------
    share : ndarray of float64, shape (spreads, ratios)
        ``E[min(ratio, X)]`` with X gamma distributed, mean 1. [-]
    """

    share: FloatArray


def use_table() -> UseTable:
    """
    Tabulate expected own use for every spread and ratio that occurs.

    Notes
    -----
    For X ~ gamma(shape k = 1 / spread², mean 1) and P the regularised lower incomplete gamma
    function, ``E[min(r, X)] = P(k + 1, k r) + r (1 - P(k, k r))``. The function of r is concave, so
    linear interpolation between table ratios never gives more than the exact value.
    """
    ratio = np.arange(RATIO_STEPS * RATIO_MAX + 1) / RATIO_STEPS
    shape = 1.0 / _SPREADS[1:, None] ** 2
    spread = gammainc(shape + 1, shape * ratio) + ratio * (1 - gammainc(shape, shape * ratio))
    return UseTable(np.ascontiguousarray(np.vstack([np.minimum(ratio, 1.0), spread])))


def load_spread(
    energy_kwh: FloatArray, connections: FloatArray, spread_of_one: FloatArray
) -> FloatArray:
    """
    Relative standard deviation of a summed load around its profile.

    Parameters
    ----------
    energy_kwh : ndarray of float64, shape (units, categories)
        Annual consumption per category. [kWh]
    connections : ndarray of float64, shape (units, categories)
        Independent connections that make it up; below 1 counts as 1. [-]
    spread_of_one : ndarray of float64, shape (categories,)
        Relative standard deviation of one connection around its profile. [-]

    Returns
    -------
    ndarray of float64, shape (units,)
        Standard deviation ÷ mean; 0 without consumption, NaN where consumption is unknown. [-]

    Examples
    --------
    >>> load_spread(np.array([[3500.0, 0.0]]), np.array([[4.0, 0.0]]), np.array([1.0, 0.5]))
    array([0.5])
    """
    if energy_kwh.shape != connections.shape:
        raise ShapeMismatchError("connections", connections.shape, energy_kwh.shape)
    deviation = energy_kwh * spread_of_one / np.sqrt(np.maximum(connections, 1.0))
    total = energy_kwh.sum(axis=1)
    spread = np.sqrt((deviation**2).sum(axis=1))
    ratio: FloatArray = np.divide(spread, total, out=np.zeros_like(total), where=total != 0)
    return np.minimum(ratio, LARGEST_SPREAD)


@numba.njit(nogil=True, cache=True)
def use_row(spread: float, table: FloatArray, row: FloatArray) -> None:
    """Write the table's row for one spread into `row`, between the two nearest rows."""
    position = 0.0
    if spread > 0.0:
        position = max(1.0 + (np.log(spread) - LOG_FIRST) / LOG_STEP, 0.0)
    low = min(int(position), table.shape[0] - 2)
    part = min(position - low, 1.0)
    for i in range(row.size):
        row[i] = (1.0 - part) * table[low, i] + part * table[low + 1, i]


@numba.njit(nogil=True, cache=True)
def expected_use(production: float, load: float, row: FloatArray) -> float:
    """Return the energy expected to be used as it is produced, at most the smaller. [kWh]."""
    if production <= 0.0 or load <= 0.0:
        return 0.0
    place = production / load * RATIO_STEPS
    last = row.size - 1
    if place >= last:
        # The rest of the tail shrinks at least as fast as the ratio grows.
        tail: float = load * (1.0 - (1.0 - row[last]) * last / place)
        return tail
    i = int(place)
    used: float = load * (row[i] + (row[i + 1] - row[i]) * (place - i))
    return min(used, production, load)
