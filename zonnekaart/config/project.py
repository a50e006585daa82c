"""The project file: read, validated, and errors said in four facts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from zonnekaart.config.base import Table
from zonnekaart.config.inputs import InputsTable
from zonnekaart.config.parameters import (
    ConstraintsTable,
    DemandTable,
    EconomicsTable,
    IrradiationTable,
    MapTable,
    PrivacyTable,
    RoofsTable,
    ScenariosTable,
    SharingTable,
    ZonesTable,
    ZoningTable,
)
from zonnekaart.errors import ConfigError, MissingInputError


class ProjectTable(Table):
    """``[project]``: what and where."""

    name: str = Field(min_length=1)
    crs: str = Field(pattern=r"^EPSG:\d+$")
    region: str = Field(default="BE-VLG", description="ISO-like region code that picks rule sets")
    language: Literal["nl", "fr", "en"] = "nl"
    illustrative: bool = Field(default=False, description="true for made-up data: marked on screen")
    disclaimer: str = ""


class Project(Table):
    """A whole project file, with where it was read from."""

    project: ProjectTable
    inputs: InputsTable
    zones: ZonesTable = ZonesTable()
    irradiation: IrradiationTable = IrradiationTable()
    roofs: RoofsTable = RoofsTable()
    demand: DemandTable = DemandTable()
    constraints: ConstraintsTable = ConstraintsTable()
    scenarios: ScenariosTable = ScenariosTable()
    sharing: SharingTable = SharingTable()
    zoning: ZoningTable = ZoningTable()
    economics: EconomicsTable = EconomicsTable()
    privacy: PrivacyTable = PrivacyTable()
    map: MapTable = MapTable()
    path: Path = Field(default=Path("zonnekaart.toml"), exclude=True)

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.path.parent

    @property
    def slug(self) -> str:
        """Name usable in file names and addresses."""
        return re.sub(r"[^a-z0-9]+", "-", self.project.name.lower()).strip("-") or "project"

    def named_inputs(self) -> dict[str, Any]:
        """Return the input tables that are filled in, by name; of several sites each one."""
        found: dict[str, Any] = {}
        for name in type(self.inputs).model_fields:
            given = getattr(self.inputs, name)
            tables = given if isinstance(given, tuple) else (given,)
            for number, table in enumerate(tables, start=1):
                if table is not None:
                    found[name if number == 1 else f"{name}.{number}"] = table
        return found

    def resolve(self, path: Path) -> Path:
        """Return `path` as it is, or starting from the project's folder when relative."""
        return path if path.is_absolute() else self.folder / path


def load_project(path: Path) -> Project:
    """
    Read and validate a project file.

    Parameters
    ----------
    path : Path
        A TOML file; see ``zonnekaart init`` for a commented example.

    Raises
    ------
    MissingInputError
        If the file does not exist.
    ConfigError
        If it is not TOML, or holds an unknown, missing or impossible value.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a project file", "make one with: zonnekaart init DIR"
        )
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path),
            f"text that is not TOML ({error})",
            "a TOML file",
            "check quotes and brackets",
        ) from error
    return parse_project(raw, path)


def parse_project(raw: dict[str, Any], path: Path) -> Project:
    """Validate a parsed project; `path` is where relative paths start and errors point."""
    try:
        project = Project.model_validate(raw)
    except ValidationError as error:
        raise _config_error(error, path) from error
    return project.model_copy(update={"path": path.resolve()})


def _config_error(error: ValidationError, path: Path) -> ConfigError:
    """Say the first problem in our four facts; the others are counted."""
    problems = error.errors(include_url=False)
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"])
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first["type"] == "extra_forbidden":
        return ConfigError(
            f"{path}: {key}",
            f"an unknown key{more}",
            f"one of: {', '.join(_known_keys(first['loc']))}",
            "check the spelling, or remove the key",
        )
    if first["type"] == "missing":
        return ConfigError(
            f"{path}: {key}", f"nothing{more}", "a value", "add it; zonnekaart init shows how"
        )
    if first["type"] == "value_error":
        wanted = first["msg"].removeprefix("Value error, ")
        return ConfigError(
            f"{path}: {key}",
            f"options that do not make a whole{more}",
            wanted,
            "add or remove options; zonnekaart init shows them all",
        )
    return ConfigError(
        f"{path}: {key}", f"{first['input']!r}{more}", first["msg"], "correct the value"
    )


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the table around `location` accepts."""
    model: Any = Project
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        annotation = field.annotation if field else None
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        tables = [c for c in candidates if isinstance(c, type) and issubclass(c, Table)]
        if not tables:
            break
        model = tables[0]
    return sorted(name for name in model.model_fields if name != "path")
