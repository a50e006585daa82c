"""Quantities of what panels cost and bring, per zone and owner type."""

from __future__ import annotations

from zonnekaart.quantities.kinds import row

ECONOMICS = (
    row("owner_type", "text", "soort eigenaar|type de propriétaire|owner type",
        "home, flat, tenant, firm, school, public, or unknown."),
    row("sizing", "text", "maat|dimensionnement|sizing",
        "roof: all that fits; demand: the best planes of each roof, as far as they yield what its "
        "building uses in a year."),
    row("investment_low_eur", "money", "investering, laag|investissement, bas|investment, low",
        "Low end of the investment."),
    row("investment_eur", "money", "investering|investissement|investment",
        "What new panels cost, by the tariff of the owner type and the size of each roof."),
    row("investment_high_eur", "money", "investering, hoog|investissement, haut|"
        "investment, high", "High end of the investment."),
    row("saved_kwh", "energy", "zelf gebruikt|autoconsommé|used on site",
        "Yield used in the building as it happens: offtake that is saved."),
    row("injected_kwh", "energy", "geïnjecteerd|injecté|fed in",
        "Yield that goes into the network."),
    row("yearly_benefit_low_eur", "balance_of_money", "voordeel per jaar, laag|"
        "avantage annuel, bas|yearly benefit, low", "Low end of the yearly benefit."),
    row("yearly_benefit_eur", "balance_of_money", "voordeel per jaar|avantage annuel|"
        "yearly benefit",
        "Offtake saved and injection paid in the first year, less upkeep."),
    row("yearly_benefit_high_eur", "balance_of_money", "voordeel per jaar, hoog|"
        "avantage annuel, haut|yearly benefit, high", "High end of the yearly benefit."),
    row("payback_low_years", "years", "terugverdientijd, laag|temps de retour, bas|"
        "payback, low", "Low end of the payback: cheap panels, dear power, a sunny year."),
    row("payback_years", "years", "terugverdientijd|temps de retour|payback",
        "Investment divided by the yearly benefit, without interest."),
    row("payback_high_years", "years", "terugverdientijd, hoog|temps de retour, haut|"
        "payback, high", "High end of the payback; unknown when nothing is earned."),
    row("net_present_value_eur", "balance_of_money", "netto contante waarde|"
        "valeur actuelle nette|net present value",
        "Value today of all costs and benefits over the lifetime, at the stated discount rate."),
    row("tariff_ids", "texts", "tarieven|tarifs|tariffs", "Tariffs that the figures rest on."),
    row("tariff_from", "text", "tarief van|tarif de|tariff of",
        "Year of the oldest of these tariffs."),
    row("owner_assumed", "yes_no", "eigenaar aangenomen|propriétaire supposé|owner assumed",
        "True when homes without a known owner count as lived in by their owner."),
    row("reason", "text", "reden|raison|reason", "Why a figure is absent."),
)  # fmt: skip
