"""``prepare demand``: consumption of a provider, or of an office's table, in our own layout."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from zonnekaart.errors import ConfigError, TableError
from zonnekaart.io.files import replacing
from zonnekaart.io.provenance import Record
from zonnekaart.io.sources.consumption import CATEGORIES, COLUMNS, checked, listed
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated
from zonnekaart.io.sources.fluvius_nace import AREA, category_totals, read_fluvius_nace
from zonnekaart.io.sources.office_tables import (
    AS_WE_WRITE,
    OfficeFormat,
    office_numbers,
    read_office_table,
)
from zonnekaart.io.vector import read_layer

if TYPE_CHECKING:
    from pathlib import Path

Reader = Literal["fluvius_sector", "fluvius_nace", "office"]


@dataclass(frozen=True)
class OfficeColumns:
    """Names of an office's columns; `connections` may be absent."""

    area: str = "area_id"
    year: str = "year"
    category: str = "category"
    consumption: str = "consumption_kwh"
    connections: str | None = None


OUR_COLUMNS = OfficeColumns()


@dataclass(frozen=True)
class DemandJob:
    """
    What is asked of ``prepare demand``.

    Parameters
    ----------
    source, out : Path
        Table, and the CSV to write.
    reader : {"fluvius_sector", "fluvius_nace", "office"}
        Whose table.
    year : int, optional
        Year to keep, when the table holds several.
    area_column : str
        Of ``fluvius_sector``: column that names the area.
    areas : Path, optional
        Layer of areas: rows of others are dropped, and areas without a row are named.
    id_column : str
        Column of that layer.
    nis : tuple of str
        Keep areas whose code begins so.
    area_map : dict of str to str, optional
        The provider's areas to those of the layer.
    columns : OfficeColumns
        Of ``office``.
    categories : dict of str to str
        Of ``office``: its words for homes and for others, and ours.
    written : OfficeFormat
        Of ``office``.
    """

    source: Path
    out: Path
    reader: Reader = "fluvius_sector"
    year: int | None = None
    area_column: str = "geoitem"
    areas: Path | None = None
    id_column: str = "area_id"
    nis: tuple[str, ...] = ()
    area_map: dict[str, str] | None = None
    columns: OfficeColumns = OUR_COLUMNS
    categories: tuple[tuple[str, str], ...] = ()
    written: OfficeFormat = AS_WE_WRITE


def prepare_demand(job: DemandJob) -> Record:
    """
    Write a consumption table of our own layout, and its record.

    Parameters
    ----------
    job : DemandJob
        What to do.

    Returns
    -------
    Record
        Sources, steps, warnings, figures.

    Raises
    ------
    InputError
        If the table cannot be read, or nothing of it is left; nothing is written then.
    """
    options = {"reader": job.reader, "year": job.year, "nis": list(job.nis)}
    record = Record("prepare demand", options | {"written": asdict(job.written)})
    record.read(job.source)
    rows = _rows(job, record)
    rows = _of_place(rows, job, record)
    if rows.empty:
        raise TableError(
            str(job.source),
            "no row left",
            "rows of this place",
            "see what was dropped: " + "; ".join(record.lines()),
        )
    unknown = int(rows["consumption_kwh"].isna().sum())
    if unknown:
        record.warnings.append(f"{unknown} of {len(rows)} figures are unknown, which is not zero")
    partial = int((rows["missing_members"] > 0).sum())
    if partial:
        record.warnings.append(f"{partial} sums lack a member: they are lower bounds, left empty")
        rows["consumption_kwh"] = rows["consumption_kwh"].where(rows["missing_members"] == 0)
    record.facts |= {
        "rows": len(rows),
        "areas": int(rows["area_id"].nunique()),
        "consumption_kwh": float(rows["consumption_kwh"].sum()),
        "connections": float(rows["connections"].sum()),
        "unknown_rows": unknown + partial,
    }
    with replacing(job.out) as temporary:
        rows[list(COLUMNS)].to_csv(temporary, index=False)
    record.write(job.out)
    return record


def _rows(job: DemandJob, record: Record) -> pd.DataFrame:
    if job.reader == "fluvius_sector":
        column = "geoitem" if job.area_map is not None else job.area_column
        rows, unlocated = without_unlocated(read_fluvius_sector(job.source, job.year, column))
        if unlocated:
            record.warnings.append(f"{unlocated:.0f} kWh have no place at Fluvius and are left out")
    elif job.reader == "fluvius_nace":
        read = read_fluvius_nace(job.source, job.year)
        rest = read.loc[read["place"] != AREA, "consumption_kwh"].sum()
        record.warnings.append(f"{rest:.0f} kWh of all Flanders are suppressed or have no place")
        rows = category_totals(read, job.year)
    else:
        rows = _office(job)
    if job.area_map is None:
        return rows
    known = rows["area_id"].isin(job.area_map)
    record.did("dropped", int((~known).sum()), "rows", "areas that the map does not hold")
    return _joined(rows[known], job.area_map)


def _office(job: DemandJob) -> pd.DataFrame:
    table, names = read_office_table(job.source, job.written), job.columns
    wanted = [n for n in asdict(names).values() if n is not None]
    missing = [n for n in wanted if n not in table.columns]
    if missing:
        raise TableError(
            str(job.source),
            f"no column {listed(missing)}; there are {listed(table.columns)}",
            f"the columns {listed(wanted)}",
            "name yours: --column area=SECTOR and so on",
        )
    words = dict(job.categories) or {name: name for name in CATEGORIES}
    category = table[names.category].map(words)
    if category.isna().any():
        found = sorted(set(table.loc[category.isna(), names.category]))
        raise TableError(
            f"{job.source}: {names.category}",
            listed(found),
            listed(words),
            "say what they are: --category WORD=residential --category WORD=non_residential",
        )

    def read(column: str) -> pd.Series[float]:
        return office_numbers(table[column], job.written.decimal, f"{job.source}: {column}")

    rows = pd.DataFrame(
        {
            "area_id": table[names.area],
            "year": read(names.year).astype("Int64"),
            "category": category,
            "consumption_kwh": read(names.consumption),
            "connections": float("nan") if names.connections is None else read(names.connections),
            "missing_members": 0,
        }
    )
    return checked(rows, job.source, job.year)


def _joined(rows: pd.DataFrame, area_map: dict[str, str]) -> pd.DataFrame:
    """Sum the provider's areas to ours; one that lacks a row or a figure makes the sum partial."""
    moved = rows.assign(
        area_id=rows["area_id"].map(area_map),
        missing_members=rows["missing_members"] + rows["consumption_kwh"].isna(),
    )
    keys = ["area_id", "year", "category"]
    figures = ["consumption_kwh", "connections", "missing_members"]
    summed = moved.groupby(keys, as_index=False)[figures].sum(min_count=1)
    members = pd.Series(area_map).value_counts()
    seen = moved.groupby(keys).size().to_numpy()
    lacking = summed["area_id"].map(members).to_numpy() - seen
    summed["missing_members"] = summed["missing_members"].fillna(0).astype(int) + lacking
    return summed


def _of_place(rows: pd.DataFrame, job: DemandJob, record: Record) -> pd.DataFrame:
    if job.nis:
        inside = rows["area_id"].str.startswith(job.nis)
        record.did("dropped", int((~inside).sum()), "rows", f"outside {', '.join(job.nis)}")
        rows = rows[inside]
    if job.areas is None:
        return rows.reset_index(drop=True)
    layer = read_layer(job.areas)
    record.read(job.areas)
    if job.id_column not in layer:
        raise ConfigError(
            "--id-column", job.id_column, f"one of: {listed(layer.columns)}", "correct the name"
        )
    ids = set(layer[job.id_column].astype(str))
    known = rows["area_id"].isin(ids)
    record.did("dropped", int((~known).sum()), "rows", f"areas that are not in {job.areas.name}")
    rows = rows[known].reset_index(drop=True)
    without = sorted(ids - set(rows["area_id"]))
    if without:
        record.warnings.append(f"{len(without)} areas without a figure: {listed(without)}")
    if len(without) > len(ids) / 2:
        raise TableError(
            str(job.source),
            f"figures for {len(ids) - len(without)} of {len(ids)} areas",
            "codes of the same edition",
            "sector codes change: see zonnekaart prepare crosswalk",
        )
    return rows
