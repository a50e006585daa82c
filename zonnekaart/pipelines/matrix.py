"""The data matrix of a project: sources and gaps, and how far its own files go."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart import __version__
from zonnekaart.io.files import write_text
from zonnekaart.io.matrix import Matrix, load_matrix
from zonnekaart.io.vector import read_layer, read_parquet
from zonnekaart.pipelines.check import gather
from zonnekaart.pipelines.runs import StageContext

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project

MATRIX_FILE = "matrix.json"
OLD_MONTHS = 12
_MONTH_DAYS = 30.44
_FILLED, _PARTLY = 0.95, 0.0


@dataclass(frozen=True)
class _Filling:
    """
    What in a project stands for a missing source.

    Parameters
    ----------
    input : str
        Input whose facts tell.
    fact : str
        A known share among these facts, 0 to 1.
    most : {"filled", "partly"}
        The best it can be, even when the share is whole.
    """

    input: str
    fact: str
    most: str


_FILLINGS = {
    "MIS-01": _Filling("cabins", "rated_kva_known_share", "partly"),
    "MIS-02": _Filling("buildings", "existing_kwp_known_share", "filled"),
    "MIS-08": _Filling("consumption", "known_share", "partly"),
    "MIS-10": _Filling("buildings", "owner_known_share", "filled"),
    "MIS-11": _Filling("buildings", "dwellings_known_share", "partly"),
    "MIS-20": _Filling("buildings", "use_known_share", "partly"),
}
"""Missing sources that a project's own columns can stand for; all others stay open."""


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
        ``compiled``, ``sources``, ``missing``, ``experience`` as in data/matrix, and ``project``:
        per input its source, age and measured coverage; per gap its status and the zones it
        touches. Shares are 0 to 1; null is unknown.
    """
    matrix = load_matrix()
    inputs = _measured(project, build_dir, matrix)
    zones = _zones_per_gap(build_dir)
    content = {
        **matrix.model_dump(mode="json"),
        "project": {
            "name": project.project.name,
            "slug": project.slug,
            "illustrative": project.project.illustrative,
            "version": __version__,
            "measured_utc": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "inputs": inputs,
            "gaps": _gaps(matrix, inputs, zones),
        },
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_text(build_dir / MATRIX_FILE, text)
    return content


def _measured(project: Project, build_dir: Path, matrix: Matrix) -> list[dict[str, Any]]:
    """Return one entry per input with its source and its coverage, from the actual files."""
    report = gather(StageContext(project=project, build=build_dir)).as_dict()
    facts = {entry["input"]: entry["facts"] for entry in report["inputs"]}
    entries = []
    for entry in report["inputs"]:
        name, source = entry["input"], entry["source"] or {}
        if name == "buildings":
            entry["facts"].update(_known_shares(project))
        row = matrix.source(source.get("matrix_id") or "")
        entries.append(
            {
                "input": name,
                "file": entry["file"],
                "matrix_id": row.id if row else None,
                "title": source.get("title"),
                "holder": row.owner if row else source.get("attribution") or None,
                "licence": source.get("licence"),
                "date": source.get("date"),
                "age_years": entry["facts"].get("age_years"),
                "limits": source.get("limits"),
                **_coverage(name, facts),
                "facts": entry["facts"],
            }
        )
    return entries


def _known_shares(project: Project) -> dict[str, float]:
    """Return for each named column of the footprints the share of rows that have a value."""
    table = project.inputs.buildings
    frame = read_layer(project.resolve(table.path), table.layer)
    shares = {}
    for key in sorted(type(table).model_fields):
        column = getattr(table, key)
        if key.endswith("_column") and key != "id_column" and column in frame:
            text = frame[column].astype(str).str.strip().str.lower()
            known = frame[column].notna() & ~text.isin({"", "unknown", "nan"})
            shares[f"{key.removesuffix('_column')}_known_share"] = round(float(known.mean()), 4)
    return shares


def _coverage(name: str, facts: dict[str, dict[str, Any]]) -> dict[str, float | None]:
    """Return the shares of area, buildings and connections that an input covers."""
    own = facts.get(name, {})
    area = buildings = connections = None
    if name in {"dsm", "dtm"}:
        covered, holes = facts.get("areas", {}).get("covered_share"), own.get("nodata_share")
        if covered is not None and holes is not None:
            area = covered * (1.0 - holes)
        buildings = _with_height(facts) if name == "dsm" else None
    elif name == "consumption":
        areas, named = facts.get("areas", {}).get("features"), own.get("areas_with_figures")
        area = named / areas if areas and named is not None else None
        connections = own.get("connections_known_share")
    return {
        "area_share": _rounded(area),
        "building_share": _rounded(buildings),
        "connection_share": _rounded(connections),
    }


def _with_height(facts: dict[str, dict[str, Any]]) -> float | None:
    """Return the share of footprints that lie on cells with a height."""
    count = facts.get("buildings", {}).get("features")
    outside = facts.get("buildings", {}).get("outside")
    without = facts.get("dsm", {}).get("buildings_without_height")
    if not count or outside is None or without is None:
        return None
    return 1.0 - float(outside + without) / float(count)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _zones_per_gap(build_dir: Path) -> dict[str, int] | None:
    """Return how many zones name each gap; None when there are no zones yet."""
    path = build_dir / "zones.parquet"
    if not path.is_file():
        return None
    return dict(Counter(gap for gaps in read_parquet(path, ["gaps"])["gaps"] for gap in gaps))


def _gaps(
    matrix: Matrix, inputs: list[dict[str, Any]], zones: dict[str, int] | None
) -> list[dict[str, Any]]:
    """Return each missing source with what the project has of it."""
    facts = {entry["input"]: entry["facts"] for entry in inputs}
    gaps = []
    for row in matrix.missing:
        filling = _FILLINGS.get(row.id)
        share = facts.get(filling.input, {}).get(filling.fact) if filling else None
        status = "open"
        if filling is not None and share is not None and share > _PARTLY:
            status = filling.most if share >= _FILLED else "partly"
        gaps.append(
            {
                "id": row.id,
                "status": status,
                "known_share": share,
                "zones": None if zones is None else zones.get(row.id, 0),
            }
        )
    return gaps
