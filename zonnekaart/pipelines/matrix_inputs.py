"""What a project's own files cover: per input its source, age, coverage, record and agreement."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zonnekaart.errors import TableError
from zonnekaart.io.provenance import read_record
from zonnekaart.io.vector import read_layer, read_parquet
from zonnekaart.pipelines.checks.sources import named_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project
    from zonnekaart.io.matrix import Matrix

CHECK_FILE = "check.json"
OLD_YEARS = 8
_WHOLE = 0.95
_RECORDED = ("title", "licence", "matrix_id", "attribution", "service")

OUTPUTS_OF_INPUT = {
    "dsm": ("annual_yield_kwh", "capacity_kwp", "mean_irradiation_kwh_m2", "usable_share"),
    "dtm": ("annual_yield_kwh", "survey_mismatch_share"),
    "cadastre": ("annual_yield_kwh", "capacity_kwp", "mean_irradiation_kwh_m2"),
    "vegetation": ("annual_yield_kwh", "mean_irradiation_kwh_m2"),
    "buildings": ("annual_yield_kwh", "consumption_kwh", "roof_area_m2", "apartment_share"),
    "weather": ("annual_yield_kwh", "mean_irradiation_kwh_m2"),
    "consumption": (
        "consumption_kwh",
        "self_consumption",
        "self_sufficiency",
        "yield_demand_ratio",
        "estimated_demand_share",
    ),
    "profiles": ("self_consumption", "surplus_share", "sharing_gain"),
    "measured": ("consumption_kwh", "self_consumption", "estimated_demand_share"),
    "existing_pv": ("existing_kwp", "used_share", "additional_kwp"),
    "cabins": ("headroom_ratio", "pv_headroom_kw"),
    "sites": ("site_yield_kwh", "site_capacity_kwp"),
    "heritage": ("heritage_share",),
    "owners": ("public_roof_share", "social_housing_share"),
    "roof_state": ("asbestos_share", "old_roof_share"),
    "social": ("energy_poverty_share", "median_income_eur", "protected_customers_share"),
    "sharing_areas": ("sharing_gain",),
}
"""Figures of a zone that rest on an input; none for what is only drawn."""


def read_check(build: Path) -> dict[str, Any] | None:
    """
    Return what stage ``check`` wrote, or None when it has not run.

    Parameters
    ----------
    build : Path
        Build folder.

    Raises
    ------
    TableError
        If the file is no report of ours.
    """
    path = build / CHECK_FILE
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        content["inputs"]
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(
            str(path), "no report of stage check", "what stage check writes", "run check again"
        ) from error
    return content


def measured_inputs(
    project: Project, build: Path, matrix: Matrix, report: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """
    Return one entry per input: source, age, coverage, completeness, agreement and record.

    Parameters
    ----------
    project : Project
        The project file.
    build : Path
        Build folder; agreement with published totals is measured on its files.
    matrix : Matrix
        For holder and terms of the row that an input names.
    report : dict or None
        Report of stage ``check``; without one nothing is measured and all shares are null.

    Returns
    -------
    list of dict
        Shares are 0 to 1, agreement is modelled over published; null is unknown.
    """
    facts = {} if report is None else {e["input"]: dict(e["facts"]) for e in report["inputs"]}
    if "buildings" in facts:
        facts["buildings"].update(_known_shares(project))
    agreement = _agreement(build, facts)
    entries = []
    for name, table in named_inputs(project).items():
        own = facts.get(name, {})
        path = project.resolve(table.path)
        record = _record(path)
        source = {} if table.source is None else table.source.model_dump(mode="json")
        known = {**record.get("origin", {}), **{k: v for k, v in source.items() if v}}
        row = matrix.source(known.get("matrix_id") or "")
        entry = {
            "input": name,
            "file": path.name,
            "matrix_id": row.id if row else None,
            "title": known.get("title"),
            "holder": row.owner if row else known.get("attribution") or None,
            "licence": known.get("licence"),
            "date": known.get("date"),
            "age_years": own.get("age_years"),
            "limits": known.get("limits"),
            **_coverage(name, facts),
            "completeness_share": _completeness(name, own),
            "agreement_ratio": agreement.get(name),
            "outputs": list(OUTPUTS_OF_INPUT.get(name, ())),
            "record": record.get("record"),
            "facts": own,
        }
        entries.append({**entry, "weak": _weak(entry)})
    return entries


def _record(path: Path) -> dict[str, Any]:
    """Return what `prepare` or `fetch` noted beside a file, and where its data came from."""
    found = read_record(path)
    if found is None:
        return {}
    sources = [s for s in found.get("sources") or [] if isinstance(s, dict)]
    origin = {
        key: next((s[key] for s in sources if s.get(key)), None)
        for key in _RECORDED
        if any(s.get(key) for s in sources)
    }
    return {
        "origin": origin,
        "record": {
            "command": found.get("command"),
            "finished_utc": found.get("finished_utc"),
            "sources": [
                {k: s[k] for k in ("name", "sha256", *_RECORDED) if s.get(k)} for s in sources
            ],
            "steps": found.get("steps") or [],
            "warnings": found.get("warnings") or [],
        },
    }


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
    elif name == "buildings":
        buildings = own.get("covered_share")
    elif name == "cadastre":
        buildings = own.get("footprints_covered")
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


def _completeness(name: str, own: dict[str, Any]) -> float | None:
    """Return the share of values that are known: of cells, of figures, or mean over columns."""
    if own.get("nodata_share") is not None:
        return _rounded(1.0 - own["nodata_share"])
    if own.get("known_share") is not None:
        return _rounded(own["known_share"])
    shares = [v for k, v in own.items() if k.endswith("_known_share") and v is not None]
    if name == "buildings" and own and not shares:
        return 0.0
    return _rounded(sum(shares) / len(shares)) if shares else None


def _agreement(build: Path, facts: dict[str, dict[str, Any]]) -> dict[str, float | None]:
    """Return modelled over published per input, where a total was published."""
    found: dict[str, float | None] = {}
    demand = build / "demand_areas.parquet"
    if demand.is_file():
        frame = read_parquet(demand, ["published_kwh", "covered_share", "spread_kwh"])
        rows = frame[frame["published_kwh"].notna() & frame["spread_kwh"].notna()]
        published = float((rows["published_kwh"] * rows["covered_share"]).sum())
        found["consumption"] = _ratio(float(rows["spread_kwh"].sum()), published)
    stock = build / "buildings.parquet"
    panels = facts.get("existing_pv", {})
    # A total with figures left out is less than what stands there: nothing to agree with.
    if panels.get("installed_kwp") and panels.get("known_share") == 1.0 and stock.is_file():
        power = read_parquet(stock, ["existing_kwp"])["existing_kwp"].sum(min_count=1)
        found["existing_pv"] = _ratio(float(power), float(panels["installed_kwp"]))
    return found


def _ratio(modelled: float, published: float) -> float | None:
    return _rounded(modelled / published) if published > 0.0 and modelled >= 0.0 else None


def _weak(entry: dict[str, Any]) -> list[str]:
    """Return why an input is weak: ``old``, ``partial``, ``incomplete``, ``no_licence``, ..."""
    shares = [entry[f"{of}_share"] for of in ("area", "building", "connection")]
    why = {
        "old": (entry["age_years"] or 0) > OLD_YEARS,
        "partial": any(share is not None and share < _WHOLE for share in shares),
        "incomplete": (
            entry["completeness_share"] is not None and entry["completeness_share"] < _WHOLE
        ),
        "disagrees": (
            entry["agreement_ratio"] is not None
            and abs(entry["agreement_ratio"] - 1.0) > 1.0 - _WHOLE
        ),
        "no_licence": not entry["licence"],
        "no_date": not entry["date"],
        "warned": bool((entry["record"] or {}).get("warnings")),
    }
    return [name for name, holds in why.items() if holds]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
