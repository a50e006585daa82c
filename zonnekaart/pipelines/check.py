"""Stage ``check``: look at everything the project names, before any work, and say all at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import math
import os
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zonnekaart.errors import CheckFailed
from zonnekaart.geo.heights import AS_IT_IS
from zonnekaart.io.absent_inputs import FILE as ABSENT_FILE
from zonnekaart.io.files import write_text
from zonnekaart.io.matrix import matrix_folder
from zonnekaart.io.report import template_folder, texts, write_page
from zonnekaart.pipelines.checks.absent import absent_inputs, rule_files
from zonnekaart.pipelines.checks.areas import check_areas, check_background
from zonnekaart.pipelines.checks.buildings import check_buildings
from zonnekaart.pipelines.checks.cabins import check_cabins
from zonnekaart.pipelines.checks.cadastre import check_cadastre
from zonnekaart.pipelines.checks.constraints import check_constraints
from zonnekaart.pipelines.checks.consumption import check_consumption
from zonnekaart.pipelines.checks.consumption_levels import check_levels
from zonnekaart.pipelines.checks.findings import SEVERITIES, Finding, Inspection
from zonnekaart.pipelines.checks.heights import check_heights, open_lattice
from zonnekaart.pipelines.checks.mv_capacity import check_mv_capacity
from zonnekaart.pipelines.checks.place import Place
from zonnekaart.pipelines.checks.sources import check_region, check_sources, named_inputs
from zonnekaart.pipelines.checks.supply import check_existing_pv, check_sites
from zonnekaart.pipelines.checks.vegetation import check_vegetation
from zonnekaart.pipelines.checks.weather import check_weather
from zonnekaart.pipelines.checks.zones import check_holes, check_overrides, check_zones
from zonnekaart.pipelines.runs import Stage, StageContext

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.geo.geobox import GeoBox

_JSON, _PAGE = "check.json", "check.html"
_TEMPLATES = ("check.html", "check.yaml")
_BYTES_PER_CELL = 13 * 4 * 2
"""Room a run needs per height cell: 13 float32 bands, plain and as COG at once. [bytes]"""


@dataclass(frozen=True)
class Report:
    """
    Everything a check found.

    Parameters
    ----------
    project : Project
        What was checked.
    inspections : list of Inspection
        One per input, in the order of the project file.
    """

    project: Project
    inspections: list[Inspection]

    @property
    def findings(self) -> list[Finding]:
        """All findings, errors first, otherwise in the order of the inputs."""
        every = [f for inspection in self.inspections for f in inspection.findings]
        return sorted(every, key=lambda f: SEVERITIES.index(f.severity))

    def count(self, severity: str) -> int:
        """Return how many findings have a severity."""
        return sum(f.severity == severity for f in self.findings)

    def errors(self) -> list[dict[str, str]]:
        """Return the findings that stop a run."""
        return [f.as_dict() for f in self.findings if f.severity == "error"]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as it stands in ``check.json``."""
        return {
            "project": self.project.project.model_dump(mode="json"),
            "file": str(self.project.path),
            "checked_utc": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "counts": {severity: self.count(severity) for severity in SEVERITIES},
            "findings": [f.as_dict() for f in self.findings],
            "inputs": _inputs(self),
            "absent": absent_inputs(self.project),
        }


def gather(context: StageContext) -> Report:
    """
    Look at every input and keep all findings; nothing is written.

    Parameters
    ----------
    context : StageContext
        The project, and where advance is told.
    """
    project, progress = context.project, context.progress
    progress.start("check", 6)
    box = _lattice(project)
    place = Place(project.project.crs, box)
    found = [*check_sources(project), check_region(project)]
    progress.advance()
    buildings = check_buildings(project, place)
    progress.advance()
    areas = check_areas(project, place)
    progress.advance()
    found += check_heights(project, place, buildings)
    crowns = check_vegetation(project, place, buildings)
    found += [] if crowns is None else [crowns]
    progress.advance()
    bounds = buildings.bounds if buildings.comparable else None
    around = replace(place, bounds=bounds)
    found += check_cadastre(project, around, buildings)
    found += [buildings.inspection, *check_weather(project, around)]
    if areas is not None:
        check_holes(areas, buildings, project.inputs.buildings.id_column)
        found.append(areas.inspection)
    found += [*check_zones(project, place, buildings), *check_overrides(project)]
    progress.advance()
    found += check_consumption(project, areas, buildings)
    found += check_levels(project, buildings)
    found += check_existing_pv(project, buildings)
    found += check_sites(project, place, buildings)
    found += check_constraints(project, buildings)
    found += check_background(project, place)
    found += check_cabins(project, around)
    found += check_mv_capacity(project, around)
    if box is not None:
        found.append(_check_space(context.build, box))
    progress.advance()
    return Report(project, found)


def _lattice(project: Project) -> GeoBox | None:
    """Return where the surface model lies; `check_heights` says why when it cannot be told."""
    dsm = project.inputs.dsm
    if dsm is None:
        return None
    unheard = Inspection("inputs.dsm", str(dsm.path))
    return open_lattice(project.resolve(dsm.path), unheard, dsm.corrections)


def _check_space(build: Path, box: GeoBox) -> Inspection:
    """Compare free disk space with what the irradiation raster needs while it is written."""
    inspection = Inspection("build", str(build))
    folder = next(p for p in (build, *build.parents) if p.exists())
    free, needed = shutil.disk_usage(folder).free, box.rows * box.cols * _BYTES_PER_CELL
    if free < needed:
        inspection.warning(
            "space.low",
            f"{free / 1e9:.1f} GB free",
            f"about {needed / 1e9:.1f} GB for this raster",
            "free some space, or choose another folder with --build",
        )
    return inspection


def _inputs(report: Report) -> list[dict[str, Any]]:
    """Return one entry per named input: file, source and the figures measured on it."""
    entries = []
    for name, table in named_inputs(report.project).items():
        facts: dict[str, Any] = {}
        for inspection in report.inspections:
            if inspection.input == f"inputs.{name}":
                facts.update(inspection.facts)
        entries.append(
            {
                "input": name,
                "file": str(report.project.resolve(table.path)),
                "source": None if table.source is None else table.source.model_dump(mode="json"),
                "facts": {key: _plain(value) for key, value in facts.items()},
            }
        )
    return entries


def _plain(value: object) -> object:
    """Round to what a float32 height holds; NaN becomes null: unknown stays unknown in JSON."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.7g}") if math.isfinite(value) else None


def write_report(report: Report, build: Path) -> None:
    """Write ``check.json`` and ``check.html`` atomically."""
    content = report.as_dict()
    write_text(build / _JSON, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    shown = [
        {**entry, "facts": {k: _text(v) for k, v in entry["facts"].items()}}
        for entry in content["inputs"]
    ]
    write_page(
        build / _PAGE,
        "check.html",
        {
            **content,
            **texts("check.yaml"),
            "inputs": shown,
            "language": report.project.project.language,
        },
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return str(value)


def _work(context: StageContext) -> dict[str, Any]:
    report = gather(context)
    write_report(report, context.build)
    errors = report.errors()
    if errors:
        page = str(context.build / _PAGE)
        raise CheckFailed(str(context.project.path), errors, page)
    for finding in report.findings:
        if finding.severity == "warning":
            context.progress.note(f"warning: {finding.file}: {finding.found}. hint: {finding.hint}")
    counts: dict[str, Any] = {severity: report.count(severity) for severity in SEVERITIES}
    return {**counts, "corrections": _corrections(report)}


def _corrections(report: Report) -> dict[str, Any]:
    """Return what the project states about its inputs, and the cells that it changes."""
    inputs = report.project.inputs
    done: dict[str, Any] = {}
    for inspection in report.inspections:
        table = {"inputs.dsm": inputs.dsm, "inputs.dtm": inputs.dtm}.get(inspection.input)
        if (
            table is not None
            and table.corrections != AS_IT_IS
            and "cells_filled" in inspection.facts
        ):
            done[inspection.input] = {
                **dataclasses.asdict(table.corrections),
                "cells_filled": inspection.facts["cells_filled"],
                "cells_replaced": inspection.facts["cells_replaced"],
            }
    if inputs.buildings.shift_m != (0.0, 0.0):
        done["inputs.buildings"] = {"shift_m": list(inputs.buildings.shift_m)}
    return done


def _files(project: Project, build: Path) -> list[Path]:
    """Return the inputs that are there; the check itself says which are not."""
    del build
    paths = [project.resolve(table.path) for table in named_inputs(project).values()]
    return [path for path in paths if path.is_file()]


def _parameters(project: Project) -> dict[str, Any]:
    """Return what decides a check besides the files: names and columns, never absolute paths."""
    inputs: dict[str, Any] = {}
    for name, table in named_inputs(project).items():
        inputs[name] = table.model_dump(mode="json")
        inputs[name]["path"] = os.path.relpath(project.resolve(table.path), project.folder)
    digest = hashlib.sha256()
    shown = [template_folder() / name for name in _TEMPLATES]
    shown += [matrix_folder() / ABSENT_FILE, matrix_folder() / "sources.yaml", *rule_files(project)]
    for path in shown:
        digest.update(path.read_bytes())
    return {
        "project": project.project.model_dump(mode="json"),
        "inputs": inputs,
        "templates": digest.hexdigest(),
        "fallback": project.demand.residential_kwh_per_dwelling,
    }


STAGE = Stage(
    name="check",
    inputs=_files,
    parameters=_parameters,
    outputs=(_JSON, _PAGE),
    work=_work,
)
