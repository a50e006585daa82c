from __future__ import annotations

import pytest

from zonnekaart.errors import PrivacyError
from zonnekaart.io.publishable import DEMAND_FIGURES, LAYERS, PUBLISHABLE, require_publishable
from zonnekaart.quantities import INDICATORS, QUANTITIES

OF_ONE_BUILDING = {
    "consumption_kwh",
    "residential_kwh",
    "non_residential_kwh",
    "self_consumption",
    "self_sufficiency",
    "surplus_kwh",
    "residual_kwh",
    "peak_injection_kw",
    "peak_offtake_kw",
    "connections",
    "profile",
    "monthly_consumption_kwh",
    "obligation_ids",
    "obliged_kwp",
    "duty_candidate",
}


@pytest.mark.parametrize("layer", ["buildings", "roof_planes", "supply_sites"])
def test_demand_of_a_building_is_on_no_list(layer):
    assert not OF_ONE_BUILDING & set(PUBLISHABLE[layer])
    assert not DEMAND_FIGURES & set(PUBLISHABLE[layer])


@pytest.mark.parametrize("layer", LAYERS)
def test_every_column_is_in_the_register(layer):
    assert set(PUBLISHABLE[layer]) <= set(QUANTITIES)


def test_every_figure_that_follows_from_demand_is_hidden_with_it():
    # What a zone still tells without demand: supply, stock, heights, rules on them.
    told = {
        "annual_yield_kwh",
        "annual_yield_low_kwh",
        "annual_yield_high_kwh",
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
        "survey_mismatch_share",
        "mv_headroom_kw",
        "site_capacity_kwp",
        "site_yield_kwh",
        "site_yield_low_kwh",
        "site_yield_high_kwh",
        "public_roof_share",
        "social_housing_share",
        "vme_share",
        "asbestos_share",
        "old_roof_share",
        "obliged_public_capacity_kwp",
        "median_income_eur",
        "protected_customers_share",
        "energy_poverty_share",
        "visible_capacity_share",
        "heritage_visible_share",
        "heritage_hidden_share",
    }
    assert set(INDICATORS) - told == DEMAND_FIGURES & set(INDICATORS)


def test_what_is_not_listed_is_refused():
    with pytest.raises(PrivacyError, match="consumption_kwh") as caught:
        require_publishable("buildings", ["building_id", "consumption_kwh"])
    assert caught.value.what == ["consumption_kwh"]
