from __future__ import annotations

import pytest

from zonnekaart.config import VegetationInput, share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.io.crowns import crown_transmissivity

TABLE = share_folder("data") / "vegetation.toml"
TYPES = VegetationInput.model_fields["transmissivity"].annotation.__args__[0].__args__


@pytest.mark.parametrize("crown", TYPES)
def test_every_type_of_the_project_file_is_there_and_in_order(crown):
    low, value, high = (
        crown_transmissivity(TABLE, crown, 51.0, bound) for bound in ("low", "value", "high")
    )
    assert len(value) == 12
    assert all(0.0 < a <= b <= c < 1.0 for a, b, c in zip(low, value, high, strict=True))


def test_mixed_lies_in_the_middle():
    parts = [crown_transmissivity(TABLE, crown, 51.0) for crown in ("deciduous", "evergreen")]
    middle = [(a + b) / 2.0 for a, b in zip(*parts, strict=True)]
    assert crown_transmissivity(TABLE, "mixed", 51.0) == pytest.approx(middle)


def test_leaves_fall_half_a_year_later_in_the_south():
    north, south = (crown_transmissivity(TABLE, "deciduous", lat) for lat in (51.0, -34.0))
    assert north[0] == south[6] > south[0] == north[6]


def test_unknown_type_names_the_known_ones():
    with pytest.raises(ConfigError, match="evergreen"):
        crown_transmissivity(TABLE, "palm", 51.0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = 0.10, low = 0.03", "value = 0.10, low = 0.13"),
        ('"heisler"]', '"nobody"]'),
        ("[meta]", "[meta"),
    ],
)
def test_broken_table_is_refused(tmp_path, old, new):
    path = tmp_path / "vegetation.toml"
    path.write_text(TABLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match="vegetation"):
        crown_transmissivity(path, "deciduous", 51.0)
