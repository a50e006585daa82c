"""Heritage items, roofs and social figures of the embedded town: generated, true of nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zonnekaart.pipelines.town.archetypes import Draft
    from zonnekaart.pipelines.town.plan import Plan

STATUS_WORDS = {"protected": "beschermd monument", "inventory": "vastgesteld"}
"""What the made-up register calls them; the project file says what the words mean."""

NAMES = {
    "church": "Kerk",
    "town-hall": "Gemeentehuis",
    "parish-hall": "Parochiezaal",
    "farm-house": "Hoeve",
    "presbytery": "Pastorie",
}
_GROUNDS_M = 6.0
"""Ground around a building that belongs to its item. [m]"""
_CEMENT_ROOFS = (1950, 1992)
"""Years of building in which roofs of cement with asbestos were laid."""
_ASBESTOS_SHARE = 0.2
_LOOKED_AT = 0.85
_RELAID_SHARE = 0.4
_THIS_YEAR = 2026


def heritage(drafts: Sequence[Draft]) -> tuple[dict[str, list[Any]], list[Any]]:
    """
    Return the heritage items: one around each site that the plan calls heritage.

    Parameters
    ----------
    drafts : sequence of Draft
        All buildings.

    Returns
    -------
    columns : dict
        ``heritage_id``, ``name``, ``status`` in the words of `STATUS_WORDS`.
    shapes : list of Polygon
        In town coordinates. [m]
    """
    sites = [d for d in drafts if d.site and d.heritage in STATUS_WORDS]
    return (
        {
            "heritage_id": [f"ZD-E{number:02d}" for number in range(1, len(sites) + 1)],
            "name": [NAMES.get(d.site, d.site) for d in sites],
            "status": [STATUS_WORDS[d.heritage] for d in sites],
        },
        [d.shape.footprint().buffer(_GROUNDS_M, join_style="mitre") for d in sites],
    )


def roof_state(drafts: Sequence[Draft], building_ids: Sequence[str]) -> pd.DataFrame:
    """
    Return a table of asbestos and roof years as inspections would leave it: with gaps.

    Parameters
    ----------
    drafts : sequence of Draft
        All buildings.
    building_ids : sequence of str
        Their ids.
    """
    rng = np.random.default_rng(1985)
    rows = []
    for draft, building_id in zip(drafts, building_ids, strict=True):
        cement, relaid, seen, age = rng.random(4)
        suspect = _CEMENT_ROOFS[0] <= draft.year <= _CEMENT_ROOFS[1]
        renewed = draft.year < 2000 and relaid < _RELAID_SHARE
        year = draft.year if not renewed else int(2000 + age * (_THIS_YEAR - 2000))
        asbestos = suspect and not renewed and cement < _ASBESTOS_SHARE
        looked = seen < _LOOKED_AT
        rows.append(
            {
                "building_id": building_id,
                "asbestos": ("yes" if asbestos else "no") if looked else "",
                "roof_year": str(year) if looked else "",
            }
        )
    return pd.DataFrame(rows)


def social(plan: Plan) -> pd.DataFrame:
    """
    Return income and energy poverty per sector, spread evenly over what occurs in Flanders.

    Parameters
    ----------
    plan : Plan
        The sectors.
    """
    sectors = [sector.area_id for sector in plan.sectors]
    place = np.random.default_rng(1302).permutation(len(sectors)) / max(len(sectors) - 1, 1)
    return pd.DataFrame(
        {
            "area_id": sectors,
            "median_income_eur": [f"{24000 + 12000 * p:.0f}" for p in place],
            "protected_customers_share": [f"{0.22 - 0.16 * p:.3f}" for p in place],
            "energy_poverty_share": [f"{0.26 - 0.18 * p:.3f}" for p in place],
        }
    )
