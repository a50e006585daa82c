"""Whether input lies where its coordinate reference system says it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyproj

from zonnekaart.errors import CrsError
from zonnekaart.geo.crs import LONLAT_CRS, require_same, transformer

if TYPE_CHECKING:
    from zonnekaart.geo.geobox import GeoBox
    from zonnekaart.pipelines.checks.findings import Inspection

Bounds = tuple[float, float, float, float]
"""``(west, south, east, north)`` in CRS units."""

_CANDIDATES = (
    "EPSG:31370",
    "EPSG:3812",
    "EPSG:28992",
    "EPSG:2154",
    "EPSG:25831",
    "EPSG:25832",
    "EPSG:25830",
    "EPSG:4326",
)
_MARGIN = 0.1
_LEAST_PROJECT_M = 10.0
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Place:
    """
    Where the project is.

    Parameters
    ----------
    crs : str
        The project CRS.
    box : GeoBox, optional
        Lattice of the surface model; None when there is none or it could not be opened.
    bounds : tuple of float, optional
        Extent of the footprints, where there is no surface model.
    """

    crs: str
    box: GeoBox | None = None
    bounds: Bounds | None = None

    @property
    def extent(self) -> Bounds | None:
        """Extent of the surface model, else of the footprints."""
        return self.bounds if self.box is None else self.box.bounds

    @property
    def northern(self) -> bool:
        """Whether the place lies north of the equator; true when that cannot be told."""
        extent = self.extent
        return (
            extent is None
            or not fits(extent, self.crs)
            or (centre_lonlat(extent, self.crs)[1] >= 0.0)
        )


@lru_cache(maxsize=64)
def valid_range(crs: str) -> Bounds | None:
    """
    Return the coordinates that make sense in a CRS: its area of use with a margin of a tenth.

    Parameters
    ----------
    crs : str
        Anything pyproj reads.

    Returns
    -------
    tuple of float, optional
        ``(west, south, east, north)`` in CRS units; None when PROJ knows no area of use.
    """
    system = pyproj.CRS.from_user_input(crs)
    area = system.area_of_use
    if area is None:
        return None
    if system.is_geographic:
        return (area.west, area.south, area.east, area.north)
    west, south, east, north = transformer(LONLAT_CRS, crs).transform_bounds(*area.bounds)
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    dx, dy = _MARGIN * (east - west), _MARGIN * (north - south)
    return (west - dx, south - dy, east + dx, north + dy)


def fits(bounds: Bounds, crs: str) -> bool:
    """Tell whether `bounds` lie in the area that `crs` is made for; True when unknown."""
    valid = valid_range(crs)
    if valid is None:
        return True
    return (
        bounds[0] >= valid[0]
        and bounds[1] >= valid[1]
        and bounds[2] <= valid[2]
        and bounds[3] <= valid[3]
    )


def swapped(bounds: Bounds) -> Bounds:
    """Return bounds with x and y exchanged."""
    west, south, east, north = bounds
    return (south, west, north, east)


def likely_crs(bounds: Bounds) -> list[str]:
    """Return well-known systems of this part of Europe in which `bounds` would make sense."""
    if max(map(abs, bounds)) <= 180.0:
        return [LONLAT_CRS]
    return [code for code in _CANDIDATES if code != LONLAT_CRS and fits(bounds, code)]


def check_crs(found: object, bounds: Bounds | None, place: Place, inspection: Inspection) -> bool:
    """
    Note a missing, different or impossible CRS; nothing is reprojected.

    Parameters
    ----------
    found : object
        The CRS that the file names; None when it names none.
    bounds : tuple of float, optional
        Extent of the content in CRS units; None when there is no content.
    place : Place
        The project CRS.
    inspection : Inspection
        Receives the findings.

    Returns
    -------
    bool
        True when the file may be compared with others.
    """
    try:
        require_same(found, place.crs, inspection.file)
    except CrsError as error:
        inspection.caught(error)
        return False
    if bounds is None or (fits(bounds, place.crs) and not _degrees(bounds)):
        return True
    valid = valid_range(place.crs) or bounds
    guesses = [code for code in likely_crs(bounds) if code != place.crs]
    fit = f"; the coordinates fit {' or '.join(guesses[:3])}" if guesses else ""
    if fits(swapped(bounds), place.crs):
        fit += "; x and y may be swapped: ogr2ogr -swapxy OUT IN"
    inspection.error(
        "crs.implausible",
        f"coordinates {_extent(bounds)} labelled {place.crs}",
        f"coordinates inside {_extent(valid)}, where {place.crs} is used",
        f"label the file with the system it is really in, then reproject it to {place.crs}{fit}",
    )
    return False


def _degrees(bounds: Bounds) -> bool:
    """Tell whether an extent looks like degrees: near 0, and smaller than any project in metres."""
    west, south, east, north = bounds
    small = east - west < _LEAST_PROJECT_M and north - south < _LEAST_PROJECT_M
    return small and max(map(abs, bounds)) <= 180.0


def _extent(bounds: Bounds) -> str:
    west, south, east, north = bounds
    return f"x {west:.6g} to {east:.6g}, y {south:.6g} to {north:.6g}"


def centre_lonlat(bounds: Bounds, crs: str) -> tuple[float, float]:
    """Return longitude and latitude of the middle of `bounds`. [degrees]."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    lon, lat = transformer(crs, LONLAT_CRS).transform(x, y)
    return float(lon), float(lat)


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """
    Return the geodesic distance between two (longitude, latitude) pairs. [km].

    Examples
    --------
    >>> round(distance_km((4.35, 50.85), (4.40, 51.22)))
    41
    """
    _, _, metres = _GEOD.inv(*first, *second)
    return float(metres) / 1000.0
