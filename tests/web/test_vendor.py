"""The script that copies third-party files beside the page."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("vendor_script", ROOT / "scripts" / "vendor.py")
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its own module up by name.
    sys.modules["vendor_script"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["vendor_script"]


@pytest.fixture
def modules(tmp_path, script):
    folder = tmp_path / "node_modules"
    for package in script.PACKAGES:
        home = folder / package.name
        for pattern in package.files:
            path = home / pattern.replace("*", "one")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{package.name} {pattern}")
        (home / "package.json").write_text(json.dumps({"version": "1.2.3"}))
        if package.licence:
            (home / package.licence).write_text("licence text")
    return folder


def test_files_licences_and_sums_are_written(script, modules, tmp_path):
    target = tmp_path / "vendor"
    script.vendor(modules, target)
    assert (target / "maplibre-gl.mjs").is_file()
    assert (target / "images" / "one.png").is_file()
    assert "Redistribution" in (target / "licences" / "pmtiles-1.2.3.txt").read_text()
    lines = (target / "SHA256SUMS").read_text().splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    on_disk = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if p.is_file()}
    assert listed.keys() == on_disk.keys() - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(on_disk[name].read_bytes()).hexdigest() == digest


def test_a_second_run_changes_nothing_and_strangers_leave(script, modules, tmp_path):
    target = tmp_path / "vendor"
    script.vendor(modules, target)
    assert script.vendor(modules, target) == []
    (target / "old.js").write_text("old")
    assert script.vendor(modules, target) == ["old.js"]
    assert not (target / "old.js").exists()


def test_a_missing_package_says_what_to_do(script, modules, tmp_path):
    (modules / "d3" / "dist" / "d3.min.js").unlink()
    with pytest.raises(script.VendorError, match="npm ci"):
        script.vendor(modules, tmp_path / "vendor")


def test_what_is_served_is_what_the_list_says():
    vendor = ROOT / "web" / "vendor"
    if not vendor.is_dir():
        pytest.skip("web/vendor is empty; run: make vendor")
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest, name
