"""A letter to the holder of data that a project misses: what, why, and what it would change."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zonnekaart import __version__
from zonnekaart.cartography.numbers import number_text, percent_text, quantity_text, whole_text
from zonnekaart.errors import ConfigError
from zonnekaart.io.letters import Letter, Part
from zonnekaart.io.matrix import Matrix, MissingSource, Source, load_matrix
from zonnekaart.io.report import texts
from zonnekaart.pipelines.matrix import content
from zonnekaart.pipelines.matrix_inputs import read_check
from zonnekaart.quantities import QUANTITIES

if TYPE_CHECKING:
    from pathlib import Path

    from zonnekaart.config import Project

LETTER_ENDINGS = (".docx", ".md")
_PERSONAL_SIDES = frozenset({"demand", "governance"})
_SENTENCES = "letter.yaml"


@dataclass(frozen=True)
class _Wanted:
    """
    What a letter asks for.

    Parameters
    ----------
    row : MissingSource or Source
        The row of the matrix.
    title, why, proxy : str
        In the language of the letter; empty where the row has none.
    holder : str
        Who could give it.
    """

    row: MissingSource | Source
    title: str
    why: str
    proxy: str
    holder: str


def request_letter(project: Project, build: Path, source: str, language: str) -> Letter:
    """
    Compose the letter that asks for a source.

    Parameters
    ----------
    project : Project
        The project file.
    build : Path
        Build folder; without results the letter says that effects are not computed yet.
    source : str
        Id of a missing source or of a source, such as ``MIS-01`` or ``SUP-04``.
    language : {"nl", "fr", "en"}
        Language of the letter.

    Raises
    ------
    ConfigError
        If the matrix has no such row.
    """
    matrix = load_matrix()
    wanted = _wanted(matrix, source, language)
    made = content(project, build, read_check(build))["project"]
    gap = next((g for g in made["gaps"] if g["id"] == source), None)
    used = next((e for e in made["inputs"] if e["matrix_id"] == source), None)
    say = _Sentences(language, project.project.name)
    parts = (
        Part("", (say("greeting"), say("opening"))),
        Part(say("heads", "ask"), tuple(_ask(say, wanted, gap, used))),
        Part(say("heads", "why"), tuple(_why(say, wanted))),
        Part(say("heads", "effect"), tuple(_effect(say, gap, used))),
        Part(say("heads", "terms"), items=say.listed("terms")),
        Part(say("heads", "privacy"), (_privacy(say, project, wanted.row.side),)),
        Part(say("heads", "rests"), items=tuple(_proof(matrix, wanted.row))),
        Part("", (say("closing"),)),
    )
    return Letter(
        language=language,
        top=(
            say("to", holder=wanted.holder),
            say("place", date=say.day(dt.datetime.now(dt.UTC).date())),
        ),
        subject=say("subject", title=wanted.title),
        parts=tuple(part for part in parts if part.paragraphs or part.items),
        end=(say("regards"), say("signature")),
        footer=say(
            "footer",
            version=__version__,
            id=source,
            checked=say.day(dt.date.fromisoformat(wanted.row.checked)),
        ),
    )


class _Sentences:
    """Says the sentences of the letter in one language."""

    def __init__(self, language: str, project: str) -> None:
        self.language = language
        self._project = project
        self._texts = texts(_SENTENCES)

    def __call__(self, *keys: str, **values: str) -> str:
        found: Any = self._texts
        for key in keys:
            found = found[key]
        text: str = found[self.language]
        return text.format(project=self._project, **values)

    def listed(self, key: str) -> tuple[str, ...]:
        """Return all sentences of a list."""
        return tuple(row[self.language] for row in self._texts[key])

    def day(self, day: dt.date) -> str:
        """Return a day in words."""
        return f"{day.day} {self._texts['months'][self.language][day.month - 1]} {day.year}"


def _wanted(matrix: Matrix, source: str, language: str) -> _Wanted:
    missing = next((row for row in matrix.missing if row.id == source), None)
    if missing is not None:
        title, why, proxy = (
            matrix.texts("missing", missing, field)[language] for field in ("title", "why", "proxy")
        )
        return _Wanted(missing, title, why, proxy, _first_holder(missing.supplier))
    row = matrix.source(source)
    if row is None:
        raise ConfigError(
            "--source",
            repr(source),
            "an id of the data matrix, such as MIS-01 or SUP-04",
            "list them with: zonnekaart matrix export --format csv --out matrix.csv",
        )
    return _Wanted(row, row.name, "", "", row.owner)


def _first_holder(supplier: str) -> str:
    """Return the first name of a list of holders, without what stands in brackets."""
    return re.split(r"[(,;]", supplier)[0].strip()


def _ask(
    say: _Sentences, wanted: _Wanted, gap: dict[str, Any] | None, used: dict[str, Any] | None
) -> list[str]:
    sentences = [f"{wanted.title}.", say("ask", "area")]
    share = None if gap is None else gap["known_share"]
    if share is not None and share > 0.0:
        sentences.append(say("ask", "have", share=percent_text(share, say.language)))
    if used is not None and "old" in used["weak"]:
        sentences.append(say("ask", "old", years=whole_text(used["age_years"], say.language)))
    return [" ".join(sentences)]


def _why(say: _Sentences, wanted: _Wanted) -> list[str]:
    sentences = [f"{wanted.why.rstrip('.')}."] if wanted.why else []
    if wanted.proxy:
        # The row's own text begins with a capital; here it stands inside a sentence.
        proxy = wanted.proxy[0].lower() + wanted.proxy[1:]
        sentences.append(say("why", "proxy", proxy=proxy.rstrip(".")))
    return sentences and [" ".join(sentences)]


def _effect(say: _Sentences, gap: dict[str, Any] | None, used: dict[str, Any] | None) -> list[str]:
    outputs = (gap or used or {}).get("outputs") or []
    sentences = _zones(say, gap) if gap is not None and gap["zones"] else []
    if outputs:
        names = ", ".join(QUANTITIES[name].label[say.language] for name in outputs)
        sentences.append(say("effect", "figures", figures=names))
    return [" ".join(sentences)] if sentences else [say("effect", "none")]


def _zones(say: _Sentences, gap: dict[str, Any]) -> list[str]:
    language = say.language
    energy = gap["annual_yield_mwh"]
    sentences = [
        say(
            "effect",
            "zones",
            zones=whole_text(gap["zones"], language),
            energy=quantity_text(1000.0 * (energy or 0.0), "kWh", language),
        )
    ]
    if gap["zones_undecided"]:
        zones = whole_text(gap["zones_undecided"], language)
        sentences.append(say("effect", "undecided", zones=zones))
    if gap["expected_zones"]:
        gain = number_text(gap["expected_zones"], language, figures=2)
        sentences.append(say("effect", "gain", zones=gain))
    return sentences


def _privacy(say: _Sentences, project: Project, side: str) -> str:
    if side not in _PERSONAL_SIDES:
        return say("privacy", "none")
    rule = project.privacy
    return say(
        "privacy",
        "careful",
        connections=str(rule.k),
        buildings=str(rule.min_buildings),
    )


def _proof(matrix: Matrix, row: MissingSource | Source) -> list[str]:
    named = row.refs if isinstance(row, MissingSource) else [row.id]
    sources = [found for found in map(matrix.source, named) if found is not None]
    return [f"{found.id} {found.name}: {found.addresses[0]}" for found in sources]
