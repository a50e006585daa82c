"""Batteries that keep a surplus for a shortage: one behind a meter, or one for a group."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]

CAPACITY, STEP_LIMIT, EFFICIENCY = range(3)
"""Columns of a battery: usable capacity [kWh], most energy in or out in one step [kWh], share of
the energy put in that comes out [-]."""
NO_BATTERY = (0.0, 0.0, 1.0)


@numba.njit(nogil=True, cache=True)
def shift(production: FloatArray, load: FloatArray, used: FloatArray, battery: FloatArray) -> None:
    """Charge with surplus, discharge into shortage, in place; starts and ends as full as it ends.

    `production` becomes what is delivered (less what is charged, plus what is discharged), `used`
    grows by what is discharged; surplus and shortage stay ``production - used``, ``load - used``.
    """
    capacity, limit = battery[0], battery[1]
    if capacity <= 0.0:
        return
    one_way = math.sqrt(battery[2])
    # A dry run of the year finds the level that the year ends on; then the year closes on itself.
    level = 0.0
    for s in range(production.size):
        surplus, shortage = production[s] - used[s], load[s] - used[s]
        charged = min(surplus, limit, (capacity - level) / one_way)
        level += charged * one_way
        drawn = min(shortage, limit - charged, level * one_way)
        level -= drawn / one_way
    for s in range(production.size):
        surplus, shortage = production[s] - used[s], load[s] - used[s]
        charged = min(surplus, limit, (capacity - level) / one_way)
        level += charged * one_way
        drawn = min(shortage, limit - charged, level * one_way)
        level -= drawn / one_way
        production[s] += drawn - charged
        used[s] += drawn


def with_battery(
    production_kwh: FloatArray, load_kwh: FloatArray, used_kwh: FloatArray, battery: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """
    Return what is delivered and used with a battery.

    Parameters
    ----------
    production_kwh, load_kwh, used_kwh : ndarray of float64, shape (time,)
        Produced, consumed, and used as it is produced, at most either. [kWh]
    battery : ndarray of float64, shape (3,)
        `CAPACITY`, `STEP_LIMIT`, `EFFICIENCY`.

    Returns
    -------
    delivered_kwh, used_kwh : ndarray of float64, shape (time,)
        Production less what is charged plus what is discharged; own use with the battery. [kWh]

    Raises
    ------
    ShapeMismatchError
        If the series differ in length.

    Notes
    -----
    A plain rule: charge whenever there is a surplus, discharge whenever there is a shortage. It
    does not look at prices or forecasts. The year begins as full as it ends.

    Examples
    --------
    >>> production, load = np.array([4.0, 0.0]), np.array([1.0, 2.0])
    >>> with_battery(production, load, np.array([1.0, 0.0]), np.array([10.0, 10.0, 1.0]))
    (array([1., 2.]), array([1., 2.]))
    """
    for name, series in (("load_kwh", load_kwh), ("used_kwh", used_kwh)):
        if series.shape != production_kwh.shape:
            raise ShapeMismatchError(name, series.shape, production_kwh.shape)
    delivered, used = production_kwh.copy(), used_kwh.copy()
    shift(delivered, load_kwh, used, np.asarray(battery, dtype=np.float64))
    return delivered, used
