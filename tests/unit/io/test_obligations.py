"""The file of duties: its schema, its days, and the one that is shipped."""

from __future__ import annotations

import datetime as dt

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import TableError
from zonnekaart.io.obligations import read_duties

FOLDER = share_folder("data") / "obligations"
FLEMISH = (FOLDER / "be-vlg.toml").read_text(encoding="utf-8")


def duty(name):
    return next(d for d in read_duties(FOLDER, "BE-VLG").duties if d.id == name)


def test_a_region_without_a_file_has_no_duties_written_down():
    assert read_duties(FOLDER, "NL") is None


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("be-vlg-pv-1gwh", "2025-06-29", None),
        ("be-vlg-pv-1gwh", "2025-06-30", (1_000_000.0, 12.5)),
        ("be-vlg-pv-1gwh", "2029-12-31", (1_000_000.0, 12.5)),
        ("be-vlg-pv-1gwh", "2030-01-01", (1_000_000.0, 18.75)),
        ("be-vlg-pv-publiek", "2025-06-30", (250_000.0, 12.5)),
        ("be-vlg-pv-publiek", "2026-01-01", (100_000.0, 12.5)),
        ("be-vlg-pv-publiek", "2040-01-01", (100_000.0, 25.0)),
    ],
)
def test_flemish_duties_follow_their_days(name, day, expected):
    assert duty(name).on(dt.date.fromisoformat(day)) == expected


def test_what_sources_disagree_on_says_so():
    assert [t.confidence for t in duty("be-vlg-pv-publiek").thresholds] == ["high", "verify"]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('owners = ["public"]', 'owners = ["gemeente"]', "gemeente"),
        ("wp_per_m2 = 12.5", "wp_per_m2 = 12500.0", "12500"),
        ("from = 2030-01-01, wp", "from = 2020-01-01, wp", "order"),
        ('source = "https://www.eub', 'source = "eub', "eub"),
    ],
)
def test_a_wrong_file_says_where(tmp_path, old, new, found):
    (tmp_path / "be-vlg.toml").write_text(FLEMISH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError) as raised:
        read_duties(tmp_path, "BE-VLG")
    assert found in str(raised.value)
    assert "be-vlg.toml" in raised.value.subject
