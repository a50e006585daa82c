"""Cases that property tests share with unit tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_CASES = Path(__file__).resolve().parent.parent / "unit" / "energy" / "conftest.py"


@pytest.fixture(scope="session")
def energy_case():
    """Return the builder of made-up years, planes and loads."""
    spec = importlib.util.spec_from_file_location("energy_cases", _CASES)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.build_case
