"""From a municipality and a list of data sets to files with records, ready for ``prepare``."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from zonnekaart.errors import ConfigError, PartialResultError
from zonnekaart.geo.crs import LONLAT_CRS, operation, transformer
from zonnekaart.io.provenance import Record
from zonnekaart.io.services.coverages import fetch_tiles
from zonnekaart.io.services.endpoints import Endpoint, read_endpoints
from zonnekaart.io.services.features import PAGE, Query, fetch_features
from zonnekaart.io.services.http import Client, Politeness, ServiceError, saved_as
from zonnekaart.io.services.tables import fetch_opendatasoft, fetch_pvgis, find_place
from zonnekaart.io.vector import write_layer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Bounds = tuple[float, float, float, float]

MUNICIPALITY, PLACE = "municipality", "place"
PLACE_CRS = "EPSG:31370"
TILE_M = 2000.0
"""Side of a tile of heights: 2000 x 2000 cells of 1 m are 16 MB. [m]"""
CACHE = ".cache"


@dataclass(frozen=True)
class FetchJob:
    """
    What is asked of ``fetch``.

    Parameters
    ----------
    out : Path
        Folder for the files.
    what : tuple of str
        Ids of the file of endpoints.
    endpoints : Path
        The file of endpoints.
    nis : str, optional
        Code of the municipality.
    name : str, optional
        Its name, where a data set knows names only, or to find its extent.
    bounds : tuple of float, optional
        Extent, instead of that of the municipality. [m]
    crs : str
        System that is asked for.
    halo_m : float
        Heights reach further by this much. [m]
    page : int
        Features per request.
    refresh : bool
        Ask again for what is in the cache.
    attempts : int
        Tries per request.
    """

    out: Path
    what: tuple[str, ...]
    endpoints: Path
    nis: str | None = None
    name: str | None = None
    bounds: Bounds | None = None
    crs: str = "EPSG:31370"
    halo_m: float = 500.0
    page: int = PAGE
    refresh: bool = False
    attempts: int = 5
    first_wait_s: float = 1.0


@dataclass
class _Work:
    """What is known while fetching."""

    job: FetchJob
    endpoints: dict[str, Endpoint]
    extent: Bounds | None = None
    done: list[Path] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)


def fetch(job: FetchJob, note: Callable[[str], None]) -> list[Path]:
    """
    Fetch data sets; each that fails is named at the end, the others stay.

    Parameters
    ----------
    job : FetchJob
        What to fetch.
    note : callable
        Takes one line for the user.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    ConfigError
        If a data set is not in the file of endpoints, or nobody says where to look.
    ServiceError
        If nothing could be fetched.
    PartialResultError
        If part could not be fetched.
    """
    endpoints = read_endpoints(job.endpoints)
    unknown = [name for name in job.what if name not in endpoints]
    if unknown:
        raise ConfigError(
            "--what", unknown[0], f"some of: {', '.join(endpoints)}", "correct the name"
        )
    work = _Work(job, endpoints, job.bounds)
    failed: list[ServiceError] = []
    for name in _in_order(job):
        try:
            work.done.append(_fetch_one(work, endpoints[name], note))
        except ServiceError as error:
            failed.append(error)
            note(f"not fetched: {name}: {error}")
            if name in (MUNICIPALITY, PLACE) and work.extent is None:
                break
    if failed and not work.done:
        raise failed[0]
    if failed:
        raise PartialResultError("fetch", [str(error) for error in failed])
    return work.done


def _in_order(job: FetchJob) -> list[str]:
    """Return what is fetched: where the municipality lies comes first."""
    rest = [name for name in dict.fromkeys(job.what) if name not in (MUNICIPALITY, PLACE)]
    if job.bounds is not None:
        first = [MUNICIPALITY] if MUNICIPALITY in job.what else []
    elif job.nis is not None:
        first = [MUNICIPALITY]
    elif job.name is not None:
        first = [PLACE]
    else:
        raise ConfigError(
            "fetch", "no place", "--nis, --name or --bounds", "NIS codes: https://statbel.fgov.be"
        )
    return [*first, *rest]


def _fetch_one(work: _Work, endpoint: Endpoint, note: Callable[[str], None]) -> Path:
    job = work.job
    politeness = Politeness(
        requests_per_second=endpoint.requests_per_second,
        attempts=job.attempts,
        first_wait_s=job.first_wait_s,
    )
    client = Client(job.out / CACHE, politeness, job.refresh)
    work.notes = {}
    with closing(client):
        out = _KINDS[endpoint.kind](work, endpoint, client)
    counts = client.counts
    record = Record("fetch", {"what": endpoint.id, "nis": job.nis, "name": job.name})
    record.sources.append(_origin(endpoint, out))
    record.facts |= {"requests": counts.requests, "retries": counts.retries, "bytes": counts.bytes}
    record.facts |= work.notes
    if not endpoint.called_live:
        record.warnings.append(f"the entry {endpoint.id} was never tried against the real service")
    record.write(out)
    note(
        f"{endpoint.id}: {out.name} ({counts.requests} requests, {counts.from_cache} from the "
        f"cache, {counts.bytes / 1e6:.1f} MB)"
    )
    return out


def _origin(endpoint: Endpoint, out: Path) -> dict[str, Any]:
    return {
        "name": out.name,
        "title": endpoint.title,
        "licence": endpoint.licence,
        "attribution": endpoint.attribution,
        "matrix_id": endpoint.matrix_id,
        "service": endpoint.url,
        "collection": endpoint.collection,
    }


def _extent(work: _Work, endpoint: Endpoint) -> Bounds:
    if work.extent is None:
        raise ServiceError(
            endpoint.url,
            "no extent of the municipality",
            "its boundary first",
            "give it yourself: --bounds WEST SOUTH EAST NORTH",
        )
    return work.extent


def _crs(work: _Work, endpoint: Endpoint) -> str:
    return work.job.crs if endpoint.crs == "project" else endpoint.crs


def _features(work: _Work, endpoint: Endpoint, client: Client) -> Path:
    equals = _municipality(work, endpoint)
    bounds = None if equals is not None else _extent(work, endpoint)
    query = Query(_crs(work, endpoint), bounds, equals, work.job.page)
    found = fetch_features(client, endpoint, query)
    frame = gpd.GeoDataFrame.from_features(found.features, crs=found.crs).to_crs(work.job.crs)
    out = work.job.out / f"{endpoint.id}.gpkg"
    write_layer(frame, out, "GPKG")
    if found.crs != work.job.crs:
        work.notes = {"crs_operation": operation(found.crs, work.job.crs)}
    if endpoint.id == MUNICIPALITY and work.extent is None:
        west, south, east, north = (float(v) for v in frame.total_bounds)
        work.extent = (west, south, east, north)
    return out


def _municipality(work: _Work, endpoint: Endpoint) -> tuple[str, str] | None:
    """Return property and value by which a data set is cut; None where the extent does it."""
    if endpoint.nis_property and work.job.nis is not None:
        return endpoint.nis_property, work.job.nis
    if endpoint.name_property and work.job.name is not None:
        return endpoint.name_property, work.job.name
    return None


def _coverage(work: _Work, endpoint: Endpoint, client: Client) -> Path:
    halo = work.job.halo_m
    west, south, east, north = _extent(work, endpoint)
    wide = (west - halo, south - halo, east + halo, north + halo)
    folder = work.job.out / endpoint.id
    fetch_tiles(client, endpoint, wide, folder, TILE_M)
    return folder


def _table(work: _Work, endpoint: Endpoint, client: Client) -> Path:
    equals = _municipality(work, endpoint)
    if endpoint.name_property and equals is None:
        raise ServiceError(
            endpoint.url,
            "a data set that knows municipalities by name",
            "--name",
            "give the name as the data set writes it, such as --name ESSEN",
        )
    path = fetch_opendatasoft(client, endpoint, equals)
    return saved_as(path, work.job.out / f"{endpoint.id}.csv")


def _weather(work: _Work, endpoint: Endpoint, client: Client) -> Path:
    west, south, east, north = _extent(work, endpoint)
    lon, lat = transformer(work.job.crs, LONLAT_CRS).transform(
        (west + east) / 2, (south + north) / 2
    )
    path = fetch_pvgis(client, endpoint, float(lon), float(lat))
    return saved_as(path, work.job.out / f"{endpoint.id}.json")


def _place(work: _Work, endpoint: Endpoint, client: Client) -> Path:
    found = find_place(client, endpoint, work.job.name or "")
    west, south, east, north = found.bounds
    corners = transformer(PLACE_CRS, work.job.crs).transform_bounds(west, south, east, north)
    work.extent = (float(corners[0]), float(corners[1]), float(corners[2]), float(corners[3]))
    out = work.job.out / f"{endpoint.id}.gpkg"
    frame = gpd.GeoDataFrame(
        {"name": [found.name]}, geometry=[shapely.box(*work.extent)], crs=work.job.crs
    )
    write_layer(frame, out, "GPKG")
    return out


_KINDS = {
    "ogc_features": _features,
    "wfs": _features,
    "wcs": _coverage,
    "opendatasoft": _table,
    "pvgis": _weather,
    "geopunt": _place,
}
