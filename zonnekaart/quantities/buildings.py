"""Quantities of buildings, roof planes and what they could yield."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

IDENTITY = (
    row("building_id", "text", "gebouw|bâtiment|building", "Identifier of one building."),
    row("plane_id", "text", "dakvlak|pan de toiture|roof plane", "Identifier of one roof plane."),
    row("panel_id", "text", "paneel|panneau|panel", "Identifier of one panel on a roof plane."),
    row("zone_id", "text", "zone|zone|zone", "Identifier of one policy zone."),
    row("area_id", "text", "gebied|secteur|area", "Area that a consumption figure speaks of."),
    row("group_id", "text", "deelgroep|groupe de partage|sharing group", "One sharing group."),
    row("rule_id", "text", "regel|règle|rule", "Identifier of one rule in a rule file."),
    row(
        "site_id",
        "text",
        "terrein|site|site",
        "Identifier of one place for panels that is no roof.",
    ),
    row("unit_id", "text", "eenheid|unité|unit", "Building or zone that a balance row is about."),
    row("name", "text", "naam|nom|name", "Name of a zone as people use it."),
    row(
        "kind",
        "text",
        "soort|type|kind",
        "Of a zone: area, cell, street_segment, block, cabin_area or own_zone; of a site: "
        "parking, ground, noise_barrier or water.",
    ),
    row("geometry", "shape", "vorm|géométrie|shape", "Polygon in the project CRS."),
    row("flags", "texts", "aandachtspunten|remarques|flags", "Known doubts about one row."),
    row(
        "use",
        "text",
        "gebruik|affectation|use",
        "Use of a building: residential, apartments, commercial, industry, school, public, "
        "church, annex or unknown.",
    ),
    row(
        "heritage",
        "text",
        "erfgoed|patrimoine|heritage",
        "world_heritage, protected, conservation_area, inventory, none or unknown.",
    ),
    row(
        "owner",
        "text",
        "eigenaar|propriétaire|owner",
        "private, company, public, social_housing, association or unknown.",
    ),
)

ROOFS = (
    row("tilt_deg", "tilt", "helling|inclinaison|tilt", "Angle of a roof plane with the horizon."),
    row(
        "azimuth_deg",
        "azimuth",
        "oriëntatie|orientation|azimuth",
        "Direction a roof plane faces, 0 = north, clockwise; unknown where the roof is flat.",
    ),
    row("module_tilt_deg", "tilt", "helling paneel|inclinaison du module|module tilt", "Tilt of "
        "the panels; differs from the roof on racks."),
    row("module_azimuth_deg", "azimuth", "oriëntatie paneel|orientation du module|module azimuth",
        "Direction the panels face, 0 = north, clockwise."),
    row("mounting", "text", "opstelling|montage|mounting", "flush, rack_south, "
        "rack_east_west or unknown."),
    row("roof_area_m2", "area", "dakoppervlakte|surface de toiture|roof area", "Sloped surface."),
    row("footprint_area_m2", "area", "grondvlak|emprise au sol|footprint area",
        "Horizontal projection of a building."),
    row("floor_area_m2", "area", "vloeroppervlakte|surface de plancher|floor area",
        "Floors of a building together."),
    row("usable_area_m2", "area", "bruikbaar dak|toiture utilisable|usable roof area",
        "Panel area to expect on the roofs where the preset allows panels."),
    row("panels", "count", "panelen|panneaux|panels",
        "Whole modules that fit by the heights; unknown when the preset takes a share of the "
        "area."),
    row("module_kwp", "peak", "vermogen paneel|puissance du module|module power",
        "DC nameplate of one panel."),
    row("height_m", "length", "hoogte|hauteur|height", "Height of a building above its ground."),
    row("annual_irradiation_kwh_m2", "irradiation", "instraling per jaar|irradiation annuelle|"
        "annual irradiation", "Sun energy per year per m2 of sloped surface, shade included."),
    row("monthly_irradiation_kwh_m2", "monthly_irradiation", "instraling per maand|"
        "irradiation mensuelle|monthly irradiation", "The same for each of the twelve months."),
    row("horizon_deg", "horizon", "horizon|horizon|horizon",
        "Elevation of what stands around a plane in 64 directions, from north, clockwise."),
    row("sky_view_factor", "share", "zicht op de hemel|vue du ciel|sky view factor",
        "Share of the sky that a plane sees."),
    row("suitability", "text", "geschiktheid|aptitude|suitability",
        "ideal, usable, limited or unsuitable under the preset."),
    row("survey_mismatch", "yes_no", "wijkt af van hoogtemeting|discordance du relevé|"
        "survey mismatch", "True when the height survey does not show this building."),
)  # fmt: skip

SUPPLY = (
    row("annual_yield_kwh", "energy", "opbrengst|production|yield",
        "AC electricity per year when the full potential stands on the roofs."),
    row("annual_yield_low_kwh", "energy", "opbrengst, laag|production, bas|yield, low",
        "Low end of the yield interval."),
    row("annual_yield_high_kwh", "energy", "opbrengst, hoog|production, haut|yield, high",
        "High end of the yield interval."),
    row("capacity_kwp", "peak", "mogelijk vermogen|puissance possible|potential capacity",
        "DC nameplate to expect on the roofs under the preset, existing panels included."),
    row("existing_kwp", "peak", "bestaande panelen|panneaux existants|existing panels",
        "DC nameplate that stands there already, known or estimated from a total for the area; for "
        "a zone a lower bound, and unknown when less than four fifths of its roofs is known."),
    row("existing_low_kwp", "peak", "bestaande panelen, laag|panneaux existants, bas|"
        "existing panels, low", "Low end of the existing panels: what a published total for a "
        "larger area leaves open when it is spread over roofs."),
    row("existing_high_kwp", "peak", "bestaande panelen, hoog|panneaux existants, haut|"
        "existing panels, high", "High end of the existing panels."),
    row("existing_annual_yield_kwh", "energy", "opbrengst bestaande panelen|"
        "production des panneaux existants|yield of existing panels",
        "Estimated AC electricity per year of the existing panels, at the yield per kWp of their "
        "roofs."),
    row("additional_kwp", "peak", "nog te plaatsen|puissance restante|additional capacity",
        "Capacity minus existing panels, at least 0; unknown where either is."),
    row("used_share", "share", "benut dak|toiture exploitée|used share",
        "Existing panels divided by capacity, over the roofs where they are known."),
    row("production_kwh", "energy", "opbrengst per kwartier|production par quart d'heure|"
        "production per quarter-hour", "AC electricity in one quarter-hour of the year."),
    row("interval_start_utc", "text", "begin van het interval|début de l'intervalle|"
        "start of the interval", "Time in UTC at which a quarter-hour begins."),
    row("usable_share", "share", "bruikbaar dakdeel|part utilisable|usable share",
        "Usable roof area divided by roof area."),
    row("mean_irradiation_kwh_m2", "irradiation", "gemiddelde instraling|irradiation moyenne|"
        "mean irradiation", "Annual irradiation of the zone's planes, weighted by roof area."),
    row("site_area_m2", "area", "oppervlakte terrein|surface du site|site area",
        "Ground of a site without buildings, or the face of a wall where panels fit."),
    row("obstructed_share", "share", "belemmerd deel|part encombrée|obstructed share",
        "Share of a site where trees, masts or other things stand higher than panels would."),
    row("site_capacity_kwp", "peak", "mogelijk vermogen, terreinen|puissance possible, sites|"
        "potential capacity, sites", "DC nameplate that fits on a zone's car parks, ground, water "
        "and noise barriers, of the kinds that were given; not part of the roofs' capacity."),
    row("site_yield_kwh", "energy", "opbrengst, terreinen|production, sites|yield, sites",
        "AC electricity per year of a zone's sites; not part of the roofs' yield."),
    row("site_yield_low_kwh", "energy", "opbrengst terreinen, laag|production sites, bas|"
        "yield, sites, low", "Low end of the sites' yield."),
    row("site_yield_high_kwh", "energy", "opbrengst terreinen, hoog|production sites, haut|"
        "yield, sites, high", "High end of the sites' yield."),
    row("monthly_yield_kwh", "monthly_energy", "opbrengst per maand|production mensuelle|"
        "monthly yield", "Yield in each of the twelve months."),
)  # fmt: skip
