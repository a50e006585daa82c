"""Real servers on this machine: MapServer, and one that answers like the portals."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pytest
import rasterio
from rasterio.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

MAPSERVER = shutil.which("mapserv") or "/usr/lib/cgi-bin/mapserv"
TEMPLATES = Path("/usr/share/mapserver/ogcapi/templates/html-plain")

MAPFILE = """
MAP
  NAME "{name}"
  EXTENT {extent}
  PROJECTION "init={crs}" END
  CONFIG "PROJ_NETWORK" "OFF"
  WEB
    METADATA
      "ows_enable_request" "*"
      "ows_title" "Essen"
      "ows_srs" "EPSG:31370 EPSG:3812 EPSG:4326"
      "ows_onlineresource" "{url}"
      "oga_onlineresource" "{url}/{name}/ogcapi"
      "oga_html_template_directory" "{templates}"
      "oga_max_limit" "500"
      "wfs_maxfeatures" "5000"
      "wfs_getfeature_formatlist" "gml,geojson"
    END
  END
  OUTPUTFORMAT
    NAME "geojson" DRIVER "OGR/GEOJSON" MIMETYPE "application/json; subtype=geojson"
    FORMATOPTION "STORAGE=stream" FORMATOPTION "FORM=SIMPLE"
  END
  OUTPUTFORMAT
    NAME "GEOTIFF_F32" DRIVER "GDAL/GTiff" MIMETYPE "image/tiff" IMAGEMODE FLOAT32 EXTENSION "tif"
  END
{layers}END
"""


LAMBERT_LAYERS = """
  LAYER
    NAME "GBG" TYPE POLYGON STATUS ON TEMPLATE "VOID"
    CONNECTIONTYPE OGR CONNECTION "{buildings}" DATA "buildings"
    PROJECTION "init=epsg:31370" END
    METADATA
      "ows_title" "GBG" "ows_enable_request" "*" "gml_include_items" "all"
      "gml_featureid" "OIDN" "wfs_featureid" "OIDN" "oga_featureid" "OIDN"
      "wfs_use_default_extent_for_getfeature" "false"
    END
  END
  LAYER
    NAME "DSM" TYPE RASTER STATUS ON DATA "{dsm}"
    PROJECTION "init=epsg:31370" END
    METADATA
      "ows_title" "DSM" "ows_enable_request" "*" "wcs_formats" "GEOTIFF_F32"
      "wcs_rangeset_name" "h" "wcs_nodata" "-9999"
    END
  END
"""

# What goes out in degrees is stored in degrees: MapServer moves Lambert 72 by 106 m (no datum).
DEGREE_LAYERS = """
  LAYER
    NAME "Buildings" TYPE POLYGON STATUS ON TEMPLATE "VOID"
    CONNECTIONTYPE OGR CONNECTION "{degrees}" DATA "buildings"
    PROJECTION "init=epsg:4326" END
    METADATA
      "ows_title" "Buildings" "ows_enable_request" "*" "gml_include_items" "all"
      "gml_featureid" "OIDN" "wfs_featureid" "OIDN" "oga_featureid" "OIDN"
      "wfs_use_default_extent_for_getfeature" "false"
    END
  END
  LAYER
    NAME "Refgem" TYPE POLYGON STATUS ON TEMPLATE "VOID"
    CONNECTIONTYPE OGR CONNECTION "{municipality}" DATA "municipality"
    PROJECTION "init=epsg:4326" END
    METADATA
      "ows_title" "Refgem" "ows_enable_request" "*" "gml_include_items" "all"
      "gml_featureid" "NISCODE" "oga_featureid" "NISCODE"
    END
  END
"""


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def _run(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def essen_part(folder: Path, shared: Path) -> dict[str, Path]:
    """Write the middle of Essen as services would hold it: buildings, municipality, heights."""
    source = shared / "essen-be-dhmv"
    with rasterio.open(source / "essen_dsm_1m.tif") as whole:
        window = Window(1000, 1000, 900, 700)
        profile = whole.profile | {
            "width": 900, "height": 700, "transform": rasterio.Affine(1, 0, 156000, 0, -1, 239800),
            "driver": "GTiff", "nodata": -9999.0, "dtype": "float32",
        }  # fmt: skip
        with rasterio.open(folder / "dsm.tif", "w", **profile) as out:
            out.write(whole.read(1, window=window).astype("float32"), 1)
            bounds = out.bounds
    frame = gpd.read_file(source / "essen_footprints_DERIVED.gpkg")
    frame = frame.cx[bounds.left : bounds.right, bounds.bottom : bounds.top].reset_index(drop=True)
    frame = frame[["geometry"]].assign(OIDN=range(1, len(frame) + 1), UIDN=range(1, len(frame) + 1))
    frame["LBLTYPE"] = ["bijgebouw" if a < 40 else "hoofdgebouw" for a in frame.area]
    frame.to_file(folder / "buildings.gpkg", layer="buildings", driver="GPKG")
    frame.to_crs(4326).to_file(folder / "degrees.gpkg", layer="buildings", driver="GPKG")
    place = gpd.GeoDataFrame(
        {"NISCODE": ["11016", "11022"], "NAAM": ["Essen", "Kalmthout"]},
        geometry=gpd.GeoSeries.from_wkt(
            [_box(bounds, 100.0), _box(bounds, 100.0, 5000.0)], crs="EPSG:31370"
        ),
    )
    place.to_crs(4326).to_file(folder / "municipality.gpkg", layer="municipality", driver="GPKG")
    layers = ("buildings", "degrees", "municipality")
    return {"dsm": folder / "dsm.tif"} | {name: folder / f"{name}.gpkg" for name in layers}


def _box(bounds: rasterio.coords.BoundingBox, less: float, east: float = 0.0) -> str:
    x0, x1 = bounds.left + less + east, bounds.right - less + east
    y0, y1 = bounds.bottom + less, bounds.top - less
    return f"POLYGON(({x0} {y0},{x1} {y0},{x1} {y1},{x0} {y1},{x0} {y0}))"


@pytest.fixture(scope="session")
def essen_files(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> dict[str, Path]:
    return essen_part(tmp_path_factory.mktemp("services"), shared_data)


@pytest.fixture(scope="session")
def mapserver(
    tmp_path_factory: pytest.TempPathFactory, essen_files: dict[str, Path]
) -> Iterator[str]:
    if not Path(MAPSERVER).is_file():
        pytest.skip("needs MapServer: apt install cgi-mapserver mapserver-bin")
    folder = tmp_path_factory.mktemp("mapserver")
    config = folder / "mapserver.conf"
    lambert, degrees = folder / "lambert.map", folder / "degrees.map"
    config.write_text(
        f'CONFIG\n ENV\n  MS_MAP_PATTERN "."\n'
        f'  OGCAPI_HTML_TEMPLATE_DIRECTORY "{TEMPLATES}/"\n END\n'
        f' MAPS\n  lambert "{lambert}"\n  degrees "{degrees}"\n END\nEND\n'
    )

    class Handler(_Quiet):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            environment = {
                "PATH": os.environ["PATH"], "REQUEST_METHOD": "GET", "QUERY_STRING": parts.query,
                "MAPSERVER_CONFIG_FILE": str(config), "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": str(self.server.server_port),  # type: ignore[attr-defined]
                "SCRIPT_NAME": "", "HTTP_HOST": self.headers["Host"],
            }  # fmt: skip
            if "/ogcapi" in parts.path:
                environment["PATH_INFO"] = parts.path
            else:
                environment["QUERY_STRING"] = f"map={lambert}&{parts.query}"
            done = subprocess.run([MAPSERVER], env=environment, capture_output=True, check=False)  # noqa: S603 - our own test server
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
            headers = {name.lower(): value for name, value in lines}
            self.send_response(int(headers.get("status", "200").split()[0]))
            self.send_header("Content-Type", headers.get("content-type", "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    running = _run(Handler)
    url = next(running)
    with rasterio.open(essen_files["dsm"]) as heights:
        extent = " ".join(map(str, heights.bounds))
    common = {"url": url, "templates": f"{TEMPLATES}/"}
    for mapfile, crs, where, layers in (
        (lambert, "epsg:31370", extent, LAMBERT_LAYERS),
        (degrees, "epsg:4326", "4 51 5 52", DEGREE_LAYERS),
    ):
        filled = layers.format(**essen_files)
        mapfile.write_text(
            MAPFILE.format(name=mapfile.stem, crs=crs, extent=where, layers=filled, **common)
        )
    yield url
    next(running, None)


ROWS = [
    {"jaar": "2024", "gemeente": name, "straat": f"Straat {i}", "verbruik_kwh": str(1000 * i)}
    for name, count in (("ESSEN", 40), ("KALMTHOUT", 12))
    for i in range(1, count + 1)
]


def weather_like_pvgis() -> dict[str, object]:
    hours = [
        {"time(UTC)": f"20200101:{h:02d}00", "T2m": 4.0, "G(h)": 0.0, "Gb(n)": 0.0, "Gd(h)": 0.0}
        for h in range(24)
    ]
    return {"inputs": {"location": {"latitude": 51.4, "longitude": 4.4}},
            "outputs": {"tmy_hourly": hours}, "meta": {}}  # fmt: skip


@pytest.fixture(scope="session")
def portals() -> Iterator[str]:
    """Answer like Opendatasoft Explore 2.1, PVGIS 5.3 and Geopunt, as they publish it."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            status, kind, body = _answer(parts.path, query)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    yield from _run(Handler)


def _answer(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
    if "/catalog/datasets/" in path:
        return _opendatasoft(path, query)
    if path.endswith("/tmy"):
        if not -60 < float(query["lat"]) < 72:
            said = {"message": "Location over the sea. Please, select another location."}
            return 400, "application/json", json.dumps(said).encode()
        return 200, "application/json", json.dumps(weather_like_pvgis()).encode()
    found = []
    if "essen" in query["q"].lower():
        corner = {"Lat_WGS84": 51.4, "Lon_WGS84": 4.4}
        extent = {
            "LowerLeft": {**corner, "X_Lambert72": 156100.0, "Y_Lambert72": 239200.0},
            "UpperRight": {**corner, "X_Lambert72": 156700.0, "Y_Lambert72": 239700.0},
        }
        found = [{"Municipality": "Essen", "FormattedAddress": "Essen", "BoundingBox": extent}]
    return 200, "application/json", json.dumps({"LocationResult": found}).encode()


def _opendatasoft(path: str, query: dict[str, str]) -> tuple[int, str, bytes]:
    name = query.get("where", 'gemeente=""').partition('="')[2].rstrip('"')
    rows = [row for row in ROWS if name in ("", row["gemeente"])]
    if "1_03" not in path:
        said = {"error_code": "ODSResourceDoesNotExist", "message": "Unknown dataset"}
        return 404, "application/json", json.dumps(said).encode()
    if path.endswith("/records"):
        limited = rows[: int(query.get("limit", "10"))]
        body = {"total_count": len(rows), "results": limited}
        return 200, "application/json", json.dumps(body).encode()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[0]), delimiter=query["delimiter"])
    writer.writeheader()
    writer.writerows(rows)
    return 200, "text/csv", ("\ufeff" + text.getvalue()).encode()
