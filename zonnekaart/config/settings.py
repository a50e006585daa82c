"""What this machine decides: paths, hosts and the token."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from zonnekaart.errors import ConfigError

PROJECT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What may name a project in an address."""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class Settings(BaseSettings):
    """What this machine decides: read from ``ZONNEKAART_*`` variables, never from requests."""

    model_config = SettingsConfigDict(env_prefix="ZONNEKAART_", extra="forbid", frozen=True)

    @field_validator("projects")
    @classmethod
    def _names_fit_addresses(cls, given: dict[str, Path]) -> dict[str, Path]:
        if not all(PROJECT_ID.fullmatch(name) for name in given):
            raise ValueError("small letters, digits and - name a project, 64 at most")
        return given

    @field_validator("cors")
    @classmethod
    def _origins(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(origin) for origin in given):
            raise ValueError("an origin is a scheme and a host, such as https://gis.example.be")
        return given

    data: Path | None = Field(default=None, description="folder of real input data")
    build: Path | None = Field(default=None, description="folder that holds what publish wrote")
    projects: dict[str, Path] = Field(
        default={}, description="build folders by project, as JSON, to serve several maps"
    )
    web: Path | None = Field(default=None, description="folder with the map's own files")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: str | None = Field(default=None, description="needed to listen on other addresses")
    cors: tuple[str, ...] = Field(
        default=(), description="origins, as JSON, whose pages may read the answers"
    )
    max_requests: int = Field(
        default=1024, ge=1, description="requests that one process takes on at once"
    )


def require_safe_binding(settings: Settings) -> None:
    """
    Refuse to listen beyond this machine without a token.

    Raises
    ------
    ConfigError
        If `settings.host` is not a loopback address and no token is set.
    """
    if settings.host in {"127.0.0.1", "::1", "localhost"} or settings.token:
        return
    raise ConfigError(
        "--host",
        f"{settings.host} without a token",
        "127.0.0.1, or ZONNEKAART_TOKEN set to a long random text",
        "keep 127.0.0.1 and put a web server with access control in front",
    )
