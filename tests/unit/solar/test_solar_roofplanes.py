"""Roof planes of made-up roofs whose planes are known, and of a city model."""

from __future__ import annotations

import numpy as np
import pytest

from tests.known_roofs import known_roofs
from zonnekaart.errors import InputError, ShapeMismatchError
from zonnekaart.solar.planefits import OBSTRUCTION, OUTSIDE
from zonnekaart.solar.roofplanes import PlaneSettings, RoofPlanes, fitted_heights, roof_planes

CELL = 0.5


def plane(shape, tilt, azimuth, base=5.0, cell=CELL):
    """Heights of a plane that faces `azimuth`, `base` at the middle."""
    rows, cols = np.indices(shape)
    x = (cols - (shape[1] - 1) / 2) * cell
    y = ((shape[0] - 1) / 2 - rows) * cell
    down = np.tan(np.radians(tilt))
    facing = np.radians(azimuth)
    return base - down * (x * np.sin(facing) + y * np.cos(facing))


def gable(shape, tilt, azimuth, cell=CELL):
    """Two planes back to back; the lower of the two is the roof."""
    return np.minimum(
        plane(shape, tilt, azimuth, cell=cell), plane(shape, tilt, azimuth + 180.0, cell=cell)
    )


def building(shape=(60, 60), top=10, left=8, rows=36, cols=40):
    owner = np.full(shape, -1, dtype=np.int32)
    owner[top : top + rows, left : left + cols] = 0
    return owner


def difference(a, b):
    return abs((a - b + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.1, 0.15])
@pytest.mark.parametrize("azimuth", [0.0, 37.0, 120.0])
def test_gable_gives_two_planes(noise, azimuth):
    shape = (60, 60)
    height = gable(shape, 40.0, azimuth) + noise * np.random.default_rng(3).standard_normal(shape)
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    large = np.flatnonzero(found.cells > 200)
    assert len(large) == 2
    assert found.tilt_deg[large] == pytest.approx(40.0, abs=0.05 + 4.0 * noise)
    for expected in (azimuth, azimuth + 180.0):
        assert min(difference(a, expected) for a in found.azimuth_deg[large]) < 0.05 + 6.0 * noise
    assert found.cells[large].sum() >= 0.97 * 36 * 40


def test_noise_is_estimated():
    shape = (60, 60)
    rough = np.random.default_rng(1).standard_normal(shape)
    for noise in (0.05, 0.15):
        height = (plane(shape, 30.0, 200.0) + noise * rough).astype(np.float32)
        found = roof_planes(height, building(), CELL, 1)
        assert found.noise_m[0] == pytest.approx(noise, rel=0.25)


def test_flat_roof_has_no_azimuth():
    found = roof_planes(np.full((60, 60), 7.0, np.float32), building(), CELL, 1)
    assert found.tilt_deg == pytest.approx([0.0])
    assert np.isnan(found.azimuth_deg).all()
    assert found.cells.tolist() == [36 * 40]


def test_hip_roof_has_four_planes():
    shape = (60, 60)
    height = np.minimum.reduce(
        [plane(shape, 35.0, azimuth, base=9.0) for azimuth in (0.0, 90.0, 180.0, 270.0)]
    )
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert len(found.tilt_deg) == 4
    assert sorted(np.round(found.azimuth_deg % 360.0)) == [0.0, 90.0, 180.0, 270.0]


def test_chimney_is_cut_out_and_leaves_the_plane_alone():
    height = plane((60, 60), 30.0, 180.0)
    height[25:28, 25:28] += 1.5
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert found.tilt_deg == pytest.approx([30.0], abs=0.01)
    assert (found.labels == OBSTRUCTION).sum() == 9


def test_edge_cells_join_the_plane_without_spoiling_it():
    height = plane((60, 60), 30.0, 180.0)
    height[10, 8:48] = 1.0
    height[45, 8:48] = 2.0
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert found.tilt_deg == pytest.approx([30.0], abs=0.01)
    assert found.cells.tolist() == [36 * 40]


def test_step_between_two_flat_roofs():
    height = np.full((60, 60), 5.0)
    height[:, 30:] = 8.0
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert sorted(found.height_m.round(2)) == [5.0, 8.0]
    assert found.cells.sum() == 36 * 40


def test_terrace_keeps_each_house_its_own_cells():
    height = gable((60, 60), 40.0, 0.0).astype(np.float32)
    owner = building()
    owner[:, 28:] = np.where(owner[:, 28:] == 0, 1, -1)
    found = roof_planes(height, owner, CELL, 2)
    assert np.bincount(found.building).tolist() == [2, 2]
    for house in (0, 1):
        labels = found.window_labels(house)
        assert (labels != OUTSIDE).sum() == (owner == house).sum()
        assert set(np.unique(found.building[labels[labels >= 0]])) == {house}


def test_turning_the_scene_turns_the_planes():
    shape = (60, 60)
    height = gable(shape, 35.0, 20.0).astype(np.float32)
    owner = building()
    straight = roof_planes(height, owner, CELL, 1)
    turned = roof_planes(
        np.ascontiguousarray(np.rot90(height)), np.ascontiguousarray(np.rot90(owner)), CELL, 1
    )
    assert sorted(turned.cells) == sorted(straight.cells)
    expected = sorted((straight.azimuth_deg - 90.0) % 360.0)
    assert sorted(turned.azimuth_deg) == pytest.approx(expected, abs=0.1)


def test_unknown_heights_give_no_plane():
    found = roof_planes(np.full((60, 60), np.nan, np.float32), building(), CELL, 1)
    assert len(found.tilt_deg) == 0
    assert np.isnan(found.noise_m[0])


def test_building_without_cells_gives_no_plane():
    found = roof_planes(np.full((60, 60), 5.0, np.float32), building(), CELL, 3)
    assert np.unique(found.building).tolist() == [0]
    assert len(found.noise_m) == 3


def test_small_planes_are_left_out():
    height = plane((60, 60), 0.0, 0.0)
    owner = np.full((60, 60), -1, dtype=np.int32)
    owner[10:13, 10:13] = 0
    settings = PlaneSettings(min_area_m2=3.0)
    assert len(roof_planes(height.astype(np.float32), owner, CELL, 1, settings).tilt_deg) == 0


def test_fitted_heights_take_the_noise_away():
    shape = (60, 60)
    clean = plane(shape, 30.0, 135.0)
    rough = clean + 0.1 * np.random.default_rng(5).standard_normal(shape)
    found = roof_planes(rough.astype(np.float32), building(), CELL, 1)
    fitted = fitted_heights(rough.astype(np.float32), found, CELL)
    inside = building() == 0
    assert np.abs(fitted - clean)[inside].max() < 0.05
    assert np.array_equal(fitted[~inside], rough.astype(np.float32)[~inside])


def test_wrong_input_is_refused():
    height = np.zeros((60, 60), np.float32)
    with pytest.raises(ShapeMismatchError):
        roof_planes(height[:50], building(), CELL, 1)
    with pytest.raises(InputError):
        roof_planes(height, building(), CELL, 0)


def test_dormer_of_five_square_metres_is_a_plane():
    height = plane((60, 60), 40.0, 180.0)
    inside = (slice(26, 31), slice(22, 26))
    height[inside] = height[inside].max() + 0.6
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert sorted(found.tilt_deg) == pytest.approx([0.0, 40.0], abs=0.1)
    assert found.cells.min() == 5 * 4


def test_mixed_cells_at_a_slanting_step_make_no_plane():
    fine = np.full((240, 240), 5.0)
    rows, cols = np.indices(fine.shape)
    fine[cols > 120 + 0.45 * (rows - 120)] = 9.0
    height = fine.reshape(60, 4, 60, 4).mean(axis=(1, 3))
    found = roof_planes(height.astype(np.float32), building(), 1.0, 1)
    assert sorted(found.height_m.round(2)) == [5.0, 9.0]
    assert found.tilt_deg == pytest.approx([0.0, 0.0], abs=0.01)


@pytest.mark.parametrize("step", [-3.0, 3.0])
def test_strip_of_three_cells_beside_a_step_keeps_its_slope(step):
    """The row beside the step is a mixture; with the middle row it would make a steep plane."""
    height = np.full((30, 30), 6.0)
    height[13:16] += step
    height[15] -= 0.4 * step
    owner = np.full((30, 30), -1, dtype=np.int32)
    owner[13:26, 8:24] = 0
    found = roof_planes(height.astype(np.float32), owner, 1.0, 1)
    assert found.tilt_deg == pytest.approx([0.0, 0.0], abs=0.5)
    assert sorted(found.height_m.round(1)) == sorted([6.0, 6.0 + step])


def test_lower_strip_leaves_the_slope_beside_it_alone():
    """A strip that no first plane holds must not turn the plane that is grown."""
    shape = (40, 40)
    height = plane(shape, 21.0, 90.0, cell=1.0)
    low = height[:, 23].min() - 3.0
    height[:, 24] = 0.5 * (height[:, 24] + low)
    height[:, 25:] = low
    owner = np.full(shape, -1, dtype=np.int32)
    owner[10:24, 12:27] = 0
    found = roof_planes(height.astype(np.float32), owner, 1.0, 1)
    largest = int(np.argmax(found.cells))
    assert found.cells[largest] >= 14 * 12
    assert found.tilt_deg[largest] == pytest.approx(21.0, abs=0.1)


def test_cells_below_a_roof_are_no_superstructure():
    height = plane((60, 60), 20.0, 180.0)
    height[26:29, 22:25] -= 1.0
    height[34:37, 22:25] += 1.0
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    row, col = found.windows[0, :2]
    labels = found.window_labels(0)
    assert (labels[26 - row : 29 - row, 22 - col : 25 - col] == 0).all()
    assert (labels[34 - row : 37 - row, 22 - col : 25 - col] == OBSTRUCTION).all()


def test_smooth_noise_does_not_split_a_gable():
    shape = (60, 60)
    wide = np.random.default_rng(4).standard_normal((80, 80))
    smooth = sum(wide[i : i + 60, j : j + 60] for i in range(5) for j in range(5))
    height = gable(shape, 35.0, 20.0) + 0.1 * smooth / smooth.std()
    found = roof_planes(height.astype(np.float32), building(), CELL, 1)
    assert len(found.tilt_deg) == 2
    assert found.tilt_deg == pytest.approx([35.0, 35.0], abs=2.0)


@pytest.mark.parametrize(("cell_m", "least"), [(0.5, 0.96), (1.0, 0.83)])
def test_random_roofs_are_right(cell_m, least):
    made = known_roofs(lots=54, cell_m=cell_m, seed=5)
    found = roof_planes(made.height, made.owner, cell_m, len(made.kinds))
    truth = {"tilt_deg": made.tilt_deg, "azimuth_deg": made.azimuth_deg}
    everything, _ = _shares(found, truth, made.truth, made.height.shape)
    assert everything >= least


def test_order_of_buildings_does_not_matter():
    made = known_roofs(lots=9, seed=5)
    count = len(made.kinds)
    there = roof_planes(made.height, made.owner, CELL, count)
    turned = np.where(made.owner >= 0, count - 1 - made.owner, -1).astype(np.int32)
    back = roof_planes(made.height, turned, CELL, count)
    for number in range(count):
        ours, theirs = there.building == number, back.building == count - 1 - number
        assert np.array_equal(there.gradient[ours], back.gradient[theirs])


def _shares(found: RoofPlanes, truth, truth_cells, shape):
    """Return the share of roof cells right, by sloped area: all, and tilted ones."""
    labels = np.full(shape, OUTSIDE)
    for number, (row, col, rows, cols) in enumerate(found.windows):
        if rows == 0:
            continue
        part = found.window_labels(number)[1:-1, 1:-1]
        view = labels[row + 1 : row + rows - 1, col + 1 : col + cols - 1]
        view[part != OUTSIDE] = part[part != OUTSIDE]
    both = (truth_cells >= 0) & (labels != OUTSIDE)
    true, mine = truth_cells[both], labels[both]
    tilt, azimuth = np.asarray(truth["tilt_deg"])[true], np.asarray(truth["azimuth_deg"])[true]
    tilted = tilt > 5.0
    right = (mine >= 0) & (np.abs(found.tilt_deg[mine] - tilt) <= 5.0)
    turn = np.abs((found.facing_deg[mine] - azimuth + 180.0) % 360.0 - 180.0)
    right &= ~tilted | (turn <= 15.0)
    weight = 1.0 / np.cos(np.radians(np.minimum(tilt, 80.0)))
    return (
        (weight * right).sum() / weight.sum(),
        (weight * right)[tilted].sum() / weight[tilted].sum(),
    )


@pytest.mark.shared
@pytest.mark.parametrize(("noise", "least"), [(0.0, (0.97, 0.94)), (0.1, (0.95, 0.89))])
def test_delfshaven_planes_match_the_city_model(shared_data, noise, least):
    from zonnekaart.io.burning import cell_owners
    from zonnekaart.io.raster import HeightReader
    from zonnekaart.io.vector import read_layer

    folder = shared_data / "delfshaven-lod2"
    footprints = read_layer(folder / "delfshaven_footprints.gpkg")
    truth = read_layer(folder / "delfshaven_roofplanes_TRUTH.gpkg")
    truth = truth.sort_values("zmax", ascending=False, ignore_index=True)
    with HeightReader(folder / "delfshaven_dsm.tif") as reader:
        height, geobox = reader.read(), reader.geobox
    height += np.float32(noise) * np.random.default_rng(1).standard_normal(height.shape, np.float32)
    owner = cell_owners(list(footprints.geometry), geobox)
    found = roof_planes(height, owner, geobox.cell_m, len(footprints))
    everything, tilted = _shares(
        found, truth, cell_owners(list(truth.geometry), geobox), height.shape
    )
    assert everything >= least[0]
    assert tilted >= least[1]
