"""Quantities of constraints: heritage items, owners, roofs, duties and social figures."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

CONSTRAINTS = (
    row("heritage_id", "text", "id erfgoed|id patrimoine|heritage id",
        "Identifier of the heritage item that gives a building its status."),
    row("heritage_name", "text", "naam erfgoed|nom du patrimoine|heritage name",
        "Name of the heritage item that gives a building its status; empty without one."),
    row("public_roof_share", "share", "publieke daken|toitures publiques|public roofs",
        "Share of the capacity on buildings of public bodies, where the owner is known."),
    row("social_housing_share", "share", "sociale huisvesting|logement social|social housing",
        "Share of the capacity on buildings of social housing companies, where the owner is "
        "known."),
    row("vme_share", "share", "daken van verenigingen|toitures d’associations|"
        "roofs of associations",
        "Share of the capacity on buildings of associations, such as those of co-owners (VME), "
        "where the owner is known."),
    row("asbestos_share", "share", "asbestdaken|toitures en amiante|asbestos roofs",
        "Share of the capacity on roofs with asbestos, over the roofs where somebody looked."),
    row("old_roof_share", "share", "oude daken|vieilles toitures|old roofs",
        "Share of the capacity on roofs laid before the year that the project calls old, where "
        "the year is known."),
    row("obliged_public_capacity_kwp", "peak", "plicht publieke daken|obligation publique|"
        "public duty",
        "Power that the duty of public bodies asks of their roofs in the zone if every connection "
        "lies above the threshold; from owner and roof area only."),
    row("obliged_capacity_kwp", "peak", "verplicht vermogen|puissance obligatoire|"
        "obliged capacity",
        "Power that duties probably ask of the zone's large users, rounded; unknown unless enough "
        "of them stand behind it."),
    row("median_income_eur", "money", "mediaan inkomen|revenu médian|median income",
        "Median income of the zone's areas, a mean weighted by dwellings."),
    row("protected_customers_share", "share", "beschermde klanten|clients protégés|"
        "protected customers",
        "Share of protected customers in the zone's areas, a mean weighted by dwellings."),
    row("energy_poverty_share", "share", "energiearmoede|précarité énergétique|energy poverty",
        "Share of households in energy poverty in the zone's areas, a mean weighted by "
        "dwellings."),
)  # fmt: skip

CONSTRAINT_INDICATORS = (
    "public_roof_share",
    "social_housing_share",
    "vme_share",
    "asbestos_share",
    "old_roof_share",
    "obliged_public_capacity_kwp",
    "obliged_capacity_kwp",
    "median_income_eur",
    "protected_customers_share",
    "energy_poverty_share",
)
"""Figures of a zone that come from constraints."""
