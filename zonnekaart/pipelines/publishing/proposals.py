"""Proposals for sharing as layers of the map: where, never how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse.csgraph import minimum_spanning_tree

from zonnekaart.io.publishable import PUBLISHABLE, require_publishable
from zonnekaart.io.vector import read_geoparquet
from zonnekaart.pipelines.sharing import PROPOSAL_LINKS
from zonnekaart.pipelines.sharing_proposals import PROPOSALS, open_proposals

if TYPE_CHECKING:
    from pathlib import Path

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
        inside; of groups that share a building only the best. Links carry neither energy nor
        direction.
    """
    paths = build / PROPOSALS, build / PROPOSAL_LINKS
    if not all(path.exists() for path in paths):
        return {}
    proposals, links = (read_geoparquet(path) for path in paths)
    proposals = _apart(proposals[open_proposals(proposals, privacy)])
    links = links[links["group_id"].isin(set(proposals["group_id"]))]
    frames = {"sharing_proposals": proposals, "sharing_links": _networks(links)}
    for name, frame in frames.items():
        frames[name] = frame[list(PUBLISHABLE[name])]
        require_publishable(name, frames[name].columns)
    return frames


def _apart(proposals: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the best proposals without a building in common: each can go ahead beside the rest."""
    taken: set[str] = set()
    kept = []
    for members in proposals.sort_values("rank")["members"]:
        own = {str(building) for building in members}
        kept.append(not own & taken)
        if kept[-1]:
            taken |= own
    return proposals.sort_values("rank")[kept]


def _networks(links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the buildings of each group by the shortest lines: who is in it, not who gives whom."""
    made = []
    for group, rows in links.groupby("group_id", sort=True):
        points = np.unique(shapely.get_coordinates(rows.geometry), axis=0)
        distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        first, second = minimum_spanning_tree(distance).nonzero()
        ends = zip(points[first], points[second], strict=True)
        made += [(group, shapely.LineString([a, b])) for a, b in ends]
    return gpd.GeoDataFrame(
        {
            "link_id": [f"link-{number:06d}" for number in range(len(made))],
            "group_id": [group for group, _ in made],
        },
        geometry=[line for _, line in made],
        crs=links.crs,
    )
