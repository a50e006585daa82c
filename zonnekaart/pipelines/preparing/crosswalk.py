"""``prepare crosswalk``: which areas of one edition lie in which of another, by their buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.crs import require_same
from zonnekaart.io.files import replacing
from zonnekaart.io.provenance import Record
from zonnekaart.io.sources.consumption import listed, read_text_table
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

WHOLE_SHARE = 0.95
"""Share of an old area's buildings (or ground) in one new area, from which it lies in it. [-]"""


@dataclass(frozen=True)
class CrosswalkJob:
    """
    What is asked of ``prepare crosswalk``.

    Parameters
    ----------
    old, new : Path
        Layers of areas; figures are of the old ones.
    old_id, new_id : str
        Columns that name them.
    out : Path
        CSV to write: ``from_area, to_area, share``.
    buildings : Path, optional
        Footprints: shares are of their ground instead of the land, which is mostly empty.
    """

    old: Path
    new: Path
    old_id: str
    new_id: str
    out: Path
    buildings: Path | None = None


def prepare_crosswalk(job: CrosswalkJob) -> Record:
    """
    Write which old areas lie wholly in a new one; those that were split are named and left out.

    Parameters
    ----------
    job : CrosswalkJob
        What to do.

    Returns
    -------
    Record
        Sources, steps, warnings.

    Raises
    ------
    VectorError, CrsError
        If a layer lacks its column, the systems differ, or no area lies in another.
    """
    record = Record("prepare crosswalk", {"old_id": job.old_id, "new_id": job.new_id})
    old, new = _areas(job.old, job.old_id, record), _areas(job.new, job.new_id, record)
    require_same(new.crs, old.crs, str(job.new))
    weight = None
    if job.buildings is not None:
        weight = read_layer(job.buildings)
        record.read(job.buildings)
        require_same(weight.crs, old.crs, str(job.buildings))
    table = _shares(old, new, weight)
    best = table.sort_values(["from_area", "share"]).groupby("from_area").tail(1)
    whole = best[best["share"] >= WHOLE_SHARE].sort_values("from_area")
    split = sorted(set(best["from_area"]) - set(whole["from_area"]))
    nowhere = sorted(set(old["area_id"]) - set(best["from_area"]))
    if whole.empty:
        raise VectorError(
            str(job.old),
            "no area that lies in one of the new",
            f"areas of {job.new.name}",
            "see whether both layers are of one place",
        )
    record.did("kept", len(whole), "areas", f"at least {WHOLE_SHARE:.0%} in one new area")
    record.did("dropped", len(split), "areas", f"split between new areas: {listed(split)}")
    record.did("dropped", len(nowhere), "areas", f"outside the new areas: {listed(nowhere)}")
    with replacing(job.out) as temporary:
        whole.to_csv(temporary, index=False)
    record.write(job.out)
    return record


def read_map(path: Path) -> dict[str, str]:
    """Return the old areas and the new ones they lie in, as `prepare_crosswalk` wrote them."""
    table = read_text_table(path, ["from_area", "to_area"])
    return dict(zip(table["from_area"], table["to_area"], strict=True))


def _areas(path: Path, column: str, record: Record) -> gpd.GeoDataFrame:
    frame = read_layer(path)
    record.read(path)
    if column not in frame:
        raise VectorError(
            str(path), f"no column {column}", f"one of: {listed(frame.columns)}", "correct the name"
        )
    shapes = frame.geometry.to_numpy()
    broken = ~shapely.is_valid(shapes)
    record.did("repaired", int(broken.sum()), "areas", f"outlines of {path.name} cross themselves")
    fixed = frame.set_geometry(shapely.make_valid(shapes), crs=frame.crs)
    return fixed.assign(area_id=frame[column].astype(str))


def _shares(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, weight: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Return the share of each old area in each new one, of buildings where there are any."""
    left, right = new.sindex.query(old.geometry, predicate="intersects")
    shared = shapely.intersection(old.geometry.to_numpy()[left], new.geometry.to_numpy()[right])
    ground = shapely.area(shared)
    measure, whole = ground, old.area.to_numpy()[left]
    if weight is not None:
        built = _built(shared, weight)
        total = np.bincount(left, weights=built, minlength=len(old))[left]
        measure = np.where(total > 0, built, ground)
        whole = np.where(total > 0, total, whole)
    share = np.divide(measure, whole, out=np.zeros_like(measure), where=whole > 0)
    ids = old["area_id"].to_numpy(), new["area_id"].to_numpy()
    table = pd.DataFrame(
        {"from_area": ids[0][left], "to_area": ids[1][right], "share": np.round(share, 4)}
    )
    return table[table["share"] > 0]


def _built(parts: np.ndarray, weight: gpd.GeoDataFrame) -> np.ndarray:
    """Return the footprint area of the buildings whose middle lies in each part. [m2]."""
    middle = shapely.point_on_surface(weight.geometry.to_numpy())
    inside, building = shapely.STRtree(middle).query(parts, predicate="contains")
    areas = weight.area.to_numpy()
    return np.bincount(inside, weights=areas[building], minlength=len(parts))
