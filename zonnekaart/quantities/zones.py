"""Quantities of zones, the six classes, and which figures are indicators."""

from __future__ import annotations

from zonnekaart.quantities.constraints import CONSTRAINT_INDICATORS
from zonnekaart.quantities.kinds import row

ZONE_CLASSES = ("eigen_gebruik", "delen", "overschot", "vraag", "toets", "onbekend")
"""Names of the six zone classes, in the order in which they are shown."""

ZONE_KINDS = ("area", "cell", "street_segment", "block", "cabin_area", "own_zone")
"""What a policy zone can be; rules may ask for some of them."""


ZONES = (
    row("pv_headroom_low_kw", "power", "ruimte op het net, laag|marge du réseau, bas|"
        "grid headroom, low", "Low end of the headroom range."),
    row("pv_headroom_kw", "power", "ruimte op het net|marge du réseau|grid headroom",
        "Room for more solar power on the low-voltage cabins: a thermal and energy proxy, "
        "not a hosting capacity; read it with its low and high."),
    row("pv_headroom_high_kw", "power", "ruimte op het net, hoog|marge du réseau, haut|"
        "grid headroom, high", "High end of the headroom range."),
    row("headroom_ratio", "ratio", "injectie tegenover ruimte|injection sur marge|"
        "injection to headroom", "Peak injection of the full potential divided by the headroom."),
    row("heritage_share", "share", "erfgoeddaken|toitures patrimoniales|heritage share",
        "Share of the capacity on protected, inventoried or conservation-area buildings."),
    row("survey_mismatch_share", "share", "niet in de hoogtemeting|hors relevé|survey mismatch",
        "Share of the footprint area of buildings that the height survey does not show."),
    row("zone_class", "text", "klasse|classe|class", "One of the six zone classes."),
    row("confidence", "share", "zekerheid|certitude|confidence",
        "Probability of the zone's class when the uncertain inputs vary within their ranges."),
    row("class_probabilities", "record", "kans per klasse|probabilité par classe|"
        "class probabilities", "Probability of each of the six classes; they add up to 1."),
    row("indicators", "record", "cijfers|chiffres|figures", "Figures of a zone by name."),
    row("bottlenecks", "records", "knelpunten|goulets|bottlenecks", "Rules that warn here."),
    row("opportunities", "records", "kansen|opportunités|opportunities", "Rules that invite."),
    row("flips", "records", "kantelpunten|points de bascule|flips",
        "Nearest changes of one figure that change the class."),
    row("gaps", "texts", "ontbrekende data|données manquantes|data gaps",
        "Rows of the data matrix whose absence matters to this zone."),
    row("gap_effects", "records", "winst van data|gain de données|gain from data",
        "Missing sources with how much surer the class would be if they were known."),
    row("actions", "texts", "acties|actions|actions", "Recommendations, best first."),
    row("action_effects", "records", "opbrengst van acties|effet des actions|effect of actions",
        "What each action could bring in a year: energy, money, CO2, doability, score."),
    row("certainty", "text", "zekerheid in een woord|certitude en un mot|certainty in a word",
        "How sure the class is called: sure, likely or doubt; null for an unknown class."),
    row("certainty_text", "record", "zekerheid in woorden|certitude en mots|certainty in words",
        "How sure the class is, one sentence per language."),
    row("sentence", "record", "samenvatting|résumé|summary", "One sentence per language."),
    row("computed_class", "text", "berekende klasse|classe calculée|computed class",
        "Class as the figures give it, before anything was set by hand."),
    row("overrides", "records", "met de hand gezet|fixé à la main|set by hand",
        "Classes and figures that a person set: what they replace, by whom, when and why."),
    row("published", "yes_no", "vraag gepubliceerd|demande publiée|demand published",
        "True when the privacy rule lets the zone's demand be shown."),
    row("privacy_note", "text", "privacy|vie privée|privacy", "Why demand is not shown."),
)  # fmt: skip

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
    "mv_headroom_kw",
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
    *CONSTRAINT_INDICATORS,
    "visible_capacity_share",
    "heritage_visible_share",
    "heritage_hidden_share",
)
"""Names of the figures of a zone: the fields of ``indicators`` in ``zones.parquet``."""
