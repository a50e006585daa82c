"""Fluvius sector figures to our own consumption table, so that it can be checked and corrected.

``python scripts/fluvius_to_consumption.py IN.csv --year 2021 --area-column ggw72024 --out F.csv``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from zonnekaart.errors import InputError
from zonnekaart.io.files import replacing
from zonnekaart.io.sources.fluvius import read_fluvius_sector, without_unlocated


def main() -> int:
    """Parse, call, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, metavar="FLUVIUS.csv")
    parser.add_argument("--year", required=True, type=int)
    parser.add_argument("--area-column", default="geoitem", help="column that names the area")
    parser.add_argument("--out", required=True, type=Path, help="CSV to write")
    arguments = parser.parse_args()
    try:
        frame = read_fluvius_sector(arguments.table, arguments.year, arguments.area_column)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    located, unlocated_kwh = without_unlocated(frame)
    with replacing(arguments.out) as temporary:
        located.to_csv(temporary, index=False)
    sys.stderr.write(
        f"wrote {len(located)} rows to {arguments.out}; "
        f"{unlocated_kwh:.0f} kWh had no place and is left out\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
