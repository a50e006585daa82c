"""New electric loads: quarter-hours of heat pumps and of cars charged at home, and who has them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt

from zonnekaart.energy.profiles import STEPS_PER_DAY, QuarterHours, normalised
from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_SATURDAY = 5
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def heat_pump_efficiency(temp_air_c: FloatArray, sink_c: FloatArray) -> FloatArray:
    """
    Return heat delivered over electricity of an air-source heat pump.

    Parameters
    ----------
    temp_air_c, sink_c : ndarray of float64, any equal shape
        Outdoor air and the water that leaves the heat pump. [degC]

    Returns
    -------
    ndarray of float64
        At least 1. [-]

    Notes
    -----
    Quadratic fit to manufacturers' figures, times 0.85 for operation in the field [1]_.

    References
    ----------
    .. [1] O. Ruhnau, L. Hirth, A. Praktiknjo, Time series of heat demand and heat pump efficiency
       for energy system modeling, Sci. Data 6, 2019. doi:10.1038/s41597-019-0199-y

    Examples
    --------
    >>> heat_pump_efficiency(np.array([0.0]), np.array([40.0])).round(2)
    array([2.79])
    """
    lift = np.maximum(sink_c - temp_air_c, 15.0)
    return np.maximum(0.85 * (6.08 - 0.09 * lift + 0.0005 * lift**2), 1.0)


def heat_pump_profile(
    clock: QuarterHours, temp_air_c: FloatArray, base_c: float, hot_water_share: float
) -> FloatArray:
    """
    Return the share of a heat pump's yearly electricity in each quarter-hour.

    Parameters
    ----------
    clock : QuarterHours
        The year.
    temp_air_c : ndarray of float64, shape (time,)
        Outdoor air in the same steps. [degC]
    base_c : float
        Homes are heated on days whose mean is below this. [degC]
    hot_water_share : float
        Part of the yearly heat that is hot water, spread evenly over the year. [-]

    Returns
    -------
    ndarray of float64, shape (time,)
        Sums to 1. [kWh/kWh]

    Raises
    ------
    ShapeMismatchError
        If the temperatures are of another number of steps.

    Notes
    -----
    Heat follows the running mean of a day below `base_c`, at half the rate from 22 to 6 h; water
    for radiators is taken as ``40 - temperature`` [degC], hot water as 50 degC.
    """
    if temp_air_c.shape != (len(clock),):
        raise ShapeMismatchError("temp_air_c", temp_air_c.shape, (len(clock),))
    window = np.ones(STEPS_PER_DAY) / STEPS_PER_DAY
    ring = np.concatenate([temp_air_c[-STEPS_PER_DAY + 1 :], temp_air_c])
    day_mean = np.convolve(ring, window, mode="valid")
    waking = np.where((clock.quarter >= 24) & (clock.quarter < 88), 1.0, 0.5)
    heat = np.maximum(base_c - day_mean, 0.0) * waking
    space = heat / heat_pump_efficiency(temp_air_c, 40.0 - temp_air_c)
    water = 1.0 / heat_pump_efficiency(temp_air_c, np.full_like(temp_air_c, 50.0))
    if heat.sum() > 0.0:
        space *= (1.0 - hot_water_share) / heat.sum()
    return normalised(space + water * hot_water_share / len(clock), clock, "heat pump")


def charging_profile(
    clock: QuarterHours, working_day: FloatArray, weekend: FloatArray
) -> FloatArray:
    """
    Return the share of a year's charging at home in each quarter-hour.

    Parameters
    ----------
    clock : QuarterHours
        The year.
    working_day, weekend : ndarray of float64, shape (24,)
        Weight of each local hour. [-]

    Returns
    -------
    ndarray of float64, shape (time,)
        Sums to 1. [kWh/kWh]
    """
    # Each local day has one quarter-hour of number 0, also when the clock changes.
    day = np.cumsum(clock.quarter == 0) - 1
    weekday = (dt.date(clock.year, 1, 1).weekday() + day) % 7
    hour = clock.quarter // 4
    return normalised(
        np.where(weekday >= _SATURDAY, weekend[hour], working_day[hour]), clock, "charging"
    )


def rank(identity: npt.NDArray[np.uint64], purpose: int) -> FloatArray:
    """
    Return a number between 0 and 1 for each building, always the same one.

    Parameters
    ----------
    identity : ndarray of uint64, shape (buildings,)
        A number that belongs to the building, such as a hash of its id.
    purpose : int
        Another purpose gives other, unrelated numbers.

    Returns
    -------
    ndarray of float64, shape (buildings,)
        Even over [0, 1). Who ranks below a share of 0.3 also ranks below 0.5: a higher share adds
        buildings and takes none away. [-]

    Notes
    -----
    The finaliser of the SplitMix64 generator (G. Steele, D. Lea, C. Flood, 2014,
    doi:10.1145/2714064.2660195).
    """
    with np.errstate(over="ignore"):
        z = identity + _GOLDEN * np.uint64(purpose + 1)
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53


def takers(size: FloatArray, share: float, order: FloatArray) -> BoolArray:
    """
    Choose buildings, in a given order, until they hold a share of the total size.

    Parameters
    ----------
    size : ndarray of float64, shape (buildings,)
        What is to be shared out, such as the power that fits; unknown counts as 0.
    share : float
        From 0 to 1. [-]
    order : ndarray of float64, shape (buildings,)
        Who comes first, from `rank`.

    Returns
    -------
    ndarray of bool, shape (buildings,)
        A larger share chooses the same buildings and more.

    Examples
    --------
    >>> takers(np.array([2.0, 1.0, 1.0]), 0.5, np.array([0.9, 0.1, 0.5]))
    array([False,  True,  True])
    """
    known = np.nan_to_num(size)
    sequence = np.argsort(order, kind="stable")
    before = np.cumsum(known[sequence]) - known[sequence]
    chosen = np.zeros(len(size), dtype=np.bool_)
    chosen[sequence] = (before < share * known.sum()) & (known[sequence] > 0.0)
    return chosen
