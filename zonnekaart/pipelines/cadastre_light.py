"""What the raster of a cadastre gives panels on planes from heights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.energy.cadastre import irradiation_of_slope
from zonnekaart.energy.pv import MOUNTINGS, row_horizon_deg
from zonnekaart.pipelines.roof_light import best_plane, free_irradiation, light_from_cells
from zonnekaart.solar.irradiation import plane_irradiation

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.energy.pv import Layout, Modules
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.io.cadastre_options import CadastreOptions
    from zonnekaart.pipelines.roof_light import Light
    from zonnekaart.pipelines.rooftops import PlaneSet
    from zonnekaart.solar.sky import SkyTables

    FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Panels:
    """
    Panels on planes, and the sky that says what their racks gain.

    Parameters
    ----------
    modules : Modules
        How panels stand.
    layout : Layout
        From the preset.
    sky : SkyTables
        Of the project's weather year.
    latitude_deg : float
        North positive. [degrees]
    """

    modules: Modules
    layout: Layout
    sky: SkyTables
    latitude_deg: float


def rack_gain(tilt_deg: FloatArray, azimuth_deg: FloatArray, panels: Panels) -> FloatArray:
    """
    Return what racked panels get over what the roof under them gets, without surroundings.

    Parameters
    ----------
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        Of the roofs. [degrees]
    panels : Panels
        On those roofs.

    Returns
    -------
    ndarray of float64, shape (planes,)
        1 for panels that lie on the roof, and where the tilt is unknown. [-]
    """
    gain = np.ones(len(tilt_deg))
    modules, sky = panels.modules, panels.sky
    racked = modules.mounting > 0
    if not racked.any():
        return gain
    first = int(np.flatnonzero(racked)[0])
    tents = MOUNTINGS[int(modules.mounting[first])] == "rack_east_west"
    # Rows stand along the walls: few directions for many roofs.
    facing, which = np.unique(modules.azimuth_deg[racked], return_inverse=True)
    tilt = np.full(len(facing), modules.tilt_deg[first])
    halves = []
    for turn in (0.0, 180.0) if tents else (0.0,):
        toward = (facing + turn) % 360.0
        rows = row_horizon_deg(panels.layout, panels.latitude_deg, sky.directions, toward)
        halves.append(plane_irradiation(sky, tilt, toward, rows)[:, 0])
    under = free_irradiation(sky, tilt_deg[racked], azimuth_deg[racked])
    gain[racked] = np.mean(halves, axis=0)[which] / under
    return gain


def light_from_raster(
    planes: PlaneSet, path: Path, geobox: GeoBox, options: CadastreOptions, panels: Panels
) -> Light:
    """
    Return the light on planes from heights, as a cadastre's raster tells it.

    Parameters
    ----------
    planes : PlaneSet
        From heights.
    path : Path
        The normalised raster, on the cells of the heights.
    geobox : GeoBox
        Those cells.
    options : CadastreOptions
        Says what its m2 are.
    panels : Panels
        Racks gain over the roof what they gain under the free sky of the project's weather; that
        sky also says what the best plane gets.
    """
    light = light_from_cells(planes, path, geobox)
    roof = irradiation_of_slope(light.roof, planes.tilt_deg, options.surface)
    gain = rack_gain(planes.tilt_deg, planes.facing_deg, panels)
    return replace(
        light, roof=roof, module=roof * gain[:, None], best_kwh_m2=best_plane(panels.sky)[0]
    )
