"""The file of endpoints: where each data set is fetched from, with licence and attribution."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from zonnekaart.errors import ConfigError, MissingInputError

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["ogc_features", "wfs", "wcs", "opendatasoft", "pvgis", "geopunt"]
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class Endpoint(BaseModel):
    """
    One data set of one service.

    Parameters
    ----------
    id : str
        What it is called on the command line.
    kind : str
        Protocol.
    url : str
        Base address, https (http only on this machine).
    collection : str
        Collection, type name, coverage, data set or tool of the service.
    crs : str
        System asked for; ``project`` stands for that of the project.
    nis_property, name_property : str
        Property that holds the municipality's code or name; empty when it is cut by extent.
    title, licence, attribution, source, matrix_id : str
        What goes into the record.
    requests_per_second : float
        How often it is asked at most.
    called_live : bool
        Whether this entry was ever tried against the real service.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(pattern=r"^[a-z0-9_-]+$")
    kind: Kind
    url: str
    collection: str = Field(min_length=1)
    crs: str = "project"
    nis_property: str = ""
    name_property: str = ""
    title: str
    licence: str
    attribution: str
    source: str = Field(min_length=1)
    matrix_id: str = ""
    requests_per_second: float = Field(gt=0.0, le=20.0)
    called_live: bool

    @field_validator("url")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS):
            return value.rstrip("/")
        raise ValueError(f"{value}: https, or http on this machine only")


class _EndpointsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    compiled: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    endpoints: list[Endpoint] = Field(min_length=1)


def read_endpoints(path: Path) -> dict[str, Endpoint]:
    """
    Return the endpoints of a file by id.

    Raises
    ------
    MissingInputError, ConfigError
        If it is not there or does not follow the layout.
    """
    if not path.is_file():
        raise MissingInputError(str(path), "no such file", "a file of endpoints", "check the path")
    try:
        parsed = _EndpointsFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path),
            str(error).replace("\n", " "),
            "a file of endpoints",
            "compare with data/preparing/endpoints.toml",
        ) from error
    found = {endpoint.id: endpoint for endpoint in parsed.endpoints}
    if len(found) < len(parsed.endpoints):
        raise ConfigError(str(path), "an id that occurs twice", "one entry per id", "rename one")
    return found
