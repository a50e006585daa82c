"""The pieces that lie in one zone and one area, which the privacy rule looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.pipelines.zone_figures import Frames, numbers
from zonnekaart.zoning.privacy import OUTSIDE, Parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

_COVERED = 0.999


def zone_parts(frames: Frames) -> tuple[Parts, int, BoolArray]:
    """
    Return the pieces that lie in one zone and one area, for the privacy rule.

    Parameters
    ----------
    frames : Frames
        Tables of earlier stages.

    Returns
    -------
    parts : Parts
        Pieces; an area that reaches beyond the heights has one more, for what lies outside.
    zones : int
        Number of zones.
    area_published : ndarray of bool, shape (areas,)
        True where all totals of an area are public.
    """
    area_ids = pd.Index(frames.areas["area_id"].astype(str).unique())
    frame = frames.demand
    pieces = pd.DataFrame(
        {
            "zone": frames.zone_of(frame["zone_id"]),
            "area": area_ids.get_indexer(frame["area_id"].astype(object).astype(str)),
            "consumption": numbers(frame, "consumption_kwh"),
            "largest": largest_user(frames),
            "connections": numbers(frame, "connections"),
            "buildings": (numbers(frame, "consumption_kwh") > 0.0).astype(np.float64),
        }
    )
    grouped = pieces.groupby(["zone", "area"], sort=True)
    parts = grouped.agg(
        consumption=("consumption", lambda v: v.sum(skipna=False)),
        largest=("largest", "max"),
        connections=("connections", lambda v: v.sum(skipna=False)),
        buildings=("buildings", "sum"),
    ).reset_index()
    published = (
        frames.areas.assign(known=frames.areas["published_kwh"].notna())
        .groupby(frames.areas["area_id"].astype(str))["known"]
        .all()
        .reindex(area_ids)
        .to_numpy(dtype=np.bool_)
    )
    parts = pd.concat([parts, _outside(frames, area_ids)], ignore_index=True)
    return (
        Parts(
            zone=parts["zone"].to_numpy(dtype=np.int64),
            area=parts["area"].to_numpy(dtype=np.int64),
            consumption_kwh=parts["consumption"].to_numpy(dtype=np.float64),
            largest_kwh=parts["largest"].to_numpy(dtype=np.float64),
            connections=parts["connections"].to_numpy(dtype=np.float64),
            buildings=parts["buildings"].to_numpy(dtype=np.float64),
        ),
        len(frames.zones),
        published,
    )


def largest_user(frames: Frames) -> FloatArray:
    """Return the largest user per building: one dwelling, or all that is no dwelling."""
    frame = frames.demand
    homes = np.fmax(numbers(frame, "residential_connections"), 1.0)
    home = numbers(frame, "residential_kwh") / homes
    largest: FloatArray = np.fmax(home, numbers(frame, "non_residential_kwh"))
    return largest


def _outside(frames: Frames, area_ids: pd.Index[str]) -> pd.DataFrame:
    """Return one piece per area that reaches beyond the heights: its stock that is not modelled."""
    grouped = frames.areas.groupby(frames.areas["area_id"].astype(str))
    covered = grouped["covered_share"].min().reindex(area_ids).fillna(1.0).clip(0.0, 1.0)
    rest = 1.0 - covered.to_numpy(dtype=np.float64)
    connections = grouped["connections"].sum(min_count=1).reindex(area_ids)
    total = grouped["published_kwh"].sum(min_count=1).reindex(area_ids)
    reaching = rest > 1.0 - _COVERED
    return pd.DataFrame(
        {
            "zone": OUTSIDE,
            "area": np.flatnonzero(reaching),
            "consumption": (total.to_numpy(dtype=np.float64) * rest)[reaching],
            "largest": 0.0,
            "connections": (connections.to_numpy(dtype=np.float64) * rest)[reaching],
            # Not seen, so not counted: connections stand in, as most buildings have one.
            "buildings": np.nan_to_num(connections.to_numpy(dtype=np.float64) * rest)[reaching],
        }
    )
