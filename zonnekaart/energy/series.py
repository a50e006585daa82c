"""Series of single buildings: production, load and own use in the quarter-hours with light."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.battery import NO_BATTERY, shift
from zonnekaart.energy.production import Planes, SkyYear, add_plane, plane_values
from zonnekaart.energy.profiles import MONTHS, QuarterHours
from zonnekaart.energy.variation import UseTable, expected_use, load_spread, use_row
from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Supply = tuple[FloatArray, IntArray, FloatArray, FloatArray, IntArray]
Demand = tuple[FloatArray, IntArray, FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class Loads:
    """
    Consumption of buildings.

    Parameters
    ----------
    energy_kwh : ndarray of float64, shape (buildings, categories)
        Consumption per category; NaN when unknown. The first is residential, the second
        non-residential; scenarios add heat pumps and cars. [kWh]
    connections : ndarray of float64, shape (buildings, categories)
        Connections behind them. [-]
    profile : ndarray of int64, shape (buildings, categories)
        Row of the profile that each category follows.
    spread_of_one : ndarray of float64, shape (categories,)
        Relative standard deviation of one connection's load around its profile; 0 takes the
        profile for the load of every building. [-]
    measured : ndarray of bool, shape (buildings,), optional
        True where the profile is the building's own load: it has no spread around itself.
    battery : ndarray of float64, shape (buildings, 3), optional
        As `battery.with_battery`; no batteries when None. They need a year whose every step is
        kept (`sky_year(..., every_step=True)`), as they discharge at night.
    """

    energy_kwh: FloatArray
    connections: FloatArray
    profile: IntArray
    spread_of_one: FloatArray
    measured: npt.NDArray[np.bool_] | None = None
    battery: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same buildings."""
        for name in ("connections", "profile"):
            if getattr(self, name).shape != self.energy_kwh.shape:
                raise ShapeMismatchError(name, getattr(self, name).shape, self.energy_kwh.shape)
        if self.spread_of_one.shape != self.energy_kwh.shape[1:]:
            raise ShapeMismatchError(
                "spread_of_one", self.spread_of_one.shape, self.energy_kwh.shape[1:]
            )
        if self.battery is not None and self.battery.shape != (len(self.energy_kwh), 3):
            raise ShapeMismatchError("battery", self.battery.shape, (len(self.energy_kwh), 3))


@dataclass(frozen=True)
class Year:
    """
    The year that is balanced.

    Parameters
    ----------
    clock : QuarterHours
        Steps and local months.
    sky : SkyYear
        Sun and sky in the steps with light.
    profiles : ndarray of float64, shape (profiles, time)
        Share of the annual consumption in each step; each row sums to 1. [kWh/kWh]
    """

    clock: QuarterHours
    sky: SkyYear
    profiles: FloatArray

    def __post_init__(self) -> None:
        """Check that sky and profiles speak of the same year."""
        if self.profiles.shape[1:] != (len(self.clock),) or self.sky.steps != len(self.clock):
            raise ShapeMismatchError(
                "profiles and sky", (self.profiles.shape[1:], self.sky.steps), len(self.clock)
            )


@dataclass(frozen=True)
class Prepared:
    """
    What the kernels need, made once from a year, planes and loads.

    Parameters
    ----------
    supply : tuple of ndarray
        Sky values, the sun's sectors, plane values, plane horizons, first plane per building.
    demand : tuple of ndarray
        Energy (unknown as 0), profile rows, profiles in lit steps, spread per building, use table,
        batteries.
    month_start : ndarray of int64, shape (13,)
        First lit step of each local month.
    night_peak_kwh : ndarray of float64, shape (buildings,)
        Largest load outside the lit steps. [kWh]
    """

    supply: Supply
    demand: Demand
    month_start: IntArray
    night_peak_kwh: FloatArray


def prepare(year: Year, planes: Planes, loads: Loads, table: UseTable) -> Prepared:
    """
    Lay out a year, planes and loads for the kernels.

    Raises
    ------
    ShapeMismatchError
        If planes and loads speak of different numbers of buildings, or the horizons have fewer
        directions than the sky.
    """
    buildings = len(planes.first) - 1
    if len(loads.energy_kwh) != buildings:
        raise ShapeMismatchError("loads", len(loads.energy_kwh), buildings)
    directions = int(year.sky.sectors.max(initial=-1)) + 1
    if planes.tan_horizon.shape[1] < directions:
        raise ShapeMismatchError("tan_horizon", planes.tan_horizon.shape, ("planes", directions))
    energy = np.nan_to_num(loads.energy_kwh)
    spread = load_spread(energy, loads.connections, loads.spread_of_one)
    if loads.measured is not None:
        spread[loads.measured] = 0.0
    dark = np.ones(len(year.clock), dtype=bool)
    dark[year.sky.step] = False
    return Prepared(
        supply=(
            year.sky.values,
            year.sky.sectors,
            plane_values(planes),
            np.ascontiguousarray(planes.tan_horizon),
            planes.first,
        ),
        demand=(
            energy,
            loads.profile,
            np.ascontiguousarray(year.profiles[:, year.sky.step]),
            spread,
            table.share,
            np.tile(NO_BATTERY, (buildings, 1)) if loads.battery is None else loads.battery,
        ),
        month_start=np.searchsorted(year.clock.month[year.sky.step], np.arange(MONTHS + 1)),
        night_peak_kwh=_night_peak(year.profiles[:, dark], energy, loads.profile),
    )


def _night_peak(profiles: FloatArray, energy: FloatArray, profile: IntArray) -> FloatArray:
    """Largest load outside the lit steps, without an array of buildings × time. [kWh]."""
    peak = np.zeros(len(energy))
    for rows in np.unique(profile, axis=0):
        same = np.flatnonzero((profile == rows).all(axis=1))
        # Only a step that no other exceeds in every profile can be the maximum of a positive mix.
        steps = _unexceeded(profiles[rows])
        for start in range(0, len(same), 4096):
            part = same[start : start + 4096]
            mixed = energy[part] @ profiles[rows][:, steps]
            peak[part] = mixed.max(axis=1) if steps.size else 0.0
    return peak


def _unexceeded(profiles: FloatArray) -> IntArray:
    """Return the steps that no other step exceeds in every profile."""
    left = np.argsort(-profiles.sum(axis=0), kind="stable")
    kept = []
    while left.size:
        # The largest sum of those left is exceeded by none of them.
        best = left[0]
        kept.append(best)
        left = left[(profiles[:, left] > profiles[:, [best]]).any(axis=0)]
    return np.array(kept, dtype=np.int64)


@numba.njit(nogil=True, cache=True)
def building_series(
    building: int,
    supply: Supply,
    demand: Demand,
    scratch: tuple[FloatArray, FloatArray],
    series: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Write production, load and expected own use of one building in each lit step. [kWh]."""
    sky, sectors, planes, horizon, first = supply
    energy, profile, lit_profiles, spread, table, battery = demand
    shape, row = scratch
    production, load, used = series
    for s in range(production.size):
        production[s] = 0.0
    for p in range(first[building], first[building + 1]):
        add_plane(sky, sectors, planes[p], horizon[p], shape, production)
    for s in range(production.size):
        load[s] = 0.0
    for k in range(energy.shape[1]):
        if energy[building, k] > 0.0:
            follows = lit_profiles[profile[building, k]]
            for s in range(production.size):
                load[s] += energy[building, k] * follows[s]
    if spread[building] > 0.0:
        use_row(spread[building], table, row)
        for s in range(production.size):
            used[s] = expected_use(production[s], load[s], row)
    else:
        for s in range(production.size):
            used[s] = min(production[s], load[s])
    shift(production, load, used, battery[building])
