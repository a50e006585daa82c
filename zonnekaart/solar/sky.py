"""The sky of a whole year, summed once per sector and horizon height.

For a plane with unit normal ``n`` and, in each sector with unit vector ``a``, a horizon ``h``::

    irradiation = sum over sectors of  n_up * S(a, h) + (n . a) * C(a, h)
                  + ground * (1 - n_up) / 2

`S` and `C` are the running sums of ``L sin e`` and ``L cos e`` above ``h``, per month.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
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
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from zonnekaart.solar.weather import WeatherYear

    Mask = npt.NDArray[np.bool_]
    F64 = npt.NDArray[np.float64]

MONTHS = 12
YEAR_LABEL = "year:"
"""Begins the name of a column that holds the whole of a further weather year."""
DEFAULT_BINS = 512
"""Horizon heights per sector: 0.11 degrees apart near the horizon, 0.22 at 45 degrees."""
SAMPLES_PER_HOUR = 6
_THROUGH = "through_"
"""Begins the names of the kept arrays of `SkyTables.through`."""
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PERIOD = re.compile(r"(\d{2})-(\d{2})(?::(\d{2})-(\d{2}))?")


@dataclass(frozen=True)
class SkyTables:
    """
    Running sums of a year of sky.

    Parameters
    ----------
    up : ndarray of float32, shape (directions, bins + 1, columns)
        `S` per sector, horizon node and column: sum of ``L sin e`` above the node. The first twelve
        columns are the months, the others those of `labels`. [kWh/m2]
    out : ndarray of float32, shape (directions, bins + 1, columns)
        `C`: sum of ``L cos e`` above the node. [kWh/m2]
    ground_kwh_m2 : ndarray of float64, shape (columns,)
        Albedo times global horizontal irradiation per column. [kWh/m2]
    name : str
        Of the weather year.
    albedo : float
        Reflectance of the ground. [-]
    labels : tuple of str
        Names of the columns after the months: chosen periods, or whole further years.
    through : SkyTables, optional
        The part of all this light that passes tree crowns, which differs per month; None when
        trees are not told apart.

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
    labels: tuple[str, ...] = ()
    through: SkyTables | None = None

    def __post_init__(self) -> None:
        """Check that the tables belong together."""
        columns = MONTHS + len(self.labels)
        if self.up.ndim != 3 or self.up.shape[2] != columns:
            raise ShapeMismatchError(
                "sky table up", self.up.shape, ("directions", "bins + 1", columns)
            )
        if self.ground_kwh_m2.shape != (columns,):
            raise ShapeMismatchError("sky ground_kwh_m2", self.ground_kwh_m2.shape, (columns,))
        if self.out.shape != self.up.shape:
            raise ShapeMismatchError("sky table out", self.out.shape, self.up.shape)
        if self.through is not None and self.through.up.shape != self.up.shape:
            raise ShapeMismatchError("sky table through", self.through.up.shape, self.up.shape)

    @property
    def stopped(self) -> SkyTables:
        """The part of the light that tree crowns stop; everything when `through` is None."""
        if self.through is None:
            return self
        return replace(
            self,
            up=self.up - self.through.up,
            out=self.out - self.through.out,
            ground_kwh_m2=self.ground_kwh_m2 - self.through.ground_kwh_m2,
            through=None,
        )

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
        return np.asarray(self.up[:, 0, :MONTHS].sum(axis=0, dtype=np.float64))

    def arrays(self) -> dict[str, Any]:
        """Return everything as named arrays, to be kept in a file."""
        own = {
            "up": self.up,
            "out": self.out,
            "ground_kwh_m2": self.ground_kwh_m2,
            "name": np.array(self.name),
            "albedo": np.array(self.albedo),
            "labels": np.array(self.labels, dtype=np.str_),
        }
        if self.through is not None:
            own |= {_THROUGH + name: value for name, value in self.through.arrays().items()}
        return own

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> SkyTables:
        """Build again from what `arrays` returned."""
        inner = {
            name.removeprefix(_THROUGH): arrays[name]
            for name in arrays
            if name.startswith(_THROUGH)
        }
        return cls(
            up=arrays["up"],
            out=arrays["out"],
            ground_kwh_m2=arrays["ground_kwh_m2"],
            name=str(arrays["name"]),
            albedo=float(arrays["albedo"]),
            labels=tuple(str(label) for label in arrays["labels"]),
            through=cls.from_arrays(inner) if inner else None,
        )


@dataclass(frozen=True)
class Period:
    """
    Some days of every year, in local standard time.

    Parameters
    ----------
    name : str
        What its column is called.
    first, last : tuple of int
        Month and day, both inclusive; a period whose last day comes before its first one runs over
        the turn of the year.
    """

    name: str
    first: tuple[int, int]
    last: tuple[int, int]

    def __post_init__(self) -> None:
        """Check that the days exist."""
        for month, day in (self.first, self.last):
            if not (1 <= month <= MONTHS and 1 <= day <= _DAYS[month - 1]):
                raise ConfigError(
                    f"period {self.name}",
                    f"{month:02d}-{day:02d}",
                    "month-day, such as 06-21, or 06-01:08-31",
                    "correct the day",
                )

    @classmethod
    def parsed(cls, text: str) -> Period:
        """
        Return the period that a text such as ``06-21`` or ``11-01:02-28`` names.

        Raises
        ------
        ConfigError
            If it names none.
        """
        found = _PERIOD.fullmatch(text.strip())
        if found is None:
            raise ConfigError(
                "period", repr(text), "month-day, such as 06-21, or 06-01:08-31", "correct it"
            )
        month, day, last_month, last_day = (None if g is None else int(g) for g in found.groups())
        first = (int(month or 0), int(day or 0))
        last = first if last_month is None else (last_month, int(last_day or 0))
        return cls(text.strip(), first, last)

    def holds(self, month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]) -> Mask:
        """Return which of some days of the year it holds."""
        date = month * 100 + day
        first, last = (m * 100 + d for m, d in (self.first, self.last))
        after, before = date >= first, date <= last
        return np.asarray(after & before if first <= last else after | before)


def node_horizons_deg(bins: int) -> npt.NDArray[np.float64]:
    """Return the horizon height of each node, shape (bins + 1,), 0 to 90. [degree]."""
    steps = np.arange(bins + 1.0)
    return np.asarray(np.degrees(np.arctan2(steps, bins - steps)))


def build_sky(
    weather: WeatherYear,
    directions: int = 64,
    elevation_bins: int = DEFAULT_BINS,
    albedo: float = DEFAULT_ALBEDO,
    periods: Sequence[Period] = (),
    transmissivity: Sequence[float] | None = None,
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
    periods : sequence of Period
        Days that get a column of their own, besides the months.
    transmissivity : sequence of float, shape (12,), optional
        Share of the light that passes tree crowns, January to December, 0..1. [-]

    Returns
    -------
    SkyTables
        Sums per sector, horizon height and column; with `through` when there is a transmissivity.

    Raises
    ------
    ConfigError
        If there are too few sectors or bins, or the albedo or a transmissivity is impossible.

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
    shares = None if transmissivity is None else checked_transmissivity(transmissivity)
    sun = sun_series(weather, SAMPLES_PER_HOUR, albedo)
    members = _members(sun, periods, weather.utc_offset_hours)
    labels = tuple(period.name for period in periods)
    whole = _summed(sun, members, (directions, elevation_bins))
    sky = SkyTables(*whole, name=weather.name, albedo=albedo, labels=labels)
    if shares is None:
        return sky
    passed = _summed(_dimmed(sun, shares), members, (directions, elevation_bins))
    return replace(sky, through=SkyTables(*passed, weather.name, albedo, labels))


def checked_transmissivity(transmissivity: Sequence[float]) -> F64:
    """
    Return monthly transmissivities as an array, shape (12,). [-].

    Raises
    ------
    ConfigError
        If there are not twelve, or one is not a share.
    """
    shares = np.asarray(transmissivity, dtype=np.float64)
    # Negated, so that NaN is refused too.
    if shares.shape != (MONTHS,) or not ((shares >= 0.0) & (shares <= 1.0)).all():
        raise ConfigError(
            "transmissivity",
            str(list(transmissivity)),
            "twelve shares from 0 to 1, January to December",
            "correct the numbers, or name a type of trees",
        )
    return shares


def _dimmed(sun: SunSeries, month_shares: F64) -> SunSeries:
    """Return the light of every step times the share of its month."""
    share = month_shares[sun.month - 1]
    return replace(
        sun,
        beam_w_m2=sun.beam_w_m2 * share,
        isotropic_w_m2=sun.isotropic_w_m2 * share,
        ring_w_m2=sun.ring_w_m2 * share,
        ground_w_m2=sun.ground_w_m2 * share,
    )


def _summed(
    sun: SunSeries, members: list[npt.NDArray[np.int64]], shape: tuple[int, int]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], F64]:
    """Return `up`, `out` and `ground_kwh_m2` for the steps of each column."""
    directions, elevation_bins = shape
    up, out = _beam_sums(sun, members, directions, elevation_bins)
    even, ring, ground = (
        _per_column(sun, members, part)
        for part in (sun.isotropic_w_m2, sun.ring_w_m2, sun.ground_w_m2)
    )
    nodes = node_horizons_deg(elevation_bins)
    even_up, even_out = isotropic_sums(nodes, directions)
    band = np.sin(np.pi / directions) * _ring_at_nodes(elevation_bins)
    up += (even_up[:, None] * even)[None]
    out += (even_out[:, None] * even + band[:, None] * ring)[None]
    return up.astype(np.float32), out.astype(np.float32), ground


def with_years(sky: SkyTables, years: Sequence[SkyTables]) -> SkyTables:
    """
    Return `sky` with one more column for the whole of each further year.

    Parameters
    ----------
    sky : SkyTables
        The year that months and periods are of.
    years : sequence of SkyTables
        Other years or sources, in the same sectors and horizon heights.

    Raises
    ------
    ShapeMismatchError
        If their sectors or horizon heights differ.

    Notes
    -----
    A column is called `YEAR_LABEL` and the name of its weather. Irradiation is linear in the
    tables, so the columns cost little beside the horizons, which all years share.
    """
    for other in years:
        if other.up.shape[:2] != sky.up.shape[:2]:
            raise ShapeMismatchError(f"sky of {other.name}", other.up.shape[:2], sky.up.shape[:2])

    def together(name: str) -> npt.NDArray[np.floating]:
        whole = [getattr(other, name)[..., :MONTHS].sum(axis=-1, keepdims=True) for other in years]
        return np.concatenate([getattr(sky, name), *whole], axis=-1)

    passed = [other.through for other in years if other.through is not None]
    return replace(
        sky,
        up=together("up").astype(np.float32),
        out=together("out").astype(np.float32),
        ground_kwh_m2=together("ground_kwh_m2").astype(np.float64),
        labels=(*sky.labels, *(f"{YEAR_LABEL}{other.name}" for other in years)),
        through=None if sky.through is None else with_years(sky.through, passed),
    )


def _ring_at_nodes(bins: int) -> npt.NDArray[np.float64]:
    return ring_share(node_horizons_deg(bins))


def _members(
    sun: SunSeries, periods: Sequence[Period], utc_offset_hours: float
) -> list[npt.NDArray[np.int64]]:
    """Return the time steps of each column: the months, then the periods."""
    local = sun.time_utc + np.timedelta64(round(utc_offset_hours * 3600e9), "ns")
    month_start = local.astype("datetime64[M]")
    day = (local.astype("datetime64[D]") - month_start).astype(np.int64) + 1
    months = [np.flatnonzero(sun.month == month) for month in range(1, MONTHS + 1)]
    return months + [np.flatnonzero(period.holds(sun.month, day)) for period in periods]


def _per_column(sun: SunSeries, members: list[npt.NDArray[np.int64]], power_w_m2: F64) -> F64:
    """Sum a power over the steps of each column, shape (columns,). [kWh/m2]."""
    sums = [power_w_m2[steps].sum() for steps in members]
    return np.asarray(np.array(sums) * (sun.step_hours / 1000.0))


def _beam_sums(
    sun: SunSeries, members: list[npt.NDArray[np.int64]], directions: int, bins: int
) -> tuple[F64, F64]:
    """Return the beam's part of `S` and `C`, shape (directions, bins + 1, columns)."""
    energy = sun.beam_w_m2 * (sun.step_hours / 1000.0)
    elevation = np.radians(sun.elevation_deg)
    first, second, share = sun.sectors(directions)
    sine, cosine = np.sin(elevation), np.cos(elevation)
    # A horizon is rounded to its nearest node, so a node keeps the part of the sun that horizons
    # within half a step of it would let through on average.
    lit = energy > 0.0
    place = np.where(lit, bins * sine / np.where(lit, sine + cosine, 1.0), 0.0)
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
        counts = np.zeros((directions * (bins + 1), len(members)))
        for sector, weight in ((first, near), (second, far)):
            for node, kept in ((upper, part), (np.maximum(upper - 1, 0), 1.0 - part)):
                slot = sector * (bins + 1) + node
                weighted = value * weight * kept
                for column, steps in enumerate(members):
                    shining = steps[lit[steps]]
                    counts[:, column] += np.bincount(slot[shining], weighted[shining], len(counts))
        per_node = counts.reshape(directions, bins + 1, len(members))
        sums.append(np.cumsum(per_node[:, ::-1], axis=1)[:, ::-1])
    return sums[0], sums[1]


def sector_vectors(
    directions: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return east and north of the sector middles, shape (directions,) each. [-]."""
    return unit_vectors(sector_centres(directions))
