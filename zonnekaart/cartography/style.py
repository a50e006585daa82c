"""The MapLibre style as a plain dict: one look for the live map, sheets and mock-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.classes import CLASSES, FILL_OPACITY, OUTLINE_PX, UNKNOWN_CLASS
from zonnekaart.cartography.ramps import IRRADIATION, NO_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping

PAPER = "#f4f1ea"
WATER = "#d3e3ea"
ROAD = "#ffffff"
BUILDING = "#ddd8ce"
BUILDING_OUTLINE = "#c4beb2"
INK = "#2b2926"

HATCH_IMAGE = "hatch"
"""Id of the pattern that the page draws and adds to the map."""

HILLSHADE_OPACITY = 0.25
OUTSIDE = "outside"
"""Id of the background of another server; only when a project names one."""

ROOF_ZOOM = 16
"""From here roofs carry the colour and zones step back."""

_PALE_OPACITY = 0.35
_UNSURE = 0.5
"""Below this probability a zone's class is drawn paler."""
_REGULAR, _BOLD = "Noto Sans Regular", "Noto Sans SemiBold"
_LATIN = (
    "U+0000-00FF",
    "U+0131",
    "U+0152-0153",
    "U+02BB-02BC",
    "U+02C6",
    "U+02DA",
    "U+02DC",
    "U+2000-206F",
    "U+20AC",
    "U+2122",
    "U+2212",
)
_LATIN_EXT = ("U+0100-0130", "U+0132-0151", "U+0154-02BA", "U+1E00-1E9F", "U+1EF2-1EFF")


@dataclass(frozen=True)
class TileSource:
    """Zooms at which one tile archive or raster holds tiles."""

    minzoom: int
    maxzoom: int


@dataclass(frozen=True)
class StyleInput:
    """
    What the style needs to know of a project.

    Parameters
    ----------
    name : str
        Name of the project.
    bounds_lonlat : tuple of float
        West, south, east, north. [deg]
    vector, raster : mapping of str to TileSource
        Published layers by id; a layer that is absent gets no source and no style layers.
    base : str
        What addresses start with, such as ``http://localhost:8000``; empty for paths only.
    outside : str
        Address of an outside background with ``{z}``, ``{x}`` and ``{y}``; empty for none.
    version : str
        Put behind tile addresses, so that browsers keep tiles until the next publish.
    """

    name: str
    bounds_lonlat: tuple[float, float, float, float]
    vector: Mapping[str, TileSource]
    raster: Mapping[str, TileSource]
    base: str = ""
    outside: str = ""
    version: str = ""


def map_style(given: StyleInput) -> dict[str, Any]:
    """
    Return a MapLibre style (version 8) without glyph server, sprite or outside address.

    Every layer carries ``metadata.group``: ``background``, ``irradiation``, ``roofs`` or
    ``zones``, which the page switches as wholes. Images named ``class-<id>`` and ``hatch`` are
    added by the page.

    Parameters
    ----------
    given : StyleInput
        Project and its published layers.
    """
    west, south, east, north = given.bounds_lonlat
    sources = _sources(given)
    layers = [*_background(), *_irradiation(), *_zone_areas(), *_roofs(), *_zone_signs()]
    return {
        "version": 8,
        "name": f"zonnekaart {given.name}",
        "center": [(west + east) / 2.0, (south + north) / 2.0],
        "zoom": 13,
        "font-faces": _font_faces(given.base),
        "sources": sources,
        "layers": [x for x in layers if x.get("source", "") in {"", *sources}],
    }


def _sources(given: StyleInput) -> dict[str, Any]:
    bounds = list(given.bounds_lonlat)
    suffix = f"?v={given.version}" if given.version else ""
    keys = {
        "zones": "zone_id",
        "buildings": "building_id",
        "roof_planes": "plane_id",
        "supply_sites": "plane_id",
    }
    sources: dict[str, Any] = {}
    for name, tiles in given.vector.items():
        sources[name] = {
            "type": "vector",
            "tiles": [f"{given.base}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt{suffix}"],
            "minzoom": tiles.minzoom,
            "maxzoom": tiles.maxzoom,
            "bounds": bounds,
        }
        if name in keys:
            sources[name]["promoteId"] = keys[name]
    for name, tiles in given.raster.items():
        sources[name] = {
            "type": "raster",
            "tiles": [f"{given.base}/raster/{name}/{{z}}/{{x}}/{{y}}.png{suffix}"],
            "tileSize": 256,
            "minzoom": tiles.minzoom,
            "maxzoom": tiles.maxzoom,
            "bounds": bounds,
        }
    if given.outside:
        sources[OUTSIDE] = {"type": "raster", "tiles": [given.outside], "tileSize": 256}
    if "zones" in given.vector:
        # Polygons are cut at tile edges, so labels hung on them repeat in each tile.
        sources["zone_points"] = {
            "type": "geojson",
            "data": f"{given.base}/api/labels.geojson{suffix}",
            "promoteId": "zone_id",
        }
    return sources


def _font_faces(base: str) -> dict[str, Any]:
    def faces(weight: int) -> list[dict[str, Any]]:
        return [
            {
                "url": f"{base}/vendor/noto-sans-{subset}-{weight}-normal.woff2",
                "unicode-range": list(ranges),
            }
            for subset, ranges in (("latin", _LATIN), ("latin-ext", _LATIN_EXT))
        ]

    return {_REGULAR: faces(400), _BOLD: faces(600)}


def _layer(identity: str, kind: str, group: str, source: str = "", **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - properties of the style specification
    layer: dict[str, Any] = {"id": identity, "type": kind, "metadata": {"group": group}}
    if source:
        layer["source"] = source
        if kind != "raster" and source != "zone_points":
            layer["source-layer"] = source
    return {**layer, **rest}


def _background() -> list[dict[str, Any]]:
    def kind(name: str) -> list[Any]:
        return ["==", ["get", "kind"], name]

    return [
        _layer("paper", "background", "background", paint={"background-color": PAPER}),
        _layer(OUTSIDE, "raster", "background", OUTSIDE, paint={"raster-saturation": -0.6}),
        _layer(
            "water",
            "fill",
            "background",
            "background",
            filter=kind("water"),
            paint={"fill-color": WATER},
        ),
        _layer(
            "hillshade",
            "raster",
            "background",
            "hillshade",
            paint={"raster-opacity": HILLSHADE_OPACITY, "raster-saturation": -1},
        ),
        _layer(
            "roads-area",
            "fill",
            "background",
            "background",
            filter=["all", kind("road"), ["==", ["geometry-type"], "Polygon"]],
            paint={"fill-color": ROAD},
        ),
        _layer(
            "roads",
            "line",
            "background",
            "background",
            filter=["all", kind("road"), ["==", ["geometry-type"], "LineString"]],
            layout={"line-cap": "round", "line-join": "round"},
            paint={
                "line-color": ROAD,
                "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, 1, 18, 14],
            },
        ),
        _layer(
            "background-buildings",
            "fill",
            "background",
            "background",
            filter=kind("building"),
            paint={"fill-color": BUILDING, "fill-outline-color": BUILDING_OUTLINE},
        ),
    ]


def _irradiation() -> list[dict[str, Any]]:
    return [
        _layer(
            "irradiation",
            "raster",
            "irradiation",
            "irradiation",
            layout={"visibility": "none"},
            paint={"raster-opacity": 0.85, "raster-resampling": "nearest"},
        )
    ]


def _by_class(outline: bool) -> list[Any]:
    match: list[Any] = ["match", ["get", "zone_class"]]
    for look in CLASSES.values():
        match += [look.id, look.outline if outline else look.color]
    return [*match, NO_DATA]


def _zone_areas() -> list[dict[str, Any]]:
    unsure = ["<", ["coalesce", ["get", "confidence"], 0], _UNSURE]
    opacity = ["case", unsure, _PALE_OPACITY, FILL_OPACITY]
    faint = ["case", unsure, 0.1, 0.18]
    return [
        _layer(
            "zones-fill",
            "fill",
            "zones",
            "zones",
            paint={
                "fill-color": _by_class(outline=False),
                "fill-opacity": [
                    "interpolate",
                    ["linear"],
                    ["zoom"],
                    ROOF_ZOOM - 1,
                    opacity,
                    ROOF_ZOOM + 0.5,
                    faint,
                ],
            },
        ),
        _layer(
            "zones-hatch",
            "fill",
            "zones",
            "zones",
            filter=["==", ["get", "zone_class"], UNKNOWN_CLASS],
            paint={"fill-pattern": HATCH_IMAGE},
        ),
        _layer(
            "zones-outline",
            "line",
            "zones",
            "zones",
            layout={"line-join": "round"},
            paint={
                "line-color": _by_class(outline=True),
                "line-width": [
                    "case",
                    ["boolean", ["feature-state", "selected"], False],
                    4,
                    ["boolean", ["feature-state", "hover"], False],
                    3,
                    OUTLINE_PX,
                ],
            },
        ),
    ]


def _roofs() -> list[dict[str, Any]]:
    return [
        # Nothing to see, something to point at: a click finds the building.
        _layer(
            "buildings-fill",
            "fill",
            "roofs",
            "buildings",
            minzoom=14,
            paint={"fill-color": BUILDING, "fill-opacity": 0},
        ),
        _layer(
            "buildings-outline",
            "line",
            "roofs",
            "buildings",
            minzoom=15,
            paint={"line-color": "#8a857c", "line-width": 0.8},
        ),
        _layer(
            "roofs-fill",
            "fill",
            "roofs",
            "roof_planes",
            minzoom=ROOF_ZOOM,
            paint={
                "fill-color": IRRADIATION.expression("annual_irradiation_kwh_m2"),
                "fill-opacity": ["match", ["get", "suitability"], "unsuitable", 0.55, 0.95],
            },
        ),
        _layer(
            "sites-fill",
            "fill",
            "roofs",
            "supply_sites",
            minzoom=14,
            paint={
                "fill-color": IRRADIATION.expression("annual_irradiation_kwh_m2"),
                "fill-opacity": 0.75,
            },
        ),
        _layer(
            "sites-outline",
            "line",
            "roofs",
            "supply_sites",
            minzoom=14,
            paint={"line-color": INK, "line-width": 1.2, "line-dasharray": [2, 1.5]},
        ),
        _layer(
            "roofs-outline",
            "line",
            "roofs",
            "roof_planes",
            minzoom=ROOF_ZOOM,
            paint={
                "line-color": INK,
                "line-opacity": 0.55,
                "line-width": ["case", ["boolean", ["feature-state", "hover"], False], 2.5, 0.6],
            },
        ),
    ]


def _zone_signs() -> list[dict[str, Any]]:
    return [
        # Signs lie above the names, so that they are placed first and no name covers a sign.
        _layer(
            "zones-label",
            "symbol",
            "zones",
            "zone_points",
            minzoom=13,
            layout={
                "text-field": ["get", "name"],
                "text-font": [_BOLD],
                "text-size": ["interpolate", ["linear"], ["zoom"], 13, 12, 17, 15],
                "text-anchor": "top",
                "text-offset": [0, 1.45],
                "text-max-width": 9,
                "text-optional": True,
            },
            paint={"text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.6},
        ),
        _layer(
            "zones-symbol",
            "symbol",
            "zones",
            "zone_points",
            layout={
                "icon-image": ["concat", "class-", ["get", "zone_class"]],
                "icon-size": ["interpolate", ["linear"], ["zoom"], 10, 0.5, 14, 0.85, 17, 1],
                "icon-allow-overlap": True,
                "icon-ignore-placement": False,
            },
        ),
    ]
