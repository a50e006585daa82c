"""What every table of a project file shares: strict keys, paths, sources, layers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

DATA_VARIABLE = "ZONNEKAART_DATA"
DEFAULT_DATA_FOLDER = "../shared/data"
CHECKOUT = Path(__file__).resolve().parent.parent.parent


class Table(BaseModel):
    """Base of every table in a project file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _expand(value: object) -> object:
    """Replace ``${ZONNEKAART_DATA}`` at the start of a path by the folder it stands for."""
    if not isinstance(value, str) or not value.startswith("${" + DATA_VARIABLE + "}"):
        return value
    folder = os.environ.get(DATA_VARIABLE) or str(CHECKOUT / DEFAULT_DATA_FOLDER)
    rest = value.removeprefix("${" + DATA_VARIABLE + "}").lstrip("/")
    return Path(folder).expanduser().resolve() / rest


InputPath = Annotated[Path, BeforeValidator(_expand)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
MonthlyShares = Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)]


class SourceTable(Table):
    """Provenance of one input, shown beside every figure that rests on it."""

    title: str
    licence: str
    date: str = Field(description="when the content was observed, not when it was downloaded")
    attribution: str = ""
    matrix_id: str | None = Field(default=None, description="id of the row in the data matrix")
    limits: str = ""
    redistribution: Literal["allowed", "share_alike", "forbidden"] | None = Field(
        default=None, description="what the licence says of derived works; data/licences.toml knows"
    )


class ZonesInput(Table):
    """Policy units or statistical areas."""

    path: InputPath
    layer: str | None = None
    id_column: str = "zone_id"
    name_column: str | None = None
    source: SourceTable | None = None


def share_folder(name: Literal["web", "data"]) -> Path:
    """
    Return the folder with the package's own files, in a checkout or in an installed wheel.

    Parameters
    ----------
    name : {"web", "data"}
        Which folder.
    """
    installed = Path(__file__).resolve().parent.parent / "_share" / name
    return installed if installed.is_dir() else CHECKOUT / name
