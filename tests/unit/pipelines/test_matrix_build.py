"""The matrix of a project: measured coverage, gaps, checks of the rows, exports."""

from __future__ import annotations

import html
import json
import re
import shutil

import geopandas as gpd
import openpyxl
import pandas as pd
import pyshacl
import pytest
from rdflib import Graph, Namespace
from rdflib.namespace import DCAT, RDF

from zonnekaart.config import load_project
from zonnekaart.errors import ConfigError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.pipelines import matrix
from zonnekaart.pipelines.matrix_export import FORMATS, export
from zonnekaart.pipelines.town import build_town


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return build_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def content(town, tmp_path_factory):
    return matrix.build(load_project(town), tmp_path_factory.mktemp("build"))


def entry(content, name):
    return next(e for e in content["project"]["inputs"] if e["input"] == name)


def gap(content, name):
    return next(g for g in content["project"]["gaps"] if g["id"] == name)


def test_coverage_is_measured_on_the_files(content, town):
    buildings = gpd.read_file(town.parent / "buildings.gpkg")
    cabins = gpd.read_file(town.parent / "cabins.gpkg")
    assert entry(content, "dsm")["building_share"] == 1.0
    assert entry(content, "dsm")["area_share"] == pytest.approx(1.0)
    known = float(buildings["existing_kwp"].notna().mean())
    assert gap(content, "MIS-02")["known_share"] == pytest.approx(known, abs=1e-4)
    assert gap(content, "MIS-02")["status"] == ("filled" if known >= 0.95 else "partly")
    rated = float(cabins["rated_kva"].notna().mean())
    assert gap(content, "MIS-01")["known_share"] == pytest.approx(rated)
    assert gap(content, "MIS-06")["status"] == "open"


def test_smaller_heights_cover_less(town, tmp_path):
    shutil.copytree(town.parent, tmp_path / "town")
    areas = gpd.read_file(tmp_path / "town" / "areas.gpkg")
    moved = areas.set_geometry(areas.translate(450.0, 0.0))
    (tmp_path / "town" / "areas.gpkg").unlink()
    moved.to_file(tmp_path / "town" / "areas.gpkg", layer="areas")
    project = load_project(tmp_path / "town" / town.name)
    measured = matrix.build(project, tmp_path / "build")
    assert entry(measured, "dsm")["area_share"] == pytest.approx(0.5, abs=0.01)


def test_zones_that_name_a_gap_are_counted(town, tmp_path):
    frame = pd.DataFrame({"gaps": [["MIS-01"], ["MIS-01", "MIS-02"], []]})
    frame.to_parquet(tmp_path / "zones.parquet")
    measured = matrix.build(load_project(town), tmp_path)
    assert gap(measured, "MIS-01")["zones"] == 2
    assert gap(measured, "MIS-03")["zones"] == 0


def test_what_is_written_is_what_is_returned(town, tmp_path):
    returned = matrix.build(load_project(town), tmp_path)
    written = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(returned))


def test_xlsx_has_all_tables_with_units(content, tmp_path):
    export(content, "xlsx", tmp_path / "m.xlsx")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames[:4] == ["project", "project gaps", "sources", "missing"]
    assert book.sheetnames[-1] == "metadata"
    assert book["sources"].max_row == 2 + 85
    head = [cell.value for cell in book["sources"][1]]
    units = [cell.value for cell in book["sources"][2]]
    assert units[head.index("access")] == "open | on_request | restricted | none"
    assert units[head.index("class_updated_year")] == "year"
    assert "f" not in {cell.data_type for row in book["sources"] for cell in row}


def test_csv_holds_sources_and_gaps(content, tmp_path):
    export(content, "csv", tmp_path / "m.csv")
    table = pd.read_csv(tmp_path / "m.csv")
    assert table["kind"].value_counts().to_dict() == {"source": 85, "missing": 22}
    assert table["id"].is_unique


def test_page_calls_no_host_and_shows_every_row(content, tmp_path):
    export(content, "html", tmp_path / "m.html")
    page = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", page)
    for row in load_matrix().sources:
        assert f'id="{row.id}"' in page
    for text in ("Wat ontbreekt", "Ce qui manque", "What is missing"):
        assert text in page
    gap = load_matrix().missing[21]
    for text in load_matrix().texts("missing", gap, "why").values():
        assert html.escape(text) in page


def test_page_escapes_what_it_shows(content, tmp_path):
    evil = json.loads(json.dumps(content))
    evil["project"]["name"] = "<script>alert(1)</script>"
    export(evil, "html", tmp_path / "m.html")
    assert "<script>alert" not in (tmp_path / "m.html").read_text(encoding="utf-8")


def test_markdown_says_its_limits(content, tmp_path):
    export(content, "md", tmp_path / "m.md")
    text = (tmp_path / "m.md").read_text(encoding="utf-8")
    assert "no row was checked against a live" in text
    assert text.count("\n## ") == 13


# rdflib's own JSON-LD parser still makes one
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_catalogue_conforms_and_carries_measurements(content, tmp_path, shared_standards):
    export(content, "jsonld", tmp_path / "m.jsonld")
    graph = Graph().parse(tmp_path / "m.jsonld", format="json-ld")
    shape = Namespace("http://www.w3.org/ns/shacl#")
    shapes = Graph()
    for name in ("dcat-ap-SHACL.ttl", "ranges.ttl"):
        shapes.parse(shared_standards / "dcat-ap-3.0.1" / name)
    for triple in list(shapes.triples((None, shape.property, None))):
        if (triple[2], shape.path, None) not in shapes:
            shapes.remove(triple)
    ok, _, report = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    assert ok, report
    assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 85


def test_matrix_without_a_project_exports_too(tmp_path):
    plain = load_matrix().model_dump(mode="json")
    for kind in FORMATS:
        export(plain, kind, tmp_path / f"m.{kind}")
        assert (tmp_path / f"m.{kind}").stat().st_size > 50_000


def test_unknown_format_is_refused(content, tmp_path):
    with pytest.raises(ConfigError, match="xlsx, csv, md, html, jsonld"):
        export(content, "pdf", tmp_path / "m.pdf")
