"""Fixtures that several test folders share."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from zonnekaart.config import Project
    from zonnekaart.pipelines.runs import StageOutcome

CHECKOUT = Path(__file__).resolve().parent.parent


def _shared(name: str) -> Path:
    folder = os.environ.get("ZONNEKAART_DATA") if name == "data" else None
    path = Path(folder) if folder else CHECKOUT.parent / "shared" / name
    if not path.is_dir():
        pytest.skip(f"the folder with outside {name} is not on this machine: {path.name}")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real input (Essen, Delfshaven); never committed."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_standards() -> Path:
    """Folder of schemas and shapes published by others; never committed."""
    return _shared("standards")


@pytest.fixture(scope="session")
def shared_research() -> Path:
    """Folder of research that the matrices were made from; never committed."""
    return _shared("research")


@dataclass(frozen=True)
class TownBuild:
    """The embedded town after all stages; many tests read it and none may write in it."""

    project: Project
    outcomes: list[StageOutcome]
    code: str
    """Fingerprint of the package that built it."""

    @property
    def file(self) -> Path:
        """The project file."""
        return self.project.path

    @property
    def folder(self) -> Path:
        """Inputs, with the truth in ``truth/``."""
        return self.project.folder

    @property
    def build(self) -> Path:
        """What the stages wrote."""
        return self.folder / "build"


@pytest.fixture(scope="session")
def town_build(tmp_path_factory: pytest.TempPathFactory) -> TownBuild:
    """The embedded town through every stage; takes 20 to 40 s, so once in a session."""
    from zonnekaart.config import load_project
    from zonnekaart.pipelines.registry import default_build, run_project
    from zonnekaart.pipelines.runs import StageContext, code_fingerprint
    from zonnekaart.pipelines.town import build_town

    code = code_fingerprint()
    project = load_project(build_town(tmp_path_factory.mktemp("zonnedorp")))
    context = StageContext(project=project, build=default_build(project), workers=2)
    return TownBuild(project, run_project(context), code)


@pytest.fixture
def town_copy(town_build: TownBuild, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that copies town and results, to be changed; it gives the project file."""

    def copy() -> Path:
        shutil.copytree(town_build.folder, tmp_path / "zonnedorp")
        return tmp_path / "zonnedorp" / town_build.file.name

    return copy
