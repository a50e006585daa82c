"""Light on roof planes and on their panels: from sky tables, or from an irradiation raster.

The irradiation of a plane is the mean over its cells of what a plane with the fitted normal gets
under each cell's own horizon. The mean horizon alone would do for a time series, but shade is not
linear in the horizon: a chimney that hides the winter sun from a few cells would count double or
not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.energy.pv import MOUNTINGS, row_horizon_deg
from zonnekaart.errors import ConfigError
from zonnekaart.io.bands import band_count, read_band
from zonnekaart.solar.horizon import sky_view_factor
from zonnekaart.solar.irradiation import plane_irradiation
from zonnekaart.solar.sky import YEAR_LABEL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.energy.pv import Layout, Modules
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.rooftops import PlaneSet
    from zonnekaart.solar.sky import SkyTables

    FloatArray = npt.NDArray[np.float64]
    View = tuple[SkyTables, npt.NDArray[np.float32]]

BANDS = 13
KEPT_DIRECTIONS = 64
"""Sectors of the horizon kept with each plane."""
CHUNK = 100_000
"""Cells whose irradiation is summed at once: about 100 MB."""
BEST_TILTS_DEG = np.arange(0.0, 71.0, 5.0)
BEST_AZIMUTHS_DEG = np.arange(0.0, 360.0, 15.0)


@dataclass(frozen=True)
class Light:
    """
    Irradiation of planes and panels.

    Parameters
    ----------
    roof, module : ndarray of float64, shape (planes, 13)
        Year and months in the plane of the roof and of its panels; NaN is unknown. [kWh/m2]
    unshaded_share : ndarray of float64, shape (planes,)
        Irradiation of the panels over what they would get without surroundings; NaN is unknown.
    best_kwh_m2 : float
        Annual irradiation of the best unshaded plane. [kWh/m2]
    horizon_deg : ndarray of float32, shape (planes, 64)
        Mean horizon of the plane's cells, with trees as opaque. [degrees]
    sky_view : ndarray of float64, shape (planes,)
        Share of the sky's even light that the plane sees under the mean horizon. [-]
    from_cells : bool
        True when taken from an irradiation raster instead of sky tables.
    module_low, module_high : ndarray of float64, shape (planes,), or None
        Lowest and highest year in the plane of the panels among all weather years; None when there
        is only one. [kWh/m2]
    """

    roof: FloatArray
    module: FloatArray
    unshaded_share: FloatArray
    best_kwh_m2: float
    horizon_deg: npt.NDArray[np.float32]
    sky_view: FloatArray
    from_cells: bool
    module_low: FloatArray | None = None
    module_high: FloatArray | None = None


def light_from_sky(
    planes: PlaneSet, modules: Modules, sky: SkyTables, layout: Layout, latitude_deg: float
) -> Light:
    """
    Return the light on planes and panels from the sky tables.

    Parameters
    ----------
    planes : PlaneSet
        With the horizons of some cells of each plane, in the sectors of `sky`; when they are told
        with and without trees, `sky` says what trees let through.
    modules : Modules
        How panels stand on each plane.
    sky : SkyTables
        Of the weather year.
    layout : Layout
        Says what the rows hide from each other.
    latitude_deg : float
        North positive. [degrees]

    Raises
    ------
    ConfigError
        If only one of horizons and sky knows trees.
    """
    whose = planes.horizon_plane
    count = len(planes.building)
    views = _views(planes, sky)
    roof = _mean_per_plane(views, planes.tilt_deg[whose], planes.facing_deg[whose], (whose, count))
    module = roof.copy()
    unshaded = free_irradiation(sky, planes.tilt_deg, planes.facing_deg)
    racked = modules.mounting > 0
    if racked.any():
        tents = MOUNTINGS[int(modules.mounting[racked][0])] == "rack_east_west"
        cells = racked[whose]
        on = whose[cells]
        parts, free = [], []
        for turn in (0.0, 180.0) if tents else (0.0,):
            facing = (modules.azimuth_deg + turn) % 360.0
            rows = row_horizon_deg(layout, latitude_deg, sky.directions, facing)
            behind = rows[on].astype(np.float32)
            seen = [(part, np.maximum(above[cells], behind)) for part, above in views]
            parts.append(_mean_per_plane(seen, modules.tilt_deg[on], facing[on], (on, count)))
            free.append(free_irradiation(sky, modules.tilt_deg, facing))
        module[racked] = np.mean(parts, axis=0)[racked]
        unshaded[racked] = np.mean(free, axis=0)[racked]
    kept = _kept(_means(planes.horizons.astype(np.float64), whose, count))
    low, high = extreme_years(sky, module)
    return Light(
        roof=roof[:, :BANDS],
        module=module[:, :BANDS],
        unshaded_share=module[:, 0] / unshaded,
        best_kwh_m2=best_plane(sky)[0],
        horizon_deg=kept,
        sky_view=sky_view_factor(kept, planes.tilt_deg, planes.facing_deg),
        from_cells=False,
        module_low=low,
        module_high=high,
    )


def _views(planes: PlaneSet, sky: SkyTables) -> list[View]:
    """Return what part of the sky's light comes over which horizons."""
    if planes.solid_horizons is None and sky.through is None:
        return [(sky, planes.horizons)]
    if planes.solid_horizons is None or sky.through is None:
        raise ConfigError(
            "sky tables",
            "trees that only the horizons or only the sky know",
            "both from one project",
            "run the stage irradiation again",
        )
    return [(sky.stopped, planes.horizons), (sky.through, planes.solid_horizons)]


def extreme_years(
    sky: SkyTables, columns: FloatArray
) -> tuple[FloatArray | None, FloatArray | None]:
    """
    Return the lowest and the highest year of each plane; None when there is only one year.

    Parameters
    ----------
    sky : SkyTables
        Its labels tell which columns are further years.
    columns : ndarray of float64, shape (planes, 13 + extras)
        From `plane_irradiation`. [kWh/m2]
    """
    further = [n for n, label in enumerate(sky.labels) if label.startswith(YEAR_LABEL)]
    if not further:
        return None, None
    years = columns[:, [0, *(BANDS + n for n in further)]]
    return years.min(axis=1), years.max(axis=1)


def light_from_cells(planes: PlaneSet, path: Path, geobox: GeoBox) -> Light:
    """
    Return the light on planes as the mean of an irradiation raster over their cells.

    Parameters
    ----------
    planes : PlaneSet
        With cells counted on the lattice of the heights.
    path : Path
        Irradiation per m2 of sloped surface: 13 bands for year and months, or one for the year
        alone (months are then unknown).
    geobox : GeoBox
        Lattice of the heights, which the raster must share.

    Notes
    -----
    Racks get the roof's own irradiation: a raster does not tell what another tilt would get.
    The best plane is taken as the 99th percentile of the planes.
    """
    count = len(planes.building)
    roof = np.full((count, BANDS), np.nan)
    bands = BANDS if band_count(path) >= BANDS else 1
    for band in range(bands):
        values = read_band(path, band + 1, geobox).ravel()
        for p, cells in enumerate(planes.cells):
            known = values[cells]
            known = known[~np.isnan(known)]
            if len(known):
                roof[p, band] = float(known.mean(dtype=np.float64))
    whose = planes.horizon_plane
    horizon = _kept(_means(planes.horizons.astype(np.float64), whose, count))
    known = roof[:, 0][~np.isnan(roof[:, 0])]
    return Light(
        roof=roof,
        module=roof.copy(),
        unshaded_share=np.full(count, np.nan),
        best_kwh_m2=float(np.quantile(known, 0.99)) if len(known) else np.nan,
        horizon_deg=horizon,
        sky_view=sky_view_factor(horizon, planes.tilt_deg, planes.facing_deg),
        from_cells=True,
    )


def best_plane(sky: SkyTables) -> tuple[float, float, float]:
    """
    Return irradiation, tilt and azimuth of the best unshaded plane, within 5 and 15 degrees.

    Returns
    -------
    tuple of float
        [kWh/m2], [degrees], [degrees]
    """
    tilt, azimuth = (part.ravel() for part in np.meshgrid(BEST_TILTS_DEG, BEST_AZIMUTHS_DEG))
    year = free_irradiation(sky, tilt, azimuth)
    best = int(np.argmax(year))
    return float(year[best]), float(tilt[best]), float(azimuth[best])


def free_irradiation(sky: SkyTables, tilt_deg: FloatArray, azimuth_deg: FloatArray) -> FloatArray:
    """Return the annual irradiation of planes without surroundings. [kWh/m2]."""
    return free_columns(sky, tilt_deg, azimuth_deg)[:, 0]


def free_columns(sky: SkyTables, tilt_deg: FloatArray, azimuth_deg: FloatArray) -> FloatArray:
    """Return what planes without surroundings get, shape (planes, 13 + extras). [kWh/m2]."""
    values = np.empty((len(tilt_deg), BANDS + len(sky.labels)))
    for start in range(0, len(tilt_deg), CHUNK):
        part = slice(start, start + CHUNK)
        horizon = np.zeros((len(tilt_deg[part]), sky.directions))
        values[part] = plane_irradiation(sky, tilt_deg[part], azimuth_deg[part], horizon)
    return values


def _mean_per_plane(
    views: Sequence[View],
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
    whose: tuple[npt.NDArray[np.int64], int],
) -> FloatArray:
    """Return the mean irradiation of each plane's cells, shape (planes, 13 + extras)."""
    values = np.zeros((len(tilt_deg), BANDS + len(views[0][0].labels)))
    for start in range(0, len(tilt_deg), CHUNK):
        part = slice(start, start + CHUNK)
        for sky, horizons in views:
            values[part] += plane_irradiation(
                sky, tilt_deg[part], azimuth_deg[part], horizons[part].astype(np.float64)
            )
    return _means(values, whose[0], whose[1])


def _means(values: FloatArray, whose: npt.NDArray[np.int64], count: int) -> FloatArray:
    """Return the mean of the rows of each plane; NaN for a plane without any."""
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, whose, values)
    number = np.bincount(whose, minlength=count)[:, None]
    mean = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return np.asarray(mean)


def _kept(horizon_deg: FloatArray) -> npt.NDArray[np.float32]:
    """Return horizons in the number of sectors that is kept, interpolated when it differs."""
    directions = horizon_deg.shape[1]
    if directions == KEPT_DIRECTIONS:
        return horizon_deg.astype(np.float32)
    place = np.arange(KEPT_DIRECTIONS) * directions / KEPT_DIRECTIONS
    low = np.floor(place).astype(np.int64)
    part = place - low
    after = (low + 1) % directions
    kept = horizon_deg[:, low % directions] * (1.0 - part) + horizon_deg[:, after] * part
    return np.asarray(kept, dtype=np.float32)
