"""What this machine decides: paths, hosts and the token."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from zonnekaart.errors import ConfigError


class Settings(BaseSettings):
    """What this machine decides: read from ``ZONNEKAART_*`` variables, never from requests."""

    model_config = SettingsConfigDict(env_prefix="ZONNEKAART_", extra="forbid", frozen=True)

    data: Path | None = Field(default=None, description="folder of real input data")
    build: Path | None = Field(default=None, description="folder that holds what publish wrote")
    web: Path | None = Field(default=None, description="folder with the map's own files")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    token: str | None = Field(default=None, description="needed to listen on other addresses")


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
