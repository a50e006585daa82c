"""The terminal: progress bars, notes and tables. Data goes to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Sequence


class TerminalProgress:
    """Draws progress bars on a terminal; writes plain lines elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars: Progress | None = None
        self._task: Any = None
        if self._console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )

    def start(self, label: str, total: int) -> None:
        """Begin a bar of `total` steps; the one before it ends."""
        if self._bars is None:
            return
        if not self._bars.live.is_started:
            self._bars.start()
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(label, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, steps)

    def note(self, message: str) -> None:
        """Write one line to stderr."""
        self._console.print(message, markup=False)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bars is not None and self._bars.live.is_started:
            self._bars.stop()


def say(message: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(message + "\n")


def emit(text: str) -> None:
    """Write data to stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def emit_json(value: object) -> None:
    """Write JSON to stdout."""
    emit(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def emit_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a plain table with aligned columns to stdout."""
    widths = [max(len(str(r[i])) for r in [header, *rows]) for i in range(len(header))]
    for row in [header, ["-" * w for w in widths], *rows]:
        emit("  ".join(str(cell).ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())
