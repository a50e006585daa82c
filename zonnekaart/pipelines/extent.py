"""Where a project lies: the extent of its heights, or of what stands in for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.geo.crs import require_same
from zonnekaart.geo.heights import AS_IT_IS
from zonnekaart.io.bands import raster_lattice
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import BuildingsInput, Project, ZonesInput


def supply_extent(project: Project) -> shapely.Polygon:
    """
    Return the extent in which roofs are known.

    Parameters
    ----------
    project : Project
        With heights or a cadastre.

    Returns
    -------
    Polygon
        The box of the heights; without heights that of the cadastre's raster; with a cadastre of
        polygons or figures the box of the areas that hold a footprint, or of the footprints when
        the project names no areas.

    Notes
    -----
    A register of buildings is taken to be whole in every area that it reaches: unlike heights, it
    has no edge of its own. Cut areas along with the footprints when that is not so.

    Raises
    ------
    MissingInputError, RasterError, VectorError, CrsError
        If the file cannot be read.
    """
    path, kind = _basis(project)
    if kind == "heights":
        dsm = project.inputs.dsm
        with HeightReader(path, AS_IT_IS if dsm is None else dsm.corrections) as reader:
            return shapely.box(*reader.geobox.bounds)
    if kind == "raster":
        geobox, _ = raster_lattice(path)
        require_same(geobox.crs, project.project.crs, str(path))
        return shapely.box(*geobox.bounds)
    layer = _shapes(project, project.inputs.buildings)
    areas = project.inputs.areas
    if areas is None:
        return shapely.box(*shapely.total_bounds(layer))
    shapes = _shapes(project, areas)
    reached = shapely.STRtree(shapes).query(shapely.point_on_surface(layer), predicate="intersects")
    held = shapes[np.unique(reached[1])]
    return shapely.box(*shapely.total_bounds(held if len(held) else layer))


def _shapes(project: Project, table: BuildingsInput | ZonesInput) -> npt.NDArray[np.object_]:
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    return np.asarray(layer.geometry.to_numpy())


def extent_files(project: Project) -> list[Path]:
    """Return the files that `supply_extent` reads."""
    path, kind = _basis(project)
    areas = project.inputs.areas
    more = [project.resolve(areas.path)] if kind == "footprints" and areas is not None else []
    return [path, *more]


def _basis(project: Project) -> tuple[Path, str]:
    inputs = project.inputs
    if inputs.dsm is not None:
        return project.resolve(inputs.dsm.path), "heights"
    if inputs.cadastre is not None and inputs.cadastre.kind == "raster":
        return project.resolve(inputs.cadastre.path), "raster"
    return project.resolve(inputs.buildings.path), "footprints"
