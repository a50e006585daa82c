"""Vector layers and tables in and out: GPKG, GeoJSON, GeoParquet. The door to pyogrio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from zonnekaart.errors import MissingInputError, VectorError
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_layer(path: Path, layer: str | None = None) -> gpd.GeoDataFrame:
    """
    Read a vector file as it is: no repair, no reprojection.

    Parameters
    ----------
    path : Path
        GPKG, GeoJSON, FlatGeobuf, Shapefile or GeoParquet.
    layer : str, optional
        Layer name; needed only when the file holds several.

    Raises
    ------
    MissingInputError, VectorError
        If the file is absent or cannot be read.
    """
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a vector layer", "check the path in the project file"
        )
    try:
        if path.suffix == ".parquet":
            return gpd.read_parquet(path)
        return pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError, ValueError, OSError) as error:
        raise VectorError(
            str(path),
            f"a file that cannot be read ({str(error).splitlines()[0]})",
            "a readable vector layer",
            "open it in QGIS to see whether it is whole, and name its layer",
        ) from error


def layer_crs(path: Path, layer: str | None = None) -> str | None:
    """Return the CRS a vector file names, or None."""
    if path.suffix == ".parquet":
        crs = gpd.read_parquet(path).crs
        return None if crs is None else str(crs.to_string())
    crs_text: str | None = pyogrio.read_info(path, layer=layer)["crs"]
    return crs_text


def layer_columns(path: Path, layer: str | None = None) -> list[str]:
    """
    Return the columns of a vector file, without reading its rows where the format allows it.

    Raises
    ------
    MissingInputError, VectorError
        As `read_layer`.
    """
    if path.suffix == ".parquet" or not path.is_file():
        return [str(name) for name in read_layer(path, layer).columns]
    try:
        return [str(name) for name in pyogrio.read_info(path, layer=layer)["fields"]]
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise VectorError(
            str(path),
            f"a file that cannot be read ({str(error).splitlines()[0]})",
            "a readable vector layer",
            "open it in QGIS to see whether it is whole, and name its layer",
        ) from error


def write_geoparquet(
    frame: gpd.GeoDataFrame,
    path: Path,
    metadata: Mapping[str, str] | None = None,
    types: Mapping[str, pa.DataType] | None = None,
) -> None:
    """
    Write GeoParquet 1.1 with covering bbox, zstd and our metadata, atomically.

    Parameters
    ----------
    frame : GeoDataFrame
        What to write.
    path : Path
        The file.
    metadata : mapping of str to str, optional
        Ours; read back by `read_metadata`.
    types : mapping of str to DataType, optional
        Arrow types of nested columns, so that a column of empty lists keeps its type.
    """
    with replacing(path) as temporary:
        frame.to_parquet(
            temporary,
            index=False,
            compression="zstd",
            schema_version="1.1.0",
            write_covering_bbox=True,
        )
        if types:
            _set_types(temporary, types)
        _add_metadata(temporary, metadata)


def write_parquet(
    frame: pd.DataFrame, path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Write a table without geometry as Parquet with our metadata, atomically."""
    with replacing(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")
        _add_metadata(temporary, metadata)


def _set_types(path: Path, types: Mapping[str, pa.DataType]) -> None:
    table = pq.read_table(path)
    for name, arrow_type in types.items():
        position = table.schema.get_field_index(name)
        column = table.column(position).cast(arrow_type)
        table = table.set_column(position, pa.field(name, arrow_type), column)
    pq.write_table(table, path, compression="zstd")


def _add_metadata(path: Path, metadata: Mapping[str, str] | None) -> None:
    if not metadata:
        return
    table = pq.read_table(path)
    own = {f"zonnekaart:{k}".encode(): v.encode() for k, v in metadata.items()}
    pq.write_table(
        table.replace_schema_metadata({**(table.schema.metadata or {}), **own}),
        path,
        compression="zstd",
    )


def read_metadata(path: Path) -> dict[str, str]:
    """Return our own metadata of a Parquet file."""
    raw = pq.read_schema(path).metadata or {}
    prefix = b"zonnekaart:"
    return {
        k.removeprefix(prefix).decode(): v.decode() for k, v in raw.items() if k.startswith(prefix)
    }


def read_geoparquet(path: Path) -> gpd.GeoDataFrame:
    """Read GeoParquet that a stage wrote."""
    return gpd.read_parquet(path)


def read_parquet(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read Parquet that a stage wrote."""
    return pd.read_parquet(path, columns=columns)


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, driver: str, stamp: str | None = None, **options: object
) -> None:
    """
    Write a frame with a GDAL driver (``GPKG``, ``GeoJSON``, ``PMTiles``), atomically.

    Parameters
    ----------
    frame : GeoDataFrame
        What to write.
    path : Path
        The file.
    driver : str
        GDAL's name of the format.
    stamp : str, optional
        Time to note in a GeoPackage instead of now, such as ``2026-01-01T00:00:00.000Z``, so that
        the same content gives the same bytes.
    **options
        Passed to ``pyogrio.write_dataframe``.
    """
    # The temporary name is no layer name: the layer is called after the file it becomes.
    options.setdefault("layer", path.stem)
    with replacing(path) as temporary:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
        try:
            pyogrio.write_dataframe(frame, temporary, driver=driver, **options)
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
