"""Answers of the server that publish does not write itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Health(_Answer):
    """The process lives."""

    status: Literal["ok"]
    version: str


class BrokenPart(_Answer):
    """A layer, or the warehouse, that cannot be served now."""

    part: str
    reason: Literal["missing", "unreadable"]


class Readiness(_Answer):
    """Results are there and open; degraded when a layer of them is not."""

    status: Literal["ready", "degraded"]
    project: str
    run_id: str
    stages: list[str]
    broken: list[BrokenPart]


class ProjectLink(_Answer):
    """One of the projects on this server."""

    id: str
    title: str
    href: str
    ready: bool


class ErrorBody(_Answer):
    """What every failure says: the same for what is missing and what is forbidden."""

    code: str
    message: str


class VectorLayer(_Answer):
    """One layer inside a vector tile."""

    id: str
    description: str
    minzoom: int
    maxzoom: int
    fields: dict[str, str]


class TileJson(_Answer):
    """TileJSON 3.0.0 of one layer."""

    tilejson: Literal["3.0.0"]
    name: str
    description: str
    version: str
    scheme: Literal["xyz"]
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: tuple[float, float, float, float]
    center: tuple[float, float, float]
    attribution: str
    vector_layers: list[VectorLayer]


class Rules(_Answer):
    """The rule set with its texts, as it was when the zones were classed."""

    id: str
    version: str
    date: str
    title: dict[str, str]
    rules: list[dict[str, Any]]
    class_rules: list[dict[str, Any]]


class LabelPoint(_Answer):
    """A point of GeoJSON. [deg]."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class LabelFeature(_Answer):
    """Where the sign and the name of one zone or advised zone stand."""

    type: Literal["Feature"]
    geometry: LabelPoint
    properties: dict[str, str | float | None]


class Labels(_Answer):
    """All zones, or all advised zones, as points."""

    type: Literal["FeatureCollection"]
    features: list[LabelFeature]
