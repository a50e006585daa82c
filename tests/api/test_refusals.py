from __future__ import annotations

import shutil

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonnekaart.api.app import create_app
from zonnekaart.api.errors import STATUS, failure_of
from zonnekaart.api.security import HEADERS, TOKEN_COOKIE
from zonnekaart.config import Settings
from zonnekaart.errors import ConfigError, NotBuiltError, RasterError, ZonnekaartError

NOT_FOUND = {"code": "not_found", "message": "there is nothing here"}
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize(
    "address",
    [
        "/api/zones/nope",
        "/api/zones/nope.csv",
        "/api/zones/%27%20OR%201%3D1%20--",
        "/tiles/nope.json",
        "/tiles/nope.pmtiles",
        "/tiles/hillshade.pmtiles",
        "/raster/zones.tif",
        "/p/nope/",
        "/p/nope",
        "/p/nope/api/zones",
        "/p/..%2fetc/api/zones",
        "/ogc/collections/nope",
        "/ogc/collections/background",
        "/ogc/collections/documents/items",
        "/ogc/collections/zone_details/items",
        "/ogc/collections/zones/items/nope",
        "/ogc/collections/hillshade/items",
        "/ogc/tileMatrixSets/WorldCRS84Quad",
        "/ogc/collections/zones/tiles/WebMercatorQuad/1/2/0",
        "/ogc/collections/zones/tiles/WorldCRS84Quad/1/0/0",
        "/tiles/nope/1/0/0.mvt",
        "/tiles/demand/14/0/0.mvt",
        "/tiles/zones/23/0/0.mvt",
        "/tiles/zones/-1/0/0.mvt",
        "/tiles/zones/1/2/0.mvt",
        "/tiles/zones/1/0/2.mvt",
        "/tiles/zones/1.5/0/0.mvt",
        "/tiles/zones/a/0/0.mvt",
        "/tiles/zones/1/0/0.png",
        "/raster/zones/1/0/0.png",
        "/raster/irradiation/99999999999999999999/0/0.png",
        "/raster/..%2firradiation/1/0/0.png",
        "/static/nope.js",
        "/static/package.json",
        "/static/node_modules/x/index.js",
        "/static/test/x.js",
        "/static/.secret.js",
        "/static/notes.py",
        "/static/link.js",
        "/static/vendor/maplibre-gl.mjs",
        "/vendor/nope.js",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/warehouse.duckdb",
        "/build/demand.parquet",
    ],
)
def test_what_is_not_there_is_one_and_the_same_404(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json() == NOT_FOUND


@pytest.mark.parametrize("prefix", ["/static/", "/vendor/", "/static/lang/"])
@pytest.mark.parametrize(
    "way",
    [
        "../conftest.py",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%252e%252e%252fetc%252fpasswd",
        "..\\..\\etc\\passwd",
        "%5c..%5cetc",
        "/etc/passwd",
        "//etc/passwd",
        "index.html%00.js",
        "index.html/",
        "./index.html",
        "lang/../index.html",
        "~root/.ssh/id",
        "file:///etc/passwd",
    ],
)
def test_no_way_out_of_the_list(client, prefix, way):
    answer = client.get(prefix + way)
    # The client itself folds plain dots away; what remains must not be outside the list.
    assert answer.status_code == 404 or answer.url.path in {"/static/index.html", "/index.html"}
    assert b"root:" not in answer.content


@FUZZ
@given(name=st.text(max_size=60))
def test_names_from_nowhere_never_break_static_files(client, name):
    from urllib.parse import quote

    answer = client.get("/static/" + quote(name, safe=""))
    assert answer.status_code in {200, 404}
    if answer.status_code == 200:
        assert name in {"index.html", "main.js", "lang/nl.json"}


@FUZZ
@given(
    layer=st.sampled_from(["zones", "roof_planes", "hillshade", "irradiation", "x", "..", "%00"]),
    z=st.one_of(st.integers(-3, 40), st.text(max_size=5)),
    x=st.integers(-5, 1 << 24),
    y=st.one_of(st.integers(-5, 1 << 24), st.floats(allow_nan=True)),
    door=st.sampled_from([("tiles", "mvt"), ("raster", "png")]),
)
def test_tile_ids_from_nowhere_never_break(client, layer, z, x, y, door):
    from urllib.parse import quote

    kind, ending = door
    answer = client.get(f"/{kind}/{quote(layer)}/{quote(str(z), safe='')}/{x}/{y}.{ending}")
    assert answer.status_code in {200, 204, 404}


@FUZZ
# The client itself folds a lone dot or two into the address above.
@given(zone_id=st.text(min_size=1, max_size=80).filter(lambda text: text not in {".", ".."}))
def test_zone_ids_from_nowhere_never_break(client, zone_id):
    from urllib.parse import quote

    answer = client.get(f"/api/zones/{quote(zone_id, safe='')}")
    assert answer.status_code == 404 or zone_id in {f"Z{i}" for i in range(1, 7)}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/", "/api/zones", "/api/zones/Z1", "/tiles/zones/1/0/0.mvt"])
def test_nothing_can_be_written(client, method, address):
    answer = client.request(method, address)
    assert answer.status_code == 405
    assert answer.json() == NOT_FOUND


@pytest.mark.parametrize(
    "address",
    [
        "/raster/irradiation/14/8413/5465.png?url=/etc/passwd",
        "/raster/irradiation/14/8413/5465.png?expression=b1*9**9**9&bidx=99&tilesize=40000",
    ],
)
def test_the_tiler_takes_no_orders(client, address):
    plain = client.get(address.partition("?")[0])
    ordered = client.get(address)
    assert (ordered.status_code, ordered.content) == (plain.status_code, plain.content)


@pytest.mark.parametrize("address", ["/", "/api/zones", "/nope", "/tiles/zones/1/9/9.mvt"])
def test_every_answer_carries_the_headers(client, address):
    answer = client.get(address)
    for name, value in HEADERS:
        assert answer.headers[name] == value
    assert "access-control-allow-origin" not in answer.headers


def test_policy_names_no_outside_host(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "http" not in policy
    assert "*" not in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src 'self';" in policy


def test_no_cross_origin_reading(client):
    answer = client.get("/api/zones", headers={"origin": "http://elsewhere.example"})
    assert not [h for h in answer.headers if h.startswith("access-control")]


def test_page_without_vendor_files_says_the_command(build, web, tmp_path):
    empty = tmp_path / "web"
    shutil.copytree(web, empty, ignore=shutil.ignore_patterns("vendor", "link.js"))
    answer = TestClient(create_app(Settings(build=build, web=empty))).get("/")
    assert answer.status_code == 503
    assert "make vendor" in answer.text


def test_before_publish_the_server_lives_but_is_not_ready(tmp_path, web):
    client = TestClient(create_app(Settings(build=tmp_path, web=web)))
    assert client.get("/healthz").status_code == 200
    for address in ("/readyz", "/api/project", "/api/zones", "/tiles/zones/1/0/0.mvt"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.json()["code"] == "not_built"
        assert str(tmp_path) not in answer.text


def test_a_new_publication_is_served_without_restart(build, web, tmp_path):
    own = tmp_path / "build"
    shutil.copytree(build, own)
    client = TestClient(create_app(Settings(build=own, web=web)))
    before = client.get("/api/project")
    text = (own / "published.json").read_text("utf-8")
    (own / "published.json").write_text(text.replace("Verzonnen.", "Nieuw!"), "utf-8")
    after = client.get("/api/project")
    assert before.json()["disclaimer"] == "Verzonnen."
    assert after.json()["disclaimer"] == "Nieuw!"


def test_a_broken_file_is_our_fault_and_the_rest_works(build, web, tmp_path):
    own = tmp_path / "build"
    shutil.copytree(build, own)
    path = own / "serving" / "irradiation.tif"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    client = TestClient(create_app(Settings(build=own, web=web)))
    seen = set()
    description = client.get("/api/project").json()
    (layer,) = [x for x in description["layers"] if x["id"] == "irradiation"]
    z = layer["maxzoom"]
    west, south, east, north = description["bounds_lonlat"]
    from zonnekaart.geo.crs import transformer
    from zonnekaart.io.tiles import tile_of

    to_web = transformer("EPSG:4326", "EPSG:3857")
    left, top = tile_of(*to_web.transform(west, north), z)
    right, bottom = tile_of(*to_web.transform(east, south), z)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            seen.add(client.get(f"/raster/irradiation/{z}/{x}/{y}.png").status_code)
    assert 503 in seen
    assert seen <= {200, 204, 503}
    assert client.get("/api/zones").status_code == 200


SECRET = "a long random text"  # noqa: S105 - of this test only


class TestToken:
    @pytest.fixture
    def guarded(self, build, web):
        return TestClient(create_app(Settings(build=build, web=web, token=SECRET)))

    def test_without_it_only_health_answers(self, guarded):
        assert guarded.get("/healthz").status_code == 200
        for address in ("/", "/api/zones", "/tiles/zones/1/0/0.mvt", "/static/main.js"):
            answer = guarded.get(address)
            assert answer.status_code == 401
            assert answer.headers["x-content-type-options"] == "nosniff"

    def test_programs_send_a_header(self, guarded):
        bearer = f"Bearer {SECRET}"
        assert guarded.get("/api/zones", headers={"authorization": bearer}).status_code == 200
        assert guarded.get("/api/zones", headers={"authorization": "Bearer no"}).status_code == 401
        assert guarded.get("/api/zones", headers={"authorization": "Basic x"}).status_code == 401

    def test_people_open_a_link_once(self, build, web):
        client = TestClient(create_app(Settings(build=build, web=web, token=SECRET)))
        welcome = client.get(f"/?token={SECRET}", follow_redirects=False)
        assert welcome.status_code == 303
        assert welcome.headers["location"] == "/"
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert TOKEN_COOKIE in client.cookies
        assert client.get("/api/zones").status_code == 200

    def test_a_wrong_link_opens_nothing(self, guarded):
        assert guarded.get("/?token=no", follow_redirects=False).status_code == 401
        assert guarded.get(f"/api/zones?token={SECRET}").status_code == 401


def test_other_addresses_need_a_token(build):
    with pytest.raises(ConfigError, match="token"):
        create_app(Settings(build=build, host="0.0.0.0"))  # noqa: S104 - what is refused
    create_app(Settings(build=build, host="0.0.0.0", token="x"))  # noqa: S104, S106 - allowed so


def test_statuses():
    assert failure_of(NotBuiltError("x", "y")).status == 503
    assert failure_of(RasterError("a", "b", "c", "d")).status == 503
    assert all(issubclass(kind, ZonnekaartError) for kind, _ in STATUS)


def test_an_unforeseen_fault_tells_nothing(build, web, monkeypatch, caplog):
    app = create_app(Settings(build=build, web=web))
    client = TestClient(app, raise_server_exceptions=False)

    def fail(*_: object) -> None:
        raise RuntimeError("a path in a message")

    monkeypatch.setattr("zonnekaart.api.results.Results.zone", fail)
    answer = client.get("/api/zones/Z1")
    assert answer.status_code == 500
    assert answer.json()["code"] == "fault"
    assert "path" not in answer.text
    assert "unforeseen" in caplog.text


def test_too_many_drawings_are_turned_away(build, web, monkeypatch):
    app = create_app(Settings(build=build, web=web))
    client = TestClient(app)
    results = app.state.publications.first.current()
    address = "/raster/hillshade/14/8411/5468.png"
    monkeypatch.setattr(results.drawing, "_room", 0)
    answer = client.get(address)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    monkeypatch.undo()
    assert client.get(address).status_code in {200, 204}
