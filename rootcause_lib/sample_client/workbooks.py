"""Tables as workbooks, the same bytes for the same table."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rootcause_lib.sample_client.finnish import NO, YES

_SAVED = (2026, 1, 2, 8, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def write_workbook(table: pd.DataFrame, path: Path, *, headers: Mapping[str, str]) -> None:
    """The table's columns named in `headers`, under them; text stays text and dates are real dates."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(path.stem)
    sheet.append(list(headers.values()))
    for row in zip(*(_cells(table[column]) for column in headers), strict=True):
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    _write_undated(saved, path)


def _cells(values: pd.Series) -> list[object]:
    if isinstance(values.dtype, pd.BooleanDtype):
        values = values.astype("object").map({True: YES, False: NO})
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return [moment.to_pydatetime() if pd.notna(moment) else None for moment in values]
    return [value if pd.notna(value) else None for value in values.tolist()]


def _write_undated(saved: io.BytesIO, path: Path) -> None:
    """The archive without the time it was saved at."""
    with zipfile.ZipFile(saved) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in given.namelist():
            content = given.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2026-01-02T08:00:00Z", content)
            entry = zipfile.ZipInfo(name, date_time=_SAVED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
