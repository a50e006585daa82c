"""What the licences of inputs say about handing on the layers made from them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from zonnekaart.errors import LicenceError
from zonnekaart.io.report import template_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zonnekaart.io.published import SourceInfo

Redistribution = Literal["allowed", "share_alike", "forbidden", "unclear"]

_HEIGHTS = ("dsm", "dtm", "vegetation", "cadastre", "weather")
_ROOFS = (*_HEIGHTS, "buildings")
_BUILDINGS = (*_ROOFS, "existing_pv", "heritage", "owners", "roof_state", "areas")
_SITES = (*_HEIGHTS, "sites", "areas", "water", "roads")
_ALL = "*"
_RESTS_ON: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "zones": (_ALL,),
        "sharing_groups": (_ALL,),
        "buildings": _BUILDINGS,
        "roof_planes": _ROOFS,
        "supply_sites": _SITES,
        "irradiation": _HEIGHTS,
        "hillshade": ("dsm",),
    }
)
"""Inputs from which each layer is derived; a layer that is not named rests on all."""


@dataclass(frozen=True)
class Verdict:
    """
    What a licence says.

    Parameters
    ----------
    redistribution : str
        ``allowed``, ``share_alike``, ``forbidden`` or ``unclear``.
    reason : str
        Why, in one phrase.
    """

    redistribution: Redistribution
    reason: str


@cache
def _table() -> tuple[tuple[re.Pattern[str], Verdict], ...]:
    path = template_folder().parent / "licences.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["licence"]
    return tuple(
        (
            re.compile(row["pattern"], re.IGNORECASE),
            Verdict(row["redistribution"], f"{row['reason']} {row['address']}".strip()),
        )
        for row in rows
    )


def verdict_on(licence: str, stated: str = "") -> Verdict:
    """
    Return what a licence says about derived works.

    Parameters
    ----------
    licence : str
        As the project file gives it.
    stated : str
        What the project file says outright; goes before the table.

    Examples
    --------
    >>> verdict_on("CC BY 4.0").redistribution, verdict_on("ask the mayor").redistribution
    ('allowed', 'unclear')
    """
    if stated:
        return Verdict(stated, "so the project file says")  # type: ignore[arg-type]  # checked there
    for pattern, verdict in _table():
        if pattern.search(licence):
            return verdict
    return Verdict("unclear", "our table does not know this licence: read it before handing on")


def sources_of(layer: str, sources: Iterable[SourceInfo]) -> list[SourceInfo]:
    """Return the sources that a layer is derived from."""
    roles = _RESTS_ON.get(layer, (_ALL,))
    return [s for s in sources if _ALL in roles or s.role.partition(".")[0] in roles]


def require_redistributable(layer: str, sources: Iterable[SourceInfo]) -> None:
    """
    Refuse a layer that is derived from what may not be handed on.

    Raises
    ------
    LicenceError
        With each source that forbids it and the reason.
    """
    blocked = []
    for source in sources_of(layer, sources):
        verdict = verdict_on(source.licence, source.redistribution)
        if verdict.redistribution == "forbidden":
            blocked.append(f"{source.role}: {source.title} ({source.licence}), {verdict.reason}")
    if blocked:
        raise LicenceError(layer, blocked)
