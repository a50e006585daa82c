"""True electricity demand of every building in the embedded town, and what gets published of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from zonnekaart.pipelines.town.archetypes import Draft

YEAR = 2024
"""Year of the published consumption."""

SUPPRESSED_BELOW = 5
"""A cell with fewer connections is published as "< 5" and without energy."""

MEDIAN_KWH = {"terrace": 3000.0, "semi": 3600.0, "villa": 4600.0, "site": 4200.0}
"""Median yearly demand of one dwelling; the Flemish reference household is 3 500 kWh. [kWh]"""

FLAT_MEDIAN_KWH = 2150.0
HEAT_PUMP_KWH = 2000.0
"""What heat pumps add to the median demand of a flat: 6 MWh of heat at a factor of 3. [kWh]"""

SPREAD = 0.42
"""Standard deviation of the logarithm of a dwelling's demand. [-]"""

SHOP_KWH_M2 = 160.0
"""Median yearly demand of a small shop: between those up to 250 m2 with cooling, 232, and without,
105 (CBS 83374ENG, Netherlands, 2012). [kWh/m2]"""

COMMON_KWH_DWELLING = 320.0
"""Lift, light and ventilation of flats, per dwelling. [kWh]"""

PV_KWH_KWP = 930.0
"""Yearly yield of the panels that are there. [kWh/kWp]"""

SELF_USED_HOME = 0.32
SELF_USED_FIRM = 0.72
PV_SHARE = {"terrace": 0.16, "semi": 0.3, "villa": 0.38}
"""Share of homes with panels, by kind. [-]"""

UNKNOWN_PV_SHARE = 0.07
"""Share of buildings of which the register does not say whether there are panels. [-]"""


@dataclass(frozen=True)
class Use:
    """Energy of one building. [kWh, kWp]."""

    residential_kwh: float
    non_residential_kwh: float
    residential_connections: int
    non_residential_connections: int
    existing_kwp: float
    self_used_kwh: float


def use_of(draft: Draft, rng: np.random.Generator) -> Use:
    """
    Throw the dice for one building.

    Parameters
    ----------
    draft : Draft
        The building.
    rng : numpy Generator
        The dice.
    """
    median = FLAT_MEDIAN_KWH if draft.use == "apartments" else MEDIAN_KWH.get(draft.kind, 0.0)
    median += HEAT_PUMP_KWH * draft.electric_heat
    residential = 0.0
    if draft.dwellings:
        residential = float(rng.lognormal(np.log(median), SPREAD, draft.dwellings).sum())
    other, connections = _other_use(draft, rng)
    panels = _panels(draft, rng)
    share = SELF_USED_FIRM if other > residential else SELF_USED_HOME
    used = min(share * panels * PV_KWH_KWP, 0.6 * (residential + other))
    return Use(
        round(residential, 1), round(other, 1), draft.dwellings, connections, panels, round(used, 1)
    )


def _other_use(draft: Draft, rng: np.random.Generator) -> tuple[float, int]:
    """Return what is not household use, and its connections."""
    if draft.demand_kwh is not None:
        return float(draft.demand_kwh), 1
    if draft.use == "apartments":
        return COMMON_KWH_DWELLING * draft.dwellings, 1
    if draft.shop_m2 > 0.0:
        return float(draft.shop_m2 * rng.lognormal(np.log(SHOP_KWH_M2), 0.5)), 1
    return 0.0, 0


def _panels(draft: Draft, rng: np.random.Generator) -> float:
    """Return the panels that stand on the roof, known to the register or not. [kWp]."""
    if draft.existing_kwp is not None:
        return draft.existing_kwp
    if draft.heritage != "none" or rng.random() >= PV_SHARE.get(draft.kind, 0.0):
        return 0.0
    return round(float(np.clip(rng.normal(5.2, 1.6), 2.0, 10.0)), 1)


def published(truth: pd.DataFrame) -> pd.DataFrame:
    """
    Return the consumption table per sector as a grid operator would publish it.

    Parameters
    ----------
    truth : DataFrame
        One row per building: ``area_id``, ``residential_kwh``, ``non_residential_kwh``,
        ``residential_connections``, ``non_residential_connections``, ``self_used_kwh``.

    Returns
    -------
    DataFrame
        ``area_id, year, category, consumption_kwh, connections`` as text, ready to write.
        What a building takes from its own panels never passes the meter: the figures are net
        of it. A cell with fewer than five connections has no figure.
    """
    rows = []
    for area_id, part in truth.groupby("area_id", sort=True):
        net = _net(part)
        for category in ("residential", "non_residential"):
            connections = int(part[f"{category}_connections"].sum())
            small = 0 < connections < SUPPRESSED_BELOW
            rows.append(
                {
                    "area_id": area_id,
                    "year": str(YEAR),
                    "category": category,
                    "consumption_kwh": "" if small else f"{net[category].sum():.1f}",
                    "connections": f"< {SUPPRESSED_BELOW}" if small else str(connections),
                }
            )
    return pd.DataFrame(rows)


def installed(truth: pd.DataFrame) -> pd.DataFrame:
    """
    Return the table of installed panels per sector as a grid operator would publish it.

    Parameters
    ----------
    truth : DataFrame
        One row per building: ``area_id``, ``use``, ``existing_kwp``.

    Returns
    -------
    DataFrame
        ``area_id, category, installed_kwp, installations`` as text, ready to write. A cell with
        one to four installations has no figure.
    """
    home = truth["use"].isin(("residential", "apartments"))
    category = home.map({True: "residential", False: "non_residential"})
    rows = []
    for (area_id, name), part in truth.groupby([truth["area_id"], category], sort=True):
        count = int((part["existing_kwp"] > 0.0).sum())
        small = 0 < count < SUPPRESSED_BELOW
        rows.append(
            {
                "area_id": area_id,
                "category": name,
                "installed_kwp": "" if small else f"{part['existing_kwp'].sum():.2f}",
                "installations": f"< {SUPPRESSED_BELOW}" if small else str(count),
            }
        )
    return pd.DataFrame(rows)


def _net(part: pd.DataFrame) -> pd.DataFrame:
    """Take own use of panels from both demands of a building, by their shares."""
    home, other = part["residential_kwh"], part["non_residential_kwh"]
    total = (home + other).where(home + other > 0.0, 1.0)
    return pd.DataFrame(
        {
            "residential": home - part["self_used_kwh"] * home / total,
            "non_residential": other - part["self_used_kwh"] * other / total,
        }
    )
