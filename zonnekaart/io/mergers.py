"""Flemish municipalities that merged: figures of earlier years carry the codes of the parts."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Merger:
    """One part of a merger: old and new NIS code, names, and the day it began (ISO)."""

    old_nis: str
    old_name: str
    new_nis: str
    new_name: str
    since: str


def read_mergers(path: Path) -> tuple[Merger, ...]:
    """Return the mergers of ``data/preparing/mergers.csv``."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(Merger(**row) for row in csv.DictReader(stream))


def codes_of(nis: str, mergers: tuple[Merger, ...]) -> tuple[str, ...]:
    """
    Return a municipality's own code and those of the parts it was made of.

    Examples
    --------
    >>> codes_of("2", (Merger("1", "A", "2", "AB", "2025-01-01"),))
    ('2', '1')
    """
    parts = [merger.old_nis for merger in mergers if merger.new_nis == nis]
    return tuple(dict.fromkeys([nis, *parts]))


def merged_into(nis: str, mergers: tuple[Merger, ...]) -> Merger | None:
    """Return the merger that a code disappeared in; None when it is still in use."""
    return next((m for m in mergers if m.old_nis == nis and m.new_nis != nis), None)
