"""What to do next in a zone, and which missing data stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonnekaart.zoning.rules import strength

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zonnekaart.zoning.rules import ClassRule, Fired

CLASS_WEIGHT = 3.0
"""Weight of an action that the class itself asks for; as one rule of high severity."""


@dataclass(frozen=True)
class Advice:
    """
    What a zone's class and rules ask for.

    Parameters
    ----------
    step : ClassRule or None
        Class step that decided; None when no step matched.
    fired : tuple of Fired
        Bottlenecks and opportunities of the zone.
    thin : tuple of str
        Names of what is thin in this zone's data, keys of the rule file's ``[gaps]``.
    """

    step: ClassRule | None
    fired: tuple[Fired, ...]
    thin: tuple[str, ...]


def action_votes(advice: Advice) -> dict[str, float]:
    """
    Return how loudly class and rules ask for each recommendation.

    Each fired rule gives its severity (1 to 3) times its weight to its actions, halved for every
    place down its list; the class gives `CLASS_WEIGHT`.

    Parameters
    ----------
    advice : Advice
        What the zone asks for.
    """
    votes: dict[str, float] = {}
    if advice.step is not None:
        _vote(votes, advice.step.actions, CLASS_WEIGHT)
    for fired in advice.fired:
        severity, _ = strength(fired)
        _vote(votes, fired.rule.actions, severity * fired.rule.weight)
    return votes


def ranked_actions(advice: Advice, scores: Mapping[str, float]) -> list[str]:
    """
    Return ids of recommendations, best first.

    The first action of the class leads, for the class is the verdict. The others follow by their
    scores; equal scores keep the order of ids.

    Parameters
    ----------
    advice : Advice
        What the zone asks for.
    scores : mapping of str to float
        Score of each action that is asked for: `action_votes`, or those of ``action_effects``.
    """
    lead = advice.step.actions[:1] if advice.step is not None else ()
    return sorted(scores, key=lambda action: (action not in lead, -scores[action], action))


def _vote(votes: dict[str, float], actions: Sequence[str], weight: float) -> None:
    """Give each action the weight, halved for every place down the list."""
    for place, action in enumerate(actions):
        votes[action] = votes.get(action, 0.0) + weight / 2**place


def ranked_gaps(advice: Advice, gap_sources: Mapping[str, Sequence[str]]) -> list[str]:
    """
    Return ids of missing sources that matter to the zone: first what is thin, then what rules ask.

    Parameters
    ----------
    advice : Advice
        What the zone asks for.
    gap_sources : mapping of str to sequence of str
        For each kind of thinness the sources that would mend it, most important kind first.
    """
    found: dict[str, None] = {}
    for name, sources in gap_sources.items():
        if name in advice.thin:
            found.update(dict.fromkeys(sources))
    if advice.step is not None:
        found.update(dict.fromkeys(advice.step.gaps))
    for fired in advice.fired:
        found.update(dict.fromkeys(fired.rule.gaps))
    return list(found)
