"""Styles inside a GeoPackage, in the table that QGIS looks in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CREATE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'styles for QGIS', 0)
"""
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
                          styleName, styleQML, styleSLD, useAsDefault, description, owner)
SELECT '', '', table_name, column_name, 'zonnekaart', ?, '', 1, ?, ''
FROM gpkg_geometry_columns WHERE table_name = ?
"""


def add_style(path: Path, layer: str, qml: str, description: str) -> None:
    """
    Give a layer of a GeoPackage the style that QGIS opens it with.

    Parameters
    ----------
    path : Path
        A GeoPackage without styles.
    layer : str
        Name of a layer in it.
    qml : str
        A QML document.
    description : str
        One line for the style manager.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_CREATE)
        connection.execute(_REGISTER)
        connection.execute(_STYLE, (qml, description, layer))
