"""Which part of a zone's capacity is seen from the street."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from zonnekaart.zoning.visible import SEEN_FROM, VisibilityFigures, visibility_indicators

NAN = np.nan


def figures(share, heritage, zone=None, capacity=None):
    count = len(share)
    return VisibilityFigures(
        zone=np.zeros(count, dtype=np.int64) if zone is None else np.array(zone),
        capacity_kwp=np.ones(count) if capacity is None else np.array(capacity),
        visible_share=np.array(share),
        heritage=np.array(heritage),
    )


def test_shares_by_hand():
    planes = figures(
        [0.9, 0.0, SEEN_FROM, 0.05], [1.0, 1.0, 0.0, 0.0], capacity=[4.0, 2.0, 1.0, 3.0]
    )
    found = visibility_indicators(planes, 1)
    assert found["visible_capacity_share"][0] == pytest.approx(0.5)
    assert found["heritage_visible_share"][0] == pytest.approx(0.4)
    assert found["heritage_hidden_share"][0] == pytest.approx(0.2)


def test_what_nobody_looked_at_is_unknown_and_not_hidden():
    for planes in (None, figures([NAN, NAN], [1.0, 0.0])):
        found = visibility_indicators(planes, 1)
        assert all(np.isnan(values).all() for values in found.values())


def test_an_upper_bound_tells_only_what_is_hidden():
    planes = replace(figures([0.9, 0.0], [1.0, 1.0]), upper_bound=True)
    found = visibility_indicators(planes, 1)
    assert found["heritage_hidden_share"][0] == 0.5
    assert np.isnan(found["heritage_visible_share"][0])
    assert np.isnan(found["visible_capacity_share"][0])


def test_unknown_heritage_leaves_visibility_known():
    found = visibility_indicators(figures([1.0, 0.0], [NAN, NAN]), 1)
    assert found["visible_capacity_share"][0] == 0.5
    assert np.isnan(found["heritage_visible_share"][0])
    assert np.isnan(found["heritage_hidden_share"][0])


def test_planes_outside_zones_and_without_capacity_count_nowhere():
    planes = figures([1.0, 0.0, 1.0], [1.0, 1.0, 1.0], zone=[-1, 1, 1], capacity=[1.0, 1.0, NAN])
    found = visibility_indicators(planes, 2)
    assert np.isnan(found["visible_capacity_share"][0])
    assert found["visible_capacity_share"][1] == 0.0
    assert found["heritage_hidden_share"][1] == 1.0
