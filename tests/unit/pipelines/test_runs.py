from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.test_config import MINIMAL
from zonnekaart.config import load_project
from zonnekaart.errors import BusyError, MissingInputError, NotBuiltError
from zonnekaart.pipelines.runs import (
    Stage,
    StageContext,
    one_run_at_a_time,
    read_manifest,
    run_stage,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def context(tmp_path: Path) -> StageContext:
    path = tmp_path / "zonnekaart.toml"
    path.write_text(MINIMAL)
    return StageContext(project=load_project(path), build=tmp_path / "build")


def copying_stage(calls: list[str], parameters: dict[str, object] | None = None) -> Stage:
    def work(context: StageContext) -> dict[str, object]:
        calls.append("ran")
        context.build.mkdir(exist_ok=True)
        (context.build / "out.txt").write_text((context.project.folder / "in.txt").read_text())
        return {"kept": 1}

    return Stage(
        name="copying",
        inputs=lambda project, _: [project.folder / "in.txt"],
        parameters=lambda _: parameters or {},
        outputs=("out.txt",),
        work=work,
    )


def test_unchanged_stage_is_skipped_and_each_change_runs_it_again(context, tmp_path):
    calls: list[str] = []
    (tmp_path / "in.txt").write_text("one")
    assert run_stage(copying_stage(calls), context).status == "done"
    assert run_stage(copying_stage(calls), context).status == "unchanged"
    (tmp_path / "in.txt").write_text("two")
    assert run_stage(copying_stage(calls), context).status == "done"
    assert run_stage(copying_stage(calls, {"albedo": 0.3}), context).status == "done"
    (context.build / "out.txt").write_text("damaged")
    assert run_stage(copying_stage(calls, {"albedo": 0.3}), context).status == "done"
    assert run_stage(copying_stage(calls, {"albedo": 0.3}), context, force=True).status == "done"
    assert len(calls) == 5


def test_manifest_tells_inputs_parameters_versions_and_aware_times(context, tmp_path):
    (tmp_path / "in.txt").write_text("one")
    run_stage(copying_stage([], {"albedo": 0.3}), context)
    manifest = read_manifest(context.build, "copying")
    assert manifest is not None
    assert list(manifest["inputs"]) == ["in.txt"]
    assert manifest["parameters"] == {"albedo": 0.3}
    assert manifest["facts"] == {"kept": 1}
    assert manifest["started_utc"].endswith("+00:00")
    assert "numba" in manifest["libraries"]
    json.dumps(manifest)


def test_missing_input_is_told_apart_from_a_stage_that_did_not_run(context):
    with pytest.raises(MissingInputError):
        run_stage(copying_stage([]), context)
    early = Stage("late", lambda _, build: [build / "x.tif"], lambda _: {}, (), lambda _: {})
    with pytest.raises(NotBuiltError, match="earlier stages"):
        run_stage(early, context)


def test_failing_stage_keeps_the_earlier_manifest(context, tmp_path):
    (tmp_path / "in.txt").write_text("one")
    run_stage(copying_stage([]), context)
    before = read_manifest(context.build, "copying")

    def fail(_: StageContext) -> dict[str, object]:
        raise RuntimeError("stop")

    broken = Stage("copying", lambda _p, _b: [], lambda _: {}, ("out.txt",), fail)
    with pytest.raises(RuntimeError, match="stop"):
        run_stage(broken, context)
    assert read_manifest(context.build, "copying") == before


def test_two_runs_cannot_hold_one_folder(tmp_path):
    with (
        one_run_at_a_time(tmp_path / "b"),
        pytest.raises(BusyError),
        one_run_at_a_time(tmp_path / "b"),
    ):
        pass
