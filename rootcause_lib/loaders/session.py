"""The engine while it is being filled: SQL of DuckDB's own, a scratch database beside the store, safe errors."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError, EngineError, RootcauseError
from rootcause_lib.loaders.quoting import literal, quoted

SCRATCH = "scratch"
"""The attached database that holds rows on their way in; it is deleted when loading ends."""

_DAMAGED = ("IOException", "InvalidInputException", "SerializationException", "HTTPException")
_ABOUT_NAMES = ("BinderException", "CatalogException", "ParserException", "SyntaxException")

Values = Mapping[str, Any] | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Session:
    """What loaders run SQL through; `folder` holds this load's temporary files, for the owner's eyes only."""

    engine: DuckDB
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, sql: str, *, values: Values = (), about: str) -> Any:
        """Execute; `about` says what was being done and stands in the error instead of the engine's words."""
        try:
            return self.engine.connection.execute(sql, values if isinstance(values, Mapping) else list(values))
        except Exception as error:
            raise _fault(error, about) from None

    def rows(self, sql: str, *, values: Values = (), about: str) -> list[tuple[Any, ...]]:
        result = self.run(sql, values=values, about=about)
        try:
            return list(result.fetchall())
        except Exception as error:
            raise _fault(error, about) from None

    def row(self, sql: str, *, values: Values = (), about: str) -> tuple[Any, ...]:
        return self.rows(sql, values=values, about=about)[0]

    def frame(self, sql: str, *, values: Values = (), about: str) -> pd.DataFrame:
        result = self.run(sql, values=values, about=about)
        try:
            return result.df()
        except Exception as error:
            raise _fault(error, about) from None

    def new_name(self, kind: str) -> str:
        """A name nobody has yet, for a scratch table or file."""
        return f"{kind}_{next(self._numbers)}"

    def load_arrow(self, table: Any, *, into: str) -> None:
        """Append an Arrow table's rows to a scratch table, made on first use."""
        self.engine.connection.register("arriving_rows", table)
        try:
            exists = self.rows(
                "select 1 from duckdb_tables() where database_name = ? and table_name = ?",
                values=[SCRATCH, into],
                about=into,
            )
            verb = f"insert into {scratch(into)}" if exists else f"create table {scratch(into)} as"
            self.run(f"{verb} select * from arriving_rows", about="keeping a sheet's rows")
        finally:
            self.engine.connection.unregister("arriving_rows")


def scratch(name: str) -> str:
    """A scratch table's full name."""
    return f"{SCRATCH}.main.{quoted(name)}"


@contextmanager
def loading(engine: DuckDB, *, spill_folder: Path | None) -> Iterator[Session]:
    """A session with its scratch database; afterwards nothing of it is left, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="rootcause-", dir=spill_folder))
    session = Session(engine, folder)
    ordered = session.row("select current_setting('preserve_insertion_order')", about="reading a setting")[0]
    # Row numbers and the sorted contacts depend on it.
    session.run("set preserve_insertion_order = true", about="setting the row order")
    try:
        file = literal(str(folder / "scratch.duckdb"))
        session.run(f"attach {file} as {SCRATCH}", about="making the scratch database")
        yield session
    finally:
        forget_scratch(session)
        _quietly(engine, f"detach {SCRATCH}")
        _quietly(engine, f"set preserve_insertion_order = {str(ordered).lower()}")
        shutil.rmtree(folder, ignore_errors=True)


def forget_scratch(session: Session) -> None:
    """Drop the scratch tables, whose rows would fill the engine's memory, and be written out when it is detached."""
    engine = session.engine
    try:
        found = engine.connection.execute(
            "select table_name from duckdb_tables() where database_name = ?", [SCRATCH]
        ).fetchall()
    except Exception:
        return
    for (name,) in found:
        _quietly(engine, f"drop table {scratch(name)}")


def _quietly(engine: DuckDB, sql: str) -> None:
    """Clean up without hiding the error that may be on its way."""
    try:
        engine.connection.execute(sql)
    except Exception:
        return


def _fault(error: Exception, about: str) -> RootcauseError:
    """The engine's error without its words, which may quote a client's value."""
    kind = type(error).__name__.lstrip("_")
    if isinstance(error, RootcauseError):
        return error
    if kind in _DAMAGED:
        return DataError(
            f"{about[:1].upper()}{about[1:]} failed: the file is cut short, damaged or not what its name says. "
            "Export it again."
        )
    if kind == "OutOfMemoryException":
        return EngineError(
            f"{about[:1].upper()}{about[1:]} ran out of memory. Raise [engine] memory_limit or give a spill_folder."
        )
    detail = f": {str(error).splitlines()[0]}" if kind in _ABOUT_NAMES else ""
    return EngineError(f"{about[:1].upper()}{about[1:]} failed ({kind}{detail}).")
