"""A source once opened: a relation of the engine, its columns, and how its rows are numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rootcause_lib.errors import DataError, nearest
from rootcause_lib.loaders.headers import cleaned

ColumnKind = Literal["text", "number", "flag", "timestamp", "instant", "date"]
"""What the source itself says a column is; text files say text. `instant`: a time with its zone."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of an opened source; `sql` reads it from the relation."""

    header: str
    kind: ColumnKind
    sql: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the rest of loading sees of a file.

    relation: stands after `from`; its `source_row` counts the rows that could be read, from 1. `sample`
    is the same for looking at it beforehand, and keeps no rejects of its own.
    first_row: what a spreadsheet program would call the row before the first row of data.
    refused: the engine's table of rows whose cells don't fit the header.
    repairs: what rows needed before their values could be read, with the condition over the relation.
    """

    name: str
    relation: str
    sample: str
    columns: tuple[SourceColumn, ...]
    first_row: int
    twice: frozenset[str] = frozenset()
    encoding: str | None = None
    refused: str | None = None
    repairs: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, header: str) -> SourceColumn:
        for column in self.columns:
            if column.header == header:
                return column
        raise KeyError(header)

    def find(self, wanted: str) -> SourceColumn | None:
        """The column of that name, capitals and blanks aside; None when there is none or the name is shared."""
        folded = cleaned(wanted).casefold()
        exact = [column for column in self.columns if column.header == cleaned(wanted)]
        alike = [column for column in self.columns if column.header.casefold() == folded]
        found = exact or alike
        return found[0] if len(found) == 1 else None

    def column(self, wanted: str, *, key: str) -> SourceColumn:
        """The column an engagement names at `key`; DataError when it is not there or there twice."""
        name = cleaned(wanted)
        if name in self.twice:
            raise DataError(
                f"{self.name} has several columns headed '{name}', so {key} is not clear. "
                f"Write '{name} (1)' for the first or '{name} (2)' for the second."
            )
        if name.endswith(" (1)") and name.removesuffix(" (1)") in self.twice:
            name = name.removesuffix(" (1)")
        found = self.find(name)
        if found is None:
            headers = [column.header for column in self.columns]
            close = nearest(name, headers)
            hint = f" Did you mean '{close}'?" if close else ""
            raise DataError(
                f"{self.name} has no column '{wanted}', which {key} names.{hint} Its columns: {_shown(headers)}."
            )
        return found


def _shown(headers: list[str], most: int = 40) -> str:
    rest = f", ... ({len(headers) - most} more)" if len(headers) > most else ""
    return ", ".join(f"'{header[:60]}'" for header in headers[:most]) + rest
