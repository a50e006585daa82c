"""Settings (environment) and the project file (TOML).

Two kinds of configuration exist and no third: `Settings` holds paths and hosts of this machine,
`Project` holds everything that decides a result and is kept with the result.
Below this floor there is no configuration, only arguments.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, Self

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
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.cadastre_options import CadastreOptions
from zonnekaart.io.sources.weather_options import Label, Reader, Unit, WeatherOptions

DATA_VARIABLE = "ZONNEKAART_DATA"
DEFAULT_DATA_FOLDER = "../shared/data"
CHECKOUT = Path(__file__).resolve().parent.parent
STAGE_ORDER = (
    "check",
    "irradiation",
    "roofs",
    "sites",
    "demand",
    "balance",
    "scenarios",
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
    """A height raster, with what is stated about the numbers in it."""

    path: InputPath
    unit: Literal["m", "dm", "cm", "mm", "ft", "us_ft"] = "m"
    despike: bool = Field(default=False, description="replace single cells that are far off")
    fill_holes_m: float = Field(default=0.0, ge=0.0, le=50.0, description="widest hole to fill")
    source: SourceTable | None = None

    @property
    def corrections(self) -> Corrections:
        """What is done while reading the raster."""
        return Corrections(self.unit, self.despike, self.fill_holes_m)


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
    reader: Reader = Field(default="auto", description="format; auto looks at the file")
    utc_offset_hours: float | None = Field(
        default=None,
        ge=-12.0,
        le=14.0,
        description="clock of the file minus UTC, where it is not told or known to be wrong",
    )
    label: Label | None = Field(
        default=None, description="which edge of the interval a time names (CSV)"
    )
    irradiance_unit: Unit | None = Field(default=None, description="of the columns (CSV)")
    year: int | None = Field(default=None, description="central year of a file with several")
    latitude_deg: float | None = Field(default=None, ge=-90.0, le=90.0)
    longitude_deg: float | None = Field(default=None, ge=-180.0, le=180.0)
    altitude_m: float | None = Field(default=None, ge=-500.0, le=9000.0)
    source: SourceTable | None = None

    @property
    def options(self) -> WeatherOptions:
        """What the reader is told."""
        return WeatherOptions(**self.reading)

    @property
    def reading(self) -> dict[str, Any]:
        """What decides the values that are read, besides the file."""
        return self.model_dump(include={field.name for field in fields(WeatherOptions)})


class WeatherInput(OtherWeather):
    """The central weather year, and others that make an interval around it."""

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
    shift_m: tuple[float, float] = Field(
        default=(0.0, 0.0), description="east and north: moves the footprints onto the heights"
    )
    derived: bool = Field(default=False, description="true when taken from heights, not a register")
    source: SourceTable | None = None


class ZonesInput(_Table):
    """Policy units or statistical areas."""

    path: InputPath
    layer: str | None = None
    id_column: str = "zone_id"
    name_column: str | None = None
    source: SourceTable | None = None


class AreaMap(_Table):
    """A table that says which of the project's areas each of the provider's areas belongs to."""

    path: InputPath
    from_column: str
    to_column: str


class ConsumptionLevel(_Table):
    """A further table of totals, of other areas, that demand must sum to as well."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_sector", "fluvius_street", "fluvius_volume"] = (
        "zonnekaart"
    )
    year: int | None = None
    municipality: str | None = Field(default=None, description="name, as the table writes it")
    area_column: str = "area_id"
    building_column: str | None = Field(
        default=None, description="column of the footprints that names the area, such as a street"
    )
    areas: ZonesInput | None = Field(default=None, description="polygons of these areas")
    complete: bool = Field(
        default=False, description="the footprints hold every building of every area named"
    )
    source: SourceTable | None = None


class ConsumptionInput(_Table):
    """A consumption table per area."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_sector", "fluvius_nace"] = "zonnekaart"
    year: int | None = None
    area_column: str = "area_id"
    metering: Literal["offtake", "net", "gross"] = Field(
        default="offtake",
        description="what the table counts of homes with panels: taken from the network, that less "
        "what was injected, or all that is used",
    )
    area_map: AreaMap | None = None
    levels: tuple[ConsumptionLevel, ...] = Field(
        default=(), description="further tables, the more trusted later; this table wins"
    )
    source: SourceTable | None = None


class ProfileInput(_Table):
    """One load profile in a file."""

    path: InputPath
    reader: Literal["csv", "synergrid"] = "csv"
    column: str = Field(description="heading of the profile in the file")
    source: SourceTable | None = None


class ProfilesInput(_Table):
    """Load profiles in quarter-hours; a standard profile stands in for those left out."""

    residential: ProfileInput | None = None
    non_residential: ProfileInput | None = None
    agriculture: ProfileInput | None = None


class MeasuredInput(_Table):
    """Measured quarter-hours of single buildings, used under a mandate; internal."""

    path: InputPath
    source: SourceTable | None = None


class ExistingPvInput(_Table):
    """Installed panels per area: what no footprint column tells."""

    path: InputPath
    reader: Literal["zonnekaart", "fluvius_installations"] = "zonnekaart"
    area_column: str | None = Field(
        default=None, description="fluvius_installations: column of the area; postcode when absent"
    )
    period: str | None = Field(
        default=None, description="fluvius_installations: month to keep, such as 2026-07"
    )
    areas: ZonesInput | None = Field(
        default=None, description="areas these figures speak of, when other than inputs.areas"
    )
    source: SourceTable | None = None


class SitesInput(_Table):
    """Places for panels that are no roofs, of one kind."""

    path: InputPath
    kind: Literal["parking", "ground", "noise_barrier", "water"]
    layer: str | None = None
    id_column: str = "site_id"
    name_column: str | None = None
    owner_column: str | None = None
    height_column: str | None = Field(
        default=None, description="noise barriers: height of the wall above the ground [m]"
    )
    source: SourceTable | None = None


class PointsInput(_Table):
    """A point layer, such as cabins."""

    path: InputPath
    layer: str | None = None
    id_column: str = "cabin_id"
    rated_kva_column: str | None = None
    source: SourceTable | None = None


class CadastreInput(_Table, CadastreOptions):
    """An existing solar cadastre: roofs without heights, or light beside them."""

    path: InputPath
    source: SourceTable | None = None


class InputsTable(_Table):
    """``[inputs]``: the files a project reads."""

    dsm: RasterInput | None = Field(default=None, description="needed without a cadastre")
    dtm: RasterInput | None = None
    vegetation: VegetationInput | None = None
    cadastre: CadastreInput | None = None
    buildings: BuildingsInput
    areas: ZonesInput | None = Field(
        default=None,
        description="areas the consumption figures speak of; the extent of the heights when absent",
    )
    weather: WeatherInput
    consumption: ConsumptionInput | None = None
    profiles: ProfilesInput | None = None
    measured: MeasuredInput | None = None
    existing_pv: ExistingPvInput | None = None
    sites: tuple[SitesInput, ...] = ()
    cabins: PointsInput | None = None
    sharing_areas: ZonesInput | None = Field(
        default=None,
        description="areas of cabins or feeders, sites, postcodes or drawn by hand, for sharing",
    )
    water: ZonesInput | None = None
    roads: ZonesInput | None = None

    @model_validator(mode="after")
    def _one_supply(self) -> Self:
        """Refuse none or two sources of roofs; heights and a raster of light go together."""
        if self.dsm is None and self.cadastre is None:
            raise ValueError("[inputs.dsm] or [inputs.cadastre]: one of them tells of the roofs")
        if self.dsm is not None and self.cadastre is not None and self.cadastre.kind != "raster":
            raise ValueError(
                f"either [inputs.dsm] or [inputs.cadastre] of kind {self.cadastre.kind}: "
                "both tell where the roof planes lie"
            )
        if self.dtm is not None and self.dsm is None:
            raise ValueError("[inputs.dsm] beside [inputs.dtm]: bare ground shows no roofs")
        if self.sites and self.dsm is None:
            raise ValueError("[inputs.dsm] for [[inputs.sites]]: heights tell what shades them")
        if self.vegetation is not None and self.dsm is None:
            raise ValueError("[inputs.dsm] beside [inputs.vegetation]: trees are set into heights")
        return self


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


class DemandOverride(_Table):
    """A figure of the municipality's own; it wins, and the one it replaces is kept."""

    building_id: str | None = None
    area_id: str | None = None
    category: Literal["residential", "non_residential"]
    consumption_kwh: float = Field(ge=0.0)
    by: str = Field(min_length=1, description="who says so")
    date: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _of_one_place(self) -> DemandOverride:
        if (self.building_id is None) == (self.area_id is None):
            raise ValueError("either building_id or area_id")
        return self


class DemandTable(_Table):
    """``[demand]``: how totals are spread."""

    profiles: Literal["bdew"] = "bdew"
    profile_year: int = 2021
    residential_kwh_per_dwelling: float | None = Field(
        default=None, gt=0.0, description="fallback where no total is known; marked as estimate"
    )
    non_residential_kwh_per_m2: float | None = Field(default=None, gt=0.0)
    fallback_source: str = ""
    overrides: tuple[DemandOverride, ...] = Field(
        default=(), description="figures of the municipality's own, with who, when and why"
    )


class DevelopmentsInput(_Table):
    """Planned homes: polygons with a number of dwellings."""

    path: InputPath
    layer: str | None = None
    id_column: str = "development_id"
    dwellings_column: str = "dwellings"
    kwh_per_dwelling: float = Field(default=3000.0, gt=0.0, description="electricity of a year")
    source: SourceTable | None = None


class ScenariosTable(_Table):
    """``[scenarios]``: what is balanced beside today."""

    ids: tuple[str, ...] = Field(
        default=(), description="names of files in data/scenarios, or paths of own files"
    )
    developments: DevelopmentsInput | None = None


Perimeter = Literal[
    "none",
    "building",
    "pair_distance",
    "radius",
    "zone",
    "sector",
    "cabin",
    "site",
    "municipality",
    "postcode",
    "drawn",
]
"""Who may share with whom in space; ``none`` is no limit."""


class FinderTable(_Table):
    """``[sharing.finder]``: proposals of groups."""

    enabled: bool = True
    perimeter: Perimeter = "pair_distance"
    max_members: int = Field(default=10, ge=2, le=200, description="buildings; 2 is a pair")
    min_gain_kwh: float = Field(default=100.0, ge=0.0, description="least a member must add a year")
    partners: int = Field(default=48, ge=4, le=512, description="partners looked at per building")
    starts: int = Field(default=2, ge=1, le=64, description="orders tried; the best is kept")


class SharingTable(_Table):
    """``[sharing]``: one perimeter and its rule."""

    perimeter: Perimeter = "zone"
    radius_m: float = Field(default=200.0, gt=0.0, description="around a building in the middle")
    max_distance_m: float = Field(default=250.0, gt=0.0, description="between any two members")
    rule_id: str = "be-vlg-2024"
    key: Literal["rule", "fixed", "relative", "cascade", "optimal"] = "rule"
    equal_shares: bool = Field(default=False, description="fixed key: the same share for each")
    cascade: tuple[str, ...] = Field(
        default=("apartments", "residential"),
        description="cascade key: uses of buildings served first, in this order; then the others",
    )
    finder: FinderTable = FinderTable()


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
    scenarios: ScenariosTable = ScenariosTable()
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
        tables = [c for c in candidates if isinstance(c, type) and issubclass(c, _Table)]
        if not tables:
            break
        model = tables[0]
    return sorted(name for name in model.model_fields if name != "path")
