"""The commands on rules: a sound file, a fault with its line, list and document."""

from __future__ import annotations

import json

from zonnekaart.cli.main import main


def test_a_preset_is_sound(capsys):
    assert main(["rules", "check", "voorzichtig"]) == 0
    assert "voorzichtig 1.0.0: sound" in capsys.readouterr().err


def test_a_fault_ends_with_code_2_and_its_line(tmp_path, capsys):
    path = tmp_path / "own.toml"
    path.write_text(
        'id = "own"\nversion = "1.0.0"\ndate = "2026-01-01"\nbased_on = "default"\n'
        "[thresholds]\nerfgoed = 10.0\n",
        encoding="utf-8",
    )
    assert main(["rules", "check", str(path)]) == 2
    told = capsys.readouterr().err
    assert f"{path}:6: rule 'erfgoed'.threshold" in told
    assert "found:    >= 10 -" in told
    assert "expected: between 0 and 1" in told
    assert "hint:" in told


def test_the_list_holds_steps_and_rules(capsys):
    assert main(["rules", "list", "--json", "--language", "fr"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["vraag-zonder-dak"]["kind"] == "vraag"
    assert rows["net-vol"]["severity"] == "high"
    assert "…" in rows["net-vol"]["sentence"]


def test_the_document_of_one_set_has_no_differences(capsys):
    assert main(["rules", "doc", "ambitieus", "--language", "en"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# All rules")
    assert "differs in" not in text
