"""Missing data and actions of a zone, as the panel shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zonnekaart.cartography.numbers import SPACE
from zonnekaart.io.published import Action, ActionEffect, Gap, Interval, Texts, known
from zonnekaart.pipelines.publishing.frames import records, texts
from zonnekaart.quantities import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zonnekaart.io.matrix import Matrix


def gaps(matrix: Matrix, record: Mapping[str, Any]) -> list[Gap]:
    """
    Return the missing sources of a zone, first those that would make its class surer.

    Parameters
    ----------
    matrix : Matrix
        Data matrix.
    record : mapping
        The zone.
    """
    gains = {
        str(row["source_id"]): known(row["confidence_gain"])
        for row in records(record.get("gap_effects"))
    }
    order = sorted(texts(record.get("gaps")), key=lambda i: -(gains.get(i) or 0.0))
    return [_gap(matrix, i).model_copy(update={"confidence_gain": gains.get(i)}) for i in order]


def actions(matrix: Matrix, record: Mapping[str, Any]) -> list[Action]:
    """
    Return the actions of a zone with what each could bring, best first.

    Parameters
    ----------
    matrix : Matrix
        Experience matrix.
    record : mapping
        The zone.
    """
    rows = {str(row["action_id"]): row for row in records(record.get("action_effects"))}
    return [
        _action(matrix, i).model_copy(update={"effect": _effect(rows.get(i))})
        for i in texts(record.get("actions"))
    ]


def _effect(row: Mapping[str, Any] | None) -> ActionEffect | None:
    if row is None:
        return None

    def interval(name: str, unit: str) -> Interval | None:
        low, central, high = (known(row[f"{name}_{end}"]) for end in ("low", "central", "high"))
        return None if central is None else Interval(value=central, low=low, high=high, unit=unit)

    return ActionEffect(
        energy=interval("energy_kwh", "kWh"),
        gain=interval("gain_eur", "EUR"),
        avoided=interval("avoided_kg", "kg"),
        doability=known(row["doability"]),
        prices_observed=row["prices_observed"],
    )


def _gap(matrix: Matrix, identity: str) -> Gap:
    row = next((m for m in matrix.missing if m.id == identity), None)
    if row is not None:
        return Gap(
            id=row.id,
            title=Texts(**matrix.texts("missing", row, "title")),
            severity=row.severity,
            proxy=Texts(**matrix.texts("missing", row, "proxy")),
            supplier=row.supplier,
        )
    source = matrix.source(identity)
    if source is not None:
        return Gap(id=source.id, title=_same(source.name), supplier=source.owner)
    return Gap(id=identity, title=_same(identity))


def _same(name: str) -> Texts:
    """Return a name that no language changes."""
    return Texts(**dict.fromkeys(LANGUAGES, name))


def _action(matrix: Matrix, identity: str) -> Action:
    found = {r.id: r for r in matrix.experience.recommendations}.get(identity)
    if found is None:
        return Action(id=identity, title=_same(identity))
    fields = {"title": "policy_action", "text": "how", "who": "who_uses_it", "caveat": "caveat"}
    shown: dict[str, Any] = {
        name: Texts(**matrix.texts("recommendations", found, field))
        for name, field in fields.items()
    }
    return Action(id=found.id, priority=found.priority, example=_example(matrix, identity), **shown)


def _example(matrix: Matrix, identity: str) -> Texts | None:
    """Return the first project that a recommendation is linked to, with its result."""
    links = {link.recommendation: link for link in matrix.experience.links}
    projects = {p.id: p for p in matrix.experience.sharing_projects}
    related = links[identity].projects if identity in links else []
    project = next((projects[p] for p in related if p in projects), None)
    if project is None:
        return None
    name, place, result = (
        matrix.texts("sharing_projects", project, field) for field in ("name", "place", "result")
    )
    return Texts(
        nl=f"{name['nl']}, {place['nl']}: {result['nl']}",
        fr=f"{name['fr']}, {place['fr']}{SPACE}: {result['fr']}",
        en=f"{name['en']}, {place['en']}: {result['en']}",
    )
