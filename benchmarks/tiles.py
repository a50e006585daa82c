"""Tiles: requests per second and latency of the server, beside a live database and rio-tiler.

One server process with one worker on the embedded sample; the client shares its processors, so
the figures are a floor. Promise of the design: warm vector tile p95 <= 30 ms, >= 500 requests/s.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from pathlib import Path

import duckdb
import numpy as np

from zonnekaart.geo.crs import DISPLAY_CRS, LONLAT_CRS, transformer
from zonnekaart.io.png import Palette
from zonnekaart.io.serving import RasterTiles
from zonnekaart.io.tiles import WORLD_M, tile_of
from zonnekaart.io.warehouse import spatial_extension

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "api" / "sample.py"
CONNECTIONS = 8
SECONDS = 4.0
PORT = 8766
LIVE = """
WITH box AS MATERIALIZED (
    SELECT building_id, annual_yield_kwh,
           ST_Transform(geometry, 'EPSG:31370', 'EPSG:3857', always_xy := true) AS shape
    FROM w.buildings
), cut AS MATERIALIZED (
    SELECT building_id, annual_yield_kwh,
           ST_AsMVTGeom(shape, ST_Extent(ST_MakeEnvelope($1, $2, $3, $4))) AS geom
    FROM box WHERE ST_Intersects(shape, ST_MakeEnvelope($1, $2, $3, $4))
)
SELECT ST_AsMVT(cut, 'buildings') FROM cut
"""


def _tiles(project: dict[str, object], z: int) -> list[tuple[int, int, int]]:
    west, south, east, north = project["bounds_lonlat"]
    to_web = transformer(LONLAT_CRS, DISPLAY_CRS)
    left, top = tile_of(*to_web.transform(west, north), z)
    right, bottom = tile_of(*to_web.transform(east, south), z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


async def _client(paths: list[str], until: float, times: list[float]) -> None:
    """Ask for paths in turn over one kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    turn = 0
    while time.perf_counter() < until:
        path = paths[turn % len(paths)]
        turn += 1
        begin = time.perf_counter()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = [h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")]
        if length:
            await reader.readexactly(int(length[0].split(b":")[1]))
        if status not in {200, 204}:
            raise RuntimeError(f"{path}: {status}")
        times.append(time.perf_counter() - begin)
    writer.close()


async def _load(paths: list[str]) -> list[float]:
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    await asyncio.gather(*(_client(paths, until, times) for _ in range(CONNECTIONS)))
    return times


def _report(label: str, times: list[float], seconds: float) -> None:
    spread = np.percentile(np.array(times) * 1000, [50, 95, 99])
    print(
        f"{label:<44} {len(times) / seconds:8.0f} /s   p50 {spread[0]:.1f}  "
        f"p95 {spread[1]:.1f}  p99 {spread[2]:.1f} ms"
    )


def _serve(build: Path) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            "zonnekaart.api.app:app_from_environment",
            "--port",
            str(PORT),
            "--log-level",
            "error",
            "--no-access-log",
        ],
        env={**os.environ, "ZONNEKAART_BUILD": str(build)},
    )
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz").read()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    raise RuntimeError("the server did not start")


def _live(build: Path, tiles: list[tuple[int, int, int]]) -> list[float]:
    """Times of the same tiles made by DuckDB when asked, as a database server would. [s]"""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(f"LOAD '{spatial_extension()}'")
    connection.execute(f"ATTACH '{build / 'warehouse.duckdb'}' AS w (READ_ONLY)")
    times = []
    for z, x, y in tiles * 5:
        side = WORLD_M / (1 << z)
        west, north = x * side - WORLD_M / 2, WORLD_M / 2 - y * side
        begin = time.perf_counter()
        connection.execute(LIVE, [west, north - side, west + side, north]).fetchall()
        times.append(time.perf_counter() - begin)
    return times


def _drawn(build: Path, project: dict[str, object]) -> None:
    """Print the time of one raster tile, uncached, beside rio-tiler on the same file."""
    path = build / "serving" / "irradiation.tif"
    tiles = RasterTiles(path)
    ids = _tiles(project, tiles.maxzoom)
    palette = Palette(300.0, 1200.0, np.zeros((256, 3), dtype=np.uint8))
    own = []
    for z, x, y in ids * 5:
        begin = time.perf_counter()
        tiles.png(z, x, y, palette)
        own.append(time.perf_counter() - begin)
    print(f"{'raster tile, uncached, ours':<44} {statistics.median(own) * 1000:8.1f} ms")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from rio_tiler.colormap import cmap
            from rio_tiler.io import Reader
        except ImportError:
            print("rio-tiler is not installed: no peer for the raster tile")
            return
        colors = cmap.get("cividis")
        peer = []
        with Reader(str(path)) as reader:
            for z, x, y in ids * 5:
                begin = time.perf_counter()
                image = reader.tile(x, y, z, tilesize=256)
                image.rescale(in_range=((300.0, 1200.0),))
                image.render(img_format="PNG", colormap=colors)
                peer.append(time.perf_counter() - begin)
    print(f"{'raster tile, uncached, rio-tiler':<44} {statistics.median(peer) * 1000:8.1f} ms")


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    given = os.environ.get("ZONNEKAART_BUILD")
    with tempfile.TemporaryDirectory() as folder:
        if given:
            build = Path(given)
        else:
            build = runpy.run_path(str(SAMPLE))["publish_sample"](Path(folder))
        project = json.loads((build / "published.json").read_text("utf-8"))
        ids = _tiles(project, 16)
        server = _serve(build)
        try:
            paths = [f"/tiles/buildings/{z}/{x}/{y}.mvt" for z, x, y in ids]
            asyncio.run(_load(paths[:1]))
            _report("vector tiles z16, warm, ours", asyncio.run(_load(paths)), SECONDS)
            rasters = [f"/raster/irradiation/{z}/{x}/{y}.png" for z, x, y in ids]
            asyncio.run(_load(rasters[:1]))
            _report("raster tiles z16, warm, ours", asyncio.run(_load(rasters)), SECONDS)
        finally:
            server.terminate()
            server.wait()
        live = _live(build, ids)
        _report("vector tiles z16, made live by DuckDB", live, sum(live))
        _drawn(build, project)


if __name__ == "__main__":
    main()
