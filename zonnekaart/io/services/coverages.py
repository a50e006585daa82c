"""Heights from WCS 2.0 in tiles, so that a large municipality does not hit a server's limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from zonnekaart.io.services.features import refuse_exception
from zonnekaart.io.services.http import Client, ServiceError, saved_as

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.services.endpoints import Endpoint

    Bounds = tuple[float, float, float, float]

TIFF_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_AXES = 2


@dataclass(frozen=True)
class Coverage:
    """
    Where a coverage lies.

    Parameters
    ----------
    axes : tuple of str
        Names of the axis that runs east and of the one that runs north.
    bounds : tuple of float
        ``(west, south, east, north)``. [m]
    cell_m : float
        Cell size. [m]
    crs : str
        As the service writes it.
    """

    axes: tuple[str, str]
    bounds: Bounds
    cell_m: float
    crs: str


def describe(client: Client, endpoint: Endpoint) -> Coverage:
    """
    Return axes, extent and cell size of a coverage.

    Raises
    ------
    ServiceError
        If the service does not know it, or says it otherwise than WCS 2.0 does.
    """
    path = client.get(
        endpoint.url,
        {
            "service": "WCS",
            "version": "2.0.1",
            "request": "DescribeCoverage",
            "coverageId": endpoint.collection,
        },
    )
    refuse_exception(path, endpoint.url)
    try:
        root = fromstring(path.read_bytes())
        envelope = next(n for n in root.iter() if _tag(n) == "Envelope")
        labels = envelope.attrib["axisLabels"].split()
        lower = [float(v) for v in _text(envelope, "lowerCorner").split()]
        upper = [float(v) for v in _text(envelope, "upperCorner").split()]
        steps = [
            max(map(abs, map(float, (n.text or "").split())))
            for n in root.iter()
            if _tag(n) == "offsetVector"
        ]
    except (ParseError, DefusedXmlException, StopIteration, KeyError, ValueError) as error:
        raise ServiceError(
            endpoint.url,
            f"no description of a coverage ({error!r})",
            "WCS 2.0.1",
            "try the address in a browser; it may be of another version",
        ) from error
    east = next((i for i, n in enumerate(labels) if n.lower() in {"x", "e", "east", "long"}), 0)
    north = 1 - east
    if len(labels) != _AXES or len(steps) != _AXES or min(steps) <= 0:
        raise ServiceError(
            endpoint.url,
            f"axes {labels} with steps {steps}",
            "two axes in metres",
            "take another coverage: edit a copy of endpoints.toml",
        )
    return Coverage(
        (labels[east], labels[north]),
        (lower[east], lower[north], upper[east], upper[north]),
        steps[east],
        envelope.attrib.get("srsName", ""),
    )


def fetch_tiles(
    client: Client, endpoint: Endpoint, bounds: Bounds, folder: Path, tile_m: float
) -> list[Path]:
    """
    Fetch the part of a coverage inside `bounds` as GeoTIFFs on the coverage's own cells.

    Parameters
    ----------
    client : Client
        The client.
    endpoint : Endpoint
        Names the coverage.
    bounds : tuple of float
        Widened to whole cells. [m]
    folder : Path
        Where the tiles go.
    tile_m : float
        Side of a tile. [m]

    Raises
    ------
    ServiceError
        If the coverage does not reach the bounds, or a tile is no GeoTIFF.
    """
    found = describe(client, endpoint)
    inside = _common(found, bounds, endpoint)
    tiles = []
    for number, part in enumerate(_parts(inside, found, tile_m)):
        path = client.get(
            endpoint.url,
            {
                "service": "WCS",
                "version": "2.0.1",
                "request": "GetCoverage",
                "coverageId": endpoint.collection,
                "format": "image/tiff",
            }
            | _subsets(found, part),
        )
        refuse_exception(path, endpoint.url)
        with path.open("rb") as stream:
            if stream.read(4) not in TIFF_MAGIC:
                raise ServiceError(
                    endpoint.url,
                    "an answer that is no GeoTIFF",
                    "image/tiff",
                    "see whether the service offers GeoTIFF, and how large a tile it allows",
                )
        tiles.append(saved_as(path, folder / f"{endpoint.id}_{number:04d}.tif"))
    return tiles


def _subsets(found: Coverage, part: Bounds) -> dict[str, str | list[str]]:
    return {
        "subset": [
            f"{found.axes[0]}({part[0]:.4f},{part[2]:.4f})",
            f"{found.axes[1]}({part[1]:.4f},{part[3]:.4f})",
        ]
    }


def _common(found: Coverage, bounds: Bounds, endpoint: Endpoint) -> Bounds:
    """Return the part of the bounds that the coverage has, on its cells."""
    west, south = max(bounds[0], found.bounds[0]), max(bounds[1], found.bounds[1])
    east, north = min(bounds[2], found.bounds[2]), min(bounds[3], found.bounds[3])
    if west >= east or south >= north:
        raise ServiceError(
            endpoint.url,
            f"a coverage of {tuple(round(v) for v in found.bounds)}",
            f"one that reaches {tuple(round(v) for v in bounds)}",
            "see whether both are in the same CRS: Lambert 2008 lies 500 km beside Lambert 72",
        )
    cell = found.cell_m
    left, top = found.bounds[0], found.bounds[3]
    return (
        left + cell * ((west - left) // cell),
        top - cell * -((south - top) // cell),
        left + cell * -(-(east - left) // cell),
        top - cell * ((top - north) // cell),
    )


def _parts(inside: Bounds, found: Coverage, tile_m: float) -> list[Bounds]:
    step = max(found.cell_m, found.cell_m * (tile_m // found.cell_m))
    parts = []
    south = inside[1]
    while south < inside[3]:
        west = inside[0]
        while west < inside[2]:
            east, north = min(west + step, inside[2]), min(south + step, inside[3])
            parts.append((west, south, east, north))
            west += step
        south += step
    return parts


def _tag(node: object) -> str:
    return str(getattr(node, "tag", "")).rpartition("}")[2]


def _text(node: object, name: str) -> str:
    return next(str(n.text) for n in node.iter() if _tag(n) == name)  # type: ignore[attr-defined]
