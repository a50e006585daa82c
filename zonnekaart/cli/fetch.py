"""``fetch``: bring public data to a folder. Uses the network; no other command does."""

from __future__ import annotations

from pathlib import Path

import click

from zonnekaart.cli.console import say
from zonnekaart.config import share_folder
from zonnekaart.pipelines.fetching.fetch import FetchJob, fetch

_PATH = click.Path(path_type=Path)


@click.command("fetch")
@click.option("--nis", default=None, help="Code of the municipality, such as 11016.")
@click.option("--name", default=None, help="Its name, as data sets write it, such as ESSEN.")
@click.option(
    "--bounds",
    nargs=4,
    type=float,
    default=None,
    metavar="WEST SOUTH EAST NORTH",
    help="Extent instead of the municipality's [m].",
)
@click.option(
    "--what",
    required=True,
    metavar="NAME,...",
    help="Data sets of the file of endpoints: municipality, buildings, units, parcels, roads, "
    "water, heritage, dsm, dtm, consumption, installations, weather.",
)
@click.option("--out", required=True, type=_PATH, help="Folder for the files.")
@click.option("--crs", default="EPSG:31370", show_default=True, help="System to ask for.")
@click.option(
    "--halo",
    "halo_m",
    type=click.FloatRange(0.0, 5000.0),
    default=500.0,
    show_default=True,
    help="Heights reach further by this much, for shade [m].",
)
@click.option(
    "--page",
    type=click.IntRange(1, 10_000),
    default=1000,
    show_default=True,
    help="Features per request.",
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 10),
    default=5,
    show_default=True,
    help="Tries per request.",
)
@click.option("--refresh", is_flag=True, help="Ask again for what was fetched before.")
@click.option(
    "--endpoints", type=_PATH, default=None, help="Your own file of endpoints, when one moved."
)
def fetch_command(
    nis: str | None,
    name: str | None,
    bounds: tuple[float, float, float, float] | None,
    what: str,
    out: Path,
    crs: str,
    halo_m: float,
    page: int,
    attempts: int,
    refresh: bool,
    endpoints: Path | None,
) -> None:
    """Fetch public data of a municipality, with licence and attribution noted beside each file."""
    job = FetchJob(
        out=out,
        what=tuple(part.strip() for part in what.split(",") if part.strip()),
        endpoints=endpoints or share_folder("data") / "preparing" / "endpoints.toml",
        nis=nis,
        name=name,
        bounds=bounds,
        crs=crs,
        halo_m=halo_m,
        page=page,
        attempts=attempts,
        refresh=refresh,
    )
    written = fetch(job, say)
    say(f"wrote {len(written)} data sets to {out}; next: zonnekaart prepare --help")
