"""Register of every published quantity: name, unit, type, no-data, range, definition, labels.

One row per column or indicator that leaves a stage. The glossary, the tiles, the API, the exports
and the rules read units and labels here; ``docs/glossary.md`` and this register agree by test.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from zonnekaart.errors import InputError
from zonnekaart.quantities.advised import ADVISED
from zonnekaart.quantities.buildings import IDENTITY, ROOFS, SUPPLY
from zonnekaart.quantities.constraints import CONSTRAINTS
from zonnekaart.quantities.economics import ECONOMICS
from zonnekaart.quantities.energy import BALANCE, DEMAND
from zonnekaart.quantities.grid import GRID
from zonnekaart.quantities.kinds import (
    LANGUAGES,
    RATIO,
    UNKNOWN_NUMBER,
    UNKNOWN_OBJECT,
    Language,
    Quantity,
)
from zonnekaart.quantities.visibility import VISIBILITY
from zonnekaart.quantities.zones import INDICATORS, ZONE_CLASSES, ZONE_KINDS, ZONES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "INDICATORS",
    "LANGUAGES",
    "QUANTITIES",
    "RATIO",
    "UNKNOWN_NUMBER",
    "UNKNOWN_OBJECT",
    "ZONE_CLASSES",
    "ZONE_KINDS",
    "Language",
    "Quantity",
    "UnknownQuantityError",
    "interval_of",
    "quantity",
]


class UnknownQuantityError(InputError):
    """A quantity that the register does not hold."""


def _register(*groups: Iterable[Quantity]) -> Mapping[str, Quantity]:
    return MappingProxyType({q.name: q for group in groups for q in group})


QUANTITIES: Mapping[str, Quantity] = _register(
    IDENTITY,
    ROOFS,
    SUPPLY,
    VISIBILITY,
    DEMAND,
    BALANCE,
    ZONES,
    ADVISED,
    GRID,
    CONSTRAINTS,
    ECONOMICS,
)
"""All published quantities by name."""


def quantity(name: str) -> Quantity:
    """
    Return one quantity of the register.

    Raises
    ------
    UnknownQuantityError
        If the register does not hold `name`.
    """
    found = QUANTITIES.get(name)
    if found is None:
        raise UnknownQuantityError(
            name,
            "a name that is not in the register",
            "a published quantity",
            "see docs/glossary.md for all names",
        )
    return found


def interval_of(name: str) -> tuple[str, str] | None:
    """
    Return the names of the low and high end of an indicator, or None when it has no interval.

    Examples
    --------
    >>> interval_of("annual_yield_kwh")
    ('annual_yield_low_kwh', 'annual_yield_high_kwh')
    >>> interval_of("buildings") is None
    True
    """
    stem, _, unit = name.rpartition("_")
    low, high = f"{stem}_low_{unit}", f"{stem}_high_{unit}"
    return (low, high) if low in QUANTITIES and high in QUANTITIES else None
