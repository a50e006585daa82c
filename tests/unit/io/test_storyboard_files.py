"""Storyboards and themes: what is wrong is told with file and line."""

from __future__ import annotations

import pytest

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, MissingInputError
from zonnekaart.io.storyboards import read_storyboard, storyboard_names
from zonnekaart.io.themes import Theme, read_theme
from zonnekaart.io.toml_files import line_of

FOLDER = share_folder("data") / "storyboards"
GOOD = (FOLDER / "schepen.toml").read_text(encoding="utf-8")


def refused(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_storyboard(FOLDER, str(path))
    file, _, line = caught.value.subject.partition(", line ")
    assert file == str(path)
    return text.splitlines()[int(line) - 1], caught.value


@pytest.mark.parametrize("name", storyboard_names(FOLDER))
def test_ours_follow_the_schema_and_are_called_after_their_file(name):
    board = read_storyboard(FOLDER, name)
    assert board.id == name
    assert board.answer is not None


def test_one_of_your_own_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace('id = "schepen"', 'id = "mijn-raad"'), encoding="utf-8")
    assert read_storyboard(FOLDER, str(path)).id == "mijn-raad"


@pytest.mark.parametrize(
    ("old", "new", "line", "found"),
    [
        ('layers = ["zones"]', 'layers = ["zonnes"]', 'layers = ["zonnes"]', "'zonnes'"),
        ("[answer]\n", "[answer]\ncolour = 1\n", "colour = 1", "answer.colour"),
        ("count = 5", "count = 99", "count = 99", "answer.count = 99"),
        ('focus = "all"', 'focus = "here"', 'focus = "here"', "'here'"),
        ('accent = "#5b3a00"', 'accent = "brown"', 'accent = "brown"', "'brown'"),
        ('accent = "#5b3a00"', 'accent = "#ffe680"', 'accent = "#ffe680"', "contrast 1.2"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, old, new, line, found):
    assert old in GOOD
    told, error = refused(tmp_path, GOOD.replace(old, new, 1))
    assert told == line
    assert found in error.found


def test_a_missing_language_is_told_with_the_table_it_lacks_in(tmp_path):
    text = GOOD.replace('fr = "La moins certaine"\n', "", 1)
    assert text != GOOD
    told, error = refused(tmp_path, text)
    assert told == "[annotations.text]"
    assert error.found == "no annotations.1.text.fr"


def test_an_empty_text_is_no_text(tmp_path):
    text = GOOD.replace('en = "Least certain"', 'en = ""', 1)
    told, _ = refused(tmp_path, text)
    assert told == 'en = ""'


def test_what_is_no_toml_is_told_with_its_line(tmp_path):
    told, error = refused(tmp_path, GOOD.replace("count = 5", "count = ", 1))
    assert told == "count = "
    assert error.expected == "a TOML file"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(MissingInputError):
        read_storyboard(FOLDER, str(tmp_path / "none.toml"))


def test_lines_are_found_past_texts_of_several_lines():
    text = 'a = """\nb = 1\n[c]\n"""\nb = 2\n[c]\nd = 3'
    assert line_of(text, ("b",)) == 5
    assert line_of(text, ("c", "d")) == 7
    assert line_of(text, ("unknown",)) == 1


# ---- themes ----


def test_our_theme_is_the_default():
    assert read_theme(share_folder("data") / "themes" / "zonnekaart.toml") == Theme()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('ink = "#222222"\naccent = "#ffe680"\n', 2),
        ('paper = "#2b2a27"\n', 1),
        ('accent = "#000000"\non_accent = "#333333"\n', 2),
        ('muted = "#aaaaaa"\n', 1),
        ('accent = "blue"\n', 1),
        ('colour = "#000000"\n', 1),
    ],
)
def test_a_theme_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, line):
    path = tmp_path / "theme.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_theme(path)
    assert caught.value.subject == f"{path}, line {line}"


def test_the_contrast_is_told(tmp_path):
    path = tmp_path / "theme.toml"
    path.write_text('muted = "#aaaaaa"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"contrast 2\.\d; expected 4\.5 or more"):
        read_theme(path)
