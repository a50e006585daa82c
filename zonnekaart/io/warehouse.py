"""The DuckDB warehouse: written once by publish, opened read-only and locked by the server."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from zonnekaart.errors import NotBuiltError, ZonnekaartError
from zonnekaart.io.files import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

_SQL = Path(__file__).parent / "sql"
_EXTENSION = "spatial.duckdb_extension"
_READ_MEMORY, _WRITE_MEMORY = "512MB", "2GB"
_REPAIR = "pip install --force-reinstall duckdb==1.5.5 duckdb-extension-spatial==1.5.5"


class WarehouseError(ZonnekaartError, RuntimeError):
    """DuckDB and its spatial extension do not fit together, or the file is not ours."""


@cache
def sql(name: str) -> str:
    """Return one query: the text of ``io/sql/<name>.sql``."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def spatial_extension() -> Path:
    """
    Return the path of the spatial extension that fits the installed DuckDB.

    Raises
    ------
    WarehouseError
        If the package is absent or was made for another DuckDB.
    """
    spec = importlib.util.find_spec("duckdb_extension_spatial")
    version = importlib.metadata.version("duckdb")
    if spec is None or not spec.submodule_search_locations:
        raise WarehouseError(f"duckdb-extension-spatial is not installed. hint: {_REPAIR}")
    folder = Path(next(iter(spec.submodule_search_locations))) / "extensions" / f"v{version}"
    if not (folder / _EXTENSION).is_file():
        raise WarehouseError(
            f"duckdb {version} has no spatial extension beside it. hint: {_REPAIR}"
        )
    return folder / _EXTENSION


def _connect(memory: str) -> duckdb.DuckDBPyConnection:
    """Return a connection to an empty database in memory, with the spatial extension."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory,
        "threads": 2,
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        connection.execute(f"LOAD {_quoted(spatial_extension())}")
    except (duckdb.Error, WarehouseError) as error:
        connection.close()
        raise WarehouseError(
            f"DuckDB cannot load its spatial extension ({str(error).splitlines()[0]}). "
            f"hint: {_REPAIR}"
        ) from error
    return connection


def _quoted(path: Path) -> str:
    """Return a path as SQL text: LOAD and ATTACH take no bound parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def write_warehouse(
    path: Path, layers: Mapping[str, gpd.GeoDataFrame], tables: Mapping[str, pd.DataFrame]
) -> dict[str, int]:
    """
    Write layers and plain tables into a new DuckDB file, atomically.

    Rows of a layer are ordered along a Hilbert curve and carry their box (``xmin`` … ``ymax``),
    so that a query by window reads few row groups.

    Parameters
    ----------
    path : Path
        The file; replaced as a whole.
    layers : mapping of str to GeoDataFrame
        Table name → frame; the geometry column becomes ``geometry`` in the frame's CRS.
    tables : mapping of str to DataFrame
        Table name → frame.

    Returns
    -------
    dict
        Rows per table.
    """
    with replacing(path) as temporary:
        connection = _connect(_WRITE_MEMORY)
        try:
            connection.execute(f"ATTACH {_quoted(temporary)} AS published")
            for name, frame in layers.items():
                plain = frame.drop(columns=frame.geometry.name).assign(wkb=frame.geometry.to_wkb())
                connection.register("source", plain)
                # Names are keys of our own mapping, never input.
                connection.execute(sql("create_layer").format(table=_identifier(name)))
                connection.unregister("source")
            for name, table in tables.items():
                connection.register("source", table)
                connection.execute(sql("create_table").format(table=_identifier(name)))
                connection.unregister("source")
            counts = {n: len(f) for n, f in [*layers.items(), *tables.items()]}
            connection.execute("CHECKPOINT published")
        finally:
            connection.close()
    return counts


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"{name!r} cannot name a table")
    return f'"{name}"'


class Warehouse:
    """
    The published tables, read-only: no file, extension or network within reach of a query.

    Parameters
    ----------
    path : Path
        ``warehouse.duckdb`` of a build folder.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    WarehouseError
        If the file or the extension cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        self._connection = _connect(_READ_MEMORY)
        try:
            # Attached, not opened: DuckDB keeps one instance per path in a process, and would
            # hand out the previous publication's while a request still holds it.
            self._connection.execute(f"ATTACH {_quoted(path)} AS published (READ_ONLY)")
        except duckdb.Error as error:
            self._connection.close()
            raise WarehouseError(
                f"{path}: not a warehouse of ours ({str(error).splitlines()[0]}). "
                "hint: run publish again"
            ) from error
        self._connection.execute("SET enable_external_access=false")
        self._connection.execute("SET lock_configuration=true")

    def rows(self, query: str, parameters: list[object] | None = None) -> list[dict[str, Any]]:
        """
        Run one of our queries and return its rows.

        Parameters
        ----------
        query : str
            Name of a file in ``io/sql``; never text from outside.
        parameters : list, optional
            Bound values.

        Raises
        ------
        NotBuiltError
            If an older publish has not written the table.
        """
        # A cursor is a connection of its own: threads must not share one.
        with self._connection.cursor() as cursor:
            try:
                result = cursor.execute(sql(query), parameters or [])
            except duckdb.CatalogException as error:
                raise NotBuiltError(query, "zonnekaart run PROJECT.toml --stage publish") from error
            names = [column[0] for column in result.description or []]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
