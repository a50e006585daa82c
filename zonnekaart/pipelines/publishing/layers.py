"""The layers of the map: which tiles they have and what a reader must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.ramps import IRRADIATION
from zonnekaart.cartography.style import BUILDING, OUTSIDE, WATER
from zonnekaart.io.published import LayerInfo, LegendEntry, Texts
from zonnekaart.io.tiles import TileLayer
from zonnekaart.pipelines.publishing.project import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonnekaart.config import MapTable
    from zonnekaart.io.published import SourceInfo

Group = Literal["background", "irradiation", "roofs", "zones"]

TILE_LAYERS = {
    "zones": TileLayer("zones", 8, 16, "zone_id"),
    "buildings": TileLayer("buildings", 13, 16, "building_id"),
    "roof_planes": TileLayer("roof_planes", 15, 17, "plane_id"),
    "supply_sites": TileLayer("supply_sites", 13, 16, "plane_id"),
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
    "background": ("feature_id", "kind"),
}

_TITLES = {
    "zones": ("Zones", "Zones", "Zones"),
    "buildings": ("Gebouwen", "Bâtiments", "Buildings"),
    "roof_planes": ("Dakvlakken", "Pans de toiture", "Roof planes"),
    "supply_sites": (
        "Parkings, gronden, water",
        "Parkings, terrains, eau",
        "Car parks, ground, water",
    ),
    "background": ("Achtergrond", "Fond de carte", "Background"),
    "irradiation": ("Instraling per jaar", "Irradiation annuelle", "Annual irradiation"),
    "hillshade": ("Reliëf", "Relief", "Relief"),
    OUTSIDE: ("Achtergrond van buiten", "Fond externe", "Outside background"),
}
_LIMITS = {
    OUTSIDE: (
        "Komt van een andere server: werkt niet zonder internet, en die ziet wat u bekijkt.",
        "Vient d’un autre serveur : ne marche pas hors ligne, et il voit ce que vous regardez.",
        "Comes from another server: needs the internet, and that server sees what you look at.",
    ),
    "zones": (
        "Advieskaart: een klasse is een aanwijzing met een kans, geen vergunning.",
        "Carte de conseil : une classe est une indication avec une probabilité, pas un permis.",
        "Advisory map: a class is a pointer with a probability, not a permit.",
    ),
    "buildings": (
        "Verbruik per gebouw wordt nooit getoond.",
        "La consommation par bâtiment n’est jamais montrée.",
        "Use per building is never shown.",
    ),
    "roof_planes": (
        "Dakvlakken uit hoogtemeting; draagkracht en dakramen zijn niet gekend.",
        "Pans déduits du relevé d’altitude ; portance et fenêtres de toit inconnues.",
        "Planes from the height survey; load-bearing and roof windows are not known.",
    ),
    "supply_sites": (
        "Omtrekken kunnen fout of privaat zijn; waterdiepte, leidingen en vergunning niet gekend.",
        "Contours parfois faux ou privés ; profondeur, réseaux et permis inconnus.",
        "Outlines may be wrong or private; depth of water, pipes and permits are not known.",
    ),
    "irradiation": (
        "Per m² hellend oppervlak, met schaduw; bomen en nieuwbouw zoals bij de meting.",
        "Par m² de surface inclinée, ombres comprises ; arbres et bâti comme au relevé.",
        "Per m² of sloped surface, shade included; trees and new buildings as surveyed.",
    ),
}
_LIT = frozenset({"irradiation", "roof_planes", "supply_sites"})
"""Layers that carry the colours of irradiation."""
_RASTER_GROUP: Mapping[str, Group] = {"irradiation": "irradiation", "hillshade": "background"}
_VECTOR_GROUP: Mapping[str, Group] = {
    "zones": "zones",
    "buildings": "roofs",
    "roof_planes": "roofs",
    "supply_sites": "roofs",
    "background": "background",
}
_OF_CADASTRE = {
    "roof_planes": (
        "Dakvlakken zoals een bestaand kadaster ze geeft; onbekende helling of richting is gemeld.",
        "Pans tels qu’un cadastre existant les donne ; pente ou orientation inconnue signalée.",
        "Planes as an existing cadastre gives them; unknown tilt or direction is flagged.",
    ),
    "irradiation": (
        "Overgenomen uit een bestaand zonnekadaster; oppervlak en schaduw zoals de maker ze zag.",
        "Repris d’un cadastre solaire existant ; surface et ombres selon son auteur.",
        "Taken from an existing solar cadastre; surface and shade as its maker saw them.",
    ),
}
_ROLES = {
    "zones": "areas",
    "buildings": "buildings",
    "supply_sites": "sites",
    "background": "buildings",
    "hillshade": "dsm",
}


@dataclass(frozen=True)
class Supply:
    """Which input tells of roof planes, and which of their light: ``dsm`` or ``cadastre``."""

    planes: str = "dsm"
    light: str = "dsm"

    def role(self, identity: str) -> str:
        """Return the input that a layer rests on."""
        own = {"roof_planes": self.planes, "irradiation": self.light}
        return own.get(identity) or _ROLES[identity]

    def limits(self, identity: str) -> tuple[str, str, str] | None:
        """Return what a reader must know of a layer, in nl, fr, en."""
        if identity in _OF_CADASTRE and self.role(identity) == "cadastre":
            return _OF_CADASTRE[identity]
        return _LIMITS.get(identity)


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
        title=_texts(_TITLES[identity]),
        minzoom=facts["minzoom"],
        maxzoom=facts["maxzoom"],
        tiles=path or f"/raster/{identity}/{{z}}/{{x}}/{{y}}.png",
        source_layer=identity if vector else None,
        legend=_legend(identity),
        unit=IRRADIATION.unit if identity in _LIT else None,
        **source_of(sources, supply.role(identity)),
        limits=None if limits is None else _texts(limits),
        resolution_m=facts.get("resolution_m"),
        features=facts.get("features"),
    )


def outside_layer(table: MapTable) -> list[LayerInfo]:
    """Return the outside background that a project names, as a layer; none when it names none."""
    if table.background_wmts is None:
        return []
    return [
        LayerInfo(
            id=OUTSIDE,
            group="background",
            kind="raster",
            title=_texts(_TITLES[OUTSIDE]),
            minzoom=0,
            maxzoom=20,
            tiles=table.background_wmts,
            source_layer=None,
            legend=[],
            unit=None,
            source=urlsplit(table.background_wmts).netloc,
            date=None,
            licence=None,
            limits=_texts(_LIMITS[OUTSIDE]),
            contact=table.background_attribution or None,
        )
    ]


def _texts(texts: tuple[str, str, str]) -> Texts:
    return Texts(nl=texts[0], fr=texts[1], en=texts[2])


def _legend(identity: str) -> list[LegendEntry]:
    if identity == "zones":
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
    if identity in _LIT:
        return [LegendEntry.model_validate(step) for step in IRRADIATION.legend()]
    if identity == "background":
        return [
            LegendEntry(color=WATER, id="water", label=_texts(("water", "eau", "water"))),
            LegendEntry(
                color=BUILDING, id="building", label=_texts(("gebouw", "bâtiment", "building"))
            ),
        ]
    return []
