"""Reference systems in which features may be asked for: addresses, axis order, extent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from zonnekaart.geo.crs import DISPLAY_CRS, LONLAT_CRS, transformer

if TYPE_CHECKING:
    import numpy.typing as npt

Box = tuple[float, float, float, float]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""Longitude before latitude, the order of GeoJSON."""
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_OFFERED = (LONLAT_CRS, DISPLAY_CRS, "EPSG:31370", "EPSG:3812")
_DEGREE_DIGITS, _METRE_DIGITS = 9, 4
"""A tenth of a millimetre."""
_STEPS = 16
"""Pieces into which a side of a box is cut before it is projected: straight lines bend."""


@dataclass(frozen=True)
class ReferenceSystem:
    """
    One system that a client may name.

    Parameters
    ----------
    uri : str
        Its address in the register of the OGC.
    code : str
        What PROJ calls it.
    north_first : bool
        Whether coordinates are written as latitude, longitude.
    degrees : bool
        Whether they are degrees.
    """

    uri: str
    code: str
    north_first: bool
    degrees: bool

    @property
    def digits(self) -> int:
        """Decimals worth writing."""
        return _DEGREE_DIGITS if self.degrees else _METRE_DIGITS

    def written(self, shapes: npt.NDArray[np.object_], source: str) -> npt.NDArray[np.object_]:
        """
        Return shapes of `source` as this system writes them: projected, rounded, axes in order.

        Parameters
        ----------
        shapes : ndarray of shapely geometry
            Shapes with x before y.
        source : str
            Their system, such as ``EPSG:31370``.
        """
        convert = transformer(source, self.code) if source != self.code else None

        def move(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            x, y = coordinates[:, 0], coordinates[:, 1]
            if convert is not None:
                x, y = convert.transform(x, y)
            pair = (y, x) if self.north_first else (x, y)
            both: npt.NDArray[np.float64] = np.column_stack(pair)
            return both.round(self.digits)

        moved: npt.NDArray[np.object_] = shapely.transform(shapes, move)
        return moved

    def read(self, box: Box) -> Box:
        """Return a box that a client wrote in this system as west, south, east, north."""
        first, second, third, fourth = box
        return (second, first, fourth, third) if self.north_first else box


@lru_cache(maxsize=64)
def system_of(code: str) -> ReferenceSystem:
    """Return the system that PROJ knows by an ``EPSG:`` code."""
    crs = pyproj.CRS.from_user_input(code)
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    number = horizontal.to_epsg(min_confidence=70)
    return ReferenceSystem(
        uri=f"{_EPSG}{number}" if number else code,
        code=f"EPSG:{number}" if number else code,
        north_first=horizontal.axis_info[0].direction.lower() == "north",
        degrees=horizontal.is_geographic,
    )


LONLAT = ReferenceSystem(CRS84, LONLAT_CRS, north_first=False, degrees=True)


def offered_systems(storage: str, bounds: Box) -> dict[str, ReferenceSystem]:
    """
    Return the systems that fit a place, by address; the default first, then the storage system.

    Parameters
    ----------
    storage : str
        System of the stored shapes.
    bounds : tuple of float
        Their box in that system: west, south, east, north.
    """
    lonlat = clipping_box(bounds, storage, LONLAT_CRS)
    found = [LONLAT, system_of(storage)]
    found += [system_of(code) for code in _OFFERED if _fits(code, lonlat)]
    return {system.uri: system for system in found}


def _fits(code: str, lonlat: Box) -> bool:
    area = pyproj.CRS.from_user_input(code).area_of_use
    if area is None:
        return False
    west, south, east, north = lonlat
    return bool(
        area.west <= west and east <= area.east and area.south <= south and north <= area.north
    )


def clipping_box(bounds: Box, source: str, target: str) -> Box:
    """Return the box of a box in another system."""
    if source == target:
        return bounds
    west, south, east, north = transformer(source, target).transform_bounds(
        *bounds, densify_pts=_STEPS
    )
    return west, south, east, north


def search_area(box: Box, system: ReferenceSystem, storage: str, bounds: Box) -> shapely.Geometry:
    """
    Return the part of a client's box where a layer has shapes, in the layer's own system.

    Cut to the layer first, so that a box of the whole world needs no projection of the poles.

    Parameters
    ----------
    box : tuple of float
        West, south, east, north in `system`. West beyond east, in degrees, goes round the back.
    system : ReferenceSystem
        System of the box.
    storage : str
        System of the layer.
    bounds : tuple of float
        Box of the layer, in its own system.
    """
    west, south, east, north = box
    pieces = [shapely.box(west, south, east, north)]
    if west > east:
        pieces = [shapely.box(west, south, 180.0, north), shapely.box(-180.0, south, east, north)]
    here = clipping_box(bounds, storage, system.code)
    # A little wider than the layer, so that shapes on its edge are not lost to rounding.
    room = 1e-4 if system.degrees else 10.0
    frame = shapely.box(here[0] - room, here[1] - room, here[2] + room, here[3] + room)
    inside = shapely.intersection(shapely.MultiPolygon(pieces), frame)
    if shapely.is_empty(inside) or system.code == storage:
        return inside
    side = max(here[2] - here[0], here[3] - here[1], room)
    dense = shapely.segmentize(inside, side / _STEPS)
    convert = transformer(system.code, storage)
    return shapely.transform(
        dense, lambda xy: np.column_stack(convert.transform(xy[:, 0], xy[:, 1]))
    )
