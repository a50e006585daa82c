"""``check`` and ``run``: validate a project, take it through the stages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import TerminalProgress, emit, emit_json, emit_table, say
from zonnekaart.config import STAGE_ORDER, Project, load_project
from zonnekaart.pipelines import registry
from zonnekaart.pipelines.checks.absent import absent_lines
from zonnekaart.pipelines.runs import StageContext, is_current, plan, run_stage

if TYPE_CHECKING:
    from pathlib import Path


def build_folder(project: Project, build: Path | None) -> Path:
    """Return the folder a command writes to."""
    return build.resolve() if build else registry.default_build(project)


@click.command("check")
@options.project_argument
@options.build_option
@options.json_option
def check_command(project_file: Path, build: Path | None, as_json: bool) -> None:
    """Validate every input of PROJECT.toml and write check.json and check.html."""
    project = load_project(project_file)
    folder = build_folder(project, build)
    progress = TerminalProgress()
    context = StageContext(project=project, build=folder, progress=progress)
    try:
        run_stage(registry.stage("check"), context, force=True)
    finally:
        progress.stop()
        if as_json and (folder / "check.json").is_file():
            emit((folder / "check.json").read_text(encoding="utf-8"))
    _say_absent(folder / "check.json")
    say(f"report: {folder / 'check.html'}")


def _say_absent(report: Path) -> None:
    """Say what the project goes without; nothing of it stops a run."""
    lines = absent_lines(json.loads(report.read_text(encoding="utf-8"))["absent"])
    if lines:
        say(f"goes without {len(lines)} optional inputs; nothing of it stops a run:")
    for line in lines:
        say(f"- {line}")


@click.command("run")
@options.project_argument
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(STAGE_ORDER),
    help="Run only this stage; may be given more than once.",
)
@options.build_option
@click.option("--force", is_flag=True, help="Run stages even when nothing changed.")
@options.workers_option
@click.option(
    "--scheduler", metavar="ADDRESS", default=None, help="Dask scheduler, such as tcp://host:8786."
)
@click.option("--dry-run", is_flag=True, help="Print what would be done and stop.")
@options.json_option
def run_command(
    project_file: Path,
    stages: tuple[str, ...],
    build: Path | None,
    force: bool,
    workers: int,
    scheduler: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take PROJECT.toml through all stages; what has not changed is skipped."""
    project = load_project(project_file)
    progress = TerminalProgress()
    context = StageContext(
        project=project,
        build=build_folder(project, build),
        workers=workers,
        progress=progress,
        scheduler=scheduler,
    )
    if dry_run:
        rows = _plan_rows(context, stages, force=force)
        if as_json:
            emit_json([{"stage": r[0], "plan": r[1], "writes": r[2].split(", ")} for r in rows])
        else:
            emit_table(["stage", "plan", "writes"], rows)
        return
    try:
        outcomes = registry.run_project(context, stages, force=force)
    finally:
        progress.stop()
    if as_json:
        emit_json([{"stage": o.name, "status": o.status, "seconds": o.seconds} for o in outcomes])
    else:
        emit_table(
            ["stage", "status", "seconds"],
            [[o.name, o.status, f"{o.seconds:.1f}"] for o in outcomes],
        )
    say(f"built in {context.build}")


def _plan_rows(context: StageContext, stages: tuple[str, ...], *, force: bool) -> list[list[str]]:
    """Return for each stage its name, whether it would run, and what it would write."""
    rows = []
    stale = force
    for step in registry.chosen(stages):
        complete = all(p.exists() for p in step.inputs(context.project, context.build))
        stale = stale or not complete or not is_current(step, context, plan(step, context))
        rows.append([step.name, "run" if stale else "skip", ", ".join(step.outputs)])
    return rows
