"""Footprints mended, and ids that stay."""

from __future__ import annotations

import numpy as np
import shapely

from zonnekaart.geo.footprints import mended, stable_ids


def test_heights_go_and_parts_stay() -> None:
    box = shapely.force_3d(shapely.box(0, 0, 4, 4), 7.0)
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1)])
    one = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
    fixed = mended(np.array([box, two, one]))
    assert fixed.flattened.tolist() == [True, False, False]
    assert [s.geom_type for s in fixed.shapes] == ["Polygon", "MultiPolygon", "Polygon"]
    assert not shapely.has_z(fixed.shapes).any()


def test_a_spike_becomes_a_polygon_without_its_line() -> None:
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 4), (9, 4), (4, 4), (0, 4)])
    fixed = mended(np.array([spike]))
    assert fixed.repaired.tolist() == [True]
    assert fixed.shapes[0].equals(shapely.box(0, 0, 4, 4))
    assert fixed.lost_area_m2 == 0.0


def test_lines_and_nothing_become_empty() -> None:
    fixed = mended(np.array([shapely.LineString([(0, 0), (1, 1)]), None]))
    assert shapely.is_empty(fixed.shapes).all()


def test_ids_stay_when_others_go() -> None:
    shapes = np.array([shapely.box(x, 0, x + 5, 5) for x in (0, 20, 40)])
    ids = stable_ids(shapes, "b")
    assert stable_ids(shapes[[2, 0]], "b") == [ids[2], ids[0]]
    assert len(set(stable_ids(np.array([shapes[0], shapes[0]]), "b"))) == 2
