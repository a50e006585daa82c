"""Weights that place installed panels on buildings: a TOML file with sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.io.ranges import Meta, Ranged, SourcedTable, read_sourced

if TYPE_CHECKING:
    from pathlib import Path


class Likelihood(SourcedTable):
    """Likelihood that a suitable roof carries panels, relative to a house. [-]."""

    residential: Ranged
    apartments: Ranged
    commercial: Ranged
    industry: Ranged
    school: Ranged
    public: Ranged
    church: Ranged
    annex: Ranged
    unknown: Ranged


class PvWeights(SourcedTable):
    """
    Everything that decides where installed panels are expected.

    Parameters
    ----------
    likelihood : Likelihood
        Per use. [-]
    protected : Ranged
        Factor for protected buildings. [-]
    kwp_per_kva : Ranged
        Panel power per inverter power. [kWp/kVA]
    small_limit_kva : Ranged
        Installations up to this inverter power count as residential. [kVA]
    """

    meta: Meta
    likelihood: Likelihood
    protected: Ranged
    kwp_per_kva: Ranged
    small_limit_kva: Ranged


def read_pv_weights(path: Path) -> PvWeights:
    """
    Read and validate the weights.

    Raises
    ------
    MissingInputError, TableError
        If the file is absent, is not TOML, or lacks a number or its source.
    """
    return read_sourced(path, PvWeights)
