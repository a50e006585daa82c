"""The length of a scale bar."""

from __future__ import annotations

import math

_STEPS = (5.0, 2.0, 1.0)
_M_PER_KM = 1000.0


def bar_length_m(longest_m: float) -> float:
    """
    Return the longest round length (1, 2 or 5 times a power of ten) that still fits, in m.

    Parameters
    ----------
    longest_m : float
        Room for the bar, above 0. [m]

    Raises
    ------
    ValueError
        If there is no room.

    Examples
    --------
    >>> bar_length_m(730.0), bar_length_m(1000.0)
    (500.0, 1000.0)
    """
    if not longest_m > 0.0:
        raise ValueError(f"longest_m is {longest_m}, expected more than 0")
    power = 10.0 ** math.floor(math.log10(longest_m))
    return next(step * power for step in _STEPS if step * power <= longest_m)


def length_text(length_m: float) -> str:
    """
    Write a round length in m or km.

    Examples
    --------
    >>> length_text(500.0), length_text(2000.0)
    ('500 m', '2 km')
    """
    if length_m >= _M_PER_KM:
        return f"{length_m / _M_PER_KM:g} km"
    return f"{length_m:g} m"
