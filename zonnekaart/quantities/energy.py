"""Quantities of demand, of the balance and of sharing."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

DEMAND = (
    row("consumption_kwh", "energy", "verbruik|consommation|consumption",
        "Electricity used per year, own solar use included where that is known."),
    row("consumption_low_kwh", "energy", "verbruik, laag|consommation, bas|consumption, low",
        "Low end of the consumption interval."),
    row("consumption_high_kwh", "energy", "verbruik, hoog|consommation, haut|consumption, high",
        "High end of the consumption interval."),
    row("residential_kwh", "energy", "verbruik woningen|consommation résidentielle|"
        "residential consumption", "Part of the consumption used in dwellings."),
    row("non_residential_kwh", "energy", "verbruik niet-woningen|consommation non résidentielle|"
        "non-residential consumption", "Part of the consumption used outside dwellings."),
    row("published_kwh", "energy", "gepubliceerd verbruik|consommation publiée|"
        "published consumption", "Total that the operator published; unknown when suppressed."),
    row("spread_kwh", "energy", "gespreid verbruik|consommation répartie|spread consumption",
        "Part of a published total that was spread over buildings."),
    row("residual_kwh", "energy", "tekort|déficit|residual demand",
        "Consumption that production does not cover as it happens: of the same building, or for a "
        "zone or group of any of its buildings."),
    row("covered_share", "share", "gedekt deel|part couverte|covered share",
        "Share of an area's building stock that lies inside the height raster."),
    row("category", "text", "categorie|catégorie|category", "residential or non_residential."),
    row("profile", "text", "profiel|profil|profile", "Key of the load profile that was used."),
    row("status", "text", "status|statut|status",
        "measured when the area's total is published, else estimated."),
    row("connections", "count", "aansluitingen|raccordements|connections",
        "Dwellings plus non-residential buildings, or the operator's count where given."),
    row("dwellings", "count", "woningen|logements|dwellings", "Number of dwellings."),
    row("buildings", "count", "gebouwen|bâtiments|buildings", "Number of buildings."),
    row("apartment_share", "share", "appartementen|appartements|apartments",
        "Share of the dwellings that are in apartment buildings."),
    row("estimated_demand_share", "share", "geschat verbruik|consommation estimée|"
        "estimated demand", "Share of the consumption that rests on no published total."),
    row("monthly_consumption_kwh", "monthly_energy", "verbruik per maand|consommation mensuelle|"
        "monthly consumption", "Consumption in each of the twelve months."),
)  # fmt: skip

BALANCE = (
    row("self_consumption", "share", "zelfverbruik|autoconsommation|self-consumption",
        "Production used in the same building in the same quarter-hour, divided by production."),
    row("self_sufficiency", "share", "zelfvoorziening|autosuffisance|self-sufficiency",
        "Production used in the same building as it happens, divided by consumption."),
    row("self_consumption_pooled", "share", "zelfverbruik gedeeld|autoconsommation partagée|"
        "pooled self-consumption", "Self-consumption of the zone as if everything were shared."),
    row("self_sufficiency_pooled", "share", "zelfvoorziening gedeeld|autosuffisance partagée|"
        "pooled self-sufficiency", "Self-sufficiency of the zone as if everything were shared."),
    row("sharing_gain", "gain", "winst door delen|gain du partage|gain from sharing",
        "Pooled self-consumption minus own self-consumption."),
    row("surplus_kwh", "energy", "overschot|surplus|surplus",
        "Production that is not used as it happens: in the same building, or for a zone or group "
        "in any of its buildings."),
    row("surplus_share", "share", "overschot na delen|surplus après partage|surplus after sharing",
        "Share of the production that the whole zone cannot use as it happens."),
    row("peak_injection_kw", "power", "hoogste injectie|injection maximale|peak injection",
        "Highest quarter-hour of the zone's production minus its demand."),
    row("peak_offtake_kw", "power", "hoogste afname|prélèvement maximal|peak offtake",
        "Highest quarter-hour of the zone's demand minus its production."),
    row("min_load_sunny_kw", "power", "laagste vraag bij zon|charge minimale au soleil|"
        "minimum sunny load", "Lowest demand of the zone in sunny quarter-hours."),
    row("pv_peak_kw", "power", "hoogste zonnevermogen|puissance solaire maximale|peak PV power",
        "Highest quarter-hour of all roofs of the zone together."),
    row("yield_demand_ratio", "ratio", "opbrengst tegenover verbruik|production sur consommation|"
        "yield to demand", "Annual yield divided by annual consumption."),
    row("june_supply_kw", "day_power", "juni, opbrengst|juin, production|June supply",
        "Production on the mean June day, 96 quarter-hours of local time."),
    row("june_demand_kw", "day_power", "juni, vraag|juin, demande|June demand",
        "Demand on the mean June day."),
    row("december_supply_kw", "day_power", "december, opbrengst|décembre, production|"
        "December supply", "Production on the mean December day."),
    row("december_demand_kw", "day_power", "december, vraag|décembre, demande|December demand",
        "Demand on the mean December day."),
    row("shared_kwh_optimal", "energy", "gedeeld, best|partagé, optimum|shared, optimal",
        "Energy a group shares per year under the best key."),
    row("shared_kwh_key", "energy", "gedeeld, sleutel|partagé, clé|shared, by key",
        "Energy a group shares per year under the key of the rule set."),
    row("self_consumption_before", "share", "zelfverbruik voor|autoconsommation avant|"
        "self-consumption before", "Self-consumption of a group's members without sharing."),
    row("self_consumption_after", "share", "zelfverbruik na|autoconsommation après|"
        "self-consumption after", "Self-consumption of a group with sharing."),
    row("self_sufficiency_before", "share", "zelfvoorziening voor|autosuffisance avant|"
        "self-sufficiency before", "Self-sufficiency of a group's members without sharing."),
    row("self_sufficiency_after", "share", "zelfvoorziening na|autosuffisance après|"
        "self-sufficiency after", "Self-sufficiency of a group with sharing."),
    row("perimeter", "text", "deelgebied|périmètre|perimeter", "Who may share with whom."),
    row("rank", "count", "rang|rang|rank", "Place of a proposal among all, 1 = first."),
    row("under_rules", "yes_no", "binnen de regels|dans les règles|within the rules",
        "Whether the proposal's perimeter follows the sharing rule; false where it would need "
        "another rule."),
    row("link_id", "text", "verbinding|lien|link",
        "Line between two buildings of one sharing proposal."),
    row("members", "texts", "deelnemers|membres|members", "Buildings in a sharing group."),
)  # fmt: skip
