"""The client: patient, resuming, cached, and never half."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from zonnekaart.io.services.http import Client, Politeness, ServiceError, json_of

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Politeness(requests_per_second=20.0, attempts=3, first_wait_s=0.01, timeout_s=2.0)
Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_the_second_time_the_cache_answers(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        say(handler, b"data")

    with serving(answer) as url:
        client = Client(tmp_path, QUICK)
        first = client.get(f"{url}/a", {"q": "1", "s": ["x", "y"]})
        assert first.read_bytes() == b"data"
        assert client.get(f"{url}/a", {"q": "1", "s": ["x", "y"]}) == first
        assert client.get(f"{url}/a", {"q": "2"}) != first
        Client(tmp_path, QUICK, refresh=True).get(f"{url}/a", {"q": "2"})
        client.close()
    assert asked == ["/a?q=1&s=x&s=y", "/a?q=2", "/a?q=2"]
    assert client.counts.from_cache == 1


def test_a_tired_server_is_asked_again(tmp_path: Path) -> None:
    left = [503, 429]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if left:
            say(handler, b"busy", left.pop(), Retry_After="0")
        else:
            say(handler, b"data")

    with serving(answer) as url:
        client = Client(tmp_path, QUICK)
        assert client.get(url).read_bytes() == b"data"
        client.close()
    assert client.counts.retries == 2


def test_patience_ends(tmp_path: Path) -> None:
    with serving(lambda handler: say(handler, b"busy", 503)) as url:
        client = Client(tmp_path, QUICK)
        with pytest.raises(ServiceError, match=r"HTTP 503 \(3 times\)"):
            client.get(url)
        client.close()
    assert not list(tmp_path.glob("*.json"))


def test_a_refusal_is_not_repeated(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        say(handler, b"no such  layer", 404)

    with serving(answer) as url:
        client = Client(tmp_path, QUICK)
        with pytest.raises(ServiceError, match="HTTP 404: no such layer"):
            client.get(url)
        client.close()
    assert len(asked) == 1


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole = bytes(range(256)) * 400
    ranges: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        ranges.append(wanted)
        start = int(wanted.split("=")[1].rstrip("-")) if wanted else 0
        if wanted is not None:
            assert handler.headers["If-Range"] == '"v1"'
        handler.send_response(206 if wanted else 200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", str(len(whole) - start))
        handler.end_headers()
        handler.wfile.write(whole[start:] if wanted else whole[:40_000])

    with serving(answer) as url:
        client = Client(tmp_path, QUICK)
        assert client.get(url).read_bytes() == whole
        client.close()
    assert ranges[0] is None
    assert ranges[1] is not None
    assert client.counts.resumed == 1


def test_a_file_that_changed_in_between_is_fetched_from_the_start(tmp_path: Path) -> None:
    tries = iter([b"a" * 9000, b"b" * 9000])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = next(tries)
        handler.send_response(200)
        handler.send_header("ETag", f'"{body[:1].decode()}"')
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:4000] if body[:1] == b"a" else body)

    with serving(answer) as url:
        client = Client(tmp_path, QUICK)
        assert client.get(url).read_bytes() == b"b" * 9000
        client.close()


def test_an_answer_without_end_is_broken_off(tmp_path: Path) -> None:
    small = Politeness(attempts=1, most_bytes=1000)
    with serving(lambda handler: say(handler, b"x" * 5000)) as url:
        client = Client(tmp_path, small)
        with pytest.raises(ServiceError, match="more than 1000 bytes"):
            client.get(url)
        client.close()


def test_nobody_home(tmp_path: Path) -> None:
    client = Client(tmp_path, QUICK)
    with pytest.raises(ServiceError, match="3 times"):
        client.get("http://127.0.0.1:9")
    client.close()


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "[1, 2]", '{"a": '])
def test_an_answer_that_is_no_json_object_is_quoted(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a"
    path.write_text(body)
    with pytest.raises(ServiceError):
        json_of(path, "http://a")
    path.write_text(json.dumps({"a": 1}))
    assert json_of(path, "http://a") == {"a": 1}
