"""Which files an engagement's `source` names: files, patterns, sheets, tables of a DuckDB file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rootcause_lib.engagement import Engagement
from rootcause_lib.engagement.places import matching_files
from rootcause_lib.errors import DataError, listed

Kind = Literal["text", "workbook", "parquet", "database"]

INSIDE = "::"
"""Stands between a file and what is meant inside it: `contacts.xlsx::Sheet2`, `warehouse.duckdb::main.calls`."""

_KINDS: dict[str, Kind] = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text", ".dat": "text",
    ".xlsx": "workbook", ".xlsm": "workbook", ".xlsb": "workbook", ".xls": "workbook", ".ods": "workbook",
    ".parquet": "parquet", ".pq": "parquet",
    ".duckdb": "database", ".ddb": "database", ".db": "database",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a table; `name` is how reports call it, `inner` a sheet or a database table."""

    path: Path
    name: str
    kind: Kind
    inner: str | None = None


def source_files(engagement: Engagement, table: str) -> tuple[SourceFile, ...]:
    """Every file a table's source names, each once, in the order written and patterns by name.

    Raises DataError for a file that is not there, is empty, or is of a kind that can't be read.
    """
    where = engagement.where("tables", table, "source")
    found: dict[tuple[Path, str | None], SourceFile] = {}
    for source in engagement.tables[table].source:
        place, _, inner = source.partition(INSIDE)
        for path in matching_files(place, folder=engagement.folder, where=where):
            file = describe(path, inner or None, folder=engagement.folder, where=where)
            found.setdefault((path.resolve(), file.inner), file)
    return tuple(found.values())


def describe(path: Path, inner: str | None, *, folder: Path, where: str) -> SourceFile:
    """What kind of file it is; DataError, beginning with `where`, for one that is empty or can't be read."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    gzipped = suffixes[-1:] == [".gz"]
    suffix = next(iter(suffixes[:-1][-1:] if gzipped else suffixes[-1:]), "")
    kind = _KINDS.get(suffix)
    if kind is None or (gzipped and kind != "text"):
        raise DataError(
            f"{where}: {path.name} is of a kind that can't be read. "
            f"Readable: {listed(_KINDS, most=20)}, and text files compressed as .gz."
        )
    if kind == "database" and inner is None:
        example = f"{path.name}{INSIDE}contacts"
        raise DataError(f"{where}: {path.name} is a database; name the table too, as in '{example}'.")
    if path.stat().st_size == 0:
        raise DataError(f"{where}: {path.name} is empty. Export it again.")
    return SourceFile(path, _shown(path, folder) + (f"{INSIDE}{inner}" if inner else ""), kind, inner)


def _shown(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
