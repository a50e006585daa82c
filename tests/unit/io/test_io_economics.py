"""The file of tariffs: its schema, and the one that is shipped."""

from __future__ import annotations

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import TableError
from zonnekaart.io.economics import OWNER_TYPES, read_tariffs

FOLDER = share_folder("data") / "economics"
FLEMISH = (FOLDER / "be-vlg.toml").read_text(encoding="utf-8")


def test_a_region_without_a_file_shows_no_money():
    assert read_tariffs(FOLDER, "FR") is None


def test_every_owner_type_has_a_tariff_or_a_reason():
    found = read_tariffs(FOLDER, "BE-VLG")
    without = {w.owner_type for w in found.without}
    assert {o for o in OWNER_TYPES if not found.bands(o)} == without


def test_bands_of_an_owner_rise():
    ends = [t.up_to_kwp for t in read_tariffs(FOLDER, "BE-VLG").bands("school")]
    assert ends == sorted(ends)
    assert len(ends) == 2


@pytest.mark.parametrize("name", ["investment_eur_kwp", "avoided_eur_kwh", "injection_eur_kwh"])
def test_every_price_names_an_address(name):
    for tariff in read_tariffs(FOLDER, "BE-VLG").tariffs:
        assert "http" in getattr(tariff, name).source


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = 1217.0", "value = 12170.0"),
        ("value = 0.038\nlow = 0.02\nhigh = 0.05", "value = 0.3\nlow = 0.02\nhigh = 0.5"),
        ('owner_type = "tenant"', 'owner_type = "home"'),
        ("inverter_after_years = 12", ""),
        ("up_to_kwp = 750.0", "up_to_kwp = 40.0"),
        ("valid_to = 2021-12-31", "valid_to = 2001-12-31"),
        ('vat = "included"', 'vat = "maybe"'),
    ],
)
def test_a_wrong_tariff_is_refused(tmp_path, old, new):
    assert old in FLEMISH
    (tmp_path / "be-vlg.toml").write_text(FLEMISH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError, match="be-vlg"):
        read_tariffs(tmp_path, "BE-VLG")
