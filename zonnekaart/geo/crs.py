"""The project CRS: checked, compared, and left only for display."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyproj
from pyproj.exceptions import CRSError as ProjError

from zonnekaart.errors import CrsError

DISPLAY_CRS = "EPSG:3857"
LONLAT_CRS = "EPSG:4326"


def require_metric(crs: object, subject: str) -> pyproj.CRS:
    """
    Return `crs` as a projected CRS in metres.

    Parameters
    ----------
    crs : object
        Anything pyproj reads; None means the file names none.
    subject : str
        File or key for the message.

    Raises
    ------
    CrsError
        If it is missing, unreadable, geographic or not in metres.
    """
    if crs is None or crs == "":
        raise CrsError(
            subject,
            "no coordinate reference system",
            "a projected CRS in metres",
            "set it when you know it, for example with: gdal_edit.py -a_srs EPSG:31370 FILE",
        )
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except ProjError as error:
        raise CrsError(
            subject, f"{crs!r}", "a CRS that PROJ knows", "use a code such as EPSG:31370"
        ) from error
    horizontal = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    if not horizontal.is_projected or horizontal.axis_info[0].unit_name not in {"metre", "meter"}:
        raise CrsError(
            subject,
            f"{parsed.name} in {horizontal.axis_info[0].unit_name}",
            "a projected CRS in metres",
            "reproject the file first, for example to EPSG:31370",
        )
    return parsed


def require_same(found: object, expected: object, subject: str) -> None:
    """
    Raise when two reference systems differ; nothing is ever reprojected quietly.

    Raises
    ------
    CrsError
        If `found` is missing or is not the same system as `expected`.
    """
    left = require_metric(found, subject)
    right = require_metric(expected, "project.crs")
    if not _same(left, right):
        raise CrsError(
            subject,
            _label(left),
            _label(right),
            f"reproject the file to {_label(right)}, or correct the CRS if it is labelled wrongly",
        )


def _same(left: pyproj.CRS, right: pyproj.CRS) -> bool:
    """Compare the horizontal parts; a GeoTIFF may carry a height datum beside them."""
    parts = [c.sub_crs_list[0] if c.is_compound else c for c in (left, right)]
    if parts[0].equals(parts[1], ignore_axis_order=True):
        return True
    codes = [c.to_epsg(min_confidence=70) for c in parts]
    return codes[0] is not None and codes[0] == codes[1]


def _label(crs: pyproj.CRS) -> str:
    code = crs.to_epsg(min_confidence=70)
    return f"EPSG:{code} ({crs.name})" if code else crs.name


@lru_cache(maxsize=32)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """Return the best transformer available here, x before y on both sides."""
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def operation(source: str, target: str, at: tuple[float, float] | None = None) -> dict[str, Any]:
    """
    Return name and accuracy of the operation between two systems, for the manifest.

    Parameters
    ----------
    source, target : str
        Codes of the systems.
    at : tuple of float, optional
        A point in `source`, x before y. Where PROJ has several operations it chooses by place,
        so without a point there may be no name.

    Returns
    -------
    dict
        ``source``, ``target``, ``name``, ``accuracy_m`` (None when PROJ does not know it).
    """
    chosen: Any = transformer(source, target)
    if at is not None:
        chosen.transform(*at)
        chosen = chosen.get_last_used_operation()
    accuracy = chosen.accuracy
    return {
        "source": source,
        "target": target,
        "name": chosen.description,
        "accuracy_m": None if accuracy is None or accuracy < 0 else accuracy,
    }


def middle_latitude(bounds: tuple[float, ...], crs: object) -> float:
    """
    Return the latitude of the middle of an extent.

    Parameters
    ----------
    bounds : tuple of float
        ``(west, south, east, north)`` in CRS units.
    crs : object
        Anything pyproj reads.

    Returns
    -------
    float
        North positive. [degrees]
    """
    west, south, east, north = bounds
    to_lonlat = transformer(pyproj.CRS.from_user_input(crs).to_string(), LONLAT_CRS)
    _, latitude = to_lonlat.transform((west + east) / 2.0, (south + north) / 2.0)
    return float(latitude)
