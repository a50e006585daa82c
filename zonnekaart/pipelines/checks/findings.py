"""What a check found: findings with the four facts, and figures about the input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zonnekaart.errors import (
    CrsError,
    InputError,
    MissingInputError,
    RasterError,
    TableError,
    WeatherError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """
    One thing that is wrong or worth knowing.

    Parameters
    ----------
    severity : {"error", "warning", "info"}
        An error stops the run; a warning makes results weaker; info is only told.
    code : str
        What kind of finding, such as ``heights.unit``; picks the sentence in the report.
    input : str
        Name of the input in the project file, such as ``inputs.dsm``.
    file : str
        The file, with the layer or column when that helps.
    found, expected, hint : str
        What is there, what should be there, what the user can do.
    """

    severity: Severity
    code: str
    input: str
    file: str
    found: str
    expected: str
    hint: str

    def as_dict(self) -> dict[str, str]:
        """Return the finding as it stands in ``check.json``."""
        return {
            "severity": self.severity,
            "code": self.code,
            "input": self.input,
            "file": self.file,
            "found": self.found,
            "expected": self.expected,
            "hint": self.hint,
        }


@dataclass
class Inspection:
    """
    Findings and figures of one input, gathered while it is looked at.

    Parameters
    ----------
    input : str
        Name of the input in the project file.
    file : str
        The file it was read from.
    """

    input: str
    file: str
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, severity: Severity, code: str, found: str, expected: str, hint: str) -> None:
        """Note one finding about the file."""
        self.findings.append(Finding(severity, code, self.input, self.file, found, expected, hint))

    def error(self, code: str, found: str, expected: str, hint: str) -> None:
        """Note what makes the input unusable."""
        self.add("error", code, found, expected, hint)

    def warning(self, code: str, found: str, expected: str, hint: str) -> None:
        """Note what makes results weaker."""
        self.add("warning", code, found, expected, hint)

    def info(self, code: str, found: str, expected: str, hint: str) -> None:
        """Note what is worth knowing."""
        self.add("info", code, found, expected, hint)

    def caught(self, error: InputError, code: str | None = None) -> None:
        """Note an error that a reader raised, with its own four facts."""
        self.findings.append(
            Finding(
                "error",
                code or _code_of(error),
                self.input,
                error.subject,
                error.found,
                error.expected,
                error.hint,
            )
        )

    @property
    def failed(self) -> bool:
        """Tell whether an error was noted."""
        return any(f.severity == "error" for f in self.findings)


def _code_of(error: InputError) -> str:
    """Return the kind of finding that an error stands for."""
    if isinstance(error, MissingInputError):
        return "file.missing"
    if isinstance(error, CrsError):
        return "crs.missing" if error.found.startswith("no coordinate") else "crs.differs"
    if isinstance(error, WeatherError):
        return "weather.unusable"
    if isinstance(error, TableError):
        return "table.unusable"
    if isinstance(error, RasterError):
        return "raster.unreadable"
    return "file.unreadable"


def first_few(values: Iterable[object], shown: int = _SHOWN) -> str:
    """
    Return the first values as text, and how many more there are.

    Examples
    --------
    >>> first_few(["a", "b", "c"], 2)
    'a, b (and 1 more)'
    """
    listed = [str(v) for v in values]
    more = f" (and {len(listed) - shown} more)" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + more


def share(part: float, whole: float) -> str:
    """
    Return a share as a percentage for a message.

    Examples
    --------
    >>> share(1, 3)
    '33.3 %'
    """
    return f"{100 * part / whole:.3g} %" if whole else "0 %"


def counted(count: int, noun: str) -> str:
    """
    Return a count with its noun.

    Examples
    --------
    >>> counted(1, "footprint"), counted(2, "footprint")
    ('1 footprint', '2 footprints')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
