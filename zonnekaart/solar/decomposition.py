"""Global, beam and diffuse irradiance from one another: what a weather file lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pvlib import clearsky, irradiance

from zonnekaart.errors import ConfigError
from zonnekaart.solar.position import solar_position

if TYPE_CHECKING:
    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]

SAMPLES_PER_HOUR = 6
"""Sun positions per hour, as in the sky tables, so that sums close there too. [1/h]"""
LOWEST_COSINE = 0.065
"""Below 3.7 degrees of sun all light counts as diffuse; pvlib's own guard for Erbs. [-]"""
CLEAREST_AEROSOL, CLEAREST_WATER_CM = 0.05, 0.5
"""Very clean, dry air: optical depth at 700 nm [-] and precipitable water [cm]. No beam that is
worked out passes what such a sky lets through."""


@dataclass(frozen=True)
class SunHeights:
    """
    How high the sun stands in each interval; arrays of shape (time,).

    Parameters
    ----------
    cosine_up : ndarray of float64
        Mean sine of the solar elevation over the part of the interval with the sun up; 0 when it
        never is. [-]
    cosine : ndarray of float64
        The same over the whole interval, dark part included. [-]
    extraterrestrial_w_m2 : ndarray of float64
        Irradiance normal to the sun above the atmosphere. [W/m2]
    day_of_year : ndarray of int64
        1 = 1 January, UTC.
    """

    cosine_up: F64
    cosine: F64
    extraterrestrial_w_m2: F64
    day_of_year: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parts:
    """
    Global horizontal, direct normal, diffuse horizontal irradiance as far as known. [W/m2].

    Parameters
    ----------
    ghi, dni, dhi : ndarray of float64, shape (time,), or None
        Interval means; None = the source has no such column. [W/m2]
    """

    ghi: F64 | None = None
    dni: F64 | None = None
    dhi: F64 | None = None

    def names(self) -> tuple[str, ...]:
        """Return which of the three are known."""
        return tuple(n for n in ("ghi", "dni", "dhi") if getattr(self, n) is not None)


def sun_heights(
    time_utc: npt.NDArray[np.datetime64],
    step_hours: float,
    latitude_deg: float,
    longitude_deg: float,
) -> SunHeights:
    """
    Return the height of the sun over intervals, not only in their middle.

    Parameters
    ----------
    time_utc : ndarray of datetime64, shape (time,)
        Interval midpoints, UTC.
    step_hours : float
        Length of an interval. [h]
    latitude_deg, longitude_deg : float
        Place; north and east positive. [degree]
    """
    count = max(1, round(step_hours * SAMPLES_PER_HOUR))
    offsets = (np.arange(count) - (count - 1) / 2.0) * (step_hours * 3600e9 / count)
    middle = time_utc.astype("datetime64[ns]")
    times = middle[:, None] + np.round(offsets).astype("timedelta64[ns]")
    elevation, _ = solar_position(times.ravel(), latitude_deg, longitude_deg)
    sine = np.maximum(np.sin(np.radians(elevation.reshape(times.shape))), 0.0)
    lit = (sine > 0.0).sum(axis=1)
    day = middle.astype("datetime64[D]")
    number = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1
    return SunHeights(
        cosine_up=np.asarray(sine.sum(axis=1) / np.maximum(lit, 1)),
        cosine=np.asarray(sine.mean(axis=1)),
        extraterrestrial_w_m2=np.asarray(irradiance.get_extra_radiation(number), dtype=np.float64),
        day_of_year=number,
    )


def erbs_diffuse(ghi: F64, sun: SunHeights) -> F64:
    """
    Return the diffuse part of global irradiance.

    Parameters
    ----------
    ghi : ndarray of float64, shape (time,)
        Interval means, at most an hour long. [W/m2]
    sun : SunHeights
        Of the same intervals.

    Returns
    -------
    ndarray of float64, shape (time,)
        From 0 to `ghi`; all of it where the sun stands below 3.7 degrees. [W/m2]

    Notes
    -----
    Erbs et al. (1982) through pvlib [1]_: a piecewise fit of the diffuse fraction on the hourly
    clearness index, made on four stations in the United States.

    References
    ----------
    .. [1] D. G. Erbs, S. A. Klein, J. A. Duffie, Solar Energy 28(4), 1982.
       doi:10.1016/0038-092X(82)90302-4
    """
    zenith = np.degrees(np.arccos(np.clip(sun.cosine, 0.0, 1.0)))
    split = irradiance.erbs(ghi, zenith, sun.day_of_year, min_cos_zenith=LOWEST_COSINE)
    diffuse = np.where(sun.cosine > LOWEST_COSINE, np.asarray(split["dhi"]), ghi)
    return np.asarray(np.clip(diffuse, 0.0, ghi), dtype=np.float64)


def beam_of(ghi: F64, dhi: F64, sun: SunHeights) -> tuple[F64, F64]:
    """
    Return direct normal irradiance that closes `ghi`, and the diffuse irradiance with it.

    Parameters
    ----------
    ghi, dhi : ndarray of float64, shape (time,)
        Interval means. [W/m2]
    sun : SunHeights
        Of the same intervals.

    Returns
    -------
    dni, dhi : ndarray of float64, shape (time,)
        ``dni * cosine_up + dhi = ghi`` in every interval with ``dhi <= ghi``. Where the sun is too
        low, or the beam would pass that of the clearest sky, the rest is diffuse. [W/m2]

    Notes
    -----
    The clearest sky is the simplified Solis model [1]_ with very clean, dry air, through pvlib.

    References
    ----------
    .. [1] P. Ineichen, Solar Energy 82(8), 2008. doi:10.1016/j.solener.2008.02.009
    """
    flat = np.maximum(ghi - dhi, 0.0)
    high = sun.cosine_up > LOWEST_COSINE
    dni = np.where(high, flat / np.maximum(sun.cosine_up, LOWEST_COSINE), 0.0)
    dni = np.minimum(dni, _clearest_beam(sun))
    return dni, np.asarray(np.where(dhi > ghi, dhi, ghi - dni * sun.cosine_up))


def _clearest_beam(sun: SunHeights) -> F64:
    """Return the beam under very clear air (simplified Solis, Ineichen 2008), shape (time,)."""
    elevation = np.degrees(np.arcsin(np.clip(sun.cosine_up, 0.0, 1.0)))
    sky = clearsky.simplified_solis(
        elevation, CLEAREST_AEROSOL, CLEAREST_WATER_CM, dni_extra=sun.extraterrestrial_w_m2
    )
    return np.nan_to_num(np.asarray(sky["dni"], dtype=np.float64))


def complete(parts: Parts, sun: SunHeights) -> tuple[Parts, tuple[str, ...]]:
    """
    Work out what is missing of global, beam and diffuse irradiance.

    Parameters
    ----------
    parts : Parts
        What is known: `ghi` alone, or any two, or all three.
    sun : SunHeights
        Of the same intervals.

    Returns
    -------
    parts : Parts
        All three; those that were given are unchanged, but for diffuse light that fills what the
        guards of `beam_of` take from the beam, and for a beam that alone passes global irradiance.
    assumptions : tuple of str
        What was worked out and how, in plain words.

    Raises
    ------
    ConfigError
        If neither `ghi` nor both `dni` and `dhi` are known.
    """
    ghi, dni, dhi = parts.ghi, parts.dni, parts.dhi
    if ghi is not None and dni is not None and dhi is not None:
        return parts, ()
    if ghi is not None and dni is not None:
        up = sun.cosine_up > 0.0
        beam = np.where(up, np.minimum(dni, ghi / np.where(up, sun.cosine_up, 1.0)), 0.0)
        rest = np.maximum(ghi - beam * sun.cosine_up, 0.0)
        return Parts(ghi, beam, rest), ("diffuse = global minus beam",)
    if ghi is not None and dhi is not None:
        dni, dhi = beam_of(ghi, dhi, sun)
        return Parts(ghi, dni, dhi), ("beam = (global minus diffuse) / cosine of the zenith angle",)
    if ghi is not None:
        dni, dhi = beam_of(ghi, erbs_diffuse(ghi, sun), sun)
        return Parts(ghi, dni, dhi), ("beam and diffuse split off global after Erbs (1982)",)
    if dni is not None and dhi is not None:
        return Parts(dni * sun.cosine_up + dhi, dni, dhi), ("global = beam plus diffuse",)
    raise ConfigError(
        "weather columns",
        ", ".join(parts.names()) or "none of ghi, dni, dhi",
        "ghi, or both dni and dhi",
        "add the column of global horizontal irradiance",
    )
