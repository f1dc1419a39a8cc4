"""A quote that is never closed would swallow the rows below it into one cell; here it costs its own row alone."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_LINES = 10_000
"""A cell of more lines than this is not one."""

_COMPARED = 3
_RUN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Rows:
    """How the rows of a text are written: their delimiter and how many cells they have."""

    delimiter: str
    width: int


def mend_quotes(path: Path, target: Path, rows: Rows, *, skipped_lines: int) -> bool:
    """Copy a UTF-8 text so that an open quote swallows no row; whether there was one.

    The row of such a quote is given too many cells, so that the reader rejects it; those below it are read.
    """
    mended = False
    with path.open(encoding="utf-8", newline="\n") as lines, target.open("w", encoding="utf-8", newline="\n") as out:
        for _ in range(skipped_lines):
            out.write(lines.readline())
        for line, is_broken in _lines(lines, rows):
            out.write(_too_wide(line, rows) if is_broken else line)
            mended = mended or is_broken
    return mended


def _lines(lines: Iterable[str], rows: Rows) -> Iterator[tuple[str, bool]]:
    """Every line, and whether it opens a quote that swallows rows."""
    source, waiting = iter(lines), deque[str]()
    while True:
        line = waiting.popleft() if waiting else next(source, "")
        if not line:
            return
        if '"' not in line or not _stays_open(line, rows.delimiter, is_open=False):
            yield line, False
            continue
        inside, closes = _read_on(line, source, waiting, rows)
        if closes:
            yield line, False
            yield from ((one, False) for one in inside)
        else:
            yield line, True
            waiting.extendleft(reversed(inside))


def _read_on(line: str, source: Iterator[str], waiting: deque[str], rows: Rows) -> tuple[list[str], bool]:
    """The lines up to the one that closes the quote, and whether they are a cell's and no rows of their own."""
    inside: list[str] = []
    while len(inside) < MOST_LINES and (following := waiting.popleft() if waiting else next(source, "")):
        inside.append(following)
        if _is_row(following, like=line, rows=rows):
            return inside, False
        if not _stays_open(following, rows.delimiter, is_open=True):
            return inside, True
    return inside, False


def _stays_open(line: str, delimiter: str, *, is_open: bool) -> bool:
    """Whether a cell is still open where the line ends; a quote opens where a cell begins, and nowhere else."""
    position = 0
    if not is_open and line.startswith('"'):
        is_open, position = True, 1
    while True:
        if not is_open:
            start = line.find(delimiter + '"', position)
            if start < 0:
                return False
            position = start + len(delimiter) + 1
        end = line.find('"', position)
        while end >= 0 and line[end + 1 : end + 2] == '"':
            end = line.find('"', end + 2)
        if end < 0:
            return True
        is_open, position = False, end + 1


def _is_row(line: str, *, like: str, rows: Rows) -> bool:
    """Whether a line is a row by itself: as many cells as the header, the first written like those of `like`."""
    if line.count(rows.delimiter) < rows.width - 1:
        return False
    cells, others = (_cells(one, rows.delimiter) for one in (line, like))
    # The last cell of `like` is the one whose quote is open.
    compared = list(zip(cells[:_COMPARED], others[:-1], strict=False))
    alike = [_shape(one) == _shape(other) for one, other in compared if one and other]
    return len(cells) == rows.width and all(alike) and (any(alike) or not compared)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _shape(cell: str) -> str:
    return _RUN.sub("x", cell.strip())


def _too_wide(line: str, rows: Rows) -> str:
    # Empty cells too many would be forgiven.
    return line.rstrip("\n").replace('"', "") + f"{rows.delimiter}?" * rows.width + "\n"
