"""An export read into text columns by pandas and NumPy: how it is written is found out first, as the library does.

Encoding proved to the last byte, delimiter and header weighed on the file's head, and every row whose cells do not
fit the header set apart with its row number: pandas' own reader pads the short ones without a word and stops at, or
drops, the long ones.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

BLANKS = " \t\r\n\u00a0\ufeff"
_DELIMITERS = (";", ",", "\t", "|")
_CHUNK = 1 << 18
_HEAD = 1 << 18
_SEARCHED, _WEIGHED = 30, 200
_WORDS = ("na", "nan", "n/a", "null", "none", "#n/a")
NULLS = (
    "",
    "-",
    "--",
    "\\N",
    "NaN",
    *(word for short in _WORDS for word in {short, short.upper(), short.capitalize()}),
    "N/a",
    "#N/a",
)
"""What stands for no value as most exports write it; other capitals are looked for where a value is cleaned."""


@dataclass(slots=True)
class Source:
    """A file as read. rows: its columns, of a text file all text. numbers: what a spreadsheet calls each row.

    refused: (row number, the line) of rows that do not fit the header. first_row: the row before the first of data.
    """

    rows: pd.DataFrame
    numbers: np.ndarray
    refused: list[tuple[int, str]]
    first_row: int


class UnreadableError(Exception):
    """A file or column that must not be guessed at."""


def read(file: Path, known: Collection[str]) -> Source:
    """A Parquet file, or a text file whose header holds `known` names."""
    if file.suffix == ".parquet":
        rows = pd.read_parquet(file)
        return Source(rows, np.arange(1, len(rows) + 1), [], 0)
    with file.open("rb") as raw:
        head = raw.read(_HEAD).decode("utf-8-sig", errors="ignore")
    delimiter, header, names = _layout(head, known)
    spans, lines, refused = _scan(file, delimiter, len(names), header)
    rows = pd.read_csv(
        _fitting(file, spans), sep=delimiter, names=names, header=None, dtype="str", keep_default_na=False,
        na_values=list(NULLS), skip_blank_lines=False,
    )  # fmt: skip
    numbers = np.delete(np.arange(header + 1, lines + 1), [row - header - 1 for row, _ in refused])
    if len(numbers) != len(rows):
        raise UnreadableError(f"{file.name}: {len(numbers)} lines fit the header, {len(rows)} were read")
    return Source(rows, numbers, refused, header)


def _layout(head: str, known: Collection[str]) -> tuple[str, int, list[str]]:
    """(delimiter, row of the header, names): the delimiter that shows most known names and most rows alike."""
    found = []
    for place, delimiter in enumerate(_DELIMITERS):
        rows = []
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
        for cells in reader:
            rows.append([cell.strip(BLANKS) for cell in cells])
            if len(rows) > _SEARCHED + _WEIGHED:
                break
        held = [len(set(known) & set(cells)) for cells in rows[:_SEARCHED]]
        at = held.index(max(held))
        below = rows[at + 1 :]
        alike = sum(len(cells) == len(rows[at]) for cells in below) / max(len(below), 1)
        found.append((held[at], alike, -place, delimiter, at + 1, rows[at]))
    _, _, _, delimiter, header, names = max(found)
    if len(set(names)) < len(names) or not all(names):
        raise UnreadableError("several columns are headed alike")
    return delimiter, header, names


def _scan(
    file: Path, delimiter: str, width: int, header: int
) -> tuple[list[tuple[int, int]], int, list[tuple[int, str]]]:
    """One pass over the bytes: (from, to) of what fits the header, the number of lines, the lines that do not fit."""
    cell = rf'(?:[^"{re.escape(delimiter)}][^{re.escape(delimiter)}]*|"(?:[^"]|"")*"|)'
    fits = re.compile(rf"{cell}(?:{re.escape(delimiter)}{cell}){{{width - 1}}}\r?").fullmatch
    decoder = codecs.getincrementaldecoder("utf-8")()
    spans: list[tuple[int, int]] = []
    refused: list[tuple[int, str]] = []
    lines = start = begun = 0
    for data in _whole_lines(file):
        decoder.decode(data)
        if b"\0" in data or b"\r" in data:
            raise UnreadableError(f"{file.name} is to be cleaned first: it holds NUL or returns")
        ends, misfits = _misfits(data, delimiter, width, fits)
        if lines < header <= lines + len(ends):
            begun = int(start + ends[header - lines - 1] + 1)
        for nth in misfits:
            low, high = (ends[nth - 1] + 1 if nth else 0), ends[nth] + 1
            if (row := lines + nth + 1) > header:
                refused.append((row, data[low : high - 1].decode()))
                spans.append((begun, int(start + low)))
                begun = int(start + high)
        lines, start = lines + len(ends), start + len(data)
    spans.append((begun, start))
    return [(low, high) for low, high in spans if high > low], lines, refused


def _whole_lines(file: Path) -> Iterator[bytes]:
    rest = b""
    with file.open("rb") as raw:
        while chunk := raw.read(_CHUNK):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield rest + chunk[:cut]
                rest = chunk[cut:]
            else:
                rest += chunk
    if rest:
        yield rest + b"\n"


def _misfits(data: bytes, delimiter: str, width: int, fits: Callable[[str], object]) -> tuple[np.ndarray, list[int]]:
    """Where the lines end, and which of them do not have `width` cells; quotes are looked at only where there are."""
    symbols = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero((symbols == 10) | (symbols == ord(delimiter)))
    last = np.flatnonzero(symbols[marks] == 10)
    ends = marks[last]
    wrong = np.diff(last, prepend=-1) != width
    if b'"' in data:
        for nth in np.unique(np.searchsorted(ends, np.flatnonzero(symbols == 34))):
            low = ends[nth - 1] + 1 if nth else 0
            wrong[nth] = fits(data[low : ends[nth]].decode()) is None
    return ends, [int(nth) for nth in np.flatnonzero(wrong)]


def _fitting(file: Path, spans: list[tuple[int, int]]) -> io.BytesIO:
    """The parts of a file that fit, one after another."""
    kept = io.BytesIO()
    with file.open("rb") as raw:
        for low, high in spans:
            raw.seek(low)
            kept.write(raw.read(high - low))
    kept.seek(0)
    return kept


def cleaned(values: pd.Series) -> pd.Series:
    """Texts without outer blanks, NA where they stand for nothing."""
    trimmed = values.str.strip(BLANKS)
    return trimmed.mask(trimmed.isin(NULLS) | ((trimmed.str.len() <= 4) & trimmed.str.lower().isin(_WORDS)))
