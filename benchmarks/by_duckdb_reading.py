"""The contacts' export into a DuckDB file by DuckDB's own reader, told everything: nothing is checked or sorted."""

from __future__ import annotations

from pathlib import Path

import duckdb

_READER = """
    read_csv('{file}', delim = ';', header = true, quote = '"', escape = '"', auto_detect = false, nullstr = '',
        decimal_separator = ',', timestampformat = '%d.%m.%Y %H:%M:%S', columns = {{{columns}}},
        ignore_errors = true, store_rejects = true)
"""
# Without store_rejects the reader takes the first text after a closing quote for the end of the file.

_TYPES = {
    "contact_id": "varchar", "started_at": "timestamp", "ended_at": "timestamp", "channel": "varchar",
    "direction": "varchar", "customer_id": "varchar", "reason": "varchar", "agent_id": "varchar", "team": "varchar",
    "wait_seconds": "double", "handle_seconds": "double", "wrap_up_seconds": "double", "abandoned": "boolean",
    "transfers": "bigint", "resolved": "boolean", "conversation_id": "varchar", "revenue": "double",
    "complained": "boolean",
}  # fmt: skip

_CASTS = {
    "timestamp": "try_strptime({name}, '%d.%m.%Y %H:%M:%S')",
    "double": "try_cast(replace({name}, ',', '.') as double)",
}


def text_then_cast(export: Path, file: Path, *, memory_limit: str | None) -> int:
    """Every cell as text into one table, then typed into another; gives its rows and the lines refused."""
    connection = _connect(file, memory_limit)
    text = dict.fromkeys(_TYPES, "varchar")
    connection.execute(f"create table raw as select * from {_reader(export, text)}")
    casts = ", ".join(
        f"{_CASTS.get(kind, 'try_cast({name} as {kind})').format(name=name, kind=kind)} as {name}"
        if kind != "varchar"
        else name
        for name, kind in _TYPES.items()
    )
    connection.execute(f"create table contacts as select {casts} from raw")
    connection.execute("checkpoint")
    return _rows(connection)


def cast_while_reading(export: Path, file: Path, *, memory_limit: str | None) -> int:
    """One statement; a row with a cell that can't be cast is refused too. Gives the rows and the lines refused."""
    connection = _connect(file, memory_limit)
    connection.execute(f"create table contacts as select * from {_reader(export, _TYPES)}")
    connection.execute("checkpoint")
    return _rows(connection)


def _connect(file: Path, memory_limit: str | None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(file))
    connection.execute("set temp_directory = ?", [str(file.parent)])
    if memory_limit:
        connection.execute("set memory_limit = ?", [memory_limit])
    return connection


def _reader(export: Path, types: dict[str, str]) -> str:
    return _READER.format(file=export, columns=", ".join(f"'{name}': '{kind}'" for name, kind in types.items()))


def _rows(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute(
        "select (select count(*) from contacts) + (select count(distinct line) from reject_errors)"
    ).fetchone()
    connection.close()
    return int(found[0]) if found else 0
