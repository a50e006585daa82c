"""The data matrix and the experience matrix: read from data/matrix, validated, joined."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from zonnekaart.errors import TableError
from zonnekaart.io.matrix_rows import Row, RowT, Text, content_of, validated
from zonnekaart.io.matrix_texts import (
    Ids,
    Translated,
    TranslatedList,
    Translation,
    read_translations,
)

Confidence = Literal["high", "medium", "low"]
Side = Literal["supply", "demand", "grid", "governance", "context"]
Priority = Literal["must", "should", "could"]
Severity = Literal["blocking", "high", "medium", "low"]
ZoneClass = Literal["eigen_gebruik", "delen", "overschot", "vraag", "toets", "onbekend"]

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
    fact_address: Text
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
    basis: Text


class _Evidence(Row):
    """What every row of the experience matrix rests on."""

    source: str = Field(pattern=r"^https?://\S+$")
    more_sources: list[str] = Field(default=[])
    basis: Text
    confidence: Confidence
    note: str | None = None


class Tool(_Evidence):
    """An existing tool."""

    id: str = Field(pattern=r"^t\d{2}$")
    name: Text
    owner: Text
    country: Text
    audience: Text
    question_answered: Text
    coverage: dict[Literal["supply", "demand", "grid", "sharing"], str]
    granularity: Text
    strengths: list[str]
    weaknesses: list[str]
    lesson_for_zonnekaart: Text


class SharingProject(_Evidence):
    """A project that shared electricity."""

    id: str = Field(pattern=r"^p\d{2}$")
    name: Text
    place: Text
    country: Text
    year: Text
    model: Text
    participants: Text
    kwp: float | None = Field(ge=0.0)
    result: Text
    barrier_met: Text
    lesson_for_siting_zoning: Text


class Stakeholder(_Evidence):
    """A group that decides, asks and needs."""

    id: str = Field(pattern=r"^s\d{2}$")
    group: Text
    decisions: list[str]
    questions: list[str]
    data_they_have: list[str]
    data_they_need: list[str]
    barriers: list[str]
    tool_features: list[str]
    priority: Priority


class Rule(_Evidence):
    """A legal or technical rule, with its date."""

    id: str = Field(pattern=r"^r\d{2}$")
    topic: Text
    region: Text
    date: Text
    rule: Text
    implication_for_tool: Text


class Perimeter(_Evidence):
    """A perimeter in which a jurisdiction allows sharing."""

    id: str = Field(pattern=r"^[A-Za-z0-9_]+$")
    jurisdiction: Text
    scheme: Text
    perimeter_type: Literal[
        "building",
        "distance",
        "grid_topology",
        "region",
        "admin_area",
        "dso_area",
        "self_defined",
        "local_area",
        "country",
        "postcode_adjacency",
        "supplier",
        "bidding_zone",
    ]
    parameters: dict[str, Any]
    size_limit: str | None
    network_tariff_effect: Text
    valid_from: Text
    status: Text
    tool_note: Text


class ApartmentBarrier(_Evidence):
    """What stops an apartment building."""

    id: str = Field(pattern=r"^b\d{2}$")
    category: Text
    barrier: Text
    building_types: list[Literal["small", "medium", "large"]]
    possible_local_action: Text
    possible_central_action: Text


class ApartmentStep(_Evidence):
    """A step for an association of co-owners."""

    id: str = Field(pattern=r"^step\d{2}$")
    order: int = Field(ge=1)
    title: Text
    vme: Text
    syndic: Text
    investor: Text
    municipality_support: Text
    tool_input: Text
    decision_gate: Text
    indicative_duration: Text


class Recommendation(_Evidence):
    """A policy action that the map supports."""

    id: str = Field(pattern=r"^rec\d{2}$")
    policy_action: Text
    map_layer_or_indicator: Text
    who_uses_it: Text
    how: Text
    caveat: Text
    priority: Priority


class Link(Row):
    """What a recommendation hangs together with."""

    recommendation: str
    classes: list[ZoneClass]
    indicators: list[str]
    stakeholders: list[str]
    projects: list[str]
    missing: list[str]


class Experience(Row):
    """The experience matrix."""

    tools: list[Tool]
    sharing_projects: list[SharingProject]
    stakeholders: list[Stakeholder]
    rules: list[Rule]
    perimeters: list[Perimeter]
    apartment_barriers: list[ApartmentBarrier]
    apartment_steps: list[ApartmentStep]
    recommendations: list[Recommendation]
    links: list[Link]


class Matrix(Row):
    """Both matrices, as compiled on a day."""

    compiled: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    sources: list[Source]
    missing: list[MissingSource]
    experience: Experience
    translations: dict[Translated, Translation]

    def texts(self, name: TranslatedList, row: Row, field: str) -> dict[str, str]:
        """
        Return a text of a row in every language.

        Parameters
        ----------
        name : {"recommendations", "missing", "sharing_projects"}
            The list that the row is in.
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
    projects = frozenset(row.id for row in experience.sharing_projects)
    actions = frozenset(row.id for row in experience.recommendations)
    gaps = frozenset(row.id for row in missing)
    rows: dict[TranslatedList, Ids] = {
        "recommendations": Ids(actions, actions),
        "missing": Ids(gaps, gaps),
        "sharing_projects": Ids(projects, projects & examples),
    }
    return Matrix(
        compiled=compiled,
        sources=sources,
        missing=missing,
        experience=experience,
        translations=read_translations(folder / "translations", rows),
    )


def _rows(path: Path, key: str, model: type[RowT]) -> tuple[str, list[RowT]]:
    """Return the day a file was compiled and its validated rows."""
    content = content_of(path)
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise TableError(
            str(path), f"no list {key!r}", f"a list {key!r} of rows", f"begin it with {key}:"
        )
    return str(content.get("compiled", "")), [
        validated(f"{path}: {_name(row, number)}", row, model)
        for number, row in enumerate(content[key], start=1)
    ]


def _name(row: object, number: int) -> str:
    return str(row.get("id", f"row {number}")) if isinstance(row, dict) else f"row {number}"
