"""``prepare heights``: what comes out of sheets, zips, points and models, and what is refused."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from tests.unit.io.test_raster import write_heights
from zonnekaart.errors import CheckFailed, ConfigError, CrsError, MissingInputError
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.provenance import record_path
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.preparing.heights import HeightJob, prepare_heights

if TYPE_CHECKING:
    from pathlib import Path

WEST, NORTH = 155000.0, 240000.0


def relief(rows: int, cols: int, seed: int = 1) -> np.ndarray:
    """Return rolling ground with noise and blocks on it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    ground = 10 + np.sin(x / 40) + np.cos(y / 55) + random.normal(0, 0.03, (rows, cols))
    ground[40:60, 40:70] += 6.0
    return ground.astype(np.float32)


def sheet(
    path: Path,
    values: np.ndarray,
    west: float = WEST,
    crs: str = "EPSG:31370",
    north: float = NORTH,
) -> Path:
    return write_heights(path, values, crs=crs, transform=rasterio.Affine(1, 0, west, 0, -1, north))


def two_sheets(folder: Path, step: float = 0.0) -> list[Path]:
    whole = relief(900, 600)
    right = whole[:, 300:] + np.float32(step)
    return [
        sheet(folder / "k1.tif", whole[:, :300]),
        sheet(folder / "k2.tif", right, WEST + 300),
    ]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_sheets_in_a_zip_become_one_raster_with_a_record(tmp_path: Path) -> None:
    sheets = two_sheets(tmp_path)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in sheets:
            archive.write(path, f"GeoTIFF/{path.name}")
    out = tmp_path / "o" / "dsm.tif"
    prepare_heights(HeightJob((tmp_path / "in.zip",), out))
    with HeightReader(out) as reader:
        np.testing.assert_array_equal(reader.read(), relief(900, 600))
    record = json.loads(record_path(out).read_text())
    assert record["sources"][0]["name"] == "in.zip"
    assert record["steps"] == [
        {"what": "joined", "count": 2, "of": "sheets", "why": "they lie on one lattice"}
    ]
    assert record["facts"]["crs"] == "EPSG:31370"
    assert names(out.parent) == ["dsm.tif", "dsm.tif.prepared.json"]


def test_clipping_keeps_the_halo(tmp_path: Path) -> None:
    out = tmp_path / "o" / "dsm.tif"
    bounds = (WEST + 200, NORTH - 400, WEST + 300, NORTH - 300)
    prepare_heights(HeightJob(tuple(two_sheets(tmp_path)), out, bounds=bounds, halo_m=50.0))
    with HeightReader(out) as reader:
        assert reader.geobox.bounds == (WEST + 150, NORTH - 450, WEST + 350, NORTH - 250)


def test_a_step_between_two_flights_is_refused_and_nothing_written(tmp_path: Path) -> None:
    sheets = two_sheets(tmp_path, step=0.6)
    out = tmp_path / "o" / "dsm.tif"
    with pytest.raises(CheckFailed, match=r"straight step.*\+0\.6") as caught:
        prepare_heights(HeightJob(tuple(sheets), out))
    assert "--accept-seams" in caught.value.findings[0]["hint"]
    assert names(out.parent) == []
    record = prepare_heights(HeightJob(tuple(sheets), out, accept_seams=True))
    assert any("straight step" in text for text in record.warnings)


def test_spikes_and_holes_are_mended_across_the_edge_of_sheets(tmp_path: Path) -> None:
    whole = relief(200, 200)
    spoiled = whole.copy()
    spoiled[100, 100] = 90.0
    spoiled[150, 99:102] = -9999.0
    sheets = (
        sheet(tmp_path / "a.tif", spoiled[:, :100]),
        sheet(tmp_path / "b.tif", spoiled[:, 100:], WEST + 100),
    )
    out = tmp_path / "o" / "dsm.tif"
    mend = Corrections(despike=True, fill_holes_m=3.0)
    record = prepare_heights(HeightJob(sheets, out, corrections=mend))
    assert {(s.what, s.count) for s in record.steps} == {
        ("joined", 2), ("replaced", 1), ("filled", 3),
    }  # fmt: skip
    with HeightReader(out) as reader:
        assert np.abs(reader.read() - whole).max() < 0.3


def test_centimetres_become_metres_when_stated_and_are_refused_when_not(tmp_path: Path) -> None:
    source = sheet(tmp_path / "cm.tif", relief(100, 100) * 100)
    out = tmp_path / "o" / "dsm.tif"
    prepare_heights(HeightJob((source,), out, corrections=Corrections("cm")))
    with HeightReader(out) as reader:
        np.testing.assert_allclose(reader.read(), relief(100, 100), rtol=1e-5)


@pytest.mark.parametrize(
    ("label", "corner", "said"),
    [
        ("EPSG:3812", (1.0, WEST, NORTH), "fit EPSG:31370"),
        ("EPSG:31370", (1.0, WEST + 5e5, NORTH + 5e5), "fit EPSG:3812"),
        ("EPSG:31370", (1e-5, 4.4, 51.4), "labelled EPSG:31370.*fit EPSG:4326"),
    ],
)
def test_a_wrong_label_is_seen_by_the_coordinates(
    tmp_path: Path, label: str, corner: tuple[float, float, float], said: str
) -> None:
    cell, west, north = corner
    lattice = rasterio.Affine(cell, 0, west, 0, -cell, north)
    source = write_heights(tmp_path / "a.tif", relief(50, 50), crs=label, transform=lattice)
    out = tmp_path / "o" / "dsm.tif"
    with pytest.raises(CrsError, match=said):
        prepare_heights(HeightJob((source,), out))
    assert names(out.parent) == []


def test_sheets_of_two_systems_are_refused(tmp_path: Path) -> None:
    one = sheet(tmp_path / "a.tif", relief(50, 50))
    with pytest.raises(CrsError, match="EPSG:28992"):
        prepare_heights(HeightJob((one,), tmp_path / "o.tif", crs="EPSG:28992"))


def test_a_surface_below_its_ground_is_refused(tmp_path: Path) -> None:
    surface = sheet(tmp_path / "dsm.tif", relief(300, 300))
    ground = sheet(tmp_path / "dtm.tif", relief(300, 300) + np.float32(2.3))
    out = tmp_path / "o" / "dsm.tif"
    with pytest.raises(CheckFailed, match="below the terrain"):
        prepare_heights(HeightJob((surface,), out, ground=ground))
    assert names(out.parent) == []


def test_nothing_to_read_is_named(tmp_path: Path) -> None:
    out = tmp_path / "o.tif"
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "no.tif", tmp_path / "empty"):
        with pytest.raises(MissingInputError):
            prepare_heights(HeightJob((source,), out))
    (tmp_path / "a.dwg").write_bytes(b"x")
    with pytest.raises(ConfigError, match=r"\.dwg"):
        prepare_heights(HeightJob((tmp_path / "a.dwg",), out))


@pytest.mark.shared
def test_the_model_of_delfshaven_gives_the_roofs_of_its_heights(
    tmp_path: Path, shared_data: Path
) -> None:
    folder = shared_data / "delfshaven-lod2"
    out = tmp_path / "dsm.tif"
    prepare_heights(HeightJob((folder / "3-20-DELFSHAVEN.city.json",), out, cell_m=0.5))
    with (
        HeightReader(out) as ours,
        HeightReader(folder / "delfshaven_dsm.tif") as other,
        HeightReader(folder / "delfshaven_dtm.tif") as ground,
    ):
        assert ours.geobox.bounds == other.geobox.bounds
        reference = other.read()
        roof = reference - ground.read() > 2.0
        difference = np.abs(ours.read() - reference)[roof]
    assert np.median(difference) < 0.001
    assert (difference > 0.02).mean() < 0.01
