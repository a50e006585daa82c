"""City models with roof shapes (CityJSON, CityGML LoD2): roofs and grounds of each building."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse
from pyproj.exceptions import CRSError as ProjError

from zonnekaart.errors import CrsError, MissingInputError, VectorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

ROOF, GROUND = "RoofSurface", "GroundSurface"
_BUILDINGS = ("Building", "BuildingPart")
_CORNERS = 3


@dataclass(frozen=True)
class Face:
    """One flat face: outer ring and holes, each of shape (corners, 3). [m]."""

    outer: npt.NDArray[np.float64]
    holes: tuple[npt.NDArray[np.float64], ...] = ()


@dataclass
class ModelBuilding:
    """
    One building of a city model; its parts are joined in.

    Parameters
    ----------
    building_id : str
        The model's own id.
    attributes : dict
        What the model says of it.
    roofs, grounds : list of Face
        Faces by their meaning.
    """

    building_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    roofs: list[Face] = field(default_factory=list)
    grounds: list[Face] = field(default_factory=list)


@dataclass(frozen=True)
class CityModel:
    """Buildings with faces, and the system their corners are in."""

    crs: str
    buildings: tuple[ModelBuilding, ...]


def is_city_model(path: Path) -> bool:
    """Tell by its name whether a file is a city model."""
    return path.suffix.lower() in {".json", ".jsonl", ".gml", ".xml", ".citygml"}


def read_city_model(path: Path, crs: str | None = None) -> CityModel:
    """
    Read CityJSON (1.0 to 2.0) or CityGML (1 to 3).

    Parameters
    ----------
    path : Path
        ``.json`` or ``.gml``.
    crs : str, optional
        System to use when the file names none.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        If it is not there, not of these formats, without CRS, or without any roof face.
    """
    if not path.is_file():
        raise MissingInputError(str(path), "no such file", "CityJSON or CityGML", "check the path")
    if path.suffix.lower() == ".json":
        named, buildings = _read_cityjson(path)
    else:
        named, buildings = _read_citygml(path)
    code = _crs_code(named, crs, path)
    if not any(building.roofs for building in buildings):
        raise VectorError(
            str(path),
            f"{len(buildings)} buildings without a roof face",
            "faces with the meaning RoofSurface (LoD2)",
            "LoD1 blocks have no roof shapes: take heights instead",
        )
    return CityModel(code, tuple(buildings))


def _crs_code(named: str | None, given: str | None, path: Path) -> str:
    """Return the system as ``EPSG:``; the horizontal part when a height datum stands beside it."""
    text = named or given
    if not text:
        raise CrsError(
            str(path),
            "no coordinate reference system",
            "a projected CRS in metres",
            "say it when you know it: --crs EPSG:31370",
        )
    try:
        parsed = pyproj.CRS.from_user_input(text.split(",crs:")[0].replace("crs,", ""))
    except ProjError as error:
        raise CrsError(
            str(path), repr(text), "a CRS that PROJ knows", "use a code such as EPSG:31370"
        ) from error
    plane = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    code = plane.to_epsg(min_confidence=70)
    return f"EPSG:{code}" if code else str(plane.to_wkt())


# ---- CityJSON ------------------------------------------------------------------------------------


def _read_cityjson(path: Path) -> tuple[str | None, list[ModelBuilding]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise VectorError(
            str(path), f"no whole JSON ({error})", "CityJSON", "download it again"
        ) from error
    if not isinstance(content, dict) or content.get("type") != "CityJSON":
        kind = content.get("type") if isinstance(content, dict) else type(content).__name__
        raise VectorError(
            str(path),
            f"JSON of type {kind}",
            "type CityJSON",
            "GeoJSON footprints go to: zonnekaart prepare buildings",
        )
    try:
        return _cityjson_parts(content)
    except (KeyError, IndexError, TypeError) as error:
        raise VectorError(
            str(path),
            f"a model that refers to what is not there ({error!r})",
            "whole CityJSON",
            "validate it, for example with cjval",
        ) from error


def _cityjson_parts(content: dict[str, Any]) -> tuple[str | None, list[ModelBuilding]]:
    vertices = np.asarray(content["vertices"], dtype=np.float64).reshape(-1, 3)
    transform = content.get("transform")
    if transform is not None:
        vertices = vertices * np.asarray(transform["scale"]) + np.asarray(transform["translate"])
    found: dict[str, ModelBuilding] = {}
    objects: dict[str, Any] = content["CityObjects"]
    for name, thing in objects.items():
        if thing["type"] not in _BUILDINGS:
            continue
        owner = next(iter(thing.get("parents", [])), name)
        building = found.setdefault(owner, ModelBuilding(owner))
        if owner == name:
            building.attributes.update(thing.get("attributes", {}))
        geometry = _finest(thing.get("geometry", []))
        if geometry is not None:
            for meaning, face in _cityjson_faces(geometry, vertices):
                _add(building, meaning, face)
    metadata = content.get("metadata", {})
    return metadata.get("referenceSystem"), list(found.values())


def _finest(geometries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the most detailed geometry of LoD2 that says what its faces mean."""
    usable = [g for g in geometries if str(g.get("lod", "")).startswith("2") and "semantics" in g]
    return max(usable, key=lambda g: float(g["lod"]), default=None)


def _cityjson_faces(
    geometry: dict[str, Any], vertices: npt.NDArray[np.float64]
) -> Iterator[tuple[str, Face]]:
    meanings = geometry["semantics"]["surfaces"]
    values = geometry["semantics"]["values"]
    shells = geometry["boundaries"]
    if geometry["type"] in {"MultiSurface", "CompositeSurface"}:
        shells, values = [shells], [values]
    elif geometry["type"] not in {"Solid"}:
        shells = [shell for solid in shells for shell in solid]
        values = [part for solid in values for part in solid]
    for shell, labels in zip(shells, values, strict=True):
        for rings, label in zip(shell, labels or [], strict=False):
            if label is not None:
                corners = [vertices[ring] for ring in rings]
                yield meanings[label]["type"], Face(corners[0], tuple(corners[1:]))


def _add(building: ModelBuilding, meaning: str, face: Face) -> None:
    if len(face.outer) < _CORNERS:
        return
    if meaning == ROOF:
        building.roofs.append(face)
    elif meaning == GROUND:
        building.grounds.append(face)


# ---- CityGML -------------------------------------------------------------------------------------


def _read_citygml(path: Path) -> tuple[str | None, list[ModelBuilding]]:
    """Read by events, so that memory holds one building; entities and DTDs are refused."""
    named: str | None = None
    found: list[ModelBuilding] = []
    try:
        for event, node in iterparse(str(path), events=("start", "end"), forbid_dtd=True):
            named = named or node.attrib.get("srsName")
            if event == "end" and _tag(node) == "Building":
                found.append(_gml_building(node, str(len(found))))
                node.clear()
    except (ParseError, DefusedXmlException) as error:
        raise VectorError(
            str(path),
            f"XML that cannot be read ({error})",
            "whole CityGML without a DTD",
            "download it again",
        ) from error
    return named, found


def _tag(node: Any) -> str:  # noqa: ANN401 - an XML element
    return str(node.tag).rpartition("}")[2]


def _gml_building(node: Any, number: str) -> ModelBuilding:  # noqa: ANN401 - an XML element
    name = next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == "id"), number)
    building = ModelBuilding(name)
    for part in node.iter():
        meaning = _tag(part)
        if meaning in {ROOF, GROUND}:
            for polygon in part.iter():
                if _tag(polygon) == "Polygon":
                    rings = [_gml_ring(r) for r in polygon.iter() if _tag(r) == "LinearRing"]
                    if rings:
                        _add(building, meaning, Face(rings[0], tuple(rings[1:])))
        elif (
            len(part) == 0 and part.text and meaning in {"function", "usage", "yearOfConstruction"}
        ):
            building.attributes[meaning] = part.text.strip()
    return building


def _gml_ring(node: Any) -> npt.NDArray[np.float64]:  # noqa: ANN401 - an XML element
    texts = [p.text or "" for p in node.iter() if _tag(p) in {"posList", "pos"}]
    numbers = np.array(" ".join(texts).split(), dtype=np.float64)
    corners = numbers[: len(numbers) // 3 * 3].reshape(-1, 3)
    if len(corners) > 1 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1]
    return corners
