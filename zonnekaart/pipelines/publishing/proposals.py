"""Proposals for sharing as layers of the map: where, never how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.io.publishable import PUBLISHABLE, require_publishable
from zonnekaart.io.vector import read_geoparquet
from zonnekaart.pipelines.sharing import PROPOSAL_LINKS
from zonnekaart.pipelines.sharing_proposals import PROPOSALS, open_proposals

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from zonnekaart.config.parameters import PrivacyTable


def proposal_layers(build: Path, privacy: PrivacyTable) -> dict[str, gpd.GeoDataFrame]:
    """
    Return the outlines of proposals and the links inside them.

    Parameters
    ----------
    build : Path
        Build folder.
    privacy : PrivacyTable
        Least connections and buildings, and largest share of one building.

    Returns
    -------
    dict of str to GeoDataFrame
        ``sharing_proposals`` and ``sharing_links``; empty when stage sharing has not run. Only
        groups that are large and mixed enough to tell their energy, though energy itself stays
        inside. Links carry no energy and no direction, so that none tells who has a surplus.
    """
    paths = build / PROPOSALS, build / PROPOSAL_LINKS
    if not all(path.exists() for path in paths):
        return {}
    proposals, links = (read_geoparquet(path) for path in paths)
    proposals = proposals[open_proposals(proposals, privacy)]
    links = links[links["group_id"].isin(set(proposals["group_id"]))]
    frames = {"sharing_proposals": proposals, "sharing_links": _undirected(links)}
    for name, frame in frames.items():
        frames[name] = frame[list(PUBLISHABLE[name])]
        require_publishable(name, frames[name].columns)
    return frames


def _undirected(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw each pair of a group once, from west to east whoever gives."""
    ends = shapely.get_coordinates(links.geometry).reshape(-1, 2, 2)
    order = np.lexsort((ends[:, :, 1], ends[:, :, 0]), axis=1)
    lines = shapely.linestrings(np.take_along_axis(ends, order[:, :, None], axis=1))
    frame = links[["group_id"]].set_geometry(lines, crs=links.crs) if len(links) else links
    frame = frame.drop_duplicates(["group_id", frame.geometry.name]).reset_index(drop=True)
    return frame.assign(link_id=[f"link-{number:06d}" for number in range(len(frame))])
