"""How the rows of a text file are laid out, on evidence: delimiter, header row, columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rootcause_lib.loaders.headers import SEARCHED_ROWS, Headers, cleaned, header_rows, unique_headers

DELIMITERS = (";", ",", "\t", "|")

_STATED = re.compile(r"^sep=(.)\r?\n", re.IGNORECASE)
_SAMPLED = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """`skipped_lines` stand before the first row of data; the header is the file's `header_row`-th row (from 1)."""

    delimiter: str
    headers: Headers
    skipped_lines: int
    header_row: int


def find_layout(head: str, known: Collection[str]) -> Layout | None:
    """Layout of the file that begins with `head`; `known` are names that may stand in its header.

    None when there is no row at all.
    """
    stated = _STATED.match(head)
    if stated:
        return _layout(head, stated[1], known)
    found = [layout for mark in DELIMITERS if (layout := _layout(head, mark, known)) is not None]
    # On a tie the earlier candidate stays.
    return max(found, key=lambda layout: _score(head, layout, known), default=None)


def _rows(head: str, delimiter: str, *, most: int) -> list[tuple[int, list[str]]]:
    """(lines consumed, cells) of the first rows; blank lines are rows without cells."""
    # A quote that never closes would swallow the rest of the sample as one cell over the reader's limit.
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows = []
    try:
        for cells in reader:
            rows.append((reader.line_num, cells))
            if len(rows) >= most:
                break
    except csv.Error:
        pass
    return rows


def _layout(head: str, delimiter: str, known: Collection[str]) -> Layout | None:
    rows = _rows(head, delimiter, most=SEARCHED_ROWS + _SAMPLED)
    stated = bool(_STATED.match(head))
    first = 1 if stated else 0
    if len(rows) <= first or not any(cells for _, cells in rows[first:]):
        return None
    place, cells = header_rows([cells for _, cells in rows[first:]], known)
    at = first + place
    below = [row for _, row in rows[at + 1 :] if row]
    return Layout(
        delimiter, unique_headers(cells, width=_width([cell or "" for cell in cells], below)), rows[at][0], at + 1
    )


def _width(header: Sequence[str], below: Sequence[Sequence[str]]) -> int:
    """The header's width, but for a delimiter too many at the end of the header or of every row."""
    if not below:
        return len(header)
    usual = Counter(len(row) for row in below).most_common(1)[0][0]
    if usual < len(header) and not any(cleaned(cell) for cell in header[usual:]):
        return usual
    extra = [cell for row in below for cell in row[len(header) :]]
    if usual > len(header) and not any(cleaned(cell) for cell in extra):
        return usual
    return len(header)


def _score(head: str, layout: Layout, known: Collection[str]) -> tuple[int, float, int]:
    """Known names found, share of rows as wide as the header, width."""
    wanted = {cleaned(name).casefold() for name in known}
    held = len({name.casefold() for name in layout.headers.names} & wanted)
    rows = [cells for _, cells in _rows(head, layout.delimiter, most=_SAMPLED) if cells][layout.header_row :]
    width = len(layout.headers.names)
    # A delimiter that splits nothing fits every row and says nothing.
    alike = sum(len(cells) == width for cells in rows) / len(rows) if rows and width > 1 else 0.0
    return held, round(alike, 2), width
