"""Where conditions can hold at all: ranges of indicators, empty ones, and ones that overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zonnekaart.zoning.rules import Comparison, Condition


@dataclass(frozen=True)
class ValueRange:
    """
    A range of one indicator.

    Parameters
    ----------
    low, high : float
        Ends, in the indicator's unit.
    low_open, high_open : bool
        True where the end itself does not belong to the range.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Tell whether no value lies in the range."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def intersect(self, other: ValueRange) -> ValueRange:
        """Return the values in both ranges."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return ValueRange(low, high, low_open, not closed)

    def within(self, other: ValueRange) -> bool:
        """Tell whether every value of this range lies in the other."""
        return self.empty or self.intersect(other) == self


EVERYWHERE = ValueRange()
Ranges = dict[str, ValueRange]
"""A range per indicator; an indicator that is not named may have any value."""


def condition_range(comparison: Comparison, threshold: float) -> ValueRange:
    """
    Return the values for which a comparison holds.

    Parameters
    ----------
    comparison : {">", ">=", "<", "<="}
        How values are compared.
    threshold : float
        With what.

    Examples
    --------
    >>> condition_range(">", 1.0).intersect(condition_range("<=", 1.0)).empty
    True
    """
    if comparison in (">", ">="):
        return ValueRange(low=threshold, low_open=comparison == ">")
    return ValueRange(high=threshold, high_open=comparison == "<")


def joint_ranges(conditions: Iterable[Condition], bounds: Mapping[str, ValueRange]) -> Ranges:
    """
    Return where conditions hold together.

    Parameters
    ----------
    conditions : iterable of Condition
        All must hold.
    bounds : mapping of str to ValueRange
        Values that each indicator can have at all.
    """
    found: Ranges = {}
    for condition in conditions:
        name = condition.indicator
        before = found.get(name, bounds.get(name, EVERYWHERE))
        found[name] = before.intersect(condition_range(condition.comparison, condition.threshold))
    return found


def possible(ranges: Ranges) -> bool:
    """Tell whether some zone could lie in all ranges."""
    return not any(part.empty for part in ranges.values())


def overlapping(one: Ranges, other: Ranges) -> bool:
    """Tell whether some zone could lie in both."""
    return all(
        not one.get(name, EVERYWHERE).intersect(other.get(name, EVERYWHERE)).empty
        for name in one.keys() | other.keys()
    )


def covered(inner: Ranges, outer: Ranges) -> bool:
    """Tell whether every zone in `inner` lies in `outer` too."""
    return all(inner.get(name, EVERYWHERE).within(part) for name, part in outer.items())


def rest_of(found: ValueRange, taken: ValueRange) -> ValueRange:
    """
    Return what is left of a range after a half-line has been taken away.

    Parameters
    ----------
    found : ValueRange
        The range.
    taken : ValueRange
        Of `condition_range`: one of its ends is infinite.
    """
    if math.isinf(taken.high):
        return found.intersect(ValueRange(high=taken.low, high_open=not taken.low_open))
    return found.intersect(ValueRange(low=taken.high, low_open=not taken.high_open))
