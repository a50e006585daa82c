"""Contrast between two colours, as WCAG 2.2 counts it."""

from __future__ import annotations

TEXT_CONTRAST = 4.5
"""Least contrast of text on its background [1]_.

.. [1] WCAG 2.2, success criterion 1.4.3. https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

GRAPHIC_CONTRAST = 3.0
"""Least contrast of lines and signs [1]_.

.. [1] WCAG 2.2, success criterion 1.4.11. https://www.w3.org/TR/WCAG22/#non-text-contrast
"""

_LINEAR_UP_TO = 0.04045
_WEIGHTS = (0.2126, 0.7152, 0.0722)


def luminance(color: str) -> float:
    """
    Return the relative luminance of a colour, 0 (black) to 1 (white) [1]_.

    Parameters
    ----------
    color : str
        ``#RRGGBB``.

    References
    ----------
    .. [1] https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    """
    channels = (int(color[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= _LINEAR_UP_TO else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(w * c for w, c in zip(_WEIGHTS, linear, strict=True))


def contrast_ratio(first: str, second: str) -> float:
    """
    Return the contrast of two colours, 1 (none) to 21 (black on white).

    Parameters
    ----------
    first, second : str
        ``#RRGGBB``; their order does not matter.

    Examples
    --------
    >>> contrast_ratio("#000000", "#ffffff")
    21.0
    """
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)
