"""What preprocessing did to a file, written beside it: sources, steps, kept and dropped."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zonnekaart import __version__
from zonnekaart.errors import TableError
from zonnekaart.io.files import sha256_of, write_text

if TYPE_CHECKING:
    from pathlib import Path

ENDING = ".prepared.json"
_ORIGIN = ("title", "licence", "attribution", "matrix_id", "service", "collection")
"""What a file keeps of the service it was fetched from."""


@dataclass(frozen=True)
class Step:
    """
    One thing that was done.

    Parameters
    ----------
    what : str
        Such as ``dropped`` or ``repaired``.
    count : int
        How many features, rows or cells; -1 where counting makes no sense.
    of : str
        What is counted: ``sheets``, ``cells``, ``buildings``, ``rows``.
    why : str
        The reason, one sentence.
    """

    what: str
    count: int
    of: str
    why: str


@dataclass
class Record:
    """
    Grows while a file is prepared, and is written beside it.

    Parameters
    ----------
    command : str
        Command that made the file, such as ``prepare heights``.
    options : dict
        What was asked for.
    """

    command: str
    options: dict[str, Any]
    started_utc: str = field(default_factory=lambda: _now())
    sources: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def read(self, path: Path, **more: Any) -> None:  # noqa: ANN401 - facts of any kind
        """Note a source: name, size, checksum, what else is known, and where it was fetched."""
        size = path.stat().st_size if path.is_file() else None
        origin = (read_record(path) or {}).get("sources") or [{}]
        known = {key: origin[0][key] for key in _ORIGIN if origin[0].get(key)}
        own = {key: value for key, value in more.items() if value}
        facts = {"name": path.name, "bytes": size, "sha256": sha256_of(path)}
        self.sources.append({**facts, **own, **known})

    def did(self, what: str, count: int, of: str, why: str) -> None:
        """Note a step; steps that touched nothing are left out."""
        if count:
            self.steps.append(Step(what, count, of, why))

    def lines(self) -> list[str]:
        """Return the steps and warnings as lines for people."""
        counted = [
            f"{step.what} {step.count} {step.of}: {step.why}"
            if step.count > 0
            else f"{step.what} {step.of}: {step.why}"
            for step in self.steps
        ]
        return [*counted, *(f"warning: {text}" for text in self.warnings)]

    def write(self, out: Path) -> Path:
        """Write the record beside `out`, and return where."""
        path = record_path(out)
        content = {
            "command": self.command,
            "zonnekaart": __version__,
            "started_utc": self.started_utc,
            "finished_utc": _now(),
            "output": {"name": out.name, "sha256": sha256_of(out)},
            "options": self.options,
            "sources": self.sources,
            "steps": [asdict(step) for step in self.steps],
            "warnings": self.warnings,
            "facts": self.facts,
        }
        write_text(path, json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")
        return path


def record_path(out: Path) -> Path:
    """Return where the record of a prepared file stands: beside it, ``<name>.prepared.json``."""
    return out.with_name(out.name + ENDING)


def read_record(out: Path) -> dict[str, Any] | None:
    """
    Return the record beside a prepared file; None when there is none.

    Raises
    ------
    TableError
        If it is no JSON object.
    """
    path = record_path(out)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise TableError(
            str(path),
            f"no JSON ({error})",
            "a record of zonnekaart prepare",
            "remove it, or prepare the file again",
        ) from error
    if not isinstance(content, dict):
        raise TableError(
            str(path), type(content).__name__, "a JSON object", "remove it, or prepare it again"
        )
    return content


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
