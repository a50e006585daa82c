"""DCAT-AP 3 catalogues as JSON-LD: data sets, their files, services, quality and origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonnekaart.io.catalog_graph import CatalogWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

Texts = dict[str, str]
"""A text per language code."""


@dataclass(frozen=True)
class Distribution:
    """
    One file or address through which a data set can be had.

    Parameters
    ----------
    url : str
        Where it is.
    title : str
        What it is called.
    media_type : str, optional
        IANA media type, such as ``application/geopackage+sqlite3``.
    sha256 : str, optional
        Checksum of the file.
    size_bytes : int, optional
        Size of the file. [bytes]
    licence : str, optional
        Terms of this file, as text or address.
    """

    url: str
    title: str
    media_type: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Measurement:
    """
    One quality figure of a data set.

    Parameters
    ----------
    metric : str
        Our name of the figure, such as ``covered_share``.
    value : float
        The figure; leave the measurement out when it is not known.
    label : str
        What it means, in words.
    """

    metric: str
    value: float
    label: str


@dataclass(frozen=True)
class Dataset:
    """
    A data set in a catalogue.

    Parameters
    ----------
    id : str
        Unique in the catalogue.
    title, description : dict
        A text per language.
    publisher : str
        Name of the holder.
    distributions : list of Distribution
        How it can be had; may be empty when it cannot.
    keywords : list of str
        Free words.
    spatial : str, optional
        Name of the area.
    bounds_lonlat : tuple of float, optional
        ``(west, south, east, north)``. [degrees]
    temporal : tuple of str, optional
        First and last day of the content, ``YYYY`` or ``YYYY-MM-DD``.
    crs : str, optional
        ``EPSG:`` code of the content.
    modified : str, optional
        Last change, ``YYYY`` or ``YYYY-MM-DD``.
    landing_pages : list of str
        Addresses where the facts stand.
    derived_from : list of str
        Ids of data sets in the same catalogue that it was made from.
    rights : str
        Limits of use, in words.
    measurements : list of Measurement
        Quality figures.
    """

    id: str
    title: Texts
    description: Texts
    publisher: str
    distributions: list[Distribution] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    spatial: str | None = None
    bounds_lonlat: tuple[float, float, float, float] | None = None
    temporal: tuple[str, str] | None = None
    crs: str | None = None
    modified: str | None = None
    landing_pages: list[str] = field(default_factory=list)
    derived_from: list[str] = field(default_factory=list)
    rights: str = ""
    measurements: list[Measurement] = field(default_factory=list)


@dataclass(frozen=True)
class Service:
    """
    An address that answers questions.

    Parameters
    ----------
    id : str
        Unique in the catalogue.
    title : dict
        A text per language.
    endpoint : str
        Its address.
    serves : list of str
        Ids of the data sets it gives.
    """

    id: str
    title: Texts
    endpoint: str
    serves: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CatalogInfo:
    """
    The catalogue itself.

    Parameters
    ----------
    id : str
        Short name that its identifiers carry.
    title, description : dict
        A text per language.
    publisher : str
        Who publishes it.
    base : str
        What identifiers start with; an address when the catalogue is served.
    licence : str
        Terms of the descriptions, as text or address.
    modified : str, optional
        Last change, ``YYYY-MM-DD``.
    """

    id: str
    title: Texts
    description: Texts
    publisher: str
    base: str = "urn:zonnekaart:"
    licence: str = "https://creativecommons.org/publicdomain/zero/1.0/"
    modified: str | None = None


def build_catalog(
    info: CatalogInfo, datasets: Iterable[Dataset], services: Iterable[Service] = ()
) -> str:
    """
    Return a DCAT-AP 3 catalogue as JSON-LD text; the same content gives the same text.

    Parameters
    ----------
    info : CatalogInfo
        The catalogue.
    datasets : iterable of Dataset
        What it lists.
    services : iterable of Service
        Addresses that serve them.

    Notes
    -----
    Every node has an identifier of its own, so that no blank node makes two runs differ. Holds to
    the SHACL shapes of DCAT-AP 3.0.1; DCAT-AP-VL publishes no shapes for machines.
    """
    writer = CatalogWriter(info)
    for dataset in datasets:
        writer.dataset(dataset)
    for service in services:
        writer.service(service)
    return writer.text()
