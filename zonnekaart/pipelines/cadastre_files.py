"""Roof planes from the files of a cadastre, without a project."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zonnekaart.config import parse_project
from zonnekaart.errors import ConfigError, CrsError, MissingInputError
from zonnekaart.geo.crs import require_metric
from zonnekaart.io.vector import read_layer, write_geoparquet
from zonnekaart.pipelines import irradiation
from zonnekaart.pipelines.roof_buildings import checked_buildings, numbered
from zonnekaart.pipelines.roofs import job_of, roofs_of
from zonnekaart.pipelines.runs import StageContext

if TYPE_CHECKING:
    from zonnekaart.config import Project

RASTERS = {".tif", ".tiff"}


def write_cadastre_roofs(
    cadastre: Path, buildings: Path, weather: Path, out: Path, preset: str = "zonnekaart"
) -> dict[str, Any]:
    """
    Write roof planes from a cadastre.

    Parameters
    ----------
    cadastre : Path
        A GeoTIFF in kWh/m2 of sloped surface, or a TOML file with the options of
        ``[inputs.cadastre]``, whose ``path`` starts from that file.
    buildings : Path
        Footprints; ids from a column ``building_id``, ``id``, or numbered.
    weather : Path
        EPW file: says what the best plane gets and what racks gain.
    out : Path
        GeoParquet of planes.
    preset : str
        Name of a preset.

    Returns
    -------
    dict
        Counts and sums.

    Raises
    ------
    MissingInputError, ConfigError, CrsError, VectorError, RasterError
        If a file is absent, or does not fit the others.
    """
    layer, id_column = numbered(read_layer(buildings))
    epsg = require_metric(layer.crs, str(buildings)).to_epsg(min_confidence=70)
    if epsg is None:
        raise CrsError(
            str(buildings), "a CRS without EPSG code", "a known projected CRS", "reproject it"
        )
    project = _project(cadastre, (buildings, id_column), weather, (f"EPSG:{epsg}", preset))
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        irradiation.STAGE.work(StageContext(project, build))
        table = project.inputs.buildings
        roofs = roofs_of(checked_buildings(layer, table, str(buildings)), job_of(project, build))
    write_geoparquet(roofs.planes, out, {"preset": roofs.facts["preset"]})
    return roofs.facts


def _project(
    cadastre: Path, buildings: tuple[Path, str], weather: Path, basis: tuple[str, str]
) -> Project:
    """Return a project of these files alone, so that its options are checked like any other's."""
    crs, preset = basis
    raw = {
        "project": {"name": "roofs", "crs": crs},
        "inputs": {
            "buildings": {"path": str(buildings[0].resolve()), "id_column": buildings[1]},
            "weather": {"path": str(weather.resolve())},
            "cadastre": _options(cadastre),
        },
        "roofs": {"preset": preset},
    }
    return parse_project(raw, cadastre)


def _options(cadastre: Path) -> dict[str, Any]:
    if not cadastre.is_file():
        raise MissingInputError(str(cadastre), "no such file", "a cadastre", "check --cadastre")
    if cadastre.suffix.lower() in RASTERS:
        return {"kind": "raster", "path": str(cadastre.resolve())}
    if cadastre.suffix.lower() != ".toml":
        raise ConfigError(
            str(cadastre),
            "a layer whose columns and units nobody has named",
            "a GeoTIFF, or a TOML file with the options of [inputs.cadastre]",
            "write kind, path and columns in a file such as cadastre.toml; see docs/cadastre.md",
        )
    try:
        raw = tomllib.loads(cadastre.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(cadastre),
            f"text that is not TOML ({error})",
            "a TOML file",
            "check quotes and brackets",
        ) from error
    nested = raw.get("inputs", {}).get("cadastre")
    return dict(raw if nested is None else nested)
