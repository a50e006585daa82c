"""Zip files of downloaded sheets: looked through before a byte is unpacked."""

from __future__ import annotations

import stat
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from zonnekaart.errors import InputError, MissingInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COPY_BYTES = 1 << 20


class ArchiveError(InputError):
    """A zip file that cannot be unpacked, or should not be."""


@dataclass(frozen=True)
class Caps:
    """
    How large an archive may be.

    Parameters
    ----------
    members : int
        Most files in it.
    total_bytes : int
        Most bytes of all unpacked files together.
    ratio : float
        Most unpacked bytes per packed byte of one file; heights reach about 20. [-]
    """

    members: int = 5_000
    total_bytes: int = 64 << 30
    ratio: float = 200.0


DEFAULT_CAPS = Caps()


@contextmanager
def unpacked(
    archive: Path, endings: Sequence[str], caps: Caps = DEFAULT_CAPS, near: Path | None = None
) -> Iterator[list[Path]]:
    """
    Unpack the files of a zip that end in one of `endings`, for as long as the block lasts.

    Parameters
    ----------
    archive : Path
        A zip file.
    endings : sequence of str
        Such as ``.tif``; the case of letters does not count.
    caps : Caps, optional
        How large it may be.
    near : Path, optional
        Folder on whose disk the files are put; the system's own when left out.

    Yields
    ------
    list of Path
        The files, in the order of their names in the archive.

    Raises
    ------
    MissingInputError
        If there is no such file.
    ArchiveError
        If it is no zip, broken off, encrypted or too large unpacked; if a name leaves the folder,
        is a link, or occurs twice; or if nothing in it has one of the endings.
    """
    if not archive.is_file():
        raise MissingInputError(str(archive), "no such file", "a zip file", "check the path")
    try:
        with zipfile.ZipFile(archive) as packed, TemporaryDirectory(dir=near) as folder:
            chosen = _looked_through(packed, archive, endings, caps)
            yield [_unpack(packed, member, Path(folder), archive) for member in chosen]
    except zipfile.BadZipFile as error:
        raise ArchiveError(
            str(archive),
            f"a file that is no whole zip ({error})",
            "a zip file",
            "download it again and compare its size; a page that says why may have been saved",
        ) from error


def _looked_through(
    packed: zipfile.ZipFile, archive: Path, endings: Sequence[str], caps: Caps
) -> list[zipfile.ZipInfo]:
    members = [info for info in packed.infolist() if not info.is_dir()]
    _require_size(members, archive, caps)
    names: set[str] = set()
    for info in members:
        _require_plain(info, archive)
        name = PurePosixPath(info.filename).name.lower()
        if name in names:
            raise ArchiveError(
                f"{archive}: {info.filename}",
                "a name that occurs twice",
                "one file per name",
                "unpack it by hand and say which one counts",
            )
        names.add(name)
    wanted = tuple(ending.lower() for ending in endings)
    chosen = [info for info in members if info.filename.lower().endswith(wanted)]
    if not chosen:
        found = ", ".join(info.filename for info in members[:4]) or "nothing"
        raise ArchiveError(
            str(archive),
            f"{found}",
            f"files that end in {', '.join(endings)}",
            "see whether another product was downloaded",
        )
    return sorted(chosen, key=lambda info: info.filename)


def _require_size(members: list[zipfile.ZipInfo], archive: Path, caps: Caps) -> None:
    total = sum(info.file_size for info in members)
    if len(members) > caps.members or total > caps.total_bytes:
        raise ArchiveError(
            str(archive),
            f"{len(members)} files of {total / 2**30:.1f} GiB unpacked",
            f"at most {caps.members} files and {caps.total_bytes / 2**30:.1f} GiB",
            "unpack it by hand when you trust it, and give the files",
        )
    for info in members:
        if info.file_size > _COPY_BYTES and info.file_size > caps.ratio * info.compress_size:
            raise ArchiveError(
                f"{archive}: {info.filename}",
                f"{info.compress_size} bytes that unpack to {info.file_size}",
                f"at most {caps.ratio:g} times as many",
                "this looks like a zip bomb; unpack it by hand when you trust it",
            )


def _require_plain(info: zipfile.ZipInfo, archive: Path) -> None:
    """Refuse names that leave the folder, links and encrypted files."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    drive = ":" in path.parts[0] if path.parts else True
    if path.is_absolute() or drive or ".." in path.parts:
        raise ArchiveError(
            f"{archive}: {info.filename!r}",
            "a name that leads out of the folder",
            "names inside the archive",
            "do not trust this file; ask for another",
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(
            f"{archive}: {info.filename}", "a link", "plain files", "ask for the file itself"
        )
    if info.flag_bits & 1:
        raise ArchiveError(
            f"{archive}: {info.filename}",
            "an encrypted file",
            "a file without password",
            "unpack it by hand and give the files",
        )


def _unpack(packed: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, archive: Path) -> Path:
    """Write one member under its plain name; more bytes than it announced stop the work."""
    out = folder / PurePosixPath(info.filename).name
    written = 0
    with packed.open(info) as source, out.open("wb") as target:
        while block := source.read(_COPY_BYTES):
            written += len(block)
            if written > info.file_size:
                raise ArchiveError(
                    f"{archive}: {info.filename}",
                    f"more than the {info.file_size} bytes it names",
                    "an honest zip",
                    "do not trust this file; ask for another",
                )
            target.write(block)
    return out
