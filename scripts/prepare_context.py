"""The same as ``zonnekaart prepare context``, for those who start from scripts."""

from __future__ import annotations

import sys

from zonnekaart.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["prepare", "context", *sys.argv[1:]]))
