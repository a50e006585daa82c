"""The properties of a source after datapedia, each as a code, a heat and the words behind it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from zonnekaart.io.matrix_rows import Place, Row, Text, content_of, validated

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.matrix import Source

Heat = Literal["good", "fair", "poor"]

PROPERTIES = (
    "availability",
    "accessibility",
    "currency",
    "completeness",
    "coverage",
    "standard",
    "licence",
    "partner",
    "privacy",
    "granularity",
    "format",
    "service",
    "verification",
    "confidence",
)
"""In the order of the tables; the last two tell how far the row itself can be trusted."""

HEATS: dict[str, dict[str, Heat]] = {
    "availability": {"now": "good", "by_hand": "fair", "ask": "fair", "none": "poor"},
    "accessibility": {"open": "good", "on_request": "fair", "restricted": "fair", "none": "poor"},
    "currency": {
        "continuous": "good",
        "daily": "good",
        "monthly": "good",
        "yearly": "good",
        "irregular": "fair",
        "once": "poor",
        "unknown": "poor",
    },
    "completeness": {"full": "good", "partial": "fair", "unknown": "poor"},
    "coverage": {"region": "good", "wider": "good", "part": "fair"},
    "standard": {"named": "good", "none": "poor"},
    "licence": {
        "open": "good",
        "share_alike": "good",
        "restricted": "fair",
        "not_stated": "poor",
        "none": "poor",
        "unknown": "poor",
    },
    "partner": {"named": "good"},
    "privacy": {"none": "good", "aggregate_only": "fair", "personal": "poor"},
    "granularity": {
        **dict.fromkeys(("raster", "point", "roof", "building", "connection", "parcel"), "good"),
        **dict.fromkeys(("site", "street", "sector", "postcode", "network_area"), "fair"),
        **dict.fromkeys(("municipality", "region", "none"), "poor"),
    },
    "format": {"open": "good", "closed": "fair", "paper": "poor"},
    "service": {
        "api": "good",
        "download": "good",
        "viewer": "fair",
        "document": "fair",
        "none": "poor",
    },
    "verification": {
        "stated": "good",
        "partly": "fair",
        "third_party": "fair",
        "not_verified": "poor",
    },
    "confidence": {"high": "good", "medium": "fair", "low": "poor"},
}

_OPEN_FORMATS = re.compile(
    r"csv|json|gpkg|gml|geotiff|tiff|laz|las\b|shp|shape|netcdf|grib|parquet|xml|mvt|rdf|wfs|wms|png|arcgis"
)
_CLOSED_FORMATS = re.compile(r"xls|dwg|dxf|zip|jp2|power ?bi|excel|gis|database")
_WHOLE = re.compile(r"vlaams gewest|vlaanderen|flanders|flemish", re.IGNORECASE)
_WIDER = re.compile(r"belgi|europe|world|benelux|degrees|eu\b", re.IGNORECASE)


class _Words(Row):
    nl: Text
    fr: Text
    en: Text


class Labels(Row):
    """What codes are called, in every language."""

    properties: dict[str, _Words]
    values: dict[str, dict[str, _Words]]
    words: dict[str, dict[str, _Words]]


@lru_cache(maxsize=4)
def read_labels(folder: Path) -> Labels:
    """
    Read the names of codes.

    Parameters
    ----------
    folder : Path
        Folder of the matrices.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, or a name lacks a language.
    """
    path = folder / "translations" / "labels.yaml"
    return validated(Place(path), content_of(path), Labels)


def properties(row: Source) -> dict[str, dict[str, Any]]:
    """
    Return the properties of a source.

    Parameters
    ----------
    row : Source
        A row of the data matrix.

    Returns
    -------
    dict
        Per property ``code``, ``heat``, ``text`` (what the row says in its own words) and
        ``year`` (of the last change, for currency only).
    """
    classes = row.classes
    year = classes.updated_year or classes.observed_year
    found = {
        "availability": (_availability(row), row.access_note or row.service),
        "accessibility": (row.access, row.access_note or ""),
        "currency": (classes.currency, f"{row.update_frequency}; {row.last_known_update}"),
        "completeness": (classes.completeness, row.completeness),
        "coverage": (_coverage(row.spatial_coverage), row.spatial_coverage),
        "standard": ("none" if row.standards.startswith("none") else "named", row.standards),
        "licence": (classes.licence, row.licence),
        "partner": ("named", row.partner),
        "privacy": (classes.privacy, row.privacy),
        "granularity": (classes.grain, row.geographic_granularity),
        "format": (_format(row.formats), row.formats),
        "service": (classes.service, row.service),
        "verification": (classes.verification, row.verification),
        "confidence": (row.confidence, row.confidence_note or row.evidence),
    }
    return {
        name: {
            "code": code,
            "heat": HEATS[name][code],
            "text": text,
            "year": year if name == "currency" else None,
        }
        for name, (code, text) in found.items()
    }


def _availability(row: Source) -> str:
    """Tell whether the data can be loaded today, and how."""
    if row.access == "none" or row.classes.service == "none":
        return "none"
    if row.access != "open":
        return "ask"
    return "now" if row.classes.service in {"api", "download"} else "by_hand"


def _coverage(text: str) -> str:
    if _WHOLE.search(text):
        return "region"
    return "wider" if _WIDER.search(text) else "part"


def _format(text: str) -> str:
    lower = text.lower()
    if _OPEN_FORMATS.search(lower):
        return "open"
    return "closed" if _CLOSED_FORMATS.search(lower) else "paper"
