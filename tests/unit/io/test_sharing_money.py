"""Prices and factors of doability as data."""

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import RulesError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.sharing_money import read_doability, read_sharing_prices

PRICES = share_folder("data") / "sharing_prices"
PRACTICE = share_folder("data") / "sharing_practice" / "doability.toml"


@pytest.mark.parametrize("path", sorted(PRICES.glob("*.toml")), ids=lambda p: p.stem)
def test_prices_are_ranges_with_a_date_and_a_source(path):
    prices = read_sharing_prices(PRICES, path.stem.upper())
    assert prices.prices.region == path.stem.upper()
    for owner in prices.owners:
        low, high = owner.gain_eur_kwh
        assert low < high
        assert owner.source.startswith("https://")


def test_no_prices_means_no_money():
    assert read_sharing_prices(PRICES, "PT") is None
    assert read_sharing_prices(PRICES, "BE-VLG").of("firm") is None


def test_factors_point_at_the_experience_matrix():
    experience = load_matrix().experience
    known = {b.id for b in experience.apartment_barriers} | {r.id for r in experience.rules}
    practice = read_doability(PRACTICE)
    assert {f.matrix_id for f in practice.factors} <= known
    assert practice.basis.kind == "own assumption"
    assert practice.factor("grid_study") == 0.85
    assert practice.reason("many_owners") == "b01"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("gain_eur_kwh = [0.05, 0.15]", "gain_eur_kwh = [0.15, 0.05]", "from high to low"),
        ("gain_eur_kwh = [0.05, 0.15]", "gain_eur_kwh = [0.05, 0.55]", "energy at its dearest"),
        ("observed_to = 2023-04-30", "observed_to = 2021-04-30", "observed_to"),
        ('owner = "household"', 'owner = "church"', "owners.0.owner"),
        ("[costs]", "[costs", "not TOML"),
    ],
)
def test_wrong_prices_are_refused(tmp_path, old, new, says):
    text = (PRICES / "be-vlg.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "be-vlg.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesError, match=says):
        read_sharing_prices(tmp_path, "BE-VLG")


def test_factor_above_one_is_refused(tmp_path):
    path = tmp_path / "doability.toml"
    path.write_text(PRACTICE.read_text(encoding="utf-8").replace("0.98", "1.5"), encoding="utf-8")
    with pytest.raises(RulesError, match=r"factors\.0\.factor"):
        read_doability(path)
