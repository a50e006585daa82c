"""Zips of sheets: what is unpacked, and what is refused before a byte is written."""

from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from zonnekaart.errors import MissingInputError
from zonnekaart.io.archives import ArchiveError, Caps, unpacked

if TYPE_CHECKING:
    from pathlib import Path


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_only_wanted_endings_come_out_and_go_again(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"in/B.TIF": b"two", "in/a.tif": b"one", "read.me": b"x"})
    with unpacked(archive, [".tif"], near=tmp_path) as files:
        assert [(f.name, f.read_bytes()) for f in files] == [("B.TIF", b"two"), ("a.tif", b"one")]
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("name", ["../out.tif", "/etc/out.tif", "a/../../out.tif", "c:\\out.tif"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    archive = packed(tmp_path / "a.zip", {name: b"x"})
    with (
        pytest.raises(ArchiveError, match="leads out of the folder"),
        unpacked(archive, [".tif"], near=tmp_path),
    ):
        pass
    assert not (tmp_path.parent / "out.tif").exists()


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"a.tif": bytes(30_000_000)})
    with pytest.raises(ArchiveError, match="bomb"), unpacked(archive, [".tif"]):
        pass


def test_too_many_or_too_large_members_are_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {f"{i}.tif": b"abc" for i in range(3)})
    for caps in (Caps(members=2), Caps(total_bytes=8)):
        with pytest.raises(ArchiveError, match="3 files"), unpacked(archive, [".tif"], caps):
            pass


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("a.tif")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveError, match="a link"), unpacked(path, [".tif"]):
        pass


def test_wrong_content_is_named(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"roads.shp": b"x"})
    with pytest.raises(ArchiveError, match=r"roads\.shp"), unpacked(archive, [".tif"]):
        pass


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"a/k.tif": b"1", "b/k.tif": b"2"})
    with pytest.raises(ArchiveError, match="occurs twice"), unpacked(archive, [".tif"]):
        pass


def test_half_a_download_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", {"a.tif": bytes(range(256)) * 40}, zipfile.ZIP_STORED)
    half = tmp_path / "half.zip"
    half.write_bytes(whole.read_bytes()[:5000])
    page = tmp_path / "page.zip"
    page.write_text("<html>log in</html>")
    for path in (half, page):
        with pytest.raises(ArchiveError, match="no whole zip"), unpacked(path, [".tif"]):
            pass


def test_damaged_content_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.tif": bytes(range(256)) * 40}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[2000] ^= 255
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="no whole zip"), unpacked(path, [".tif"]):
        pass


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError), unpacked(tmp_path / "no.zip", [".tif"]):
        pass
