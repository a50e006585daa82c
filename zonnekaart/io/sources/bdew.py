"""Standard load profiles of BDEW 2025, through demandlib: a labelled stand-in for Synergrid's."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from demandlib import bdew

from zonnekaart.energy.profiles import LOCAL_ZONE, belgian_holidays, normalised

if TYPE_CHECKING:
    from zonnekaart.energy.profiles import QuarterHours

KEYS = ("h25", "g25", "l25")
"""Households, business, farms: rows of the array, in this order."""
TITLE = "BDEW Standardlastprofile 2025 (H25, G25, L25)"
LICENCE = "MIT (demandlib)"
ATTRIBUTION = "BDEW; demandlib 0.2.2, https://github.com/oemof/demandlib"
LIMITS = (
    "German behaviour on the Belgian calendar, in place of Synergrid's RLP0N and SLP; "
    "an average of many connections"
)
_CLASSES = {"h25": bdew.H25, "g25": bdew.G25, "l25": bdew.L25}


def read_bdew(clock: QuarterHours) -> npt.NDArray[np.float64]:
    """
    Return the profiles on the quarter-hours of a local year.

    Parameters
    ----------
    clock : QuarterHours
        Year, with its clock changes.

    Returns
    -------
    ndarray of float64, shape (3, time)
        Rows as `KEYS`; each sums to 1. [kWh/kWh]

    Notes
    -----
    demandlib gives mean power for about 1 GWh a year (H25 over 2021: 998 399 kWh), not energy for
    1 kWh, so each profile is scaled by its own sum. Days follow the clock of Belgium and its
    public holidays; working days, Saturdays and Sundays differ.
    """
    index = pd.date_range(
        f"{clock.year}-01-01",
        f"{clock.year + 1}-01-01",
        freq="15min",
        inclusive="left",
        tz=LOCAL_ZONE,
    )
    holidays = belgian_holidays(clock.year)
    rows = []
    for key in KEYS:
        with warnings.catch_warnings():
            # demandlib 0.2.2 still uses arguments that pandas 3.1 will drop.
            warnings.simplefilter("ignore", DeprecationWarning)
            values = _CLASSES[key](index, holidays=holidays)
        rows.append(normalised(values.to_numpy(dtype=np.float64), clock, key))
    return np.stack(rows)
