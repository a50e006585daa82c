"""Where in a rule file something stands, so that an error can name the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Key = str | int
_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(r"^\s*([\w.-]+)\s*=")
_ID = re.compile(r"""^\s*id\s*=\s*["']([^"']*)["']""")
_LONG_STRING = re.compile(r'"""|' + "'''")
_OVERRIDES = {"threshold": "thresholds", "applies_to": "when", "all": "class_thresholds"}


@dataclass(frozen=True)
class FileLines:
    """
    Lines of one file.

    Parameters
    ----------
    path : Path
        The file.
    lines : mapping of tuple to int
        Line, from 1, of each header and entry, by its path in the tables: names, and the number
        of a table in an array from 0.
    ids : mapping of tuple to str
        Id of each table of an array that has one.
    """

    path: Path
    lines: Mapping[tuple[Key, ...], int]
    ids: Mapping[tuple[Key, ...], str]

    def line(self, location: Sequence[Key]) -> int | None:
        """Return the line of a place, or of the nearest table around it."""
        for end in range(len(location), 0, -1):
            found = self.lines.get(tuple(location[:end]))
            if found is not None:
                return found
        return None


def file_lines(path: Path, text: str) -> FileLines:
    r"""
    Find the line of every header and entry.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its content, which is TOML; tables and entries each begin on a line of their own, as in
        the files that come with the package.

    Examples
    --------
    >>> from pathlib import Path
    >>> found = file_lines(Path("own.toml"), '[[rules]]\nid = "a"\n[rules.reason]\nnl = "x"\n')
    >>> found.line(("rules", 0, "reason", "nl")), found.line(("rules", 0, "reason", "fr"))
    (4, 3)
    """
    lines: dict[tuple[Key, ...], int] = {}
    ids: dict[tuple[Key, ...], str] = {}
    arrays: dict[str, int] = {}
    here: tuple[Key, ...] = ()
    in_string = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not in_string:
            header, entry = _HEADER.match(line), _ENTRY.match(line)
            if header:
                here = _table(header, arrays)
                lines.setdefault(here, number)
            elif entry:
                lines.setdefault((*here, *entry[1].split(".")), number)
                named = _ID.match(line)
                if named:
                    ids[here] = named[1]
        in_string ^= len(_LONG_STRING.findall(line)) % 2 == 1
    return FileLines(path, lines, ids)


def _table(header: re.Match[str], arrays: dict[str, int]) -> tuple[Key, ...]:
    """Return the place of a header; a table within an array belongs to the array's last one."""
    first, *rest = header[2].split(".")
    if header[1] == "[[" and not rest:
        arrays[first] = arrays.get(first, -1) + 1
    return (first, arrays[first], *rest) if first in arrays else (first, *rest)


@dataclass(frozen=True)
class RuleLines:
    """
    Lines of a rule set: of its own file, and of the one it is based on.

    Parameters
    ----------
    own : FileLines
        The file that was named.
    base : FileLines or None
        The file it is based on.
    """

    own: FileLines
    base: FileLines | None = None

    def subject(self, location: Sequence[Key], label: str) -> str:
        """
        Return file, line and name of a place in the merged set.

        Parameters
        ----------
        location : sequence of str or int
            Path in the tables.
        label : str
            What stands there, for people.
        """
        file, line = self._found(location)
        place = f"{file.path}:{line}" if line is not None else str(file.path)
        return f"{place}: {label}"

    def changed(self, location: Sequence[Key]) -> bool:
        """Tell whether the short file changes this place of its base."""
        return self._override(tuple(location)) is not None

    def _found(self, location: Sequence[Key]) -> tuple[FileLines, int | None]:
        place = tuple(location)
        changed = self.own.lines.get(place) or self._override(place)
        if changed is not None:
            return self.own, changed
        if self.base is not None and (place in self.base.lines or self.own.line(place) is None):
            return self.base, self.base.line(place)
        return self.own, self.own.line(place)

    def _override(self, place: tuple[Key, ...]) -> int | None:
        """Return the line of the short file that changes this place of the base, if one does."""
        table, key = place[:2], place[2:3]
        if self.base is None or not key or table not in self.base.ids:
            return None
        return self.own.lines.get((_OVERRIDES.get(str(key[0]), ""), self.base.ids[table]))
