"""Rows of the experience matrix: tools, projects, groups, rules, apartments, actions, needs."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from zonnekaart.io.matrix_rows import DAY, Confidence, Row, Text

Priority = Literal["must", "should", "could"]
ZoneClass = Literal["eigen_gebruik", "delen", "overschot", "vraag", "toets", "onbekend"]


class _Evidence(Row):
    """What every row of the experience matrix rests on."""

    source: str = Field(pattern=r"^https?://\S+$")
    more_sources: list[str] = Field(default=[])
    checked: str = Field(pattern=DAY)
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


class Where(Row):
    """Where a feature of this tool is found."""

    kind: Literal["page", "command", "api", "document"]
    address: Text


class Texts(Row):
    """A text in every language."""

    nl: Text
    fr: Text
    en: Text


class Need(Row):
    """What a group asks of the tool, and how far the tool serves it."""

    id: str = Field(pattern=r"^n\d{2}$")
    stakeholder: str
    feature: Texts
    served: Literal["yes", "partly", "no"]
    where: list[Where]
    lacking: Texts | None = Field(default=None, description="what is not there yet")
    rules: list[str] = Field(default=[])
    indicators: list[str] = Field(default=[])
    recommendations: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _says_what_lacks(self) -> Self:
        """Refuse a need that is served nowhere, or that is not wholly served without saying why."""
        if self.served != "no" and not self.where:
            raise ValueError("where: a need that is served names where")
        if (self.served == "yes") == (self.lacking is not None):
            raise ValueError("lacking: said for every need that is not wholly served, only there")
        return self


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
    needs: list[Need]
