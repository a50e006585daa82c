"""Patches of similar light within a building."""

from __future__ import annotations

import numpy as np

from zonnekaart.geo.patches import similar_patches

BOUNDS = np.array([700.0, 900.0])
ALL = np.ones((12, 12), dtype=bool)


def gable(noise=0.0):
    light = np.full((12, 12), 650.0)
    light[6:] = 1100.0
    return light + np.random.default_rng(3).normal(0.0, noise, light.shape)


def test_two_sides_of_a_gable_are_two_patches():
    labels = similar_patches(gable(5.0), ALL, BOUNDS, 8)
    assert set(labels[:6].ravel()) == {0}
    assert set(labels[6:].ravel()) == {1}


def test_a_chimney_and_unknown_cells_join_what_is_around_them():
    light = gable()
    light[8:10, 4:6] = 300.0
    light[10, 10] = np.nan
    labels = similar_patches(light, ALL, BOUNDS, 8)
    assert labels.max() == 1
    assert set(labels[6:].ravel()) == {1}


def test_cells_outside_belong_to_nothing_and_parts_that_do_not_touch_are_two():
    inside = ALL.copy()
    inside[:, 5:7] = False
    labels = similar_patches(np.full((12, 12), 1000.0), inside, BOUNDS, 8)
    assert (labels[~inside] == -1).all()
    assert len(np.unique(labels[inside])) == 2


def test_without_values_or_room_a_building_is_one_patch():
    assert (similar_patches(np.full((12, 12), np.nan), ALL, BOUNDS, 8) == 0).all()
    assert (similar_patches(gable(), ALL, BOUNDS, 1000) == 0).all()
    nothing = np.zeros((12, 12), dtype=bool)
    assert (similar_patches(gable(), nothing, BOUNDS, 8) == -1).all()


def test_every_cell_of_a_building_has_a_patch_and_numbers_have_no_gaps():
    light = np.random.default_rng(4).uniform(400.0, 1200.0, (30, 30))
    inside = np.random.default_rng(5).random((30, 30)) > 0.2
    labels = similar_patches(light, inside, BOUNDS, 4)
    assert (labels[inside] >= 0).all()
    found = np.unique(labels[inside])
    assert found.tolist() == list(range(len(found)))
