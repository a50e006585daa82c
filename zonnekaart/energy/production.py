"""Production of roof planes in quarter-hours: the shape, scaled to a known yield."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MODULE_TEMPERATURE_COEFFICIENT = -0.0035
"""Relative power change per kelvin of crystalline silicon, typical data sheet value. [1/K]."""
FAIMAN_U0, FAIMAN_U1 = 25.0, 6.84
"""Heat loss of a module, D. Faiman, Prog. Photovolt. 16, 2008. doi:10.1002/pip.813 [W/(m2 K)]."""
REFERENCE_TEMPERATURE_C = 25.0

EAST, NORTH, UP, BEAM, ISOTROPIC, RING, GROUND, TANGENT, SHARE, GAIN, SLOPE = range(11)
YIELD = 6


@dataclass(frozen=True)
class SkySeries:
    """
    Sun and weather of every quarter-hour of a year; all arrays have shape (time,).

    Parameters
    ----------
    elevation_deg, azimuth_deg : ndarray of float64
        Sun at the middle of the interval; azimuth 0 = north, clockwise. [deg]
    beam, isotropic, ring, ground : ndarray of float64
        Direct and circumsolar irradiance normal to the sun; even part of the sky on the horizontal;
        horizon band, may be negative; irradiance that the ground sends up. [W/m2]
    first, second : ndarray of int64
        The two horizon sectors that the sun stands between.
    share : ndarray of float64
        Weight of the second. [-]
    temp_air_c, wind_speed_m_s : ndarray of float64
        Interval means. [degC], [m/s]
    """

    elevation_deg: FloatArray
    azimuth_deg: FloatArray
    beam: FloatArray
    isotropic: FloatArray
    ring: FloatArray
    ground: FloatArray
    first: IntArray
    second: IntArray
    share: FloatArray
    temp_air_c: FloatArray
    wind_speed_m_s: FloatArray


@dataclass(frozen=True)
class SkyYear:
    """
    What every plane needs of the quarter-hours with light.

    Parameters
    ----------
    step : ndarray of int64, shape (lit,)
        Number of the quarter-hour in the year.
    sectors : ndarray of int64, shape (2, lit)
        Horizon sectors that the sun stands between.
    values : ndarray of float64, shape (11, lit)
        Rows in the order of the constants above: sun's unit vector; beam, isotropic, ring, ground
        [W/m2]; tangent of the elevation; weight of the second sector; relative module efficiency
        without irradiance [-] and its change with irradiance [m2/W].
    steps : int
        Quarter-hours in the whole year.
    """

    step: IntArray
    sectors: IntArray
    values: FloatArray
    steps: int


@dataclass(frozen=True)
class Planes:
    """
    Module planes, grouped by building.

    Parameters
    ----------
    first : ndarray of int64, shape (buildings + 1,)
        Planes of building b are ``first[b]`` to ``first[b + 1]``.
    factors : ndarray of float64, shape (planes, 6)
        Unit normal (east, north, up) and view factors of the even sky, the horizon band and the
        ground. [-]
    tan_horizon : ndarray of float64, shape (planes, directions)
        Tangent of the horizon per sector; sector k is centred on azimuth k × 360 / directions. [-]
    annual_yield_kwh : ndarray of float64, shape (planes,)
        AC energy of a year that the shape is scaled to; NaN when unknown. [kWh]
    """

    first: IntArray
    factors: FloatArray
    tan_horizon: FloatArray
    annual_yield_kwh: FloatArray

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same planes."""
        planes = len(self.annual_yield_kwh)
        if self.factors.shape != (planes, YIELD):
            raise ShapeMismatchError("factors", self.factors.shape, (planes, YIELD))
        if self.tan_horizon.ndim != 2 or len(self.tan_horizon) != planes:
            raise ShapeMismatchError("tan_horizon", self.tan_horizon.shape, (planes, "directions"))
        if self.first[-1] != planes:
            raise ShapeMismatchError("first", int(self.first[-1]), planes)


def sky_year(series: SkySeries, *, every_step: bool = False) -> SkyYear:
    """
    Keep the quarter-hours with light and prepare what every plane needs of them.

    Parameters
    ----------
    series : SkySeries
        Whole year.
    every_step : bool
        Keep the dark steps too, as batteries need them; takes twice as long.

    Returns
    -------
    SkyYear
        Only steps in which some plane can get light.

    Raises
    ------
    ShapeMismatchError
        If the series differ in length.
    """
    length = series.elevation_deg.shape
    for name, values in vars(series).items():
        if values.shape != length:
            raise ShapeMismatchError(name, values.shape, length)
    light = series.beam + series.isotropic + series.ground > 0
    step = np.arange(len(light)) if every_step else np.flatnonzero(light)
    lit = {name: values[step] for name, values in vars(series).items()}
    height, bearing = np.radians(lit["elevation_deg"]), np.radians(lit["azimuth_deg"])
    # Irradiance heats the module by G / (u0 + u1 wind), which lowers its efficiency.
    cooling = FAIMAN_U0 + FAIMAN_U1 * lit["wind_speed_m_s"]
    excess = lit["temp_air_c"] - REFERENCE_TEMPERATURE_C
    rows = {
        EAST: np.cos(height) * np.sin(bearing),
        NORTH: np.cos(height) * np.cos(bearing),
        UP: np.sin(height),
        BEAM: lit["beam"],
        ISOTROPIC: lit["isotropic"],
        RING: lit["ring"],
        GROUND: lit["ground"],
        TANGENT: np.tan(np.clip(height, -1.55, 1.55)),
        SHARE: lit["share"],
        GAIN: 1.0 + MODULE_TEMPERATURE_COEFFICIENT * excess,
        SLOPE: MODULE_TEMPERATURE_COEFFICIENT / cooling,
    }
    sectors = np.ascontiguousarray(np.stack([lit["first"], lit["second"]]).astype(np.int64))
    return SkyYear(step, sectors, np.stack([rows[k] for k in sorted(rows)]), length[0])


def plane_values(planes: Planes) -> FloatArray:
    """Return factors and annual yield side by side, shape (planes, 7), for the kernels."""
    return np.ascontiguousarray(np.column_stack([planes.factors, planes.annual_yield_kwh]))


@numba.njit(nogil=True, cache=True)
def add_plane(
    sky: FloatArray,
    sectors: IntArray,
    plane: FloatArray,
    horizon: FloatArray,
    shape: FloatArray,
    production: FloatArray,
) -> None:
    """Add one plane's production in each lit step to `production`; `shape` is scratch. [kWh]."""
    if not plane[YIELD] > 0.0:
        return
    east, north, up, even, ring, below = plane[0], plane[1], plane[2], plane[3], plane[4], plane[5]
    total = 0.0
    for s in range(shape.size):
        g = even * sky[ISOTROPIC, s] + ring * sky[RING, s] + below * sky[GROUND, s]
        incidence = east * sky[EAST, s] + north * sky[NORTH, s] + up * sky[UP, s]
        if incidence > 0.0:
            share = sky[SHARE, s]
            clear = 0.0
            if sky[TANGENT, s] > horizon[sectors[0, s]]:
                clear += 1.0 - share
            if sky[TANGENT, s] > horizon[sectors[1, s]]:
                clear += share
            g += incidence * clear * sky[BEAM, s]
        power = max(g, 0.0) * (sky[GAIN, s] + sky[SLOPE, s] * g)
        shape[s] = power
        total += power
    if total > 0.0:
        factor = plane[YIELD] / total
        for s in range(shape.size):
            production[s] += factor * shape[s]


def production_series(sky: SkyYear, planes: Planes, building: int) -> FloatArray:
    """
    Return the production of one building over the year.

    Parameters
    ----------
    sky : SkyYear
        Sun and sky.
    planes : Planes
        All planes.
    building : int
        Position of the building.

    Returns
    -------
    ndarray of float64, shape (time,)
        AC energy in each quarter-hour. [kWh]
    """
    values = plane_values(planes)
    lit, scratch = np.zeros(sky.step.size), np.empty(sky.step.size)
    for p in range(planes.first[building], planes.first[building + 1]):
        add_plane(sky.values, sky.sectors, values[p], planes.tan_horizon[p], scratch, lit)
    series = np.zeros(sky.steps)
    series[sky.step] = lit
    return series
