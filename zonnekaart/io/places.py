"""Names that the search box finds: areas, streets, addresses, buildings."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from zonnekaart.io.warehouse import Warehouse

PlaceKind = Literal["area", "street", "address", "building"]


class Place(BaseModel):
    """Something with a name and a place on the map; bounds are degrees."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: PlaceKind
    name: str
    center_lonlat: tuple[float, float]
    bounds_lonlat: tuple[float, float, float, float]


def plain_name(name: str) -> str:
    """
    Return a name as it is compared: no accents, no capitals, single spaces.

    Examples
    --------
    >>> plain_name("  Sint-Élooi  straat 12")
    'sint-elooi straat 12'
    """
    parts = unicodedata.normalize("NFD", name)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(bare.casefold().split())


def find_places(warehouse: Warehouse, text: str) -> list[Place]:
    """
    Return at most eight places whose name starts with a text, then those that hold it as a word.

    Parameters
    ----------
    warehouse : Warehouse
        Open results.
    text : str
        What was typed.
    """
    wanted = plain_name(text)
    if not wanted:
        return []
    return [
        Place(
            kind=row["kind"],
            name=row["name"],
            center_lonlat=(row["lon"], row["lat"]),
            bounds_lonlat=(row["west"], row["south"], row["east"], row["north"]),
        )
        for row in warehouse.rows("places", [wanted])
    ]
