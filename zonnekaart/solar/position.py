"""Where the sun stands, from UTC time and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pvlib import spa

if TYPE_CHECKING:
    import numpy.typing as npt

_PRESSURE_MBAR = 1013.25
_AIR_TEMPERATURE_C = 12.0
_REFRACTION_AT_HORIZON_DEG = 0.5667
_DELTA_T_S = 69.2
"""Terrestrial minus universal time around 2020; a minute of it moves the sun 0.004 degrees."""
_BLOCK = 1 << 14


def solar_position(
    time_utc: npt.NDArray[np.datetime64], latitude_deg: float, longitude_deg: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Return elevation and azimuth of the sun.

    Parameters
    ----------
    time_utc : ndarray of datetime64, shape (time,)
        Moments in UTC.
    latitude_deg, longitude_deg : float
        Place; north and east positive. [degree]

    Returns
    -------
    elevation_deg : ndarray of float64, shape (time,)
        Above the horizon, with refraction at 1013 hPa; negative at night. [degree]
    azimuth_deg : ndarray of float64, shape (time,)
        0 = north, clockwise. [degree]

    Notes
    -----
    The NREL solar position algorithm as in pvlib, within 0.0003 degrees [1]_.

    References
    ----------
    .. [1] I. Reda, A. Andreas, Solar Energy 76(5), 2004. doi:10.1016/j.solener.2003.12.003

    Examples
    --------
    >>> noon = np.array(["2021-06-21T11:42"], dtype="datetime64[ns]")
    >>> elevation, azimuth = solar_position(noon, 50.9, 4.5)
    >>> round(float(elevation[0])), round(float(azimuth[0]))
    (63, 180)
    """
    seconds = np.asarray(time_utc).astype("datetime64[ns]").astype(np.int64) / 1e9
    elevation = np.empty(seconds.shape)
    azimuth = np.empty(seconds.shape)
    for start in range(0, len(seconds), _BLOCK):
        part = slice(start, start + _BLOCK)
        found = spa.solar_position_numpy(
            seconds[part],
            latitude_deg,
            longitude_deg,
            0.0,
            _PRESSURE_MBAR,
            _AIR_TEMPERATURE_C,
            _DELTA_T_S,
            _REFRACTION_AT_HORIZON_DEG,
            1,
        )
        elevation[part], azimuth[part] = found[2], found[4]
    return elevation, azimuth
