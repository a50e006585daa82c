from __future__ import annotations

import csv
import io
import json
import math

import mapbox_vector_tile
import numpy as np
import pytest
from PIL import Image

from zonnekaart.io.publishable import DEMAND_FIGURES, PUBLISHABLE
from zonnekaart.io.tiles import WORLD_M, tile_of
from zonnekaart.quantities import INDICATORS, LANGUAGES, interval_of

HIDDEN = "Z5"


def _web_mercator(lon: float, lat: float) -> tuple[float, float]:
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
    return lon / 360 * WORLD_M, y * WORLD_M


def _middle_tile(client, z: int) -> tuple[int, int]:
    west, south, east, north = client.get("/api/project").json()["bounds_lonlat"]
    return tile_of(*_web_mercator((west + east) / 2 + 1e-4, (south + north) / 2 + 1e-4), z)


def _features(client, layer: str, z: int) -> list[dict[str, object]]:
    west, south, east, north = client.get("/api/project").json()["bounds_lonlat"]
    left, top = tile_of(*_web_mercator(west, north), z)
    right, bottom = tile_of(*_web_mercator(east, south), z)
    found = []
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt")
            if answer.status_code == 200:
                found += mapbox_vector_tile.decode(answer.content)[layer]["features"]
    return [f["properties"] for f in found]


def test_health_and_readiness(client):
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["stages"] == ["publish"]


def test_project_says_what_the_screen_needs(client):
    project = client.get("/api/project").json()
    assert project["name"] == "Voorbeeld =1+1"
    assert project["illustrative"] is True
    west, south, east, north = project["bounds_lonlat"]
    assert 4.79 < west < east < 4.81
    assert 51.09 < south < north < 51.10
    assert [c["zones"] for c in project["classes"]] == [1, 1, 1, 1, 0, 2]
    assert {x["id"] for x in project["layers"]} == {
        "zones",
        "cabin_areas",
        "advised_zones",
        "buildings",
        "roof_planes",
        "roof_panels",
        "sharing_proposals",
        "sharing_links",
        "background",
        "irradiation",
        "hillshade",
    }
    assert set(project["summary"]) == set(LANGUAGES)
    assert "GWh" in project["summary"]["nl"]
    assert project["weather"]["annual_ghi_kwh_m2"] == pytest.approx(1050, abs=1)


def test_totals_leave_hidden_demand_out(client):
    totals = client.get("/api/project").json()["totals"]
    assert (totals["zones"], totals["zones_with_demand"]) == (6, 5)
    assert totals["consumption_kwh"] == {
        "value": 1_500_000.0,
        "low": 1_300_000.0,
        "high": 1_750_000.0,
        "unit": "kWh",
    }
    rows = client.get("/api/zones").json()
    assert totals["annual_yield_kwh"]["value"] == pytest.approx(
        sum(r["annual_yield_kwh"] for r in rows)
    )


def test_top_lists_name_zones_once_and_a_rule_twice_at_most(client):
    project = client.get("/api/project").json()
    for kind in ("top_opportunities", "top_bottlenecks"):
        zones = [r["zone_id"] for r in project[kind]]
        assert zones
        assert len(set(zones)) == len(zones)
        assert len(zones) == 2
        for top in project[kind]:
            reasons = client.get(f"/api/zones/{top['zone_id']}").json()[kind.removeprefix("top_")]
            reason = next(r for r in reasons if r["rule_id"] == top["rule_id"])
            assert all(top[key] == reason[key] for key in ("indicator", "value", "unit"))
        assert all("{" not in r["reason"][lang] for r in project[kind] for lang in LANGUAGES)


def test_rows_are_ordered_by_yield(client):
    rows = client.get("/api/zones").json()
    yields = [r["annual_yield_kwh"] for r in rows]
    assert len(rows) == 6
    assert yields == sorted(yields, reverse=True)
    for row in rows:
        west, south, east, north = row["bounds_lonlat"]
        lon, lat = row["center_lonlat"]
        assert west < lon < east
        assert south < lat < north


def test_zone_panel(client):
    zone = client.get("/api/zones/Z2").json()
    expected = set(INDICATORS) - {e for n in INDICATORS for e in interval_of(n) or ()}
    assert set(zone["indicators"]) == expected
    assert zone["indicators"]["pv_headroom_kw"] == {
        "value": 100.0,
        "low": 80.0,
        "high": 140.0,
        "unit": "kW",
    }
    assert zone["indicators"]["used_share"]["value"] is None
    assert zone["indicators"]["existing_kwp"]["value"] == 0
    (bottleneck,) = zone["bottlenecks"]
    assert "1,2" in bottleneck["reason"]["nl"]
    assert "1.2" in bottleneck["reason"]["en"]
    assert bottleneck["source"].startswith("http")
    (flip,) = zone["flips"]
    assert "120" in flip["sentence"]["nl"]
    assert "delen" in flip["sentence"]["nl"]
    assert [g["id"] for g in zone["gaps"]] == ["MIS-01", "DEM-15"]
    assert zone["gaps"][0]["severity"] == "blocking"
    assert zone["gaps"][0]["title"]["nl"].startswith("Laagspanningsnet")
    assert zone["gaps"][0]["proxy"]["fr"].startswith("Carte de capacité")
    assert len(set(zone["gaps"][1]["title"].values())) == 1
    action = zone["actions"][0]
    for field in ("title", "text", "caveat", "example"):
        assert len({action[field][lang] for lang in LANGUAGES}) == 3
    assert action["who"]["nl"] == "Klimaatambtenaar, burgercoöperatie"
    assert action["example"]["nl"].startswith("Buurzame Stroom, Gent")
    assert len(zone["typical_days"]["june"]["supply_kw"]) == 96
    assert len(zone["monthly"]["consumption_kwh"]) == 12
    assert sum(zone["class_probabilities"].values()) == pytest.approx(1.0)


def test_hidden_zone_tells_supply_and_no_demand(client):
    zone = client.get(f"/api/zones/{HIDDEN}").json()
    assert zone["published"] is False
    assert "10" in zone["privacy_note"]["fr"]
    assert zone["indicators"]["annual_yield_kwh"]["value"] > 0
    for name in DEMAND_FIGURES & set(zone["indicators"]):
        assert set(zone["indicators"][name].values()) <= {None, zone["indicators"][name]["unit"]}
    for day in zone["typical_days"].values():
        assert set(day["demand_kw"]) == {None}
        assert max(day["supply_kw"]) > 0
    assert set(zone["monthly"]["consumption_kwh"]) == {None}


def test_zone_sheet_opens_as_text_not_as_formula(client):
    answer = client.get("/api/zones/Z1.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="zone-Z1.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["text_nl"] == "'=HYPERLINK(1)"
    figures = {r["name"]: r for r in rows if r["part"] == "indicator"}
    assert float(figures["consumption_kwh"]["value"]) == 300_000.0
    assert figures["used_share"]["value"] == ""
    assert figures["used_share"]["unit"] == "-"
    assert {"opportunity", "bottleneck", "flip", "action", "gap"} <= {r["part"] for r in rows}
    action = next(r for r in rows if r["part"] == "action")
    assert action["text_fr"].startswith("Choisir des quartiers solaires")
    assert len({action[f"text_{lang}"] for lang in LANGUAGES}) == 3


def test_sheet_of_a_hidden_zone_says_why_in_each_language(client):
    text = client.get(f"/api/zones/{HIDDEN}.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    note = next(r for r in rows if r["name"] == "published")
    assert note["text_nl"].startswith("Het verbruik wordt niet getoond")
    assert note["text_fr"].startswith("La consommation n’est pas montrée")


def test_rules_have_reasons_and_sources(client):
    rules = client.get("/api/rules").json()
    assert len(rules["rules"]) >= 8
    assert all(set(r["reason"]) == set(LANGUAGES) and r["source"] for r in rules["rules"])


def test_labels_of_advised_zones_are_points_inside_them(client):
    labels = client.get("/api/advised_labels.geojson").json()
    assert len(labels["features"]) == 5
    first = labels["features"][0]
    assert first["geometry"]["type"] == "Point"
    assert set(first["properties"]) == {"advised_id", "name", "zone_class", "confidence"}


def test_sliders_get_figures_steps_and_scenarios(client):
    live = client.get("/api/live").json()
    assert live["zone_ids"] == [f"Z{n}" for n in range(1, 7)]
    assert [rules["id"] for rules in live["rules"]] == ["default", "ambitieus", "voorzichtig"]
    assert all(rules["steps"][-1]["conditions"] == [] for rules in live["rules"])
    assert [s["id"] for s in live["scenarios"]] == ["helft"]
    assert live["scenarios"][0]["levers"]["adoption"] == 0.5
    columns = [*live["indicators"].values(), *live["scenarios"][0]["figures"].values()]
    assert {len(column) for column in columns} == {6}
    asked = {c["indicator"] for r in live["rules"] for s in r["steps"] for c in s["conditions"]}
    worked_out = {"headroom_ratio", "sharing_gain", "surplus_share", "yield_demand_ratio"}
    assert asked - worked_out <= set(live["indicators"])
    # More of a car's charging falls at night than of a load that never changes.
    assert 0.0 < live["assumptions"]["car_match"] < 1.0


def test_sliders_tell_no_demand_of_a_hidden_zone(client):
    text = client.get("/api/live").text
    live = json.loads(text)
    at = live["hidden"].index(True)
    assert live["hidden"].count(True) == 1
    assert live["zone_ids"][at] == HIDDEN
    told = {name for name, column in live["indicators"].items() if column[at] is not None}
    assert not told & set(DEMAND_FIGURES)
    assert live["min_load_sunny_kw"][at] is None
    assert all(rules["pv_headroom_kw"][at] is None for rules in live["rules"])
    for scenario in live["scenarios"]:
        assert all(column[at] is None for column in scenario["figures"].values())


def test_proposals_are_shown_without_energy_and_only_of_large_mixed_groups(client):
    found = _features(client, "sharing_proposals", 17)
    assert {row["group_id"] for row in found} == {"proposal-00001"}
    assert set().union(*found) <= set(PUBLISHABLE["sharing_proposals"])
    links = _features(client, "sharing_links", 17)
    assert {row["group_id"] for row in links} == {"proposal-00001"}
    # Five buildings are joined by four lines, whoever gives.
    assert len({row["link_id"] for row in links}) == 4
    assert set().union(*links) <= set(PUBLISHABLE["sharing_links"])


def test_single_panels_are_on_the_map(client):
    panels = _features(client, "roof_panels", 17)
    assert len({row["panel_id"] for row in panels}) == 60


def test_labels_are_points_of_zones(client):
    labels = client.get("/api/labels.geojson").json()
    assert len(labels["features"]) == 6
    assert labels["features"][0]["geometry"]["type"] == "Point"


def test_style_points_at_this_server_only(client):
    text = client.get("/api/style.json").text
    style = json.loads(text)
    run = client.get("/api/project").json()["run_id"]
    assert style["sources"]["zones"]["tiles"] == [
        f"http://testserver/tiles/zones/{{z}}/{{x}}/{{y}}.mvt?v={run}"
    ]
    assert all(part.startswith("http://testserver/") for part in text.split('"') if "//" in part)


@pytest.mark.parametrize(
    ("layer", "z", "count"), [("zones", 14, 6), ("buildings", 15, 60), ("roof_planes", 16, 120)]
)
def test_tiles_hold_every_feature_and_only_public_columns(client, layer, z, count):
    found = _features(client, layer, z)
    key = {"zones": "zone_id", "buildings": "building_id", "roof_planes": "plane_id"}[layer]
    assert len({f[key] for f in found}) == count
    assert set().union(*found) <= set(PUBLISHABLE[layer])


def test_tiles_of_hidden_zone_hold_no_demand(client):
    found = [f for f in _features(client, "zones", 16) if f["zone_id"] == HIDDEN]
    assert found
    assert not DEMAND_FIGURES & set().union(*found)


def test_background_has_water_road_and_buildings(client):
    assert {f["kind"] for f in _features(client, "background", 14)} == {"building", "road", "water"}


def test_tilejson_follows_its_schema(client, shared_standards):
    import jsonschema

    schema = json.loads((shared_standards / "tilejson-3.0.0" / "schema.json").read_text("utf-8"))
    for layer in ("zones", "buildings", "roof_planes", "background", "irradiation", "hillshade"):
        description = client.get(f"/tiles/{layer}.json").json()
        jsonschema.validate(description, schema)
        z, x, y = description["minzoom"], 0, 0
        url = description["tiles"][0].format(z=z, x=x, y=y)
        assert client.get(url).status_code in {200, 204}


def test_irradiation_tile_is_cividis_with_holes(client):
    x, y = _middle_tile(client, 16)
    answer = client.get(f"/raster/irradiation/16/{x}/{y}.png")
    assert answer.headers["content-type"] == "image/png"
    pixels = np.array(Image.open(io.BytesIO(answer.content)).convert("RGBA"))
    assert pixels.shape == (256, 256, 4)
    seen = pixels[pixels[..., 3] == 255]
    # Two thirds up cividis for open ground of 900 of 300 to 1200 kWh/m2.
    common = np.unique(seen, axis=0, return_counts=True)
    ground = common[0][np.argmax(common[1])][:3]
    assert np.abs(ground.astype(int) - [0xA5, 0x9C, 0x74]).max() <= 4


def test_hillshade_tile_is_grey(client):
    x, y = _middle_tile(client, 16)
    image = Image.open(io.BytesIO(client.get(f"/raster/hillshade/16/{x}/{y}.png").content))
    pixels = np.array(image.convert("RGBA"))
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 1] == pixels[..., 2]).all()


def test_outside_is_204_without_body(client):
    for address in ("/tiles/zones/14/0/0.mvt", "/raster/hillshade/16/0/0.png"):
        answer = client.get(address)
        assert answer.status_code == 204
        assert answer.content == b""


def test_catalogue_lists_inputs_and_results(client):
    catalogue = client.get("/catalog")
    assert catalogue.headers["content-type"].startswith("application/ld+json")
    ids = {node.get("dct:identifier") for node in catalogue.json()["@graph"]}
    assert {"input-dsm", "result-zones", "result-irradiation"} <= ids


# rdflib's own JSON-LD parser still makes one
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_catalogue_passes_dcat_ap_shapes(client, shared_standards):
    import pyshacl
    from rdflib import Graph
    from rdflib.namespace import SH

    shapes = Graph()
    for name in ("dcat-ap-SHACL.ttl", "ranges.ttl"):
        shapes.parse(shared_standards / "dcat-ap-3.0.1" / name)
    # Five references point at property shapes that stand in other files.
    for subject, shape in list(shapes.subject_objects(SH.property)):
        if (shape, SH.path, None) not in shapes:
            shapes.remove((subject, SH.property, shape))
    data = Graph().parse(data=client.get("/catalog").text, format="json-ld")
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes, do_owl_imports=False)
    assert conforms, report


def test_stored_gzip_passes_through_and_is_undone_on_wish(client):
    x, y = _middle_tile(client, 16)
    address = f"/tiles/zones/16/{x}/{y}.mvt"
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [("br, gzip", "br"), ("gzip", "gzip"), ("gzip;q=0", None), ("", None), ("BR", "br")],
)
def test_json_is_compressed_as_the_client_wishes(client, accept, encoding):
    answer = client.get("/api/zones", headers={"accept-encoding": accept})
    assert answer.headers.get("content-encoding") == encoding
    assert len(answer.json()) == 6


def test_same_body_is_sent_once(client):
    for address in ("/api/project", "/api/zones/Z1", "/static/main.js"):
        first = client.get(address)
        tag = first.headers["etag"]
        again = client.get(address, headers={"if-none-match": f'W/"x", {tag}'})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert client.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_only_the_right_run_id_lets_a_tile_be_kept(client):
    x, y = _middle_tile(client, 16)
    run = client.get("/api/project").json()["run_id"]
    kept = client.get(f"/tiles/zones/16/{x}/{y}.mvt?v={run}")
    stale = client.get(f"/tiles/zones/16/{x}/{y}.mvt?v=old")
    assert "immutable" in kept.headers["cache-control"]
    assert stale.headers["cache-control"] == "no-cache"


def test_gzip_is_the_same_each_time(client):
    answers = [
        client.get("/api/project", headers={"accept-encoding": "gzip"}).headers["etag"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]


def test_money_of_a_zone_has_ranges_dates_and_reasons(client):
    found = client.get("/api/zones/Z1").json()["economics"]
    assert [(r["owner_type"], r["sizing"]) for r in found] == [
        ("home", "roof"),
        ("home", "demand"),
        ("flat", "roof"),
    ]
    home, flat = found[0], found[2]
    assert home["payback"] == {"value": 12.0, "low": 7.3, "high": 28.0, "unit": "year"}
    assert (home["tariff_from"], home["reason"]) == ("2024", None)
    assert flat["payback"]["value"] is None
    assert flat["reason"] == "no_tariff"
    assert len({flat["reason_text"][language] for language in LANGUAGES}) == 3
    assert client.get("/api/zones/Z2").json()["economics"] == []
    sheet = client.get("/api/zones/Z1.csv").text
    assert 'economics,"home, roof, payback",12.0,7.3,28.0,year' in sheet
