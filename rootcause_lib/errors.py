"""Everything that can be wrong, each with one clear message and the exit code a scheduler sees.

A message says what is wrong, where, which choices there are and what to do next. It never repeats
a client's value: rows are named by table, file, row number and rule.
"""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable


class RootcauseError(Exception):
    """Base of every error this package raises on purpose; `exit_code` is the process exit status."""

    exit_code = 2

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows; the last line names the class with its module, which tells it from a namesake."""
        return "".join(traceback.format_exception(self)).splitlines()


class EngagementError(RootcauseError):
    """The engagement's configuration is wrong: a key, a type, a choice, a path."""


class ParameterError(RootcauseError):
    """A parameter has an unknown name or the wrong type."""


class StatementError(RootcauseError):
    """A statement leaves the portable subset or names something that does not exist."""


class NotebookError(RootcauseError):
    """A notebook did not run to its end."""

    exit_code = 3


class TimeOutError(NotebookError):
    """A notebook took longer than it was given."""

    exit_code = 4


class KernelDiedError(NotebookError):
    """The process behind a notebook ended before the notebook did."""

    exit_code = 5


class OutputError(RootcauseError):
    """Results could not be written."""

    exit_code = 6


class DataError(RootcauseError):
    """The input data can't be used."""

    exit_code = 7


class EngineError(DataError):
    """The engine refused a statement; names the statement and the kind of fault, never a value."""


class TooManyRowsError(EngineError):
    """A statement gave more rows than statistics have."""


class LockedError(RootcauseError):
    """Another run holds the lock."""

    exit_code = 75


def listed(choices: Iterable[str], *, most: int = 12) -> str:
    """Choices as text, shortened so that a message stays readable."""
    names = list(choices)
    rest = f", ... ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def nearest(given: str, choices: Iterable[str]) -> str | None:
    """The choice most like what was given, or None when nothing is close."""
    by_folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(given.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def unknown_choice(kind: str, given: str, choices: Iterable[str], *, where: str = "") -> str:
    """One message for every misspelt name: what, where, the nearest choice, all choices."""
    names = list(choices)
    close = nearest(given, names)
    hint = f" Did you mean '{close}'?" if close else ""
    return f"Unknown {kind} '{given}'{' in ' + where if where else ''}.{hint} Choices: {listed(names)}."
