"""Settings (environment) and the project file (TOML).

Two kinds of configuration exist and no third: `Settings` holds paths and hosts of this machine,
`Project` holds everything that decides a result and is kept with the result.
Below this floor there is no configuration, only arguments.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from zonnekaart.errors import ConfigError, MissingInputError

DATA_VARIABLE = "ZONNEKAART_DATA"
DEFAULT_DATA_FOLDER = "../shared/data"
CHECKOUT = Path(__file__).resolve().parent.parent
STAGE_ORDER = (
    "check",
    "irradiation",
    "roofs",
    "demand",
    "balance",
    "sharing",
    "zoning",
    "publish",
)
"""Names of the stages that ``run`` performs, in order."""


class _Table(BaseModel):
    """Base of every table in a project file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _expand(value: object) -> object:
    """Replace ``${ZONNEKAART_DATA}`` at the start of a path by the folder it stands for."""
    if not isinstance(value, str) or not value.startswith("${" + DATA_VARIABLE + "}"):
        return value
    folder = os.environ.get(DATA_VARIABLE) or str(CHECKOUT / DEFAULT_DATA_FOLDER)
    rest = value.removeprefix("${" + DATA_VARIABLE + "}").lstrip("/")
    return Path(folder).expanduser().resolve() / rest


InputPath = Annotated[Path, BeforeValidator(_expand)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
MonthlyShares = Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)]


class ProjectTable(_Table):
    """``[project]``: what and where."""

    name: str = Field(min_length=1)
    crs: str = Field(pattern=r"^EPSG:\d+$")
    region: str = Field(default="BE-VLG", description="ISO-like region code that picks rule sets")
    language: Literal["nl", "fr", "en"] = "nl"
    illustrative: bool = Field(default=False, description="true for made-up data: marked on screen")
    disclaimer: str = ""


class SourceTable(_Table):
    """Provenance of one input, shown beside every figure that rests on it."""

    title: str
    licence: str
    date: str = Field(description="when the content was observed, not when it was downloaded")
    attribution: str = ""
    matrix_id: str | None = Field(default=None, description="id of the row in the data matrix")
    limits: str = ""


class RasterInput(_Table):
    """A height raster in metres."""

    path: InputPath
    source: SourceTable | None = None


class VegetationInput(_Table):
    """``[inputs.vegetation]``: trees apart from the surface, and what light they let through."""

    path: InputPath | None = Field(default=None, description="heights of crowns; none when derived")
    kind: Literal["canopy_height", "canopy_top"] = Field(
        default="canopy_height", description="above the ground, or above the datum of the heights"
    )
    derive: bool = Field(
        default=False, description="true: all that stands outside footprints counts as trees"
    )
    transmissivity: Literal["deciduous", "evergreen", "mixed"] | MonthlyShares = Field(
        default="deciduous", description="type of trees, or twelve shares, January to December"
    )
    min_height_m: float = Field(default=2.5, ge=0.5, le=20.0)
    source: SourceTable | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> VegetationInput:
        if self.derive == (self.path is not None):
            raise ValueError("give either path, or derive = true")
        return self


class OtherWeather(_Table):
    """A further weather year or source, for the interval of the irradiation."""

    path: InputPath
    utc_offset_hours: float | None = Field(default=None, ge=-12.0, le=14.0)
    source: SourceTable | None = None


class WeatherInput(_Table):
    """The central weather year, and others that make an interval around it."""

    path: InputPath
    utc_offset_hours: float | None = Field(
        default=None,
        ge=-12.0,
        le=14.0,
        description="clock of the file minus UTC, where its header is known to be wrong",
    )
    source: SourceTable | None = None
    others: tuple[OtherWeather, ...] = Field(
        default=(), description="further years or sources: they give lowest and highest year"
    )


class BuildingsInput(_Table):
    """Footprint polygons; columns map the provider's names to ours."""

    path: InputPath
    layer: str | None = None
    id_column: str = "building_id"
    use_column: str | None = None
    dwellings_column: str | None = None
    floor_area_column: str | None = None
    existing_kwp_column: str | None = None
    heritage_column: str | None = None
    owner_column: str | None = None
    construction_year_column: str | None = None
    derived: bool = Field(default=False, description="true when taken from heights, not a register")
    source: SourceTable | None = None


class ZonesInput(_Table):
    """Policy units or statistical areas."""

    path: InputPath
    layer: str | None = None
    id_column: str = "zone_id"
    name_column: str | None = None
    source: SourceTable | None = None


class ConsumptionInput(_Table):
    """A consumption table per area."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_sector"] = "zonnekaart"
    year: int | None = None
    area_column: str = "area_id"
    source: SourceTable | None = None


class PointsInput(_Table):
    """A point layer, such as cabins."""

    path: InputPath
    layer: str | None = None
    id_column: str = "cabin_id"
    rated_kva_column: str | None = None
    source: SourceTable | None = None


class InputsTable(_Table):
    """``[inputs]``: the files a project reads."""

    dsm: RasterInput
    dtm: RasterInput | None = None
    vegetation: VegetationInput | None = None
    buildings: BuildingsInput
    areas: ZonesInput | None = Field(
        default=None,
        description="areas the consumption figures speak of; the extent of the heights when absent",
    )
    weather: WeatherInput
    consumption: ConsumptionInput | None = None
    cabins: PointsInput | None = None
    water: ZonesInput | None = None
    roads: ZonesInput | None = None


class ZonesTable(_Table):
    """``[zones]``: the policy units of the map."""

    unit: Literal["areas", "cells"] = "areas"
    cell_m: float = Field(default=200.0, ge=25.0, le=5000.0)
    min_connections: int = Field(default=10, ge=5)


class IrradiationTable(_Table):
    """``[irradiation]``: parameters of the fast path."""

    directions: int = Field(default=64, ge=8, le=360)
    radius_m: float = Field(default=500.0, gt=0.0, le=5000.0)
    albedo: float = Field(default=0.2, ge=0.0, le=1.0)
    window_cells: int = Field(default=2048, ge=64, le=8192)
    periods: tuple[str, ...] = Field(
        default=(), description="days with a band of their own: MM-DD or MM-DD:MM-DD"
    )


class RoofsTable(_Table):
    """``[roofs]``: suitability preset and survey date."""

    preset: str = "zonnekaart"
    survey_year: int | None = Field(default=None, description="year the heights were flown")


class DemandTable(_Table):
    """``[demand]``: how totals are spread."""

    profiles: Literal["bdew"] = "bdew"
    profile_year: int = 2021
    residential_kwh_per_dwelling: float | None = Field(
        default=None, gt=0.0, description="fallback where no total is known; marked as estimate"
    )
    non_residential_kwh_per_m2: float | None = Field(default=None, gt=0.0)
    fallback_source: str = ""


class SharingTable(_Table):
    """``[sharing]``: one perimeter and its rule."""

    perimeter: Literal["zone", "radius", "municipality"] = "zone"
    radius_m: float = Field(default=200.0, gt=0.0)
    rule_id: str = "be-vlg-2024"


class ZoningTable(_Table):
    """``[zoning]``: rule set, its uncertainty draws."""

    rules: str = Field(default="default", description="name of a set in data/rules or a path")
    draws: int = Field(default=200, ge=0, le=10000)
    seed: int = 20210402


class PrivacyTable(_Table):
    """``[privacy]``: what may be published."""

    k: int = Field(default=10, ge=5)
    min_buildings: int = Field(default=3, ge=2, description="least buildings behind a figure")
    dominance: float = Field(
        default=0.8, gt=0.0, le=1.0, description="largest share one user may have in a total"
    )


class Project(_Table):
    """A whole project file, with where it was read from."""

    project: ProjectTable
    inputs: InputsTable
    zones: ZonesTable = ZonesTable()
    irradiation: IrradiationTable = IrradiationTable()
    roofs: RoofsTable = RoofsTable()
    demand: DemandTable = DemandTable()
    sharing: SharingTable = SharingTable()
    zoning: ZoningTable = ZoningTable()
    privacy: PrivacyTable = PrivacyTable()
    path: Path = Field(default=Path("zonnekaart.toml"), exclude=True)

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return self.path.parent

    @property
    def slug(self) -> str:
        """Name usable in file names and addresses."""
        return re.sub(r"[^a-z0-9]+", "-", self.project.name.lower()).strip("-") or "project"

    def resolve(self, path: Path) -> Path:
        """Return `path` as it is, or starting from the project's folder when relative."""
        return path if path.is_absolute() else self.folder / path


class Settings(BaseSettings):
    """What this machine decides: read from ``ZONNEKAART_*`` variables, never from requests."""

    model_config = SettingsConfigDict(env_prefix="ZONNEKAART_", extra="forbid", frozen=True)

    data: Path | None = Field(default=None, description="folder of real input data")
    build: Path | None = Field(default=None, description="folder that holds what publish wrote")
    web: Path | None = Field(default=None, description="folder with the map's own files")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: str | None = Field(default=None, description="needed to listen on other addresses")


def require_safe_binding(settings: Settings) -> None:
    """
    Refuse to listen beyond this machine without a token.

    Raises
    ------
    ConfigError
        If `settings.host` is not a loopback address and no token is set.
    """
    if settings.host in {"127.0.0.1", "::1", "localhost"} or settings.token:
        return
    raise ConfigError(
        "--host",
        f"{settings.host} without a token",
        "127.0.0.1, or ZONNEKAART_TOKEN set to a long random text",
        "keep 127.0.0.1 and put a web server with access control in front",
    )


def share_folder(name: Literal["web", "data"]) -> Path:
    """
    Return the folder with the package's own files, in a checkout or in an installed wheel.

    Parameters
    ----------
    name : {"web", "data"}
        Which folder.
    """
    installed = Path(__file__).resolve().parent / "_share" / name
    return installed if installed.is_dir() else CHECKOUT / name


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
        tables = [c for c in candidates if isinstance(c, type) and issubclass(c, _Table)]
        if not tables:
            break
        model = tables[0]
    return sorted(name for name in model.model_fields if name != "path")
