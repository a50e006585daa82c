"""HTML reports: a jinja2 template in data/templates, filled with escaped values, self-contained."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import yaml

from zonnekaart.errors import MissingInputError
from zonnekaart.io.files import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping


def template_folder() -> Path:
    """Return the folder with templates, in a checkout or in an installed wheel."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_share" / "data"
    return (installed if installed.is_dir() else package.parent / "data") / "templates"


def texts(name: str) -> dict[str, Any]:
    """
    Return the sentences of a report in its languages.

    Parameters
    ----------
    name : str
        A YAML file in the template folder.
    """
    content: dict[str, Any] = yaml.safe_load(_file(name).read_text(encoding="utf-8"))
    return content


def render(name: str, values: Mapping[str, Any]) -> str:
    """
    Return a page; every value is escaped for HTML, and a missing one is an error.

    Parameters
    ----------
    name : str
        A template in the template folder.
    values : mapping
        What the template names.
    """
    _file(name)
    return _environment().get_template(name).render(**values)


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the environment of all templates, so that each is compiled once."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_page(path: Path, name: str, values: Mapping[str, Any]) -> None:
    """Render a template and write the page atomically."""
    write_text(path, render(name, values))


def _file(name: str) -> Path:
    path = template_folder() / name
    if not path.is_file():
        raise MissingInputError(
            str(path), "no such file", "a template", "install the package again"
        )
    return path
