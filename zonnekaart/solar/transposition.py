"""Irradiance on tilted planes, step by step, with their horizons.

The sky is taken apart once per time step (`sun_series`) and each plane is reduced to a few
factors (`plane_factors`), so that the irradiance on many planes is a handful of products per
step. The yearly tables of `sky` are sums over the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pvlib import atmosphere, irradiance

from zonnekaart.errors import ShapeMismatchError
from zonnekaart.solar.angles import plane_normal, sector_centres, unit_vectors
from zonnekaart.solar.position import solar_position

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.solar.weather import WeatherYear

DEFAULT_ALBEDO = 0.2
"""Reflectance of ordinary ground, as in pvlib and most cadastres. [-]"""
RING_TOP_DEG = 6.5
"""Height of the horizon band of Perez et al. (1987): what stands higher hides it. [degree]"""
_MIN_COSINE_ZENITH = float(np.cos(np.radians(85.0)))


@dataclass(frozen=True)
class SunSeries:
    """
    Sun and sky in parts, per time step; all arrays have shape (time,).

    Parameters
    ----------
    time_utc : ndarray of datetime64[ns]
        Midpoint of each step, UTC.
    step_hours : float
        Length of a step. [h]
    month : ndarray of int64
        1..12 in local standard time.
    elevation_deg, azimuth_deg : ndarray of float64
        Of the sun; azimuth 0 = north, clockwise. [degree]
    beam_w_m2 : ndarray of float64
        Irradiance normal to the sun: direct plus circumsolar; 0 at night. [W/m2]
    isotropic_w_m2 : ndarray of float64
        Even part of the diffuse irradiance on the horizontal. [W/m2]
    ring_w_m2 : ndarray of float64
        Horizon band, on a wall that sees half of it; may be negative. [W/m2]
    ground_w_m2 : ndarray of float64
        Albedo times global horizontal irradiance. [W/m2]
    """

    time_utc: npt.NDArray[np.datetime64]
    step_hours: float
    month: npt.NDArray[np.int64]
    elevation_deg: npt.NDArray[np.float64]
    azimuth_deg: npt.NDArray[np.float64]
    beam_w_m2: npt.NDArray[np.float64]
    isotropic_w_m2: npt.NDArray[np.float64]
    ring_w_m2: npt.NDArray[np.float64]
    ground_w_m2: npt.NDArray[np.float64]

    def vectors(
        self,
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return east, north and up of the direction to the sun, each of shape (time,)."""
        east, north = unit_vectors(self.azimuth_deg)
        flat = np.cos(np.radians(self.elevation_deg))
        return east * flat, north * flat, np.sin(np.radians(self.elevation_deg))

    def sectors(
        self, directions: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """
        Return the two sectors the sun stands between and the share of the second.

        Returns
        -------
        first, second : ndarray of int64, shape (time,)
            Sector numbers.
        share : ndarray of float64, shape (time,)
            0 when the sun is in the middle of the first, towards 1 near the second. [-]
        """
        place = np.mod(self.azimuth_deg, 360.0) * (directions / 360.0)
        first = np.floor(place).astype(np.int64)
        return first % directions, (first + 1) % directions, place - first


@dataclass(frozen=True)
class PlaneFactors:
    """
    What a plane and its horizon come down to; all arrays have shape (planes, ...).

    ``poa = beam * visible * max(0, n . s) + isotropic * f_iso + ring * f_ring + ground * f_ground``
    with ``visible = (1 - share) * [tan e > tan_horizon[first]] + share * [... second]``.

    Parameters
    ----------
    east, north, up : ndarray of float64, shape (planes,)
        Unit normal. [-]
    isotropic, ring, ground : ndarray of float64, shape (planes,)
        View factors; the unshaded horizontal plane has 1, 0, 0. [-]
    tan_horizon : ndarray of float64, shape (planes, directions)
        Tangent of the horizon per sector, never below 0. [-]
    """

    east: npt.NDArray[np.float64]
    north: npt.NDArray[np.float64]
    up: npt.NDArray[np.float64]
    isotropic: npt.NDArray[np.float64]
    ring: npt.NDArray[np.float64]
    ground: npt.NDArray[np.float64]
    tan_horizon: npt.NDArray[np.float64]


def sun_series(
    weather: WeatherYear, samples_per_hour: int = 4, albedo: float = DEFAULT_ALBEDO
) -> SunSeries:
    """
    Take a weather year apart into sun and sky, in finer steps than the weather has.

    Parameters
    ----------
    weather : WeatherYear
        Interval means.
    samples_per_hour : int
        Steps per hour, when finer than the weather's own; 4 gives quarter-hours. [1/h]
    albedo : float
        Reflectance of the ground, 0..1. [-]

    Returns
    -------
    SunSeries
        ``max(1, round(step_hours * samples_per_hour))`` steps per interval of the weather,
        in the same order; repeat temperature and wind that often to go with it.

    Notes
    -----
    Energy is kept: the steps of an interval with the sun up share the interval's direct and
    diffuse energy equally; an interval without sun spreads its diffuse light evenly over the sky.
    Diffuse light after Perez et al. (1990), coefficients "allsitescomposite1990" [1]_.

    References
    ----------
    .. [1] R. Perez et al., Solar Energy 44(5), 1990. doi:10.1016/0038-092X(90)90055-H
    """
    steps = max(1, round(weather.step_hours * samples_per_hour))
    step_ns = weather.step_hours * 3600e9 / steps
    offsets = np.round((np.arange(steps) - (steps - 1) / 2.0) * step_ns).astype("timedelta64[ns]")
    time = (weather.time_utc[:, None] + offsets[None, :]).astype("datetime64[ns]")
    elevation, azimuth = solar_position(time.ravel(), weather.latitude_deg, weather.longitude_deg)
    up = elevation.reshape(time.shape) > 0.0
    count = up.sum(axis=1, keepdims=True)
    share = np.where(count > 0, up * (steps / np.maximum(count, 1)), 1.0)
    dni = np.where(up, weather.dni[:, None] * share, 0.0).ravel()
    dhi = (weather.dhi[:, None] * share).ravel()
    circumsolar, even, ring = _perez_parts(time.ravel(), elevation, azimuth, dni, dhi)
    return SunSeries(
        time_utc=time.ravel(),
        step_hours=weather.step_hours / steps,
        month=np.repeat(weather.month, steps),
        elevation_deg=elevation,
        azimuth_deg=azimuth,
        beam_w_m2=dni + circumsolar,
        isotropic_w_m2=even,
        ring_w_m2=ring,
        ground_w_m2=albedo * (weather.ghi[:, None] * share).ravel(),
    )


def _perez_parts(
    time: npt.NDArray[np.datetime64],
    elevation_deg: npt.NDArray[np.float64],
    azimuth_deg: npt.NDArray[np.float64],
    dni: npt.NDArray[np.float64],
    dhi: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return circumsolar (normal to the sun), even and horizon parts of `dhi`."""
    circumsolar, even, ring = np.zeros_like(dhi), dhi.copy(), np.zeros_like(dhi)
    lit = np.flatnonzero((elevation_deg > 0.0) & (dhi > 0.0))
    zenith = 90.0 - elevation_deg[lit]
    day = (time[lit] - time[lit].astype("datetime64[Y]")).astype("timedelta64[D]").astype(float)
    parts = irradiance.perez(
        90.0,
        azimuth_deg[lit],
        dhi[lit],
        dni[lit],
        irradiance.get_extra_radiation(day + 1.0),
        zenith,
        azimuth_deg[lit],
        atmosphere.get_relative_airmass(zenith),
        return_components=True,
    )
    # A wall that faces the sun reads the three coefficients off: half of the even part, all of
    # the horizon part, and F1 = 1 - 2 * even / dhi.
    even[lit] = 2.0 * parts["poa_isotropic"]
    ring[lit] = parts["poa_horizon"]
    cosine = np.maximum(np.cos(np.radians(zenith)), _MIN_COSINE_ZENITH)
    circumsolar[lit] = (dhi[lit] - even[lit]) / cosine
    return circumsolar, even, ring


def plane_factors(
    tilt_deg: npt.ArrayLike, azimuth_deg: npt.ArrayLike, horizon_deg: npt.NDArray[np.floating]
) -> PlaneFactors:
    """
    Reduce planes and their horizons to the factors that a time step needs.

    Parameters
    ----------
    tilt_deg, azimuth_deg : array_like of float, shape (planes,)
        Slope, 0 = flat, and direction it faces, 0 = north, clockwise, NaN = flat. [degree]
    horizon_deg : ndarray, shape (planes, directions)
        Horizon per sector; sector k is centred on azimuth k * 360 / directions. NaN = unknown,
        which gives NaN. [degree]

    Raises
    ------
    ShapeMismatchError
        If the number of planes differs.
    """
    tilt = np.atleast_1d(np.asarray(tilt_deg, dtype=np.float64))
    facing = np.broadcast_to(np.asarray(azimuth_deg, dtype=np.float64), tilt.shape)
    horizon = np.atleast_2d(np.asarray(horizon_deg, dtype=np.float64))
    if horizon.shape[0] != tilt.shape[0]:
        raise ShapeMismatchError("horizon_deg", horizon.shape, (tilt.shape[0], "directions"))
    east, north, up = plane_normal(tilt, facing)
    directions = horizon.shape[1]
    a_east, a_north = unit_vectors(sector_centres(directions))
    outward = east[:, None] * a_east + north[:, None] * a_north
    own_deg = np.degrees(np.arctan2(-outward, up[:, None]))
    raised = np.maximum(np.maximum(horizon, 0.0), own_deg)
    up_sum, out_sum = isotropic_sums(raised, directions)
    seen = ring_share(raised) * np.sin(np.pi / directions)
    return PlaneFactors(
        east=east,
        north=north,
        up=up,
        isotropic=(up[:, None] * up_sum + outward * out_sum).sum(axis=1),
        ring=(np.maximum(outward, 0.0) * seen).sum(axis=1),
        ground=(1.0 - up) / 2.0,
        tan_horizon=np.tan(np.radians(np.clip(horizon, 0.0, 89.99))),
    )


def isotropic_sums(
    horizon_deg: npt.NDArray[np.float64], directions: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """
    Return one sector's sums of ``sin e`` and ``cos e`` over an even sky above a horizon.

    Parameters
    ----------
    horizon_deg : ndarray of float64
        Lower edge. [degree]
    directions : int
        Number of sectors in the circle.

    Returns
    -------
    up, out : ndarray of float64, shape of `horizon_deg`
        Per unit of horizontal irradiance; `up` sums to 1 over an open sky. [-]
    """
    edge = np.radians(horizon_deg)
    up = np.cos(edge) ** 2 / directions
    quarter = np.pi / 4.0 - edge / 2.0 - np.sin(2.0 * edge) / 4.0
    return up, 2.0 * np.sin(np.pi / directions) / np.pi * quarter


def ring_share(horizon_deg: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of the horizon band that stands above a horizon, 0..1. [-]."""
    top = np.radians(RING_TOP_DEG)
    edge = np.radians(np.clip(horizon_deg, 0.0, RING_TOP_DEG))
    hidden = (edge + np.sin(2.0 * edge) / 2.0) / (top + np.sin(2.0 * top) / 2.0)
    return np.asarray(1.0 - hidden)


def plane_irradiance(
    sun: SunSeries,
    tilt_deg: npt.ArrayLike,
    azimuth_deg: npt.ArrayLike,
    horizon_deg: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """
    Return the irradiance in the plane per time step.

    Parameters
    ----------
    sun : SunSeries
        From `sun_series`.
    tilt_deg, azimuth_deg : float or array_like of float, shape (planes,)
        Slope and direction it faces, 0 = north, clockwise, NaN = flat. [degree]
    horizon_deg : ndarray, shape (directions,) or (planes, directions)
        Horizon per sector. [degree]

    Returns
    -------
    ndarray of float64, shape (planes, time) or (time,) for one plane
        ``poa_global``, step mean, on the sloped surface. [W/m2]

    Notes
    -----
    The beam is hidden while the sun is below the horizon; between two sectors it is weighted
    linearly. Light reflected by walls and light through trees are not counted.
    """
    single = np.ndim(tilt_deg) == 0
    factors = plane_factors(tilt_deg, azimuth_deg, horizon_deg)
    s_east, s_north, s_up = sun.vectors()
    first, second, share = sun.sectors(factors.tan_horizon.shape[1])
    tangent = np.tan(np.radians(np.clip(sun.elevation_deg, -89.0, 89.99)))
    poa = np.empty((len(factors.up), len(s_up)))
    for plane in range(len(factors.up)):
        tops = factors.tan_horizon[plane]
        clear = (1.0 - share) * (tangent > tops[first]) + share * (tangent > tops[second])
        cosine = (
            factors.east[plane] * s_east + factors.north[plane] * s_north + factors.up[plane] * s_up
        )
        poa[plane] = (
            sun.beam_w_m2 * clear * np.maximum(cosine, 0.0)
            + sun.isotropic_w_m2 * factors.isotropic[plane]
            + sun.ring_w_m2 * factors.ring[plane]
            + sun.ground_w_m2 * factors.ground[plane]
        )
    poa[np.isnan(factors.isotropic)] = np.nan
    return poa[0] if single else poa
