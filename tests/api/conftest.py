"""A published sample and a client of the server on it."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from zonnekaart.api.app import create_app
from zonnekaart.config import Settings

SAMPLE = runpy.run_path(str(Path(__file__).with_name("sample.py")))


@pytest.fixture(scope="session")
def build(tmp_path_factory) -> Path:
    """Build folder of the sample after publish."""
    return SAMPLE["publish_sample"](tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def web(tmp_path_factory) -> Path:
    """A web folder with a page, and things that must not be served."""
    folder = tmp_path_factory.mktemp("web")
    for name, text in {
        "index.html": "<!doctype html><title>map</title>" + "<p>zon</p>" * 200,
        "main.js": "export const a = 1;",
        "lang/nl.json": "{}",
        "package.json": "{}",
        "node_modules/x/index.js": "no",
        "test/x.js": "no",
        ".secret.js": "no",
        "notes.py": "no",
        "vendor/maplibre-gl.mjs": "export {};",
        "vendor/maplibre-gl-worker.mjs": "",
        "vendor/maplibre-gl.css": "",
        "vendor/licences/x.txt": "BSD",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "link.js").symlink_to("/etc/hostname")
    return folder


@pytest.fixture(scope="session")
def client(build, web) -> TestClient:
    """A client of the server on the sample."""
    return TestClient(create_app(Settings(build=build, web=web)))
