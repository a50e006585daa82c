"""The data matrix as XLSX, CSV, Markdown, HTML and DCAT-AP JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from zonnekaart.errors import ConfigError
from zonnekaart.io.catalog import (
    CatalogInfo,
    Dataset,
    Distribution,
    Measurement,
    build_catalog,
)
from zonnekaart.io.experience import Experience
from zonnekaart.io.files import write_text
from zonnekaart.io.matrix import Matrix, MissingSource, Source, SourceClasses, matrix_folder
from zonnekaart.io.matrix_properties import PROPERTIES, properties, read_labels
from zonnekaart.io.matrix_texts import MissingTexts
from zonnekaart.io.report import texts, write_page
from zonnekaart.io.sheets import Column, Sheet, markdown, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

FORMATS = ("xlsx", "csv", "md", "html", "jsonld")
_FILE_FORMATS = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "geotiff": "image/tiff",
    "gpkg": "application/geopackage+sqlite3",
    "json": "application/json",
}
_YEARS = {"observed_year", "updated_year", "age_years"}
_SHARES = ("_share",)


def export(content: dict[str, Any], kind: str, out: Path, *, language: str = "nl") -> None:
    """
    Write the matrix for people or machines, atomically.

    Parameters
    ----------
    content : dict
        What `matrix.build` returned, or a `Matrix` as a dict when there is no project.
    kind : {"xlsx", "csv", "md", "html", "jsonld"}
        The format. CSV holds the sources and gaps in one table.
    out : Path
        The file.
    language : {"nl", "fr", "en"}
        Language that an HTML page opens in, and of the sheet of properties.

    Raises
    ------
    ConfigError
        If the format is not known.
    """
    if kind == "xlsx":
        tables = sheets(content)
        at = next(n for n, sheet in enumerate(tables) if sheet.name == "sources")
        tables.insert(at, properties_sheet(content, language))
        write_xlsx(out, tables, metadata(content))
    elif kind == "csv":
        write_csv(out, one_table(content))
    elif kind == "md":
        head = [f"# Data matrix{_of(content)}", "", *_lines(metadata(content)), ""]
        write_text(out, "\n".join(head) + "\n" + "\n".join(map(markdown, sheets(content))))
    elif kind == "html":
        _write_html(content, out, language)
    elif kind == "jsonld":
        write_text(out, catalog(content))
    else:
        raise ConfigError("--format", repr(kind), f"one of: {', '.join(FORMATS)}", "correct it")


def _of(content: dict[str, Any]) -> str:
    return f" of {content['project']['name']}" if "project" in content else ""


def _lines(meta: dict[str, str]) -> list[str]:
    return [f"- {key}: {value}" for key, value in meta.items()]


def metadata(content: dict[str, Any]) -> dict[str, str]:
    """Return what every file says of itself."""
    meta = {
        "title": f"zonnekaart data matrix{_of(content)}",
        "compiled": content["compiled"],
        "limits": "Compiled from public pages and repositories; no row was checked against a live "
        "service. Read `verification` and `confidence` before you rely on a row.",
        "unknown": "An empty cell is not known; it is not 0.",
        "licence": "Descriptions: CC0-1.0. The data sets keep the licence of their holders.",
    }
    if "project" in content:
        project = content["project"]
        meta["project"] = project["name"]
        meta["measured (UTC)"] = project["measured_utc"]
        meta["zonnekaart"] = project["version"]
        if project["illustrative"]:
            meta["illustrative"] = "Made-up data: nothing in this project exists."
    return meta


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Put the classes of a source beside its texts."""
    classes = {f"class_{key}": value for key, value in row.get("classes", {}).items()}
    return {**{k: v for k, v in row.items() if k != "classes"}, **classes}


def _unit(name: str, annotation: object) -> str:
    """Return the unit of a column, or the values it may hold."""
    if name.removeprefix("class_") in _YEARS:
        return "year"
    if name == "agreement_ratio":
        return "modelled / published"
    if name.endswith(_SHARES):
        return "share, 0-1"
    values = get_args(annotation)
    if values and all(isinstance(v, str) for v in values):
        return " | ".join(values)
    return {"kwp": "kWp", "order": "number"}.get(name, "text")


def _columns(model: type[BaseModel]) -> list[Column]:
    columns = []
    for name, field in model.model_fields.items():
        if field.annotation is SourceClasses:
            columns += [
                Column(f"class_{key}", _unit(key, part.annotation))
                for key, part in SourceClasses.model_fields.items()
            ]
        else:
            columns.append(Column(name, _unit(name, field.annotation)))
    return columns


def sheets(content: dict[str, Any]) -> list[Sheet]:
    """Return all tables: the project's inputs and gaps first, then sources, gaps, experience."""
    tables = [*_project_sheets(content)] if "project" in content else []
    tables.append(Sheet("sources", _columns(Source), [_flat(r) for r in content["sources"]]))
    tables.append(Sheet("missing", _columns(MissingSource), content["missing"]))
    for name, field in Experience.model_fields.items():
        (model,) = get_args(field.annotation)
        tables.append(Sheet(name, _columns(model), content["experience"][name]))
    return tables


def _project_sheets(content: dict[str, Any]) -> list[Sheet]:
    names = ["input", "matrix_id", "title", "holder", "licence", "date", "age_years"]
    names += ["area_share", "building_share", "connection_share", "completeness_share"]
    names += ["agreement_ratio", "weak", "outputs", "rules_fired", "limits", "facts"]
    inputs = Sheet("project", [Column(n, _unit(n, None)) for n in names], _inputs(content))
    titles = {row["id"]: row for row in content["missing"]}
    names_of = {row["id"]: row["name"] for row in content["sources"]}
    gaps = [
        {
            **gap,
            "title": titles.get(gap["id"], {}).get("title") or names_of.get(gap["id"]),
            "severity": titles.get(gap["id"], {}).get("severity"),
        }
        for gap in content["project"]["gaps"]
    ]
    units = {
        "status": "open | partly | filled",
        "zones": "number of zones",
        "zones_undecided": "number of zones",
        "expected_zones": "number of zones",
        "annual_yield_mwh": "MWh/year",
        "known_share": "share, 0-1",
    }
    order = ["rank", "id", "title", "severity", "status", "known_share", "zones"]
    order += ["zones_undecided", "expected_zones", "annual_yield_mwh", "rules", "outputs"]
    gaps.sort(key=lambda gap: (gap["rank"] is None, gap["rank"] or 0))
    return [inputs, Sheet("project gaps", [Column(n, units.get(n, "text")) for n in order], gaps)]


def _inputs(content: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = content["project"]["inputs"]
    return rows


def one_table(content: dict[str, Any]) -> Sheet:
    """Return sources and missing sources in one table, missing ones first."""
    columns = [Column("kind", "source | missing"), *_columns(Source)]
    extra = [c for c in _columns(MissingSource) if c.name not in {k.name for k in columns}]
    rows = [{"kind": "missing", **row} for row in content["missing"]]
    rows += [{"kind": "source", **_flat(row)} for row in content["sources"]]
    return Sheet("matrix", [*columns, *extra], rows)


def _write_html(content: dict[str, Any], out: Path, language: str) -> None:
    labels = texts("matrix.yaml")
    write_page(
        out,
        "matrix.html",
        {
            **labels,
            "language": language,
            "metadata": metadata(content),
            "compiled": content["compiled"],
            "names": read_labels(matrix_folder()).model_dump(mode="json"),
            "sources": _with_properties(content),
            "missing": _spoken(content),
            "project": content.get("project"),
        },
    )


def _with_properties(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sources with their properties as codes, heats and words."""
    return [
        {**row, "properties": properties(Source.model_validate(row))} for row in content["sources"]
    ]


def properties_sheet(content: dict[str, Any], language: str) -> Sheet:
    """Return sources against properties, in words and colours: the matrix at a glance."""
    labels = read_labels(matrix_folder())
    columns = [Column("id"), Column("side"), Column("name"), Column("owner")]
    for name in PROPERTIES:
        values = [getattr(word, language) for word in labels.values[name].values()]
        columns.append(Column(getattr(labels.properties[name], language), " | ".join(values)))
    rows, heats = [], []
    for row in _with_properties(content):
        cells = {key: row[key] for key in ("id", "name", "owner")}
        cells["side"] = getattr(labels.words["side"][row["side"]], language)
        colours = {}
        for name, found in row["properties"].items():
            head = getattr(labels.properties[name], language)
            text = getattr(labels.values[name][found["code"]], language)
            cells[head] = f"{text} {found['year']}" if found.get("year") else text
            colours[head] = found["heat"]
        rows.append(cells)
        heats.append(colours)
    return Sheet("properties", columns, rows, heats)


def _ranked(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the missing sources, those that a project should ask for first on top."""
    gaps = content.get("project", {}).get("gaps", [])
    ranks = {gap["id"]: gap["rank"] for gap in gaps if gap["rank"] is not None}
    rows: list[dict[str, Any]] = content["missing"]
    return sorted(rows, key=lambda row: ranks.get(row["id"], len(rows)))


def _spoken(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the missing sources with their texts in every language."""
    rows = []
    for row in _ranked(content):
        words = {name: {"en": row[name]} for name in MissingTexts.model_fields}
        for code, translation in content["translations"].items():
            for name, text in translation["missing"][row["id"]].items():
                words[name][code] = text
        rows.append({**row, **words})
    return rows


def catalog(content: dict[str, Any]) -> str:
    """
    Return the sources as a DCAT-AP 3 catalogue, with measured coverage as quality figures.

    Parameters
    ----------
    content : dict
        As for `export`.
    """
    matrix = Matrix.model_validate({k: content[k] for k in Matrix.model_fields})
    measured: dict[str, list[Measurement]] = {}
    slug = "matrix"
    if "project" in content:
        slug = f"matrix-{content['project']['slug']}"
        for entry in _inputs(content):
            if entry["matrix_id"]:
                measured.setdefault(entry["matrix_id"], []).extend(_measurements(entry))
    info = CatalogInfo(
        id=slug,
        title={"nl": "Datamatrix zonnekaart", "en": "zonnekaart data matrix"},
        description={
            "nl": "Bronnen voor een zon-zoneringskaart: aanbod, vraag, net, beleid en context.",
            "en": metadata(content)["limits"],
        },
        publisher="zonnekaart",
        modified=matrix.compiled,
    )
    return build_catalog(info, [_dataset(row, measured.get(row.id, [])) for row in matrix.sources])


def _measurements(entry: dict[str, Any]) -> list[Measurement]:
    labels = {
        "area_share": "Share of the project's area that the data covers, 0 to 1",
        "building_share": "Share of the project's buildings that the data covers, 0 to 1",
        "connection_share": "Share of the counted connections whose figure is published, 0 to 1",
        "completeness_share": "Share of the values in the data that are known, 0 to 1",
        "agreement_ratio": "Modelled total over the published total",
        "age_years": "Age of the content in years",
    }
    return [
        Measurement(f"{entry['input']}_{name}", float(entry[name]), label)
        for name, label in labels.items()
        if entry[name] is not None
    ]


def _dataset(row: Source, measurements: list[Measurement]) -> Dataset:
    addresses = [part.rstrip(".") for part in row.service.split() if part.startswith("http")]
    kind = next((m for f, m in _FILE_FORMATS.items() if f in row.formats.lower()), None)
    terms = row.licence if row.classes.licence in {"open", "share_alike", "restricted"} else None
    year = row.classes.observed_year
    return Dataset(
        id=row.id,
        title={"en": row.name},
        description={"en": f"{row.description} Limits: {row.quality_limitations}."},
        publisher=row.owner,
        distributions=[
            Distribution(url, f"{row.name}: {row.service}", kind, licence=terms)
            for url in addresses[:1]
        ],
        keywords=[row.side, row.classes.grain, row.access],
        spatial=row.spatial_coverage,
        temporal=(str(year), str(year)) if year else None,
        modified=str(row.classes.updated_year) if row.classes.updated_year else None,
        landing_pages=row.addresses,
        rights=f"access: {row.access}. licence: {row.licence}. privacy: {row.privacy}. "
        f"confidence: {row.confidence}. verification: {row.verification}",
        measurements=measurements,
    )
