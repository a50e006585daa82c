"""Command ``economics`` on files that a stage has left."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from zonnekaart.cli.main import main
from zonnekaart.io.vector import write_parquet
from zonnekaart.pipelines.economics import COLUMNS
from zonnekaart.pipelines.init import start_project


@pytest.fixture
def project(tmp_path):
    path = start_project(tmp_path, "Kapellen")
    figures = dict.fromkeys(
        [c for c in COLUMNS if c.endswith(("_eur", "_kwh", "_years", "_kwp"))], 12.5
    )
    home = figures | {
        "zone_id": "Z1",
        "owner_type": "home",
        "sizing": "demand",
        "buildings": 12,
        "tariff_ids": ["t"],
        "tariff_from": "2024",
        "owner_assumed": False,
        "reason": None,
    }
    flat = home | dict.fromkeys(figures, np.nan)
    flat |= {"owner_type": "flat", "tariff_ids": [], "tariff_from": None, "reason": "no_tariff"}
    write_parquet(
        pd.DataFrame([home, flat], columns=list(COLUMNS)),
        tmp_path / "build" / "zone_economics.parquet",
    )
    return path


def test_the_table_shows_ranges_dates_and_that_it_is_indicative(project, capsys):
    assert main(["economics", str(project)]) == 0
    out, err = capsys.readouterr()
    assert "12.5 (12.5 to 12.5)" in out
    assert "flat" not in out
    assert "BE-VLG" in err
    assert "indicative" in err


def test_reasons_are_shown_when_asked(project, capsys):
    assert main(["economics", str(project), "--with-reasons"]) == 0
    assert "no_tariff" in capsys.readouterr().out


def test_json_writes_unknown_as_null(project, capsys):
    assert main(["economics", str(project), "--json"]) == 0
    home, flat = json.loads(capsys.readouterr().out)
    assert home["tariff_ids"] == ["t"]
    assert home["reason"] is None
    assert flat["payback_years"] is None
    assert flat["tariff_from"] is None


def test_before_the_stage_has_run_it_says_what_to_do(tmp_path, capsys):
    path = start_project(tmp_path, "Kapellen")
    assert main(["economics", str(path)]) == 2
    assert "--stage economics" in capsys.readouterr().err
