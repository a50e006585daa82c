"""The command group; turns our errors into exit codes: 0 done, 1 our fault, 2 input, 3 partly."""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from typing import TYPE_CHECKING

import click

from zonnekaart import __version__
from zonnekaart.cli.console import say
from zonnekaart.errors import InputError, NotBuiltError, PartialResultError, ZonnekaartError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMANDS = {
    "demo": ("zonnekaart.cli.demo", "The embedded town, all stages, then the map."),
    "init": ("zonnekaart.cli.init", "Write a commented project file and its folders."),
    "fetch": ("zonnekaart.cli.fetch", "Bring public data of a municipality to a folder."),
    "prepare": ("zonnekaart.cli.prepare", "Bring downloaded files into layers for a project."),
    "check": ("zonnekaart.cli.run", "Validate every input of a project."),
    "run": ("zonnekaart.cli.run", "Take a project through all stages."),
    "irradiation": ("zonnekaart.cli.irradiation", "Irradiation of a height raster."),
    "roofs": ("zonnekaart.cli.roofs", "Roof planes with capacity and yield."),
    "profile": ("zonnekaart.cli.profile", "Production of a roof in quarter-hours."),
    "zones": ("zonnekaart.cli.zones", "Print the zones with class, figures and reasons."),
    "rules": ("zonnekaart.cli.rules", "Check, list or document the rules of zoning."),
    "compare": ("zonnekaart.cli.compare", "Which zones change class between two cases, and why."),
    "sharing": ("zonnekaart.cli.sharing", "Rules for sharing, proposed groups, apartment sheets."),
    "economics": ("zonnekaart.cli.economics", "What new panels cost and bring, by owner type."),
    "serve": ("zonnekaart.cli.serve", "Serve the map on this machine."),
    "export": ("zonnekaart.cli.export", "Write a published layer to a file."),
    "matrix": ("zonnekaart.cli.matrix", "Build, check or export the data matrix."),
    "mockup": ("zonnekaart.cli.mockup", "Make offline mock-ups, stills and slides."),
    "sheets": ("zonnekaart.cli.sheets", "Write one page per zone."),
    "config": ("zonnekaart.cli.config", "Look at the settings of this machine."),
}
EXIT_FAULT, EXIT_INPUT, EXIT_PARTIAL = 1, 2, 3


class _LazyGroup(click.Group):
    """Imports a command's module only when it is called, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zonnekaart")
def cli() -> None:
    """Make and serve a sun-zoning map: where solar meets bottlenecks and opportunities, and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Returns
    -------
    int
        0 done; 1 a fault of ours; 2 bad input or configuration; 3 partly done.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_INPUT
    except click.Abort:
        say("stopped; run the same command again to go on where it was")
        return EXIT_FAULT
    except PartialResultError as error:
        say(f"partly done: {error.what}")
        for part in error.missing:
            say(f"  missing: {part}")
        return EXIT_PARTIAL
    except ZonnekaartError as error:
        _report(error)
        return EXIT_INPUT
    except Exception as error:  # noqa: BLE001 - the last handler: says where to report it
        traceback.print_exc(file=sys.stderr)
        say(f"error: a fault of ours ({type(error).__name__}: {error})")
        say("hint: please report it with the lines above and the project file")
        return EXIT_FAULT
    return 0


def _report(error: ZonnekaartError) -> None:
    """Write an error as its four facts."""
    findings = getattr(error, "findings", None)
    if findings:
        say(f"error: {error}")
        return
    if isinstance(error, InputError):
        say(f"error: {error.subject}")
        say(f"  found:    {error.found}")
        say(f"  expected: {error.expected}")
        say(f"  hint:     {error.hint}")
        return
    if isinstance(error, NotBuiltError):
        say(f"error: {error.what} is not built yet")
        say(f"  hint: {error.hint}")
        return
    say(f"error: {error}")


def entry() -> None:
    """Entry point of the installed command."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
