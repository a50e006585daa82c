"""Write the page with a worked example per class: ``python scripts/zoning_examples.py``.

Builds the embedded town unless ``--project`` names a town that was run.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from zonnekaart.config import load_project
from zonnekaart.io.files import write_text
from zonnekaart.pipelines.registry import default_build, run_project
from zonnekaart.pipelines.runs import StageContext
from zonnekaart.pipelines.town import build_town
from zonnekaart.pipelines.zoning_examples import examples_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "zoning_examples.md"


def main() -> int:
    """Parse, call, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, help="project file of a town that was run")
    parser.add_argument("--out", type=Path, default=PAGE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = arguments.project or build_town(Path(folder))
        project = load_project(file)
        context = StageContext(project=project, build=default_build(project), workers=2)
        if arguments.project is None:
            run_project(context)
        write_text(arguments.out, examples_page(project, context.build))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
