"""Colour ramps for magnitudes, and the bounds of their legends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

CIVIDIS = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
"""Ten even steps of cividis: one order of lightness, safe for colour blindness [1]_.

.. [1] J. Nuñez, C. Anderton, R. Renslow, PLoS ONE 13(7), 2018. doi:10.1371/journal.pone.0199239
"""

SURPLUS_DEFICIT = ("#0072b2", "#7fb8d8", "#ffffff", "#eaae7f", "#d55e00")
"""Deficit (blue) over balance (white) to surplus (orange)."""

NO_DATA = "#d9d5cd"


@dataclass(frozen=True)
class Ramp:
    """
    Colours over a range of one quantity.

    Parameters
    ----------
    low, high : float
        Ends of the range in `unit`; values beyond take the end colour.
    unit : str
        Unit of the quantity.
    colors : tuple of str
        ``#RRGGBB`` at even distances from `low` to `high`.
    """

    low: float
    high: float
    unit: str
    colors: tuple[str, ...]

    @property
    def stops(self) -> tuple[tuple[float, str], ...]:
        """Value and colour of each stop."""
        step = (self.high - self.low) / (len(self.colors) - 1)
        return tuple((round(self.low + i * step, 6), c) for i, c in enumerate(self.colors))

    def expression(self, field: str) -> list[Any]:
        """Return a MapLibre expression that colours by a property; no value gets `NO_DATA`."""
        line: list[Any] = ["interpolate", ["linear"], ["get", field]]
        for value, color in self.stops:
            line += [value, color]
        return ["case", ["==", ["typeof", ["get", field]], "number"], line, NO_DATA]

    def table(self) -> npt.NDArray[np.uint8]:
        """Return 256 colours, shape (256, 3), for rasters scaled linearly from low to high."""
        anchors = np.linspace(0.0, 255.0, len(self.colors))
        channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in self.colors])
        positions = np.arange(256)
        columns = [np.interp(positions, anchors, channels[:, i]) for i in range(3)]
        return np.stack(columns, axis=1).round().astype(np.uint8)

    def legend(self) -> list[dict[str, Any]]:
        """Return legend steps: ``color`` and its bounds ``from`` and ``to`` in `unit`."""
        stops = self.stops
        return [
            {"color": color, "from": value, "to": following[0]}
            for (value, color), following in pairwise(stops)
        ]


IRRADIATION = Ramp(300.0, 1200.0, "kWh/m2", CIVIDIS)
"""Annual irradiation per m2 of sloped surface. A plane facing away from the sun and shaded gets
about 300, the best tilt in Belgium about 1200 kWh/m2; the range is fixed so that two projects
compare by eye."""


def nice_ceiling(value: float) -> float:
    """
    Return the next 1, 2 or 5 times a power of ten, for the top of a scale.

    Parameters
    ----------
    value : float
        The largest value to show, any unit; NaN or not above 0 gives 1.

    Examples
    --------
    >>> nice_ceiling(1830.0)
    2000.0
    """
    if not value > 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= value * (1 - 1e-12)))
