"""Supply of sites: light on their panels, capacity, yield and flags, by kind."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from zonnekaart.energy.pv import (
    MOUNTINGS,
    Factor,
    Modules,
    Preset,
    annual_yield_kwh,
    modules_on,
    yield_bounds,
)
from zonnekaart.pipelines.roof_light import Light, light_from_sky
from zonnekaart.pipelines.rooftops import PlaneSet

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.io.ranges import Ranged
    from zonnekaart.io.site_kinds import SiteKind
    from zonnekaart.pipelines.site_ground import Outlook
    from zonnekaart.solar.sky import SkyTables

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

MANY_OBSTRUCTED = 0.2
"""From this share of trees and masts on, an outline is flagged: look before you count on it. [-]"""
KNOWN_SHARE = 0.9


@dataclass(frozen=True)
class Faces:
    """
    The planes of one kind of site; every array has one entry per plane.

    Parameters
    ----------
    site_id, plane_id, name, owner : ndarray of str
        Identity.
    geometry : ndarray of polygons
        Free part of the site, or a strip along a wall.
    size : ndarray of float64
        Of the whole site, to be judged against the smallest. [m2], or [m] for walls
    area_m2 : ndarray of float64
        Surface that panels may share. [m2]
    azimuth_deg : ndarray of float64
        Of walls; NaN for level fields. [degrees]
    outlooks : list of Outlook
        What the heights say.
    marks : dict of str to ndarray of bool
        Flags from the outlines.
    """

    site_id: npt.NDArray[np.object_]
    plane_id: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    owner: npt.NDArray[np.object_]
    geometry: npt.NDArray[np.object_]
    size: FloatArray
    area_m2: FloatArray
    azimuth_deg: FloatArray
    outlooks: list[Outlook]
    marks: dict[str, BoolArray]


def kind_preset(preset: Preset, kind: SiteKind) -> Preset:
    """Return the roof preset with the density and layout of a kind, and nothing of roofs."""
    none = Factor(0.0, 0.0, 0.0, "not on sites")
    cover = kind.ground_cover
    layout = dataclasses.replace(
        preset.layout,
        edge_tilted_m=none,
        edge_flat_m=none,
        # What the field leaves open between panels; the share of fields is the packing.
        obstructed=Factor(1.0 - cover.value, 1.0 - cover.high, 1.0 - cover.low, cover.source),
        packing_tilted=_factor(kind.usable_share),
        packing_flat=_factor(kind.usable_share),
        flat_mounting=kind.mounting,
        rack_south_tilt_deg=kind.tilt_deg,
        rack_east_west_tilt_deg=kind.tilt_deg,
        east_west_gap_share=kind.gap_share,
    )
    return dataclasses.replace(preset, layout=layout, module_density=_factor(kind.module_density))


def _factor(number: Ranged) -> Factor:
    return Factor(number.value, number.low, number.high, number.source)


def site_table(
    faces: Faces, kind_name: str, kind: SiteKind, preset: Preset, sky: SkyTables, place: Place
) -> gpd.GeoDataFrame:
    """
    Return the supply of the planes of one kind.

    Parameters
    ----------
    faces : Faces
        Planes with their outlooks.
    kind_name : str
        One of `zonnekaart.io.site_kinds.KINDS`.
    kind : SiteKind
        How panels stand.
    preset : Preset
        Its loss chain and spread count; its roof layout does not.
    sky : SkyTables
        Of the weather year.
    place : Place
        Latitude and CRS.

    Returns
    -------
    GeoDataFrame
        Capacity and yield are 0 for a site that is too small or too dark, NaN where no height is
        known.
    """
    own = kind_preset(preset, kind)
    tilt = np.full(len(faces.size), kind.tilt_deg if kind.shape == "line" else 0.0)
    modules = modules_on(tilt, faces.azimuth_deg, own.layout, place.latitude_deg)
    light = light_from_sky(
        _plane_set(faces, tilt, sky.directions), modules, sky, own.layout, place.latitude_deg
    )
    blocked = np.array([look.obstructed_share for look in faces.outlooks], dtype=np.float64)
    known = np.array([look.known_share for look in faces.outlooks], dtype=np.float64)
    small = faces.size < kind.min_size
    dark = light.unshaded_share < kind.min_unshaded_share
    full = blocked >= 1.0
    usable = faces.area_m2 * (1.0 - blocked) * kind.usable_share.value * kind.ground_cover.value
    nothing = small | dark | full | (faces.area_m2 <= 0.0)
    usable = np.where(nothing, 0.0, np.where(np.isnan(light.module[:, 0]), np.nan, usable))
    capacity = usable * kind.module_density.value
    energy = annual_yield_kwh(capacity, light.module[:, 0], preset.losses)
    low, high = _bounds(own, modules, light)
    marks = {
        **faces.marks,
        "too_small": small,
        "shaded": dark,
        "obstructed": blocked > MANY_OBSTRUCTED,
        "no_height": np.isnan(blocked) & (faces.area_m2 > 0.0),
        "partly_no_height": ~np.isnan(blocked) & (known < KNOWN_SHARE),
    }
    return gpd.GeoDataFrame(
        {
            "site_id": faces.site_id,
            "plane_id": faces.plane_id,
            "kind": np.full(len(tilt), kind_name, dtype=object),
            "name": faces.name,
            "owner": faces.owner,
            "tilt_deg": tilt,
            "azimuth_deg": faces.azimuth_deg,
            "site_area_m2": faces.area_m2,
            "obstructed_share": blocked,
            "usable_area_m2": usable,
            "annual_irradiation_kwh_m2": light.roof[:, 0],
            "monthly_irradiation_kwh_m2": list(light.roof[:, 1:]),
            "module_irradiation_kwh_m2": light.module[:, 0],
            "horizon_deg": list(light.horizon_deg),
            "sky_view_factor": light.sky_view,
            "mounting": np.array(MOUNTINGS, dtype=object)[modules.mounting],
            "module_tilt_deg": modules.tilt_deg,
            "module_azimuth_deg": modules.azimuth_deg,
            "capacity_kwp": capacity,
            "annual_yield_kwh": energy,
            "annual_yield_low_kwh": energy * low,
            "annual_yield_high_kwh": energy * high,
            "flags": _flags(marks, len(tilt)),
        },
        geometry=faces.geometry,
        crs=place.crs,
    )


@dataclass(frozen=True)
class Place:
    """Latitude [degrees] and CRS of the project."""

    latitude_deg: float
    crs: str


def _plane_set(faces: Faces, tilt_deg: FloatArray, directions: int) -> PlaneSet:
    """Return the planes in the form that roofs have, so that the same light falls on both."""
    count = len(tilt_deg)
    unknown = np.full(count, np.nan)
    looks = [look.horizons for look in faces.outlooks]
    return PlaneSet(
        building=np.arange(count),
        outline=faces.geometry,
        tilt_deg=tilt_deg,
        azimuth_deg=faces.azimuth_deg,
        facing_deg=np.nan_to_num(faces.azimuth_deg),
        rms_m=unknown,
        above_ground_m=unknown,
        edge_areas={},
        horizons=np.concatenate([np.empty((0, directions), dtype=np.float32), *looks]),
        horizon_plane=np.repeat(np.arange(count), [len(look) for look in looks]),
        cells=np.empty(count, dtype=object),
        under_canopy=np.zeros(count, dtype=bool),
    )


def _bounds(preset: Preset, modules: Modules, light: Light) -> tuple[FloatArray, FloatArray]:
    """Return the low and the high of each yield over its central value. [-]."""
    years = None
    if light.module_low is not None and light.module_high is not None:
        central = light.module[:, 0]
        low, high = (
            np.divide(year, central, out=np.ones_like(central), where=central > 0.0)
            for year in (light.module_low, light.module_high)
        )
        years = (low, high)
    racked = bool((modules.mounting > 0).any())
    return yield_bounds(preset, racked=racked, light=years)


def _flags(marks: dict[str, BoolArray], count: int) -> list[list[str]]:
    return [[name for name, where in marks.items() if where[row]] for row in range(count)]
