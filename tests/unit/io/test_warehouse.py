from __future__ import annotations

import importlib.metadata
import threading
from itertools import pairwise

import duckdb
import geopandas as gpd
import pandas as pd
import pytest
import shapely

from zonnekaart.errors import NotBuiltError
from zonnekaart.io import warehouse
from zonnekaart.io.warehouse import (
    QueryTimeoutError,
    Warehouse,
    WarehouseError,
    spatial_extension,
    write_warehouse,
)


@pytest.fixture
def path(tmp_path):
    corners = [(x, y) for x in range(4) for y in range(4)]
    shapes = [shapely.box(x, y, x + 0.5, y + 0.5) for x, y in corners]
    frame = gpd.GeoDataFrame(
        {"name": [f"{x}{y}" for x, y in corners]}, geometry=shapes, crs="EPSG:31370"
    )
    tables = {
        "zone_details": pd.DataFrame(
            {"zone_id": ["a", "b'; DROP TABLE x; --"], "detail": ["1", "2"]}
        ),
        "zone_rows": pd.DataFrame({"position": [1, 0], "row": ["second", "first"]}),
    }
    found = tmp_path / "w.duckdb"
    counts = write_warehouse(found, {"cells": frame}, tables)
    assert counts == {"cells": 16, "zone_details": 2, "zone_rows": 2}
    return found


def test_rows_come_back_in_order_and_by_bound_value(path):
    opened = Warehouse(path)
    assert [r["row"] for r in opened.rows("zone_rows")] == ["first", "second"]
    assert opened.rows("zone_detail", ["b'; DROP TABLE x; --"]) == [{"detail": "2"}]
    assert opened.rows("zone_detail", ["' OR 1=1 --"]) == []


def test_layer_keeps_shapes_boxes_and_neighbourhood(path):
    opened = Warehouse(path)
    rows = opened._connection.execute(
        "SELECT name, xmin, ymin, xmax, ymax, ST_Area(geometry) FROM published.cells"
    ).fetchall()
    assert all(row[5] == pytest.approx(0.25) for row in rows)
    assert all(row[3] - row[1] == pytest.approx(0.5) for row in rows)
    steps = [abs(a[1] - b[1]) + abs(a[2] - b[2]) for a, b in pairwise(rows)]
    # Along a Hilbert curve neighbours in the file are neighbours on the map.
    assert sum(steps) / len(steps) < 1.5


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "COPY published.cells TO 'out.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
        "DELETE FROM published.cells",
        "CREATE TABLE published.t (i INT)",
        "SET enable_external_access=true",
        "SET autoinstall_known_extensions=true",
        "SET allow_unsigned_extensions=true",
    ],
)
def test_nothing_outside_the_file_is_within_reach(path, query, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = Warehouse(path)
    with pytest.raises(duckdb.Error):
        opened._connection.execute(query)
    assert not (tmp_path / "out.csv").exists()


def test_threads_do_not_share_a_cursor(path):
    opened = Warehouse(path)
    found: list[int] = []

    def ask() -> None:
        found.extend(len(opened.rows("zone_detail", ["a"])) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 80


def test_a_replaced_file_is_seen_while_the_old_one_is_still_open(path):
    old = Warehouse(path)
    write_warehouse(path, {}, {"zone_rows": pd.DataFrame({"position": [0], "row": ["new"]})})
    new = Warehouse(path)
    assert new.rows("zone_rows") == [{"row": "new"}]
    assert [r["row"] for r in old.rows("zone_rows")] == ["first", "second"]


def test_missing_warehouse_says_what_to_run(tmp_path):
    with pytest.raises(NotBuiltError, match="publish"):
        Warehouse(tmp_path / "none.duckdb")


def test_a_file_of_others_is_refused(tmp_path):
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(WarehouseError, match="publish"):
        Warehouse(path)


def test_a_failed_write_leaves_the_old_file(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="cannot name a table"):
        write_warehouse(path, {}, {"bad name": pd.DataFrame({"a": [1]})})
    assert path.read_bytes() == before


def test_extension_stands_beside_this_duckdb():
    assert f"v{importlib.metadata.version('duckdb')}" in str(spatial_extension())


def test_a_broken_pair_says_how_to_repair(monkeypatch):
    monkeypatch.setattr(warehouse.importlib.metadata, "version", lambda _: "9.9.9")
    with pytest.raises(WarehouseError, match=r"pip install .*duckdb==1\.5\.5"):
        spatial_extension()


def test_a_query_that_takes_too_long_is_broken_off(path):
    opened = Warehouse(path, patience_s=0.1)
    with pytest.raises(QueryTimeoutError):
        opened.select("SELECT count(*) FROM range(100000000) a, range(100000000) b")
    # The connection is still good.
    assert [r["row"] for r in opened.rows("zone_rows")] == ["first", "second"]


def test_a_table_of_another_version_says_what_to_run(path):
    with pytest.raises(WarehouseError, match="run publish again"):
        Warehouse(path).rows("document", ["rules"])


def test_columns_of_a_table_in_order(path):
    assert list(Warehouse(path).columns("zone_details")) == ["zone_id", "detail"]
    assert Warehouse(path).columns("nope") == {}
