"""Tables and single answers: Opendatasoft exports, PVGIS weather, Geopunt places."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.io.services.http import Client, ServiceError, json_of

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.io.services.endpoints import Endpoint

_LONGEST_FIELD = 1 << 20


@dataclass(frozen=True)
class Place:
    """A place that Geopunt found: its name and extent in Lambert 72. [m]."""

    name: str
    bounds: tuple[float, float, float, float]


def fetch_opendatasoft(client: Client, endpoint: Endpoint, equals: tuple[str, str] | None) -> Path:
    """
    Return the CSV export of a data set; its number of rows is compared with what is announced.

    Parameters
    ----------
    client : Client
        The client.
    endpoint : Endpoint
        Names portal and data set.
    equals : tuple of (str, str), optional
        Property and value of the rows that are wanted.

    Raises
    ------
    ServiceError
        If nothing matches, the counts differ, or the answer is no CSV.

    Notes
    -----
    Exports have no limit on rows; the records endpoint stops at 10 000 (Explore API v2.1).
    """
    base = f"{endpoint.url}/catalog/datasets/{endpoint.collection}"
    where = {} if equals is None else {"where": f'{equals[0]}="{_escaped(equals[1])}"'}
    total = json_of(client.get(f"{base}/records", {**where, "limit": "1"}), base).get("total_count")
    if not isinstance(total, int):
        raise ServiceError(base, "no total_count", "Explore API v2.1", "check the address")
    if total == 0:
        raise ServiceError(
            base,
            f"no row with {equals}",
            "rows of this municipality",
            "see how the data set writes the name: open it in a browser",
        )
    path = client.get(f"{base}/exports/csv", {**where, "delimiter": ";", "use_labels": "false"})
    rows = _rows(path, base)
    if rows != total:
        raise ServiceError(
            base,
            f"{rows} rows",
            f"the {total} that are announced",
            "the export broke off or the data changed: try again",
        )
    return path


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _rows(path: Path, base: str) -> int:
    with path.open(encoding="utf-8-sig", errors="strict", newline="") as stream:
        first = stream.read(1)
        stream.seek(0)
        if first in {"<", "{"}:
            said = " ".join(stream.read(200).split())
            raise ServiceError(base, f"no CSV: {said}", "CSV", "try the address in a browser")
        csv.field_size_limit(_LONGEST_FIELD)
        return max(sum(1 for _ in csv.reader(stream, delimiter=";")) - 1, 0)


def fetch_pvgis(client: Client, endpoint: Endpoint, lon: float, lat: float) -> Path:
    """
    Return the weather of a place as PVGIS' own JSON, without its horizon: ours is finer.

    Raises
    ------
    ServiceError
        If the place lies outside PVGIS, or the answer is no weather.
    """
    address = f"{endpoint.url}/{endpoint.collection}"
    params = {
        "lat": f"{lat:.4f}",
        "lon": f"{lon:.4f}",
        "outputformat": "json",
        "usehorizon": "0",
        "browser": "0",
    }
    path = client.get(address, params)
    answer = json_of(path, address)
    if "outputs" not in answer:
        raise ServiceError(
            address,
            str(answer.get("message", "no outputs")),
            "hourly weather",
            "see whether the place lies in Europe, Africa, Asia or America (PVGIS)",
        )
    return path


def find_place(client: Client, endpoint: Endpoint, name: str) -> Place:
    """
    Return where a place lies.

    Raises
    ------
    ServiceError
        If Geopunt finds nothing, or something without an extent.
    """
    address = f"{endpoint.url}/{endpoint.collection}"
    answer = json_of(client.get(address, {"q": name, "c": "1"}), address)
    found = answer.get("LocationResult") or []
    if not found:
        raise ServiceError(
            address, f"nothing called {name!r}", "a place in Flanders", "correct the name"
        )
    try:
        box = found[0]["BoundingBox"]
        corners = [
            float(box[corner][axis])
            for corner in ("LowerLeft", "UpperRight")
            for axis in ("X_Lambert72", "Y_Lambert72")
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError(
            address,
            f"a place without extent ({error!r})",
            "BoundingBox in Lambert 72",
            "give the extent yourself: --bounds",
        ) from error
    if not all(map(math.isfinite, corners)) or corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise ServiceError(
            address, f"the extent {corners}", "an extent with an area", "give it yourself: --bounds"
        )
    label = str(found[0].get("FormattedAddress") or found[0].get("Municipality") or name)
    return Place(label, (corners[0], corners[1], corners[2], corners[3]))
