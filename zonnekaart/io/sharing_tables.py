"""Read a TOML file of the sharing rules, prices or doability into its model."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from zonnekaart.errors import RulesError

if TYPE_CHECKING:
    from pathlib import Path

_Model = TypeVar("_Model", bound=BaseModel)


def read_table(path: Path, model: type[_Model], hint: str) -> _Model:
    """
    Return the file as `model`.

    Parameters
    ----------
    path : Path
        A TOML file that exists.
    model : type of pydantic.BaseModel
        What the file must hold.
    hint : str
        What to do when a value does not fit.

    Raises
    ------
    RulesError
        The file is not TOML, or a value does not fit the model.
    """
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RulesError(
            f"{path.name}: {'.'.join(str(p) for p in first['loc'])}",
            repr(first["input"]),
            first["msg"],
            hint,
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(
            path.name,
            f"text that is not TOML ({error})",
            "a TOML file",
            "check quotes and brackets",
        ) from error
