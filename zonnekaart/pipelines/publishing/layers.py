"""The layers of the map: which tiles they have and what a reader must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from zonnekaart.cartography import views
from zonnekaart.cartography.cabins import ROOM
from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.ramps import IRRADIATION
from zonnekaart.cartography.style import BUILDING, OUTSIDE, PANEL, SHARING, WATER
from zonnekaart.io.published import LayerInfo, LegendEntry, Texts
from zonnekaart.io.tiles import TileLayer
from zonnekaart.pipelines.publishing.layer_texts import (
    FROM_OPEN_GROUND,
    LIMITS,
    LIMITS_OF_CADASTRE,
    TITLES,
)
from zonnekaart.pipelines.publishing.project import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonnekaart.config import MapTable
    from zonnekaart.io.published import SourceInfo

Group = Literal["background", "irradiation", "roofs", "sharing", "zones"]

TILE_LAYERS = {
    "zones": TileLayer("zones", 8, 16, "zone_id"),
    "advised_zones": TileLayer("advised_zones", 8, 16, "advised_id"),
    "buildings": TileLayer("buildings", 13, 16, "building_id"),
    "roof_planes": TileLayer("roof_planes", 15, 17, "plane_id"),
    "roof_visibility": TileLayer("roof_visibility", 15, 17, "plane_id"),
    "supply_sites": TileLayer("supply_sites", 13, 16, "plane_id"),
    "cabin_areas": TileLayer("cabin_areas", 11, 16, "cabin_id"),
    "roof_panels": TileLayer("roof_panels", 17, 17, "panel_id"),
    "sharing_proposals": TileLayer("sharing_proposals", 14, 17, "group_id"),
    "sharing_links": TileLayer("sharing_links", 15, 17, "link_id"),
    "background": TileLayer("background", 12, 16, "feature_id"),
}

TILE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "zones": (
        "zone_id",
        "name",
        "zone_class",
        "confidence",
        "published",
        "annual_yield_kwh",
        "consumption_kwh",
        "self_consumption",
        "self_sufficiency",
        "self_consumption_pooled",
        "self_sufficiency_pooled",
        "headroom_ratio",
        "capacity_kwp",
        "existing_kwp",
        "mean_irradiation_kwh_m2",
    ),
    "advised_zones": (
        "advised_id",
        "name",
        "zone_class",
        "confidence",
        "zones",
        "zones_with_demand",
        "member_zones",
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "consumption_kwh",
        "capacity_kwp",
    ),
    "buildings": (
        "building_id",
        "zone_id",
        "use",
        "height_m",
        "capacity_kwp",
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "existing_kwp",
        "heritage",
        "heritage_name",
        "owner",
        "flags",
    ),
    "roof_planes": (
        "building_id",
        "plane_id",
        "tilt_deg",
        "azimuth_deg",
        "annual_irradiation_kwh_m2",
        "capacity_kwp",
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "suitability",
        "visible_share",
        "nearest_view_m",
        "seen_from",
        "flags",
    ),
    "supply_sites": (
        "site_id",
        "plane_id",
        "kind",
        "name",
        "zone_id",
        "site_area_m2",
        "obstructed_share",
        "annual_irradiation_kwh_m2",
        "capacity_kwp",
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
        "flags",
    ),
    "roof_visibility": ("plane_id", "visible_share"),
    "cabin_areas": (
        "cabin_id",
        "origin",
        "headroom_source",
        "headroom_method",
        "connections",
        "rated_low_kva",
        "rated_kva",
        "rated_high_kva",
        "pv_headroom_low_kw",
        "pv_headroom_kw",
        "pv_headroom_high_kw",
        "pv_peak_kw",
        "mv_headroom_kw",
        "published",
    ),
    "roof_panels": ("panel_id", "plane_id", "building_id", "module_kwp"),
    "sharing_proposals": ("group_id", "rank", "perimeter", "under_rules", "buildings"),
    "sharing_links": ("link_id", "group_id"),
    "background": ("feature_id", "kind"),
}

_ONE_COLOR = {
    "roof_panels": (PANEL, "paneel", "panneau", "panel"),
    "sharing_proposals": (SHARING, "groep gebouwen", "groupe de bâtiments", "group of buildings"),
    "sharing_links": (SHARING, "verbinding", "lien", "link"),
}
_LIT = frozenset({"irradiation", "roof_planes", "supply_sites"})
"""Layers that carry the colours of irradiation."""
_RASTER_GROUP: Mapping[str, Group] = {"irradiation": "irradiation", "hillshade": "background"}
_VECTOR_GROUP: Mapping[str, Group] = {
    "zones": "zones",
    "advised_zones": "zones",
    "buildings": "roofs",
    "roof_planes": "roofs",
    "roof_visibility": "roofs",
    "supply_sites": "roofs",
    "cabin_areas": "zones",
    "roof_panels": "roofs",
    "sharing_proposals": "sharing",
    "sharing_links": "sharing",
    "background": "background",
}
_ROLES = {
    "zones": "areas",
    "advised_zones": "areas",
    "buildings": "buildings",
    "supply_sites": "sites",
    "roof_visibility": "dsm",
    "cabin_areas": "cabins",
    "sharing_proposals": "buildings",
    "sharing_links": "buildings",
    "background": "buildings",
    "hillshade": "dsm",
}


@dataclass(frozen=True)
class Supply:
    """
    Which input tells of roof planes, and which of their light: ``dsm`` or ``cadastre``.

    `seen_from` says where people stood who saw the planes: ``roads`` or ``open_ground``.
    """

    planes: str = "dsm"
    light: str = "dsm"
    seen_from: str = "roads"

    def title(self, identity: str) -> tuple[str, str, str]:
        """Return the name of a layer, in nl, fr, en."""
        bound = identity == "roof_visibility" and self.seen_from == "open_ground"
        return FROM_OPEN_GROUND if bound else TITLES[identity]

    def role(self, identity: str) -> str:
        """Return the input that a layer rests on."""
        own = {"roof_planes": self.planes, "roof_panels": self.planes, "irradiation": self.light}
        return own.get(identity) or _ROLES[identity]

    def limits(self, identity: str) -> tuple[str, str, str] | None:
        """Return what a reader must know of a layer, in nl, fr, en."""
        if identity in LIMITS_OF_CADASTRE and self.role(identity) == "cadastre":
            return LIMITS_OF_CADASTRE[identity]
        return LIMITS.get(identity)


def layer_infos(
    vector: Mapping[str, Mapping[str, Any]],
    raster: Mapping[str, Mapping[str, Any]],
    sources: Sequence[SourceInfo],
    supply: Supply | None = None,
) -> list[LayerInfo]:
    """
    Describe the layers that were written.

    Parameters
    ----------
    vector, raster : mapping
        Layer id → facts of its file, with ``minzoom`` and ``maxzoom``.
    sources : sequence of SourceInfo
        Provenance of the inputs.
    supply : Supply, optional
        Which inputs tell of planes and light; the heights when left out.
    """
    about = (sources, supply or Supply())
    infos = [_info(i, "vector", f, about) for i, f in vector.items()]
    return infos + [_info(i, "raster", f, about) for i, f in raster.items()]


def _info(
    identity: str,
    kind: Literal["vector", "raster"],
    facts: Mapping[str, Any],
    about: tuple[Sequence[SourceInfo], Supply],
) -> LayerInfo:
    vector = kind == "vector"
    sources, supply = about
    limits = supply.limits(identity)
    path = f"/tiles/{identity}/{{z}}/{{x}}/{{y}}.mvt" if vector else ""
    return LayerInfo(
        id=identity,
        group=_VECTOR_GROUP[identity] if vector else _RASTER_GROUP[identity],
        kind=kind,
        title=_texts(supply.title(identity)),
        minzoom=facts["minzoom"],
        maxzoom=facts["maxzoom"],
        tiles=path or f"/raster/{identity}/{{z}}/{{x}}/{{y}}.png",
        source_layer=identity if vector else None,
        legend=_legend(identity),
        unit=_unit(identity),
        **source_of(sources, supply.role(identity)),
        limits=None if limits is None else _texts(limits),
        resolution_m=facts.get("resolution_m"),
        features=facts.get("features"),
    )


def _unit(identity: str) -> str | None:
    """Return the unit of what a layer's colours mean."""
    return IRRADIATION.unit if identity in _LIT else None


def outside_layer(table: MapTable) -> list[LayerInfo]:
    """Return the outside background that a project names, as a layer; none when it names none."""
    if table.background_wmts is None:
        return []
    return [
        LayerInfo(
            id=OUTSIDE,
            group="background",
            kind="raster",
            title=_texts(TITLES[OUTSIDE]),
            minzoom=0,
            maxzoom=20,
            tiles=table.background_wmts,
            source_layer=None,
            legend=[],
            unit=None,
            source=urlsplit(table.background_wmts).netloc,
            date=None,
            licence=None,
            limits=_texts(LIMITS[OUTSIDE]),
            contact=table.background_attribution or None,
        )
    ]


def _texts(texts: tuple[str, str, str]) -> Texts:
    return Texts(nl=texts[0], fr=texts[1], en=texts[2])


def _legend(identity: str) -> list[LegendEntry]:
    if identity in ("zones", "advised_zones"):
        return [
            LegendEntry(
                color=look.color,
                id=look.id,
                label=Texts(**look.label),
                symbol=look.symbol,
                image=look.image,
            )
            for look in CLASSES.values()
        ]
    if identity == "roof_visibility":
        steps = (*views.STEPS, views.UNKNOWN)
        return [LegendEntry(color=s.color, id=s.id, label=_texts(s.label)) for s in steps]
    if identity in _LIT:
        return [LegendEntry.model_validate(step) for step in IRRADIATION.legend()]
    if identity == "cabin_areas":
        return [
            LegendEntry(color=step.color, id=step.id, label=Texts(**step.label)) for step in ROOM
        ]
    if identity in _ONE_COLOR:
        color, *label = _ONE_COLOR[identity]
        return [LegendEntry(color=color, id=identity, label=_texts((label[0], label[1], label[2])))]
    if identity == "background":
        return [
            LegendEntry(color=WATER, id="water", label=_texts(("water", "eau", "water"))),
            LegendEntry(
                color=BUILDING, id="building", label=_texts(("gebouw", "bâtiment", "building"))
            ),
        ]
    return []
