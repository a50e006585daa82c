"""The properties of specs/visibility.md."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sight_lines import gable_cells, gable_scene
from zonnekaart.solar.visibility import Eyes, cell_views, plane_views

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
PLACES = st.lists(
    st.tuples(st.floats(0.0, 79.0), st.floats(0.0, 59.0), st.floats(0.5, 12.0)),
    min_size=1,
    max_size=12,
)
BLOCKS = st.lists(
    st.tuples(st.integers(36, 75), st.integers(0, 55), st.floats(0.5, 12.0, width=32)), max_size=6
)


def shares(height, eyes):
    cells = gable_cells()
    row, col, level = np.array(eyes, dtype=np.float64).T
    views = cell_views(height, 1.0, Eyes(row, col, level), cells, 60.0)
    return plane_views(views, cells.plane, 2).visible_share


def town(blocks):
    height = gable_scene()
    for row, col, top in blocks:
        height[row : row + 4, col : col + 4] = top
    return height


@FEW
@given(eyes=PLACES, more=PLACES, blocks=BLOCKS)
def test_1_more_eyes_never_see_less(eyes, more, blocks):
    height = town(blocks)
    assert (shares(height, eyes + more) >= shares(height, eyes)).all()


@FEW
@given(eyes=PLACES, blocks=BLOCKS, place=st.tuples(st.integers(36, 75), st.integers(0, 55)),
       lift=st.floats(0.0, 20.0, width=32))  # fmt: skip
def test_2_a_higher_obstacle_never_shows_more(eyes, blocks, place, lift):
    height = town(blocks)
    higher = height.copy()
    higher[place[0] : place[0] + 5, place[1] : place[1] + 5] += lift
    assert (shares(higher, eyes) <= shares(height, eyes)).all()
