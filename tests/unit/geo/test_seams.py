"""Seams: steps between sheets are found, walls and trees are not taken for them."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.geo.seams import SEGMENT_CELLS, line_steps, seams

SIZE = 1000


def found_in(height):
    lines = []
    for vertical, values in ((True, height), (False, np.ascontiguousarray(height.T))):
        pieces = [
            line_steps(values[row : row + SEGMENT_CELLS])
            for row in range(0, len(values), SEGMENT_CELLS)
        ]
        steps, clear = (np.array(part) for part in zip(*pieces, strict=True))
        lines += seams(steps, clear, len(values), vertical=vertical)
    return lines


@pytest.fixture(scope="module")
def country():
    """Rolling ground with noise, a wood, houses on the lattice and one long wall."""
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 6.0, SIZE)
    height = 8.0 * np.sin(x)[:, None] + 5.0 * np.cos(1.3 * x)[None, :]
    height = height + rng.normal(0.0, 0.08, (SIZE, SIZE))
    height[600:800, 100:500] += rng.uniform(0.0, 15.0, (200, 400))
    for row in range(20, 560, 30):
        for col in range(20, 960, 25):
            height[row : row + 10, col : col + 9] += rng.uniform(3.0, 9.0)
    height[820:822, 100:340] += 3.0
    return height.astype(np.float32)


def test_country_without_seams(country):
    assert found_in(country) == []


@pytest.mark.parametrize("step", [0.3, 0.5, -1.0])
@pytest.mark.parametrize("at", [137, 500, 871])
def test_step_between_columns(country, step, at):
    height = country.copy()
    height[:, at:] += step
    (seam, *others) = found_in(height)
    assert (seam.vertical, seam.at) == (True, at)
    assert seam.step_m == pytest.approx(step, abs=0.06)
    assert seam.stop - seam.start >= 500
    assert all(other.at == at for other in others)


def test_step_between_rows(country):
    height = country.copy()
    height[412:] += 0.5
    seam = found_in(height)[0]
    assert (seam.vertical, seam.at) == (False, 412)
    assert seam.step_m == pytest.approx(0.5, abs=0.06)


def test_partial_step_is_found_where_it_is(country):
    height = country.copy()
    height[:450, 333:] += 1.0
    seam = found_in(height)[0]
    assert (seam.vertical, seam.at, seam.start) == (True, 333, 0)
    assert seam.stop in {384, 512}


def test_wall_of_half_the_length_is_no_seam(country):
    height = country.copy()
    height[100:340, 700:703] += 4.0
    assert found_in(height) == []


def test_step_across_holes(country):
    height = country.copy()
    height[:, 500:] += 0.5
    height[200:240, 400:600] = np.nan
    height[900:, 480:520] = np.nan
    seam = found_in(height)[0]
    assert (seam.vertical, seam.at) == (True, 500)
    assert seam.step_m == pytest.approx(0.5, abs=0.06)


def test_cliff_on_one_slope_is_not_a_step():
    """A steady slope steps at every column; none of them stands out."""
    height = np.broadcast_to(np.arange(SIZE, dtype=np.float32) * 0.7, (SIZE, SIZE))
    assert found_in(height) == []
