"""Actions of zones: what each could bring there, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zonnekaart.config import share_folder
from zonnekaart.io.action_effects import ActionEffectsFile, read_action_effects
from zonnekaart.io.sharing_money import OwnerPrices, read_sharing_prices
from zonnekaart.zoning.action_effects import (
    NOTHING,
    UNKNOWN,
    Effect,
    Prospect,
    Span,
    Worth,
    action_effect,
    scores,
)
from zonnekaart.zoning.actions import Advice, action_votes, ranked_actions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from zonnekaart.config import Project

FILE, PRICES = "actions/effects.toml", "sharing_prices"
_ENDS = ("low", "central", "high")
_MEASURES = ("energy_kwh", "gain_eur", "avoided_kg")
ACTION_EFFECT = pa.struct(
    [
        ("action_id", pa.string()),
        *((f"{m}_{end}", pa.float64()) for m in _MEASURES for end in _ENDS),
        ("prices_observed", pa.string()),
        ("doability", pa.float64()),
        ("score", pa.float64()),
    ]
)
"""One action of a zone; null where it has no energy of its own or a figure is not known."""


def action_files(project: Project) -> list[Path]:
    """Return the files that decide what actions bring."""
    data = share_folder("data")
    prices = data / PRICES / f"{project.project.region.lower()}.toml"
    return [path for path in (data / FILE, prices) if path.is_file()]


class ActionTable:
    """
    What actions could bring in the region of a project.

    Parameters
    ----------
    project : Project
        Its region decides prices and emissions; none are told where they are not known.
    """

    def __init__(self, project: Project) -> None:
        data = share_folder("data")
        region = project.project.region
        found = read_action_effects(data / FILE)
        prices = read_sharing_prices(data / PRICES, region)
        household = None if prices is None else prices.of("household")
        self._observed = (
            None
            if household is None
            else f"{household.observed_from.isoformat()}/{household.observed_to.isoformat()}"
        )
        self._worth = _worth(found, household, region)
        self._prospects = {
            a.id: Prospect(
                a.energy,
                a.kind == "made",
                NOTHING if a.share is None else Span(a.share.low, a.share.central, a.share.high),
                a.doability,
            )
            for a in found.actions
        }
        self._doability = {a.id: a.doability for a in found.actions}
        self._weights = (found.score.votes, found.score.effect)

    def ranked(
        self, advice: Advice, indicators: Mapping[str, float]
    ) -> tuple[list[str], list[dict[str, Any]]]:
        """
        Return a zone's actions, best first, and what each could bring.

        Parameters
        ----------
        advice : Advice
            What class and rules ask for.
        indicators : mapping of str to float
            Figures of the zone, as they may be shown.
        """
        votes = action_votes(advice)
        effects = {
            a: action_effect(self._prospects[a], indicators, self._worth)
            if a in self._prospects
            else None
            for a in votes
        }
        found = scores(votes, effects, self._doability, self._weights)
        order = ranked_actions(advice, found)
        return order, [
            {
                "action_id": action,
                **_figures(effects[action]),
                "prices_observed": None if effects[action] is None else self._observed,
                "doability": self._doability.get(action),
                "score": found[action],
            }
            for action in order
        ]


def _worth(found: ActionEffectsFile, prices: OwnerPrices | None, region: str) -> Worth:
    emission = found.emission(region)
    avoided = UNKNOWN if emission is None else Span(emission.low, emission.central, emission.high)
    if prices is None:
        return Worth(UNKNOWN, UNKNOWN, UNKNOWN, avoided)
    return Worth(
        _between(prices.energy_component_eur_kwh),
        _between(prices.injection_eur_kwh),
        _between(prices.gain_eur_kwh),
        avoided,
    )


def _between(ends: tuple[float, float]) -> Span:
    return Span(ends[0], (ends[0] + ends[1]) / 2.0, ends[1])


def _figures(effect: Effect | None) -> dict[str, float | None]:
    return {
        f"{measure}_{end}": None if effect is None else getattr(getattr(effect, measure), end)
        for measure in _MEASURES
        for end in _ENDS
    }
