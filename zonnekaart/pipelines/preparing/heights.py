"""``prepare heights``: sheets, zips of sheets, laser points or a city model to one raster."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from zonnekaart.errors import CheckFailed, ConfigError, CrsError, MissingInputError
from zonnekaart.geo.crs import require_metric, require_same
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.archives import unpacked
from zonnekaart.io.citymodels import is_city_model
from zonnekaart.io.mosaic import mosaic_heights
from zonnekaart.io.pointclouds import Kind, rasterise_points
from zonnekaart.io.provenance import Record, record_path
from zonnekaart.io.raster import HeightReader
from zonnekaart.io.vector import read_layer
from zonnekaart.pipelines.checks.findings import Inspection
from zonnekaart.pipelines.checks.flaws import tell_flaws
from zonnekaart.pipelines.checks.heights import check_pair, check_raster
from zonnekaart.pipelines.checks.place import Bounds, Place, check_crs
from zonnekaart.pipelines.checks.scan import HeightScan, scan_heights
from zonnekaart.pipelines.preparing.model import rasterise_model

if TYPE_CHECKING:
    from collections.abc import Sequence

SHEETS, POINTS = (".tif", ".tiff"), (".las", ".laz")
MODELS = (".json", ".gml", ".xml")
_LATTICE_POINTS = 200


@dataclass(frozen=True)
class HeightJob:
    """
    What is asked of ``prepare heights``.

    Parameters
    ----------
    sources : tuple of Path
        GeoTIFFs, zips of them, LAS or LAZ, CityJSON or CityGML, or folders that hold such files.
    out : Path
        GeoTIFF to write, in metres.
    kind : {"dsm", "dtm"}
        Surface or bare ground.
    cell_m : float
        Cells for points and city models; sheets keep their own. [m]
    crs : str, optional
        System of sources that name none; what they do name must be the same.
    bounds : tuple of float, optional
        Clip to ``(west, south, east, north)``. [m]
    area : Path, optional
        Clip to the extent of this layer.
    halo_m : float
        Wider than bounds or area by this much: the shading radius. [m]
    corrections : Corrections
        Unit, spikes, holes.
    ground : Path, optional
        Bare ground to compare a surface with: lattice, height datum, which one is higher.
    accept_seams : bool
        Write in spite of straight steps between sheets.
    """

    sources: tuple[Path, ...]
    out: Path
    kind: Kind = "dsm"
    cell_m: float = 1.0
    crs: str | None = None
    bounds: Bounds | None = None
    area: Path | None = None
    halo_m: float = 0.0
    corrections: Corrections = AS_IT_IS
    ground: Path | None = None
    accept_seams: bool = False


def prepare_heights(job: HeightJob) -> Record:
    """
    Bring height files into one Cloud-Optimized GeoTIFF, and write its record beside it.

    Parameters
    ----------
    job : HeightJob
        What to do.

    Returns
    -------
    Record
        Sources, steps, warnings, figures.

    Raises
    ------
    InputError
        If a source cannot be used, or the result has errors; nothing is written then.
    """
    record = Record("prepare heights", _options(job))
    job.out.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=job.out.parent)))
        sheets = _sheets(job, record, stack, folder)
        _require_one_system(sheets, job)
        draft = folder / job.out.name
        joined = mosaic_heights(sheets, _clip(job), draft, job.corrections, job.crs)
        scan = _looked_at(draft, job, record)
        record.did("joined", len(sheets), "sheets", "they lie on one lattice")
        record.did("replaced", joined.replaced, "cells", "far off all around; median of neighbours")
        record.did("filled", joined.filled, "cells", "small holes; straight lines between rims")
        record.facts.update(
            unknown_share=joined.unknown_share,
            cell_m=scan.box.cell_m,
            bounds=list(scan.box.bounds),
            crs=scan.box.crs,
        )
        draft.replace(job.out)
    record.write(job.out)
    return record


def _options(job: HeightJob) -> dict[str, object]:
    """Return what was asked, without folders of this machine."""
    options = asdict(job)
    for name in ("sources", "out"):
        options.pop(name)
    for name in ("area", "ground"):
        options[name] = None if options[name] is None else options[name].name
    return options


def _sheets(job: HeightJob, record: Record, stack: ExitStack, folder: Path) -> list[Path]:
    """Return GeoTIFFs for all sources; those made here lie in `folder`."""
    sheets: list[Path] = []
    for source in _listed(job.sources):
        record.read(source)
        ending = source.suffix.lower()
        if ending in SHEETS:
            sheets.append(source)
        elif ending == ".zip":
            inside = stack.enter_context(unpacked(source, (*SHEETS, *POINTS), near=folder))
            sheets += [_as_sheet(path, job, record, folder) for path in inside]
        else:
            sheets.append(_as_sheet(source, job, record, folder))
    return sheets


def _listed(sources: Sequence[Path]) -> list[Path]:
    """Return the files that are named, and those of the folders that are named, each once."""
    endings = (*SHEETS, *POINTS, ".zip")
    found: list[Path] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(p for p in source.iterdir() if p.suffix.lower() in endings)
            if not inside:
                raise MissingInputError(
                    str(source),
                    "a folder without heights",
                    f"files that end in {endings}",
                    "name the files, or the folder they are in",
                )
            found += inside
        elif source.is_file():
            found.append(source)
        else:
            raise MissingInputError(str(source), "no such file", "heights", "check the path")
    return list(dict.fromkeys(found))


def _as_sheet(source: Path, job: HeightJob, record: Record, folder: Path) -> Path:
    """Return a GeoTIFF of one source: itself, its points or its roofs on cells."""
    ending = source.suffix.lower()
    if ending in SHEETS:
        return source
    out = folder / f"{source.stem}.{job.kind}.tif"
    if ending in POINTS:
        facts = rasterise_points(source, out, job.kind, job.cell_m, job.crs)
        why = "they are noise or withheld (classes 7 and 18)"
        record.did("dropped", facts.noise, "points", why)
        why = "ground points" if job.kind == "dtm" else "first returns"
        record.did("put on cells", facts.used, "points", f"{why}, {facts.per_cell:.1f} per cell")
        return out
    if is_city_model(source):
        made = rasterise_model(source, out, job.kind, job.cell_m, job.crs)
        record.did("put on cells", made["roof_faces"], "roof faces", f"of {source.name}")
        record.warnings.append(
            f"{source.name} is a city model: no trees, and straight ground between buildings"
        )
        return out
    raise ConfigError(
        str(source),
        f"a file that ends in {ending or 'nothing'}",
        f"one of {', '.join((*SHEETS, *POINTS, '.zip', *MODELS))}",
        "convert it to GeoTIFF first",
    )


def _require_one_system(sheets: Sequence[Path], job: HeightJob) -> None:
    """Check that sheets lie where their CRS says, in one horizontal system and one datum."""
    first: str | None = None
    for sheet in sheets:
        with HeightReader(sheet, Corrections(job.corrections.unit), job.crs) as reader:
            box = reader.geobox
        require_metric(box.crs, str(sheet))
        if job.crs is not None:
            require_same(box.crs, job.crs, str(sheet))
        inspection = Inspection("heights", str(sheet))
        if not check_crs(box.crs, box.bounds, Place(box.crs), inspection):
            wrong = inspection.findings[0]
            raise CrsError(str(sheet), wrong.found, wrong.expected, wrong.hint)
        first = first or box.crs
        datums = [_datum(crs) for crs in (first, box.crs)]
        if None not in datums and datums[0] != datums[1]:
            raise CrsError(
                str(sheet),
                f"heights above {datums[1]}",
                f"above {datums[0]}, as {sheets[0].name}",
                "bring all sheets to one height datum first",
            )


def _datum(crs: str) -> str | None:
    """Return the name of the height datum that a CRS carries, if it does."""
    parsed = pyproj.CRS.from_user_input(crs)
    return str(parsed.sub_crs_list[1].name) if parsed.is_compound else None


def _clip(job: HeightJob) -> Bounds | None:
    bounds = job.bounds
    if job.area is not None:
        layer = read_layer(job.area)
        if job.crs is not None:
            require_same(layer.crs, job.crs, str(job.area))
        west, south, east, north = layer.total_bounds
        bounds = (float(west), float(south), float(east), float(north))
    if bounds is None:
        return None
    halo = job.halo_m
    return (bounds[0] - halo, bounds[1] - halo, bounds[2] + halo, bounds[3] + halo)


def _looked_at(draft: Path, job: HeightJob, record: Record) -> HeightScan:
    """Look for what is wrong with the result; errors stop the work, the rest is noted."""
    inspection = Inspection(f"prepare heights ({job.kind})", job.out.name)
    points = np.empty((0, 2))
    if job.ground is not None:
        with HeightReader(draft) as reader:
            points = _lattice(reader.geobox.bounds)
    scan = scan_heights(draft, points)
    check_raster(scan, inspection)
    tell_flaws(scan.flaws, AS_IT_IS, inspection)
    if job.ground is not None:
        check_pair(scan, scan_heights(job.ground, points), 0, inspection)
    for finding in inspection.findings:
        if finding.code == "heights.seam" and not job.accept_seams:
            hint = f"{finding.hint}; --accept-seams writes in spite of it"
            raise CheckFailed(
                str(job.out), [finding.as_dict() | {"hint": hint}], record_path(job.out).name
            )
    errors = [f.as_dict() for f in inspection.findings if f.severity == "error"]
    if errors:
        raise CheckFailed(str(job.out), errors, record_path(job.out).name)
    record.warnings += [f"{f.found}; {f.hint}" for f in inspection.findings]
    record.facts.update(inspection.facts)
    return scan


def _lattice(bounds: Bounds) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return points over the extent, shape (points, 2). [m]."""
    x = np.linspace(bounds[0], bounds[2], _LATTICE_POINTS + 2)[1:-1]
    y = np.linspace(bounds[1], bounds[3], _LATTICE_POINTS + 2)[1:-1]
    grid = np.meshgrid(x, y)
    return np.column_stack([grid[0].ravel(), grid[1].ravel()])
