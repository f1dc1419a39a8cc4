"""Exports opened before there is an engagement, each as loading would open it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.loaders.decoding import detect_encoding, head
from rootcause_lib.loaders.headers import SEARCHED_ROWS
from rootcause_lib.loaders.opening import open_source
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.session import Session, loading
from rootcause_lib.loaders.sources import INSIDE, SourceFile, describe
from rootcause_lib.loaders.typed_files import close_databases

_MOST_SHEETS = 20
_HEAD = 1 << 16
_MARKS = re.compile(r"[;,\t|]")


@dataclass(frozen=True, slots=True)
class Export:
    """A file, or a sheet or table inside one. `path` is absolute."""

    path: Path
    inner: str | None
    opened: Opened


@contextmanager
def opened_exports(
    paths: Sequence[str | Path], *, is_name: Callable[[str], bool]
) -> Iterator[tuple[Session, list[Export]]]:
    """A session of its own, in memory, with every export open; `is_name` tells what may head a column.

    A workbook gives one export per filled sheet. Raises ParameterError for a path that is no file, DataError
    for a file that is empty, damaged or of a kind that can't be read.
    """
    engine = DuckDB(access="write")
    try:
        with loading(engine, spill_folder=None) as session:
            files = list(dict.fromkeys(file for path in paths for file in _files(path)))
            yield session, [_opened(session, file, is_name) for file in files]
            close_databases(session)
    finally:
        engine.connection.close()


def _opened(session: Session, file: SourceFile, is_name: Callable[[str], bool]) -> Export:
    known = frozenset(cell for cell in _first_cells(file) if is_name(cell))
    return Export(file.path, file.inner, open_source(session, file, known))


def _first_cells(file: SourceFile) -> set[str]:
    """What stands in the first rows, among which is the header; none where the file names its columns itself."""
    if file.kind == "text":
        start = head(file.path, detect_encoding(file.path, name=file.name), name=file.name, size=_HEAD)
        lines = start.splitlines()[:SEARCHED_ROWS]
        return {cell.strip(' "') for line in lines for cell in _MARKS.split(line)}
    if file.kind != "workbook":
        return set()
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(file.path)
    names = [file.inner] if file.inner is not None else book.sheet_names
    rows = [row for name in names for row in book.get_sheet_by_name(name).to_python(nrows=SEARCHED_ROWS)]
    return {cell for row in rows for cell in row if isinstance(cell, str)}


def _files(given: str | Path) -> list[SourceFile]:
    place, _, inner = str(given).partition(INSIDE)
    path = Path(place)
    if path.is_dir():
        raise ParameterError(f"'{place}' is a folder. Give the exports in it, such as {path / '*.csv'}.")
    if not path.is_file():
        raise ParameterError(f"There is no file '{place}'. Give the paths of the exports.")
    try:
        file = describe(path.resolve(), inner or None, folder=path.resolve().parent, where="Exports")
    except OSError as error:
        raise DataError(f"{path.name} can't be read ({error.strerror}).") from None
    if file.kind != "workbook" or file.inner is not None:
        return [file]
    sheets = _filled_sheets(file)
    if len(sheets) == 1:
        return [file]
    return [SourceFile(file.path, f"{file.name}{INSIDE}{sheet}", file.kind, sheet) for sheet in sheets[:_MOST_SHEETS]]


def _filled_sheets(file: SourceFile) -> list[str]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(file.path)
        filled = [name for name in book.sheet_names if book.get_sheet_by_name(name).start is not None]
    except CalamineError:
        raise DataError(
            f"{file.name} is damaged, locked by a password or no workbook. Save it again as .xlsx."
        ) from None
    if not filled:
        raise DataError(f"{file.name} has no filled sheet. Export it again.")
    return filled
