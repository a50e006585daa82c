"""Checks of ``[headroom]`` in a rule file: methods, transformer sizes, bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.errors import RulesError
from zonnekaart.io.rule_schema import OWN_METHOD, headroom_methods

if TYPE_CHECKING:
    from zonnekaart.io.rule_lines import Key, RuleLines
    from zonnekaart.io.rule_schema import BandTable, HeadroomTable

_RISING = ("dwelling_kw", "reverse_limit", "network_factor")
_FALLING = ("existing_unknown_share",)


def check_headroom(headroom: HeadroomTable, lines: RuleLines) -> None:
    """
    Check what types cannot: names of methods, sizes and bands in order.

    Parameters
    ----------
    headroom : HeadroomTable
        The table.
    lines : RuleLines
        Where it stands in its files.

    Raises
    ------
    RulesError
        At the first fault, with file and line.
    """
    _check_method(headroom, lines)
    classes = headroom.classes_kva
    if sorted(set(classes)) != classes or classes[0] < 1.0:
        raise RulesError(
            _subject(lines, "classes_kva"),
            str(classes),
            "rising transformer sizes in kVA",
            "sort them; 0.4 would be MVA, write 400.0",
        )
    if headroom.connections_max < headroom.connections_min:
        raise RulesError(
            _subject(lines, "connections_max"),
            str(headroom.connections_max),
            f"at least {headroom.connections_min}",
            "swap the two",
        )
    for name in (*_RISING, *_FALLING):
        band: BandTable = getattr(headroom, name)
        values = [band.low, band.central, band.high]
        falling = name in _FALLING
        if values != sorted(values, reverse=falling):
            raise RulesError(
                _subject(lines, name),
                f"{values}",
                "falling values" if falling else "rising values",
                "low, central and high speak of the ends of the headroom",
            )


def _check_method(headroom: HeadroomTable, lines: RuleLines) -> None:
    if OWN_METHOD in headroom.methods:
        raise RulesError(
            _subject(lines, "methods", OWN_METHOD),
            "the name of our own method",
            "another name",
            "its bands stand in [headroom] itself",
        )
    if headroom.method not in headroom_methods(headroom):
        raise RulesError(
            _subject(lines, "method"),
            headroom.method,
            f"one of: {', '.join(headroom_methods(headroom))}",
            "correct the name",
        )


def _subject(lines: RuleLines, *keys: Key) -> str:
    return lines.subject(("headroom", *keys), ".".join(["headroom", *map(str, keys)]))
