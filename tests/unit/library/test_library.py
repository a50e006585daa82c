"""The library: the numbers of the command line, labelled, and refusals that say why."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest
import rasterio

from zonnekaart import library as zk
from zonnekaart.errors import (
    ConfigError,
    CrsError,
    MissingInputError,
    RasterError,
    ShapeMismatchError,
    WeatherError,
)
from zonnekaart.pipelines.irradiation import compute
from zonnekaart.pipelines.irradiation_job import Job

xr = pytest.importorskip("xarray", reason="the extra 'xarray' is not installed")

WEST, NORTH, ROWS, COLS = 155037.0, 240011.0, 60, 70
LIGHT = zk.Light(directions=16, radius_m=25.0)
CRS = "EPSG:31370"


def heights():
    rng = np.random.default_rng(6)
    values = 5.0 + rng.normal(0.0, 0.05, (ROWS, COLS))
    values[20:34, 15:40] += 6.0 - 0.5 * np.abs(np.arange(14) - 6.5)[:, None]
    values[40:44, 50:54] += 12.0
    values[3:5, 3:6] = np.nan
    return values.astype(np.float32)


def raster(values=None, **coordinates):
    values = heights() if values is None else values
    given = {
        "y": NORTH - 0.5 - np.arange(values.shape[0]),
        "x": WEST + 0.5 + np.arange(values.shape[1]),
        **coordinates,
    }
    return xr.DataArray(values, dims=("y", "x"), coords=given)


def table(zone="UTC", **columns):
    times = pd.date_range("2021-01-01", periods=8760, freq="h", tz=zone)
    day = np.clip(np.sin((times.hour.to_numpy() - 6.0) / 12.0 * np.pi), 0.0, None)
    data = {"ghi": 500.0 * day, "dni": 300.0 * day, "dhi": 250.0 * day, **columns}
    return pd.DataFrame(data, index=times)


@pytest.fixture(scope="module")
def epw(town_build):
    return town_build.folder / "weather" / "zonnedorp.epw"


@pytest.fixture(scope="module")
def result(epw):
    return zk.irradiation(raster(), epw, LIGHT, crs=CRS)


def test_public_names_are_these():
    assert sorted(zk.__all__) == [
        "Light",
        "PlaneSettings",
        "RoofPlanes",
        "WeatherYear",
        "horizon",
        "irradiation",
        "plane_irradiation",
        "roof_planes",
        "sky_view_factor",
        "weather_year",
    ]
    assert all(getattr(zk, name).__doc__ for name in zk.__all__)


def test_same_numbers_as_the_command_line_bit_for_bit(epw, result, tmp_path):
    profile = {
        "driver": "GTiff",
        "height": ROWS,
        "width": COLS,
        "count": 1,
        "dtype": "float32",
        "crs": CRS,
        "nodata": float("nan"),
        "transform": rasterio.Affine(1.0, 0.0, WEST, 0.0, -1.0, NORTH),
    }
    with rasterio.open(tmp_path / "dsm.tif", "w", **profile) as target:
        target.write(heights(), 1)
    compute(
        Job(
            dsm=tmp_path / "dsm.tif",
            weather=epw,
            out=tmp_path / "out.tif",
            directions=16,
            radius_m=25.0,
            window_cells=64,
        )
    )
    with rasterio.open(tmp_path / "out.tif") as source:
        bands = source.read()
    np.testing.assert_array_equal(result["annual_irradiation_kwh_m2"].values, bands[0])
    np.testing.assert_array_equal(result["monthly_irradiation_kwh_m2"].values, bands[1:])
    assert np.isnan(bands[0]).sum() == 6


def test_result_says_what_where_and_how(result):
    annual = result["annual_irradiation_kwh_m2"]
    assert annual.dims == ("y", "x")
    assert annual.attrs["units"] == "kWh/m2"
    assert annual.attrs["grid_mapping"] == "spatial_ref"
    assert result["month"].values.tolist() == list(range(1, 13))
    where = result["spatial_ref"].attrs
    assert "31370" in where["crs_wkt"]
    assert where["GeoTransform"] == f"{WEST} 1.0 0.0 {NORTH} 0.0 -1.0"
    assert (result.attrs["directions"], result.attrs["radius_m"]) == (16, 25.0)
    np.testing.assert_array_equal(annual["y"].values, raster()["y"].values)


def test_result_is_a_raster_again(result, epw):
    """The CRS that we write is the one that we read."""
    again = raster().assign_coords(spatial_ref=result["spatial_ref"])
    same = zk.irradiation(again, epw, LIGHT)
    xr.testing.assert_identical(same, result)


def test_rows_from_the_south_give_the_same_light(result, epw):
    turned = zk.irradiation(raster()[::-1], epw, LIGHT, crs=CRS)
    np.testing.assert_array_equal(turned["y"].values, raster()["y"].values[::-1])
    for name in result.data_vars:
        np.testing.assert_array_equal(turned[name].values[..., ::-1, :], result[name].values)


def test_mask_leaves_the_others_unknown(result, epw):
    wanted = raster() > 8.0
    masked = zk.irradiation(raster(), epw, LIGHT, mask=wanted, crs=CRS)
    annual = masked["annual_irradiation_kwh_m2"].values
    np.testing.assert_array_equal(np.isfinite(annual), wanted.values)
    np.testing.assert_array_equal(
        annual[wanted.values], result["annual_irradiation_kwh_m2"].values[wanted.values]
    )
    with pytest.raises(ShapeMismatchError):
        zk.irradiation(raster(), epw, LIGHT, mask=wanted[:-1], crs=CRS)
    with pytest.raises(ShapeMismatchError, match="coordinates"):
        zk.irradiation(raster(), epw, LIGHT, mask=wanted[::-1], crs=CRS)


def test_dask_array_is_read_window_by_window(result, epw):
    pytest.importorskip("dask.array", reason="dask is not installed")
    lazy = raster().chunk({"y": 17, "x": 23})
    xr.testing.assert_identical(zk.irradiation(lazy, epw, LIGHT, crs=CRS), result)


def test_fill_value_and_single_band_are_understood(result, epw):
    filled = raster(np.nan_to_num(heights(), nan=-9999.0)).expand_dims("band")
    filled.attrs["_FillValue"] = -9999.0
    again = zk.irradiation(filled, epw, LIGHT, crs=CRS)
    xr.testing.assert_identical(again, result)


@pytest.mark.parametrize(
    ("dsm", "crs", "error", "words"),
    [
        (raster, None, CrsError, "no coordinate reference system"),
        (raster, "EPSG:4326", CrsError, "degree"),
        (raster, "EPSG:2263", CrsError, "foot"),
        (lambda: raster(y=NORTH - 2.0 * np.arange(ROWS)), CRS, RasterError, "cells of 1 x 2"),
        (lambda: raster(x=WEST + np.arange(COLS) ** 1.1), CRS, RasterError, "unequal steps"),
        (lambda: raster().drop_vars("x"), CRS, RasterError, "no coordinates of x"),
        (lambda: raster().rename(x="column"), CRS, RasterError, "dimensions"),
        (lambda: raster().T, CRS, RasterError, "dimensions"),
        (lambda: raster().assign_attrs(units="cm"), CRS, RasterError, "heights in cm"),
        (lambda: raster().fillna(-9999.0), CRS, RasterError, "6 cells of -9999"),
        (heights, CRS, RasterError, "a ndarray"),
    ],
)
def test_rasters_that_are_refused(dsm, crs, error, words, epw):
    with pytest.raises(error, match=words):
        zk.irradiation(dsm(), epw, LIGHT, crs=crs)


def test_rotated_geotransform_is_refused(epw):
    where = xr.DataArray(
        0, attrs={"crs_wkt": CRS, "GeoTransform": f"{WEST} 1.0 0.2 {NORTH} 0.2 -1.0"}
    )
    with pytest.raises(RasterError, match="rotated"):
        zk.irradiation(raster().assign_coords(spatial_ref=where), epw, LIGHT)


def test_table_is_the_year_it_holds():
    year = zk.weather_year(table(), place=(51.4, 4.5), label="end")
    assert year.time_utc[0] == np.datetime64("2020-12-31T23:30")
    assert year.annual_ghi_kwh_m2 == pytest.approx(table()["ghi"].sum() / 1000.0)
    local = zk.weather_year(table("Etc/GMT-1"), place=(51.4, 4.5), label="start")
    assert local.time_utc[0] == np.datetime64("2020-12-31T23:30")
    assert local.utc_offset_hours == 1.0
    assert local.month[0] == 1


def test_table_in_xarray_call_takes_the_middle_of_the_raster():
    light = zk.Light(directions=16, radius_m=25.0, label="start")
    direct = zk.irradiation(raster(), table(), light, crs=CRS)
    year = zk.weather_year(table(), place=(51.46, 4.47), label="start")
    stated = zk.irradiation(raster(), year, light, crs=CRS)
    np.testing.assert_allclose(
        direct["annual_irradiation_kwh_m2"], stated["annual_irradiation_kwh_m2"], rtol=2e-3
    )


@pytest.mark.parametrize(
    ("weather", "label", "error", "words"),
    [
        (table, None, ConfigError, "without a label"),
        (lambda: table().tz_localize(None), "start", WeatherError, "without a time zone"),
        (lambda: table().reset_index(drop=True), "start", WeatherError, "no times"),
        (lambda: table().drop(columns="dhi"), "start", WeatherError, "no column dhi"),
        (lambda: table().iloc[:4000], "start", WeatherError, "166.7 days"),
        (lambda: table().drop(table().index[100]), "start", WeatherError, "gap"),
        (lambda: table(ghi=np.nan), "start", WeatherError, "no value"),
        (lambda: table(ghi=4000.0), "start", WeatherError, "4000 W/m2"),
        (lambda: (table(), {}), "start", WeatherError, "a tuple"),
    ],
)
def test_weather_that_is_refused(weather, label, error, words):
    with pytest.raises(error, match=words):
        zk.irradiation(raster(), weather(), zk.Light(16, 25.0, label=label), crs=CRS)


def test_horizon_and_sky_view_factor_are_labelled():
    horizon = zk.horizon(raster(), LIGHT, crs=CRS)
    assert horizon.dims == ("azimuth", "y", "x")
    assert horizon["azimuth"].values.tolist() == [22.5 * k for k in range(16)]
    foot = horizon.sel(x=WEST + 49.5, y=NORTH - 42.5)
    assert float(foot.sel(azimuth=90.0)) > 80.0
    assert float(foot.sel(azimuth=270.0)) < 45.0
    factor = zk.sky_view_factor(horizon)
    assert factor.dims == ("y", "x")
    assert 0.4 < float(factor.sel(x=WEST + 49.5, y=NORTH - 42.5)) < 0.75
    assert int(factor.isnull().sum()) == 6
    turned = zk.sky_view_factor(zk.horizon(raster()[::-1], LIGHT, crs=CRS))
    np.testing.assert_array_equal(turned.values[::-1], factor.values)
    with pytest.raises(ShapeMismatchError):
        zk.sky_view_factor(factor)


def test_planes_see_an_open_sky_unless_told(epw):
    open_sky = zk.plane_irradiation(epw, [0.0, 35.0, 35.0], [np.nan, 180.0, 0.0])
    assert open_sky.shape == (3, 13)
    np.testing.assert_allclose(open_sky[:, 1:].sum(axis=1), open_sky[:, 0])
    assert open_sky[1, 0] > open_sky[0, 0] > open_sky[2, 0]
    shut = zk.plane_irradiation(epw, 0.0, np.nan, np.full((1, 16), 60.0))
    assert shut[0, 0] < 0.5 * open_sky[0, 0]


def test_without_xarray_the_extra_is_named(monkeypatch, epw):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "zonnekaart.library.rasters.find_spec",
        lambda name: None if name == "xarray" else real(name),
    )
    with pytest.raises(MissingInputError, match=r"zonnekaart\[xarray\]"):
        zk.irradiation(raster(), epw, LIGHT, crs=CRS)
