"""What came in, in numbers: rows per source, repairs, orphans, how full each column is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from rootcause_lib.errors import EngineError
from rootcause_lib.loaders.clock import Clock
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged, scratch_name
from rootcause_lib.loaders.tables import Ready
from rootcause_lib.schemas import TABLES

SOURCE_COLUMNS = (
    "table", "source", "rows_read", "rows_accepted", "rows_rejected", "rows_merged", "rows_repaired", "first", "last",
)  # fmt: skip

_LINKED_AT_ONCE = 4_000_000
"""Keys of a table, about so many, that others are held against at a time."""


def count_sources(session: Session, staged: Staged, ready: Ready, names: Mapping[int, str]) -> pd.DataFrame:
    """One row per source in the shape of Intake.sources; EngineError when its identities do not hold."""
    day = _day_sql(staged, ready.clock)
    counted = {
        number: rest
        for number, *rest in session.rows(
            f"select source_number, count(*), count(*) filter (where broken = 0), "
            f"count(*) filter (where broken = 0 and repaired <> 0), "
            f"min({day}) filter (where broken = 0), max({day}) filter (where broken = 0) "
            f"from {scratch(staged.name)} group by 1",
            about=f"counting the rows of {staged.table}",
        )
    }
    refused = {
        number: (totals, others)
        for number, totals, others in session.rows(
            f"select source_number, count(*) filter (where is_total), count(*) filter (where not is_total) "
            f"from {scratch('refused')} where table_name = ? group by 1",
            values=[staged.table],
            about=f"counting the broken lines of {staged.table}",
        )
    }
    kept = dict(
        session.rows(
            f"select source_number, count(*) from {scratch(ready.name)} as rows where {ready.where} group by 1",
            about=f"counting the rows of {staged.table}",
        )
    )
    rows = []
    for number, name in names.items():
        read, accepted, repaired, first, last = counted.get(number, (0, 0, 0, None, None))
        totals, others = refused.get(number, (0, 0))
        rows.append(
            (
                staged.table, name, read + totals + others, accepted + totals, read - accepted + others,
                accepted + totals - kept.get(number, 0), repaired + totals, first, last,
            )
        )  # fmt: skip
    _check_stored(session, staged.table, expected=sum(kept.values()))
    return pd.DataFrame(rows, columns=list(SOURCE_COLUMNS))


def _check_stored(session: Session, table: str, *, expected: int) -> None:
    stored = session.row(f"select count(*) from {quoted(table)}", about=f"counting {table}")[0]
    if stored != expected:
        raise EngineError(
            f"{table} holds {stored} rows, but {expected} were accepted to be kept. "
            "This is a fault of the loading; please report it."
        )


def count_repairs(session: Session, staged: Staged, names: Mapping[int, str]) -> pd.DataFrame:
    """Rows of the accepted that each repair touched, per source and column."""
    rows: list[tuple[str, str, str, str, int]] = []
    for (column, repair), bit in staged.repairs.given.items():
        for number, count in session.rows(
            f"select source_number, count(*) from {scratch(staged.name)} where broken = 0 and repaired & {bit} <> 0 "
            "group by 1 order by 1",
            about=f"counting the repairs of {staged.table}",
        ):
            rows.append((staged.table, names[number], column, repair, count))
    return pd.DataFrame(rows, columns=["table", "source", "column", "repair", "rows"])


def add_refused_totals(session: Session, repairs: pd.DataFrame, names: Mapping[tuple[str, int], str]) -> pd.DataFrame:
    """The repairs with the total lines that the reader had refused for their width."""
    found = session.rows(
        f"select table_name, source_number, count(*) from {scratch('refused')} "
        "where is_total group by 1, 2 order by 1, 2",
        about="counting total lines",
    )
    more = [(table, names[table, number], "", "total_row", rows) for table, number, rows in found]
    if not more:
        return repairs
    both = pd.concat([repairs, pd.DataFrame(more, columns=list(repairs.columns))])
    summed = both.groupby(["table", "source", "column", "repair"], sort=False)["rows"].sum()
    return summed.reset_index()


def count_orphans(session: Session, present: Sequence[str]) -> pd.DataFrame:
    """Rows that refer to a customer or contact the client's own table does not hold; they are kept."""
    rows = []
    for table in present:
        for column in TABLES[table]:
            target = (column.references or "").partition(".")[0]
            if target not in present or target == table:
                continue
            key = "customer_key" if column.name == "customer_id" else column.name
            about = f"looking for orphans in {table}"
            filled = session.row(f"select count({quoted(key)}) from {quoted(table)}", about=about)[0]
            if filled:
                rows.append((table, column.name, filled - _linked(session, table, target, quoted(key), about=about)))
    return pd.DataFrame(rows, columns=["table", "column", "rows"])


def _linked(session: Session, table: str, target: str, key: str, *, about: str) -> int:
    """Rows of a table whose key the target holds; of a long target some keys at a time, for the sake of memory."""
    parts = 1 + session.row(f"select count(*) from {quoted(target)}", about=about)[0] // _LINKED_AT_ONCE
    # A semi join lets the engine hash the smaller side, which `not exists` does not.
    return sum(
        session.row(
            f"select count(*) from (select {key} from {quoted(table)} where hash({key}) % {parts} = {part}) semi join "
            f"(select {key} from {quoted(target)} where hash({key}) % {parts} = {part}) using ({key})",
            about=about,
        )[0]
        for part in range(parts)
    )


def count_filled(session: Session, tables: Sequence[str]) -> pd.DataFrame:
    """The share of rows with a value, for every column of the tables present; no rows: unknown."""
    rows = []
    for table in tables:
        names = [
            name
            for (name,) in session.rows(
                f"select column_name from duckdb_columns() where table_name = {literal(table)} "
                "and database_name = current_database() order by column_index",
                about=f"listing the columns of {table}",
            )
        ]
        total, *filled = session.row(
            f"select count(*), {', '.join(f'count({quoted(name)})' for name in names)} from {quoted(table)}",
            about=f"counting the values of {table}",
        )
        rows += [
            (table, name, count / total if total else None, total) for name, count in zip(names, filled, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["table", "column", "filled", "rows"])
    return frame.astype({"filled": "float64"})


def _day_sql(staged: Staged, clock: Clock) -> str:
    """The local date of a row: of the first time column of the table that is mapped."""
    for each in staged.columns:
        if each.column.type == "timestamp":
            return f"({clock.day_sql(quoted(scratch_name(each)))})"
        if each.column.type == "date":
            return quoted(each.name)
    return "null::date"
