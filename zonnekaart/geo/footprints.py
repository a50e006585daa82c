"""Footprints as registers give them to footprints that can be computed with: whole, flat, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    Shapes = npt.NDArray[np.object_]
    BoolArray = npt.NDArray[np.bool_]

LEAST_AREA_M2 = 4.0
"""Smaller footprints carry no module. [m2]"""


@dataclass(frozen=True)
class Mended:
    """
    Footprints after mending, and what was done to each, all of shape (features,).

    Parameters
    ----------
    shapes : ndarray of polygons
        Valid, without a third dimension; empty where nothing was left.
    repaired, flattened : ndarray of bool
        Rings that crossed themselves; heights that were removed.
    lost_area_m2 : float
        Area that repairs removed or added, together. [m2]
    """

    shapes: Shapes
    repaired: BoolArray
    flattened: BoolArray
    lost_area_m2: float


def mended(shapes: Shapes) -> Mended:
    """
    Return valid, flat polygons; lines and points that a repair leaves over are dropped.

    Parameters
    ----------
    shapes : ndarray of geometries, shape (features,)
        None counts as empty.

    Examples
    --------
    >>> bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
    >>> fixed = mended(np.array([bow, None]))
    >>> fixed.repaired.tolist(), float(shapely.area(fixed.shapes[0])), fixed.shapes[1].is_empty
    ([True, False], 8.0, True)
    """
    empty = shapely.Polygon()
    filled = np.array([empty if s is None else s for s in shapes], dtype=object)
    flattened = np.asarray(shapely.has_z(filled), dtype=np.bool_)
    flat = shapely.force_2d(filled)
    broken = ~shapely.is_valid(flat)
    out = flat.copy()
    if broken.any():
        out[broken] = shapely.make_valid(flat[broken])
    kinds = shapely.get_type_id(out)
    mixed = ~np.isin(kinds, (3, 6))
    out[mixed] = [_polygons_of(shape) for shape in out[mixed]]
    single = (shapely.get_type_id(out) == 6) & (shapely.get_num_geometries(out) == 1)
    out[single] = shapely.get_geometry(out[single], 0)
    lost = float(np.abs(shapely.area(out[broken]) - shapely.area(flat[broken])).sum())
    return Mended(out, np.asarray(broken), flattened, lost)


def _polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons in a geometry; an empty one when there are none."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all([p for p in parts if isinstance(p, shapely.Polygon)])


def stable_ids(shapes: Shapes, prefix: str) -> list[str]:
    """
    Return ids that follow from where buildings stand, so that they stay when others come or go.

    Parameters
    ----------
    shapes : ndarray of polygons, shape (features,)
        Not empty.
    prefix : str
        Put before each id.

    Returns
    -------
    list of str
        ``<prefix>-<x>-<y>`` of a point inside in decimetres; a letter more where two coincide.
    """
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    seen: dict[str, int] = {}
    ids = []
    for x, y in np.round(points * 10).astype(np.int64).tolist():
        name = f"{prefix}-{x}-{y}"
        seen[name] = seen.get(name, 0) + 1
        ids.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return ids
