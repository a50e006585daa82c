"""Trigonometry in degrees and the azimuth convention: 0 = north, clockwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.errors import ConfigError

if TYPE_CHECKING:
    import numpy.typing as npt

MIN_DIRECTIONS = 8


def sector_centres(directions: int) -> npt.NDArray[np.float64]:
    """
    Return the azimuths at the middle of equal sectors, the first one facing north.

    Parameters
    ----------
    directions : int
        Number of sectors, >= 8.

    Returns
    -------
    ndarray of float64, shape (directions,)
        0 = north, clockwise. [degree]

    Raises
    ------
    ConfigError
        If there are fewer than 8 sectors.

    Examples
    --------
    >>> sector_centres(8)
    array([  0.,  45.,  90., 135., 180., 225., 270., 315.])
    """
    if directions < MIN_DIRECTIONS:
        raise ConfigError(
            "directions", str(directions), f"at least {MIN_DIRECTIONS}", "use 32 or 64"
        )
    return np.asarray(np.arange(directions) * (360.0 / directions))


def unit_vectors(
    azimuth_deg: npt.ArrayLike,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Return the east and north components of horizontal unit vectors.

    Parameters
    ----------
    azimuth_deg : array_like of float
        0 = north, clockwise. [degree]

    Returns
    -------
    east, north : ndarray of float64, shape of `azimuth_deg`
        Exact zeros and ones on the four main directions. [-]
    """
    azimuth = np.asarray(azimuth_deg, dtype=np.float64)
    return _exact_sin(azimuth), _exact_sin(np.asarray(azimuth + 90.0))


def _exact_sin(angle_deg: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sine that is symmetric to the last bit: angles are folded into 0..90 degrees first."""
    turned = np.mod(angle_deg, 360.0)
    sign = np.where(turned >= 180.0, -1.0, 1.0)
    half = np.mod(turned, 180.0)
    folded = np.where(half > 90.0, 180.0 - half, half)
    # sin(a) near 90 degrees as a cosine of the rest, so that sin(90 - a) == cos(a) exactly.
    small = np.radians(np.where(folded > 45.0, 90.0 - folded, folded))
    return np.asarray(sign * np.where(folded > 45.0, np.cos(small), np.sin(small)))


def plane_normal(
    tilt_deg: npt.ArrayLike, azimuth_deg: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Return the unit normal of planes.

    Parameters
    ----------
    tilt_deg : array_like of float
        0 = flat, 90 = wall. [degree]
    azimuth_deg : array_like of float
        Direction the plane faces, 0 = north, clockwise; NaN means flat. [degree]

    Returns
    -------
    east, north, up : ndarray of float64
        Components; a plane with NaN azimuth points straight up whatever its tilt. [-]

    Examples
    --------
    >>> [float(round(v, 3)) for v in plane_normal(30.0, 180.0)]
    [0.0, -0.5, 0.866]
    """
    azimuth = np.asarray(azimuth_deg, dtype=np.float64)
    flat = np.isnan(azimuth)
    tilt = np.where(flat, 0.0, np.asarray(tilt_deg, dtype=np.float64))
    east, north = unit_vectors(np.where(flat, 0.0, azimuth))
    sine = _exact_sin(tilt)
    return np.asarray(east * sine), np.asarray(north * sine), _exact_sin(np.asarray(tilt + 90.0))
