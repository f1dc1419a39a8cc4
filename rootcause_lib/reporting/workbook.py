"""appendix.xlsx: every table of a run on a sheet of its own, with a list of them and the meaning of their columns."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rootcause_lib.errors import OutputError
from rootcause_lib.reporting.definitions import column_meaning, metric_definitions, table_title
from rootcause_lib.reporting.texts import said

_LONGEST_TEXT = 32_767
_LONGEST_SHEET_NAME = 31
_MOST_ROWS = 1_000_000


def write_workbook(path: Path, *, tables: Sequence[str], folder: Path, language: str) -> None:
    """Write the named tables of a run's folder; text is always text, never a formula."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    frames = {name: pd.read_parquet(folder / "tables" / f"{name}.parquet") for name in tables}
    titles = [said(f"workbook.{one}", language=language) for one in ("contents", "definitions")]
    sheets = _sheet_names(
        tables, taken=[said(f"workbook.{one}", language=language) for one in ("contents", "definitions")]
    )
    _write(book, titles[0], _contents(frames, sheets, language=language))
    _write(book, titles[1], _definitions(frames, language=language))
    for name, frame in frames.items():
        _write(book, sheets[name], frame)
    try:
        book.save(path)
    except OSError as error:
        raise OutputError(f"Could not write '{path.name}': {error.strerror}.") from None


def _sheet_names(tables: Sequence[str], *, taken: Sequence[str]) -> dict[str, str]:
    """At most 31 characters and each once, as Excel wants: the frame's name, with the analysis where it fits."""
    used = {one.casefold() for one in taken}
    names = {}
    for table in tables:
        name = table if len(table) <= _LONGEST_SHEET_NAME else table.split(".", 1)[1][:_LONGEST_SHEET_NAME]
        number = 2
        while name.casefold() in used:
            name = f"{name[: _LONGEST_SHEET_NAME - 4]} ({number})"
            number += 1
        used.add(name.casefold())
        names[table] = name
    return names


def _contents(frames: dict[str, pd.DataFrame], sheets: dict[str, str], *, language: str) -> pd.DataFrame:
    rows = [
        (sheets[name], table_title(name, language=language), name, len(frame), ", ".join(map(str, frame.columns)))
        for name, frame in frames.items()
    ]
    return _titled(rows, ("sheet", "meaning", "table", "rows", "columns"), language=language)


def _definitions(frames: dict[str, pd.DataFrame], *, language: str) -> pd.DataFrame:
    columns = dict.fromkeys(str(column) for frame in frames.values() for column in frame.columns)
    kind = said("workbook.column", language=language)
    rows = [(kind, column, column_meaning(column, language=language)) for column in columns]
    metrics = {str(one) for frame in frames.values() if "metric" in frame for one in frame["metric"].dropna()}
    kind = said("workbook.metric", language=language)
    rows += [(kind, name, words) for name, words in metric_definitions(language=language) if name in metrics]
    return _titled(rows, ("kind", "name", "meaning"), language=language)


def _titled(rows: Sequence[tuple[object, ...]], keys: Sequence[str], *, language: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[said(f"workbook.{key}", language=language) for key in keys])


def _write(book: Any, title: str, frame: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(frame.columns, start=1):
        longest = max([len(str(column)), *frame[column].head(200).map(lambda one: len(str(one)))])
        sheet.column_dimensions[get_column_letter(number)].width = min(60, longest + 2)
    heads = [typed_cell(WriteOnlyCell(sheet), str(column)) for column in frame.columns]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in frame.head(_MOST_ROWS).itertuples(index=False, name=None):
        sheet.append([typed_cell(WriteOnlyCell(sheet), value) for value in row])


def typed_cell(cell: Any, value: object) -> Any:
    """Give a cell its value with its type set, so that nothing is read as a formula, a link or a number."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return cell
    if isinstance(value, (bool, int, float)):
        cell.value = value
    elif isinstance(value, dt.datetime):
        cell.value = value.replace(tzinfo=None)
    elif isinstance(value, dt.date):
        cell.value = value
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_LONGEST_TEXT]
        cell.data_type = "s"
        cell.quotePrefix = True
    return cell
