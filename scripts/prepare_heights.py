"""Join, clip, mend and check heights: the same as ``zonnekaart prepare heights``."""

from __future__ import annotations

import sys

from zonnekaart.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["prepare", "heights", *sys.argv[1:]]))
