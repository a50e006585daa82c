"""Answers of OGC API Features and OGC API Tiles, as their standards shape them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Answer(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=AliasGenerator(serialization_alias=to_camel),
    )


class Link(_Answer):
    """Where something else is."""

    href: str
    rel: str
    type: str
    title: str = ""
    templated: bool | None = None


class Landing(_Answer):
    """The first address of the API."""

    title: str
    description: str
    links: list[Link]


class Conformance(_Answer):
    """What the API holds to."""

    conforms_to: list[str]


class SpatialExtent(_Answer):
    """Boxes in longitude and latitude. [deg]."""

    bbox: list[tuple[float, float, float, float]]
    crs: str


class Extent(_Answer):
    """Where a collection is."""

    spatial: SpatialExtent


class Collection(_Answer):
    """One layer."""

    id: str
    title: str
    description: str
    extent: Extent
    item_type: Literal["feature"] | None = None
    crs: list[str]
    storage_crs: str | None = None
    links: list[Link]


class Collections(_Answer):
    """All layers."""

    collections: list[Collection]
    crs: list[str]
    links: list[Link]


class Feature(_Answer):
    """One GeoJSON feature, in the system that Content-Crs names."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
    links: list[Link] = []


class FeatureCollection(_Answer):
    """One page of features."""

    type: Literal["FeatureCollection"]
    time_stamp: str
    number_matched: int
    number_returned: int
    links: list[Link]
    features: list[Feature]


class Queryables(_Answer):
    """Columns that may be compared, as JSON Schema."""

    schema_: str = Field(serialization_alias="$schema")
    id_: str = Field(serialization_alias="$id")
    type: Literal["object"]
    title: str
    properties: dict[str, dict[str, Any]]
    additional_properties: bool


class TileMatrix(_Answer):
    """One zoom of a tile scheme."""

    id: str
    scale_denominator: float
    cell_size: float
    corner_of_origin: Literal["topLeft"]
    point_of_origin: tuple[float, float]
    tile_width: int
    tile_height: int
    matrix_width: int
    matrix_height: int


class TileMatrixSet(_Answer):
    """A tile scheme."""

    id: str
    title: str
    uri: str
    crs: str
    ordered_axes: list[str]
    well_known_scale_set: str
    tile_matrices: list[TileMatrix]


class TileMatrixSetItem(_Answer):
    """A tile scheme in a list."""

    id: str
    title: str
    uri: str
    links: list[Link]


class TileMatrixSets(_Answer):
    """The tile schemes there are."""

    tile_matrix_sets: list[TileMatrixSetItem]


class TileSetLayer(_Answer):
    """What a tile set holds."""

    id: str
    title: str
    data_type: Literal["vector", "map"]
    min_tile_matrix: str
    max_tile_matrix: str


class TileSet(_Answer):
    """The tiles of one collection in one scheme."""

    title: str
    data_type: Literal["vector", "map"]
    crs: str
    tile_matrix_set_uri: str = Field(serialization_alias="tileMatrixSetURI")
    bounding_box: dict[str, Any]
    layers: list[TileSetLayer]
    links: list[Link]


class TileSets(_Answer):
    """The tile sets of one collection."""

    tilesets: list[TileSet]
