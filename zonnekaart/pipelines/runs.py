"""Stages and runs: what a stage is, its manifest, and when it may be skipped."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from zonnekaart import __version__
from zonnekaart.config import share_folder
from zonnekaart.errors import BusyError, MissingInputError, NotBuiltError
from zonnekaart.io.files import clear_leftovers, sha256_of, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zonnekaart.config import Project

_LIBRARIES = ("numpy", "numba", "geopandas", "shapely", "rasterio", "pyproj", "pvlib", "duckdb")
_PACKAGE = Path(__file__).resolve().parent.parent


class Progress(Protocol):
    """Receives the advance of long work; the command line draws it, tests ignore it."""

    def start(self, label: str, total: int) -> None:
        """Begin a piece of work of `total` steps."""

    def advance(self, steps: int = 1) -> None:
        """Tell that `steps` were done."""

    def note(self, message: str) -> None:
        """Say one line to the user."""


class SilentProgress:
    """Progress that nobody watches."""

    def start(self, label: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""

    def note(self, message: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class StageContext:
    """
    All that a stage may know besides its files.

    Parameters
    ----------
    project : Project
        The validated project file.
    build : Path
        Folder where stages write.
    workers : int
        Processes or threads a stage may use.
    progress : Progress
        Where advance is told.
    scheduler : str, optional
        Address of a dask scheduler; local threads when None.
    """

    project: Project
    build: Path
    workers: int = 1
    progress: Progress = field(default_factory=SilentProgress)
    scheduler: str | None = None

    def built(self, name: str, stage: str) -> Path:
        """Return the path of a file an earlier stage wrote, or raise `NotBuiltError`."""
        path = self.build / name
        if not path.exists():
            raise NotBuiltError(
                str(path), f"run stage {stage} first: zonnekaart run ... --stage {stage}"
            )
        return path


@dataclass(frozen=True)
class Stage:
    """
    One step of a run.

    Parameters
    ----------
    name : str
        As in the command.
    inputs : callable
        Project and build folder → files it reads (missing optional files left out).
    parameters : callable
        Project → JSON-able values that decide the result.
    outputs : tuple of str
        Names in the build folder; a name may be a folder.
    work : callable
        Does it; returns facts for the manifest (counts, CRS operations, kept and dropped).
    left_out : callable, optional
        Project → outputs that this project does not have, so that a run removes old ones.
    """

    name: str
    inputs: Callable[[Project, Path], list[Path]]
    parameters: Callable[[Project], dict[str, Any]]
    outputs: tuple[str, ...]
    work: Callable[[StageContext], dict[str, Any]]
    left_out: Callable[[Project], tuple[str, ...]] | None = None

    def made_by(self, project: Project) -> tuple[str, ...]:
        """Return the outputs that the stage writes for a project."""
        without = () if self.left_out is None else self.left_out(project)
        return tuple(name for name in self.outputs if name not in without)


@dataclass(frozen=True)
class StageOutcome:
    """What happened to one stage."""

    name: str
    status: str
    seconds: float
    facts: dict[str, Any]


def code_fingerprint() -> str:
    """Return a hash of the package's own source, so that changed code is never skipped."""
    digest = hashlib.sha256(__version__.encode())
    for module in sorted(_PACKAGE.rglob("*.py")) + sorted(_PACKAGE.rglob("*.sql")):
        digest.update(module.relative_to(_PACKAGE).as_posix().encode())
        digest.update(module.read_bytes())
    return digest.hexdigest()


def manifest_path(build: Path, stage: str) -> Path:
    """Return where the manifest of a stage stands."""
    return build / "manifests" / f"{stage}.json"


def read_manifest(build: Path, stage: str) -> dict[str, Any] | None:
    """Return the manifest of a stage, or None when it never ended."""
    path = manifest_path(build, stage)
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def plan(stage: Stage, context: StageContext) -> dict[str, Any]:
    """Return the key of a stage's result: input checksums, parameters, code."""
    inputs: dict[str, str] = {}
    for path in stage.inputs(context.project, context.build):
        if not path.exists():
            raise _missing(path, context.build)
        inputs[_input_name(path, context.project)] = sha256_of(path)
    return {
        "stage": stage.name,
        "inputs": inputs,
        "parameters": stage.parameters(context.project),
        "code": code_fingerprint(),
    }


def _input_name(path: Path, project: Project) -> str:
    """Name an input without this machine's folders: from the project, or from our own tables."""
    own = share_folder("data")
    if path.is_relative_to(own) and not project.folder.is_relative_to(own):
        return f"zonnekaart:{path.relative_to(own).as_posix()}"
    return os.path.relpath(path, project.folder)


def _missing(path: Path, build: Path) -> MissingInputError | NotBuiltError:
    """Tell apart a file the user must give and a file an earlier stage must make."""
    if path.is_relative_to(build):
        return NotBuiltError(str(path), "run the earlier stages first: zonnekaart run PROJECT.toml")
    return MissingInputError(
        str(path), "no such file", "the file named in the project file", "check the path"
    )


def is_current(stage: Stage, context: StageContext, key: dict[str, Any]) -> bool:
    """Tell whether an earlier run with the same key left outputs that are still the same."""
    manifest = read_manifest(context.build, stage.name)
    if manifest is None or any(manifest.get(k) != v for k, v in key.items()):
        return False
    outputs: dict[str, str] = manifest.get("outputs", {})
    return set(outputs) == set(stage.made_by(context.project)) and all(
        (context.build / name).exists() and sha256_of(context.build / name) == digest
        for name, digest in outputs.items()
    )


def run_stage(stage: Stage, context: StageContext, *, force: bool = False) -> StageOutcome:
    """
    Run one stage unless its result is current, and leave its manifest.

    Parameters
    ----------
    stage : Stage
        What to do.
    context : StageContext
        With what.
    force : bool
        Run even when nothing changed.
    """
    started = dt.datetime.now(dt.UTC)
    key = plan(stage, context)
    if not force and is_current(stage, context, key):
        return StageOutcome(stage.name, "unchanged", 0.0, {})
    facts = stage.work(context)
    made = stage.made_by(context.project)
    for name in set(stage.outputs) - set(made):
        (context.build / name).unlink(missing_ok=True)
    ended = dt.datetime.now(dt.UTC)
    manifest = {
        **key,
        "outputs": {name: sha256_of(context.build / name) for name in made},
        "facts": facts,
        "version": __version__,
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "started_utc": started.isoformat(timespec="seconds"),
        "ended_utc": ended.isoformat(timespec="seconds"),
    }
    write_text(
        manifest_path(context.build, stage.name),
        json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n",
    )
    return StageOutcome(stage.name, "done", (ended - started).total_seconds(), facts)


@contextlib.contextmanager
def one_run_at_a_time(build: Path) -> Iterator[None]:
    """Hold a lock file in `build`, so that two runs do not write the same folder."""
    build.mkdir(parents=True, exist_ok=True)
    with (build / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(str(build)) from error
        clear_leftovers(build)
        yield
