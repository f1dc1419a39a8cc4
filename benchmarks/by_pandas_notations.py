"""How the times and numbers of a text column are written, decided by pandas on a sample of its values.

The notations known are the library's own; a column that none reads, or that two read equally well, stops the load.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from by_pandas_reading import UnreadableError, cleaned

_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " klo %H.%M", " klo %H.%M.%S", " klo %H:%M", " klo %H:%M:%S",
    " %H.%M", " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p",
    "T%H:%M", "T%H:%M:%S",
)  # fmt: skip
_DATES = (
    "%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y",
    "%d-%m-%y", "%m-%d-%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
_PLAIN = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d %H%M%S", "%Y%m%d %H:%M:%S")
_SWAPPED = {f"%d{mark}%m{mark}{year}": f"%m{mark}%d{mark}{year}" for mark in "/-" for year in ("%Y", "%y")}
SAMPLED = 20_000
_NOISE = r"[\s\u00a0\u2007\u2009\u202f'\u2019€$£]"
_CLOCK = r"^[0-9]+:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?$"
_COMMA = r"^[^.,]*(?:\.[0-9]{3})*,(?:[0-9]{1,2}|[0-9]{4,})$|^-?0,[0-9]+$|\.[0-9]{3},[0-9]+$|\.[0-9]{3}\.[0-9]{3}$"
_POINT = r"^[^.,]*(?:,[0-9]{3})*\.(?:[0-9]{1,2}|[0-9]{4,})$|^-?0\.[0-9]+$|,[0-9]{3}\.[0-9]+$|,[0-9]{3},[0-9]{3}$"
_EITHER = r"^-?[1-9][0-9]{0,2}[.,][0-9]{3}$"


@dataclass(frozen=True, slots=True)
class Times:
    """Patterns tried in turn; `ISO8601` stands alone."""

    patterns: tuple[str, ...]

    @property
    def is_local(self) -> bool:
        return self.patterns != ("ISO8601",)

    def read(self, texts: pd.Series) -> pd.Series:
        value = pd.to_datetime(texts, format=self.patterns[0], errors="coerce")
        for pattern in self.patterns[1:]:
            value = value.fillna(pd.to_datetime(texts[value.isna()], format=pattern, errors="coerce"))
        return value


@dataclass(frozen=True, slots=True)
class Numbers:
    """The decimal mark."""

    mark: str

    def read(self, texts: pd.Series) -> pd.Series:
        plain = texts
        if self.mark == ",":
            plain = texts.str.replace(",", ".", regex=False)
            pointed = texts.str.contains(".", regex=False, na=False)
            plain = plain.mask(pointed) if pointed.any() else plain
        value = pd.to_numeric(plain, errors="coerce").astype("float64")
        again = texts.notna() & value.isna()
        if again.any():
            value[again] = self._grouped(texts[again])
        return value.mask(value.abs() == float("inf"))

    def _grouped(self, texts: pd.Series) -> pd.Series:
        """Numbers with groups of three, blanks or currency signs."""
        group = "." if self.mark == "," else ","
        plain = texts.str.replace(_NOISE, "", regex=True)
        written = rf"[-+]?[0-9]{{1,3}}(?:[{group}][0-9]{{3}})+(?:[{self.mark}][0-9]+)?|[-+]?[0-9]*[{self.mark}]?[0-9]+"
        whole = plain.where(plain.str.fullmatch(written)).str.replace(group, "", regex=False)
        return pd.to_numeric(whole.str.replace(self.mark, ".", regex=False), errors="coerce")


def times_of(values: pd.Series) -> Times:
    """The one notation that reads most of the sample; day first or month first is settled on all values."""
    sample = cleaned(values.iloc[:SAMPLED]).dropna()
    if sample.empty:
        return Times(("ISO8601",))
    shapes = sample.str.replace(r"[^\W\d_]+", "a", regex=True).str.replace(r"[0-9]+", "9", regex=True).unique()
    options = {"iso": Times(("ISO8601",))} | {name: Times(found) for name, found in _fitting(set(shapes)).items()}
    for first, second in _SWAPPED.items():
        if first in options:
            options[second] = Times(tuple(text.replace(first, second) for text in options[first].patterns))
    read = {name: int(_plausible(option.read(sample)).sum()) for name, option in options.items()}
    best = max(read, key=read.__getitem__)
    if read[best] < len(sample) / 2:
        raise UnreadableError(f"no notation of time reads {values.name}")
    for pair in _SWAPPED.items():
        if best in pair:
            return _told_apart(values, sample, [options[name] for name in pair])
    return options[best]


def _fitting(shapes: set[str]) -> dict[str, tuple[str, ...]]:
    """By way to write a day: the patterns that could have written these shapes."""
    known = {date: tuple(date + clock for clock in _CLOCKS) for date in _DATES} | {one: (one,) for one in _PLAIN}
    fitting = {date: tuple(text for text in patterns if _shape(text) in shapes) for date, patterns in known.items()}
    return {date: patterns for date, patterns in fitting.items() if patterns}


def _shape(pattern: str) -> str:
    """A pattern as its values show: runs of digits as 9, runs of letters as a."""
    shown = re.sub("%[a-zA-Z]", "9", re.sub("%[bBp]", "a", pattern))
    return re.sub(r"[^\W\d_]+", "a", re.sub("9+", "9", shown))


def _told_apart(values: pd.Series, sample: pd.Series, pair: Sequence[Times]) -> Times:
    for texts in (sample, values):
        day, month = (_plausible(option.read(texts)) for option in pair)
        only_day, only_month = bool((day & ~month).any()), bool((month & ~day).any())
        if only_day != only_month:
            return pair[0] if only_day else pair[1]
        if only_day:
            break
    raise UnreadableError(f"{values.name}: day first or month first")


def _plausible(read: pd.Series) -> pd.Series:
    return (read >= pd.Timestamp("1900-01-01")) & (read < pd.Timestamp("9999-12-31"))


def numbers_of(values: pd.Series, *, is_duration: bool) -> Numbers:
    """Decimal comma or point by values that can be only one; on all values where the sample has none."""
    sample = values.iloc[:SAMPLED].dropna()
    if is_duration and sample.str.match(_CLOCK).any():
        raise UnreadableError(f"{values.name} is written as clock times")
    comma, point, either = _marks(sample)
    if not comma and not point and either:
        comma, point, either = _marks(values.dropna())
        if not comma and not point:
            raise UnreadableError(f"{values.name}: thousands or decimals")
    return Numbers("," if comma > point else ".")


def _marks(values: pd.Series) -> tuple[int, int, int]:
    marked = values[values.str.contains("[.,]", regex=True)].str.replace(_NOISE, "", regex=True)
    comma, point, either = (
        int(marked.str.contains(pattern, regex=True).sum()) for pattern in (_COMMA, _POINT, _EITHER)
    )
    return comma, point, either
