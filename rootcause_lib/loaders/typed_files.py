"""Sources whose columns have types of their own: Parquet files and tables of a DuckDB file."""

from __future__ import annotations

from rootcause_lib.errors import DataError, unknown_choice
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import ColumnKind, Opened, SourceColumn
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.sources import SourceFile

_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)


def open_parquet(session: Session, file: SourceFile) -> Opened:
    """A Parquet file as a relation; its rows count from 1."""
    path = literal(str(file.path))
    return _opened(
        session,
        file,
        "(select file_row_number + 1 as source_row, * exclude (file_row_number) "
        f"from read_parquet({path}, file_row_number = true))",
    )


def open_database(session: Session, file: SourceFile) -> Opened:
    """A table or view of a DuckDB file, opened read-only; rows count from 1 as the file holds them."""
    name = session.new_name("source")
    session.run(f"attach {literal(str(file.path))} as {quoted(name)} (read_only)", about=f"opening {file.name}")
    schema, _, table = (file.inner or "").rpartition(".")
    there = session.rows(
        "select schema_name, table_name from duckdb_tables() where database_name = $1 and not internal "
        "union all select schema_name, view_name from duckdb_views() where database_name = $1 and not internal",
        values=[name],
        about=f"listing the tables of {file.name}",
    )
    if (schema or "main", table) not in there:
        choices = [found if place == "main" else f"{place}.{found}" for place, found in there]
        raise DataError(unknown_choice("table", file.inner or "", choices, where=file.path.name))
    full = ".".join(quoted(part) for part in (name, schema or "main", table))
    return _opened(session, file, f"(select row_number() over () as source_row, * from {full})")


def close_databases(session: Session) -> None:
    """Let go of every DuckDB file opened as a source."""
    names = session.rows(
        "select database_name from duckdb_databases() where database_name like 'source\\_%' escape '\\'",
        about="closing the sources",
    )
    for (name,) in names:
        session.run(f"detach {quoted(name)}", about="closing a source")


def _opened(session: Session, file: SourceFile, relation: str) -> Opened:
    described = session.rows(f"describe select * from {relation}", about=f"reading {file.name}")
    columns = tuple(_column(name, kind) for name, kind, *_ in described if name != "source_row")
    return Opened(name=file.name, relation=relation, sample=relation, columns=columns, first_row=0)


def _column(name: str, type_name: str) -> SourceColumn:
    kind = _kind(type_name)
    sql = quoted(name)
    if type_name.startswith("TIME") and kind == "text":
        sql = f"{sql}::varchar"
    elif kind == "text" and not type_name.startswith("VARCHAR"):
        # Dictionary-coded columns of other tools arrive as ENUM; lists and structs as their text.
        sql = f"{sql}::varchar"
    return SourceColumn(name, kind, sql)


def _kind(type_name: str) -> ColumnKind:
    if type_name.startswith("TIMESTAMP WITH"):
        return "instant"
    if type_name.startswith("TIMESTAMP"):
        return "timestamp"
    if type_name == "DATE":
        return "date"
    if type_name == "BOOLEAN":
        return "flag"
    return "number" if type_name.partition("(")[0] in _NUMBERS else "text"
