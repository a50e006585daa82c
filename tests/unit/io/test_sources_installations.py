"""Tables of installed panels: our own and Fluvius' list."""

from __future__ import annotations

import numpy as np
import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import MissingInputError, TableError
from zonnekaart.io.pv_weights import read_pv_weights
from zonnekaart.io.sources.installations import (
    read_fluvius_installations,
    read_installed,
    require_known_areas,
)

WEIGHTS = share_folder("data") / "existing_pv" / "weights.toml"
LIST = (
    "boekjaar_periode;jaartal_in_dienstname;type;postcode;geinstalleerd_productievermogen_kva;"
    "spanningsniveau_net;counter\n"
    "2026-07;2025;Photovoltaic - Photovoltaic;2910;4.0;Laagspanning;17\n"
    "2026-07;2019;Photovoltaic - Photovoltaic;2910;6.0;Laagspanning;18\n"
    "2026-07;2012;Photovoltaic - Photovoltaic;2910;250;Middenspanning;19\n"
    "2026-07;2012;Wind - Onshore;2910;2300;Middenspanning;1\n"
    "2026-07;2020;Photovoltaic - Photovoltaic;2950;5.0;Laagspanning;20\n"
    "2026-07;2021;Photovoltaic - Photovoltaic;2950;;Laagspanning;21\n"
)


def write(folder, text, name="pv.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_own_table_keeps_unknown_apart_from_none(tmp_path):
    path = write(tmp_path, "area_id,installed_kwp,installations\nA,40,8\nB,,\nC,0,0\n")
    rows = read_installed(path).rows.set_index("area_id")
    assert rows["category"].tolist() == ["all"] * 3
    assert rows["installed_kwp"].tolist() == pytest.approx([40.0, np.nan, 0.0], nan_ok=True)
    assert rows["installed_low_kwp"]["A"] == rows["installed_high_kwp"]["A"] == 40.0


def test_own_table_may_give_categories_and_dwellings(tmp_path):
    text = "area_id,category,installed_kwp,installations,dwellings\nA,residential,40,8,50\n"
    row = read_installed(write(tmp_path, text)).rows.iloc[0]
    assert (row["category"], row["dwellings"]) == ("residential", 50.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A,-4,1", "a number >= 0"),
        ("A,four,1", "a number >= 0"),
        ("A,40000,8", "the figures look like W"),
        ("A,0.04,8", "the figures look like MW"),
        ("A,40,8\nA,30,6", "more than one row for A"),
    ],
)
def test_bad_rows_are_refused(tmp_path, text, message):
    path = write(tmp_path, f"area_id,installed_kwp,installations\n{text}\n")
    with pytest.raises(TableError, match=message):
        read_installed(path)


def test_a_total_beside_its_parts_is_refused(tmp_path):
    text = "area_id,category,installed_kwp,installations\nA,all,40,8\nA,residential,30,7\n"
    with pytest.raises(TableError, match="a total and parts for A"):
        read_installed(write(tmp_path, text))
    with pytest.raises(TableError, match="homes"):
        read_installed(write(tmp_path, text.replace("all", "homes")))


def test_absent_file_and_absent_column(tmp_path):
    with pytest.raises(MissingInputError):
        read_installed(tmp_path / "none.csv")
    with pytest.raises(TableError, match="no column installations"):
        read_installed(write(tmp_path, "area_id,installed_kwp\nA,1\n"))


def test_fluvius_counts_rows_and_turns_kva_into_kwp(tmp_path):
    table = read_fluvius_installations(write(tmp_path, LIST), read_pv_weights(WEIGHTS))
    rows = table.rows.set_index(["area_id", "category"])
    homes = rows.loc[("2910", "residential")]
    assert homes["installations"] == 2
    assert homes["installed_kwp"] == pytest.approx(10.0 * 1.1)
    assert homes["installed_low_kwp"] == pytest.approx(10.0)
    assert homes["installed_high_kwp"] == pytest.approx(12.5)
    assert rows.loc[("2910", "non_residential"), "installed_kwp"] == pytest.approx(275.0)
    assert table.facts["other_rows"] == 1


def test_fluvius_without_power_is_a_lower_bound_and_no_row_is_none(tmp_path):
    table = read_fluvius_installations(write(tmp_path, LIST), read_pv_weights(WEIGHTS))
    rows = table.rows.set_index(["area_id", "category"])
    assert rows.loc[("2950", "residential"), "missing_members"] == 1
    assert rows.loc[("2950", "residential"), "installed_kwp"] == pytest.approx(5.5)
    assert rows.loc[("2950", "non_residential"), "installed_kwp"] == 0.0
    assert table.facts["without_power"] == 1


def test_fluvius_with_commas_and_all_powers_unknown(tmp_path):
    text = LIST.replace(";5.0;", ";;").replace(";", ",")
    table = read_fluvius_installations(write(tmp_path, text), read_pv_weights(WEIGHTS))
    rows = table.rows.set_index(["area_id", "category"])
    assert np.isnan(rows.loc[("2950", "residential"), "installed_kwp"])


def test_several_months_need_a_choice(tmp_path):
    path = write(tmp_path, LIST + "2026-08;2025;Photovoltaic;2910;4.0;Laagspanning;1\n")
    weights = read_pv_weights(WEIGHTS)
    with pytest.raises(TableError, match="one month"):
        read_fluvius_installations(path, weights)
    with pytest.raises(TableError, match="2026-09"):
        read_fluvius_installations(path, weights, period="2026-09")
    assert read_fluvius_installations(path, weights, period="2026-08").facts["installations"] == 1


def test_unknown_areas_are_listed(tmp_path):
    path = write(tmp_path, "area_id,installed_kwp,installations\nA,40,8\nX,4,1\nY,4,1\n")
    with pytest.raises(TableError, match=r"2 areas .*: X, Y"):
        require_known_areas(read_installed(path).rows, ["A"], "pv.csv")


def test_weights_name_their_sources():
    weights = read_pv_weights(WEIGHTS)
    assert weights.kwp_per_kva.low < weights.kwp_per_kva.value < weights.kwp_per_kva.high
    assert weights.likelihood.residential.value == 1.0


@pytest.mark.parametrize(
    ("old", "new"), [("value = 0.2", "value = 0.9"), ("[protected]", "[other]"), ("= 0.2", "= ")]
)
def test_broken_weights_are_refused(tmp_path, old, new):
    text = WEIGHTS.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(TableError):
        read_pv_weights(write(tmp_path, text.replace(old, new), "weights.toml"))
    with pytest.raises(MissingInputError):
        read_pv_weights(tmp_path / "none.toml")
