"""The same as ``zonnekaart prepare demand``, for those who start from scripts."""

from __future__ import annotations

import sys

from zonnekaart.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["prepare", "demand", *sys.argv[1:]]))
