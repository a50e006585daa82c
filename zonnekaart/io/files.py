"""Files as wholes: checksums, and writing that leaves either the old file or the new one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BLOCK_BYTES = 1 << 20
_LEFTOVER = re.compile(r"\.(?P<name>.+)\.(?P<kind>tmp|plain|old)-(?P<process>\d+)(?:\..+)?")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's files in the order of their names."""
    digest = hashlib.sha256()
    members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for member in members:
        if path.is_dir():
            digest.update(member.relative_to(path).as_posix().encode())
        with member.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Give a temporary path beside `path`; on success it takes the place of `path` at once.

    When the block raises, the temporary file is removed and `path` keeps what it held.

    Parameters
    ----------
    path : Path
        The file that readers will see; its folder is made when missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.tmp-{os.getpid()}{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give an empty temporary folder; on success it takes the place of the folder `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    old = path.with_name(f".{path.name}.old-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            path.replace(old)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def replacing_members(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    """
    Give a temporary folder; on success its members take their places in `folder`, in order.

    When the block raises, `folder` keeps all it held. The members change place one after the
    other by renaming, so name last what tells readers that the others are new.

    Parameters
    ----------
    folder : Path
        Where the members belong; other things in it are not touched.
    names : sequence of str
        Files and folders that the block makes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".new.tmp-{os.getpid()}"
    old = folder / f".old.tmp-{os.getpid()}"
    for place in (temporary, old):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    try:
        yield temporary
        missing = [name for name in names if not (temporary / name).exists()]
        if missing:
            raise FileNotFoundError(f"not made: {', '.join(missing)}")
        for name in names:
            if (folder / name).is_dir():
                (folder / name).replace(old / name)
            (temporary / name).replace(folder / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def clear_leftovers(folder: Path) -> None:
    """
    Remove what killed processes left half-written in a folder.

    What was moved aside to be replaced, and was not replaced, goes back to its place.

    Parameters
    ----------
    folder : Path
        The caller must be the only one who writes here; files of processes that still live stay.
    """
    for path in sorted(folder.rglob(".*")):
        found = _LEFTOVER.fullmatch(path.name)
        if found is None or not path.exists() or _lives(int(found["process"])):
            continue
        if found["kind"] == "old":
            _put_back(path, path.with_name(found["name"]))
        elif found["name"] == "old":
            for member in sorted(path.iterdir()):
                _put_back(member, path.with_name(member.name))
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _put_back(aside: Path, place: Path) -> None:
    if not place.exists():
        aside.replace(place)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
