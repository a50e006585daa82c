"""Time of all zone sheets and all mock-ups of a built project.

Usage: ``python -m benchmarks.zone_sheets PROJECT.toml [--build DIR]``; without arguments the
embedded town is built first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from zonnekaart.config import load_project
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.mockups.make import Order, make_mockups
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.town.write import build_town
from zonnekaart.pipelines.zonesheets.make import SheetOrder, make_sheets


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?", type=Path)
    parser.add_argument("--build", type=Path)
    given = parser.parse_args(arguments or [])
    with tempfile.TemporaryDirectory() as place:
        context = _context(given, Path(place))
        for kind in ("html", "pdf"):
            began = time.perf_counter()
            sheets = make_sheets(context, SheetOrder(kind, "nl"), Path(place) / kind)
            took = time.perf_counter() - began
            print(f"{len(sheets)} sheets as {kind}: {took:.1f} s, {took / len(sheets):.3f} s each")
        for formats in (("html",), ("pdf", "png"), ("pptx",)):
            began = time.perf_counter()
            made = make_mockups(context, Order((), formats, "nl"), Path(place) / "mockups")
            took = time.perf_counter() - began
            size = sum(path.stat().st_size for path in made) / 1e6
            print(
                f"mock-ups as {', '.join(formats)}: {len(made)} files, {size:.1f} MB, {took:.1f} s"
            )


def _context(given: argparse.Namespace, place: Path) -> StageContext:
    if given.project is not None:
        project = load_project(given.project)
        return StageContext(project, given.build or registry.default_build(project))
    project = load_project(build_town(place / "town"))
    context = StageContext(project, registry.default_build(project))
    registry.run_project(context)
    return context


if __name__ == "__main__":
    main(sys.argv[1:])
