"""Figures per zone from what stage constraints wrote per building."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.energy.obligations import shown_total_kwp
from zonnekaart.pipelines.constraint_layers import SOCIAL
from zonnekaart.quantities.constraints import CONSTRAINT_INDICATORS
from zonnekaart.zoning.indicators import known_share, sum_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.zoning.privacy import PrivacyRule

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

_OWNED_BY = {
    "public_roof_share": "public",
    "social_housing_share": "social_housing",
    "vme_share": "association",
}
_ON_ROOF = {"asbestos_share": "asbestos", "old_roof_share": "old_roof"}


def constraint_indicators(
    buildings: pd.DataFrame, zone: IntArray, zones: int, rule: PrivacyRule
) -> dict[str, FloatArray]:
    """
    Return what constraints say of each zone.

    Parameters
    ----------
    buildings : DataFrame
        With the columns of ``constraints.parquet`` where the stage has run.
    zone : ndarray of int64, shape (buildings,)
        Position of each building's zone; -1 for none.
    zones : int
        Number of zones.
    rule : PrivacyRule
        What a total of obliged buildings must satisfy.

    Returns
    -------
    dict of str to ndarray of float64, shape (zones,)
        `CONSTRAINT_INDICATORS`; NaN where too little is known.
    """
    capacity = _numbers(buildings, "capacity_kwp")
    owner = buildings["owner"].astype(object)
    known = (owner != "unknown").to_numpy(dtype=np.bool_)
    figures = {name: np.full(zones, np.nan) for name in CONSTRAINT_INDICATORS}
    for name, wanted in _OWNED_BY.items():
        flag = np.where(known, (owner == wanted).to_numpy(dtype=np.float64), np.nan)
        figures[name] = known_share(flag, capacity, zone, zones)
    for name, column in _ON_ROOF.items():
        figures[name] = known_share(_numbers(buildings, column), capacity, zone, zones)
    dwellings = _numbers(buildings, "dwellings")
    for name in SOCIAL:
        figures[name] = _weighted_mean(_numbers(buildings, name), dwellings, zone, zones)
    asked = np.where(known, _numbers(buildings, "public_duty_kwp"), np.nan)
    figures["obliged_public_capacity_kwp"] = sum_known(asked, zone, zones)
    figures["obliged_capacity_kwp"] = _obliged(buildings, zone, zones, rule)
    return figures


def _numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)


def _weighted_mean(
    values: FloatArray, weight: FloatArray, zone: IntArray, zones: int
) -> FloatArray:
    """Return the mean over the members with a value and a weight; NaN without any."""
    counts = ~np.isnan(values) & (weight > 0.0) & (zone >= 0)
    total = np.bincount(zone[counts], values[counts] * weight[counts], minlength=zones)
    whole = np.bincount(zone[counts], weight[counts], minlength=zones)
    mean: FloatArray = np.full(zones, np.nan)
    np.divide(total, whole, out=mean, where=whole > 0.0)
    return mean


def _obliged(buildings: pd.DataFrame, zone: IntArray, zones: int, rule: PrivacyRule) -> FloatArray:
    """Each obliged building is one large user: k of them must stand behind a total."""
    if "duty_candidate" not in buildings:
        return np.full(zones, np.nan)
    kwp = _numbers(buildings, "obliged_kwp")
    candidates = buildings["duty_candidate"].to_numpy(dtype=np.bool_)
    least = max(rule.k, rule.min_buildings)
    return np.array(
        [
            shown_total_kwp(kwp[zone == z], candidates[zone == z], least, rule.dominance)
            for z in range(zones)
        ],
        dtype=np.float64,
    )
