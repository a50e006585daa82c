"""Join height sheets and clip them: ``python scripts/clip_heights.py SHEET ... --out DSM.tif``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from zonnekaart.errors import InputError
from zonnekaart.io.mosaic import mosaic_heights


def main() -> int:
    """Parse, call, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheets", nargs="+", type=Path, metavar="SHEET", help="GeoTIFF, in metres")
    parser.add_argument("--out", required=True, type=Path, help="GeoTIFF to write")
    parser.add_argument(
        "--bounds",
        nargs=4,
        type=float,
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        help="clip to these, in the sheets' CRS; add the shading radius around the municipality",
    )
    arguments = parser.parse_args()
    try:
        joined = mosaic_heights(
            arguments.sheets, tuple(arguments.bounds) if arguments.bounds else None, arguments.out
        )
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stderr.write(f"wrote {arguments.out}; {joined.unknown_share:.1%} of the cells unknown\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
