"""Fixed texts of mock-ups in three languages."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from zonnekaart.config import share_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def mockup_words(language: str) -> Mapping[str, str]:
    """Return the texts of mock-ups in one language."""
    path = share_folder("data") / "templates" / "mockup.json"
    words: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return words[language]
