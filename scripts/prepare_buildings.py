"""Bring footprints into our columns: the same as ``zonnekaart prepare buildings``."""

from __future__ import annotations

import sys

from zonnekaart.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["prepare", "buildings", *sys.argv[1:]]))
