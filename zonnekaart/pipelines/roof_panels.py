"""Single panels on roof planes: laid as whole modules, and the table that draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np

from zonnekaart.energy.panels import (
    Boundaries,
    Lattices,
    best_lattices,
    flush_units,
    places,
    row_units,
    tent_units,
)
from zonnekaart.energy.pv import MOUNTINGS, rack_wish_deg
from zonnekaart.geo.panels import (
    Frames,
    Margins,
    boundaries,
    frames_of,
    nearest_wall_deg,
    rectangles,
    usable_parts,
    wall_direction_deg,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.energy.panels import ModuleType
    from zonnekaart.energy.pv import Layout, Modules, Preset

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

EAST_WEST = MOUNTINGS.index("rack_east_west")
ALONG_WALLS_DEG = 10.0
"""Modules on a slope follow the walls when its contour turns no further away: eaves are level, and
the direction of a fitted plane errs by a few degrees; own assumption. [degrees]"""


@dataclass(frozen=True)
class Surfaces:
    """
    What must be known of planes to lay modules on them, wherever it comes from.

    Parameters
    ----------
    building : ndarray of int64, shape (planes,)
        Position of the building.
    outline : ndarray of polygons, shape (planes,)
        In plan.
    tilt_deg : ndarray of float64, shape (planes,)
        NaN is unknown. [degrees]
    facing_deg : ndarray of float64, shape (planes,)
        Direction in which the plane falls, any when it is level; NaN is unknown. [degrees]
    """

    building: IntArray
    outline: npt.NDArray[np.object_]
    tilt_deg: FloatArray
    facing_deg: FloatArray


@dataclass(frozen=True)
class Panels:
    """
    Single panels, in the order of their planes.

    Parameters
    ----------
    plane : ndarray of int64, shape (panels,)
        Position of the plane.
    number : ndarray of int64, shape (panels,)
        Of the panel on its plane, from 1: by row, then by column.
    tilt_deg, azimuth_deg : ndarray of float64, shape (panels,)
        How each stands; azimuth is NaN for level panels. [degrees]
    shape : ndarray of polygons, shape (panels,)
        In plan.
    """

    plane: IntArray
    number: IntArray
    tilt_deg: FloatArray
    azimuth_deg: FloatArray
    shape: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Laid:
    """
    Whole modules on planes.

    Parameters
    ----------
    count : ndarray of float64, shape (planes,)
        Modules that fit; NaN where tilt or direction is unknown, so that none can be laid.
    low_share, high_share : ndarray of float64, shape (planes,)
        What fits with the widest and the narrowest edge strip of the preset, over `count`; 1
        where nothing fits or is laid. [-]
    panels : Panels
        Each of them.
    """

    count: FloatArray
    low_share: FloatArray
    high_share: FloatArray
    panels: Panels


@dataclass(frozen=True)
class _Group:
    """Planes whose panels stand alike: positions, frames, outlines, units, tilt of the racks."""

    members: IntArray
    frames: Frames
    outlines: npt.NDArray[np.object_]
    units: FloatArray
    racked: bool


def rows_facing_deg(
    building: IntArray, footprints: npt.NDArray[np.object_], layout: Layout, latitude_deg: float
) -> FloatArray | None:
    """
    Return where racks on each plane face when rows follow the walls; None when they do not.

    Parameters
    ----------
    building : ndarray of int64, shape (planes,)
        Position of each plane's building.
    footprints : ndarray of polygons, shape (buildings,)
        Their walls are followed.
    layout : Layout
        From the preset.
    latitude_deg : float
        North positive. [degrees]
    """
    if layout.rack_alignment == "south":
        return None
    walls = wall_direction_deg(footprints)[building]
    return nearest_wall_deg(walls, rack_wish_deg(layout, latitude_deg))


def lay_panels(
    planes: Surfaces, modules: Modules, footprints: npt.NDArray[np.object_], preset: Preset
) -> Laid | None:
    """
    Lay whole modules on planes; None when the preset takes a share of the area.

    Parameters
    ----------
    planes : Surfaces
        From heights or a cadastre.
    modules : Modules
        How panels stand on each plane.
    footprints : ndarray of polygons, shape (buildings,)
        Level panels without racks follow their walls.
    preset : Preset
        Module and layout.
    """
    if preset.method == "share":
        return None
    size = len(planes.building)
    count, fewest, most = np.full(size, np.nan), np.zeros(size), np.zeros(size)
    parts = []
    for group in _groups(planes, modules, footprints, preset):
        each = 2 if _tents(group, preset) else 1
        bounds, lattices = _lattices(group, preset.layout, "value")
        count[group.members] = lattices.count * each
        fewest[group.members] = _lattices(group, preset.layout, "high")[1].count * each
        most[group.members] = _lattices(group, preset.layout, "low")[1].count * each
        parts.append(_panels(group, modules, preset, (bounds, lattices)))
    some = count > 0.0
    low = np.divide(fewest, count, out=np.ones(size), where=some)
    high = np.divide(most, count, out=np.ones(size), where=some)
    return Laid(count, np.minimum(low, 1.0), np.maximum(high, 1.0), _joined(parts))


def panel_table(
    planes: gpd.GeoDataFrame, laid: Laid | None, module: ModuleType
) -> gpd.GeoDataFrame:
    """
    Return `roof_panels`: the panels of the planes that get any.

    Parameters
    ----------
    planes : GeoDataFrame
        From `plane_table`, in the order of the planes that were laid.
    laid : Laid or None
        From `lay_panels`.
    module : ModuleType
        Its power.

    Returns
    -------
    GeoDataFrame
        One row per panel that fits by the heights, so more than ``capacity_kwp`` expects. Empty
        when panels are a share of the area.
    """
    if laid is None:
        plane = np.zeros(0, dtype=np.int64)
        found = Panels(plane, plane, np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
    else:
        found = laid.panels
    used = (planes["panels"].to_numpy(dtype=np.float64) > 0.0)[found.plane]
    plane = found.plane[used]
    plane_id = planes["plane_id"].to_numpy(dtype=object)[plane]
    numbers = found.number[used]
    return gpd.GeoDataFrame(
        {
            "building_id": planes["building_id"].to_numpy(dtype=object)[plane],
            "plane_id": plane_id,
            "panel_id": np.array(
                [f"{name}-{number}" for name, number in zip(plane_id, numbers, strict=True)],
                dtype=object,
            ),
            "module_tilt_deg": found.tilt_deg[used],
            "module_azimuth_deg": found.azimuth_deg[used],
            "module_kwp": np.full(len(plane), module.power_wp / 1000.0),
        },
        geometry=found.shape[used],
        crs=planes.crs,
    )


def _groups(
    planes: Surfaces, modules: Modules, footprints: npt.NDArray[np.object_], preset: Preset
) -> list[_Group]:
    """Return the known planes with panels on the roof, then those with racks."""
    racked = modules.mounting > 0
    own = np.where(np.isnan(modules.azimuth_deg), planes.facing_deg, modules.azimuth_deg)
    walls = nearest_wall_deg(wall_direction_deg(footprints)[planes.building], own)
    away = np.abs((walls - own + 180.0) % 360.0 - 180.0)
    facing = np.where((away <= ALONG_WALLS_DEG) | np.isnan(modules.azimuth_deg), walls, own)
    tilt = np.where(racked, 0.0, planes.tilt_deg)
    known = ~np.isnan(facing) & ~np.isnan(tilt)
    groups = []
    for on_racks in (False, True):
        members = np.flatnonzero(known & (racked == on_racks))
        if len(members) == 0:
            continue
        outlines = planes.outline[members]
        frames = frames_of(outlines, facing[members], tilt[members])
        units = flush_units(preset.module)
        if on_racks:
            units = _rack_units(modules, int(members[0]), preset)
        groups.append(_Group(members, frames, outlines, units, on_racks))
    return groups


def _rack_units(modules: Modules, plane: int, preset: Preset) -> FloatArray:
    """Return the rectangle that racks repeat; all racks of a preset are alike."""
    tilt = float(modules.tilt_deg[plane])
    if modules.mounting[plane] == EAST_WEST:
        return tent_units(preset.module, tilt, preset.layout.east_west_gap_share)
    return row_units(preset.module, tilt, float(modules.ground_cover[plane]))


def _tents(group: _Group, preset: Preset) -> bool:
    return group.racked and preset.layout.flat_mounting == "rack_east_west"


def _lattices(
    group: _Group, layout: Layout, bound: Literal["value", "low", "high"]
) -> tuple[Boundaries, Lattices]:
    """Return the usable parts within the strips of the layout, and the best lattice on each."""
    around = float(getattr(layout.edge_tilted_m, bound))
    margins = Margins(around, around)
    if group.racked:
        edge = float(getattr(layout.edge_flat_m, bound))
        margins = Margins(edge, around, layout.field_m, layout.path_m)
    bounds = boundaries(usable_parts(group.outlines, group.frames, margins))
    return bounds, best_lattices(bounds, group.units)


def _panels(
    group: _Group, modules: Modules, preset: Preset, laid: tuple[Boundaries, Lattices]
) -> Panels:
    """Return the panels of a group; a tent holds two, of which the second faces away."""
    bounds, lattices = laid
    found = places(bounds, group.units, lattices)
    size = group.units[lattices.unit[found.plane]]
    halves = 2 if _tents(group, preset) else 1
    local = np.repeat(found.plane, halves)
    half = np.tile(np.arange(halves), len(found.plane))
    depth = np.repeat(size[:, 1], halves) / halves
    corner = np.column_stack(
        [np.repeat(found.u, halves), np.repeat(found.v, halves) + half * depth]
    )
    plane = group.members[local]
    start = np.searchsorted(local, local)
    return Panels(
        plane=plane,
        number=np.arange(len(local)) - start + 1,
        tilt_deg=modules.tilt_deg[plane],
        azimuth_deg=(modules.azimuth_deg[plane] + 180.0 * half) % 360.0,
        shape=rectangles(group.frames, local, corner, (np.repeat(size[:, 0], halves), depth)),
    )


def _joined(parts: list[Panels]) -> Panels:
    """Put groups together in the order of the planes."""
    if not parts:
        plane = np.zeros(0, dtype=np.int64)
        return Panels(plane, plane, np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
    plane = np.concatenate([part.plane for part in parts])
    order = np.argsort(plane, kind="stable")
    return Panels(
        plane[order],
        np.concatenate([part.number for part in parts])[order],
        np.concatenate([part.tilt_deg for part in parts])[order],
        np.concatenate([part.azimuth_deg for part in parts])[order],
        np.concatenate([part.shape for part in parts])[order],
    )
