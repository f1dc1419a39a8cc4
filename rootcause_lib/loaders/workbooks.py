"""Spreadsheets, read cell by cell so that ids stay text and dates stay dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from rootcause_lib.errors import DataError, unknown_choice
from rootcause_lib.loaders.formulas import stop_at_uncomputed
from rootcause_lib.loaders.headers import SEARCHED_ROWS, header_rows, is_known, unique_headers
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.reading import Opened, SourceColumn
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.sources import SourceFile

_BATCH = 20_000
_EXACT = 1e15
"""A spreadsheet keeps fifteen digits; a longer number has lost its last ones."""


def open_workbook(session: Session, file: SourceFile, *, known: Collection[str]) -> Opened:
    """One sheet as a relation of text: the sheet named, else the first whose header is known, else the first filled."""
    sheet, at, cells, (start, left) = _chosen_sheet(file, known)
    first = list(islice(_rows(sheet), at + 1 + SEARCHED_ROWS))
    width = max(len(row) for row in first)
    headers = unique_headers(cells, width=width)
    read = {left + place for place, header in enumerate(headers.names) if is_known(header, known)}
    stop_at_uncomputed(file.path, sheet.name, name=file.name, columns=read)
    table = session.new_name("sheet")
    names = [f"c{position}" for position in range(1, width + 1)]
    rows = ((start + number, row) for number, row in enumerate(_rows(sheet), start=1) if number > at + 1)
    _keep(session, table, names, ((number, row) for number, row in rows if any(cell is not None for cell in row)))
    # Columns without a header and without a value are a sheet's margin, not data.
    columns = tuple(
        SourceColumn(header, "text", quoted(name)) for header, name in zip(headers.names, names, strict=True)
    )
    return Opened(
        name=file.name,
        relation=scratch(table),
        sample=scratch(table),
        columns=columns,
        first_row=0,
        twice=headers.twice,
    )


def cell_text(value: Any) -> str | None:
    """A cell as text: whole numbers without .0, dates as ISO, durations as h:mm:ss, an over-long number as 1.2E+18."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if value != int(value):
            return repr(value)
        return str(int(value)) if abs(value) < _EXACT else f"{value:.14E}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.timedelta):
        seconds = value.total_seconds()
        return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{int(seconds % 60):02d}"
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    return str(value.isoformat()) if isinstance(value, dt.date) else str(value)


def _chosen_sheet(file: SourceFile, known: Collection[str]) -> tuple[Any, int, Sequence[str | None], tuple[int, int]]:
    """(sheet, index of its header's last row, the header's cells, its first used row and column)."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(file.path)
        if file.inner is not None and file.inner not in book.sheet_names:
            raise DataError(unknown_choice("sheet", file.inner, book.sheet_names, where=file.name))
        wanted = [file.inner] if file.inner is not None else book.sheet_names
        sheets = [book.get_sheet_by_name(name) for name in wanted]
    except CalamineError:
        raise DataError(
            f"{file.name} is damaged, locked by a password or no workbook. Save it again as .xlsx."
        ) from None
    filled = [sheet for sheet in sheets if sheet.start is not None]
    if not filled:
        raise DataError(f"{file.name} has no filled sheet. Export it again.")
    heads = [(sheet, list(islice(_rows(sheet), SEARCHED_ROWS))) for sheet in filled]
    sheet, top = max(heads, key=lambda pair: _known_names(pair[1], known))
    return sheet, *header_rows(top, known), sheet.start or (0, 0)


def _known_names(rows: Sequence[Sequence[str | None]], known: Collection[str]) -> int:
    folded = {name.casefold() for name in known}
    return max((len({(cell or "").strip().casefold() for cell in row} & folded) for row in rows), default=0)


def _rows(sheet: Any) -> Iterator[list[str | None]]:
    for row in sheet.iter_rows():
        yield [cell_text(value) for value in row]


def _keep(session: Session, table: str, names: Sequence[str], rows: Iterator[tuple[int, list[str | None]]]) -> None:
    import pyarrow as pa

    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in names)])
    session.load_arrow(schema.empty_table(), into=table)
    while batch := list(islice(rows, _BATCH)):
        cells = [[row[column] if column < len(row) else None for _, row in batch] for column in range(len(names))]
        arrays = [
            pa.array([number for number, _ in batch], pa.int64()),
            *(pa.array(cell, pa.string()) for cell in cells),
        ]
        session.load_arrow(pa.Table.from_arrays(arrays, schema=schema), into=table)
