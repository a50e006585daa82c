"""Tables of weather in our own columns: header lines, separators, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from zonnekaart.errors import WeatherError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.io.sources.weather_options import WeatherOptions

    F64 = npt.NDArray[np.float64]

MISSING_BELOW = -900.0
"""From here down a number is a code for "missing": -999, -9999. [any unit]"""
_SEPARATORS = (";", "\t", ",")
_SETTING = re.compile(r"#\s*(\w+)\s*[:=]\s*(.+?)\s*$")
_DECIMAL_COMMA = re.compile(r"^\s*-?\d+,\d+\s*$")


@dataclass(frozen=True)
class Table:
    """
    A table as text.

    Parameters
    ----------
    path : Path
        Where it was read.
    frame : DataFrame
        One column of text per name in the header.
    settings : dict
        What the lines that start with # say: ``# name: value``.
    """

    path: Path
    frame: pd.DataFrame
    settings: dict[str, str]

    def number(self, name: str, given: float | None) -> float | None:
        """Return a setting: the project file's, else the file's own; None when neither has it."""
        if given is not None:
            return given
        if name not in self.settings:
            return None
        try:
            return float(self.settings[name])
        except ValueError as error:
            raise WeatherError(
                f"{self.path}: # {name}",
                repr(self.settings[name]),
                "a number",
                "repair the line",
            ) from error

    def place(self, options: WeatherOptions) -> tuple[float, float, float]:
        """Return latitude, longitude and altitude; the last is 0 when nobody says it."""
        latitude = self.number("latitude_deg", options.latitude_deg)
        longitude = self.number("longitude_deg", options.longitude_deg)
        altitude = self.number("altitude_m", options.altitude_m)
        if latitude is None or longitude is None:
            raise WeatherError(
                str(self.path),
                "no place",
                "latitude_deg and longitude_deg of the station",
                "give them under [inputs.weather], or as lines '# latitude_deg: 50.9' and "
                "'# longitude_deg: 4.5' at the top of the file",
            )
        if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
            raise WeatherError(
                str(self.path),
                f"latitude {latitude:g}, longitude {longitude:g}",
                "a place on earth",
                "latitude runs from -90 to 90, longitude from -180 to 180",
            )
        return latitude, longitude, 0.0 if altitude is None else altitude

    def values(self, name: str) -> F64 | None:
        """Return a column of numbers; None when there is no such column."""
        if name not in self.frame:
            return None
        text = self.frame[name].astype(str).str.strip()
        values = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
        words = ~np.isfinite(values)
        if words.any():
            self._refuse_words(name, text[words].iloc[0], np.flatnonzero(words))
        gaps = values < MISSING_BELOW
        if gaps.any():
            raise WeatherError(
                f"{self.path}: {name}",
                f"{int(gaps.sum())} rows with a code for missing ({values[gaps][0]:g}), first at "
                f"{self.frame.iloc[int(np.flatnonzero(gaps)[0]), 0]!s}",
                "a value in every row",
                "fill the gaps at the source or choose another year; nothing is filled in quietly",
            )
        return np.asarray(values)

    def _refuse_words(self, name: str, word: str, rows: npt.NDArray[np.intp]) -> None:
        at = f"{rows.size} rows, first at {self.frame.iloc[int(rows[0]), 0]!s}"
        if _DECIMAL_COMMA.match(word):
            raise WeatherError(
                f"{self.path}: {name}",
                f"decimal commas ({word}) in {at}",
                "decimal points",
                "save the table with points (12.5) in the numbers",
            )
        empty = word in {"", "nan", "NaN", "NA", "null", "None"}
        raise WeatherError(
            f"{self.path}: {name}",
            f"no value in {at}" if empty else f"{word!r}, which is no number, in {at}",
            "a number in every row",
            "fill the gaps at the source or choose another year; nothing is filled in quietly"
            if empty
            else "repair the table",
        )


def read_table(path: Path) -> Table:
    """
    Read a table with a header line, separated by semicolons, tabs or commas.

    Parameters
    ----------
    path : Path
        A text file; lines that start with # carry settings.

    Raises
    ------
    WeatherError
        If there is no header or no row, or rows are longer than the header.
    """
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    settings = {}
    for line in lines:
        if found := _SETTING.match(line):
            settings[found.group(1).lower()] = found.group(2)
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    if len(rows) < 2:
        raise WeatherError(
            str(path), "no rows", "a header line and rows", "see docs/weather.md for the columns"
        )
    separator = next((s for s in _SEPARATORS if s in rows[0]), ",")
    names = [c.strip().strip('"').lower() for c in rows[0].split(separator)]
    cells = [[c.strip().strip('"') for c in row.split(separator)] for row in rows[1:]]
    wrong = next((i for i, row in enumerate(cells) if len(row) != len(names)), None)
    if wrong is not None:
        commas = separator == "," and len(cells[wrong]) > len(names)
        raise WeatherError(
            f"{path}: row {wrong + 1}",
            f"{len(cells[wrong])} fields: {rows[wrong + 1][:60]}",
            f"{len(names)} fields, as the header has",
            "decimal commas in a table separated by commas? save it with decimal points"
            if commas
            else "the file is cut or damaged; export it again",
        )
    if len(set(names)) < len(names):
        raise WeatherError(
            str(path),
            f"a column name twice in {', '.join(names)}",
            "each column once",
            "remove one of the two",
        )
    return Table(path, pd.DataFrame(cells, columns=names), settings)
