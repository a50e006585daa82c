"""Register of every published quantity: name, unit, type, no-data, range, definition, labels.

One row per column or indicator that leaves a stage. The glossary, the tiles, the API, the exports
and the rules read units and labels here; ``docs/glossary.md`` and this register agree by test.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from zonnekaart.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Language = Literal["nl", "fr", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "fr", "en")

ZONE_CLASSES = ("eigen_gebruik", "delen", "overschot", "vraag", "toets", "onbekend")
"""Names of the six zone classes, in the order in which they are shown."""

RATIO = "-"
"""Unit of shares and ratios: 0 to 1 in files, percent on screen only."""

UNKNOWN_NUMBER = "NaN"
UNKNOWN_OBJECT = "null"


@dataclass(frozen=True)
class Quantity:
    """
    One published quantity.

    Parameters
    ----------
    name : str
        Name of the column, field or indicator; the same everywhere.
    unit : str
        Unit as written in files: ``kWh``, ``kW``, ``kWp``, ``m2``, ``deg``, ``-`` for ratios,
        ``count`` for numbers of things, ``""`` for what has no unit.
    dtype : str
        ``float64``, ``float32``, ``int64``, ``bool``, ``string``, ``list<...>``, ``struct``
        or ``geometry``.
    nodata : str
        What stands where the value is not known: ``NaN`` or ``null``. Never 0.
    low, high : float
        Valid range, both ends included; NaN for what is not a number.
    definition : str
        One English sentence.
    label : mapping of str to str
        Short name per language, for people.
    """

    name: str
    unit: str
    dtype: str
    nodata: str
    low: float
    high: float
    definition: str
    label: Mapping[str, str]


class UnknownQuantityError(InputError):
    """A quantity that the register does not hold."""


_INF = math.inf
_KINDS: dict[str, tuple[str, str, float, float]] = {
    "energy": ("kWh", "float64", 0.0, _INF),
    "power": ("kW", "float64", 0.0, _INF),
    "peak": ("kWp", "float64", 0.0, _INF),
    "share": (RATIO, "float64", 0.0, 1.0),
    "gain": (RATIO, "float64", -1.0, 1.0),
    "ratio": (RATIO, "float64", 0.0, _INF),
    "area": ("m2", "float64", 0.0, _INF),
    "length": ("m", "float64", 0.0, 1000.0),
    "count": ("count", "float64", 0.0, _INF),
    "irradiation": ("kWh/m2", "float64", 0.0, 3000.0),
    "tilt": ("deg", "float64", 0.0, 90.0),
    "azimuth": ("deg", "float64", 0.0, 360.0),
    "yes_no": ("", "bool", math.nan, math.nan),
    "text": ("", "string", math.nan, math.nan),
    "texts": ("", "list<string>", math.nan, math.nan),
    "records": ("", "list<struct>", math.nan, math.nan),
    "record": ("", "struct", math.nan, math.nan),
    "shape": ("", "geometry", math.nan, math.nan),
    "monthly_energy": ("kWh", "list<float64>", 0.0, _INF),
    "monthly_irradiation": ("kWh/m2", "list<float64>", 0.0, 500.0),
    "day_power": ("kW", "list<float64>", 0.0, _INF),
    "horizon": ("deg", "list<float64>", -90.0, 90.0),
}


def _q(name: str, kind: str, labels: str, definition: str) -> Quantity:
    unit, dtype, low, high = _KINDS[kind]
    nodata = UNKNOWN_NUMBER if dtype.startswith("float") else UNKNOWN_OBJECT
    label: dict[str, str] = dict(zip(LANGUAGES, labels.split("|"), strict=True))
    return Quantity(name, unit, dtype, nodata, low, high, definition, MappingProxyType(label))


_IDENTITY = (
    _q("building_id", "text", "gebouw|bâtiment|building", "Identifier of one building."),
    _q("plane_id", "text", "dakvlak|pan de toiture|roof plane", "Identifier of one roof plane."),
    _q("panel_id", "text", "paneel|panneau|panel", "Identifier of one panel on a roof plane."),
    _q("zone_id", "text", "zone|zone|zone", "Identifier of one policy zone."),
    _q("area_id", "text", "gebied|secteur|area", "Area that a consumption figure speaks of."),
    _q("group_id", "text", "deelgroep|groupe de partage|sharing group", "One sharing group."),
    _q("rule_id", "text", "regel|règle|rule", "Identifier of one rule in a rule file."),
    _q(
        "site_id",
        "text",
        "terrein|site|site",
        "Identifier of one place for panels that is no roof.",
    ),
    _q("unit_id", "text", "eenheid|unité|unit", "Building or zone that a balance row is about."),
    _q("name", "text", "naam|nom|name", "Name of a zone as people use it."),
    _q(
        "kind",
        "text",
        "soort|type|kind",
        "Of a zone: `area` (given) or `cell` (made); of a site: "
        "parking, ground, noise_barrier or water.",
    ),
    _q("geometry", "shape", "vorm|géométrie|shape", "Polygon in the project CRS."),
    _q("flags", "texts", "aandachtspunten|remarques|flags", "Known doubts about one row."),
    _q(
        "use",
        "text",
        "gebruik|affectation|use",
        "Use of a building: residential, apartments, commercial, industry, school, public, "
        "church, annex or unknown.",
    ),
    _q("heritage", "text", "erfgoed|patrimoine|heritage", "none, inventory, protected, unknown."),
    _q("owner", "text", "eigenaar|propriétaire|owner", "private, public, association, unknown."),
)

_ROOFS = (
    _q("tilt_deg", "tilt", "helling|inclinaison|tilt", "Angle of a roof plane with the horizon."),
    _q(
        "azimuth_deg",
        "azimuth",
        "oriëntatie|orientation|azimuth",
        "Direction a roof plane faces, 0 = north, clockwise; unknown where the roof is flat.",
    ),
    _q("module_tilt_deg", "tilt", "helling paneel|inclinaison du module|module tilt", "Tilt of "
       "the panels; differs from the roof on racks."),
    _q("module_azimuth_deg", "azimuth", "oriëntatie paneel|orientation du module|module azimuth",
       "Direction the panels face, 0 = north, clockwise."),
    _q("mounting", "text", "opstelling|montage|mounting", "flush, rack_south, "
       "rack_east_west or unknown."),
    _q("roof_area_m2", "area", "dakoppervlakte|surface de toiture|roof area", "Sloped surface."),
    _q("footprint_area_m2", "area", "grondvlak|emprise au sol|footprint area",
       "Horizontal projection of a building."),
    _q("floor_area_m2", "area", "vloeroppervlakte|surface de plancher|floor area",
       "Floors of a building together."),
    _q("usable_area_m2", "area", "bruikbaar dak|toiture utilisable|usable roof area",
       "Panel area to expect on the roofs where the preset allows panels."),
    _q("panels", "count", "panelen|panneaux|panels",
       "Whole modules that fit by the heights; unknown when the preset takes a share of the area."),
    _q("module_kwp", "peak", "vermogen paneel|puissance du module|module power",
       "DC nameplate of one panel."),
    _q("height_m", "length", "hoogte|hauteur|height", "Height of a building above its ground."),
    _q("annual_irradiation_kwh_m2", "irradiation", "instraling per jaar|irradiation annuelle|"
       "annual irradiation", "Sun energy per year per m2 of sloped surface, shade included."),
    _q("monthly_irradiation_kwh_m2", "monthly_irradiation", "instraling per maand|"
       "irradiation mensuelle|monthly irradiation", "The same for each of the twelve months."),
    _q("horizon_deg", "horizon", "horizon|horizon|horizon",
       "Elevation of what stands around a plane in 64 directions, from north, clockwise."),
    _q("sky_view_factor", "share", "zicht op de hemel|vue du ciel|sky view factor",
       "Share of the sky that a plane sees."),
    _q("suitability", "text", "geschiktheid|aptitude|suitability",
       "ideal, usable, limited or unsuitable under the preset."),
    _q("survey_mismatch", "yes_no", "wijkt af van hoogtemeting|discordance du relevé|"
       "survey mismatch", "True when the height survey does not show this building."),
)  # fmt: skip

_SUPPLY = (
    _q("annual_yield_kwh", "energy", "opbrengst|production|yield",
       "AC electricity per year when the full potential stands on the roofs."),
    _q("annual_yield_low_kwh", "energy", "opbrengst, laag|production, bas|yield, low",
       "Low end of the yield interval."),
    _q("annual_yield_high_kwh", "energy", "opbrengst, hoog|production, haut|yield, high",
       "High end of the yield interval."),
    _q("capacity_kwp", "peak", "mogelijk vermogen|puissance possible|potential capacity",
       "DC nameplate to expect on the roofs under the preset, existing panels included."),
    _q("existing_kwp", "peak", "bestaande panelen|panneaux existants|existing panels",
       "DC nameplate that stands there already, known or estimated from a total for the area; for "
       "a zone a lower bound, and unknown when less than four fifths of its roofs is known."),
    _q("existing_low_kwp", "peak", "bestaande panelen, laag|panneaux existants, bas|"
       "existing panels, low", "Low end of the existing panels: what a published total for a "
       "larger area leaves open when it is spread over roofs."),
    _q("existing_high_kwp", "peak", "bestaande panelen, hoog|panneaux existants, haut|"
       "existing panels, high", "High end of the existing panels."),
    _q("existing_annual_yield_kwh", "energy", "opbrengst bestaande panelen|"
       "production des panneaux existants|yield of existing panels",
       "Estimated AC electricity per year of the existing panels, at the yield per kWp of their "
       "roofs."),
    _q("additional_kwp", "peak", "nog te plaatsen|puissance restante|additional capacity",
       "Capacity minus existing panels, at least 0; unknown where either is."),
    _q("used_share", "share", "benut dak|toiture exploitée|used share",
       "Existing panels divided by capacity, over the roofs where they are known."),
    _q("production_kwh", "energy", "opbrengst per kwartier|production par quart d'heure|"
       "production per quarter-hour", "AC electricity in one quarter-hour of the year."),
    _q("interval_start_utc", "text", "begin van het interval|début de l'intervalle|"
       "start of the interval", "Time in UTC at which a quarter-hour begins."),
    _q("usable_share", "share", "bruikbaar dakdeel|part utilisable|usable share",
       "Usable roof area divided by roof area."),
    _q("mean_irradiation_kwh_m2", "irradiation", "gemiddelde instraling|irradiation moyenne|"
       "mean irradiation", "Annual irradiation of the zone's planes, weighted by roof area."),
    _q("site_area_m2", "area", "oppervlakte terrein|surface du site|site area",
       "Ground of a site without buildings, or the face of a wall where panels fit."),
    _q("obstructed_share", "share", "belemmerd deel|part encombrée|obstructed share",
       "Share of a site where trees, masts or other things stand higher than panels would."),
    _q("site_capacity_kwp", "peak", "mogelijk vermogen, terreinen|puissance possible, sites|"
       "potential capacity, sites", "DC nameplate that fits on a zone's car parks, ground, water "
       "and noise barriers, of the kinds that were given; not part of the roofs' capacity."),
    _q("site_yield_kwh", "energy", "opbrengst, terreinen|production, sites|yield, sites",
       "AC electricity per year of a zone's sites; not part of the roofs' yield."),
    _q("site_yield_low_kwh", "energy", "opbrengst terreinen, laag|production sites, bas|"
       "yield, sites, low", "Low end of the sites' yield."),
    _q("site_yield_high_kwh", "energy", "opbrengst terreinen, hoog|production sites, haut|"
       "yield, sites, high", "High end of the sites' yield."),
    _q("monthly_yield_kwh", "monthly_energy", "opbrengst per maand|production mensuelle|"
       "monthly yield", "Yield in each of the twelve months."),
)  # fmt: skip

_DEMAND = (
    _q("consumption_kwh", "energy", "verbruik|consommation|consumption",
       "Electricity used per year, own solar use included where that is known."),
    _q("consumption_low_kwh", "energy", "verbruik, laag|consommation, bas|consumption, low",
       "Low end of the consumption interval."),
    _q("consumption_high_kwh", "energy", "verbruik, hoog|consommation, haut|consumption, high",
       "High end of the consumption interval."),
    _q("residential_kwh", "energy", "verbruik woningen|consommation résidentielle|"
       "residential consumption", "Part of the consumption used in dwellings."),
    _q("non_residential_kwh", "energy", "verbruik niet-woningen|consommation non résidentielle|"
       "non-residential consumption", "Part of the consumption used outside dwellings."),
    _q("published_kwh", "energy", "gepubliceerd verbruik|consommation publiée|"
       "published consumption", "Total that the operator published; unknown when suppressed."),
    _q("spread_kwh", "energy", "gespreid verbruik|consommation répartie|spread consumption",
       "Part of a published total that was spread over buildings."),
    _q("residual_kwh", "energy", "tekort|déficit|residual demand",
       "Consumption that production does not cover as it happens: of the same building, or for a "
       "zone or group of any of its buildings."),
    _q("covered_share", "share", "gedekt deel|part couverte|covered share",
       "Share of an area's building stock that lies inside the height raster."),
    _q("category", "text", "categorie|catégorie|category", "residential or non_residential."),
    _q("profile", "text", "profiel|profil|profile", "Key of the load profile that was used."),
    _q("status", "text", "status|statut|status",
       "measured when the area's total is published, else estimated."),
    _q("connections", "count", "aansluitingen|raccordements|connections",
       "Dwellings plus non-residential buildings, or the operator's count where given."),
    _q("dwellings", "count", "woningen|logements|dwellings", "Number of dwellings."),
    _q("buildings", "count", "gebouwen|bâtiments|buildings", "Number of buildings."),
    _q("apartment_share", "share", "appartementen|appartements|apartments",
       "Share of the dwellings that are in apartment buildings."),
    _q("estimated_demand_share", "share", "geschat verbruik|consommation estimée|"
       "estimated demand", "Share of the consumption that rests on no published total."),
    _q("monthly_consumption_kwh", "monthly_energy", "verbruik per maand|consommation mensuelle|"
       "monthly consumption", "Consumption in each of the twelve months."),
)  # fmt: skip

_BALANCE = (
    _q("self_consumption", "share", "zelfverbruik|autoconsommation|self-consumption",
       "Production used in the same building in the same quarter-hour, divided by production."),
    _q("self_sufficiency", "share", "zelfvoorziening|autosuffisance|self-sufficiency",
       "Production used in the same building as it happens, divided by consumption."),
    _q("self_consumption_pooled", "share", "zelfverbruik gedeeld|autoconsommation partagée|"
       "pooled self-consumption", "Self-consumption of the zone as if everything were shared."),
    _q("self_sufficiency_pooled", "share", "zelfvoorziening gedeeld|autosuffisance partagée|"
       "pooled self-sufficiency", "Self-sufficiency of the zone as if everything were shared."),
    _q("sharing_gain", "gain", "winst door delen|gain du partage|gain from sharing",
       "Pooled self-consumption minus own self-consumption."),
    _q("surplus_kwh", "energy", "overschot|surplus|surplus",
       "Production that is not used as it happens: in the same building, or for a zone or group "
       "in any of its buildings."),
    _q("surplus_share", "share", "overschot na delen|surplus après partage|surplus after sharing",
       "Share of the production that the whole zone cannot use as it happens."),
    _q("peak_injection_kw", "power", "hoogste injectie|injection maximale|peak injection",
       "Highest quarter-hour of the zone's production minus its demand."),
    _q("peak_offtake_kw", "power", "hoogste afname|prélèvement maximal|peak offtake",
       "Highest quarter-hour of the zone's demand minus its production."),
    _q("min_load_sunny_kw", "power", "laagste vraag bij zon|charge minimale au soleil|"
       "minimum sunny load", "Lowest demand of the zone in sunny quarter-hours."),
    _q("pv_peak_kw", "power", "hoogste zonnevermogen|puissance solaire maximale|peak PV power",
       "Highest quarter-hour of all roofs of the zone together."),
    _q("yield_demand_ratio", "ratio", "opbrengst tegenover verbruik|production sur consommation|"
       "yield to demand", "Annual yield divided by annual consumption."),
    _q("june_supply_kw", "day_power", "juni, opbrengst|juin, production|June supply",
       "Production on the mean June day, 96 quarter-hours of local time."),
    _q("june_demand_kw", "day_power", "juni, vraag|juin, demande|June demand",
       "Demand on the mean June day."),
    _q("december_supply_kw", "day_power", "december, opbrengst|décembre, production|"
       "December supply", "Production on the mean December day."),
    _q("december_demand_kw", "day_power", "december, vraag|décembre, demande|December demand",
       "Demand on the mean December day."),
    _q("shared_kwh_optimal", "energy", "gedeeld, best|partagé, optimum|shared, optimal",
       "Energy a group shares per year under the best key."),
    _q("shared_kwh_key", "energy", "gedeeld, sleutel|partagé, clé|shared, by key",
       "Energy a group shares per year under the key of the rule set."),
    _q("self_consumption_before", "share", "zelfverbruik voor|autoconsommation avant|"
       "self-consumption before", "Self-consumption of a group's members without sharing."),
    _q("self_consumption_after", "share", "zelfverbruik na|autoconsommation après|"
       "self-consumption after", "Self-consumption of a group with sharing."),
    _q("self_sufficiency_before", "share", "zelfvoorziening voor|autosuffisance avant|"
       "self-sufficiency before", "Self-sufficiency of a group's members without sharing."),
    _q("self_sufficiency_after", "share", "zelfvoorziening na|autosuffisance après|"
       "self-sufficiency after", "Self-sufficiency of a group with sharing."),
    _q("perimeter", "text", "deelgebied|périmètre|perimeter", "Who may share with whom."),
    _q("members", "texts", "deelnemers|membres|members", "Buildings in a sharing group."),
)  # fmt: skip

_ZONES = (
    _q("pv_headroom_low_kw", "power", "ruimte op het net, laag|marge du réseau, bas|"
       "grid headroom, low", "Low end of the headroom range."),
    _q("pv_headroom_kw", "power", "ruimte op het net|marge du réseau|grid headroom",
       "Room for more solar power on the low-voltage cabins: a thermal and energy proxy, "
       "not a hosting capacity; read it with its low and high."),
    _q("pv_headroom_high_kw", "power", "ruimte op het net, hoog|marge du réseau, haut|"
       "grid headroom, high", "High end of the headroom range."),
    _q("headroom_ratio", "ratio", "injectie tegenover ruimte|injection sur marge|"
       "injection to headroom", "Peak injection of the full potential divided by the headroom."),
    _q("heritage_share", "share", "erfgoeddaken|toitures patrimoniales|heritage share",
       "Share of the capacity on protected or inventoried buildings."),
    _q("survey_mismatch_share", "share", "niet in de hoogtemeting|hors relevé|survey mismatch",
       "Share of the footprint area of buildings that the height survey does not show."),
    _q("zone_class", "text", "klasse|classe|class", "One of the six zone classes."),
    _q("confidence", "share", "zekerheid|certitude|confidence",
       "Probability of the zone's class when the uncertain inputs vary within their ranges."),
    _q("class_probabilities", "record", "kans per klasse|probabilité par classe|"
       "class probabilities", "Probability of each of the six classes; they add up to 1."),
    _q("indicators", "record", "cijfers|chiffres|figures", "Figures of a zone by name."),
    _q("bottlenecks", "records", "knelpunten|goulets|bottlenecks", "Rules that warn here."),
    _q("opportunities", "records", "kansen|opportunités|opportunities", "Rules that invite."),
    _q("flips", "records", "kantelpunten|points de bascule|flips",
       "Nearest changes of one figure that change the class."),
    _q("gaps", "texts", "ontbrekende data|données manquantes|data gaps",
       "Rows of the data matrix whose absence matters to this zone."),
    _q("actions", "texts", "acties|actions|actions", "Recommendations, best first."),
    _q("sentence", "record", "samenvatting|résumé|summary", "One sentence per language."),
    _q("published", "yes_no", "vraag gepubliceerd|demande publiée|demand published",
       "True when the privacy rule lets the zone's demand be shown."),
    _q("privacy_note", "text", "privacy|vie privée|privacy", "Why demand is not shown."),
)  # fmt: skip


def _register(*groups: Iterable[Quantity]) -> Mapping[str, Quantity]:
    return MappingProxyType({q.name: q for group in groups for q in group})


QUANTITIES: Mapping[str, Quantity] = _register(
    _IDENTITY, _ROOFS, _SUPPLY, _DEMAND, _BALANCE, _ZONES
)
"""All published quantities by name."""

INDICATORS: tuple[str, ...] = (
    "annual_yield_kwh",
    "annual_yield_low_kwh",
    "annual_yield_high_kwh",
    "consumption_kwh",
    "consumption_low_kwh",
    "consumption_high_kwh",
    "self_consumption",
    "self_sufficiency",
    "self_consumption_pooled",
    "self_sufficiency_pooled",
    "sharing_gain",
    "surplus_kwh",
    "residual_kwh",
    "surplus_share",
    "peak_injection_kw",
    "peak_offtake_kw",
    "pv_headroom_low_kw",
    "pv_headroom_kw",
    "pv_headroom_high_kw",
    "headroom_ratio",
    "capacity_kwp",
    "existing_kwp",
    "existing_low_kwp",
    "existing_high_kwp",
    "existing_annual_yield_kwh",
    "additional_kwp",
    "used_share",
    "roof_area_m2",
    "usable_share",
    "mean_irradiation_kwh_m2",
    "buildings",
    "dwellings",
    "connections",
    "apartment_share",
    "heritage_share",
    "estimated_demand_share",
    "survey_mismatch_share",
    "yield_demand_ratio",
    "site_capacity_kwp",
    "site_yield_kwh",
    "site_yield_low_kwh",
    "site_yield_high_kwh",
)
"""Names of the figures of a zone: the fields of ``indicators`` in ``zones.parquet``."""


def quantity(name: str) -> Quantity:
    """
    Return one quantity of the register.

    Raises
    ------
    UnknownQuantityError
        If the register does not hold `name`.
    """
    found = QUANTITIES.get(name)
    if found is None:
        raise UnknownQuantityError(
            name,
            "a name that is not in the register",
            "a published quantity",
            "see docs/glossary.md for all names",
        )
    return found


def interval_of(name: str) -> tuple[str, str] | None:
    """
    Return the names of the low and high end of an indicator, or None when it has no interval.

    Examples
    --------
    >>> interval_of("annual_yield_kwh")
    ('annual_yield_low_kwh', 'annual_yield_high_kwh')
    >>> interval_of("buildings") is None
    True
    """
    stem, _, unit = name.rpartition("_")
    low, high = f"{stem}_low_{unit}", f"{stem}_high_{unit}"
    return (low, high) if low in QUANTITIES and high in QUANTITIES else None
