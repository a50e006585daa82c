"""Policy zones: areas, cells, merging, ids, and who belongs where."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zonnekaart.errors import VectorError
from zonnekaart.geo.policyzones import Connections, area_zones, cell_zones, zone_of

CRS = "EPSG:31370"
EXTENT = shapely.box(1000.0, 1000.0, 3000.0, 3000.0)


def areas(*shapes):
    ids = [f"A{k}" for k in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"area_id": ids, "name": [f"Wijk {k}" for k in ids]}, geometry=list(shapes), crs=CRS
    )


def spread(n=300, seed=1, count=1.0):
    rng = np.random.default_rng(seed)
    return Connections(rng.uniform(1000, 3000, n), rng.uniform(1000, 3000, n), np.full(n, count))


TWO = (shapely.box(900, 900, 2050, 3100), shapely.box(2050, 900, 3100, 3100))


def test_cells_do_not_overlap_and_hold_every_building():
    homes = spread()
    zones = cell_zones(areas(*TWO), EXTENT, homes, 200.0, 10)
    shapes = zones.geometry.to_numpy()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())
    points = shapely.points(homes.x, homes.y)
    assert (zone_of(shapely.buffer(points, 0.01), shapes) >= 0).all()
    assert zones["connections"].sum() == pytest.approx(300.0)
    assert zones["buildings"].sum() == 300


def test_every_zone_has_enough_connections_and_hangs_together():
    zones = cell_zones(areas(*TWO), EXTENT, spread(), 200.0, 10)
    assert zones["connections"].min() >= 10
    assert set(zones.geom_type) == {"Polygon"}
    assert len(zones) > 10


def test_zones_stay_inside_their_area():
    frame = areas(*TWO)
    zones = cell_zones(frame, EXTENT, spread(), 200.0, 10)
    for k, shape in enumerate(frame.geometry):
        own = zones[zones["area_id"] == f"A{k}"]
        assert shapely.covers(shapely.buffer(shape, 1e-6), own.geometry.to_numpy()).all()


def test_ids_follow_the_lattice_of_the_crs():
    here = Connections(np.full(12, 1790.0), np.full(12, 2410.0), np.ones(12))
    zones = cell_zones(areas(*TWO), EXTENT, here, 200.0, 10)
    assert zones["zone_id"].tolist() == ["A0-r12-c8"]
    assert zones["name"].tolist() == ["Wijk A0 · vak 1"]
    assert zones.geometry.iloc[0].equals(shapely.box(1600, 2400, 1800, 2600))


def test_cells_do_not_depend_on_the_extent():
    here = Connections(np.full(12, 1790.0), np.full(12, 2410.0), np.ones(12))
    small = cell_zones(areas(*TWO), shapely.box(1500, 2300, 2000, 2700), here, 200.0, 10)
    large = cell_zones(areas(*TWO), EXTENT, here, 200.0, 10)
    assert small["zone_id"].tolist() == large["zone_id"].tolist()
    assert small.geometry.iloc[0].equals(large.geometry.iloc[0])


def test_a_far_farm_joins_over_empty_cells():
    x = np.array([1100.0] * 12 + [1900.0])
    y = np.full(13, 1100.0)
    zones = cell_zones(areas(*TWO), EXTENT, Connections(x, y, np.ones(13)), 200.0, 10)
    assert zones["connections"].tolist() == [13.0]
    assert zones.geom_type.tolist() == ["Polygon"]
    assert zones.geometry.area.iloc[0] == pytest.approx(5 * 200.0**2)


def test_an_area_with_too_few_stays_one_zone():
    few = Connections(np.array([1100.0, 1500.0]), np.array([1100.0, 1100.0]), np.ones(2))
    zones = cell_zones(areas(*TWO), EXTENT, few, 200.0, 10)
    assert zones["connections"].tolist() == [2.0]


def test_areas_are_kept_whole_with_their_covered_share():
    inside = shapely.box(1200, 1200, 1400, 1400)
    half = shapely.box(2800, 1200, 3200, 1400)
    away = shapely.box(5000, 5000, 5100, 5100)
    zones = area_zones(areas(inside, half, away), EXTENT, spread())
    assert zones["zone_id"].tolist() == ["A0", "A1"]
    assert zones["covered_share"].tolist() == pytest.approx([1.0, 0.5])
    assert zones.geometry.iloc[1].equals(half)


def test_overlapping_areas_are_refused_and_slivers_cut():
    with pytest.raises(VectorError, match="A0 and A1"):
        area_zones(
            areas(shapely.box(1000, 1000, 2000, 2000), shapely.box(1800, 1000, 2500, 2000)),
            EXTENT,
            spread(),
        )
    touching = areas(shapely.box(1000, 1000, 2000, 2000), shapely.box(1999.5, 1000, 2500, 2000))
    zones = area_zones(touching, EXTENT, spread())
    assert shapely.area(shapely.intersection(*zones.geometry)) == 0.0


def test_invalid_area_is_refused():
    bow_tie = shapely.Polygon([(1000, 1000), (1100, 1100), (1100, 1000), (1000, 1100)])
    with pytest.raises(VectorError, match="A0"):
        area_zones(areas(bow_tie), EXTENT, spread())


def test_building_goes_to_its_inner_point_then_to_the_largest_overlap():
    zones = np.array([shapely.box(0, 0, 10, 10), shapely.box(12, 0, 20, 10)], dtype=object)
    across = shapely.box(8, 4, 12, 6)
    gap = shapely.box(9.5, 4, 12.1, 6)
    away = shapely.box(50, 50, 51, 51)
    assert zone_of(np.array([across, gap, away], dtype=object), zones).tolist() == [0, 0, -1]


def test_no_buildings_no_cells():
    none = Connections(*(np.empty(0) for _ in range(3)))
    assert len(cell_zones(areas(*TWO), EXTENT, none, 200.0, 10)) == 0
