"""The load profiles of a project: its own files where given, BDEW's as a labelled stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zonnekaart.io.sources.bdew import KEYS, TITLE, read_bdew
from zonnekaart.io.sources.load_profiles import read_profile_csv, read_synergrid

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from zonnekaart.config import Project
    from zonnekaart.energy.profiles import QuarterHours

USERS = ("residential", "non_residential", "agriculture")
"""Users in the order of the rows: homes, firms, farms."""


def read_profiles(project: Project, clock: QuarterHours) -> npt.NDArray[np.float64]:
    """
    Return the profiles of homes, firms and farms.

    Parameters
    ----------
    project : Project
        Its ``[inputs.profiles]``.
    clock : QuarterHours
        The year that is balanced.

    Returns
    -------
    ndarray of float64, shape (3, time)
        Rows in the order of `USERS`; each sums to 1. [kWh/kWh]

    Raises
    ------
    MissingInputError, TableError
        If a file that the project names does not hold the year.
    """
    rows = read_bdew(clock)
    given = project.inputs.profiles
    if given is None:
        return rows
    for number, user in enumerate(USERS):
        source = getattr(given, user)
        if source is not None:
            read = read_synergrid if source.reader == "synergrid" else read_profile_csv
            rows[number] = read(project.resolve(source.path), source.column, clock)
    return rows


def profile_titles(project: Project) -> dict[str, str]:
    """Return where the profile of each user comes from, for manifests and pages."""
    given = project.inputs.profiles
    titles = {}
    for key, user in zip(KEYS, USERS, strict=True):
        source = None if given is None else getattr(given, user)
        titles[user] = (
            f"{TITLE}: {key.upper()}" if source is None else f"{source.path.name}: {source.column}"
        )
    return titles


def standard_profiles(project: Project) -> bool:
    """Return whether homes or firms follow a stand-in instead of a profile of the project."""
    given = project.inputs.profiles
    return given is None or given.residential is None or given.non_residential is None


def profile_files(project: Project) -> list[Path]:
    """Return the profile files that a project names."""
    given = project.inputs.profiles
    if given is None:
        return []
    sources = (getattr(given, user) for user in USERS)
    return [project.resolve(source.path) for source in sources if source is not None]
