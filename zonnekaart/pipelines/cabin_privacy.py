"""Which areas of cabins show what rests on their demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.pipelines.zone_figures import Frames, numbers
from zonnekaart.pipelines.zone_parts import largest_user, zone_parts
from zonnekaart.zoning.privacy import OUTSIDE, Parts, passes, suppress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zonnekaart.zoning.privacy import PrivacyRule

    BoolArray = NDArray[np.bool_]
    IntArray = NDArray[np.int64]


def shown_cabins(frames: Frames, cabin: IntArray, cabins: int, rule: PrivacyRule) -> BoolArray:
    """
    Tell which cabins may show the headroom of their area.

    Parameters
    ----------
    frames : Frames
        Zones, demand and statistical areas.
    cabin : ndarray of int64, shape (demand rows,)
        Cabin of each row of the demand.
    cabins : int
        Number of cabins.
    rule : PrivacyRule
        What every shown or derivable total must satisfy.

    Returns
    -------
    ndarray of bool, shape (cabins,)

    Notes
    -----
    A headroom gives away the least sunny load of its area, which is treated as if it could be
    added up. What is public besides is each shown zone, and of a statistical area whose total is
    published what its hidden zones have together: cabins are kept back as zones are, until
    neither of these less the cabins inside them, nor a cabin less the zones inside it, fails.
    """
    parts, label_published = _parts(frames, cabin, rule)
    hidden = suppress(parts, cabins, label_published, rule)
    shown = hidden.published
    for number in np.flatnonzero(shown):
        inside = parts.zone == number
        labels = np.unique(parts.area[inside])
        whole = [
            label
            for label in labels
            if label >= 0
            and label_published[label]
            and (parts.zone[parts.area == label] == number).all()
        ]
        rest = inside & ~np.isin(parts.area, whole)
        if rest.any() and not passes(parts, rest, rule):
            shown[number] = False
    return shown


def _parts(frames: Frames, cabin: IntArray, rule: PrivacyRule) -> tuple[Parts, BoolArray]:
    """Return pieces in one cabin and one public total, and which totals are public."""
    zoned, zones, area_published = zone_parts(frames)
    zone_shown = suppress(zoned, zones, area_published, rule).published
    frame = frames.demand
    zone = frames.zone_of(frame["zone_id"])
    area_ids = pd.Index(frames.areas["area_id"].astype(str).unique())
    area = area_ids.get_indexer(frame["area_id"].astype(object).astype(str))
    rest = np.where(area >= 0, zones + area, -1)
    kwh = numbers(frame, "consumption_kwh")
    pieces = pd.DataFrame(
        {
            "cabin": cabin,
            "label": np.where((zone >= 0) & zone_shown[zone], zone, rest),
            "kwh": kwh,
            "largest": largest_user(frames),
            "connections": numbers(frame, "connections"),
            "buildings": (kwh > 0.0).astype(np.float64),
        }
    )
    sums = pieces.groupby(["cabin", "label"], sort=True).agg(
        kwh=("kwh", lambda v: v.sum(skipna=False)),
        largest=("largest", "max"),
        connections=("connections", lambda v: v.sum(skipna=False)),
        buildings=("buildings", "sum"),
    )
    sums = sums.reset_index()
    beyond = zoned.zone == OUTSIDE
    beyond &= zoned.area >= 0
    return (
        Parts(
            zone=_joined(sums["cabin"], np.full(int(beyond.sum()), OUTSIDE)).astype(np.int64),
            area=_joined(sums["label"], zones + zoned.area[beyond]).astype(np.int64),
            consumption_kwh=_joined(sums["kwh"], zoned.consumption_kwh[beyond]),
            largest_kwh=_joined(sums["largest"], zoned.largest_kwh[beyond]),
            connections=_joined(sums["connections"], zoned.connections[beyond]),
            buildings=_joined(sums["buildings"], zoned.buildings[beyond]),
        ),
        np.concatenate([zone_shown, area_published]),
    )


def _joined(column: pd.Series[float], more: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([column.to_numpy(dtype=np.float64), more])
