from __future__ import annotations

import pytest

from zonnekaart.io.files import (
    replacing,
    replacing_folder,
    replacing_members,
    sha256_of,
    write_text,
)


def test_failure_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "result.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="stop"), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["result.txt"]


def test_success_replaces_at_once(tmp_path):
    path = tmp_path / "sub" / "result.txt"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"


def test_folder_is_replaced_whole(tmp_path):
    path = tmp_path / "tiles"
    path.mkdir()
    (path / "gone.txt").write_text("x")
    with replacing_folder(path) as temporary:
        (temporary / "a.txt").write_text("a")
    assert [p.name for p in path.iterdir()] == ["a.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["tiles"]


def test_failing_folder_keeps_the_old_one(tmp_path):
    path = tmp_path / "tiles"
    path.mkdir()
    (path / "kept.txt").write_text("x")
    with pytest.raises(RuntimeError, match="stop"), replacing_folder(path):
        raise RuntimeError("stop")
    assert [p.name for p in path.iterdir()] == ["kept.txt"]


def test_checksum_of_a_known_text(tmp_path):
    # FIPS 180-2 test vector "abc".
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(path) == expected


def test_checksum_of_a_folder_sees_a_renamed_file(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    before = sha256_of(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert sha256_of(tmp_path) != before


def test_members_take_their_places_together(tmp_path):
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles" / "old").write_text("old")
    (tmp_path / "a.json").write_text("old")
    (tmp_path / "other").write_text("kept")
    with replacing_members(tmp_path, ("tiles", "a.json")) as folder:
        (folder / "tiles").mkdir()
        (folder / "tiles" / "new").write_text("new")
        (folder / "a.json").write_text("new")
        assert (tmp_path / "a.json").read_text() == "old"
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == [
        "a.json",
        "other",
        "tiles",
        "tiles/new",
    ]
    assert (tmp_path / "a.json").read_text() == "new"


@pytest.mark.parametrize("fails", [True, False])
def test_no_member_moves_when_one_is_not_made(tmp_path, fails):
    (tmp_path / "a").write_text("old")
    with (
        pytest.raises((ZeroDivisionError, FileNotFoundError)),
        replacing_members(tmp_path, ("a", "b")) as folder,
    ):
        (folder / "a").write_text("new")
        if fails:
            raise ZeroDivisionError
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"
