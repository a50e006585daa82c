from __future__ import annotations

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.io.storyboards import read_storyboard, storyboard_names

FOLDER = share_folder("data") / "storyboards"
LANGUAGES = ("nl", "fr", "en")
SMALL = """
id = "klein"
version = "1"
layers = ["zones"]
persona = { nl = "a", fr = "b", en = "c" }
title = { nl = "a", fr = "b", en = "c" }
question = { nl = "a", fr = "b", en = "c" }
steps = [{ nl = "een", fr = "un", en = "one" }]
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a storyboard with something replaced, and its folder."""

    def save(old="", new="", name="klein"):
        assert old in SMALL
        (tmp_path / f"{name}.toml").write_text(SMALL.replace(old, new), encoding="utf-8")
        return tmp_path

    return save


def test_there_are_storyboards_for_two_personas():
    assert {"energieplanner", "schepen"} <= set(storyboard_names(FOLDER))


@pytest.mark.parametrize("name", storyboard_names(FOLDER))
def test_every_storyboard_is_whole_in_every_language(name):
    board = read_storyboard(FOLDER, name)
    assert board.id == name
    texts = [board.persona, board.title, board.question, *board.steps]
    texts += [annotation.text for annotation in board.annotations]
    for language in LANGUAGES:
        assert all(text.in_language(language).strip() for text in texts)
    assert all(len({text.nl, text.fr, text.en}) == 3 for text in texts)


def test_texts_are_in_the_language_asked_for(write):
    board = read_storyboard(write(), "klein")
    assert [board.steps[0].in_language(lang) for lang in LANGUAGES] == ["een", "un", "one"]
    assert board.annotations == []


def test_an_unknown_storyboard_names_the_known_ones(write):
    with pytest.raises(ConfigError, match="one of: klein") as caught:
        read_storyboard(write(), "groot")
    assert caught.value.found == "'groot'"


@pytest.mark.parametrize("name", ["../klein", "", "/etc/passwd"])
def test_a_name_is_no_path(write, name):
    with pytest.raises(ConfigError, match="one of: klein"):
        read_storyboard(write(), name)


def test_a_name_that_ends_as_a_file_is_read_from_there_alone(write, monkeypatch, tmp_path):
    folder = write()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(MissingInputError, match="no such file"):
        read_storyboard(folder, "klein.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version", "versie"),
        ('layers = ["zones"]', 'layers = ["demand"]'),
        ('layers = ["zones"]', "layers = []"),
        ('title = { nl = "a", fr = "b", en = "c" }', 'title = { nl = "a", fr = "b" }'),
        ('id = "klein"', 'id = "Klein Dorp"'),
        ('steps = [{ nl = "een", fr = "un", en = "one" }]', "steps = []"),
        ('version = "1"', 'version = "1'),
    ],
)
def test_a_storyboard_that_does_not_follow_the_schema_names_its_file(write, old, new):
    folder = write(old, new)
    with pytest.raises(ConfigError) as caught:
        read_storyboard(folder, "klein")
    file, line = caught.value.subject.rsplit(", line ", 1)
    assert file == str(folder / "klein.toml")
    assert int(line) >= 1
