"""What recognition believes of some exports: tables, columns, labels, each with its evidence and its doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rootcause_lib.loaders.profiles import ExportProfile


@dataclass(frozen=True, slots=True)
class LabelGuess:
    """A client's label and the canonical value it is taken for; None: it stands for no value."""

    label: str
    value: str | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Where a canonical column comes from: one header, several joined by a space, or a constant.

    score: from 0 to 1. evidence: in words, for a person to agree with. doubt: what a person must look at; empty
    when sure. A label's doubt is the column's doubt too.
    """

    column: str
    headers: tuple[str, ...]
    score: float
    evidence: str
    constant: str | None = None
    doubt: str = ""
    unit: str | None = None
    format: str | None = None
    nulls: tuple[str, ...] = ()
    labels: tuple[LabelGuess, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether a person must look at it."""
        return bool(self.doubt or any(each.doubt for each in self.labels))


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a sheet or table inside one, with its headers in order."""

    path: Path
    inner: str | None
    name: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableGuess:
    """A canonical table and the sources, of equal headers, that feed it.

    doubts: of the table as a whole. notes: what a person should know of it. found: what its sources hold.
    """

    table: str
    sources: tuple[Source, ...]
    columns: tuple[ColumnGuess, ...]
    preset: str | None = None
    row_is: str | None = None
    rows: str | None = None
    decimal: str | None = None
    default_reasons: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    found: ExportProfile | None = None

    def column(self, name: str) -> ColumnGuess | None:
        """The guess for a canonical column; None when it has none."""
        return next((each for each in self.columns if each.column == name), None)

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers that feed nothing."""
        used = {header.casefold() for each in self.columns for header in each.headers}
        return tuple(header for header in self.sources[0].headers if header.casefold() not in used)


@dataclass(frozen=True, slots=True)
class Unsure:
    """One thing a person must confirm or change: `where` is the engagement's key, `why` says what to look at."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """Everything recognised in some exports. left_out: (source, why) of what became no table. language: of headers."""

    tables: tuple[TableGuess, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    unsure: tuple[Unsure, ...] = field(default=())

    def table(self, name: str) -> TableGuess | None:
        """The guess for a canonical table; None when no export feeds it."""
        return next((each for each in self.tables if each.table == name), None)


def doubted(guess: TableGuess, columns: Sequence[str], doubt: str) -> TableGuess:
    """The guess with one more doubt of these columns, and no weaker one beside it."""
    return replace(
        guess, columns=tuple(replace(each, doubt=doubt) if each.column in columns else each for each in guess.columns)
    )


def unsure_of(tables: tuple[TableGuess, ...], left_out: tuple[tuple[str, str], ...]) -> tuple[Unsure, ...]:
    """Every doubt of the tables and their columns, in the order of a draft."""
    return (*(found for table in tables for found in _of_table(table)), *(Unsure(*each) for each in left_out))


def _of_table(table: TableGuess) -> Iterator[Unsure]:
    place = f"tables.{table.table}"
    for doubt in table.doubts:
        yield Unsure(place, doubt)
    for column in table.columns:
        if column.doubt:
            yield Unsure(f"{place}.{column.column}", column.doubt)
        for label in column.labels:
            if label.doubt:
                yield Unsure(f'{place}.values.{column.column}."{label.label}"', label.doubt)
