"""Chosen zones as one file to download, from the copy that publish keeps for it."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from zonnekaart.errors import NotBuiltError
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.exports import Export, way_into, write_export, write_metadata
from zonnekaart.io.vector import read_geoparquet, write_geoparquet

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from zonnekaart.io.published import PublishedProject

ZONES_COPY = "zones.parquet"
"""File in the folder ``serving``: publishable zones without nested cells."""

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Wanted:
    """
    What is asked for.

    Parameters
    ----------
    zone_ids : sequence of str
        Ids; their order does not matter.
    kind : {"gpkg", "fgb", "parquet", "csv", "xlsx", "geojson"}
        Format.
    crs : str
        Code of the coordinate system; GeoJSON is WGS 84 whatever is asked.
    language : {"nl", "fr", "en"}
        Of class names in the style.
    """

    zone_ids: Sequence[str]
    kind: str
    crs: str
    language: str


@dataclass(frozen=True)
class Download:
    """A file in memory."""

    name: str
    media_type: str
    content: bytes


def write_zones_copy(frame: gpd.GeoDataFrame, folder: Path) -> None:
    """Keep zones without nested cells, for `chosen_zones`."""
    write_geoparquet(frame, folder / ZONES_COPY)


class ZonesCopy:
    """
    The zones of one publication, read once.

    Parameters
    ----------
    folder : Path
        ``serving`` of a build folder.

    Raises
    ------
    NotBuiltError
        If publish, or an older one, has not written the copy.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / ZONES_COPY
        if not path.is_file():
            raise NotBuiltError(str(path), "zonnekaart run PROJECT.toml --stage publish")
        self._zones = read_geoparquet(path)

    def download(self, wanted: Wanted, project: PublishedProject) -> Download | None:
        """
        Return the chosen zones as a file, or None when an id is not one of ours.

        Every format comes in a ZIP with its metadata beside it, except XLSX: a workbook holds it
        as a sheet.

        Parameters
        ----------
        wanted : Wanted
            Zones, format and coordinate system.
        project : PublishedProject
            For the metadata.
        """
        ids = frozenset(wanted.zone_ids)
        chosen = self._zones[self._zones["zone_id"].astype(str).isin(ids)]
        if len(chosen) != len(ids):
            return None
        crs = LONLAT_CRS if wanted.kind == "geojson" else wanted.crs
        layer = Export(
            "zones", chosen.to_crs(crs), project, wanted.language, self._facts(chosen, crs)
        )
        stem = f"{project.slug}-zones"
        with tempfile.TemporaryDirectory(prefix="zonnekaart-") as place:
            out = Path(place) / f"{stem}.{wanted.kind}"
            files = write_export(layer, wanted.kind, out)
            if wanted.kind == "xlsx":
                return Download(out.name, _XLSX, out.read_bytes())
            if len(files) == 1:
                files.append(out.with_suffix(".metadata.json"))
                write_metadata(files[-1], layer, map(str, layer.frame.columns))
            return Download(f"{stem}-{wanted.kind}.zip", "application/zip", _zipped(files))

    def _facts(self, chosen: gpd.GeoDataFrame, crs: str) -> dict[str, str]:
        """Say what was chosen, what is hidden, and how shapes came into their system."""
        hidden = int((~chosen["published"].astype(bool)).sum())
        return {
            "selection": f"{len(chosen)} of {len(self._zones)} zones",
            "demand_hidden": f"{hidden} of them: too few connections to show their demand",
            "operation": way_into(crs, self._zones),
        }


def _zipped(files: Sequence[Path]) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return held.getvalue()
