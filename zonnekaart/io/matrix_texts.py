"""The matrices' texts in Dutch and French: data/matrix/translations, held to the English rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from zonnekaart.errors import TableError
from zonnekaart.io.matrix_rows import Place, Row, Text, content_of, line_of, validated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Translated = Literal["nl", "fr"]
TranslatedList = Literal[
    "recommendations",
    "missing",
    "sharing_projects",
    "stakeholders",
    "apartment_steps",
    "apartment_barriers",
]


class RecommendationTexts(Row):
    """What is shown of a policy action."""

    policy_action: Text
    how: Text
    who_uses_it: Text
    caveat: Text


class MissingTexts(Row):
    """What is shown of a missing source."""

    title: Text
    why: Text
    proxy: Text


class ProjectTexts(Row):
    """What is shown of a project that is an example."""

    name: Text
    place: Text
    result: Text


class StakeholderTexts(Row):
    """What is shown of a group."""

    group: Text


class StepTexts(Row):
    """What is shown of a step for an apartment building."""

    title: Text
    vme: Text
    syndic: Text
    investor: Text
    municipality_support: Text
    tool_input: Text
    decision_gate: Text
    indicative_duration: Text


class BarrierTexts(Row):
    """What is shown of a barrier in apartment buildings."""

    barrier: Text


class Translation(Row):
    """The texts in one language, by id."""

    recommendations: dict[str, RecommendationTexts]
    missing: dict[str, MissingTexts]
    sharing_projects: dict[str, ProjectTexts]
    stakeholders: dict[str, StakeholderTexts]
    apartment_steps: dict[str, StepTexts]
    apartment_barriers: dict[str, BarrierTexts]


@dataclass(frozen=True)
class Ids:
    """
    Rows of a list.

    Parameters
    ----------
    all : frozenset of str
        Every row: no text may stand under another id.
    shown : frozenset of str
        Rows that the map shows: each must have its texts.
    """

    all: frozenset[str]
    shown: frozenset[str]


def read_translations(
    folder: Path, rows: Mapping[TranslatedList, Ids]
) -> dict[Translated, Translation]:
    """
    Read the texts of every language and hold them to the rows that need them.

    Parameters
    ----------
    folder : Path
        Folder with ``nl.yaml`` and ``fr.yaml``.
    rows : mapping of str to Ids
        The English rows.

    Raises
    ------
    MissingInputError
        If a language has no file.
    TableError
        If a text is missing or empty, or stands under an id or field that does not exist.
    """
    return {language: _read(folder / f"{language}.yaml", rows) for language in _LANGUAGES}


_LANGUAGES: tuple[Translated, ...] = get_args(Translated)


def _read(path: Path, rows: Mapping[TranslatedList, Ids]) -> Translation:
    made = validated(Place(path), content_of(path), Translation)
    for name, ids in rows.items():
        there = set(getattr(made, name))
        lost, strange = sorted(ids.shown - there), sorted(there - ids.all)
        if lost or strange:
            raise TableError(
                f"{path}:{line_of(path, name, *strange[:1])}: {name}",
                f"no texts for {', '.join(lost)}" if lost else f"texts for {', '.join(strange)}",
                "texts for every row that is shown, and for none that does not exist",
                "translate the row" if lost else "remove them, or correct the id",
            )
    return made
