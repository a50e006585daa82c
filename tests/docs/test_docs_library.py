"""The page about the library runs as it stands."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"


def test_every_example_gives_what_the_page_says() -> None:
    pytest.importorskip("xarray", reason="the extra 'xarray' is not installed")
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 20
    assert found.failed == 0
