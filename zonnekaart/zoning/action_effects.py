"""What an action could bring to a zone in a year: energy, money and CO2, each as a range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Span:
    """
    A range with its centre.

    Parameters
    ----------
    low, central, high : float
        low <= central <= high; NaN is not known.
    """

    low: float
    central: float
    high: float

    def times(self, factor: float) -> Span:
        """Return the range times a number >= 0."""
        return Span(self.low * factor, self.central * factor, self.high * factor)

    def by(self, other: Span) -> Span:
        """Return the product of two ranges, low with low and high with high."""
        return Span(self.low * other.low, self.central * other.central, self.high * other.high)

    def plus(self, other: Span) -> Span:
        """Return the sum of two ranges, low with low and high with high."""
        return Span(self.low + other.low, self.central + other.central, self.high + other.high)


UNKNOWN = Span(math.nan, math.nan, math.nan)
NOTHING = Span(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Prospect:
    """
    What is assumed of one action.

    Parameters
    ----------
    energy : str
        Figure of the zone it works on: a key of `ENERGY`, or ``none``.
    made : bool
        True where power is made that would not be made otherwise; false where power finds a user.
    share : Span
        Part of that energy which it reaches. [-]
    doability : float
        How easily it is done, 0 to 1. [-]
    """

    energy: str
    made: bool
    share: Span
    doability: float


@dataclass(frozen=True)
class Worth:
    """
    What a kWh is worth; unknown where no figures are known for the region.

    Parameters
    ----------
    used, injected : Span
        Of power made and used under the own roof, or sent to the grid. [EUR/kWh]
    moved : Span
        Of power that finds a user instead of being injected. [EUR/kWh]
    avoided : Span
        Emission that power made avoids. [kg/kWh]
    """

    used: Span
    injected: Span
    moved: Span
    avoided: Span


@dataclass(frozen=True)
class Effect:
    """
    What an action could bring in a year.

    Parameters
    ----------
    energy_kwh : Span
        Power made, or moved to a user. [kWh]
    gain_eur : Span
        What it is worth to those who take part, before costs. [EUR]
    avoided_kg : Span
        CO2 avoided; 0 for power that would be made anyway. [kg]
    """

    energy_kwh: Span
    gain_eur: Span
    avoided_kg: Span


def _free(f: Mapping[str, float]) -> float:
    """Share of the capacity that is still free; NaN where there is no capacity."""
    return f["additional_kwp"] / f["capacity_kwp"] if f["capacity_kwp"] > 0 else math.nan


ENERGY: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "untapped": lambda f: f["annual_yield_kwh"] * _free(f),
    "sharing": lambda f: f["annual_yield_kwh"] * f["sharing_gain"],
    "flats": lambda f: f["annual_yield_kwh"] * f["sharing_gain"] * f["apartment_share"],
    "surplus": lambda f: f["surplus_kwh"],
    "residual": lambda f: f["residual_kwh"],
    "heritage": lambda f: f["annual_yield_kwh"] * f["heritage_share"],
}
"""Energy of a zone that an action can work on, from the zone's own indicators. [kWh]"""


def action_effect(
    prospect: Prospect, indicators: Mapping[str, float], worth: Worth
) -> Effect | None:
    """
    Estimate what an action could bring to a zone.

    Parameters
    ----------
    prospect : Prospect
        What is assumed of the action.
    indicators : mapping of str to float
        Figures of the zone; NaN is not known.
    worth : Worth
        What a kWh is worth.

    Returns
    -------
    Effect or None
        None for an action that has no energy of its own. Ranges hold NaN where a figure of the
        zone or a price is not known.

    Examples
    --------
    >>> third = Prospect("surplus", False, Span(0.1, 0.3, 0.5), 0.5)
    >>> price = Worth(UNKNOWN, UNKNOWN, Span(0.05, 0.1, 0.15), UNKNOWN)
    >>> found = action_effect(third, {"surplus_kwh": 1000.0}, price)
    >>> found.energy_kwh.central, found.gain_eur.central, found.avoided_kg.central
    (300.0, 30.0, 0.0)
    """
    if prospect.energy not in ENERGY:
        return None
    base = ENERGY[prospect.energy](indicators)
    energy = prospect.share.times(0.0 if base < 0.0 else base)
    if not prospect.made:
        return Effect(energy, energy.by(worth.moved), NOTHING)
    own = indicators["self_consumption"]
    price = worth.used.times(own).plus(worth.injected.times(1.0 - own))
    return Effect(energy, energy.by(price), energy.by(worth.avoided))


def scores(
    votes: Mapping[str, float],
    effects: Mapping[str, Effect | None],
    doability: Mapping[str, float],
    weights: tuple[float, float],
) -> dict[str, float]:
    """
    Score the actions of one zone.

    Parameters
    ----------
    votes : mapping of str to float
        How loudly class and rules ask for each action; > 0.
    effects : mapping of str to Effect or None
        What each could bring.
    doability : mapping of str to float
        How easily each is done. [-]
    weights : tuple of float
        Of votes and of effect.

    Returns
    -------
    dict of str to float
        ``weight * votes / most votes + weight * doability * mean(kWh, EUR, CO2)``, each of the
        three relative to the most that any action of the zone brings. What has no energy of its
        own brings nothing, but can still be voted for; what is not known counts as the mean of
        what is. [-]
    """
    most_votes = max(votes.values(), default=1.0)
    columns = [
        _relative([_size(effects.get(action), measure) for action in votes])
        for measure in _MEASURES
    ]
    found = {}
    for row, (action, given) in enumerate(votes.items()):
        effect = doability.get(action, 0.0) * sum(c[row] for c in columns) / len(columns)
        found[action] = weights[0] * given / most_votes + weights[1] * effect
    return found


_MEASURES = ("energy_kwh", "gain_eur", "avoided_kg")


def _size(effect: Effect | None, measure: str) -> float:
    if effect is None:
        return 0.0
    span: Span = getattr(effect, measure)
    return span.central


def _relative(sizes: Sequence[float]) -> list[float]:
    """Divide by the greatest; what is not known takes the mean of what is."""
    known = [size for size in sizes if math.isfinite(size)]
    top = max(known, default=0.0)
    if top <= 0.0:
        return [0.0] * len(sizes)
    mean = sum(known) / len(known)
    return [(size if math.isfinite(size) else mean) / top for size in sizes]
