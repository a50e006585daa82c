"""Rules of the server (docs/api.md lists them): too much, too long, or from outside."""

from __future__ import annotations

import asyncio
import time

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonnekaart.api.app import create_app
from zonnekaart.api.errors import CrowdedError
from zonnekaart.api.limits import MAX_TARGET_BYTES, RequestLimits
from zonnekaart.api.turns import Turns
from zonnekaart.config import Settings
from zonnekaart.io import live_tiles
from zonnekaart.io.warehouse import QueryTimeoutError

FUZZ = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


# ---- bodies, addresses, methods ----


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_no_request_may_carry_a_body(client, method):
    answer = client.request(method, "/api/zones", content=b"x" * 10)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_body_of_unknown_length_is_refused(client):
    answer = client.get("/api/zones", headers={"transfer-encoding": "chunked"})
    assert answer.status_code == 413


def test_long_addresses_are_refused(client):
    answer = client.get("/api/zones?" + "a" * MAX_TARGET_BYTES)
    assert answer.status_code == 414
    assert client.get("/api/zones/" + "a" * MAX_TARGET_BYTES).status_code == 414


@pytest.mark.parametrize("address", ["/api/project", "/tiles/zones.pmtiles", "/nope"])
def test_head_is_get_without_the_body(client, address):
    head, get = client.head(address), client.get(address)
    assert head.content == b""
    assert head.status_code == get.status_code
    assert head.headers["content-length"] == get.headers["content-length"]


# ---- numbers and time ----


def _call(app, path: str = "/x") -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    return app(scope, receive, send), sent


def test_more_requests_than_the_house_holds_are_sent_away():
    async def story() -> tuple[int, int, int]:
        go = asyncio.Event()

        async def slow(_: object, __: object, send) -> None:
            await go.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        limits = RequestLimits(slow, at_once=1)
        first, told = _call(limits)
        task = asyncio.create_task(first)
        await asyncio.sleep(0)
        second, refused = _call(limits)
        await second
        watched, seen = _call(limits, "/healthz")
        other = asyncio.create_task(watched)
        go.set()
        await asyncio.gather(task, other)
        return told[0]["status"], refused[0]["status"], seen[0]["status"]

    assert asyncio.run(story()) == (200, 429, 200)


def test_a_request_that_takes_too_long_is_given_up():
    async def never(*_: object) -> None:
        await asyncio.sleep(60)

    running, sent = _call(RequestLimits(never, at_once=1, seconds=0.05))
    asyncio.run(running)
    assert sent[0]["status"] == 504


def test_turns_are_kept_and_the_line_is_bounded():
    seen: list[int] = []

    async def story() -> tuple[list[object], Turns]:
        turns = Turns(at_once=1, waiting=2, patience_s=5.0)

        def work(number: int) -> int:
            seen.append(number)
            time.sleep(0.05)
            return number

        jobs = [turns.run(work, n) for n in range(5)]
        return await asyncio.gather(*jobs, return_exceptions=True), turns

    answers, turns = asyncio.run(story())
    assert seen == [a for a in answers if isinstance(a, int)]
    assert sum(isinstance(a, CrowdedError) for a in answers) == 5 - len(seen) >= 2
    assert turns.waiting == 0


def test_patience_ends():
    async def story() -> None:
        turns = Turns(at_once=1, waiting=9, patience_s=0.02)
        long = asyncio.create_task(turns.run(time.sleep, 0.3))
        await asyncio.sleep(0.05)
        with pytest.raises(CrowdedError):
            await turns.run(int)
        await long
        assert await turns.run(int) == 0

    asyncio.run(story())


def test_a_slow_query_is_a_504(build, web, monkeypatch):
    client = TestClient(create_app(Settings(build=build, web=web)))

    def slow(*_: object) -> None:
        raise QueryTimeoutError("took too long")

    monkeypatch.setattr("zonnekaart.io.features.FeatureLayer.page", slow)
    answer = client.get("/ogc/collections/zones/items")
    assert answer.status_code == 504
    assert answer.json()["code"] == "slow"


def test_a_tile_that_holds_too_much_is_refused(build, web, monkeypatch):
    client = TestClient(create_app(Settings(build=build, web=web)))
    monkeypatch.setattr(live_tiles, "MAX_TILE_BYTES", 10)
    west, _, _, north = client.get("/api/project").json()["bounds_lonlat"]
    from zonnekaart.geo.crs import transformer
    from zonnekaart.io.tiles import tile_of

    x, y = tile_of(*transformer("EPSG:4326", "EPSG:3857").transform(west + 1e-4, north - 1e-4), 18)
    answer = client.get(f"/tiles/zones/18/{x}/{y}.mvt")
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


# ---- other origins ----


def test_only_named_origins_may_read(build, web):
    ours = "https://gis.example.be"
    client = TestClient(create_app(Settings(build=build, web=web, cors=(ours,))))
    for origin, allowed in ((ours, ours), ("https://other.example", None), ("null", None)):
        answer = client.get("/api/project", headers={"origin": origin})
        assert answer.headers.get("access-control-allow-origin") == allowed
    preflight = client.options(
        "/api/project", headers={"origin": ours, "access-control-request-method": "DELETE"}
    )
    assert preflight.status_code == 400


# ---- wishes from nowhere ----


@FUZZ
@given(
    name=st.one_of(
        st.sampled_from(["use", "capacity_kwp__gte", "bbox", "crs", "bbox-crs", "limit", "offset"]),
        st.text(max_size=20),
    ),
    value=st.one_of(
        st.text(max_size=40),
        st.floats().map(str),
        st.integers().map(str),
        st.lists(st.floats(), min_size=4, max_size=6).map(lambda n: ",".join(map(str, n))),
        st.sampled_from(
            ["' OR 1=1 --", '"; DROP TABLE zones; --', "1); ATTACH 'x'", "%00", "\x00"]
        ),
    ),
)
def test_filters_from_nowhere_never_break(client, name, value):
    answer = client.get("/ogc/collections/buildings/items", params={name: value})
    assert answer.status_code in {200, 400, 414}
    if answer.status_code == 200:
        assert answer.json()["numberMatched"] <= 60


@FUZZ
@given(feature_id=st.text(min_size=1, max_size=80).filter(lambda text: text not in {".", ".."}))
def test_feature_ids_from_nowhere_never_break(client, feature_id):
    from urllib.parse import quote

    answer = client.get(f"/ogc/collections/buildings/items/{quote(feature_id, safe='')}")
    assert answer.status_code == 404 or feature_id.startswith("B0")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("bytes=0-6", 206),
        ("bytes=-10", 206),
        ("bytes=999999999-", 416),
        ("bytes=5-1", 400),
        ("bytes=" + ",".join(["0-"] * 2000), 414),
        ("lines=0-1", 400),
    ],
)
def test_ranges_of_archives(client, wanted, status):
    answer = client.get("/tiles/zones.pmtiles", headers={"range": wanted})
    assert answer.status_code == status or (status == 414 and answer.status_code < 500)
    if status == 206:
        assert answer.headers["content-range"].endswith(
            f"/{client.head('/tiles/zones.pmtiles').headers['content-length']}"
        )


def test_an_archive_is_that_of_publish(client, build):
    answer = client.get("/tiles/zones.pmtiles")
    assert answer.content == (build / "tiles" / "zones.pmtiles").read_bytes()
    tag = answer.headers["etag"]
    again = client.get("/tiles/zones.pmtiles", headers={"if-none-match": tag})
    assert again.status_code == 304
    assert (
        client.get("/raster/hillshade.tif").content
        == (build / "serving" / "hillshade.tif").read_bytes()
    )


# ---- meters ----


def test_meters_count_by_route_and_not_by_id(build, web):
    client = TestClient(create_app(Settings(build=build, web=web)))
    for zone in ("Z1", "Z2", "nope"):
        client.get(f"/api/zones/{zone}")
    client.get("/no/such/thing")
    client.get("/tiles/zones/1/0/0.mvt")
    text = client.get("/metrics").text
    route = 'route="/api/zones/{zone_id:path}"'
    assert f'zonnekaart_requests_total{{{route},status="200"}} 2.0' in text
    assert f'zonnekaart_requests_total{{{route},status="404"}} 1.0' in text
    assert 'zonnekaart_requests_total{route="none",status="404"} 1.0' in text
    assert 'zonnekaart_tiles_total{source="archive"} 1.0' in text
    assert "Z1" not in text


# ---- tiles asked for before ----


def test_a_kept_tile_is_the_first_one_again(build, web):
    client = TestClient(create_app(Settings(build=build, web=web, projects={"a": build})))
    run = client.get("/api/project").json()["run_id"]
    from zonnekaart.geo.crs import transformer
    from zonnekaart.io.tiles import tile_of

    west, _, _, north = client.get("/api/project").json()["bounds_lonlat"]
    x, y = tile_of(*transformer("EPSG:4326", "EPSG:3857").transform(west + 1e-4, north - 1e-4), 16)
    kept = 0
    for address in (
        f"/tiles/zones/16/{x}/{y}.mvt",
        f"/raster/irradiation/16/{x}/{y}.png",
        "/tiles/zones/16/1/1.mvt",
        f"/p/a/tiles/zones/16/{x}/{y}.mvt",
    ):
        for query in ("", f"?v={run}", "?v=old", "?x=1"):
            first = client.get(address + query)
            again = client.get(address + query)
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert dict(again.headers) == dict(first.headers)
            tag = first.headers.get("etag")
            if tag:
                unchanged = client.get(address + query, headers={"if-none-match": tag})
                assert unchanged.status_code == 304
                kept += 1
            kept += 2
        kept -= 1
    assert f'zonnekaart_tiles_total{{source="kept"}} {kept:.1f}' in client.get("/metrics").text
    # A tile of one kind is not found under the other's address.
    assert client.get(f"/raster/zones/16/{x}/{y}.png").status_code == 404
    assert client.get(f"/tiles/irradiation/16/{x}/{y}.mvt").status_code == 404


def test_a_kept_tile_needs_the_token_too(build, web):
    secret = "a long random text"  # noqa: S105 - of this test only
    client = TestClient(create_app(Settings(build=build, web=web, token=secret)))
    address, pass_it = "/tiles/zones/8/131/85.mvt", {"authorization": f"Bearer {secret}"}
    for _ in range(2):
        assert client.get(address, headers=pass_it).status_code in {200, 204}
        assert client.get(address).status_code == 401
