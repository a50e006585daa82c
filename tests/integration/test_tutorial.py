"""The tutorials: every command on their pages is run, in order, in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import rasterio

from zonnekaart.cli.fetch import fetch_command
from zonnekaart.io.vector import read_geoparquet, read_layer, read_parquet, write_layer

if TYPE_CHECKING:
    from tests.conftest import TownBuild

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = ("", ".nl")
PIECE = (156_200.0, 239_200.0, 156_800.0, 239_800.0)
"""600 x 600 m of the centre of Essen. [m]"""
BLOCK = re.compile(r"<!-- (run|serve|network) -->\n```sh\n(.*?)```", re.DOTALL)
PORT = "--port 8000"


@dataclass(frozen=True)
class Block:
    """Commands of a page, and what a test does with them."""

    what: str
    lines: tuple[str, ...]


def blocks_of(page: str) -> list[Block]:
    """Return the marked blocks of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = [Block(what, tuple(body.strip().splitlines())) for what, body in BLOCK.findall(text)]
    assert text.count("```sh\n") == len(found), "a block of commands without a mark"
    return found


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command of a page as a reader would, with the package that is tested."""
    words = shlex.split(line)
    if words[0] == "zonnekaart":
        words = [sys.executable, "-m", "zonnekaart.cli.main", *words[1:]]
    done = subprocess.run(  # noqa: S603 - what our own pages say
        words, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done


def served(line: str, folder: Path) -> str:
    """Serve as the page says, on a free port; return the sheet of the first zone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert PORT in line
    words = shlex.split(line.replace(PORT, f"--port {port}"))[1:]
    command = [sys.executable, "-m", "zonnekaart.cli.main", *words]
    with subprocess.Popen(  # noqa: S603 - what our own pages say
        command, cwd=folder, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            zones = wait_for(f"http://127.0.0.1:{port}/api/zones", server)
            first = re.search(r'"zone_id":\s*"([^"]+)"', zones)
            assert first is not None
            sheet = f"http://127.0.0.1:{port}/api/zones/{urllib.parse.quote(first[1])}.csv"
            return wait_for(sheet, server)
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen[str]) -> str:
    """Return what an address answers, once it does."""
    until = time.monotonic() + 60.0
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - localhost
                return str(answer.read().decode("utf-8"))
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, "the server stopped"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)


def follow(page: str, folder: Path) -> str:
    """Follow a page from top to bottom; return the zone sheet it ends with."""
    sheet = ""
    for block in blocks_of(page):
        for line in block.lines:
            if block.what == "serve":
                sheet = served(line, folder)
            elif block.what == "run":
                run(line, folder)
    return sheet


def sheets(source: Path, out: Path) -> None:
    """Cut a piece of a raster into four sheets, and zip them as they are downloaded."""
    west, south, east, north = PIECE
    middle_x, middle_y = (west + east) / 2.0, (south + north) / 2.0
    with rasterio.open(source) as raster, zipfile.ZipFile(out, "w") as archive:
        whole, origin = raster.read(1), raster.transform
        for x in ((west, middle_x), (middle_x, east)):
            for y in ((south, middle_y), (middle_y, north)):
                left, top = int(x[0] - origin.c), int(origin.f - y[1])
                cells = whole[top : top + int(y[1] - y[0]), left : left + int(x[1] - x[0])]
                sheet = out.with_name(f"{out.stem}_{x[0]:.0f}_{y[0]:.0f}.tif")
                with rasterio.open(
                    sheet,
                    "w",
                    driver="GTiff",
                    height=cells.shape[0],
                    width=cells.shape[1],
                    count=1,
                    dtype=cells.dtype,
                    crs=raster.crs,
                    nodata=raster.nodata,
                    transform=rasterio.Affine(1.0, 0.0, x[0], 0.0, -1.0, y[1]),
                ) as writer:
                    writer.write(cells, 1)
                archive.write(sheet, sheet.name)
                sheet.unlink()


@pytest.fixture
def downloads(shared_data: Path, tmp_path: Path) -> Path:
    """An empty folder with `downloads/` as the first page describes it."""
    essen, folder = shared_data / "essen-be-dhmv", tmp_path / "downloads"
    folder.mkdir()
    for kind in ("dsm", "dtm"):
        sheets(essen / f"essen_{kind}_1m.tif", folder / f"{kind}_sheets.zip")
    shutil.copy(essen / "essen_wijken_ggw72024.gpkg", folder / "sectors.gpkg")
    shutil.copy(essen / "essen_fluvius_statsec_2018_2021.csv", folder / "fluvius.csv")
    weather = shared_data / "weather-brussels" / "BEL_Brussels.Natl.AP.064510_TMYx.epw"
    shutil.copy(weather, folder / "brussels.epw")
    for path in folder.iterdir():
        path.chmod(0o644)
    return tmp_path


@pytest.mark.shared
def test_first_tutorial_leads_from_sheets_to_a_zone_sheet(downloads: Path) -> None:
    sheet = follow("tutorial.md", downloads)
    assert "annual_yield_kwh" in sheet
    zones = read_parquet(downloads / "essen" / "build" / "zones.parquet", ["zone_class"])
    assert len(zones) > 3
    assert set(zones["zone_class"]) != {"onbekend"}
    assert len(read_layer(downloads / "essen" / "zones.gpkg", "zones")) == len(zones)
    build = downloads / "essen" / "build"
    absent = json.loads((build / "check.json").read_text("utf-8"))["absent"]
    without = {row["input"]: row["sources"] for row in absent}
    assert "inputs.consumption" not in without
    assert [source["id"] for source in without["inputs.cabins"]] == ["GRD-08", "GRD-04"]
    assert "GRD-08" in (build / "check.html").read_text("utf-8")


@pytest.fixture
def cadastre_downloads(town_build: TownBuild, tmp_path: Path) -> Path:
    """An empty folder with `downloads/` as the second page describes it, of the made-up town."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    planes = read_geoparquet(town_build.build / "roof_planes.parquet")
    names = {
        "annual_irradiation_kwh_m2": "irradiation",
        "tilt_deg": "tilt",
        "azimuth_deg": "azimuth",
        "building_id": "building",
    }
    write_layer(planes[[*names, "geometry"]].rename(columns=names), folder / "roofs.gpkg", "GPKG")
    shutil.copy(town_build.folder / "buildings.gpkg", folder / "footprints.gpkg")
    areas = read_layer(town_build.folder / "areas.gpkg").rename(columns={"area_id": "code"})
    write_layer(areas, folder / "sectors.gpkg", "GPKG")
    (weather,) = (town_build.folder / "weather").glob("*.epw")
    shutil.copy(weather, folder / "weather.epw")
    table = pd.read_csv(town_build.folder / "consumption.csv", dtype=str, keep_default_na=False)
    words = {"residential": "gezin", "non_residential": "bedrijf"}
    office = pd.DataFrame(
        {
            "Buurt": table["area_id"],
            "Jaar": table["year"],
            "Soort": table["category"].map(words),
            "kWh": table["consumption_kwh"].str.replace(".", ","),
            "Aansluitingen": table["connections"].str.replace(".", ","),
        }
    )
    office.to_csv(folder / "consumption.csv", sep=";", index=False)
    return tmp_path


def test_second_tutorial_leads_from_a_cadastre_to_a_zone_sheet(
    cadastre_downloads: Path, town_build: TownBuild
) -> None:
    sheet = follow("tutorial_cadastre.md", cadastre_downloads)
    assert "annual_yield_kwh" in sheet
    build = cadastre_downloads / "town" / "build"
    found, heights = (
        read_parquet(folder / "roof_planes.parquet", ["annual_yield_kwh"])["annual_yield_kwh"]
        for folder in (build, town_build.build)
    )
    # Measured: 6 % more. The page names no column of usable areas, which may be why; it has not
    # been taken apart. With those columns test_town_cadastre holds the same to 2 %.
    assert found.sum() == pytest.approx(heights.sum(), rel=0.10)


@pytest.mark.parametrize("name", ["tutorial", "tutorial_cadastre"])
def test_both_languages_give_the_same_commands(name: str) -> None:
    english, dutch = (blocks_of(f"{name}{language}.md") for language in LANGUAGES)
    plain = [
        Block(b.what, tuple(line.replace("--language nl", "--language en") for line in b.lines))
        for b in dutch
    ]
    assert plain == english


def test_commands_that_need_a_network_are_options_that_exist() -> None:
    known = {option for p in fetch_command.params for option in p.opts}
    lines = [line for b in blocks_of("tutorial.md") if b.what == "network" for line in b.lines]
    assert lines
    for line in lines:
        assert {w for w in shlex.split(line) if w.startswith("--")} <= known
