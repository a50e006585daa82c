from __future__ import annotations

import json
import re
from pathlib import Path

SAVED = Path(__file__).with_name("openapi.json")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_description_is_the_saved_one(client):
    """
    A change of the contract must be seen: save the new description with the change.

    ``python tests/api/save_openapi.py`` writes it.
    """
    assert client.get("/api/openapi.json").json() == json.loads(SAVED.read_text("utf-8"))


def test_every_address_is_documented(client):
    text = DOCS.read_text("utf-8")
    documented = set(re.findall(r"`(/[^`]*)`", text))
    for address in client.get("/api/openapi.json").json()["paths"]:
        assert address in documented


def test_every_answer_has_a_shape(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    for address, methods in paths.items():
        assert set(methods) == ({"post"} if address == "/api/selection" else {"get"}), address
        for method in methods.values():
            assert method["responses"]["200"].get("content"), address
