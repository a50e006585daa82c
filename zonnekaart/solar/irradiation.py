"""Irradiation of the year and its months, per cell and per plane."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np
from numba import njit

from zonnekaart.errors import ConfigError, ShapeMismatchError
from zonnekaart.solar.angles import plane_normal, sector_centres
from zonnekaart.solar.horizon import Frame, Scene, check_radius, opposite_pairs, whole
from zonnekaart.solar.sky import MONTHS, SkyTables, sector_vectors

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.solar.vegetation import CanopyLayers

    F32 = npt.NDArray[np.float32]
    Mask = npt.NDArray[np.bool_]

# Turns the columns of `_add_columns` into vector instructions (three times as fast); numba
# leaves this LLVM pass off by default. It keeps the order of additions, so results are the same.
numba.config.SLP_VECTORIZE = 1  # type: ignore[attr-defined]  # numba fills its settings at run time

BANDS = ("annual", *(f"{month:02d}" for month in range(1, MONTHS + 1)))
"""Order of the results: the year, then January to December."""
_SECTORS_AT_ONCE = 16
_COLUMNS_AT_ONCE = 16
"""Columns of a table that are added together: one line of the processor's cache."""
_BAND_ROWS = 64


@njit(nogil=True, cache=True, error_model="numpy")
def _add_columns(sums: F32, row: F32, up: np.float32, outward: np.float32) -> None:
    """Add one sector's light; all reads come before all writes, so that it becomes vectors."""
    c00 = sums[0] + up * row[0] + outward * row[16]
    c01 = sums[1] + up * row[1] + outward * row[17]
    c02 = sums[2] + up * row[2] + outward * row[18]
    c03 = sums[3] + up * row[3] + outward * row[19]
    c04 = sums[4] + up * row[4] + outward * row[20]
    c05 = sums[5] + up * row[5] + outward * row[21]
    c06 = sums[6] + up * row[6] + outward * row[22]
    c07 = sums[7] + up * row[7] + outward * row[23]
    c08 = sums[8] + up * row[8] + outward * row[24]
    c09 = sums[9] + up * row[9] + outward * row[25]
    c10 = sums[10] + up * row[10] + outward * row[26]
    c11 = sums[11] + up * row[11] + outward * row[27]
    c12 = sums[12] + up * row[12] + outward * row[28]
    c13 = sums[13] + up * row[13] + outward * row[29]
    c14 = sums[14] + up * row[14] + outward * row[30]
    c15 = sums[15] + up * row[15] + outward * row[31]
    sums[0] = c00
    sums[1] = c01
    sums[2] = c02
    sums[3] = c03
    sums[4] = c04
    sums[5] = c05
    sums[6] = c06
    sums[7] = c07
    sums[8] = c08
    sums[9] = c09
    sums[10] = c10
    sums[11] = c11
    sums[12] = c12
    sums[13] = c13
    sums[14] = c14
    sums[15] = c15


@njit(nogil=True, cache=True, error_model="numpy")
def _add_sectors(
    scene: tuple[Mask, F32, F32], tangents: F32, vectors: F32, tables: F32, total: F32
) -> None:
    """Add the light of some sectors to `total`, shape (rows, cols, 16), for wanted cells."""
    wanted, rise_east, rise_north = scene
    rows, cols = wanted.shape
    bins = np.float32(tables.shape[1] - 1)
    half = np.float32(0.5)
    one = np.float32(1.0)
    node = np.empty(cols, np.uint32)
    up = np.empty(cols, np.float32)
    outward = np.empty(cols, np.float32)
    for r in range(rows):
        if not wanted[r].any():
            continue
        p, q, sums = rise_east[r], rise_north[r], total[r]
        for c in range(cols):
            up[c] = one / np.sqrt(one + p[c] * p[c] + q[c] * q[c])
        for k in range(tangents.shape[0]):
            east, north, table, tans = vectors[k, 0], vectors[k, 1], tables[k], tangents[k, r]
            for c in range(cols):
                t = tans[c] if tans[c] > np.float32(0.0) else np.float32(0.0)
                node[c] = np.uint32(np.int32(t / (one + t) * bins + half))
                outward[c] = -(p[c] * east + q[c] * north) * up[c]
            for c in range(cols):
                if wanted[r, c]:
                    _add_columns(sums[c], table[node[c]], up[c], outward[c])


@njit(nogil=True, cache=True, error_model="numpy")
def _finish(
    scene: tuple[Mask, F32, F32], ground: npt.NDArray[np.float64], totals: F32, out: F32
) -> None:
    """Add reflected light, sum the year and put it first; unwanted cells become NaN."""
    wanted, rise_east, rise_north = scene
    rows, cols = wanted.shape
    for r in range(rows):
        for c in range(cols):
            if not wanted[r, c]:
                out[:, r, c] = np.nan
                continue
            p = rise_east[r, c]
            q = rise_north[r, c]
            seen = 0.5 * (1.0 - 1.0 / np.sqrt(1.0 + p * p + q * q))
            year = 0.0
            for m in range(ground.size):
                chunk, column = divmod(m, _COLUMNS_AT_ONCE)
                value = totals[chunk, r, c, column] + ground[m] * seen
                out[m + 1, r, c] = value
                if m < MONTHS:
                    year += value
            out[0, r, c] = year


def _packed(sky: SkyTables) -> F32:
    """Return `up` and `out` side by side, shape (chunks, directions, bins + 1, 2 x 16)."""
    columns = sky.up.shape[2]
    chunks = -(-columns // _COLUMNS_AT_ONCE)
    packed = np.zeros((chunks, *sky.up.shape[:2], 2, _COLUMNS_AT_ONCE), dtype=np.float32)
    for chunk in range(chunks):
        part = slice(chunk * _COLUMNS_AT_ONCE, min((chunk + 1) * _COLUMNS_AT_ONCE, columns))
        width = part.stop - part.start
        packed[chunk, :, :, 0, :width] = sky.up[:, :, part]
        packed[chunk, :, :, 1, :width] = sky.out[:, :, part]
    return packed.reshape(chunks, *sky.up.shape[:2], 2 * _COLUMNS_AT_ONCE)


def irradiation(
    height: npt.NDArray[np.float32],
    cell_m: float,
    sky: SkyTables,
    radius_m: float,
    mask: npt.NDArray[np.bool_] | None = None,
    frame: Frame | None = None,
) -> npt.NDArray[np.float32]:
    """
    Return the irradiation of each cell, per m2 of its sloped surface.

    Parameters
    ----------
    height : ndarray of float32, shape (rows, cols)
        Surface heights; NaN = unknown: hides nothing and gives NaN. [m]
    cell_m : float
        Cell size. [m]
    sky : SkyTables
        From `build_sky`.
    radius_m : float
        Obstacles farther away are not seen. [m]
    mask : ndarray of bool, shape (frame.rows, frame.cols), optional
        True = evaluate, the others become NaN; all cells when None.
    frame : Frame, optional
        Part to evaluate, lattice position and threads; the whole array when None.

    Returns
    -------
    ndarray of float32, shape (13 + extras, frame.rows, frame.cols)
        Year, January to December, then the further columns of `sky.labels`. [kWh/m2]

    Raises
    ------
    ShapeMismatchError, RasterError, ConfigError
        If the arrays do not fit together or a number is impossible.

    Notes
    -----
    See ``specs/irradiation.md``. Light reflected by walls is not counted; trees in the heights are
    opaque (`seasonal_irradiation` tells them apart).
    """
    check_radius(radius_m)
    frame = whole(height) if frame is None else frame
    scene = Scene(height, cell_m, frame, mask)
    totals = _empty_totals(sky, frame)
    _add_light(scene, sky, radius_m, totals)
    return _finished(scene, sky, totals)


def seasonal_irradiation(
    layers: CanopyLayers,
    cell_m: float,
    sky: SkyTables,
    radius_m: float,
    mask: npt.NDArray[np.bool_] | None = None,
    frame: Frame | None = None,
) -> npt.NDArray[np.float32]:
    """
    Return the irradiation of each cell among trees that let part of the light through.

    Parameters
    ----------
    layers : CanopyLayers
        From `canopy_layers`: heights with trees, without them, and as they are seen.
    cell_m : float
        Cell size. [m]
    sky : SkyTables
        From `build_sky`, with a transmissivity.
    radius_m : float
        Obstacles farther away are not seen. [m]
    mask : ndarray of bool, shape (frame.rows, frame.cols), optional
        True = evaluate, the others become NaN; all cells when None.
    frame : Frame, optional
        Part to evaluate, lattice position and threads; the whole array when None.

    Returns
    -------
    ndarray of float32, shape (13 + extras, frame.rows, frame.cols)
        As `irradiation`; NaN also under tree crowns, where the surface is not seen. [kWh/m2]

    Raises
    ------
    ShapeMismatchError, RasterError, ConfigError
        If the arrays do not fit together, a number is impossible, or the sky does not tell what
        trees let through.

    Notes
    -----
    Light that a crown stops is summed above the horizon with trees, light that it lets through
    above the horizon without them. A ray loses the same share whatever its path in the crown and
    however many crowns it meets. See ``specs/vegetation.md``. Takes twice the time of
    `irradiation`.
    """
    check_radius(radius_m)
    if sky.through is None:
        raise ConfigError(
            "sky", "no share that passes trees", "one", "build it with a transmissivity"
        )
    frame = whole(layers.seen) if frame is None else frame
    part = np.s_[frame.row : frame.row + frame.rows, frame.col : frame.col + frame.cols]
    known = ~np.isnan(layers.seen[part])
    if mask is not None and mask.shape != known.shape:
        raise ShapeMismatchError("mask", mask.shape, known.shape)
    wanted = known if mask is None else known & mask
    totals = _empty_totals(sky, frame)
    # One after the other: a scene takes twice the room of its heights.
    scene = Scene(layers.opaque, cell_m, frame, wanted, surface=layers.seen)
    _add_light(scene, sky.stopped, radius_m, totals)
    scene = Scene(layers.solid, cell_m, frame, wanted, surface=layers.seen)
    _add_light(scene, sky.through, radius_m, totals)
    return _finished(scene, sky, totals)


def _empty_totals(sky: SkyTables, frame: Frame) -> F32:
    chunks = -(-sky.up.shape[2] // _COLUMNS_AT_ONCE)
    return np.zeros((chunks, frame.rows, frame.cols, _COLUMNS_AT_ONCE), dtype=np.float32)


def _add_light(scene: Scene, sky: SkyTables, radius_m: float, totals: F32) -> None:
    """Add the sky's light above the horizon of each wanted cell, shape of `_empty_totals`."""
    frame = scene.frame
    tables = _packed(sky)
    vectors = np.stack(sector_vectors(sky.directions), axis=1).astype(np.float32)
    azimuths = sector_centres(sky.directions)
    pairs = opposite_pairs(sky.directions)
    each = len(pairs[0])
    # Cells that are not wanted are never filled: zeros keep them numbers.
    tangents = np.zeros((_SECTORS_AT_ONCE, frame.rows, frame.cols), dtype=np.float32)
    with ThreadPoolExecutor(frame.workers) as pool:
        for start in range(0, len(pairs), _SECTORS_AT_ONCE // each):
            batch = pairs[start : start + _SECTORS_AT_ONCE // each]
            sectors = [sector for pair in batch for sector in pair]

            def sweep_pair(number: int, batch: list[tuple[int, ...]] = batch) -> None:
                part = tangents[number * each : (number + 1) * each]
                scene.horizon_tangents(float(azimuths[batch[number][0]]), radius_m, part)

            def add_band(row: int, sectors: list[int] = sectors) -> None:
                rows = slice(row, row + _BAND_ROWS)
                for table, total in zip(tables, totals, strict=True):
                    _add_sectors(
                        (scene.wanted[rows], scene.rise_east[rows], scene.rise_north[rows]),
                        tangents[: len(sectors), rows],
                        vectors[sectors],
                        table[sectors],
                        total[rows],
                    )

            list(pool.map(sweep_pair, range(len(batch))))
            list(pool.map(add_band, range(0, frame.rows, _BAND_ROWS)))


def _finished(scene: Scene, sky: SkyTables, totals: F32) -> F32:
    """Return sums with reflected light, the year first."""
    frame = scene.frame
    out = np.empty((sky.up.shape[2] + 1, frame.rows, frame.cols), dtype=np.float32)

    def finish_band(row: int) -> None:
        rows = slice(row, row + _BAND_ROWS)
        slopes = (scene.wanted[rows], scene.rise_east[rows], scene.rise_north[rows])
        _finish(slopes, sky.ground_kwh_m2, totals[:, rows], out[:, rows])

    with ThreadPoolExecutor(frame.workers) as pool:
        list(pool.map(finish_band, range(0, frame.rows, _BAND_ROWS)))
    return out


def plane_irradiation(
    sky: SkyTables,
    tilt_deg: npt.ArrayLike,
    azimuth_deg: npt.ArrayLike,
    horizon_deg: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """
    Return the irradiation of planes with their own normal and horizon.

    Parameters
    ----------
    sky : SkyTables
        From `build_sky`.
    tilt_deg, azimuth_deg : array_like of float, shape (planes,)
        Slope, 0 = flat, and direction it faces, 0 = north, clockwise, NaN = flat. [degree]
    horizon_deg : ndarray, shape (planes, sky.directions)
        Horizon per sector; NaN = unknown, which gives NaN. [degree]

    Returns
    -------
    ndarray of float64, shape (planes, 13 + extras)
        Year, January to December, then the further columns of `sky.labels`, per m2 of sloped
        surface. [kWh/m2]

    Raises
    ------
    ShapeMismatchError
        If the shapes do not fit together.
    """
    tilt = np.atleast_1d(np.asarray(tilt_deg, dtype=np.float64))
    facing = np.broadcast_to(np.asarray(azimuth_deg, dtype=np.float64), tilt.shape)
    horizon = np.atleast_2d(np.asarray(horizon_deg, dtype=np.float64))
    if horizon.shape != (tilt.shape[0], sky.directions):
        raise ShapeMismatchError("horizon_deg", horizon.shape, (tilt.shape[0], sky.directions))
    east, north, up = plane_normal(tilt, facing)
    a_east, a_north = sector_vectors(sky.directions)
    months = np.outer((1.0 - up) / 2.0, sky.ground_kwh_m2)
    unknown = np.isnan(horizon).any(axis=1)
    for k in range(sky.directions):
        outward = east * a_east[k] + north * a_north[k]
        own = np.arctan2(-outward, up)
        edge = np.maximum(np.maximum(np.radians(np.nan_to_num(horizon[:, k])), own), 0.0)
        place = sky.bins * np.sin(edge) / (np.sin(edge) + np.cos(edge))
        low = np.minimum(np.floor(place).astype(np.int64), sky.bins - 1)
        part = (place - low)[:, None]
        s = sky.up[k, low] * (1.0 - part) + sky.up[k, low + 1] * part
        c = sky.out[k, low] * (1.0 - part) + sky.out[k, low + 1] * part
        months += up[:, None] * s + outward[:, None] * c
    months[unknown] = np.nan
    year = months[:, :MONTHS].sum(axis=1, keepdims=True)
    return np.concatenate([year, months], axis=1)
