"""Save the description of the server, after a change that is meant."""

from __future__ import annotations

import json
from pathlib import Path

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings

if __name__ == "__main__":
    text = json.dumps(create_app(Settings()).openapi(), indent=1, ensure_ascii=False)
    Path(__file__).with_name("openapi.json").write_text(text + "\n", encoding="utf-8")
