"""A server in a process of its own, and clients that load it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 8766
CONNECTIONS = 8
_GOOD = frozenset({200, 204, 304})


@dataclass(frozen=True)
class Summary:
    """What a load test saw, in a line."""

    count: int
    seconds: float
    spread_ms: tuple[float, float, float]
    errors: int

    def line(self, label: str) -> str:
        p50, p95, p99 = self.spread_ms
        return (
            f"{label:<46} {self.count / self.seconds:8.0f} /s   p50 {p50:.1f}  p95 {p95:.1f}  "
            f"p99 {p99:.1f} ms   errors {self.errors}"
        )


@dataclass
class Answers:
    """What a load test sees."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bytes: int = 0

    def add(self, status: int, size: int, seconds: float) -> None:
        self.times.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.bytes += size

    def summary(self) -> Summary:
        p50, p95, p99 = np.percentile(np.array(self.times) * 1000, [50, 95, 99])
        errors = sum(count for status, count in self.statuses.items() if status not in _GOOD)
        return Summary(len(self.times), self.seconds, (p50, p95, p99), errors)


@dataclass(frozen=True)
class Server:
    """A running server process."""

    pid: int

    def cpu_s(self) -> float:
        """Processor time it has used; says more than the clock on a machine that others use."""
        total = 0.0
        for pid in (self.pid, *_children(self.pid)):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


@contextlib.contextmanager
def ours(build: Path, port: int = PORT) -> Iterator[Server]:
    """Serve a build by one process of our server."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "--port", str(port)]
    command += ["--log-level", "error", "--no-access-log", "--no-server-header"]
    with _running(
        [*command, "zonnekaart.api.app:app_from_environment"],
        f"http://127.0.0.1:{port}/readyz",
        {"ZONNEKAART_BUILD": str(build)},
    ) as server:
        yield server


@contextlib.contextmanager
def static_files(folder: Path, port: int = PORT + 1) -> Iterator[tuple[str, Server]]:
    """Serve a folder by nginx with one worker where there is one, else by Starlette."""
    (folder / "ready").write_text("yes", "utf-8")
    ready = f"http://127.0.0.1:{port}/ready"
    if shutil.which("nginx"):
        with tempfile.TemporaryDirectory() as own:
            config = Path(own) / "nginx.conf"
            config.write_text(_NGINX.format(port=port, folder=folder, own=own), "utf-8")
            with _running(["nginx", "-c", str(config), "-p", own], ready, {}) as server:
                yield "nginx, one worker", server
        return
    script = (
        "import uvicorn; from starlette.staticfiles import StaticFiles; "
        f"uvicorn.run(StaticFiles(directory={str(folder)!r}), port={port}, "
        "log_level='error', access_log=False)"
    )
    with _running([sys.executable, "-c", script], ready, {}) as server:
        yield "Starlette StaticFiles", server


_NGINX = """
daemon off; worker_processes 1; pid {own}/pid; error_log {own}/log; user root;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {own}/a; proxy_temp_path {own}/b;
  fastcgi_temp_path {own}/c; uwsgi_temp_path {own}/d; scgi_temp_path {own}/e;
  server {{ listen 127.0.0.1:{port}; root {folder};
    location / {{
      add_header Content-Encoding gzip; default_type application/vnd.mapbox-vector-tile;
    }}
  }}
}}
"""


@contextlib.contextmanager
def _running(command: list[str], ready: str, environment: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} stopped")
            try:
                urllib.request.urlopen(ready).read()  # noqa: S310 - our own address
            except OSError:
                time.sleep(0.1)
            else:
                break
        else:
            raise RuntimeError("the server did not start")
        yield Server(process.pid)
    finally:
        process.terminate()
        process.wait()


class Connection:
    """One kept HTTP connection."""

    def __init__(self, port: int = PORT) -> None:
        self.port = port

    async def __aenter__(self) -> Connection:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def get(self, path: str, answers: Answers) -> None:
        begin = time.perf_counter()
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
        size = int(length[1]) if length else 0
        await self.reader.readexactly(size)
        status = int(head.split(b" ", 2)[1])
        answers.add(status, size + len(head), time.perf_counter() - begin)


def each_once(paths: list[str], port: int = PORT) -> Answers:
    """Ask for every path once, over `CONNECTIONS` connections."""
    return asyncio.run(_each_once(paths, port))


async def _each_once(paths: list[str], port: int) -> Answers:
    answers, waiting = Answers(), iter(paths)

    async def client() -> None:
        async with Connection(port) as connection:
            for path in waiting:
                await connection.get(path, answers)

    begin = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    answers.seconds = time.perf_counter() - begin
    return answers


def again_and_again(
    label: str, paths: list[str], seconds: float, server: Server, port: int = PORT
) -> str:
    """Ask for paths in turn; by wrk where there is one, because our client costs as much."""
    before = server.cpu_s()
    answers = (
        _wrk(paths, seconds, port)
        if shutil.which("wrk")
        else asyncio.run(_again(paths, seconds, port))
    )
    spent = (server.cpu_s() - before) / max(answers.count, 1)
    return f"{answers.line(label)}   {spent * 1e6:.0f} us processor time each"


async def _again(paths: list[str], seconds: float, port: int) -> Summary:
    answers, until = Answers(seconds=seconds), time.perf_counter() + seconds

    async def client(first: int) -> None:
        async with Connection(port) as connection:
            turn = first
            while time.perf_counter() < until:
                await connection.get(paths[turn % len(paths)], answers)
                turn += 1

    await asyncio.gather(*(client(n) for n in range(CONNECTIONS)))
    return answers.summary()


_LUA = """
local paths = {{ {paths} }}
local n = 0
request = function() n = n % #paths + 1; return wrk.format("GET", paths[n]) end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %f %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _wrk(paths: list[str], seconds: float, port: int) -> Summary:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA.format(paths=", ".join(f'"{path}"' for path in paths)))
        script.flush()
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{int(seconds)}s", "-s", script.name]
        done = subprocess.run(
            ["wrk", *options, "-H", "Accept-Encoding: gzip", f"http://127.0.0.1:{port}/"],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)", done.stdout)
    assert found, done.stdout
    count, micro, *spread, errors = (float(value) for value in found.groups())
    p50, p95, p99 = (value / 1000 for value in spread)
    return Summary(int(count), micro / 1e6, (p50, p95, p99), int(errors))
