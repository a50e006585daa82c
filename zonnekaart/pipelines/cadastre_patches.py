"""Roofs from an irradiation raster without heights: one plane per patch of similar light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from zonnekaart.geo.patches import similar_patches
from zonnekaart.geo.roofs import plane_polygons
from zonnekaart.io.bands import raster_lattice, read_window
from zonnekaart.io.burning import cell_owners
from zonnekaart.pipelines.cadastre_layers import Given
from zonnekaart.pipelines.rooftops import building_blocks
from zonnekaart.solar.planefits import OUTSIDE
from zonnekaart.solar.roofplanes import RoofPlanes

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.runs import Progress

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

BANDS = 13
LEAST_PATCH_M2 = 6.0
"""Smaller patches, such as the lee of a chimney, join their neighbour; own assumption. [m2]"""
LEAST_KNOWN_SHARE = 0.5
"""A patch of which less than this share of the cells has a value has no irradiation. [-]"""


@dataclass(frozen=True)
class Split:
    """
    How buildings are cut into planes.

    Parameters
    ----------
    bounds_kwh_m2 : ndarray of float64, or None
        Rising bounds of the classes whose patches become planes; one plane per building when None.
    """

    bounds_kwh_m2: FloatArray | None


def raster_planes(
    path: Path, footprints: npt.NDArray[np.object_], split: Split, progress: Progress
) -> Given:
    """
    Cut footprints into patches of similar irradiation.

    Parameters
    ----------
    path : Path
        The normalised raster of stage irradiation, with 1 or 13 bands. [kWh/m2]
    footprints : ndarray of polygons, shape (buildings,)
        In the CRS of the raster; none may share ground with another.
    split : Split
        One plane per building, or per patch.
    progress : Progress
        Told of every block.

    Returns
    -------
    Given
        Tilt and azimuth unknown; the area is that in plan. A building without a cell has no plane.
    """
    geobox, bands = raster_lattice(path)
    blocks = list(building_blocks(footprints, geobox))
    progress.start("roofs", len(blocks))
    found: list[tuple[IntArray, npt.NDArray[np.object_], FloatArray]] = []
    for own, window in blocks:
        found.append(_block(path, footprints, (own, window), (geobox, bands), split))
        progress.advance()
    building = np.concatenate([np.empty(0, dtype=np.int64), *(part[0] for part in found)])
    order = np.argsort(building, kind="stable")
    outline = np.concatenate([np.empty(0, dtype=object), *(part[1] for part in found)])[order]
    light = np.concatenate([np.empty((0, BANDS)), *(part[2] for part in found)])[order]
    unknown = np.full(len(order), np.nan)
    return Given(
        building=building[order],
        outline=outline,
        tilt_deg=unknown,
        azimuth_deg=unknown,
        roof_area_m2=shapely.area(outline),
        irradiation=light,
        yield_kwh=unknown,
        capacity_kwp=unknown,
        grade=np.full(len(order), -1, dtype=np.int64),
        facts={
            "planes_without_value": int(np.isnan(light[:, 0]).sum()),
            "buildings_in_cadastre": len(np.unique(building)),
            "months_known": bands >= BANDS,
        },
    )


def _block(
    path: Path,
    footprints: npt.NDArray[np.object_],
    block: tuple[IntArray, tuple[int, int, int, int]],
    raster: tuple[GeoBox, int],
    split: Split,
) -> tuple[IntArray, npt.NDArray[np.object_], FloatArray]:
    own, window = block
    geobox, bands = raster
    box = geobox.crop(*window)
    near = np.unique(
        np.concatenate([shapely.STRtree(footprints).query(shapely.box(*box.bounds)), own])
    )
    owner = cell_owners(list(footprints[near]), box)
    year = read_window(path, 1, window)
    planes = _patches(year, owner, (near, own), box.cell_m, split)
    outline = plane_polygons(planes, list(footprints[near]), box)
    place, label = _cells(planes, box.cols)
    light = np.full((len(outline), BANDS), np.nan)
    for band in range(BANDS if bands >= BANDS else 1):
        values = year if band == 0 else read_window(path, band + 1, window)
        light[:, band] = _means(values.ravel()[place], label, len(outline))
    whole = shapely.area(outline) > 0.0
    return near[planes.building[whole]].astype(np.int64), outline[whole], light[whole]


def _patches(
    year: npt.NDArray[np.float32],
    owner: npt.NDArray[np.int32],
    buildings: tuple[IntArray, IntArray],
    cell_m: float,
    split: Split,
) -> RoofPlanes:
    """Return the patches of the own buildings of a block, laid out like planes from heights."""
    near, own = buildings
    mine = np.isin(near, own)
    least = max(round(LEAST_PATCH_M2 / cell_m**2), 1)
    windows = np.zeros((len(near), 4), dtype=np.int64)
    labels = [np.empty(0, dtype=np.int32)]
    whose: list[int] = []
    for k, (rows, cols) in enumerate(_boxes(owner, len(near))):
        inside = owner[rows, cols] == k
        if not mine[k] or not inside.any():
            continue
        patch = np.where(inside, 0, -1).astype(np.int32)
        if split.bounds_kwh_m2 is not None:
            part = year[rows, cols].astype(np.float64)
            patch = similar_patches(part, inside, split.bounds_kwh_m2, least)
        # A margin, so that outlines can grow over the stairs of cells to the footprint's edge.
        patch = np.pad(patch, 1, constant_values=-1)
        windows[k] = (rows.start - 1, cols.start - 1, *patch.shape)
        labels.append(np.where(patch >= 0, patch + len(whose), OUTSIDE).astype(np.int32).ravel())
        whose += [k] * (int(patch.max()) + 1)
    sizes = windows[:, 2] * windows[:, 3]
    nothing = np.full(len(whose), np.nan)
    every = np.concatenate(labels)
    return RoofPlanes(
        building=np.array(whose, dtype=np.int32),
        tilt_deg=nothing,
        azimuth_deg=nothing,
        facing_deg=nothing,
        gradient=np.full((len(whose), 2), np.nan),
        height_m=nothing,
        cells=np.bincount(every[every >= 0], minlength=len(whose)).astype(np.int32),
        rms_m=nothing,
        windows=windows,
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        labels=every,
        noise_m=np.full(len(near), np.nan),
    )


def _boxes(owner: npt.NDArray[np.int32], count: int) -> list[tuple[slice, slice]]:
    """Return the rows and columns of each building's cells; empty slices without cells."""
    found = ndimage.find_objects(owner + 1, max_label=count)
    nothing = (slice(0, 0), slice(0, 0))
    return [nothing if box is None else box for box in found]


def _cells(planes: RoofPlanes, cols: int) -> tuple[IntArray, IntArray]:
    """Return the place of each cell of a plane in the block, flat, and its plane."""
    member = np.flatnonzero(planes.labels >= 0)
    label = planes.labels[member].astype(np.int64)
    building = planes.building[label]
    within = member - planes.offsets[building]
    width = planes.windows[building, 3]
    row = planes.windows[building, 0] + within // width
    col = planes.windows[building, 1] + within % width
    return row * cols + col, label


def _means(values: npt.NDArray[np.float32], label: IntArray, count: int) -> FloatArray:
    """Return the mean of each plane's known cells; NaN where too few are known."""
    known = ~np.isnan(values)
    cells = np.bincount(label, minlength=count)
    some = np.bincount(label[known], minlength=count)
    total = np.bincount(label[known], weights=values[known].astype(np.float64), minlength=count)
    enough = (some > 0) & (some >= LEAST_KNOWN_SHARE * cells)
    return np.asarray(np.divide(total, some, out=np.full(count, np.nan), where=enough))
