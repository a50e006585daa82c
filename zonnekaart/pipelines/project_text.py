"""The commented text of a project file: switch tables on, fill options in, leave the rest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int | float | bool
_HEADER = re.compile(r"^(?:# )?\[\[?[a-z_.]+\]\]?$")
_SECTION = "# ----"


def switch_on(text: str, table: str, options: Mapping[str, Value]) -> str:
    r"""
    Fill options of a table in; a table or option that is commented out is switched on.

    Parameters
    ----------
    text : str
        The project file.
    table : str
        Such as ``inputs.areas``; of several tables with this name the first.
    options : mapping of str to value
        Each stands in the table already, commented out or not.

    Raises
    ------
    ValueError
        If the file does not show the table or an option.

    Examples
    --------
    >>> text = '# Roads.\n# [inputs.roads]\n# path = "a.gpkg"\n# id_column = "road_id"\n'
    >>> print(switch_on(text, "inputs.roads", {"path": "b.gpkg"}))
    # Roads.
    [inputs.roads]
    path = "b.gpkg"
    # id_column = "road_id"
    <BLANKLINE>
    """
    lines = text.splitlines()
    start = _header_of(lines, table)
    stop = _end_of_table(lines, start)
    lines[start] = lines[start].removeprefix("# ")
    for key, value in options.items():
        shown = (f"{key} =", f"# {key} =")
        place = next((i for i in range(start, stop) if lines[i].startswith(shown)), None)
        if place is None:
            raise ValueError(f"[{table}] shows no {key}")
        lines[place] = f"{key} = {written(value)}"
    return "\n".join(lines) + "\n"


def set_source(text: str, table: str, source: Mapping[str, Value]) -> str:
    """
    Write ``[<table>.source]``, in place of the commented example where there is one.

    Parameters
    ----------
    text : str
        The project file.
    table : str
        Such as ``inputs.areas``; switched on already.
    source : mapping of str to value
        Title, licence, date and what else is known.
    """
    lines = text.splitlines()
    block = [f"[{table}.source]", *(f"{key} = {written(value)}" for key, value in source.items())]
    example = f"# [{table}.source]"
    if example in lines:
        start = lines.index(example)
        stop = _end_of_paragraph(lines, start)
    else:
        start = stop = _end_of_paragraph(lines, _header_of(lines, table), further=True)
        block = ["", *block]
    return "\n".join([*lines[:start], *block, *lines[stop:]]) + "\n"


def written(value: Value) -> str:
    """
    Return a value as TOML.

    Examples
    --------
    >>> written("één"), written(True), written(2021)
    ('"één"', 'true', '2021')
    """
    # JSON strings, numbers and truth values are TOML as they stand.
    return json.dumps(value, ensure_ascii=False)


def _header_of(lines: list[str], table: str) -> int:
    shown = [f"{mark}{head}" for mark in ("", "# ") for head in (f"[{table}]", f"[[{table}]]")]
    found = next((i for i, line in enumerate(lines) if line in shown), None)
    if found is None:
        raise ValueError(f"the project file shows no [{table}]")
    return found


def _end_of_table(lines: list[str], start: int) -> int:
    """Return the line after the last option: options may go on after an empty line."""
    stop = _end_of_paragraph(lines, start, further=True)
    inner = (i for i in range(start + 1, stop) if _HEADER.match(lines[i]))
    return next(inner, stop)


def _end_of_paragraph(lines: list[str], start: int, *, further: bool = False) -> int:
    """Return the line after a paragraph; `further`: and after those that hold no table."""
    stop = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    if not further or stop == len(lines):
        return stop
    end = next((i for i in range(stop + 1, len(lines)) if not lines[i].strip()), len(lines))
    following = lines[stop + 1 : end]
    closed = any(_HEADER.match(line) or line.startswith(_SECTION) for line in following)
    return stop if closed or not following else _end_of_paragraph(lines, stop + 1, further=True)
