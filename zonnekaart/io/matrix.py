"""The data matrix and the experience matrix: read from data/matrix, validated, joined."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field

from zonnekaart.errors import TableError
from zonnekaart.io.experience import Experience
from zonnekaart.io.matrix_rows import (
    DAY,
    Confidence,
    Place,
    Row,
    RowT,
    Text,
    content_of,
    validated,
)
from zonnekaart.io.matrix_texts import (
    Ids,
    Translated,
    TranslatedList,
    Translation,
    read_translations,
)

Side = Literal["supply", "demand", "grid", "governance", "context"]
Severity = Literal["blocking", "high", "medium", "low"]

_ADDRESS = re.compile(r"https?://[^\s;,)]+")


class SourceClasses(Row):
    """Our reading of a source's texts, so that rows can be filtered, sorted and coloured."""

    grain: Literal[
        "raster",
        "point",
        "roof",
        "building",
        "connection",
        "parcel",
        "site",
        "street",
        "sector",
        "postcode",
        "network_area",
        "municipality",
        "region",
        "none",
    ]
    currency: Literal["continuous", "daily", "monthly", "yearly", "irregular", "once", "unknown"]
    observed_year: int | None = Field(ge=1900, le=2100, description="year of the content")
    updated_year: int | None = Field(ge=1900, le=2100, description="last year it was seen changed")
    licence: Literal["open", "share_alike", "restricted", "not_stated", "none", "unknown"]
    service: Literal["api", "download", "viewer", "document", "none"]
    privacy: Literal["none", "aggregate_only", "personal"]
    verification: Literal["stated", "partly", "third_party", "not_verified"]
    completeness: Literal["full", "partial", "unknown"]


class Source(Row):
    """One source; texts as compiled, `classes` our reading of them."""

    id: str = Field(pattern=r"^(SUP|DEM|GRD|GOV|CTX)-\d{2}$")
    side: Side
    name: Text
    owner: Text
    description: Text
    geographic_granularity: Text
    spatial_coverage: Text
    temporal_coverage: Text
    update_frequency: Text
    last_known_update: Text
    access: Literal["open", "on_request", "restricted", "none"]
    access_note: str | None = None
    licence: Text
    formats: Text
    service: Text
    standards: Text
    completeness: Text
    quality_limitations: Text
    privacy: Text
    use_in_tool: Text
    partner: Text
    fact_address: str = Field(pattern=r"https?://\S", description="addresses the facts stand at")
    checked: str = Field(pattern=DAY, description="day the facts were last looked up")
    evidence: Text
    verification: Text
    confidence: Confidence
    confidence_note: str | None = None
    classes: SourceClasses

    @property
    def addresses(self) -> list[str]:
        """Web addresses that the facts rest on."""
        return _ADDRESS.findall(self.fact_address)

    @property
    def service_addresses(self) -> list[str]:
        """Web addresses of the service that gives the data; often none."""
        return _ADDRESS.findall(self.service)


class MissingSource(Row):
    """Data that does not exist, or that a city cannot get."""

    id: str = Field(pattern=r"^MIS-\d{2}$")
    side: Side
    title: Text
    why: Text
    supplier: Text
    proxy: Text
    severity: Severity
    refs: list[str] = Field(min_length=1)
    checked: str = Field(pattern=DAY)
    basis: Text


class Matrix(Row):
    """Both matrices, as compiled on a day."""

    compiled: str = Field(pattern=DAY)
    sources: list[Source]
    missing: list[MissingSource]
    experience: Experience
    translations: dict[Translated, Translation]

    def texts(self, name: TranslatedList, row: Row, field: str) -> dict[str, str]:
        """
        Return a text of a row in every language.

        Parameters
        ----------
        name : str
            The list that the row is in, such as ``missing``.
        row : Row
            The row; its own text is English.
        field : str
            A field that is translated.
        """
        texts = {"en": str(getattr(row, field))}
        for language, translation in self.translations.items():
            shown = getattr(translation, name)[row.id]  # type: ignore[attr-defined] # every list's rows have one
            texts[language] = getattr(shown, field)
        return texts

    def source(self, source_id: str) -> Source | None:
        """Return a source by id, or None."""
        return next((row for row in self.sources if row.id == source_id), None)


def matrix_folder() -> Path:
    """Return the folder that holds the matrices, in a checkout or in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_share" / "data"
    return (installed if installed.is_dir() else package.parent / "data") / "matrix"


def load_matrix(folder: Path | None = None) -> Matrix:
    """
    Read and validate both matrices.

    Parameters
    ----------
    folder : Path, optional
        Folder with ``sources.yaml``, ``missing.yaml``, ``experience/`` and ``translations/``; ours
        when left out.

    Raises
    ------
    MissingInputError
        If a file is not there.
    TableError
        If a row breaks the schema; the message names file, row and field.
    """
    return _load(folder or matrix_folder())


@lru_cache(maxsize=4)
def _load(folder: Path) -> Matrix:
    compiled, sources = _rows(folder / "sources.yaml", "sources", Source)
    _, missing = _rows(folder / "missing.yaml", "missing", MissingSource)
    parts: dict[str, Any] = {}
    for name, field in Experience.model_fields.items():
        (model,) = field.annotation.__args__  # type: ignore[union-attr] # every field is list[row]
        _, parts[name] = _rows(folder / "experience" / f"{name}.yaml", name, model)
    experience = Experience(**parts)
    examples = {name for link in experience.links for name in link.projects}
    lists = {name: getattr(experience, name) for name in Experience.model_fields}
    rows = {
        name: _all_shown({"missing": missing, **lists}[name]) for name in get_args(TranslatedList)
    }
    projects = rows["sharing_projects"].all
    rows["sharing_projects"] = Ids(projects, projects & examples)
    return Matrix(
        compiled=compiled,
        sources=sources,
        missing=missing,
        experience=experience,
        translations=read_translations(folder / "translations", rows),
    )


def _all_shown(rows: list[Any]) -> Ids:
    ids = frozenset(row.id for row in rows)
    return Ids(ids, ids)


def _rows(path: Path, key: str, model: type[RowT]) -> tuple[str, list[RowT]]:
    """Return the day a file was compiled and its validated rows."""
    content = content_of(path)
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise TableError(
            f"{path}:1", f"no list {key!r}", f"a list {key!r} of rows", f"begin it with {key}:"
        )
    compiled = str(content.get("compiled", ""))
    return compiled, [
        validated(Place(path, (key, at), _name(row, at)), _dated(row, compiled, model), model)
        for at, row in enumerate(content[key])
    ]


def _dated(row: object, compiled: str, model: type[RowT]) -> object:
    """Return a row with the day it was checked: its own, or that of the whole file."""
    if isinstance(row, dict) and "checked" in model.model_fields:
        return {"checked": compiled, **row}
    return row


def _name(row: object, at: int) -> str:
    return str(row.get("id", f"row {at + 1}")) if isinstance(row, dict) else f"row {at + 1}"
