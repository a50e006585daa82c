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

from zonnekaart.config import load_project, share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.io.matrix import load_matrix
from zonnekaart.io.provenance import Record
from zonnekaart.io.rules import read_rules
from zonnekaart.pipelines import matrix
from zonnekaart.pipelines.check import gather, write_report
from zonnekaart.pipelines.matrix_export import FORMATS, export
from zonnekaart.pipelines.runs import StageContext
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


def test_gain_comes_from_the_ranking_when_there_is_one(town, tmp_path):
    yields = [{"annual_yield_kwh": kwh} for kwh in (2e6, 5e6, 1e6)]
    frame = pd.DataFrame(
        {
            "zone_id": ["a", "b", "c"],
            "gaps": [["MIS-01"], ["MIS-01", "MIS-02"], ["DEM-15"]],
            "indicators": yields,
        }
    )
    frame.to_parquet(tmp_path / "zones.parquet")
    project = load_project(town)
    plain = matrix.build(project, tmp_path)
    assert gap(plain, "MIS-01")["zone_ids"] == ["b", "a"]
    assert gap(plain, "MIS-01")["annual_yield_mwh"] == pytest.approx(7000.0)
    assert gap(plain, "MIS-01")["expected_zones"] is None
    assert [gap(plain, name)["rank"] for name in ("MIS-01", "MIS-02", "DEM-15")] == [1, 2, 3]
    pd.DataFrame(
        {
            "rank": [1, 2],
            "source_id": ["DEM-15", "MIS-01"],
            "zones_touched": [1, 2],
            "zones_undecided": [0, 1],
            "expected_zones": [0.4, float("nan")],
            "annual_yield_mwh": [1000.0, 7000.0],
        }
    ).to_parquet(tmp_path / "gap_ranking.parquet")
    ranked = matrix.build(project, tmp_path)
    assert gap(ranked, "DEM-15")["expected_zones"] == 0.4
    assert gap(ranked, "MIS-01")["rank"] == 2
    assert gap(ranked, "MIS-01")["expected_zones"] is None
    assert gap(ranked, "MIS-02")["rank"] is None


def test_gap_names_the_rules_and_figures_it_touches(content):
    found = gap(content, "MIS-01")
    assert {"net-vol", "net-krap"} <= set(found["rules"])
    assert "headroom_ratio" in found["outputs"]
    assert "overschot" in found["classes"]


def test_agreement_is_modelled_over_published(town, tmp_path):
    pd.DataFrame(
        {
            "published_kwh": [1000.0, 500.0, float("nan")],
            "covered_share": [1.0, 0.5, 1.0],
            "spread_kwh": [900.0, 250.0, 77.0],
        }
    ).to_parquet(tmp_path / "demand_areas.parquet")
    measured = matrix.build(load_project(town), tmp_path)
    assert entry(measured, "consumption")["agreement_ratio"] == pytest.approx(1150 / 1250)
    assert "disagrees" in entry(measured, "consumption")["weak"]


def test_record_of_preparing_feeds_licence_steps_and_warnings(town, tmp_path):
    shutil.copytree(town.parent, tmp_path / "town")
    file = tmp_path / "town" / "cabins.gpkg"
    record = Record("prepare cabins", {})
    record.read(file, title="Cabines", licence="CC BY 4.0", matrix_id="GRD-05")
    record.did("dropped", 3, "cabins", "outside the extent")
    record.warnings.append("two cabins share a place")
    record.write(file)
    text = (tmp_path / "town" / town.name).read_text("utf-8")
    start = text.index("[inputs.cabins.source]")
    end = text.find("\n[", start + 1)
    cut = text[:start] + (text[end + 1 :] if end > 0 else "")
    (tmp_path / "town" / town.name).write_text(cut, "utf-8")
    measured = matrix.build(load_project(tmp_path / "town" / town.name), tmp_path / "build")
    found = entry(measured, "cabins")
    assert found["licence"] == "CC BY 4.0"
    assert found["matrix_id"] == "GRD-05"
    assert found["record"]["steps"][0]["count"] == 3
    assert found["record"]["warnings"] == ["two cabins share a place"]
    assert "warned" in found["weak"]


def test_what_is_published_keeps_sums_and_paths_back(town, tmp_path):
    project = load_project(town)
    context = StageContext(project=project, build=tmp_path)
    write_report(gather(context), tmp_path)
    rules = read_rules(project.zoning.rules, project.folder, share_folder("data") / "rules")
    shown = json.loads(matrix.published(project, tmp_path, rules))
    facts = entry(shown, "consumption")["facts"]
    assert "known_share" in facts
    assert "consumption_kwh" not in facts
    assert entry(shown, "dsm")["building_share"] == 1.0
    assert str(town.parent) not in json.dumps(shown)
    assert set(gap(shown, "MIS-01")["rules"]) <= set(shown["rules"])


def test_without_a_check_nothing_is_measured(town, tmp_path):
    project = load_project(town)
    unread = matrix.content(project, tmp_path, None)
    assert entry(unread, "dsm")["area_share"] is None
    assert gap(unread, "MIS-01")["zones"] is None


def test_what_is_written_is_what_is_returned(town, tmp_path):
    returned = matrix.build(load_project(town), tmp_path)
    written = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(returned))


def test_xlsx_has_all_tables_with_units(content, tmp_path):
    export(content, "xlsx", tmp_path / "m.xlsx")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames[:5] == [
        "project",
        "project gaps",
        "properties",
        "sources",
        "missing",
    ]
    assert book.sheetnames[-1] == "metadata"
    assert book["sources"].max_row == 2 + 85
    head = [cell.value for cell in book["sources"][1]]
    units = [cell.value for cell in book["sources"][2]]
    assert units[head.index("access")] == "open | on_request | restricted | none"
    assert units[head.index("class_updated_year")] == "year"
    assert "f" not in {cell.data_type for row in book["sources"] for cell in row}


def test_properties_are_told_in_words_and_colours(content, tmp_path):
    export(content, "xlsx", tmp_path / "m.xlsx", language="fr")
    page = openpyxl.load_workbook(tmp_path / "m.xlsx")["properties"]
    head = [cell.value for cell in page[1]]
    assert len(head) == 4 + 14
    place = head.index("Accès")
    fills = {row[place].value: row[place].fill.start_color.rgb for row in page.iter_rows(min_row=3)}
    assert set(fills) == {"ouvert", "sur demande", "restreint", "fermé"}
    assert fills["ouvert"] != fills["sur demande"] != fills["fermé"]
    assert fills["sur demande"] == fills["restreint"]


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
    assert text.count("\n## ") == 14


# rdflib's own JSON-LD parser still makes one
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.shared
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
