"""Installed panels per area: our own table, and Fluvius' list of installations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from zonnekaart.errors import TableError
from zonnekaart.io.sources.consumption import listed, numbers, read_text_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from zonnekaart.io.pv_weights import PvWeights

LICENCE = "Open data license - FLUVIUS"
ATTRIBUTION = "Fluvius; name the date of last update when shown"

CATEGORIES = ("residential", "non_residential", "all")
_OWN = ("area_id", "installed_kwp", "installations")
_OPTIONAL = ("category", "dwellings")

_TYPE, _POWER, _PERIOD = "type", "geinstalleerd_productievermogen_kva", "boekjaar_periode"
_POSTCODE = "postcode"
_SOLAR = re.compile(r"photovolta|fotovolta|plug|zonne", re.IGNORECASE)

PLAUSIBLE_KWP = {"residential": (0.3, 30.0), "non_residential": (0.3, 2e3), "all": (0.3, 500.0)}
"""Mean panel power per installation, median over areas: a plug-in panel to rows of large roofs.
Own choice, wide enough to tell W, kW and MW apart and nothing finer. [kWp]"""
_FEW = 3
"""Areas with fewer installations may hold one solar park, and say nothing of the unit."""


@dataclass(frozen=True)
class InstalledTable:
    """
    Installed panels per area and category, and what was left out on the way.

    Parameters
    ----------
    rows : DataFrame
        ``area_id``, ``category``, ``installed_kwp`` with ``installed_low_kwp`` and
        ``installed_high_kwp``, ``installations``, ``dwellings``, ``missing_members``; one row per
        area and category; NaN is unknown.
    facts : dict
        For the manifest.
    """

    rows: pd.DataFrame
    facts: dict[str, Any] = field(default_factory=dict)


def read_installed(path: Path) -> InstalledTable:
    """
    Read a table of our own layout.

    Parameters
    ----------
    path : Path
        CSV, UTF-8, comma; columns ``area_id, installed_kwp, installations`` and, where known,
        ``category`` (residential, non_residential or all; all when the column is absent) and
        ``dwellings`` (in the whole area: tells which part of it the project covers).

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, a column is missing, a value is negative or no number, a row occurs
        twice, an area has both a total and parts, or the power per installation shows another
        unit than kWp.
    """
    raw = read_text_table(path, _OWN)
    nothing = pd.Series("", index=raw.index)
    kwp = numbers(raw["installed_kwp"], path, "installed_kwp")
    category = raw["category"].str.strip() if "category" in raw else nothing.replace("", "all")
    frame = pd.DataFrame(
        {
            "area_id": raw["area_id"].str.strip(),
            "category": category.replace("", "all"),
            "installed_kwp": kwp,
            "installed_low_kwp": kwp,
            "installed_high_kwp": kwp,
            "installations": numbers(raw["installations"], path, "installations"),
            "dwellings": numbers(raw.get("dwellings", nothing), path, "dwellings"),
            "missing_members": 0,
        }
    )
    _require_rows(frame, path)
    require_plausible_power(frame, str(path))
    return InstalledTable(frame, {"reader": "zonnekaart"})


def _require_rows(frame: pd.DataFrame, path: Path) -> None:
    wrong = sorted(set(frame["category"]) - set(CATEGORIES))
    if wrong:
        raise TableError(
            f"{path}: category", listed(wrong), " or ".join(CATEGORIES), "rename the categories"
        )
    twice = frame[frame.duplicated(["area_id", "category"], keep=False)]
    if len(twice):
        raise TableError(
            str(path),
            f"more than one row for {listed(twice['area_id'].unique())}",
            "one row per area and category",
            "remove the copies, or sum them when they are parts",
        )
    whole = set(frame.loc[frame["category"] == "all", "area_id"])
    both = sorted(whole & set(frame.loc[frame["category"] != "all", "area_id"]))
    if both:
        raise TableError(
            str(path),
            f"a total and parts for {listed(both)}",
            "either one row 'all', or rows residential and non_residential",
            "remove the total, or the parts",
        )


def read_fluvius_installations(
    path: Path, weights: PvWeights, area_column: str | None = None, period: str | None = None
) -> InstalledTable:
    """
    Read Fluvius' list of decentral production (dataset 1_20) and sum panels per area.

    Parameters
    ----------
    path : Path
        CSV export, one row per installation, with ``type``, ``postcode``, ``boekjaar_periode`` and
        ``geinstalleerd_productievermogen_kva``; separated by semicolons or commas.
    weights : PvWeights
        From inverter kVA to panel kWp with its range, and up to which power an installation counts
        as residential.
    area_column : str, optional
        Column of the area; ``postcode`` when absent.
    period : str, optional
        Month to keep; may be absent when the file holds one.

    Raises
    ------
    MissingInputError, TableError
        As `read_installed`; also when the file holds several months and none is chosen.

    Notes
    -----
    The list counts inverter power (AC). ``counter`` is a running number and is not read. An
    installation without power makes its area's sum a lower bound (``missing_members``); an area
    of which no power is known is NaN. An area without any row of a category has none there: the
    list is complete for what is registered.

    References
    ----------
    .. [1] https://opendata.fluvius.be/explore/dataset/1_20-lijst-van-decentrale-productie-installaties-gekoppeld-aan-het-distributiene/
    """
    column = area_column or _POSTCODE
    raw = read_text_table(path, [_TYPE, _POWER, _PERIOD, column], _separator(path))
    raw = _one_period(raw, path, period)
    solar = raw[raw[_TYPE].str.contains(_SOLAR)]
    kva = numbers(solar[_POWER], path, _POWER)
    small = kva <= weights.small_limit_kva.value
    found = pd.DataFrame(
        {
            "area_id": solar[column].str.strip(),
            "category": np.where(small, "residential", "non_residential"),
            "kva": kva,
            "installations": 1.0,
            "missing_members": kva.isna().astype(np.int64),
        }
    )
    # Power is what tells the categories apart: an installation without it counts with the small.
    found.loc[kva.isna(), "category"] = "residential"
    summed = found.groupby(["area_id", "category"]).sum(min_count=1)
    every = pd.MultiIndex.from_product(
        [sorted(found["area_id"].unique()), CATEGORIES[:2]], names=["area_id", "category"]
    )
    absent = ~every.isin(summed.index)
    rows = summed.reindex(every)
    rows.loc[absent, ["kva", "installations", "missing_members"]] = 0.0
    ratio = weights.kwp_per_kva
    rows = rows.assign(
        installed_kwp=rows["kva"] * ratio.value,
        installed_low_kwp=rows["kva"] * ratio.low,
        installed_high_kwp=rows["kva"] * ratio.high,
        dwellings=np.nan,
    ).drop(columns="kva")
    frame = rows.reset_index()
    require_plausible_power(frame, str(path))
    return InstalledTable(
        frame,
        {
            "reader": "fluvius_installations",
            "installations": len(solar),
            "other_rows": len(raw) - len(solar),
            "without_power": int(kva.isna().sum()),
            "kwp_per_kva": ratio.value,
        },
    )


def _separator(path: Path) -> str:
    """Return the mark between columns: the portal exports semicolons."""
    if not path.is_file():
        return ","
    with path.open("rb") as file:
        first = file.readline()
    return ";" if first.count(b";") > first.count(b",") else ","


def _one_period(raw: pd.DataFrame, path: Path, period: str | None) -> pd.DataFrame:
    held = sorted(raw[_PERIOD].str.strip().unique())
    if period is None and len(held) <= 1:
        return raw
    if period not in held:
        raise TableError(
            f"{path}: {_PERIOD}",
            listed(held),
            "one month" if period is None else period,
            "set inputs.existing_pv.period to a month of the file",
        )
    return raw[raw[_PERIOD].str.strip() == period]


def require_plausible_power(frame: pd.DataFrame, subject: str) -> None:
    """
    Compare the power per installation with what installations are.

    Raises
    ------
    TableError
        If the median over areas lies far outside, as it does with W or MW.
    """
    for category, rows in frame[frame["installations"] >= _FEW].groupby("category"):
        each = (rows["installed_kwp"] / rows["installations"]).dropna()
        low, high = PLAUSIBLE_KWP[str(category)]
        if each.empty or low <= float(each.median()) <= high:
            continue
        median = float(each.median())
        guess = "MW" if median < low else "W"
        raise TableError(
            f"{subject}: installed_kwp",
            f"a median of {median:.3g} per installation ({category})",
            f"{low:g} to {high:g} kWp",
            f"the figures look like {guess}; give kWp (1 kWp = 1000 Wp)",
        )


def require_known_areas(frame: pd.DataFrame, areas: Iterable[str], subject: str) -> None:
    """
    Check that every area of a table exists in the layer of areas.

    Raises
    ------
    TableError
        With the areas that are not there.
    """
    unknown = sorted(set(frame["area_id"]) - set(areas))
    if unknown:
        raise TableError(
            subject,
            f"{len(unknown)} areas that the layer of areas lacks: {listed(unknown)}",
            "area ids of the layer in inputs.existing_pv.areas, or else inputs.areas",
            "use the same code year for both, and check id_column",
        )
