"""What a killed process left is cleared by the next one that holds the folder."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from zonnekaart.errors import BusyError
from zonnekaart.io.files import clear_leftovers
from zonnekaart.pipelines.runs import one_run_at_a_time


@pytest.fixture(scope="module")
def dead():
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


def test_half_files_of_a_dead_process_go_and_all_else_stays(tmp_path, dead):
    half = [
        f".irradiation.plain-{dead}.tif",
        f".irradiation.tmp-{dead}.tif",
        f".warehouse.tmp-{dead}.duckdb.wal",
        f"manifests/.zoning.tmp-{dead}.json",
    ]
    kept = ["irradiation.tif", ".lock", ".hidden", "notes.tmp-1.tif", f".tmp-{dead}"]
    kept.append(f".irradiation.plain-{os.getpid()}.tif")
    (tmp_path / "manifests").mkdir()
    for name in half + kept:
        (tmp_path / name).write_text(name)
    (tmp_path / f".new.tmp-{dead}").mkdir()
    (tmp_path / f".new.tmp-{dead}" / "tiles").write_text("half")
    clear_leftovers(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == sorted(kept)
    assert not (tmp_path / f".new.tmp-{dead}").exists()


@pytest.mark.parametrize("aside", [".tiles.old-{}", ".old.tmp-{}/tiles"])
@pytest.mark.parametrize("replaced", [True, False])
def test_what_was_moved_aside_goes_back_unless_it_was_replaced(tmp_path, dead, aside, replaced):
    place = tmp_path / aside.format(dead)
    place.mkdir(parents=True)
    (place / "zones.pmtiles").write_text("old")
    if replaced:
        (tmp_path / "tiles").mkdir()
        (tmp_path / "tiles" / "zones.pmtiles").write_text("new")
    clear_leftovers(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["tiles"]
    expected = "new" if replaced else "old"
    assert (tmp_path / "tiles" / "zones.pmtiles").read_text() == expected


def test_the_lock_comes_before_the_clearing(tmp_path, dead):
    left = tmp_path / f".zones.tmp-{dead}.parquet"
    with one_run_at_a_time(tmp_path):
        left.write_text("half")
        with pytest.raises(BusyError), one_run_at_a_time(tmp_path):
            pass
        assert left.exists()
    with one_run_at_a_time(tmp_path):
        assert not left.exists()
