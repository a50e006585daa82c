"""Outlines, areas and chosen cells of roof planes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from zonnekaart.geo.geobox import GeoBox
from zonnekaart.geo.roofs import inner_area_m2, plane_polygons, sloped_area_m2, spread_cells
from zonnekaart.solar.roofplanes import roof_planes

CELL = 0.5
BOX = GeoBox(80, 80, CELL, 1000.0, 2000.0, "EPSG:31370")


def scene(turn=17.0, chimney=False):
    """A gable on a footprint turned off the lattice: heights, footprint, owner."""
    rows, cols = np.indices((80, 80))
    x = 1000.0 + (cols + 0.5) * CELL
    y = 2000.0 - (rows + 0.5) * CELL
    angle = np.radians(turn)
    along = (x - 1020.0) * np.cos(angle) + (y - 1980.0) * np.sin(angle)
    across = -(x - 1020.0) * np.sin(angle) + (y - 1980.0) * np.cos(angle)
    height = 10.0 - np.abs(across) * np.tan(np.radians(40.0))
    owner = np.where((np.abs(along) < 9.0) & (np.abs(across) < 5.0), 0, -1).astype(np.int32)
    if chimney:
        height[(np.abs(along - 3.0) < 1.0) & (np.abs(across - 2.5) < 1.0)] += 2.0
    footprint = shapely.affinity.rotate(
        shapely.box(1011.0, 1975.0, 1029.0, 1985.0), turn, origin=(1020.0, 1980.0)
    )
    return height.astype(np.float32), footprint, owner


def test_gable_covers_its_footprint_once():
    height, footprint, owner = scene()
    planes = roof_planes(height, owner, CELL, 1)
    outlines = plane_polygons(planes, [footprint], BOX)
    assert len(outlines) == 2
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(footprint.area, rel=1e-6)
    assert shapely.area(shapely.intersection(*outlines)) == pytest.approx(0.0, abs=1e-6)
    assert shapely.area(outlines) == pytest.approx(footprint.area / 2, rel=0.03)


def test_ridge_is_nearly_straight():
    height, footprint, owner = scene()
    planes = roof_planes(height, owner, CELL, 1)
    ridge = shapely.line_merge(shapely.intersection(*plane_polygons(planes, [footprint], BOX)))
    assert shapely.length(ridge) == pytest.approx(18.0, rel=0.06)


def test_chimney_is_a_hole():
    height, footprint, owner = scene(chimney=True)
    planes = roof_planes(height, owner, CELL, 1)
    outlines = plane_polygons(planes, [footprint], BOX)
    holes = [len(p.interiors) for o in outlines for p in shapely.get_parts(o)]
    assert sum(holes) == 1
    assert footprint.area - shapely.area(outlines).sum() == pytest.approx(4.0, abs=1.0)


def test_parts_that_touch_at_a_corner_stay_valid():
    height = np.full((80, 80), 5.0, np.float32)
    owner = np.full((80, 80), -1, dtype=np.int32)
    owner[20:30, 20:30] = 0
    owner[30:40, 30:40] = 0
    footprint = shapely.unary_union(
        [shapely.box(1010.0, 1985.0, 1015.0, 1990.0), shapely.box(1015.0, 1980.0, 1020.0, 1985.0)]
    )
    outlines = plane_polygons(roof_planes(height, owner, CELL, 1), [footprint], BOX)
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(50.0)


def test_courtyard_stays_open():
    height = np.full((80, 80), 5.0, np.float32)
    owner = np.full((80, 80), -1, dtype=np.int32)
    owner[20:60, 20:60] = 0
    owner[30:50, 30:50] = -1
    outer, court = shapely.box(1010, 1970, 1030, 1990), shapely.box(1015, 1975, 1025, 1985)
    outlines = plane_polygons(roof_planes(height, owner, CELL, 1), [outer - court], BOX)
    assert shapely.area(outlines).tolist() == pytest.approx([300.0])


def test_no_planes_no_outlines():
    owner = np.full((80, 80), -1, dtype=np.int32)
    planes = roof_planes(np.zeros((80, 80), np.float32), owner, CELL, 1)
    assert len(plane_polygons(planes, [shapely.box(0, 0, 1, 1)], BOX)) == 0


def test_sloped_area():
    assert sloped_area_m2(np.array([10.0, 10.0]), np.array([0.0, 60.0])) == pytest.approx([10, 20])


def test_inner_area():
    outlines = np.array([shapely.box(0, 0, 10, 6), shapely.box(0, 0, 1, 1)], dtype=object)
    assert inner_area_m2(outlines, np.array([0.5, 0.5])) == pytest.approx([45.0, 0.0])


def test_chosen_cells_lie_in_their_planes():
    height, _, owner = scene()
    planes = roof_planes(height, owner, CELL, 1)
    plane, rows, cols = spread_cells(planes, CELL)
    top, left = planes.windows[0, :2]
    assert (planes.window_labels(0)[rows - top, cols - left] == plane).all()
    assert np.bincount(plane).min() >= 2
    assert len(set(zip(rows.tolist(), cols.tolist(), strict=True))) == len(rows)
