"""``prepare``: bring downloaded files into the layers that a project reads."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from zonnekaart.cli import options
from zonnekaart.cli.console import emit_json, say
from zonnekaart.cli.irradiation import refuse_overwriting
from zonnekaart.config import share_folder
from zonnekaart.geo.heights import METRES, Corrections
from zonnekaart.io.context_layers import Kind
from zonnekaart.io.mergers import codes_of, read_mergers
from zonnekaart.io.pointclouds import Kind as HeightKind
from zonnekaart.io.provenance import record_path
from zonnekaart.io.sources.office_tables import Decimal, OfficeFormat
from zonnekaart.pipelines.preparing.buildings import BuildingsJob, prepare_buildings
from zonnekaart.pipelines.preparing.context import ContextJob, prepare_context
from zonnekaart.pipelines.preparing.crosswalk import CrosswalkJob, prepare_crosswalk, read_map
from zonnekaart.pipelines.preparing.demand import DemandJob, OfficeColumns, Reader, prepare_demand
from zonnekaart.pipelines.preparing.heights import HeightJob, prepare_heights

if TYPE_CHECKING:
    from zonnekaart.io.provenance import Record

_PATH = click.Path(path_type=Path)


@click.group("prepare")
def prepare_command() -> None:
    """Bring downloaded files into the layers that a project reads, each with a record."""


def report(record: Record, out: Path, *, as_json: bool) -> None:
    """Say what was kept, dropped and repaired; the record itself on stdout when asked."""
    for line in record.lines():
        say(line)
    if as_json:
        emit_json({"steps": record.lines(), "facts": record.facts})
    say(f"wrote {out} and {record_path(out).name} beside it")


@prepare_command.command("heights")
@click.argument("sources", nargs=-1, required=True, type=_PATH, metavar="FILE...")
@options.out_file_option
@click.option(
    "--kind",
    type=click.Choice(get_args(HeightKind)),
    default="dsm",
    show_default=True,
    help="Surface with roofs and trees, or bare ground.",
)
@click.option(
    "--cell",
    "cell_m",
    type=click.FloatRange(0.1, 5.0),
    default=1.0,
    show_default=True,
    help="Cell size for laser points and city models [m]; sheets keep their own.",
)
@click.option("--crs", default=None, help="System of files that name none, such as EPSG:31370.")
@click.option(
    "--bounds",
    nargs=4,
    type=float,
    default=None,
    metavar="WEST SOUTH EAST NORTH",
    help="Clip to these [m].",
)
@click.option("--area", type=_PATH, default=None, help="Clip to the extent of this layer.")
@click.option(
    "--halo",
    "halo_m",
    type=click.FloatRange(0.0, 5000.0),
    default=500.0,
    show_default=True,
    help="Keep this much around bounds or area, for shade [m].",
)
@click.option(
    "--unit",
    type=click.Choice(sorted(METRES)),
    default="m",
    show_default=True,
    help="Unit of the numbers in the files; the result is in metres.",
)
@click.option("--despike", is_flag=True, help="Replace single cells far off all around.")
@click.option(
    "--fill-holes",
    "fill_holes_m",
    type=click.FloatRange(0.0, 50.0),
    default=0.0,
    show_default=True,
    help="Fill holes up to this width [m].",
)
@click.option("--ground", type=_PATH, default=None, help="DTM to compare a surface with.")
@click.option("--accept-seams", is_flag=True, help="Write in spite of steps between sheets.")
@options.overwrite_option
@options.json_option
def heights_command(
    sources: tuple[Path, ...],
    out: Path,
    kind: HeightKind,
    cell_m: float,
    crs: str | None,
    bounds: tuple[float, float, float, float] | None,
    area: Path | None,
    halo_m: float,
    unit: str,
    despike: bool,
    fill_holes_m: float,
    ground: Path | None,
    accept_seams: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """
    Join, clip, mend and check heights; write one GeoTIFF.

    FILE: GeoTIFF sheets, zips of them, LAS or LAZ points, CityJSON or CityGML, or folders.
    """
    refuse_overwriting(out, overwrite=overwrite)
    record = prepare_heights(
        HeightJob(
            sources=sources,
            out=out,
            kind=kind,
            cell_m=cell_m,
            crs=crs,
            bounds=bounds,
            area=area,
            halo_m=halo_m,
            corrections=Corrections(unit, despike=despike, fill_holes_m=fill_holes_m),
            ground=ground,
            accept_seams=accept_seams,
        )
    )
    report(record, out, as_json=as_json)


@prepare_command.command("buildings")
@click.argument("source", required=False, type=_PATH, metavar="[FILE]")
@options.out_file_option
@click.option("--layer", default=None, help="Layer of FILE, when it holds several.")
@click.option("--id-column", default=None, help="Column that names a building.")
@click.option("--area", type=_PATH, default=None, help="Keep buildings that touch this layer.")
@click.option(
    "--units",
    type=_PATH,
    default=None,
    help="Points of building units or addresses: how many lie in a building is its dwellings.",
)
@click.option("--dsm", type=_PATH, default=None, help="Surface heights, to compare with.")
@click.option("--dtm", type=_PATH, default=None, help="Bare ground, to derive footprints.")
@click.option("--crs", default=None, help="System of a city model that names none.")
@click.option(
    "--least-area",
    "least_area_m2",
    type=click.FloatRange(0.0, 1000.0),
    default=4.0,
    show_default=True,
    help="Drop smaller footprints [m2].",
)
@options.overwrite_option
@options.json_option
def buildings_command(
    source: Path | None,
    out: Path,
    layer: str | None,
    id_column: str | None,
    area: Path | None,
    units: Path | None,
    dsm: Path | None,
    dtm: Path | None,
    crs: str | None,
    least_area_m2: float,
    overwrite: bool,
    as_json: bool,
) -> None:
    """
    Bring footprints into our columns; write a GeoPackage.

    FILE: GRB, 3D GRB, BAG or OpenStreetMap buildings, footprints of your own, CityJSON or CityGML.
    Without FILE they are derived from --dsm and --dtm, and labelled as such.
    """
    refuse_overwriting(out, overwrite=overwrite)
    record = prepare_buildings(
        BuildingsJob(
            out=out,
            source=source,
            layer=layer,
            id_column=id_column,
            area=area,
            units=units,
            dsm=dsm,
            dtm=dtm,
            crs=crs,
            least_area_m2=least_area_m2,
        )
    )
    report(record, out, as_json=as_json)


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` options as a mapping."""
    wrong = [value for value in values if "=" not in value]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no NAME=VALUE", param_hint=option)
    return dict(value.split("=", 1) for value in values)


@prepare_command.command("demand")
@click.argument("source", type=_PATH, metavar="TABLE")
@options.out_file_option
@click.option(
    "--reader",
    type=click.Choice(get_args(Reader)),
    default="fluvius_sector",
    show_default=True,
    help="Whose table.",
)
@click.option("--year", type=int, default=None, help="Year, when TABLE holds several.")
@click.option(
    "--area-column",
    default="geoitem",
    show_default=True,
    help="fluvius_sector: column that names the area.",
)
@click.option("--areas", type=_PATH, default=None, help="Layer of areas: rows of others go.")
@click.option("--id-column", default="area_id", show_default=True, help="Column of --areas.")
@click.option("--nis", default=None, help="Keep sectors of this municipality and its old parts.")
@click.option(
    "--map",
    "map_file",
    type=_PATH,
    default=None,
    help="CSV of prepare crosswalk: the table's areas to yours.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=YOURS",
    help="office: area, year, category, consumption, connections.",
)
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="WORD=OURS",
    help="office: your word for residential or non_residential.",
)
@click.option("--encoding", default="utf-8", show_default=True, help="office: utf-8 or cp1252.")
@click.option(
    "--decimal",
    type=click.Choice(["point", "comma"]),
    default="point",
    show_default=True,
    help="office: mark before decimals.",
)
@click.option("--sheet", default=None, help="office: sheet of a workbook.")
@options.overwrite_option
@options.json_option
def demand_command(
    source: Path,
    out: Path,
    reader: Reader,
    year: int | None,
    area_column: str,
    areas: Path | None,
    id_column: str,
    nis: str | None,
    map_file: Path | None,
    columns: tuple[str, ...],
    categories: tuple[str, ...],
    encoding: str,
    decimal: Decimal,
    sheet: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Bring a table of consumption into our own layout; write a CSV."""
    refuse_overwriting(out, overwrite=overwrite)
    mergers = read_mergers(share_folder("data") / "preparing" / "mergers.csv")
    named = _pairs(columns, "--column")
    unknown = sorted(set(named) - {f.name for f in fields(OfficeColumns)})
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is no column of ours", param_hint="--column")
    record = prepare_demand(
        DemandJob(
            source=source,
            out=out,
            reader=reader,
            year=year,
            area_column=area_column,
            areas=areas,
            id_column=id_column,
            nis=() if nis is None else codes_of(nis, mergers),
            area_map=None if map_file is None else read_map(map_file),
            columns=OfficeColumns(**named),
            categories=tuple(_pairs(categories, "--category").items()),
            written=OfficeFormat(encoding, decimal, sheet),
        )
    )
    report(record, out, as_json=as_json)


@prepare_command.command("crosswalk")
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH)
@options.out_file_option
@click.option("--old-id", required=True, help="Column that names the areas of OLD.")
@click.option("--new-id", required=True, help="Column that names the areas of NEW.")
@click.option("--buildings", type=_PATH, default=None, help="Footprints: shares of what is built.")
@options.overwrite_option
def crosswalk_command(
    old: Path,
    new: Path,
    out: Path,
    old_id: str,
    new_id: str,
    buildings: Path | None,
    overwrite: bool,
) -> None:
    """Find which areas of OLD lie in which of NEW, when codes changed; write a CSV."""
    refuse_overwriting(out, overwrite=overwrite)
    record = prepare_crosswalk(CrosswalkJob(old, new, old_id, new_id, out, buildings))
    report(record, out, as_json=False)


@prepare_command.command("context")
@click.argument("source", type=_PATH, metavar="FILE")
@options.out_file_option
@click.option("--kind", required=True, type=click.Choice(get_args(Kind)), help="What FILE holds.")
@click.option("--layer", default=None, help="Layer of FILE, when it holds several.")
@click.option("--id-column", default=None, help="Column that names a feature.")
@click.option("--name-column", default=None, help="Column with its name.")
@click.option("--area", type=_PATH, default=None, help="Keep what touches this layer.")
@click.option("--crs", default=None, help="System to write; degrees are brought to it.")
@options.overwrite_option
@options.json_option
def context_command(
    source: Path,
    out: Path,
    kind: Kind,
    layer: str | None,
    id_column: str | None,
    name_column: str | None,
    area: Path | None,
    crs: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Bring roads, water, parking, parcels, heritage and the like into a layer for a project."""
    refuse_overwriting(out, overwrite=overwrite)
    job = ContextJob(source, out, kind, layer, id_column, name_column, area, crs)
    report(prepare_context(job), out, as_json=as_json)
