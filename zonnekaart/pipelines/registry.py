"""All stages in their order, and running a project through them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from zonnekaart.config import STAGE_ORDER
from zonnekaart.errors import ConfigError
from zonnekaart.pipelines.runs import (
    Stage,
    StageContext,
    StageOutcome,
    one_run_at_a_time,
    run_stage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zonnekaart.config import Project


def stage(name: str) -> Stage:
    """
    Return a stage by its name.

    Raises
    ------
    ConfigError
        If no stage has that name.
    """
    if name not in STAGE_ORDER:
        raise ConfigError(
            "--stage", repr(name), f"one of: {', '.join(STAGE_ORDER)}", "correct the name"
        )
    module = importlib.import_module(f"zonnekaart.pipelines.{name}")
    found: Stage = module.STAGE
    return found


def chosen(names: Sequence[str]) -> list[Stage]:
    """Return the stages named, in the order of a run; all of them when none is named."""
    wanted = [stage(n).name for n in names] or list(STAGE_ORDER)
    return [stage(n) for n in STAGE_ORDER if n in wanted]


def default_build(project: Project) -> Path:
    """Return the build folder beside the project file."""
    return project.folder / "build"


def run_project(
    context: StageContext, names: Sequence[str] = (), *, force: bool = False
) -> list[StageOutcome]:
    """
    Run stages in order; the first failure stops, and what was built stays.

    Parameters
    ----------
    context : StageContext
        Project, build folder, workers, progress.
    names : sequence of str
        Stages to run; all when empty.
    force : bool
        Run a stage even when its result is current.
    """
    outcomes = []
    with one_run_at_a_time(context.build):
        for step in chosen(names):
            context.progress.note(f"{step.name} ...")
            outcome = run_stage(step, context, force=force)
            outcomes.append(outcome)
            context.progress.note(f"{step.name}: {outcome.status} ({outcome.seconds:.1f} s)")
    return outcomes
