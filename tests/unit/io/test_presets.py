"""Presets: all that come along are whole, sourced and different; broken ones are refused."""

from __future__ import annotations

import pytest

from zonnekaart.config import share_folder
from zonnekaart.energy.pv import performance, yield_bounds
from zonnekaart.errors import ConfigError
from zonnekaart.io.presets import preset_names, read_preset

FOLDER = share_folder("data") / "presets"


@pytest.mark.parametrize("name", preset_names(FOLDER))
def test_preset_is_whole(name):
    preset = read_preset(name, FOLDER)
    assert preset.id == name
    assert set(preset.title) == set(preset.note) == {"nl", "fr", "en"}
    assert 0.7 < performance(preset.losses) < 0.95
    for racked in (False, True):
        low, high = yield_bounds(preset, racked=racked)
        assert 0.4 < low < 1.0 < high < 1.6
    for loss in preset.losses.values():
        assert len(loss.source) > 10
    assert preset.module_density.source
    assert len(preset.module.source) > 10


def test_foreign_presets_keep_their_shares_and_ours_lays_modules():
    methods = {name: read_preset(name, FOLDER).method for name in preset_names(FOLDER)}
    assert methods.pop("zonnekaart") == "modules"
    assert set(methods.values()) == {"share"}


def test_published_cuts():
    assert read_preset("zonnekaart_vlaanderen", FOLDER).cuts.ideal == 1000.0
    assert read_preset("zonnekaart_vlaanderen", FOLDER).cuts.min_area_m2 == 5.0
    zonatlas = read_preset("zonatlas", FOLDER)
    assert (zonatlas.cuts.usable, zonatlas.cuts.ideal) == (0.70, 0.85)
    assert performance(zonatlas.losses) == pytest.approx(0.86)
    assert read_preset("deloitte", FOLDER).cuts.usable == 690.0
    nrel = read_preset("nrel", FOLDER).cuts
    assert (nrel.max_tilt_deg, nrel.min_area_m2, nrel.min_unshaded_share) == (60.0, 10.0, 0.7)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigError, match="zonatlas"):
        read_preset("zonatles", FOLDER)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id = [", "not TOML"),
        ('extends = "own"\nid = "own"', "extends itself"),
        ('extends = "zonnekaart"\nid = "own"\n[cuts]\nusabel = 0.7', "usabel"),
        ('extends = "zonnekaart"\nid = "own"\n[cuts]\nusable = 0.9', "limited <= usable <= ideal"),
        (
            'extends = "zonnekaart"\nid = "own"\n[losses]\n'
            'soiling = { value = 2.0, low = 1.0, high = 4.0, source = "percent" }',
            "losses.soiling",
        ),
        (
            'extends = "zonnekaart"\nid = "own"\n[losses]\n'
            'soiling = { value = 0.02, low = 0.01, high = 0.04, source = "" }',
            "source",
        ),
        ('extends = "zonnekaart"\nid = "own"\nmethod = "guess"', "method"),
        ('extends = "zonnekaart"\nid = "own"\n[module]\npower_wp = 300.0', "kWp per m2 of module"),
        ('extends = "zonnekaart"\nid = "own"\n[module]\nwidth_m = 1134.0', "module.width_m"),
        ('extends = "zonnekaart"\nid = "own"\n[module]\nwidth_m = 1.8', "short side first"),
        ('extends = "zonnekaart"\nid = "own"\n[layout]\nrack_alignment = "east"', "rack_alignment"),
        ('extends = "zonnekaart"\nid = "own"\n[layout]\nfield_m = -1.0', "field_m"),
    ],
)
def test_broken_presets_are_refused(tmp_path, text, message):
    (tmp_path / "zonnekaart.toml").write_text(
        (FOLDER / "zonnekaart.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_preset("own", tmp_path)
