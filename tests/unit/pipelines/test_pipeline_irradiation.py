from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from tests.solar_cases import made_up_town
from tests.unit.io.test_sources_weather_epw import rows_of, write_epw
from tests.unit.test_config import MINIMAL
from tests.weather_files import hours, write_csv, write_pvgis_hourly
from zonnekaart.config import load_project
from zonnekaart.errors import ConfigError, CrsError, MissingInputError, RasterError, WeatherError
from zonnekaart.geo.heights import Corrections
from zonnekaart.io.sources.weather_options import WeatherOptions
from zonnekaart.io.vector import write_layer
from zonnekaart.pipelines.irradiation import STAGE, compute, load_sky
from zonnekaart.pipelines.irradiation_job import Job
from zonnekaart.pipelines.runs import StageContext, run_stage
from zonnekaart.pipelines.skies import WeatherFile
from zonnekaart.pipelines.vegetation import OPAQUE, Vegetation

if TYPE_CHECKING:
    from pathlib import Path

WEST, NORTH = 150_007.0, 200_003.0


class Counting:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total, self.done = 0, 0

    def start(self, label: str, total: int) -> None:
        self.total = total

    def advance(self, steps: int = 1) -> None:
        self.done += steps

    def note(self, message: str) -> None:
        pass


def write_raster(path: Path, values: np.ndarray, west=WEST, north=NORTH, crs="EPSG:31370") -> Path:
    values = np.where(np.isnan(values), -9999.0, values).astype(np.float32)
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": crs,
        "nodata": -9999.0,
        "transform": rasterio.Affine(1.0, 0.0, west, 0.0, -1.0, north),
    }
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values, 1)
    return path


@pytest.fixture
def job(tmp_path) -> Job:
    height = made_up_town(170, 150)
    height[20:24, 30:33] = np.nan
    return Job(
        dsm=write_raster(tmp_path / "dsm.tif", height),
        weather=write_epw(tmp_path, rows_of([2019])),
        out=tmp_path / "out" / "irradiation.tif",
        sky=tmp_path / "out" / "sky.npz",
        directions=16,
        radius_m=20.0,
        window_cells=64,
    )


def bands(path: Path) -> np.ndarray:
    with rasterio.open(path) as dataset:
        return dataset.read()


def test_writes_thirteen_named_bands_and_the_sky(job):
    progress = Counting()
    facts = compute(job, progress)
    with rasterio.open(job.out) as dataset:
        assert dataset.descriptions == ("annual", *(f"{m:02d}" for m in range(1, 13)))
        assert set(dataset.units) == {"kWh/m2"}
        assert dataset.crs.to_epsg() == 31370
        assert dataset.shape == (170, 150)
        values = dataset.read()
    assert np.isnan(values[:, 20:24, 30:33]).all()
    known = np.isfinite(values[0])
    assert known.sum() == 170 * 150 - 12 == facts["evaluated_cells"]
    assert values[0][known] == pytest.approx(values[1:, known].sum(axis=0), rel=1e-5)
    assert facts["mean_annual_kwh_m2"] == pytest.approx(values[0][known].mean(), rel=1e-3)
    assert progress.done == progress.total == facts["windows"] == 16
    assert load_sky(job.sky).directions == 16


def test_result_does_not_depend_on_windows_or_workers(job, tmp_path):
    compute(job)
    other = replace(job, out=tmp_path / "other.tif", window_cells=100, workers=3)
    compute(other)
    assert np.array_equal(bands(job.out), bands(other.out), equal_nan=True)


def test_crop_and_whole_agree_where_the_halo_lies_inside_both(job, tmp_path):
    compute(job)
    with rasterio.open(job.dsm) as dataset:
        part = dataset.read(1)[31:141, 22:127]
    crop = replace(
        job,
        dsm=write_raster(tmp_path / "crop.tif", part, WEST + 22, NORTH - 31),
        out=tmp_path / "crop_out.tif",
    )
    compute(crop)
    edge = 20 + 12
    inside = bands(crop.out)[:, edge:-edge, edge:-edge]
    whole = bands(job.out)[:, 31 + edge : 141 - edge, 22 + edge : 127 - edge]
    assert inside.shape[1] > 40
    assert np.array_equal(inside, whole, equal_nan=True)


def test_mask_leaves_only_its_cells(job, tmp_path):
    compute(job)
    mask = (made_up_town(170, 150) > 12.5).astype(np.float32)
    masked = replace(job, out=tmp_path / "m.tif", mask=write_raster(tmp_path / "mask.tif", mask))
    compute(masked)
    some, every = bands(masked.out), bands(job.out)
    assert np.isnan(some[:, mask == 0]).all()
    assert np.array_equal(some[:, mask == 1], every[:, mask == 1], equal_nan=True)


def test_ground_heights_fill_gaps_of_the_surface(job, tmp_path):
    ground = np.full((170, 150), 10.0, dtype=np.float32)
    filled = replace(job, out=tmp_path / "f.tif", dtm=write_raster(tmp_path / "dtm.tif", ground))
    compute(filled)
    assert np.isfinite(bands(filled.out)).all()


def test_scheduler_gives_the_same_as_threads(job, tmp_path):
    distributed = pytest.importorskip("distributed")
    compute(job)
    elsewhere = replace(job, out=tmp_path / "elsewhere.tif", workers=2)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        compute(replace(elsewhere, scheduler=cluster.scheduler_address))
    assert np.array_equal(bands(job.out), bands(elsewhere.out), equal_nan=True)


def test_scheduler_without_distributed_says_what_to_install(job, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingInputError, match="regions"):
        compute(replace(job, scheduler="tcp://localhost:1"))


def test_bad_inputs_are_told_apart_and_leave_the_old_result(job, tmp_path):
    compute(job)
    before = job.out.read_bytes()
    with pytest.raises(MissingInputError):
        compute(replace(job, weather=tmp_path / "none.epw"))
    with pytest.raises(MissingInputError):
        compute(replace(job, dsm=tmp_path / "none.tif"))
    height = made_up_town(170, 150)
    with pytest.raises(CrsError):
        compute(replace(job, crs="EPSG:28992"))
    shifted = write_raster(tmp_path / "shifted.tif", height, WEST + 3)
    with pytest.raises(RasterError, match="150010"):
        compute(replace(job, dtm=shifted))
    cm = write_raster(tmp_path / "cm.tif", height * 1000.0)
    with pytest.raises(RasterError, match="metres"):
        compute(replace(job, dsm=cm))
    (tmp_path / "cut").mkdir()
    cut = write_epw(tmp_path / "cut", rows_of([2019])[:4000])
    with pytest.raises(WeatherError):
        compute(replace(job, weather=cut))
    assert job.out.read_bytes() == before
    assert sorted(p.name for p in job.out.parent.iterdir()) == ["irradiation.tif", "sky.npz"]


def test_radius_that_cannot_fit_in_memory_is_refused(job):
    with pytest.raises(ConfigError, match="radius"):
        compute(replace(job, radius_m=9000.0))


def test_stage_runs_once_and_then_is_current(job, tmp_path):
    text = MINIMAL.replace("heights/dsm.tif", "dsm.tif") + (
        "[irradiation]\ndirections = 16\nradius_m = 20.0\nwindow_cells = 64\n"
    )
    (tmp_path / "zonnekaart.toml").write_text(text)
    project = load_project(tmp_path / "zonnekaart.toml")
    context = StageContext(project=project, build=tmp_path / "build", workers=2)
    first = run_stage(STAGE, context)
    assert first.status == "done"
    assert first.facts["weather"] == "Testdorp Made up"
    assert (tmp_path / "build" / "irradiation.tif").is_file()
    assert run_stage(STAGE, context).status == "unchanged"


def test_further_years_and_periods_get_bands(job, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    rows = rows_of([2019])
    for row in rows:
        # Dimmer beam and brighter sky: cells that see much sky gain, sunny slopes lose.
        row[14] = f"{float(row[14]) * 0.4:.0f}"
        row[15] = f"{float(row[15]) * 1.7:.0f}"
    dim = write_epw(other, rows)
    job = replace(job, other_weather=(WeatherFile(dim),), periods=("01-01:12-31", "06-21"))
    compute(job)
    with rasterio.open(job.out) as dataset:
        names = dataset.descriptions
        values = dict(zip(names, dataset.read(), strict=True))
    assert names[13:] == ("annual_low", "annual_high", "01-01:12-31", "06-21")
    compute(replace(job, weather=dim, out=tmp_path / "dim.tif", other_weather=(), periods=()))
    dimmed = bands(tmp_path / "dim.tif")[0]
    known = np.isfinite(dimmed)
    annual = values["annual"][known]
    assert values["annual_low"][known] == pytest.approx(np.minimum(annual, dimmed[known]), rel=1e-5)
    assert values["annual_high"][known] == pytest.approx(
        np.maximum(annual, dimmed[known]), rel=1e-5
    )
    assert values["01-01:12-31"][known] == pytest.approx(annual, rel=1e-5)
    assert not np.array_equal(values["annual_low"][known], values["annual_high"][known])


def test_one_file_of_several_years_gives_lowest_and_highest(job, tmp_path):
    stamps = hours("2019-01-01", "2021-12-31", 10)
    several = write_pvgis_hourly(tmp_path / "several.csv", stamps)
    facts = compute(replace(job, weather=several))
    assert facts["weather_years"] == 3
    with rasterio.open(job.out) as dataset:
        values = dict(zip(dataset.descriptions, dataset.read(), strict=True))
    known = np.isfinite(values["annual"])
    assert list(values)[13:] == ["annual_low", "annual_high"]
    single = []
    for year in (2019, 2020, 2021):
        chosen = compute(replace(job, weather=several, weather_options=WeatherOptions(year=year)))
        assert chosen["weather"].endswith(str(year))
        single.append(bands(job.out)[0][known])
    assert values["annual_low"][known] == pytest.approx(np.min(single, axis=0), rel=1e-5)
    assert values["annual_high"][known] == pytest.approx(np.max(single, axis=0), rel=1e-5)


def test_any_format_serves_as_further_year(job, tmp_path):
    other = write_csv(tmp_path / "other.csv", hours("2021-01-01", "2021-12-31", 30))
    facts = compute(replace(job, other_weather=(WeatherFile(other),)))
    assert facts["weather_years"] == 2
    with rasterio.open(job.out) as dataset:
        assert dataset.descriptions[13:] == ("annual_low", "annual_high")


def test_what_was_assumed_stands_in_the_facts(job, tmp_path):
    times = hours("2021-01-01", "2021-12-31", 30)
    alone = write_csv(tmp_path / "ghi.csv", times, columns=("ghi",))
    facts = compute(replace(job, weather=alone))
    assert any("Erbs" in said for said in facts["weather_assumptions"])


def test_stated_unit_and_corrections_hold_in_every_window(job, tmp_path):
    """Centimetres with spikes and a hole: in small windows as in a large one, and close to m."""
    with rasterio.open(job.dsm) as dataset:
        height = dataset.read(1)
    compute(job)
    clean = bands(job.out)
    rough = np.where(height == -9999.0, height, np.round(height * 100.0))
    rough[63:66, 63:66] = -9999.0
    rough[[10, 64, 120], [70, 128, 40]] += 6000.0
    stated = replace(
        job,
        dsm=write_raster(tmp_path / "cm.tif", rough),
        corrections=Corrections(unit="cm", despike=True, fill_holes_m=3.0),
    )
    small = compute(replace(stated, out=tmp_path / "small.tif"))
    compute(replace(stated, out=tmp_path / "large.tif", window_cells=256))
    assert small["windows"] > 4
    np.testing.assert_array_equal(bands(tmp_path / "small.tif"), bands(tmp_path / "large.tif"))
    annual = bands(tmp_path / "small.tif")[0]
    known = np.isfinite(annual) & np.isfinite(clean[0])
    assert known.sum() >= np.isfinite(clean[0]).sum()
    off = np.abs(annual[known] / clean[0][known] - 1.0)
    assert np.median(off) < 0.01
    assert np.quantile(off, 0.9) < 0.1


def trees_on(job: Job, folder: Path) -> tuple[Job, np.ndarray]:
    """The same town with crowns over streets and over some roofs."""
    height = made_up_town(170, 150)
    y, x = np.mgrid[0:170, 0:150]
    ground = (10.0 + 0.01 * x + 0.005 * y).astype(np.float32)
    roofs = height > ground + 2.0
    crowns = np.zeros((170, 150), dtype=np.float32)
    for row, col in np.random.default_rng(2).integers(10, 140, (30, 2)):
        crowns[row : row + 5, col : col + 5] = 13.0
    trees = Vegetation(
        path=write_raster(folder / "crowns.tif", crowns),
        ground=write_raster(folder / "ground.tif", ground),
    )
    mask = write_raster(folder / "roofs.tif", roofs.astype(np.float32))
    return replace(job, vegetation=trees, roofs=mask, out=folder / "trees.tif"), crowns


def test_trees_let_light_through_and_hide_what_is_under_them(job, tmp_path):
    among, crowns = trees_on(job, tmp_path)
    facts = compute(among)
    solid = bands(among.out)
    opaque = replace(
        among, out=tmp_path / "opaque.tif", vegetation=replace(among.vegetation, months=(0.0,) * 12)
    )
    compute(opaque)
    hidden = np.isnan(solid[0])
    hidden[20:24, 30:33] = False
    assert hidden.any()
    assert (crowns[hidden] > 0.0).all()
    known = ~np.isnan(solid)
    gain = solid[known] - bands(opaque.out)[known]
    assert gain.min() > -0.1
    assert gain.max() > 5.0
    assert "crowns.tif; deciduous transmissivity 0.5" in facts["trees"]
    with rasterio.open(among.out) as dataset:
        assert dataset.tags()["trees"] == facts["trees"]
    assert load_sky(among.sky).through is not None


def test_windows_and_crops_do_not_show_among_trees(job, tmp_path):
    among, _ = trees_on(job, tmp_path)
    compute(among)
    other = replace(among, out=tmp_path / "o.tif", window_cells=100, workers=3)
    compute(other)
    whole = bands(among.out)
    assert np.array_equal(whole, bands(other.out), equal_nan=True)


def test_trees_are_said_to_be_opaque_without_vegetation(job):
    facts = compute(job)
    assert facts["trees"] == OPAQUE
    with rasterio.open(job.out) as dataset:
        assert dataset.tags()["trees"] == OPAQUE


def test_derived_trees_need_footprints(job, tmp_path):
    among, _ = trees_on(job, tmp_path)
    derived = replace(among.vegetation, path=None)
    with pytest.raises(ConfigError, match="footprints"):
        compute(replace(among, vegetation=derived, roofs=None))
    facts = compute(replace(among, vegetation=derived))
    assert "estimate" in facts["trees"]


def test_crowns_on_other_cells_are_refused(job, tmp_path):
    among, _ = trees_on(job, tmp_path)
    shifted = write_raster(tmp_path / "shifted.tif", np.zeros((170, 150)), WEST + 0.5)
    with pytest.raises(RasterError, match=r"shifted\.tif"):
        compute(replace(among, vegetation=replace(among.vegetation, path=shifted)))


def test_seasons_turn_south_of_the_equator_but_own_months_do_not(tmp_path):
    trees = Vegetation(path=None, ground=tmp_path)
    north, south = trees.transmissivity(51.0), trees.transmissivity(-34.0)
    assert north[6:] + north[:6] == south
    assert north[0] == pytest.approx(0.5)
    assert north[6] == pytest.approx(0.1)
    own = replace(trees, crown="", months=north)
    assert own.transmissivity(-34.0) == north


def test_stage_derives_trees_from_the_footprints_of_the_project(job, tmp_path):
    ground = np.full((170, 150), 10.0, dtype=np.float32)
    write_raster(tmp_path / "dtm.tif", ground)
    house = shapely.box(WEST + 60, NORTH - 90, WEST + 80, NORTH - 70)
    frame = gpd.GeoDataFrame({"building_id": ["a"]}, geometry=[house], crs="EPSG:31370")
    write_layer(frame, tmp_path / "buildings.gpkg", "GPKG", layer="features")
    text = MINIMAL.replace("heights/dsm.tif", "dsm.tif") + (
        '[inputs.dtm]\npath = "dtm.tif"\n'
        f"[inputs.vegetation]\nderive = true\nmin_height_m = 4.0\n"
        f"transmissivity = {[0.5] * 12}\n"
        "[irradiation]\ndirections = 8\nradius_m = 20.0\nwindow_cells = 64\n"
    )
    (tmp_path / "zonnekaart.toml").write_text(text)
    project = load_project(tmp_path / "zonnekaart.toml")
    context = StageContext(project=project, build=tmp_path / "build", workers=2)
    context.build.mkdir()
    assert "estimate" in run_stage(STAGE, context).facts["trees"]
    found = bands(tmp_path / "build" / "irradiation.tif")[0]
    assert np.isfinite(found[72:88, 62:78]).all()
    assert np.isnan(found).sum() > 1000
    assert sorted(p.name for p in context.build.iterdir()) == [
        "irradiation.tif",
        "manifests",
        "sky.npz",
    ]
    assert run_stage(STAGE, context).status == "unchanged"


def test_stated_units_hold_among_trees(job, tmp_path):
    """Surface in cm and terrain in dm give what metres give, and are opened under their units."""
    among, _ = trees_on(job, tmp_path)
    heights = [("dsm", among.dsm, 100.0), ("dtm", among.vegetation.ground, 10.0)]
    for name, path, factor in heights:
        with rasterio.open(path) as dataset:
            values = dataset.read(1)
        values = np.where(values == -9999.0, values, np.round(values * factor) / factor)
        write_raster(tmp_path / f"{name}_m.tif", values)
        write_raster(
            tmp_path / f"{name}_units.tif",
            np.where(values == -9999.0, values, np.round(values * factor)),
        )
        with rasterio.open(tmp_path / f"{name}_units.tif", "r+") as dataset:
            dataset.units = ("cm" if name == "dsm" else "dm",)
    ground = tmp_path / "dtm_m.tif"
    in_metres = replace(
        among,
        dsm=tmp_path / "dsm_m.tif",
        vegetation=replace(among.vegetation, ground=ground),
        out=tmp_path / "metres.tif",
    )
    stated = replace(
        among,
        dsm=tmp_path / "dsm_units.tif",
        corrections=Corrections(unit="cm"),
        vegetation=replace(
            among.vegetation,
            ground=tmp_path / "dtm_units.tif",
            ground_corrections=Corrections(unit="dm"),
        ),
        out=tmp_path / "units.tif",
    )
    compute(in_metres)
    compute(stated)
    expected, found = bands(in_metres.out), bands(stated.out)
    assert np.array_equal(np.isnan(expected), np.isnan(found))
    known = ~np.isnan(expected)
    np.testing.assert_allclose(found[known], expected[known], rtol=0.01, atol=0.05)


def test_stage_refuses_trees_beside_a_cadastre(tmp_path):
    text = MINIMAL + (
        '[inputs.dtm]\npath = "dtm.tif"\n[inputs.vegetation]\nderive = true\n'
        '[inputs.cadastre]\npath = "c.tif"\nkind = "raster"\nirradiation_unit = "kWh/m2"\n'
        'surface = "sloped"\n'
    )
    (tmp_path / "zonnekaart.toml").write_text(text)
    project = load_project(tmp_path / "zonnekaart.toml")
    with pytest.raises(ConfigError, match="as its maker took them"):
        run_stage(STAGE, StageContext(project=project, build=tmp_path / "build"))
