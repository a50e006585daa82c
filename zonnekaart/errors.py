"""The error family: every failure we foresee, with its facts as attributes.

Nothing here knows HTTP or the terminal; ``cli/main.py`` and ``api/errors.py`` translate.
"""

from __future__ import annotations

_FACTS = ("found", "expected", "hint")


class ZonnekaartError(Exception):
    """Root of all errors raised on purpose by this package."""


class InputError(ZonnekaartError, ValueError):
    """
    Input or configuration that cannot be used as it is.

    Parameters
    ----------
    subject : str
        The file, argument or configuration key that is wrong.
    found : str
        What is there.
    expected : str
        What should be there.
    hint : str
        What the user can do about it.
    """

    def __init__(self, subject: str, found: str, expected: str, hint: str) -> None:
        self.subject = subject
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__(f"{subject}: found {found}; expected {expected}. hint: {hint}")

    def facts(self) -> dict[str, str]:
        """Return the four facts as a mapping, for reports and ``--json``."""
        return {
            "file": self.subject,
            "found": self.found,
            "expected": self.expected,
            "hint": self.hint,
        }


class ConfigError(InputError):
    """A project file or setting with an unknown, missing or impossible value."""


class MissingInputError(InputError, FileNotFoundError):
    """A file that a stage needs is not there."""


class CrsError(InputError):
    """A coordinate reference system that is missing, wrong or differs between inputs."""


class RasterError(InputError):
    """A raster that cannot be read in full, is misaligned or has implausible values."""


class VectorError(InputError):
    """A vector layer with invalid, empty, duplicate or misplaced features."""


class WeatherError(InputError):
    """A weather file with missing hours, gaps or implausible values."""


class TableError(InputError):
    """A table with missing columns, wrong units or contradicting totals."""


class RulesError(InputError):
    """A rule file that does not follow the rule schema."""


class CheckFailed(InputError):  # noqa: N818 - named after what happened to the check
    """
    A project whose input has errors; all of them, not only the first.

    Parameters
    ----------
    subject : str
        The project file.
    findings : list of dict
        One per error, with ``file``, ``found``, ``expected`` and ``hint``.
    report : str
        The report that holds warnings too.
    """

    def __init__(self, subject: str, findings: list[dict[str, str]], report: str) -> None:
        self.findings = findings
        self.report = report
        noun = "error" if len(findings) == 1 else "errors"
        count = f"{len(findings)} {noun} in the input"
        super().__init__(subject, count, "input without errors", f"see {report}")
        lines = [f"{subject}: {count}"]
        for finding in findings:
            lines.append(f"file: {finding['file']}")
            lines += [f"  {fact + ':':<10}{finding[fact]}" for fact in _FACTS]
        self.args = ("\n".join([*lines, f"report: {report}"]),)


class ShapeMismatchError(ZonnekaartError, ValueError):
    """Arrays that must have the same shape differ."""

    def __init__(self, what: str, found: object, expected: object) -> None:
        self.what = what
        self.found = found
        self.expected = expected
        super().__init__(f"{what}: shape {found}, expected {expected}")


class PartialResultError(ZonnekaartError, RuntimeError):
    """
    Work that was done in part; what is missing is listed.

    Parameters
    ----------
    what : str
        The work that was asked for.
    missing : list of str
        The parts that were not done, each with its reason.
    """

    def __init__(self, what: str, missing: list[str]) -> None:
        self.what = what
        self.missing = missing
        super().__init__(f"{what}: not done: {'; '.join(missing)}")


class PrivacyError(ZonnekaartError, RuntimeError):
    """
    Something internal was about to leave the build folder; nothing was published.

    Parameters
    ----------
    where : str
        The layer or file.
    what : list of str
        The columns or rows that may not leave.
    """

    def __init__(self, where: str, what: list[str]) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: may not be published: {', '.join(what)}")


class LicenceError(ZonnekaartError, RuntimeError):
    """
    A layer that may not be handed on, because a source it is derived from forbids it.

    Parameters
    ----------
    layer : str
        The layer.
    sources : list of str
        The sources that forbid it, each with its reason.
    """

    def __init__(self, layer: str, sources: list[str]) -> None:
        self.layer = layer
        self.sources = sources
        super().__init__(f"{layer}: may not be handed on: {'; '.join(sources)}")


class NotBuiltError(ZonnekaartError, LookupError):
    """A published file or layer that does not exist yet: the stage has not run."""

    def __init__(self, what: str, hint: str) -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what} is not built yet. hint: {hint}")


class BusyError(ZonnekaartError, RuntimeError):
    """Another run holds the folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(
            f"another run is writing {folder}. hint: wait for it, or choose another --build folder"
        )
