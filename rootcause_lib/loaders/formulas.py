"""Formulas whose values no spreadsheet program ever computed: a reader would take them for empty cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from rootcause_lib.errors import DataError

_CHUNK = 1 << 20
# A formula that gave an empty text has a cell of type str.
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+)([0-9]+)"(?![^>]*t="str")[^>]*>\s*<f(?:[^>]*/>|[^>]*[^/]>[^<]*</f>|>[^<]*</f>)'
    rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def stop_at_uncomputed(path: Path, sheet: str, *, name: str, columns: Collection[int]) -> None:
    """DataError when one of the columns (from 0, column A) of an .xlsx sheet holds a formula without a value."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
    with zipfile.ZipFile(path) as book:
        part = _part_of(book, sheet)
        if part is None:
            return
        with book.open(part) as content:
            found = [cell for column, cell in _uncomputed(content) if column in columns]
    if found:
        raise DataError(
            f"{name}: {len(found)} cells hold formulas that were never computed (first {found[0]} of sheet '{sheet}'), "
            "so their values are not in the file. Open it in a spreadsheet program and save it, or export values."
        )


def _part_of(book: zipfile.ZipFile, sheet: str) -> str | None:
    """The file inside the workbook that holds the sheet."""
    try:
        sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return None
    wanted = next((each.get(_RELATION) for each in sheets if each.get("name") == sheet), None)
    target = next((each.get("Target", "") for each in relations if each.get("Id") == wanted), "")
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return part if part in book.namelist() else None


def _uncomputed(content: IO[bytes]) -> Iterator[tuple[int, str]]:
    """(column from 0, cell such as D2) of every formula without a value."""
    rest = b""
    while chunk := content.read(_CHUNK):
        text = rest + chunk
        done = text.rfind(b"</c>") + len(b"</c>")
        if b"<f" in text:
            for found in _UNCOMPUTED.finditer(text, 0, done):
                letters, row = found[1].decode(), found[2].decode()
                yield _number(letters), letters + row
        rest = text[done:]


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
