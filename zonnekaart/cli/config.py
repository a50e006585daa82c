"""``config check``: what this machine's settings are, and which variables nobody reads."""

from __future__ import annotations

import os

import click
from pydantic import ValidationError

from zonnekaart.cli.console import emit_table, say
from zonnekaart.config import Settings
from zonnekaart.errors import ConfigError

_PREFIX = "ZONNEKAART_"
_OTHER_KNOWN = {"ZONNEKAART_REQUIRE_BROWSER"}


@click.group("config")
def config_command() -> None:
    """Look at the settings of this machine."""


@config_command.command("check")
def config_check() -> None:
    """Print the settings, and point out misspelt ZONNEKAART_ variables."""
    known = {_PREFIX + name.upper() for name in Settings.model_fields} | _OTHER_KNOWN
    unknown = sorted(v for v in os.environ if v.startswith(_PREFIX) and v not in known)
    settings = read_settings()
    emit_table(
        ["setting", "value"],
        [
            [_PREFIX + name.upper(), "(set)" if name == "token" and value else str(value)]
            for name, value in settings.model_dump().items()
        ],
    )
    if unknown:
        raise ConfigError(
            ", ".join(unknown),
            "variables that nothing reads",
            f"one of: {', '.join(sorted(known))}",
            "correct the spelling or unset them",
        )
    say("all variables are known")


def read_settings() -> Settings:
    """Read the environment; a bad value is an input error."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = _PREFIX + str(first["loc"][0]).upper()
        raise ConfigError(
            name, repr(first["input"]), first["msg"], "correct the variable or unset it"
        ) from error
