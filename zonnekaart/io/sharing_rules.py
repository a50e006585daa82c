"""Rule sets for sharing energy: TOML files that say who may share with whom, and how it settles."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zonnekaart.errors import MissingInputError, RulesError
from zonnekaart.io.sharing_tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

Key = Literal["fixed", "relative", "cascade", "optimal"]
Confidence = Literal["high", "medium", "low"]
Model = Literal[
    "building",
    "pair_distance",
    "radius",
    "sector",
    "cabin",
    "site",
    "municipality",
    "postcode",
    "drawn",
    "none",
]
"""Perimeters that this package can draw; ``none`` is no limit in space."""
PerimeterType = Literal[
    "building",
    "distance",
    "grid_topology",
    "admin_area",
    "dso_area",
    "postcode_adjacency",
    "supplier",
    "region",
    "country",
    "bidding_zone",
    "local_area",
    "self_defined",
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Table):
    """A title in the three languages of the map."""

    nl: str
    fr: str
    en: str


class RuleHead(_Table):
    """``[rule]``: which rules, where and when."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    region: str
    title: Title
    valid_from: dt.date
    valid_to: dt.date | None = None
    status: str
    matrix_ids: list[str] = []
    source: str = Field(pattern=r"^https?://")
    to_verify: list[str] = Field(default=[], description="what no source has confirmed yet")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class SettlementRule(_Table):
    """``[settlement]``: how shared energy is counted."""

    step_minutes: Literal[15, 30, 60]
    carry_over: Literal[False] = False
    keys: list[Key] = Field(min_length=1)
    default_key: Literal["fixed", "relative", "cascade"]
    own_use_first: bool = True
    source: str = Field(pattern=r"^https?://")
    note: str = ""

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        if self.default_key not in self.keys:
            raise ValueError("default_key is not one of keys")
        return self


class Conditions(_Table):
    """``[conditions]``: what every participant needs."""

    meter: str
    same_supplier: bool
    source: str = Field(pattern=r"^https?://")


class Cost(_Table):
    """``[cost]``: what a shared kWh saves."""

    grid_cost_due: bool
    saves: str
    distance_discount: bool
    source: str = Field(pattern=r"^https?://")
    note: str = ""


class Perimeter(_Table):
    """``[[perimeters]]``: who may share with whom; a fact that no source gives is left out."""

    id: str = Field(description="row of the experience matrix")
    scheme: str = Field(min_length=3)
    type: PerimeterType
    model: Model = Field(description="perimeter of this package that comes nearest")
    valid_from: dt.date | None = Field(default=None, description="not found when left out")
    valid_to: dt.date | None = None
    date_precision: Literal["day", "month", "year"] = "day"
    status: str = "in force"
    enabled: bool = Field(
        default=True, description="false for a proposal or a rule not yet applied"
    )
    network_tariff_effect: str
    grid_cost_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="share of the grid cost still due; unknown if left out",
    )
    source: str = Field(pattern=r"^https?://")
    confidence: Confidence
    note: str = ""
    same_holder: bool = False
    max_receivers: int | None = Field(default=None, ge=1)
    min_members: int | None = Field(default=None, ge=2)
    max_distance_m: float | None = Field(default=None, gt=0)
    distance_measure: Literal["pairwise", "from plant"] | None = None
    max_distance_m_by_voltage: dict[Literal["LV", "MV", "HV", "EHV"], float] = {}
    condition: str = ""
    size_limit_kw: float | None = Field(default=None, gt=0)
    legal_person: bool = False
    paid: bool = False

    @model_validator(mode="after")
    def _meaningful(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if self.type == "distance" and not (self.max_distance_m or self.max_distance_m_by_voltage):
            raise ValueError("a perimeter of type distance needs a distance")
        return self

    def in_force(self, day: dt.date | None) -> bool:
        """Tell whether it holds on a day; without a day, whether it has not been replaced."""
        if not self.enabled:
            return False
        if day is None:
            return self.valid_to is None
        first, last = self.valid_from or dt.date.min, self.valid_to or dt.date.max
        return first <= day <= last


class SharingRules(_Table):
    """One rule set."""

    rule: RuleHead
    settlement: SettlementRule
    conditions: Conditions
    cost: Cost
    perimeters: list[Perimeter] = Field(min_length=1)

    def in_force(self, day: dt.date) -> bool:
        """Tell whether the rules hold on a day."""
        last = self.rule.valid_to or dt.date.max
        return self.rule.valid_from <= day <= last

    def perimeters_for(self, model: str, day: dt.date | None = None) -> list[Perimeter]:
        """
        Return the perimeters that let buildings of one drawn perimeter share.

        Parameters
        ----------
        model : str
            Perimeter of a project; a perimeter without limit in space covers every one.
        day : date, optional
            When they must hold; not replaced when None.
        """
        held = [p for p in self.perimeters if p.in_force(day)]
        return [p for p in held if p.model in (model, "none")]


def read_all_sharing_rules(folder: Path) -> list[SharingRules]:
    """Read every rule set of a folder, by region and date."""
    rules = [read_sharing_rules(folder, path.stem) for path in folder.glob("*.toml")]
    return sorted(rules, key=lambda r: (r.rule.region, r.rule.valid_from))


def read_sharing_rules(folder: Path, rule_id: str) -> SharingRules:
    """
    Read one rule set.

    Parameters
    ----------
    folder : Path
        Folder with rule files; the file is named after the rule set.
    rule_id : str
        Such as ``be-vlg-2024``.

    Raises
    ------
    MissingInputError
        If there is no such rule set; the message lists those there are.
    RulesError
        If the file does not follow the schema.
    """
    path = folder / f"{rule_id}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.toml"))
        raise MissingInputError(
            f"sharing.rule_id {rule_id!r}",
            "no such rule set",
            f"one of: {', '.join(known)}",
            "correct the name, or add a file to the folder of rule sets",
        )
    rules = read_table(path, SharingRules, "compare with another rule set in the same folder")
    if rules.rule.id != rule_id:
        raise RulesError(
            f"{path.name}: rule.id", rules.rule.id, rule_id, "give file and rule set one name"
        )
    return rules
