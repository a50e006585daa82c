from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.solar_cases import made_up_year
from zonnekaart.errors import ConfigError, ShapeMismatchError
from zonnekaart.solar.horizon import HALO_MARGIN, Frame
from zonnekaart.solar.irradiation import irradiation, plane_irradiation, seasonal_irradiation
from zonnekaart.solar.reference import Crowns, reference_among_crowns, reference_irradiation
from zonnekaart.solar.sky import Period, SkyTables, build_sky, with_years
from zonnekaart.solar.transposition import sun_series
from zonnekaart.solar.vegetation import canopy_layers, derived_tops, halo_cells

NONE, ALL = (0.0,) * 12, (1.0,) * 12
SEASONS = (0.5, 0.5, 0.5, 0.4, 0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.5)
RADIUS_M = 40.0


@pytest.fixture(scope="module")
def weather():
    return made_up_year()


@pytest.fixture(scope="module")
def sky(weather) -> SkyTables:
    return build_sky(weather, 32, transmissivity=SEASONS)


def street(rows: int = 70, cols: int = 66):
    """Surface, ground, crown tops and footprints: two rows of houses, trees between them."""
    y, x = np.mgrid[0:rows, 0:cols]
    ground = (10.0 + 0.01 * x).astype(np.float32)
    surface = ground.copy()
    roofs = np.zeros((rows, cols), dtype=bool)
    for top in (16, 44):
        roofs[top : top + 10, 6:-6] = True
        across = np.minimum(y - top, top + 9 - y)
        surface = np.where(roofs & (y >= top) & (y < top + 10), 16.0 + 0.7 * across, surface)
    tops = np.full((rows, cols), np.nan, dtype=np.float32)
    for c in range(10, cols - 8, 11):
        ball = (y - 34) ** 2 + (x - c) ** 2
        tops = np.where(ball < 16, 17.0 + np.sqrt(np.maximum(16.0 - ball, 0.0)), tops)
    return (part.astype(np.float32) for part in (surface, ground, tops, roofs))


@pytest.fixture(scope="module")
def scene():
    surface, ground, tops, roofs = street()
    return canopy_layers(surface, ground, tops, roofs > 0, 1.0), surface, tops


def beside(covered: np.ndarray) -> np.ndarray:
    """Cells whose own plane does not touch a crown."""
    padded = np.pad(covered, 1)
    rows, cols = covered.shape
    near = [padded[r : r + rows, c : c + cols] for r in range(3) for c in range(3)]
    return ~np.any(near, axis=0)


def test_crowns_that_stop_everything_are_opaque(weather, scene):
    layers, _, _ = scene
    sky = build_sky(weather, 32, transmissivity=NONE)
    found = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)
    opaque = irradiation(layers.opaque, 1.0, build_sky(weather, 32), RADIUS_M)
    free = beside(layers.covered)
    assert np.array_equal(found[:, free], opaque[:, free])


def test_crowns_that_stop_nothing_are_not_there(weather, scene):
    layers, _, _ = scene
    sky = build_sky(weather, 32, transmissivity=ALL)
    found = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)
    bare = irradiation(layers.solid, 1.0, build_sky(weather, 32), RADIUS_M)
    free = beside(layers.covered)
    assert found[:, free] == pytest.approx(bare[:, free], rel=1e-5, abs=1e-3)


def test_clearer_crowns_never_darken(weather, scene):
    layers, _, _ = scene
    years = [
        seasonal_irradiation(
            layers, 1.0, build_sky(weather, 16, transmissivity=(share,) * 12), RADIUS_M
        )
        for share in (0.0, 0.3, 0.7, 1.0)
    ]
    known = ~np.isnan(years[0])
    for before, after in itertools.pairwise(years):
        assert (after[known] >= before[known] - 0.1).all()
    assert (years[-1][0] - years[0][0])[known[0]].max() > 50.0


def test_a_month_counts_with_its_own_share(weather, scene):
    layers, _, _ = scene
    shares = list(NONE)
    shares[11] = 0.4
    sky = build_sky(weather, 16, transmissivity=shares)
    found = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)
    opaque, clear = (
        seasonal_irradiation(layers, 1.0, build_sky(weather, 16, transmissivity=t), RADIUS_M)
        for t in (NONE, ALL)
    )
    assert np.array_equal(found[1:12], opaque[1:12], equal_nan=True)
    expected = opaque[12] + 0.4 * (clear[12] - opaque[12])
    assert found[12] == pytest.approx(expected, rel=1e-4, abs=1e-3, nan_ok=True)


def test_unknown_under_crowns_and_nowhere_else(sky, scene):
    layers, surface, tops = scene
    found = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)
    assert layers.covered.sum() > 100
    assert (np.isnan(found) == (~np.isnan(tops) | np.isnan(surface))).all()


def test_window_and_whole_agree_to_the_bit_among_trees(sky):
    surface, ground, tops, roofs = street(150, 140)
    roofs = roofs > 0
    tops[46:52, 60:66] = 30.0
    whole = seasonal_irradiation(
        canopy_layers(surface, ground, tops, roofs, 1.0),
        1.0,
        sky,
        20.0,
        None,
        Frame(0, 0, 150, 140, lattice_row=-700, lattice_col=950),
    )
    halo = 20 + HALO_MARGIN + halo_cells(1.0)
    row, col, rows, cols = 42, 48, 31, 40
    piece = np.s_[row - halo : row + rows + halo, col - halo : col + cols + halo]
    layers = canopy_layers(surface[piece], ground[piece], tops[piece], roofs[piece], 1.0)
    frame = Frame(halo, halo, rows, cols, -700 + row - halo, 950 + col - halo, workers=2)
    part = seasonal_irradiation(layers, 1.0, sky, 20.0, None, frame)
    assert np.array_equal(part, whole[:, row : row + rows, col : col + cols], equal_nan=True)


def test_mask_leaves_only_its_cells_among_trees(sky, scene):
    layers, _, _ = scene
    mask = np.zeros(layers.seen.shape, dtype=bool)
    mask[16:26] = True
    some = seasonal_irradiation(layers, 1.0, sky, RADIUS_M, mask)
    every = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)
    assert np.isnan(some[:, ~mask]).all()
    assert np.array_equal(some[:, mask], every[:, mask], equal_nan=True)


def test_branch_over_a_roof_makes_no_hole_and_low_canopy_hides_no_roof():
    surface = np.full((20, 20), 5.0, dtype=np.float32)
    ground = np.zeros((20, 20), dtype=np.float32)
    roofs = np.zeros((20, 20), dtype=bool)
    surface[:, 8:], roofs[:, 8:] = 9.0, True
    surface[:, :8] = 0.0
    tops = np.full((20, 20), np.nan, dtype=np.float32)
    tops[5:9, 4:11] = 14.0
    tops[15, 12] = 6.0
    tops[15, 2] = 1.0
    layers = canopy_layers(surface, ground, tops, roofs, 1.0)
    assert (layers.solid[5:9, 8:11] == 9.0).all()
    assert (layers.solid[5:9, 4:8] == 0.0).all()
    assert (layers.opaque[5:9, 4:11] == 14.0).all()
    assert layers.seen[15, 12] == 9.0
    assert layers.seen[15, 2] == 0.0
    assert layers.covered.sum() == 4 * 7


def test_unknown_ground_under_a_crown_hides_nothing():
    surface = np.full((5, 5), 12.0, dtype=np.float32)
    ground = np.full((5, 5), np.nan, dtype=np.float32)
    tops = np.full((5, 5), 12.0, dtype=np.float32)
    layers = canopy_layers(surface, ground, tops, None, 1.0)
    assert np.isnan(layers.solid).all()
    assert layers.covered.all()


def test_derived_trees_stand_outside_and_away_from_footprints():
    surface = np.zeros((30, 30), dtype=np.float32)
    ground = np.zeros((30, 30), dtype=np.float32)
    roofs = np.zeros((30, 30), dtype=bool)
    roofs[10:20, 10:20] = True
    surface[8:22, 8:22] = 7.0
    surface[2:5, 2:5] = 6.0
    surface[2, 20] = 2.0
    tops = derived_tops(surface, ground, roofs, 1.0)
    assert (tops[2:5, 2:5] == 6.0).all()
    assert (~np.isnan(tops)).sum() == 9


def test_arrays_that_do_not_fit_are_refused(scene):
    layers, surface, tops = scene
    with pytest.raises(ShapeMismatchError, match="tops"):
        canopy_layers(surface, surface, tops[1:], None, 1.0)
    with pytest.raises(ShapeMismatchError, match="roofs"):
        derived_tops(surface, surface, np.zeros((2, 2), dtype=bool), 1.0)
    with pytest.raises(ShapeMismatchError, match="mask"):
        seasonal_irradiation(
            layers,
            1.0,
            build_sky(made_up_year(), 8, transmissivity=SEASONS),
            20.0,
            np.ones((3, 3), dtype=bool),
        )


def test_sky_without_transmissivity_is_refused(weather, scene):
    with pytest.raises(ConfigError, match="transmissivity"):
        seasonal_irradiation(scene[0], 1.0, build_sky(weather, 16), RADIUS_M)


@pytest.mark.parametrize("shares", [(0.5,) * 11, (1.2,) * 12, (float("nan"),) * 12])
def test_impossible_transmissivity_is_refused(weather, shares):
    with pytest.raises(ConfigError, match="transmissivity"):
        build_sky(weather, 16, transmissivity=shares)


def test_stopped_and_passed_light_add_up_and_are_kept(weather):
    sky = build_sky(weather, 16, periods=[Period.parsed("06-21")], transmissivity=SEASONS)
    assert sky.stopped.up + sky.through.up == pytest.approx(sky.up, rel=1e-5, abs=1e-4)
    assert sky.through.horizontal_kwh_m2 == pytest.approx(
        sky.horizontal_kwh_m2 * np.array(SEASONS), rel=1e-5
    )
    assert sky.through.up[..., 12] == pytest.approx(0.1 * sky.up[..., 12], rel=1e-5)
    again = SkyTables.from_arrays(sky.arrays())
    assert np.array_equal(again.through.up, sky.through.up)
    assert again.through.labels == ("06-21",)


def test_further_years_pass_crowns_too(weather):
    other = made_up_year(48.0, 2.0)
    both = with_years(
        build_sky(weather, 16, transmissivity=SEASONS),
        [build_sky(other, 16, transmissivity=SEASONS)],
    )
    alone = build_sky(other, 16, transmissivity=SEASONS)
    open_sky = np.zeros((1, 16))
    found = plane_irradiation(both.through, [0.0], [0.0], open_sky)[0, 13]
    assert found == pytest.approx(plane_irradiation(alone.through, [0.0], [0.0], open_sky)[0, 0])


@pytest.mark.parametrize("shares", [NONE, ALL])
def test_slow_march_among_crowns_agrees_with_the_one_without(weather, scene, shares):
    layers, _, _ = scene
    points = np.array([[20, 30], [25, 12], [46, 40], [4, 4]])
    sun = sun_series(weather, 1)
    height = layers.opaque if shares == NONE else layers.solid
    found = reference_among_crowns(Crowns(layers, shares), 1.0, points, sun, RADIUS_M)
    plain = reference_irradiation(height, 1.0, points, sun, RADIUS_M)
    assert found == pytest.approx(plain, rel=0.01, abs=0.5)


def test_agrees_with_the_slow_march_in_a_street_with_trees(weather, scene):
    layers, _, _ = scene
    rng = np.random.default_rng(3)
    rows, cols = np.nonzero(beside(layers.covered))
    chosen = rng.choice(len(rows), 60, replace=False)
    points = np.stack([rows[chosen], cols[chosen]], axis=1)
    sky = build_sky(weather, 64, transmissivity=SEASONS)
    found = seasonal_irradiation(layers, 1.0, sky, RADIUS_M)[:, points[:, 0], points[:, 1]].T
    sun = sun_series(weather, 6)
    slow = reference_among_crowns(Crowns(layers, SEASONS), 1.0, points, sun, RADIUS_M)
    error = found[:, 0] - slow[:, 0]
    assert abs(error.mean()) < 0.005 * slow[:, 0].mean()
    assert np.abs(error).mean() < 0.01 * slow[:, 0].mean()
