from __future__ import annotations

import json

import click
import pytest

from zonnekaart.cli import main as cli_main
from zonnekaart.cli.main import main
from zonnekaart.errors import InputError, PartialResultError

STAGE_COMMANDS = ("check", "irradiation", "roofs")


def test_help_lists_every_command_of_the_design(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in [
        "demo",
        "init",
        "check",
        "run",
        "irradiation",
        "roofs",
        "serve",
        "export",
        "matrix",
        "mockup",
    ]:
        assert f"\n  {command} " in text


def test_version_is_printed_on_stdout(capsys):
    assert main(["--version"]) == 0
    assert "0.1.0" in capsys.readouterr().out


def test_unknown_command_and_option_are_bad_input(capsys):
    assert main(["unknown"]) == 2
    assert main(["run", "--nothing"]) == 2
    assert "No such" in capsys.readouterr().err


def test_absent_project_says_found_expected_hint(capsys, tmp_path):
    assert main(["run", str(tmp_path / "none.toml")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for word in ("none.toml", "found:", "expected:", "hint:"):
        assert word in captured.err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (
            InputError("a.tif", "feet", "metres", "convert"),
            2,
            ["a.tif", "feet", "metres", "convert"],
        ),
        (PartialResultError("tiles", ["a: broken"]), 3, ["tiles", "a: broken"]),
        (RuntimeError("surprise"), 1, ["fault of ours", "surprise", "report it"]),
    ],
)
def test_each_error_has_its_exit_code(monkeypatch, capsys, error, code, words):
    @click.command("failing")
    def failing() -> None:
        raise error

    monkeypatch.setattr(cli_main.cli, "get_command", lambda *_: failing)
    assert main(["failing"]) == code
    text = capsys.readouterr().err
    assert all(word in text for word in words)


def test_config_check_points_out_a_misspelt_variable(monkeypatch, capsys):
    monkeypatch.setenv("ZONNEKAART_TOKN", "x")
    assert main(["config", "check"]) == 2
    assert "ZONNEKAART_TOKN" in capsys.readouterr().err


def test_config_check_never_prints_the_token(monkeypatch, capsys):
    monkeypatch.setenv("ZONNEKAART_TOKEN", "very-secret")
    assert main(["config", "check"]) == 0
    assert "very-secret" not in capsys.readouterr().out


def test_serving_before_publishing_says_what_to_run(tmp_path, capsys):
    from tests.unit.test_config import MINIMAL

    path = tmp_path / "zonnekaart.toml"
    path.write_text(MINIMAL)
    assert main(["serve", str(path)]) == 2
    assert "zonnekaart run" in capsys.readouterr().err


def test_json_helper_writes_utf8(capsys):
    from zonnekaart.cli.console import emit_json

    emit_json({"naam": "Essen – één"})
    assert json.loads(capsys.readouterr().out) == {"naam": "Essen – één"}
