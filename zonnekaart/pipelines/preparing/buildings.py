"""``prepare buildings``: a register, OpenStreetMap, a city model or heights to footprints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError, VectorError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.footprints import LEAST_AREA_M2, mended, stable_ids
from zonnekaart.geo.modelheights import footprint
from zonnekaart.io.building_makers import Maker, column_named, maker_of, read_makers
from zonnekaart.io.citymodels import is_city_model, read_city_model
from zonnekaart.io.provenance import Record
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer, write_layer
from zonnekaart.pipelines.checks.buildings import SAME_SHARE
from zonnekaart.pipelines.checks.findings import Inspection, first_few
from zonnekaart.pipelines.checks.layers import Layer
from zonnekaart.pipelines.checks.overlaps import overlaps
from zonnekaart.pipelines.checks.place import Place, check_crs
from zonnekaart.pipelines.checks.position import check_offset, measure_offset
from zonnekaart.pipelines.preparing.derived import derived_footprints
from zonnekaart.pipelines.preparing.model import flat_faces
from zonnekaart.pipelines.preparing.units import units_per_building

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "buildings"
COLUMNS = ("building_id", "use", "dwellings", "construction_year", "geometry")


@dataclass(frozen=True)
class BuildingsJob:
    """
    What is asked of ``prepare buildings``.

    Parameters
    ----------
    out : Path
        GeoPackage to write, layer ``buildings``.
    source : Path, optional
        Footprints or city model; without it they are derived from the heights.
    layer : str, optional
        Layer of the source, when it holds several.
    id_column : str, optional
        Column that names a building, when it is not the maker's own.
    area : Path, optional
        Keep buildings that touch this layer.
    units : Path, optional
        Points of building units or addresses; how many lie in a building is its dwellings.
    dsm, dtm : Path, optional
        Heights: to derive footprints from, and to see whether footprints lie on the roofs.
    crs : str, optional
        System of a city model that names none.
    least_area_m2 : float
        Smaller footprints are dropped. [m2]
    """

    out: Path
    source: Path | None = None
    layer: str | None = None
    id_column: str | None = None
    area: Path | None = None
    units: Path | None = None
    dsm: Path | None = None
    dtm: Path | None = None
    crs: str | None = None
    least_area_m2: float = LEAST_AREA_M2


@dataclass
class _Read:
    """Footprints as they were found, with what is known of their maker."""

    frame: gpd.GeoDataFrame
    maker: Maker | None = None
    facts: dict[str, object] = field(default_factory=dict)


def prepare_buildings(job: BuildingsJob) -> Record:
    """
    Bring footprints into our columns, each building once, and write the record beside them.

    Parameters
    ----------
    job : BuildingsJob
        What to do.

    Returns
    -------
    Record
        Sources, steps, warnings, figures.

    Raises
    ------
    InputError
        If the source cannot be used or nothing is left; nothing is written then.
    """
    record = Record("prepare buildings", {"least_area_m2": job.least_area_m2, "layer": job.layer})
    read = _footprints(job, record)
    require_metric(read.frame.crs, str(job.source or job.dsm))
    _require_place(read.frame, job)
    frame = _named(read, job, record)
    frame = _whole(frame, record)
    frame = _inside(frame, job, record)
    frame = _once(frame, record)
    if frame.empty:
        raise VectorError(
            str(job.source or job.dsm),
            "no building left",
            "buildings",
            "see what was dropped: " + "; ".join(record.lines()),
        )
    if job.units is not None:
        counts = units_per_building(job.units, frame, record)
        frame["dwellings"] = np.where(np.isnan(counts), frame["dwellings"], counts)
    _compare_with_heights(frame, job, record)
    record.facts |= read.facts | {
        "buildings": len(frame),
        "footprint_area_m2": round(float(frame.area.sum()), 1),
        "use_known": int((frame["use"] != "unknown").sum()),
        "dwellings_known": int(frame["dwellings"].notna().sum()),
        "crs": str(frame.crs.to_string()),
    }
    write_layer(frame[list(COLUMNS)], job.out, "GPKG", layer=LAYER)
    record.write(job.out)
    return record


def _footprints(job: BuildingsJob, record: Record) -> _Read:
    if job.source is None:
        if job.dsm is None or job.dtm is None:
            raise ConfigError(
                "prepare buildings",
                "no footprints, and not both heights",
                "a file, or --dsm and --dtm to derive footprints from",
                "name one of them",
            )
        record.read(job.dsm)
        record.read(job.dtm)
        record.warnings.append(
            "footprints derived from heights: small and tree-covered buildings are missing, "
            "terraces are one; say derived = true in [inputs.buildings]"
        )
        frame = derived_footprints(job.dsm, job.dtm, max(job.least_area_m2, 12.0))
        return _Read(frame, facts={"derived": True})
    if is_city_model(job.source) and _is_model_file(job.source):
        record.read(job.source)
        return _Read(_model_footprints(job))
    frame = read_layer(job.source, job.layer)
    maker = maker_of(frame.columns, read_makers(share_folder("data") / "preparing/buildings.toml"))
    known = (
        {}
        if maker is None
        else {
            "maker": maker.id,
            "title": maker.title,
            "licence": maker.licence,
            "attribution": maker.attribution,
            "matrix_id": maker.matrix_id,
            "limits": maker.limits,
        }
    )
    record.read(job.source, **known)
    return _Read(frame, maker, {"derived": False})


def _is_model_file(path: Path) -> bool:
    """Tell a city model from GeoJSON, which may end in .json too."""
    if path.suffix.lower() != ".json":
        return True
    with path.open(encoding="utf-8", errors="replace") as stream:
        return "CityJSON" in stream.read(4096)


def _model_footprints(job: BuildingsJob) -> gpd.GeoDataFrame:
    if job.source is None:
        raise ConfigError("prepare buildings", "no city model", "a file", "name one")
    model = read_city_model(job.source, job.crs)
    shapes = [
        footprint(flat_faces(building.grounds or building.roofs)) for building in model.buildings
    ]
    ids = [building.building_id for building in model.buildings]
    return gpd.GeoDataFrame({"building_id": ids}, geometry=shapes, crs=model.crs)


def _require_place(frame: gpd.GeoDataFrame, job: BuildingsJob) -> None:
    inspection = Inspection("buildings", str(job.source or job.dsm))
    west, south, east, north = (float(v) for v in frame.total_bounds)
    crs = str(frame.crs.to_string())
    if not check_crs(frame.crs, (west, south, east, north), Place(crs), inspection):
        wrong = inspection.findings[0]
        raise VectorError(inspection.file, wrong.found, wrong.expected, wrong.hint)


def _named(read: _Read, job: BuildingsJob, record: Record) -> gpd.GeoDataFrame:
    """Return the columns we know, with ids that stay when buildings come or go."""
    source, maker = read.frame, read.maker
    columns = [str(c) for c in source.columns]
    name = job.id_column or column_named(columns, maker.id_column if maker else "building_id")
    if job.id_column is not None and job.id_column not in columns:
        raise ConfigError(
            "--id-column", job.id_column, f"one of: {', '.join(columns)}", "correct the name"
        )
    out = gpd.GeoDataFrame(geometry=source.geometry.to_numpy(), crs=source.crs)
    out["building_id"] = _ids(source, name, out, record)
    out["use"] = _uses(source, maker)
    out["dwellings"] = _numbers(source, maker.dwellings_column if maker else "dwellings")
    years = _numbers(source, maker.year_column if maker else "construction_year")
    plausible = years.between(1000, 2100)
    record.did("emptied", int((years.notna() & ~plausible).sum()), "years", "no year of building")
    out["construction_year"] = years.where(plausible)
    return out


def _ids(
    source: gpd.GeoDataFrame, name: str | None, out: gpd.GeoDataFrame, record: Record
) -> list[str]:
    if name is None:
        why = "the source names no building: ids follow from where they stand"
        record.did("made", len(source), "ids", why)
        shapes = mended(source.geometry.to_numpy()).shapes
        ids = [""] * len(source)
        some = ~shapely.is_empty(shapes)
        for position, made in zip(np.flatnonzero(some), stable_ids(shapes[some], "b"), strict=True):
            ids[position] = made
        return ids
    values = source[name]
    if values.isna().any():
        raise VectorError(
            f"{record.sources[-1]['name']}: {name}",
            f"{int(values.isna().sum())} buildings without id",
            "an id for every building",
            "fill the column, or name another with --id-column",
        )
    if pd.api.types.is_float_dtype(values) and (values % 1 == 0).all():
        values = values.astype("int64")
    text = values.astype(str)
    number = text.groupby(text).cumcount()
    record.did(
        "renamed", int((number > 0).sum()), "buildings", "an id that occurs twice got a number more"
    )
    return [t if n == 0 else f"{t}-{n + 1}" for t, n in zip(text, number, strict=True)]


def _uses(source: gpd.GeoDataFrame, maker: Maker | None) -> list[str]:
    column = column_named([str(c) for c in source.columns], maker.use_column if maker else "")
    if column is None or maker is None:
        return ["unknown"] * len(source)
    words = source[column].astype("string").str.strip().str.lower()
    known = {word.lower(): use for word, use in maker.uses.items()}
    return [known.get(word, "unknown") for word in words.fillna("")]


def _numbers(source: gpd.GeoDataFrame, name: str) -> pd.Series:
    column = column_named([str(c) for c in source.columns], name)
    if column is None:
        return pd.Series(np.nan, index=range(len(source)))
    text = source[column].astype("string").str.extract(r"^\s*(\d+)", expand=False)
    numbers: pd.Series[float] = pd.to_numeric(text, errors="coerce").astype("float64")
    return numbers.reset_index(drop=True)


def _whole(frame: gpd.GeoDataFrame, record: Record) -> gpd.GeoDataFrame:
    fixed = mended(frame.geometry.to_numpy())
    record.did("flattened", int(fixed.flattened.sum()), "buildings", "heights in the outline")
    record.did(
        "repaired",
        int(fixed.repaired.sum()),
        "buildings",
        f"outlines that cross themselves; {fixed.lost_area_m2:.1f} m2 changed",
    )
    frame = frame.set_geometry(gpd.GeoSeries(fixed.shapes, index=frame.index, crs=frame.crs))
    empty = frame.geometry.is_empty
    record.did("dropped", int(empty.sum()), "buildings", "no outline, or one without an area")
    return frame[~empty].reset_index(drop=True)


def _inside(frame: gpd.GeoDataFrame, job: BuildingsJob, record: Record) -> gpd.GeoDataFrame:
    small = frame.area < job.least_area_m2
    record.did("dropped", int(small.sum()), "buildings", f"smaller than {job.least_area_m2:g} m2")
    frame = frame[~small]
    if job.area is not None:
        area = read_layer(job.area)
        require_same(area.crs, frame.crs, str(job.area))
        touching = frame.intersects(shapely.union_all(shapely.make_valid(area.geometry.to_numpy())))
        record.did("dropped", int((~touching).sum()), "buildings", f"outside {job.area.name}")
        frame = frame[touching]
    return frame.reset_index(drop=True)


def _once(frame: gpd.GeoDataFrame, record: Record) -> gpd.GeoDataFrame:
    """Drop what is the same building again: the one with more known about it stays."""
    if frame.empty:
        return frame
    pairs = overlaps(frame.geometry.to_numpy(), 1.0)
    known = frame[["dwellings", "construction_year"]].notna().sum(axis=1) + (
        frame["use"] != "unknown"
    )
    gone: set[int] = set()
    for first, second in zip(
        pairs.first[pairs.union_share >= SAME_SHARE],
        pairs.second[pairs.union_share >= SAME_SHARE],
        strict=True,
    ):
        if first not in gone and second not in gone:
            gone.add(int(second if known.iloc[first] >= known.iloc[second] else first))
    names = frame["building_id"].iloc[sorted(gone)]
    record.did("dropped", len(gone), "buildings", f"the same building again: {first_few(names, 3)}")
    return frame.drop(index=sorted(gone)).reset_index(drop=True)


def _compare_with_heights(frame: gpd.GeoDataFrame, job: BuildingsJob, record: Record) -> None:
    """Measure how far footprints lie from the roofs in the heights; note it, move nothing."""
    if job.dsm is None or job.source is None:
        return
    with HeightReader(job.dsm) as reader:
        box, corrections = reader.geobox, reader.corrections
    require_same(box.crs, frame.crs, str(job.dsm))
    inspection = Inspection("buildings", job.out.name)
    layer = Layer(inspection, frame, comparable=True)
    check_offset(measure_offset(job.dsm, layer, box, corrections), (0.0, 0.0), inspection)
    record.facts |= inspection.facts
    record.warnings += [f"{f.found}; {f.hint}" for f in inspection.findings]
