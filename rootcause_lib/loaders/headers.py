"""Which row holds the column names, and what the columns are called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

SEARCHED_ROWS = 30
"""Title rows above the header are looked for among this many rows."""

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\ufeff\u200b]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Headers:
    """Column names as addressed in an engagement; of a name that occurs twice the second is `name (2)`."""

    names: tuple[str, ...]
    twice: frozenset[str]


def cleaned(header: str) -> str:
    """A header without invisible characters and outer blanks, accents composed."""
    return _SPACES.sub(" ", _INVISIBLE.sub(" ", unicodedata.normalize("NFC", header))).strip()


def unique_headers(cells: Sequence[str | None], *, width: int | None = None) -> Headers:
    """Names for every column, blank ones by their position; cut or filled up to `width`."""
    texts = [cleaned(cell or "") for cell in cells]
    width = len(texts) if width is None else width
    texts = [*texts, *[""] * (width - len(texts))][:width]
    counts = Counter(text for text in texts if text)
    seen: Counter[str] = Counter()
    taken = set(counts)
    names = []
    for position, text in enumerate(texts, start=1):
        name = text or f"column {position}"
        seen[text] += 1
        if text and seen[text] > 1:
            name = f"{text} ({seen[text]})"
        while name in names or (name != text and name in taken):
            name += "'"
        names.append(name)
    return Headers(tuple(names), frozenset(text for text, times in counts.items() if times > 1))


def header_rows(rows: Sequence[Sequence[str | None]], known: Collection[str]) -> tuple[int, Sequence[str | None]]:
    """Index of the last row of the header and its cells.

    Merged cells make a header of two rows: where both together hold more known names than the better alone,
    each column is called by the lower one, where that is filled.
    """
    at = header_position(rows, known)
    best, cells = at, rows[at]
    for upper in (at - 1, at):
        if not 0 <= upper < len(rows) - 1:
            continue
        pairs = zip_longest(rows[upper], rows[upper + 1])
        both = [low if cleaned(low or "") else up for up, low in pairs]
        if _held(both, known) > _held(cells, known):
            best, cells = upper + 1, both
    return best, cells


def is_known(header: str, known: Collection[str]) -> bool:
    """Whether a header, or what its number was added to, is among the known names."""
    return _held([header, header.rpartition(" (")[0]], known) > 0


def _held(cells: Sequence[str | None], known: Collection[str]) -> int:
    wanted = {cleaned(name).casefold() for name in known}
    return len({cleaned(cell or "").casefold() for cell in cells} & wanted)


def header_position(rows: Sequence[Sequence[str | None]], known: Collection[str]) -> int:
    """Index of the row that holds most known names; the first non-blank row when none holds any."""
    best, most = None, 0
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        held = _held(row, known)
        if held > most:
            best, most = index, held
    if best is not None:
        return best
    return next((index for index, row in enumerate(rows) if any(cleaned(cell or "") for cell in row)), 0)
