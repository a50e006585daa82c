"""Series of single buildings: production, load and own use in the quarter-hours with light."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from zonnekaart.energy.production import Planes, SkyYear, add_plane, plane_values
from zonnekaart.energy.profiles import MONTHS, QuarterHours
from zonnekaart.energy.variation import UseTable, expected_use, load_spread, use_row
from zonnekaart.errors import ShapeMismatchError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Supply = tuple[FloatArray, IntArray, FloatArray, FloatArray, IntArray]
Demand = tuple[FloatArray, IntArray, FloatArray, FloatArray, FloatArray]

RESIDENTIAL, NON_RESIDENTIAL = 0, 1


@dataclass(frozen=True)
class Loads:
    """
    Consumption of buildings.

    Parameters
    ----------
    energy_kwh : ndarray of float64, shape (buildings, 2)
        Residential and non-residential consumption; NaN when unknown. [kWh]
    connections : ndarray of float64, shape (buildings, 2)
        Connections behind them. [-]
    profile : ndarray of int64, shape (buildings, 2)
        Row of the profile that each category follows.
    spread_of_one : ndarray of float64, shape (2,)
        Relative standard deviation of one connection's load around its profile; 0 takes the
        profile for the load of every building. [-]
    """

    energy_kwh: FloatArray
    connections: FloatArray
    profile: IntArray
    spread_of_one: FloatArray

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same buildings."""
        for name in ("connections", "profile"):
            if getattr(self, name).shape != self.energy_kwh.shape:
                raise ShapeMismatchError(name, getattr(self, name).shape, self.energy_kwh.shape)


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
        Energy (unknown as 0), profile rows, profiles in lit steps, spread per building, use table.
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
    if loads.energy_kwh.shape != (buildings, 2):
        raise ShapeMismatchError("loads", loads.energy_kwh.shape, (buildings, 2))
    directions = int(year.sky.sectors.max(initial=-1)) + 1
    if planes.tan_horizon.shape[1] < directions:
        raise ShapeMismatchError("tan_horizon", planes.tan_horizon.shape, ("planes", directions))
    energy = np.nan_to_num(loads.energy_kwh)
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
            load_spread(energy, loads.connections, loads.spread_of_one),
            table.share,
        ),
        month_start=np.searchsorted(year.clock.month[year.sky.step], np.arange(MONTHS + 1)),
        night_peak_kwh=_night_peak(year.profiles[:, dark], energy, loads.profile),
    )


def _night_peak(profiles: FloatArray, energy: FloatArray, profile: IntArray) -> FloatArray:
    """Largest load outside the lit steps, without an array of buildings × time. [kWh]."""
    peak = np.zeros(len(energy))
    for pair in np.unique(profile, axis=0):
        same = np.flatnonzero((profile == pair).all(axis=1))
        a, b = profiles[pair[0]], profiles[pair[1]]
        # Only the points on the upper right hull can be the maximum of a positive mix.
        points = _pareto(a, b)
        for start in range(0, len(same), 4096):
            part = same[start : start + 4096]
            mixed = energy[part, :1] * a[points] + energy[part, 1:] * b[points]
            peak[part] = mixed.max(axis=1) if points.size else 0.0
    return peak


def _pareto(a: FloatArray, b: FloatArray) -> IntArray:
    """Return the points that no other point exceeds in both coordinates."""
    order = np.lexsort((-b, -a))
    best = np.maximum.accumulate(b[order])
    keep = np.concatenate(([True], best[1:] > best[:-1])) if order.size else np.empty(0, bool)
    return order[keep]


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
    energy, profile, lit_profiles, spread, table = demand
    shape, row = scratch
    production, load, used = series
    for s in range(production.size):
        production[s] = 0.0
    for p in range(first[building], first[building + 1]):
        add_plane(sky, sectors, planes[p], horizon[p], shape, production)
    a, b = lit_profiles[profile[building, 0]], lit_profiles[profile[building, 1]]
    for s in range(production.size):
        load[s] = energy[building, 0] * a[s] + energy[building, 1] * b[s]
    if spread[building] > 0.0:
        use_row(spread[building], table, row)
        for s in range(production.size):
            used[s] = expected_use(production[s], load[s], row)
    else:
        for s in range(production.size):
            used[s] = min(production[s], load[s])
