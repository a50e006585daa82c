"""Roofs from heights, block by block: planes, outlines, horizons, and facts per building.

A block holds the buildings whose inner point lies in it, plus a halo as wide as the shade radius,
so that memory does not grow with the raster and blocks do not show in the result.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from zonnekaart.geo.roofs import inner_area_m2, plane_polygons, spread_cells
from zonnekaart.io.burning import cell_owners
from zonnekaart.pipelines.vegetation import covered_shares, roof_layers, touching
from zonnekaart.solar.horizon import horizon_profile
from zonnekaart.solar.roofplanes import RoofPlanes, fitted_heights, roof_planes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.io.raster import HeightReader
    from zonnekaart.pipelines.runs import Progress
    from zonnekaart.pipelines.vegetation import Vegetation

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

BLOCK_CELLS = 2048
"""Side of a block without its halo; 25 million cells at most with a halo of 1500. [cells]"""
HALO_EXTRA_M = 100.0
"""Beyond the shade radius, so that buildings at its rim are whole. [m]"""
GROUND_SEARCH_M = 15.0
"""Without terrain heights, the ground is the lowest surface this near. [m]"""


@dataclass(frozen=True)
class Heights:
    """
    The height rasters and how far shade reaches.

    Parameters
    ----------
    dsm : HeightReader
        Surface.
    dtm : HeightReader or None
        Terrain on the same lattice.
    directions : int
        Sectors of the horizons.
    radius_m : float
        Obstacles farther away are not seen. [m]
    workers : int
        Threads that follow rays.
    vegetation : Vegetation or None
        Trees apart from the surface; without it trees in the surface are opaque.
    """

    dsm: HeightReader
    dtm: HeightReader | None
    directions: int
    radius_m: float
    workers: int = 1
    vegetation: Vegetation | None = None


@dataclass(frozen=True)
class PlaneSet:
    """
    Planes of some buildings; every array has one entry per plane.

    `horizons` has one row per chosen cell and `horizon_plane` says whose it is; `above_ground_m`
    is the mean height over the ground; `edge_areas` holds the plan area inside each edge width.
    `solid_horizons` are those without trees, None when trees are not told apart; `under_canopy`
    marks planes that touch roof under a crown.
    """

    building: IntArray
    outline: npt.NDArray[np.object_]
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    facing_deg: FloatArray
    rms_m: FloatArray
    above_ground_m: FloatArray
    edge_areas: dict[float, FloatArray]
    horizons: npt.NDArray[np.float32]
    horizon_plane: IntArray
    cells: npt.NDArray[np.object_]
    under_canopy: npt.NDArray[np.bool_]
    solid_horizons: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True)
class BuildingFacts:
    """
    What the heights say of each building; NaN where there are none.

    `height_m` is the median height above the ground, `known_share` the part of its cells with a
    height, `standing_share` the part of them at least 2 m above the ground, `noise_m` the noise,
    `canopy_share` the part of its cells under tree crowns; NaN when no canopy was given.
    """

    height_m: FloatArray
    known_share: FloatArray
    standing_share: FloatArray
    noise_m: FloatArray
    canopy_share: FloatArray


LOW_M = 2.0
"""Below this height above the ground a surface is not a roof. [m]"""


def survey(
    footprints: npt.NDArray[np.object_],
    heights: Heights,
    edges_m: tuple[float, ...],
    progress: Progress,
) -> tuple[PlaneSet, BuildingFacts]:
    """
    Find the planes of all buildings.

    Parameters
    ----------
    footprints : ndarray of polygons, shape (buildings,)
        In the CRS of the heights; where two overlap, the earlier one has the cells.
    heights : Heights
        The rasters.
    edges_m : tuple of float
        Widths of the strips along edges whose inner areas are wanted. [m]
    progress : Progress
        Told of every block.

    Returns
    -------
    PlaneSet, BuildingFacts
        Planes in the order of the buildings.
    """
    geobox = heights.dsm.geobox
    blocks = list(building_blocks(footprints, geobox))
    progress.start("roofs", len(blocks))
    facts = BuildingFacts(*(np.full(len(footprints), np.nan) for _ in range(5)))
    found = []
    for own, area in blocks:
        found.append(_block(footprints, heights, (own, area), edges_m, facts))
        progress.advance()
    return _joined(found, edges_m, heights.directions), facts


def building_blocks(
    footprints: npt.NDArray[np.object_], geobox: GeoBox
) -> Iterator[tuple[IntArray, tuple[int, int, int, int]]]:
    """
    Yield the buildings of each block and the cells (row, col, rows, cols) they lie in.

    Parameters
    ----------
    footprints : ndarray of polygons, shape (buildings,)
        In the CRS of the lattice; those whose inner point lies outside it are in no block.
    geobox : GeoBox
        The lattice.
    """
    inner = shapely.point_on_surface(footprints)
    row = np.floor((geobox.north - shapely.get_y(inner)) / geobox.cell_m)
    col = np.floor((shapely.get_x(inner) - geobox.west) / geobox.cell_m)
    inside = (row >= 0) & (row < geobox.rows) & (col >= 0) & (col < geobox.cols)
    keys = np.where(inside, (row // BLOCK_CELLS) * 1e6 + col // BLOCK_CELLS, -1.0)
    for key in np.unique(keys[inside]):
        own = np.flatnonzero(keys == key)
        west, south, east, north = shapely.total_bounds(footprints[own])
        top = max(int((geobox.north - north) / geobox.cell_m) - 1, 0)
        left = max(int((west - geobox.west) / geobox.cell_m) - 1, 0)
        bottom = min(int((geobox.north - south) / geobox.cell_m) + 2, geobox.rows)
        right = min(int((east - geobox.west) / geobox.cell_m) + 2, geobox.cols)
        yield own, (top, left, bottom - top, right - left)


def _block(
    footprints: npt.NDArray[np.object_],
    heights: Heights,
    block: tuple[IntArray, tuple[int, int, int, int]],
    edges_m: tuple[float, ...],
    facts: BuildingFacts,
) -> PlaneSet:
    """Do one block; facts of its buildings are filled in."""
    own, (top, left, rows, cols) = block
    geobox = heights.dsm.geobox
    halo = int(np.ceil((heights.radius_m + HALO_EXTRA_M) / geobox.cell_m))
    first_row, first_col = max(top - halo, 0), max(left - halo, 0)
    last_row = min(top + rows + halo, geobox.rows)
    last_col = min(left + cols + halo, geobox.cols)
    window = (first_row, first_col, last_row - first_row, last_col - first_col)
    box = geobox.crop(*window)
    near = shapely.STRtree(footprints).query(shapely.box(*box.bounds))
    # Sorted, so that of two overlapping footprints the earlier one has the cells in every block.
    near = np.unique(np.concatenate([near, own]))
    height = heights.dsm.read(*window)
    owner = cell_owners(list(footprints[near]), box)
    ground = lowest_around(height, box.cell_m) if heights.dtm is None else heights.dtm.read(*window)
    layers = roof_layers(height, owner, heights.vegetation, window)
    planes = roof_planes(layers.seen, owner, box.cell_m, len(near))
    mine = np.isin(near, own)
    _fill_facts(facts, (near, mine), owner, layers.seen - ground, planes)
    if heights.vegetation is not None and heights.vegetation.path is not None:
        share = covered_shares(owner, layers.covered, len(near))
        facts.canopy_share[near[mine]] = share[mine]
    outline = plane_polygons(planes, list(footprints[near]), box)
    keep = np.flatnonzero(mine[planes.building] & (shapely.area(outline) > 0.0))
    number = np.full(len(outline), -1, dtype=np.int64)
    number[keep] = np.arange(len(keep))
    plane, row, col = spread_cells(planes, box.cell_m)
    chosen = number[plane] >= 0
    points = (row[chosen], col[chosen])
    whole = fitted_heights(layers.opaque, planes, box.cell_m)
    horizons = _horizons(whole, box.cell_m, points, heights)
    solid = None
    if heights.vegetation is not None:
        whole = fitted_heights(layers.solid, planes, box.cell_m)
        solid = _horizons(whole, box.cell_m, points, heights)
    members, above = _plane_cells(planes, layers.seen - ground, geobox.cols, window, keep)
    return PlaneSet(
        building=near[planes.building[keep]].astype(np.int64),
        outline=outline[keep],
        tilt_deg=planes.tilt_deg[keep],
        azimuth_deg=planes.azimuth_deg[keep],
        facing_deg=planes.facing_deg[keep],
        rms_m=planes.rms_m[keep],
        above_ground_m=above,
        edge_areas={
            edge: inner_area_m2(outline[keep], np.full(len(keep), edge)) for edge in edges_m
        },
        horizons=horizons,
        horizon_plane=number[plane[chosen]],
        cells=members,
        under_canopy=touching(members, layers.covered & (owner >= 0), geobox.cols, window),
        solid_horizons=solid,
    )


def _horizons(
    height: npt.NDArray[np.float32],
    cell_m: float,
    points: tuple[IntArray, IntArray],
    heights: Heights,
) -> npt.NDArray[np.float32]:
    """Return the horizons of chosen cells; each thread has a share of them."""
    rows, cols = points
    if len(rows) == 0:
        return np.empty((0, heights.directions), dtype=np.float32)
    shares = np.array_split(np.arange(len(rows)), min(heights.workers, len(rows)))

    def follow(share: IntArray) -> npt.NDArray[np.float32]:
        return horizon_profile(
            height, cell_m, rows[share], cols[share], heights.directions, heights.radius_m
        )

    with ThreadPoolExecutor(len(shares)) as threads:
        return np.concatenate(list(threads.map(follow, shares)))


def lowest_around(height: npt.NDArray[np.float32], cell_m: float) -> npt.NDArray[np.float32]:
    """Return the lowest known surface near each cell."""
    size = 2 * int(GROUND_SEARCH_M / cell_m) + 1
    known = np.where(np.isnan(height), np.float32(np.inf), height)
    lowest = ndimage.minimum_filter(known, size=size, mode="nearest")
    return np.where(np.isinf(lowest), np.nan, lowest).astype(np.float32)


def _fill_facts(
    facts: BuildingFacts,
    buildings: tuple[IntArray, npt.NDArray[np.bool_]],
    owner: npt.NDArray[np.int32],
    above: npt.NDArray[np.float32],
    planes: RoofPlanes,
) -> None:
    """Fill in what the cells of each own building say."""
    near, mine = buildings
    cells = np.flatnonzero(owner.ravel() >= 0)
    cells = cells[np.argsort(owner.ravel()[cells], kind="stable")]
    whose = owner.ravel()[cells]
    start = np.searchsorted(whose, np.arange(len(near)))
    stop = np.searchsorted(whose, np.arange(len(near)), side="right")
    value = above.ravel()[cells]
    for k in np.flatnonzero(mine):
        part = value[start[k] : stop[k]]
        if len(part) == 0:
            facts.known_share[near[k]] = 0.0
            continue
        known = part[~np.isnan(part)]
        facts.known_share[near[k]] = len(known) / len(part)
        if len(known):
            facts.height_m[near[k]] = float(np.median(known))
            facts.standing_share[near[k]] = float(np.mean(known >= LOW_M))
            facts.noise_m[near[k]] = planes.noise_m[k]


def _plane_cells(
    planes: RoofPlanes,
    above: npt.NDArray[np.float32],
    raster_cols: int,
    window: tuple[int, int, int, int],
    keep: IntArray,
) -> tuple[npt.NDArray[np.object_], FloatArray]:
    """Return for each kept plane its cells (flat index in the raster) and mean height."""
    member = np.flatnonzero(planes.labels >= 0)
    member = member[np.argsort(planes.labels[member], kind="stable")]
    building = planes.building[planes.labels[member]]
    within = member - planes.offsets[building]
    width = planes.windows[building, 3]
    row = planes.windows[building, 0] + within // width
    col = planes.windows[building, 1] + within % width
    height = np.nan_to_num(above[row, col].astype(np.float64), nan=0.0)
    known = ~np.isnan(above[row, col])
    plane = planes.labels[member]
    count = np.bincount(plane[known], minlength=len(planes.building))
    total = np.bincount(plane, weights=height, minlength=len(planes.building))
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    flat = (row + window[0]) * raster_cols + col + window[1]
    stop = np.cumsum(planes.cells.astype(np.int64))
    cells = np.empty(len(keep), dtype=object)
    for place, p in enumerate(keep):
        cells[place] = flat[stop[p] - planes.cells[p] : stop[p]]
    return cells, mean[keep]


def _joined(found: list[PlaneSet], edges_m: tuple[float, ...], directions: int) -> PlaneSet:
    """Put the blocks together in the order of the buildings."""
    if not found:
        empty = np.empty(0)
        return PlaneSet(
            building=np.empty(0, dtype=np.int64),
            outline=np.empty(0, dtype=object),
            tilt_deg=empty,
            azimuth_deg=empty,
            facing_deg=empty,
            rms_m=empty,
            above_ground_m=empty,
            edge_areas=dict.fromkeys(edges_m, empty),
            horizons=np.empty((0, directions), dtype=np.float32),
            horizon_plane=np.empty(0, dtype=np.int64),
            cells=np.empty(0, dtype=object),
            under_canopy=np.empty(0, dtype=bool),
        )
    building = np.concatenate([part.building for part in found])
    order = np.argsort(building, kind="stable")
    new = np.empty(len(order), dtype=np.int64)
    new[order] = np.arange(len(order))
    before = np.cumsum([0, *(len(part.building) for part in found[:-1])])
    horizon_plane = new[
        np.concatenate([p.horizon_plane + n for p, n in zip(found, before, strict=True)])
    ]
    by_plane = np.argsort(horizon_plane, kind="stable")

    solid = [part.solid_horizons for part in found if part.solid_horizons is not None]

    def together(name: str) -> npt.NDArray[np.generic]:
        return np.concatenate([getattr(part, name) for part in found])[order]

    return PlaneSet(
        building=building[order],
        outline=np.asarray(together("outline"), dtype=object),
        tilt_deg=np.asarray(together("tilt_deg"), dtype=np.float64),
        azimuth_deg=np.asarray(together("azimuth_deg"), dtype=np.float64),
        facing_deg=np.asarray(together("facing_deg"), dtype=np.float64),
        rms_m=np.asarray(together("rms_m"), dtype=np.float64),
        above_ground_m=np.asarray(together("above_ground_m"), dtype=np.float64),
        edge_areas={
            edge: np.concatenate([part.edge_areas[edge] for part in found])[order]
            for edge in edges_m
        },
        horizons=np.concatenate([part.horizons for part in found])[by_plane],
        horizon_plane=horizon_plane[by_plane],
        cells=np.asarray(together("cells"), dtype=object),
        under_canopy=np.asarray(together("under_canopy"), dtype=bool),
        solid_horizons=np.concatenate(solid)[by_plane] if solid else None,
    )
