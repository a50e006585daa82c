from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from zonnekaart.pipelines.town.archetypes import Draft
from zonnekaart.pipelines.town.buildings import Box, Shape
from zonnekaart.pipelines.town.consumption import SPREAD, published, use_of
from zonnekaart.pipelines.town.plan import Frame


def house(kind: str = "terrace", use: str = "residential") -> Draft:
    shape = Shape(Frame(0.0, 0.0, 0.0))
    shape.flat(Box(0.0, 6.0, 0.0, 10.0), 6.0)
    return Draft(shape, kind, use, 1, 120.0, 1950)


def test_homes_spread_around_their_median() -> None:
    rng = np.random.default_rng(4)
    drawn = np.array([use_of(house(), rng).residential_kwh for _ in range(3000)])
    assert np.median(drawn) == pytest.approx(3000.0, rel=0.04)
    assert np.log(drawn).std() == pytest.approx(SPREAD, rel=0.06)


def test_site_keeps_the_demand_of_the_plan() -> None:
    draft = dataclasses.replace(house("site", "school"), dwellings=0, demand_kwh=48000.0)
    use = use_of(draft, np.random.default_rng(0))
    assert (use.residential_kwh, use.non_residential_kwh) == (0.0, 48000.0)
    assert (use.residential_connections, use.non_residential_connections) == (0, 1)


def test_shed_uses_nothing_and_has_no_connection() -> None:
    draft = dataclasses.replace(house("shed", "annex"), dwellings=0)
    use = use_of(draft, np.random.default_rng(0))
    assert use.residential_kwh == use.non_residential_kwh == use.existing_kwp == 0.0
    assert use.residential_connections == use.non_residential_connections == 0


def test_heritage_homes_have_no_panels() -> None:
    rng = np.random.default_rng(0)
    draft = dataclasses.replace(house("villa"), heritage="inventory")
    assert {use_of(draft, rng).existing_kwp for _ in range(50)} == {0.0}


def truth(connections: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_id": ["A", "A", "B"],
            "residential_kwh": [3000.0, 5000.0, 4000.0],
            "non_residential_kwh": [0.0, 5000.0, 0.0],
            "residential_connections": [10, 10, 20],
            "non_residential_connections": [0, connections, 0],
            "self_used_kwh": [0.0, 1000.0, 500.0],
        }
    )


def test_published_cells_are_net_of_own_panels() -> None:
    table = published(truth(6)).set_index(["area_id", "category"])["consumption_kwh"]
    assert table["A", "residential"] == "7500.0"
    assert table["A", "non_residential"] == "4500.0"
    assert table["B", "residential"] == "3500.0"
    assert table["B", "non_residential"] == "0.0"


def test_cell_with_few_connections_has_no_figure() -> None:
    table = published(truth(4)).set_index(["area_id", "category"])
    assert table.loc[("A", "non_residential"), "consumption_kwh"] == ""
    assert table.loc[("A", "non_residential"), "connections"] == "< 5"
    assert table.loc[("A", "residential"), "consumption_kwh"] == "7500.0"
