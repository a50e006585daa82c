"""The data matrix of a project: sources and gaps, and how far its own files go."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from zonnekaart import __version__
from zonnekaart.config import share_folder
from zonnekaart.io.files import write_text
from zonnekaart.io.matrix import load_matrix, matrix_folder
from zonnekaart.io.matrix_properties import properties, read_labels
from zonnekaart.io.rules import RuleFile, read_rules
from zonnekaart.pipelines.check import gather
from zonnekaart.pipelines.matrix_gaps import gaps, read_zones, with_effects
from zonnekaart.pipelines.matrix_inputs import measured_inputs, read_check
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.quantities import INDICATORS, QUANTITIES

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project

MATRIX_FILE = "matrix.json"
_SHOWN_FACTS = frozenset(
    {
        "age_years",
        "areas_with_figures",
        "buildings_without_height",
        "cell_m",
        "distance_km",
        "features",
        "holes",
        "newer_than_heights",
        "outside",
        "seams",
        "spikes",
    }
)
"""Facts that may leave. Sums stay: a total less the zones shown gives the hidden ones away."""


def build(project: Project, build_dir: Path) -> dict[str, Any]:
    """
    Measure the project's inputs and write ``matrix.json``.

    Parameters
    ----------
    project : Project
        The project file.
    build_dir : Path
        Folder to write to; ``zones.parquet`` there tells which zones a gap touches.

    Returns
    -------
    dict
        As `content`.
    """
    report = gather(StageContext(project=project, build=build_dir)).as_dict()
    made = content(project, build_dir, report)
    write_text(build_dir / MATRIX_FILE, json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    return made


def content(project: Project, build_dir: Path, report: dict[str, Any] | None) -> dict[str, Any]:
    """
    Return both matrices and what was measured in the project.

    Parameters
    ----------
    project : Project
        The project file.
    build_dir : Path
        Build folder.
    report : dict or None
        Report of stage ``check``; without one coverage is unknown.

    Returns
    -------
    dict
        ``compiled``, ``sources``, ``missing``, ``experience`` as in data/matrix, and ``project``:
        per input its source, age and measured coverage; per gap its status, the zones, rules and
        figures it touches, and the gain. Shares are 0 to 1; null is unknown.
    """
    matrix = load_matrix()
    rules = _rules(project)
    zones = read_zones(build_dir)
    inputs = measured_inputs(project, build_dir, matrix, report)
    return {
        **matrix.model_dump(mode="json"),
        "project": {
            "name": project.project.name,
            "slug": project.slug,
            "illustrative": project.project.illustrative,
            "version": __version__,
            "measured_utc": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "inputs": with_effects(inputs, zones, rules),
            "gaps": gaps(matrix, inputs, zones, rules),
        },
    }


def published(project: Project, build_dir: Path, rules: RuleFile) -> str:
    """
    Return what the matrix pages of the map read, as JSON text.

    Parameters
    ----------
    project : Project
        The project file.
    build_dir : Path
        Build folder; the report of stage ``check`` there says what was measured.
    rules : RuleFile
        Whose sentences say what each rule means.
    """
    made = content(project, build_dir, read_check(build_dir))
    for entry in made["project"]["inputs"]:
        entry["facts"] = {
            name: value
            for name, value in entry["facts"].items()
            if name.endswith("_share") or name in _SHOWN_FACTS
        }
    matrix = load_matrix()
    for shown, row in zip(made["sources"], matrix.sources, strict=True):
        shown["properties"] = properties(row)
    made["labels"] = read_labels(matrix_folder()).model_dump(mode="json")
    made["rules"] = {
        rule.id: {
            "kind": rule.kind,
            "indicator": rule.condition.indicator,
            "comparison": rule.condition.comparison,
            "threshold": rule.condition.threshold,
            "unit": rule.condition.unit,
            "reason": dict(rule.reason),
        }
        for rule in rules.rule_set.rules
    }
    made["figures"] = {name: dict(QUANTITIES[name].label) for name in sorted(INDICATORS)}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


def _rules(project: Project) -> RuleFile:
    return read_rules(project.zoning.rules, project.folder, share_folder("data") / "rules")
