"""How panels stand on places that are no roofs: a TOML file with ranges and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field

from zonnekaart.io.ranges import Meta, Ranged, SourcedTable, read_sourced

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["parking", "ground", "noise_barrier", "water"]
Stand = Literal["flush", "rack_south", "rack_east_west"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class SiteTitle(SourcedTable):
    """Name of a kind per language."""

    nl: str
    fr: str
    en: str


class Legal(SourcedTable):
    """
    A duty or a limit, as a note beside the potential; it never changes a figure.

    Parameters
    ----------
    region : str
        Start of the project's region code.
    above : float
        Size from which it holds. [m2], or [m] for lines
    share : float
        Part of the site it asks for. [-]
    """

    region: str
    above: float = Field(ge=0.0)
    share: float = Field(ge=0.0, le=1.0)
    note: str
    source: str = Field(min_length=1)


class SiteKind(SourcedTable):
    """
    One kind of site.

    Parameters
    ----------
    shape : {"polygon", "line"}
        What its layers hold.
    mounting : {"flush", "rack_south", "rack_east_west"}
        How panels stand.
    tilt_deg : float
        Of the panels. [degrees]
    gap_share : float
        East-west tents: gap between two, as share of a panel's length. [-]
    height_m : float
        Panels above the ground; for lines the height of the wall. [m]
    panel_from_m : float
        Lines: where panels begin. [m]
    obstructed_above_m : float
        What stands higher takes the place of panels. [m]
    min_size : float
        Smallest site. [m2], or [m] for lines
    min_unshaded_share : float
        Least share of what the same panels would get in the open. [-]
    usable_share, ground_cover : Ranged
        Part of the free surface in fields, and panel area per field area. [-]
    module_density : Ranged
        [kWp/m2]
    legal : tuple of Legal
        Notes.
    """

    title: SiteTitle
    shape: Literal["polygon", "line"]
    mounting: Stand
    tilt_deg: float = Field(ge=0.0, le=90.0)
    gap_share: float = Field(ge=0.0, le=2.0)
    height_m: float = Field(gt=0.0, le=20.0)
    panel_from_m: float = Field(default=0.0, ge=0.0)
    obstructed_above_m: float = Field(gt=0.0)
    min_size: float = Field(ge=0.0)
    min_unshaded_share: float = Field(ge=0.0, le=1.0)
    usable_share: Ranged
    ground_cover: Ranged
    module_density: Ranged
    legal: tuple[Legal, ...]


class SiteKinds(SourcedTable):
    """All kinds, by name."""

    meta: Meta
    parking: SiteKind
    ground: SiteKind
    noise_barrier: SiteKind
    water: SiteKind

    def of(self, kind: Kind) -> SiteKind:
        """Return one kind."""
        found: SiteKind = getattr(self, kind)
        return found


def read_site_kinds(path: Path) -> SiteKinds:
    """
    Read and validate the kinds.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, is not TOML, or lacks a number or its source.
    """
    return read_sourced(path, SiteKinds)
