"""The sky of a whole year, summed once per sector and horizon height.

For a plane with unit normal ``n`` and, in each sector with unit vector ``a``, a horizon ``h``::

    irradiation = sum over sectors of  n_up * S(a, h) + (n . a) * C(a, h)
                  + ground * (1 - n_up) / 2

`S` and `C` are the running sums of ``L sin e`` and ``L cos e`` above ``h``, per month.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.errors import ConfigError, ShapeMismatchError
from zonnekaart.solar.angles import sector_centres, unit_vectors
from zonnekaart.solar.transposition import (
    DEFAULT_ALBEDO,
    SunSeries,
    isotropic_sums,
    ring_share,
    sun_series,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from zonnekaart.solar.weather import WeatherYear

MONTHS = 12
DEFAULT_BINS = 512
"""Horizon heights per sector: 0.11 degrees apart near the horizon, 0.22 at 45 degrees."""
SAMPLES_PER_HOUR = 6


@dataclass(frozen=True)
class SkyTables:
    """
    Running sums of a year of sky.

    Parameters
    ----------
    up : ndarray of float32, shape (directions, bins + 1, 12)
        `S` per sector, horizon node and month: sum of ``L sin e`` above the node. [kWh/m2]
    out : ndarray of float32, shape (directions, bins + 1, 12)
        `C`: sum of ``L cos e`` above the node. [kWh/m2]
    ground_kwh_m2 : ndarray of float64, shape (12,)
        Albedo times global horizontal irradiation per month. [kWh/m2]
    name : str
        Of the weather year.
    albedo : float
        Reflectance of the ground. [-]

    Notes
    -----
    Node ``k`` is the horizon with ``tan h / (1 + tan h) = k / bins``: 0 at the horizon, ``bins``
    at the zenith. A node holds the mean over the horizons that round to it.
    """

    up: npt.NDArray[np.float32] = field(repr=False)
    out: npt.NDArray[np.float32] = field(repr=False)
    ground_kwh_m2: npt.NDArray[np.float64] = field(repr=False)
    name: str
    albedo: float

    def __post_init__(self) -> None:
        """Check that the tables belong together."""
        if self.up.ndim != 3 or self.up.shape[2] != MONTHS:
            raise ShapeMismatchError(
                "sky table up", self.up.shape, ("directions", "bins + 1", MONTHS)
            )
        if self.out.shape != self.up.shape:
            raise ShapeMismatchError("sky table out", self.out.shape, self.up.shape)

    @property
    def directions(self) -> int:
        """Number of sectors."""
        return int(self.up.shape[0])

    @property
    def bins(self) -> int:
        """Number of steps between horizon and zenith."""
        return int(self.up.shape[1]) - 1

    @property
    def horizontal_kwh_m2(self) -> npt.NDArray[np.float64]:
        """Irradiation of an unshaded horizontal plane per month, shape (12,). [kWh/m2]."""
        return np.asarray(self.up[:, 0, :].sum(axis=0, dtype=np.float64))

    def arrays(self) -> dict[str, Any]:
        """Return everything as named arrays, to be kept in a file."""
        return {
            "up": self.up,
            "out": self.out,
            "ground_kwh_m2": self.ground_kwh_m2,
            "name": np.array(self.name),
            "albedo": np.array(self.albedo),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> SkyTables:
        """Build again from what `arrays` returned."""
        return cls(
            up=arrays["up"],
            out=arrays["out"],
            ground_kwh_m2=arrays["ground_kwh_m2"],
            name=str(arrays["name"]),
            albedo=float(arrays["albedo"]),
        )


def node_horizons_deg(bins: int) -> npt.NDArray[np.float64]:
    """Return the horizon height of each node, shape (bins + 1,), 0 to 90. [degree]."""
    steps = np.arange(bins + 1.0)
    return np.asarray(np.degrees(np.arctan2(steps, bins - steps)))


def build_sky(
    weather: WeatherYear,
    directions: int = 64,
    elevation_bins: int = DEFAULT_BINS,
    albedo: float = DEFAULT_ALBEDO,
) -> SkyTables:
    """
    Sum a weather year over the sky.

    Parameters
    ----------
    weather : WeatherYear
        Interval means of one year.
    directions : int
        Number of azimuth sectors, >= 8; sector 0 faces north, clockwise.
    elevation_bins : int
        Number of horizon heights, >= 32.
    albedo : float
        Reflectance of the ground, 0..1. [-]

    Returns
    -------
    SkyTables
        Sums per sector, horizon height and month.

    Raises
    ------
    ConfigError
        If there are too few sectors or bins, or the albedo is impossible.

    Notes
    -----
    The sun is placed every ten minutes. Beam and circumsolar light are divided over the two
    nearest sectors: linearly for `S`, and for `C` so that the two sector vectors add up to the
    sun's own direction; an unshaded plane therefore loses nothing by the sectors.
    """
    if elevation_bins < 32:
        raise ConfigError("elevation_bins", str(elevation_bins), "at least 32", "use 512")
    if not 0.0 <= albedo <= 1.0:
        raise ConfigError("albedo", str(albedo), "0 to 1", "0.2 is ordinary ground")
    sector_centres(directions)
    sun = sun_series(weather, SAMPLES_PER_HOUR, albedo)
    up, out = _beam_sums(sun, directions, elevation_bins)
    even, ring, ground = (
        _per_month(sun, part) for part in (sun.isotropic_w_m2, sun.ring_w_m2, sun.ground_w_m2)
    )
    nodes = node_horizons_deg(elevation_bins)
    even_up, even_out = isotropic_sums(nodes, directions)
    band = np.sin(np.pi / directions) * _ring_at_nodes(elevation_bins)
    up += (even_up[:, None] * even)[None]
    out += (even_out[:, None] * even + band[:, None] * ring)[None]
    return SkyTables(
        up=up.astype(np.float32),
        out=out.astype(np.float32),
        ground_kwh_m2=ground,
        name=weather.name,
        albedo=albedo,
    )


def _ring_at_nodes(bins: int) -> npt.NDArray[np.float64]:
    return ring_share(node_horizons_deg(bins))


def _per_month(sun: SunSeries, power_w_m2: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sum a power over each month, shape (12,). [kWh/m2]."""
    sums = np.bincount(sun.month - 1, weights=power_w_m2, minlength=MONTHS)
    return np.asarray(sums * (sun.step_hours / 1000.0))


def _beam_sums(
    sun: SunSeries, directions: int, bins: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the beam's part of `S` and `C`, shape (directions, bins + 1, 12)."""
    lit = np.flatnonzero(sun.beam_w_m2 > 0.0)
    energy = sun.beam_w_m2[lit] * (sun.step_hours / 1000.0)
    elevation = np.radians(sun.elevation_deg[lit])
    first, second, share = (part[lit] for part in sun.sectors(directions))
    sine, cosine = np.sin(elevation), np.cos(elevation)
    # A horizon is rounded to its nearest node, so a node keeps the part of the sun that horizons
    # within half a step of it would let through on average.
    place = bins * sine / (sine + cosine)
    upper = np.floor(place + 0.5).astype(np.int64)
    part = np.where(upper > 0, place + 0.5 - upper, 1.0)
    width = 2.0 * np.pi / directions
    sums = []
    for value, near, far in (
        (energy * sine, 1.0 - share, share),
        (
            energy * cosine,
            np.sin((1.0 - share) * width) / np.sin(width),
            np.sin(share * width) / np.sin(width),
        ),
    ):
        counts = np.zeros(directions * (bins + 1) * MONTHS)
        for sector, weight in ((first, near), (second, far)):
            for node, kept in ((upper, part), (np.maximum(upper - 1, 0), 1.0 - part)):
                place_in = (sector * (bins + 1) + node) * MONTHS + sun.month[lit] - 1
                counts += np.bincount(place_in, value * weight * kept, counts.size)
        per_node = counts.reshape(directions, bins + 1, MONTHS)
        sums.append(np.cumsum(per_node[:, ::-1], axis=1)[:, ::-1])
    return sums[0], sums[1]


def sector_vectors(
    directions: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return east and north of the sector middles, shape (directions,) each. [-]."""
    return unit_vectors(sector_centres(directions))
