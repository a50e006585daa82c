"""What panels bring per owner type, as the zone panel shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonnekaart.config import share_folder
from zonnekaart.errors import PrivacyError
from zonnekaart.io.economics import read_tariffs
from zonnekaart.io.published import EconomicsRow, Interval, Texts, known
from zonnekaart.io.vector import read_parquet
from zonnekaart.pipelines.economics import FOLDER, OUTPUT
from zonnekaart.pipelines.publishing.frames import texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from zonnekaart.pipelines.runs import StageContext

Money = dict[str, list[EconomicsRow]]


def money_files(build: Path) -> list[Path]:
    """Return what `zone_money` reads, when it is there."""
    return [build / OUTPUT] if (build / OUTPUT).exists() else []


def zone_money(context: StageContext, zones: pd.DataFrame) -> Money:
    """
    Return the rows of each zone, by its id; nothing where the stage has not run.

    Parameters
    ----------
    context : StageContext
        Project and build folder.
    zones : DataFrame
        Publishable zones with ``published``.

    Raises
    ------
    PrivacyError
        If a zone whose demand may not be shown carries money, from which it could be read.
    """
    if not money_files(context.build):
        return {}
    frame = read_parquet(context.build / OUTPUT)
    hidden = set(zones.loc[~zones["published"].astype(bool), "zone_id"].astype(str))
    told = frame[frame["zone_id"].isin(hidden) & frame["saved_kwh"].notna()]
    if len(told):
        raise PrivacyError("zone_economics", [f"money of zone {z}" for z in told["zone_id"]])
    reasons = _reasons(context.project.project.region)
    found: Money = {}
    for record in frame.to_dict("records"):
        found.setdefault(str(record["zone_id"]), []).append(_row(record, reasons))
    return found


def _reasons(region: str) -> dict[str, Texts]:
    """Return why an owner type has no tariff, where the file of the region says it."""
    tariffs = read_tariffs(share_folder("data") / FOLDER, region)
    without = () if tariffs is None else tariffs.without
    return {w.owner_type: Texts(nl=w.nl, fr=w.fr, en=w.en) for w in without}


def _row(record: Mapping[Any, Any], reasons: Mapping[str, Texts]) -> EconomicsRow:
    reason = _word(record["reason"])
    kind = str(record["owner_type"])
    return EconomicsRow(
        owner_type=kind,
        sizing=record["sizing"],
        buildings=int(record["buildings"]),
        capacity_kwp=known(record["capacity_kwp"]),
        investment=_ends(record, "investment", "eur"),
        saved_kwh=known(record["saved_kwh"]),
        injected_kwh=known(record["injected_kwh"]),
        yearly_benefit=_ends(record, "yearly_benefit", "eur"),
        payback=_ends(record, "payback", "years"),
        net_present_value_eur=known(record["net_present_value_eur"]),
        tariff_ids=texts(record["tariff_ids"]),
        tariff_from=_word(record["tariff_from"]),
        owner_assumed=bool(record["owner_assumed"]),
        reason=reason,
        reason_text=reasons.get(kind) if reason == "no_tariff" else None,
    )


def _word(value: Any) -> str | None:  # noqa: ANN401 - cells of a frame
    """Return a text cell; a missing one may read as NaN."""
    return value if isinstance(value, str) else None


def _ends(record: Mapping[Any, Any], stem: str, unit: str) -> Interval:
    low, value, high = (known(record[f"{stem}{end}_{unit}"]) for end in ("_low", "", "_high"))
    return Interval(value=value, low=low, high=high, unit={"eur": "EUR", "years": "year"}[unit])
