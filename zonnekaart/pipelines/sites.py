"""Stage sites: car parks, ground, water and noise barriers as places for panels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.geo.buildings import OWNERS
from zonnekaart.geo.crs import middle_latitude, require_metric, require_same
from zonnekaart.geo.policyzones import zone_of
from zonnekaart.geo.sites import free_sites, wall_faces
from zonnekaart.io.presets import read_preset
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.site_kinds import SiteKind, SiteKinds, read_site_kinds
from zonnekaart.io.vector import read_geoparquet, read_layer, write_geoparquet
from zonnekaart.pipelines.irradiation import load_sky
from zonnekaart.pipelines.roof_buildings import read_buildings
from zonnekaart.pipelines.rooftops import Heights
from zonnekaart.pipelines.runs import Stage, StageContext
from zonnekaart.pipelines.site_ground import Stand, polygon_outlook, wall_outlooks
from zonnekaart.pipelines.site_supply import Faces, Place, site_table

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project, RasterInput, SitesInput
    from zonnekaart.energy.pv import Preset
    from zonnekaart.solar.sky import SkyTables

SITES = "supply_sites.parquet"
KIND_FILE = "sites/kinds.toml"
PRESETS = "presets"
UNDER_BUILDING = 0.05
"""Share of a site under buildings from which its outline is doubted. [-]"""
_SHARED = 0.05
_COLUMNS = ("site_id", "plane_id", "kind", "zone_id", "capacity_kwp", "annual_yield_kwh")


def read_sites(project: Project) -> list[gpd.GeoDataFrame]:
    """
    Read the layers of sites of a project, in their order.

    Returns
    -------
    list of GeoDataFrame
        ``site_id``, ``name``, ``owner``, ``wall_height_m`` (NaN when not given), geometry.

    Raises
    ------
    MissingInputError, VectorError, CrsError
        If a column is absent, ids repeat, also between layers, a geometry is not what the kind
        needs, or the CRS is another.
    """
    kinds = read_site_kinds(share_folder("data") / KIND_FILE)
    found, seen = [], pd.Series(dtype=object)
    for table in project.inputs.sites:
        layer = _read_one(project, table, kinds.of(table.kind))
        seen = pd.concat([seen, layer["site_id"]])
        found.append(layer)
    twice = seen[seen.duplicated()]
    if len(twice):
        raise VectorError(
            "inputs.sites",
            f"{len(twice)} repeated ids, such as {twice.iloc[0]}",
            "one id per site, over all layers of sites",
            "put the kind before the id, or dissolve the parts of a site",
        )
    return found


def _read_one(project: Project, table: SitesInput, kind: SiteKind) -> gpd.GeoDataFrame:
    path = project.resolve(table.path)
    layer = read_layer(path, table.layer)
    require_same(layer.crs, project.project.crs, str(path))
    named = [v for k, v in table.model_dump().items() if k.endswith("_column") and v is not None]
    absent = [name for name in named if name not in layer]
    if absent:
        raise VectorError(
            str(path),
            f"no column {', '.join(absent)}",
            f"one of: {', '.join(str(name) for name in layer.columns)}",
            "correct the names in [[inputs.sites]]",
        )
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    wanted = 1 if kind.shape == "line" else 2
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    bad |= shapely.get_dimensions(shapes) != wanted
    ids = layer[table.id_column].astype(str)
    if bad.any():
        raise VectorError(
            f"{path}: {table.id_column} {ids[bad].iloc[0]}",
            f"{int(bad.sum())} sites that are empty, invalid or no {kind.shape}s",
            f"valid {kind.shape}s for kind {table.kind}",
            "repair them in QGIS: Fix geometries, or correct the kind",
        )
    return gpd.GeoDataFrame(
        {
            "site_id": ids,
            "name": layer[table.name_column].astype(str) if table.name_column else "",
            "owner": _owners(layer, table.owner_column),
            "wall_height_m": _numbers(layer, table.height_column),
        },
        geometry=gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs),
    )


def _owners(layer: gpd.GeoDataFrame, column: str | None) -> Any:  # noqa: ANN401 - a column or a word
    if column is None:
        return "unknown"
    words = layer[column].astype("string").str.strip().str.lower()
    return words.where(words.isin(OWNERS), "unknown").fillna("unknown").astype(object)


def _numbers(layer: gpd.GeoDataFrame, column: str | None) -> Any:  # noqa: ANN401 - a column or NaN
    if column is None:
        return np.nan
    return pd.to_numeric(layer[column], errors="coerce").astype(float)


def supply_of(project: Project, build: Path) -> gpd.GeoDataFrame:
    """
    Return the supply of all sites of a project.

    Parameters
    ----------
    project : Project
        With ``[[inputs.sites]]``.
    build : Path
        With ``sky.npz`` and ``policy_zones.parquet``.
    """
    kinds = read_site_kinds(share_folder("data") / KIND_FILE)
    preset = read_preset(project.roofs.preset, share_folder("data") / PRESETS)
    # Trees in the surface stay opaque around sites, so that all light comes over one horizon.
    sky = dataclasses.replace(load_sky(build / "sky.npz"), through=None)
    layers = read_sites(project)
    buildings = read_buildings(project).geometry.to_numpy()
    dtm = project.inputs.dtm
    surface = _heights(project)
    with HeightReader(project.resolve(surface.path), surface.corrections) as dsm:
        ground = None if dtm is None else HeightReader(project.resolve(dtm.path), dtm.corrections)
        heights = Heights(dsm, ground, sky.directions, project.irradiation.radius_m)
        place = Place(_latitude(dsm), project.project.crs)
        faces = _fields(project, layers, kinds, buildings, heights)
        faces += _walls(project, layers, kinds, heights, place.latitude_deg)
    made = [_supply(found, kinds, preset, sky, place, project) for found in faces]
    table = pd.concat(made, ignore_index=True)
    return _with_zones(gpd.GeoDataFrame(table, crs=project.project.crs), build)


def _heights(project: Project) -> RasterInput:
    """Return the surface heights, without which nothing is known of what shades a site."""
    dsm = project.inputs.dsm
    if dsm is None:
        raise ConfigError(
            f"{project.path}: inputs.sites",
            "sites without heights",
            "[inputs.dsm]",
            "name the surface heights, or leave the sites out",
        )
    return dsm


def _latitude(dsm: HeightReader) -> float:
    require_metric(dsm.geobox.crs, str(dsm.path))
    return middle_latitude(dsm.geobox.bounds, dsm.geobox.crs)


def _fields(
    project: Project,
    layers: list[gpd.GeoDataFrame],
    kinds: SiteKinds,
    buildings: npt.NDArray[np.object_],
    heights: Heights,
) -> list[tuple[str, Faces]]:
    """Return the level fields of every layer of polygons."""
    tables = project.inputs.sites
    wanted = [n for n, t in enumerate(tables) if kinds.of(t.kind).shape == "polygon"]
    if not wanted:
        return []
    start = np.cumsum([0, *(len(layers[n]) for n in wanted)])
    drawn = np.concatenate([layers[n].geometry.to_numpy() for n in wanted])
    free = free_sites(drawn, buildings)
    found: list[tuple[str, Faces]] = []
    for place, number in enumerate(wanted):
        part = slice(start[place], start[place + 1])
        kind, layer = kinds.of(tables[number].kind), layers[number]
        stand = Stand(kind.height_m, kind.obstructed_above_m)
        shapes = free.geometry[part]
        marks = {
            "under_building": free.building_share[part] > UNDER_BUILDING,
            "overlaps_site": free.site_share[part] > _SHARED,
        }
        faces = Faces(
            site_id=layer["site_id"].to_numpy(dtype=object),
            plane_id=_plane_ids(layer["site_id"].to_numpy(dtype=object)),
            name=layer["name"].to_numpy(dtype=object),
            owner=layer["owner"].to_numpy(dtype=object),
            geometry=shapes,
            size=shapely.area(shapes),
            area_m2=shapely.area(shapes),
            azimuth_deg=np.full(len(layer), np.nan),
            outlooks=[polygon_outlook(shape, heights, stand) for shape in shapes],
            marks=marks,
        )
        found.append((tables[number].kind, faces))
    return found


def _walls(
    project: Project,
    layers: list[gpd.GeoDataFrame],
    kinds: SiteKinds,
    heights: Heights,
    latitude_deg: float,
) -> list[tuple[str, Faces]]:
    """Return the faces of every layer of lines."""
    found: list[tuple[str, Faces]] = []
    for table, layer in zip(project.inputs.sites, layers, strict=True):
        kind = kinds.of(table.kind)
        if kind.shape != "line":
            continue
        walls = wall_faces(layer.geometry.to_numpy(), latitude_deg)
        given = layer["wall_height_m"].to_numpy(dtype=np.float64)
        top = np.where(np.isnan(given), kind.height_m, given)
        panel = np.maximum(top - kind.panel_from_m, 0.0)[walls.line]
        middle = (kind.panel_from_m + panel / 2.0).tolist()
        stands = [Stand(height, kind.obstructed_above_m) for height in middle]
        owner = layer["site_id"].to_numpy(dtype=object)[walls.line]
        whole = np.bincount(walls.line, weights=walls.length_m, minlength=len(layer))
        faces = Faces(
            site_id=owner,
            plane_id=_plane_ids(owner),
            name=layer["name"].to_numpy(dtype=object)[walls.line],
            owner=layer["owner"].to_numpy(dtype=object)[walls.line],
            geometry=walls.geometry,
            size=np.asarray(whole[walls.line], dtype=np.float64),
            area_m2=walls.length_m * panel,
            azimuth_deg=walls.azimuth_deg,
            outlooks=wall_outlooks(walls, heights, stands),
            marks={"wall_height_assumed": np.isnan(given)[walls.line]},
        )
        found.append((table.kind, faces))
    return found


def _plane_ids(owner: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return ids that number the planes of each site from 1."""
    number = pd.Series(owner).groupby(owner).cumcount() + 1
    return np.array([f"{o}-s{n}" for o, n in zip(owner, number, strict=True)], dtype=object)


def _supply(
    found: tuple[str, Faces],
    kinds: SiteKinds,
    preset: Preset,
    sky: SkyTables,
    place: Place,
    project: Project,
) -> gpd.GeoDataFrame:
    name, faces = found
    kind: SiteKind = getattr(kinds, name)
    region = project.project.region
    for rule in kind.legal:
        if region.startswith(rule.region):
            faces.marks["legal_duty"] = faces.size > rule.above
    return site_table(faces, name, kind, preset, sky, place)


def _with_zones(table: gpd.GeoDataFrame, build: Path) -> gpd.GeoDataFrame:
    zones = read_geoparquet(build / "policy_zones.parquet")
    shapes = table.geometry.to_numpy()
    whole = np.flatnonzero(~shapely.is_empty(shapes))
    number = np.full(len(table), -1, dtype=np.int64)
    number[whole] = zone_of(shapes[whole], zones.geometry.to_numpy())
    ids = [*zones["zone_id"].astype(str), None]
    table.insert(3, "zone_id", [ids[k] for k in number])
    return table


def _empty(crs: str) -> gpd.GeoDataFrame:
    columns = {name: pd.Series(dtype=object if n < 4 else float) for n, name in enumerate(_COLUMNS)}
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs)


def _work(context: StageContext) -> dict[str, Any]:
    project = context.project
    if not project.inputs.sites:
        write_geoparquet(_empty(project.project.crs), context.build / SITES)
        return {"sites": 0}
    context.built("sky.npz", "irradiation")
    context.built("policy_zones.parquet", "roofs")
    table = supply_of(project, context.build)
    write_geoparquet(table, context.build / SITES, {"preset": project.roofs.preset})
    flags = [flag for row in table["flags"] for flag in row]
    return {
        "sites": int(table["site_id"].nunique()),
        "planes": len(table),
        "flags": {name: flags.count(name) for name in sorted(set(flags))},
        "capacity_kwp": round(float(table["capacity_kwp"].sum()), 1),
        "annual_yield_kwh": round(float(table["annual_yield_kwh"].sum())),
        "outside_zones": int(table["zone_id"].isna().sum()),
    }


def _inputs(project: Project, build: Path) -> list[Path]:
    if not project.inputs.sites:
        return []
    inputs = project.inputs
    given = [inputs.buildings.path, *(table.path for table in inputs.sites)]
    given += [] if inputs.dsm is None else [inputs.dsm.path]
    given += [] if inputs.dtm is None else [inputs.dtm.path]
    own = [share_folder("data") / name for name in (KIND_FILE, PRESETS)]
    made = [build / "sky.npz", build / "policy_zones.parquet"]
    return [*(project.resolve(path) for path in given), *own, *made]


def _parameters(project: Project) -> dict[str, Any]:
    heights = (project.inputs.dsm, project.inputs.dtm)
    return {
        "heights": [
            None if table is None else dataclasses.asdict(table.corrections) for table in heights
        ],
        "footprints_shift_m": list(project.inputs.buildings.shift_m),
        "sites": [t.model_dump(exclude={"path", "source"}) for t in project.inputs.sites],
        "preset": project.roofs.preset,
        "radius_m": project.irradiation.radius_m,
        "region": project.project.region,
        "crs": project.project.crs,
    }


STAGE = Stage(
    name="sites",
    inputs=_inputs,
    parameters=_parameters,
    outputs=(SITES,),
    work=_work,
)
