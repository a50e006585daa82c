"""What the streets of the embedded town see of its roofs; where the streets lie is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

NEAR_M = 20.0


@pytest.fixture(scope="module")
def roofs(town):
    """Planes with what is seen of them, and how far each is turned away from its street."""
    views = town.table("roof_visibility").drop(columns="building_id")
    planes = town.planes.merge(views, on="plane_id")
    streets = gpd.read_file(town.folder / "roads.gpkg").union_all()
    way = shapely.shortest_line(planes.representative_point().to_numpy(), streets)
    ends = shapely.get_coordinates(way).reshape(-1, 2, 2)
    east, north = (ends[:, 1] - ends[:, 0]).T
    bearing = np.degrees(np.arctan2(east, north))
    planes["turned_deg"] = np.abs((planes["azimuth_deg"] - bearing + 180.0) % 360.0 - 180.0)
    planes["street_m"] = shapely.length(way)
    return planes


def test_front_roofs_are_seen_and_rear_roofs_from_farther_and_fewer_points(roofs):
    steep = roofs[(roofs["tilt_deg"] > 25.0) & (roofs["street_m"] < NEAR_M)]
    steep = steep[steep["roof_area_m2"] > 20.0]
    front, rear = steep[steep["turned_deg"] < 45.0], steep[steep["turned_deg"] > 135.0]
    assert min(len(front), len(rear)) > 200
    assert front["visible_share"].mean() > 0.95
    # The town is open: from a street behind, over gardens, half of the rear roofs are seen.
    assert rear["visible_share"].mean() < 0.6
    assert rear["nearest_view_m"].median() > 3.0 * front["nearest_view_m"].median()
    assert rear["street_views"].mean() < 0.25 * front["street_views"].mean()


def test_flat_roofs_of_more_than_a_shed_are_not_seen(roofs, town):
    stands = ~town.buildings["survey_mismatch"].reindex(roofs["building_id"]).to_numpy(dtype=bool)
    flat = roofs[roofs["azimuth_deg"].isna() & (roofs["roof_area_m2"] > 50.0) & stands]
    assert len(flat) > 20
    assert (flat["visible_share"] < 0.1).all()


def test_buildings_that_the_heights_do_not_show_are_unknown(roofs, town):
    gone = town.buildings["survey_mismatch"].reindex(roofs["building_id"]).to_numpy(dtype=bool)
    assert gone.any()
    assert roofs["visible_share"][gone].isna().all()
    assert roofs["visible_share"][~gone].notna().all()


def test_heritage_seen_and_hidden_add_up_to_heritage(town):
    figures = town.figures
    both = figures["heritage_visible_share"] + figures["heritage_hidden_share"]
    known = both.notna() & figures["heritage_share"].notna()
    assert known.sum() > 10
    np.testing.assert_allclose(both[known], figures["heritage_share"][known], atol=0.02)
    assert (figures["visible_capacity_share"].dropna() > 0.2).mean() > 0.5
