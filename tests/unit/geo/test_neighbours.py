"""Partners worth a look, against all distances."""

import itertools

import numpy as np
import pytest

from zonnekaart.geo.neighbours import partners


def lists(found):
    first, near = found
    return [near[a:b] for a, b in itertools.pairwise(first)]


@pytest.mark.parametrize("limit", [30.0, np.inf])
def test_all_within_the_limit_when_there_is_room(limit):
    rng = np.random.default_rng(1)
    points, area = rng.uniform(0, 100, (40, 2)), rng.integers(-1, 3, 40)
    linked = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    found = lists(partners(points, (area, linked), np.ones(40), limit, 64))
    for b in range(40):
        apart = np.hypot(*(points - points[b]).T)
        allowed = (apart <= limit) & (area >= 0) & (np.arange(40) != b)
        allowed &= (area[b] >= 0) & linked[area[b], area]
        assert set(found[b]) == set(np.flatnonzero(allowed))
        assert (np.diff(apart[found[b]]) >= 0).all()


def test_half_are_the_nearest_and_half_need_most():
    points = np.column_stack([np.arange(10.0), np.zeros(10)])
    need = np.array([0, 0, 0, 0, 1, 9, 2, 8, 3, 7.0])
    everywhere = (np.zeros(10, dtype=np.int64), np.ones((1, 1), dtype=bool))
    found = lists(partners(points, everywhere, need, np.inf, 4))
    assert found[0].tolist() == [1, 2, 5, 7]
