"""Tiles: requests per second and latency of the server, beside a plain static file server.

One server process with one worker on the embedded sample, or on the build folder in
``ZONNEKAART_BUILD``; the client shares its processors, so the figures are a floor. Promise: warm
vector tile p95 <= 30 ms, >= 500 requests/s; cold from zoom 15 p95 <= 300 ms; cold raster tiles
>= 60 requests/s; 100 planners panning for 60 s without an error.
"""

from __future__ import annotations

import asyncio
import json
import os
import runpy
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from benchmarks._http import PORT as OURS
from benchmarks._http import Answers, Connection, again_and_again, each_once, ours, static_files
from zonnekaart.geo.crs import DISPLAY_CRS, LONLAT_CRS, transformer
from zonnekaart.io.png import Palette
from zonnekaart.io.serving import RasterTiles
from zonnekaart.io.tiles import TileArchive, tile_of

SAMPLE = Path(__file__).resolve().parent.parent / "tests" / "api" / "sample.py"
SECONDS = 5.0
MOST = 400
"""Tiles asked for once in a cold run."""
PLANNERS = int(os.environ.get("ZONNEKAART_BENCH_PLANNERS", "100"))
PLANNING_S = float(os.environ.get("ZONNEKAART_BENCH_PLANNING_S", "60"))
LOOKING_S = (2.0, 4.0)
"""How long a planner looks at a view before the next pan."""
VIEW = 4, 3
"""Tiles of a view, across and down."""
LAYERS = ("zones", "buildings", "roof_planes", "background")
Tile = tuple[int, int, int]


def _tiles(project: dict[str, object], z: int) -> list[Tile]:
    west, south, east, north = project["bounds_lonlat"]
    to_web = transformer(LONLAT_CRS, DISPLAY_CRS)
    left, top = tile_of(*to_web.transform(west, north), z)
    right, bottom = tile_of(*to_web.transform(east, south), z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _some(tiles: list[Tile], most: int = MOST) -> list[Tile]:
    order = np.random.default_rng(7).permutation(len(tiles))[:most]
    return [tiles[place] for place in order]


def _paths(layer: str, tiles: list[Tile], kind: str = "tiles", ending: str = "mvt") -> list[str]:
    return [f"/{kind}/{layer}/{z}/{x}/{y}.{ending}" for z, x, y in tiles]


def _warm(build: Path, project: dict[str, object]) -> None:
    """Print the same tiles by our server and as plain files."""
    archive = TileArchive(build / "tiles" / "buildings.pmtiles")
    there = [tile for tile in _tiles(project, 16) if archive.get(*tile)]
    paths = _paths("buildings", _some(there, 60))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        for tile, path in zip(_some(there, 60), paths, strict=True):
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (root / path[1:]).write_bytes(archive.get(*tile) or b"")
        with ours(build) as server, static_files(root) as (name, files):
            each_once(paths)
            label = "vector tiles z16, warm, ours"
            print(again_and_again(label, paths, SECONDS, server))
            same = f"same tiles as files, {name}"
            print(again_and_again(same, paths, SECONDS, files, OURS + 1))
            print(again_and_again(label, paths, SECONDS, server))


def _cold(build: Path, project: dict[str, object]) -> None:
    """Print tiles that no one asked for before; a new server for each line."""
    for z in (15, 16, 17, 18):
        with ours(build):
            paths = [p for x in LAYERS[:3] for p in _paths(x, _some(_tiles(project, z)))]
            source = "archives" if z < 17 else "live"
            print(each_once(paths).summary().line(f"vector tiles z{z}, cold, {source}"))
    with ours(build):
        paths = _paths("irradiation", _some(_tiles(project, 17)), "raster", "png")
        print(each_once(paths).summary().line("raster tiles z17, cold"))


async def _planner(number: int, project: dict[str, object], until: float, seen: Answers) -> None:
    """Look at a view, pan or zoom, look again; six connections, as a browser has."""
    chance = np.random.default_rng(number)
    await asyncio.sleep(chance.uniform(0, LOOKING_S[1]))
    while time.perf_counter() < until:
        z = int(chance.choice((14, 15, 16, 16, 17, 17, 18)))
        places = _tiles(project, z)
        _, x, y = places[chance.integers(len(places))]
        view = [(z, x + i, y + j) for i in range(VIEW[0]) for j in range(VIEW[1])]
        paths = [p for layer in LAYERS for p in _paths(layer, view)]
        paths += _paths("irradiation", [v for v in view if z <= 17], "raster", "png")
        waiting = iter(paths)

        async def client(waiting=waiting) -> None:
            async with Connection() as connection:
                for path in waiting:
                    await connection.get(path, seen)

        await asyncio.gather(*(client() for _ in range(6)))
        await asyncio.sleep(chance.uniform(*LOOKING_S))


def _planning(build: Path, project: dict[str, object]) -> None:
    async def all_of_them() -> Answers:
        seen = Answers(seconds=PLANNING_S)
        until = time.perf_counter() + PLANNING_S
        await asyncio.gather(*(_planner(n, project, until, seen) for n in range(PLANNERS)))
        seen.seconds = time.perf_counter() - until + PLANNING_S
        return seen

    with ours(build):
        seen = asyncio.run(all_of_them())
    print(seen.summary().line(f"{PLANNERS} planners panning for {PLANNING_S:g} s"))
    print(f"    statuses {seen.statuses}, {seen.bytes / 1e6:.0f} MB")


def _drawn(build: Path, project: dict[str, object]) -> None:
    """Print the time of one raster tile, uncached, beside rio-tiler on the same file."""
    path = build / "serving" / "irradiation.tif"
    tiles = RasterTiles(path)
    ids = _some(_tiles(project, tiles.maxzoom), 100)
    palette = Palette(300.0, 1200.0, np.zeros((256, 3), dtype=np.uint8))
    own = []
    for z, x, y in ids:
        begin = time.perf_counter()
        tiles.png(z, x, y, palette)
        own.append(time.perf_counter() - begin)
    print(f"{'raster tile, uncached, ours':<46} {statistics.median(own) * 1000:8.1f} ms")
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
            for z, x, y in ids:
                begin = time.perf_counter()
                image = reader.tile(x, y, z, tilesize=256)
                image.rescale(in_range=((300.0, 1200.0),))
                image.render(img_format="PNG", colormap=colors)
                peer.append(time.perf_counter() - begin)
    print(f"{'raster tile, uncached, rio-tiler':<46} {statistics.median(peer) * 1000:8.1f} ms")


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    given = os.environ.get("ZONNEKAART_BUILD")
    with tempfile.TemporaryDirectory() as folder:
        if given:
            build = Path(given)
        else:
            build = runpy.run_path(str(SAMPLE))["publish_sample"](Path(folder))
        project = json.loads((build / "published.json").read_text("utf-8"))
        print(f"{project['name']}: {project['totals']['buildings']} buildings")
        _warm(build, project)
        _cold(build, project)
        _planning(build, project)
        _drawn(build, project)


if __name__ == "__main__":
    main()
