"""Where rows live: an engine runs statements and keeps tables; it knows no client.

`run` gives small, unordered results; `materialise` keeps statements' rows as a table. An engine's
errors name the statement and the kind of fault and never repeat a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd
from sqlglot import exp

from rootcause_lib.errors import EngineError, TooManyRowsError
from rootcause_lib.statements import Statement
from rootcause_lib.stored_tables import STORED_TABLES
from rootcause_lib.working_tables import Columns

ENGINE_VERSION = f"duckdb {duckdb.__version__}"
"""What a store is written by."""

ROW_LIMIT = 1_000_000
"""More rows than this are no sufficient statistics: `run` refuses them."""

_VECTORS = 256
"""How many of DuckDB's vectors are fetched at a time."""

_BYTES_OF_A_CONTACT = 1_600
"""What DuckDB needs while it stitches, by measurement."""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
"""As DuckDB writes its sizes."""

_ABOUT_NAMES = ("BinderException", "CatalogException", "ParserException")
"""Kinds of error whose first line names tables and columns only."""


class Engine(Protocol):
    """What an analysis may ask of the place where rows live."""

    @property
    def dialect(self) -> str: ...

    @property
    def contacts_at_once(self) -> int: ...

    def run(self, statement: Statement) -> pd.DataFrame: ...

    def materialise(self, name: str, *parts: Statement) -> None: ...

    def release(self, *names: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Resources:
    """What an engine may use: `memory_limit` such as "4GB", `threads`, and a folder to spill to."""

    memory_limit: str | None = None
    threads: int | None = None
    spill_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a kept table was made by, and the tables that were read for it."""

    made_by: tuple[str, ...]
    reads: frozenset[str]


def _read_by(part: Statement) -> frozenset[str]:
    return frozenset(table.name for table in part.tree.find_all(exp.Table))


class DuckDB:
    """DuckDB inside this process, on one file or in memory.

    Opened read-only it still keeps temporary tables, so analyses materialise without touching the
    store. `connection` is for the loaders, whose statements are DuckDB's own.
    """

    dialect = "duckdb"

    def __init__(
        self, file: Path | None = None, *, access: str = "read_only", resources: Resources = Resources()
    ) -> None:
        place = ":memory:" if file is None else str(file)
        try:
            self.connection = duckdb.connect(place, read_only=access == "read_only" and file is not None)
        except duckdb.Error as error:
            raise EngineError(f"The store {place} could not be opened: {type(error).__name__}.") from None
        self._temporary = access == "read_only"
        self._kept: dict[str, _Kept] = {}
        self._configure(resources)

    def _configure(self, resources: Resources) -> None:
        # Results are unordered by contract; keeping insertion order would hold whole tables in memory. Tables are
        # written once and never thinned out: repacking them at a checkpoint would only write them again.
        settings: dict[str, str | int | bool] = {
            "preserve_insertion_order": False,
            "max_vacuum_tasks": 0,
            "TimeZone": "UTC",
        }
        if resources.memory_limit:
            settings["memory_limit"] = resources.memory_limit
        if resources.threads:
            settings["threads"] = resources.threads
        if resources.spill_folder:
            settings["temp_directory"] = str(resources.spill_folder)
        if self._locked():
            # The same file is already open in this process, and locked: its settings are those of the first opening.
            return
        for name, value in settings.items():
            try:
                self.connection.execute(f"set {name} = ?", [value])
            except duckdb.Error:
                raise EngineError(
                    f"DuckDB does not accept [engine] {name} = {value!r}. Sizes are written like '4GB'."
                ) from None

    def _locked(self) -> bool:
        found = self.connection.execute("select current_setting('lock_configuration')").fetchone()
        return bool(found and found[0])

    def lock(self) -> None:
        """No file or network from here on, and no way back."""
        if self._locked():
            return
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    @property
    def contacts_at_once(self) -> int:
        """How many contacts can be sorted and joined within the memory limit without spilling much."""
        found = self.connection.execute("select current_setting('memory_limit')").fetchone()
        size, unit = str(found and found[0]).split()
        return int(float(size) * _UNITS[unit]) // _BYTES_OF_A_CONTACT

    def run(self, statement: Statement) -> pd.DataFrame:
        """A statement's rows, unordered; EngineError when they are too many to be statistics."""
        result = self._execute(statement, statement.text())
        # A chunk may come half empty, and an empty one ends the rows.
        chunks = [result.fetch_df_chunk(vectors_per_chunk=_VECTORS)]
        while len(chunks[-1]):
            chunks.append(result.fetch_df_chunk(vectors_per_chunk=_VECTORS))
            if sum(map(len, chunks)) > ROW_LIMIT:
                raise TooManyRowsError(
                    f"Statement '{statement.name}' gave over {ROW_LIMIT:,} rows; statistics are smaller. "
                    "Ask for fewer dimensions."
                )
        return _plain(pd.concat(chunks[:-1] or chunks, ignore_index=True))

    def materialise(self, name: str, *parts: Statement) -> None:
        """Keep the rows of one statement, or of several one after another, as the table `name`; an earlier one goes.

        Beside a store that nobody changes, asking again for what is still as it was made is free.
        """
        texts = [part.text() for part in parts]
        made = _Kept((*texts, *(repr(dict(part.values)) for part in parts)), frozenset().union(*map(_read_by, parts)))
        if self._temporary and self._kept.get(name) == made:
            return
        self._forget(name)
        kind = "temp table" if self._temporary else "table"
        for number, (part, text) in enumerate(zip(parts, texts, strict=True)):
            beginning = f'insert into "{name}"' if number else f'create or replace {kind} "{name}" as'
            self._execute(part, f"{beginning} {text}")
        self._kept[name] = made

    def release(self, *names: str) -> None:
        """Drop tables kept beside a store that nobody will ask for again soon; one that is not there is no matter."""
        for name in names:
            self._forget(name)
            if self._temporary:
                self.connection.execute(f'drop table if exists temp."{name}"')

    def _forget(self, name: str) -> None:
        """A table is made anew: whatever was made of it no longer counts as kept."""
        self._kept.pop(name, None)
        for other in [other for other, made in self._kept.items() if name in made.reads]:
            self._forget(other)

    def close(self) -> None:
        self.connection.close()

    def _execute(self, statement: Statement, text: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(text, dict(statement.values))
        except duckdb.Error as error:
            raise EngineError(f"Statement '{statement.name}' failed: {_without_values(error)}") from None


class Recorded:
    """An engine that also keeps every statement that passes through it, in `statements`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.statements: list[Statement] = []

    @property
    def dialect(self) -> str:
        return self.engine.dialect

    @property
    def contacts_at_once(self) -> int:
        return self.engine.contacts_at_once

    def run(self, statement: Statement) -> pd.DataFrame:
        self.statements.append(statement)
        return self.engine.run(statement)

    def materialise(self, name: str, *parts: Statement) -> None:
        self.statements.extend(parts)
        self.engine.materialise(name, *parts)

    def release(self, *names: str) -> None:
        self.engine.release(*names)


def empty_world(tables: Mapping[str, Columns] = STORED_TABLES) -> DuckDB:
    """An in-memory engine that has every stored table and no row: for review and for tests."""
    engine = DuckDB(access="write")
    for name, columns in tables.items():
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        engine.connection.execute(f'create table "{name}" ({declared})')
    return engine


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Enum columns as text and nullable numbers as floats, so that every engine gives the same types."""
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype("str")
    return frame


def _without_values(error: duckdb.Error) -> str:
    kind = type(error).__name__.lstrip("_")
    return f"{kind}: {str(error).splitlines()[0]}" if kind in _ABOUT_NAMES else kind
