"""What a group is worth and how hard it is to start: money as a range, doability with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zonnekaart.config import share_folder
from zonnekaart.io.sharing_money import (
    Doability,
    FactorId,
    SharingPrices,
    read_doability,
    read_sharing_prices,
)
from zonnekaart.pipelines.building_sharing import known_flats
from zonnekaart.pipelines.constraints import with_constraints
from zonnekaart.pipelines.quarters import known_numbers

if TYPE_CHECKING:
    import pandas as pd

    from zonnekaart.pipelines.quarters import Quarters
    from zonnekaart.pipelines.runs import StageContext

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PRICES_FOLDER, PRACTICE = "sharing_prices", "sharing_practice/doability.toml"
GRID_STUDY_KWP = 25.0
DONOR_SHARE = 0.01


@dataclass(frozen=True)
class Judge:
    """
    What values a group.

    Parameters
    ----------
    prices : SharingPrices or None
        None where no prices of the region are known.
    doability : Doability
        Factors.
    connections : ndarray of float64, shape (buildings, 2)
        Homes and others. [-]
    home_share : ndarray of float64, shape (buildings,)
        Share of homes in the consumption. [-]
    energy_kwh : ndarray of float64, shape (buildings,)
        Consumption. [kWh]
    several_homes, heritage, owner_known : ndarray of bool, shape (buildings,)
        Facts of the buildings.
    capacity_kwp : ndarray of float64, shape (buildings,)
        Room for panels. [kWp]
    """

    prices: SharingPrices | None
    doability: Doability
    connections: FloatArray
    home_share: FloatArray
    energy_kwh: FloatArray
    several_homes: npt.NDArray[np.bool_]
    capacity_kwp: FloatArray
    heritage: npt.NDArray[np.bool_]
    owner_known: npt.NDArray[np.bool_]


def judge_of(context: StageContext, quarters: Quarters) -> Judge:
    """Read prices and factors, and what they need to know of each building."""
    data = share_folder("data")
    buildings, loads = with_constraints(quarters.buildings, context.build), quarters.loads
    energy = np.nan_to_num(loads.energy_kwh)
    total = energy.sum(axis=1)
    homes = np.nan_to_num(known_flats(buildings))
    text = {name: _texts(buildings, name) for name in ("heritage", "owner")}
    return Judge(
        read_sharing_prices(data / PRICES_FOLDER, context.project.project.region),
        read_doability(data / PRACTICE),
        np.nan_to_num(loads.connections),
        np.divide(energy[:, 0], total, out=np.zeros(len(total)), where=total > 0),
        total,
        homes >= 2,
        np.nan_to_num(known_numbers(buildings, "capacity_kwp")),
        ~np.isin(text["heritage"], ("", "none", "unknown")),
        ~np.isin(text["owner"], ("", "unknown")),
    )


def _texts(frame: pd.DataFrame, name: str) -> npt.NDArray[np.str_]:
    if name not in frame:
        return np.full(len(frame), "", dtype=np.str_)
    return frame[name].fillna("").to_numpy(dtype=np.str_)


def value_of(
    members: IntArray, given: FloatArray, received: FloatArray, judge: Judge
) -> dict[str, Any]:
    """
    Value one group.

    Parameters
    ----------
    members : ndarray of int64, shape (members,)
        Positions of the buildings.
    given, received : ndarray of float64, shape (members,)
        Under the key. [kWh]
    judge : Judge
        Prices, factors and facts of the buildings.

    Returns
    -------
    dict
        Connections, share of the largest building, savings of households (NaN where no price is
        known), doability and its reasons.
    """
    donors = members[given > DONOR_SHARE * max(float(given.sum()), 1e-9)]
    meters = float(np.maximum(judge.connections[members].sum(axis=1), 1.0).sum())
    counts: dict[FactorId, float] = {
        "each_meter": max(meters - 2.0, 0.0),
        "many_owners": float(judge.several_homes[members].sum()),
        "legal_person": float(len(members) > 2),
        "grid_study": float((judge.capacity_kwp[donors] > GRID_STUDY_KWP).any()),
        "heritage": float(judge.heritage[donors].any()),
        "owner_unknown": float(not judge.owner_known[donors].all()),
    }
    score = float(np.prod([judge.doability.factor(name) ** n for name, n in counts.items()]))
    to_homes = float((received * judge.home_share[members]).sum())
    total = float(received.sum())
    energy = judge.energy_kwh[members]
    low, high = _money(to_homes, float(judge.connections[members, 0].sum()), judge.prices)
    return {
        "connections": meters,
        "largest_user_share": float(energy.max() / energy.sum()) if energy.sum() > 0 else np.nan,
        "received_by_homes_share": to_homes / total if total > 0 else np.nan,
        "household_savings_low_eur": low,
        "household_savings_high_eur": high,
        "doability": score,
        "doability_reasons": [judge.doability.reason(n) for n, times in counts.items() if times],
    }


def _money(to_homes_kwh: float, meters: float, prices: SharingPrices | None) -> tuple[float, float]:
    """Lowest and highest saving of the households in a year; NaN where no price is known."""
    known = None if prices is None else prices.of("household")
    if prices is None or known is None or not to_homes_kwh > 0:
        return np.nan, np.nan
    charge = prices.costs.operator_eur_meter_year * meters
    low, high = (to_homes_kwh * gain - charge for gain in known.gain_eur_kwh)
    return low, high
