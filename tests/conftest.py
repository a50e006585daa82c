"""Fixtures that several test folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def _shared(name: str) -> Path:
    folder = os.environ.get("ZONNEKAART_DATA") if name == "data" else None
    path = Path(folder) if folder else CHECKOUT.parent / "shared" / name
    if not path.is_dir():
        pytest.skip(f"the folder with outside {name} is not on this machine: {path.name}")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real input (Essen, Delfshaven); never committed."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_standards() -> Path:
    """Folder of schemas and shapes published by others; never committed."""
    return _shared("standards")
