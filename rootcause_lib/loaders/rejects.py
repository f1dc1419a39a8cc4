"""Rows that can't be used: kept by table, source, row, column and rule, their values only by shape."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rootcause_lib.errors import OutputError
from rootcause_lib.loaders.intake import MOST_REJECTS
from rootcause_lib.loaders.judging import LAST_ROWS, TOTALS
from rootcause_lib.loaders.masking import shape_sql, spreadsheet_safe_sql
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged, scratch_name

COLUMNS = ("table", "source", "row", "column", "rule", "value")

_REJECTS = "rejects"
_REFUSED = "refused"


def prepare_rejects(session: Session) -> None:
    """The scratch tables that rejects and refused rows of every table are gathered in."""
    session.run(
        f"create table {scratch(_REJECTS)} (table_name varchar, source_number integer, row_number bigint, "
        "column_name varchar, rule varchar, value varchar)",
        about="preparing the rejects",
    )
    session.run(
        f"create table {scratch(_REFUSED)} (table_name varchar, source_number integer, row_number bigint, "
        "place bigint, is_total boolean, value varchar)",
        about="preparing the rejects",
    )


def keep_refused(session: Session, staged: Staged, opened: Opened, *, number: int) -> None:
    """Remember the rows of a source whose cells don't fit its header, and clear the engine's own list of them."""
    if opened.refused is None:
        return
    about = f"listing the broken lines of {opened.name}"
    refused = quoted(opened.refused)
    # `place` counts the readable rows before: the n-th readable row stands after every refused one with place < n.
    session.run(
        f"insert into {scratch(_REFUSED)} "
        f"select ?, ?, line, line - {opened.first_row} - row_number() over (order by line), "
        f"regexp_matches(lower(text), '{TOTALS}'), {shape_sql('text')} "
        f"from (select line, min(csv_line) as text from {refused} group by line)",
        values=[staged.table, number],
        about=about,
    )
    for end in ("", "_scans", "_looked", "_looked_scans"):
        session.run(f"drop table if exists {quoted(opened.refused + end)}", about=about)
    read = session.row(
        f"select count(*) from {scratch(staged.name)} where source_number = ?", values=[number], about=about
    )[0]
    # A total line is often shorter than the rows above it.
    session.run(
        f"update {scratch(_REFUSED)} set is_total = is_total and place + ? > ? "
        "where table_name = ? and source_number = ?",
        values=[LAST_ROWS, read, staged.table, number],
        about=about,
    )


def gather_rejects(session: Session, staged: Staged) -> None:
    """Every rule every row of the table broke, with the row's number as a spreadsheet would show it."""
    about = f"listing the rejects of {staged.table}"
    session.run(
        f"insert into {scratch(_REJECTS)} select table_name, source_number, row_number, '', 'wrong_columns', value "
        f"from {scratch(_REFUSED)} where table_name = ? and not is_total",
        values=[staged.table],
        about=about,
    )
    for column, rule, bit in occurring(session, staged):
        value = _value_sql(staged, column)
        session.run(
            f"insert into {scratch(_REJECTS)} "
            f"select ?, rows.source_number, rows.source_row + coalesce(before.nth, 0), ?, ?, {value} "
            f"from {scratch(staged.name)} as rows asof left join "
            f"{scratch(_places(session, staged))} as before "
            f"on rows.source_number = before.source_number and rows.source_row > before.place "
            f"where rows.broken & {bit} <> 0",
            values=[staged.table, column, rule],
            about=about,
        )


def occurring(session: Session, staged: Staged) -> list[tuple[str, str, int]]:
    """(column, rule, bit) of every rule some row of the table broke."""
    given = list(staged.rules.given.items())
    if not given:
        return []
    counts = session.row(
        f"select {', '.join(f'count(*) filter (where broken & {bit} <> 0)' for _, bit in given)} "
        f"from {scratch(staged.name)} where broken <> 0",
        about=f"counting the rejects of {staged.table}",
    )
    return [(column, rule, bit) for ((column, rule), bit), count in zip(given, counts, strict=True) if count]


def write_rejects(session: Session, folder: Path, source_names: Mapping[tuple[str, int], str]) -> pd.DataFrame:
    """One file per table with rejects; the frame holds the first of them, without values."""
    names = " ".join(
        f"when table_name = {literal(table)} and source_number = {number} then {literal(name)}"
        for (table, number), name in source_names.items()
    )
    source = f"case {names} end"
    tables = session.rows(
        f"select distinct table_name from {scratch(_REJECTS)} order by 1", about="listing the rejects"
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise OutputError(f"The folder {folder} for rejected rows can't be made. Choose another place.") from None
    query = (
        f'select table_name as "table", {{}} as source, row_number as "row", {{}} as "column", rule{{}} '
        f"from {scratch(_REJECTS)}"
    )
    order = "source_number, row_number, column_name, rule"
    for (table,) in tables:
        selected = query.format(spreadsheet_safe_sql(source), spreadsheet_safe_sql("column_name"), ", value")
        target = literal(str(folder / f"{table}.csv"))
        session.run(
            f"copy ({selected} where table_name = {literal(table)} order by {order}) "
            f"to {target} (header, delimiter ',')",
            about=f"writing the rejects of {table}",
        )
    selected = query.format(source, "column_name", "")
    return session.frame(f"{selected} order by table_name, {order} limit {MOST_REJECTS}", about="listing the rejects")


def _value_sql(staged: Staged, column: str) -> str:
    """The shape of a broken row's value: as it stood in the source, else as it is stored."""
    names = [each.name for each in staged.columns]
    if column not in names:
        return "null"
    stored = scratch_name(staged.columns[names.index(column)])
    return shape_sql(f"coalesce(rows.{staged.cell_sql(column)}, rows.{quoted(stored)}::varchar)")


def _places(session: Session, staged: Staged) -> str:
    """Per source, how many rows (nth) were refused right after the row that would be `place` without them."""
    name = f"places_of_{staged.table}"
    session.run(
        f"create table if not exists {scratch(name)} as "
        "select source_number, row_number - nth as place, max(nth) as nth from (select source_number, row_number, "
        "place, row_number() over (partition by source_number order by row_number) as nth "
        f"from {scratch(_REFUSED)} where table_name = ?) group by source_number, row_number - nth",
        values=[staged.table],
        about=f"numbering the rejects of {staged.table}",
    )
    return name
