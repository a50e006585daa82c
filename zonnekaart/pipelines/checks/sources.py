"""Where inputs come from: title, licence, date, and the row of the data matrix."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines.checks.findings import Inspection

if TYPE_CHECKING:
    from zonnekaart.config import Project, SourceTable

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_OLD_YEARS = 8
_BACKGROUND = {"water", "roads", "addresses"}
"""Inputs that are only drawn or searched: no figure rests on them."""


def named_inputs(project: Project) -> dict[str, Any]:
    """Return the input tables of files that the project fills in, by name."""
    # Derived vegetation has no file of its own.
    return {name: t for name, t in project.named_inputs().items() if t.path is not None}


def check_sources(project: Project) -> list[Inspection]:
    """
    Look at the provenance of every input.

    Parameters
    ----------
    project : Project
        The project file.
    """
    known = {row.id for row in load_matrix().sources}
    found = []
    for name, table in named_inputs(project).items():
        inspection = Inspection(f"inputs.{name}", f"{project.path}: inputs.{name}.source")
        if table.source is None:
            inspection.add(
                "info" if name in _BACKGROUND else "warning",
                "source.none",
                "no source",
                "title, licence and date of the data",
                f"add [inputs.{name}.source]; figures on the map cannot name their source without",
            )
        else:
            _check_source(table.source, known, inspection)
        found.append(inspection)
    return found


def _check_source(source: SourceTable, known: set[str], inspection: Inspection) -> None:
    for field in ("title", "licence"):
        if not getattr(source, field).strip():
            inspection.warning(
                "source.incomplete",
                f"an empty {field}",
                f"the {field} of the data",
                f"fill {field} in; write 'not stated' when the holder names none",
            )
    if source.matrix_id is not None and source.matrix_id not in known:
        inspection.error(
            "source.matrix",
            f"matrix_id {source.matrix_id!r}",
            "an id of the data matrix, such as SUP-04",
            "list them with: zonnekaart matrix export --format csv --out matrix.csv",
        )
    years = [int(y) for y in re.findall(r"(?:19|20)\d\d", source.date)]
    if not years:
        inspection.warning(
            "source.date",
            f"date {source.date!r}",
            "a date with a year: when the content was observed",
            "write it as 2021 or 2021-03-14",
        )
        return
    age = dt.datetime.now(dt.UTC).year - max(years)
    inspection.facts["age_years"] = age
    if age > _OLD_YEARS:
        inspection.info(
            "source.old",
            f"content of {max(years)}, {age} years old",
            f"content of the last {_OLD_YEARS} years",
            "what was built since is missing; ask the holder for a newer edition",
        )


def check_region(project: Project) -> Inspection:
    """Look at the region, which picks the sharing rules."""
    region = project.project.region
    inspection = Inspection("project.region", f"{project.path}: project.region")
    known = sorted({p.jurisdiction for p in load_matrix().experience.perimeters})
    if not _REGION.fullmatch(region):
        inspection.error(
            "region.form",
            repr(region),
            "a code such as BE-VLG, BE-BRU, BE-WAL, NL or FR",
            "use the ISO 3166 code of the region or the country",
        )
    elif region not in known:
        inspection.warning(
            "region.unknown",
            f"region {region}, for which no sharing rules are known",
            f"one of: {', '.join(known)}",
            "the generic rules are used; say so when you show results on sharing",
        )
    return inspection
