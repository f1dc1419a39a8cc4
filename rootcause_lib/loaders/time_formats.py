"""Which notations of time are known, and how each is read in SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rootcause_lib.loaders.quoting import literal

TimeKind = Literal["iso", "iso_offset", "patterns", "excel", "unix", "unix_ms"]

FIRST_YEAR, LAST_YEAR = 1900, 2199

_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " klo %H.%M", " klo %H.%M.%S", " klo %H:%M", " klo %H:%M:%S",
    " %H.%M", " %H.%M.%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p",
    "T%H:%M", "T%H:%M:%S",
)  # fmt: skip

_DATES = (
    "%d.%m.%Y", "%d.%m.%y", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%Y", "%m-%d-%Y",
    "%d-%m-%y", "%m-%d-%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip

_WITHOUT_MARKS = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y%m%d %H%M%S", "%Y%m%d %H:%M:%S")

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {date: tuple(date + clock for clock in _CLOCKS) for date in _DATES}
    | {pattern: (pattern,) for pattern in _WITHOUT_MARKS}
)
"""Ways to write a day, each with the clocks that may follow."""

SWAPPED: Mapping[str, str] = MappingProxyType(
    {f"%d{mark}%m{mark}{year}": f"%m{mark}%d{mark}{year}" for mark in "/-" for year in ("%Y", "%y")}
)
"""Day first against month first: only the values can tell."""

_SHAPES = (
    (re.compile(r"%[bBp]"), "a"),
    (re.compile(r"%[a-zA-Z]"), "9"),
    (re.compile(r"9+"), "9"),
    (re.compile(r"[^\W\d_]+"), "a"),
)


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How one column writes its times; `patterns` are tried in turn."""

    kind: TimeKind
    patterns: tuple[str, ...] = ()

    @property
    def is_instant(self) -> bool:
        """The notation carries its own zone."""
        return self.kind in ("iso_offset", "unix", "unix_ms")

    @property
    def is_local(self) -> bool:
        """Written as people write it, to be listed as a repair."""
        return self.kind in ("patterns", "excel")

    def sql(self, value: str) -> str:
        """A naive timestamp from the text `value`, in UTC for instants; NULL where it can't be read."""
        if self.kind == "iso":
            return f"case when {_NAIVE.format(value=value)} then try_cast({value} as timestamp) end"
        if self.kind == "iso_offset":
            return f"case when {_OFFSET.format(value=value)} then try_cast({value} as timestamptz)::timestamp end"
        if self.kind == "patterns":
            patterns = ", ".join(literal(pattern) for pattern in self.patterns)
            return f"try_strptime({value}, [{patterns}])"
        number = f"try_cast(replace({value}, ',', '.') as double)"
        if self.kind == "excel":
            # Day 0 of a spreadsheet is 1899-12-30; whole seconds, because a day's fraction is not exact.
            moment = f"make_timestamp(((round({number} * 86400) - 2209161600) * 1000000)::bigint)"
            return f"case when {number} between 1 and 109575 then {moment} end"
        scale = 1000 if self.kind == "unix" else 1
        moment = f"make_timestamp(({number} * {scale} * 1000)::bigint)"
        return f"case when {number} * {scale} between 0 and 7258118400000 then {moment} end"


def shape_of(pattern: str) -> str:
    """A pattern as `shape_sql` shows its values: runs of digits as 9, runs of letters as a."""
    for expression, mark in _SHAPES:
        pattern = expression.sub(mark, pattern)
    return pattern


def shape_sql(value: str) -> str:
    """The shape of a text: runs of digits as 9, runs of letters as a."""
    return f"regexp_replace(regexp_replace({value}, '[\\p{{L}}]+', 'a', 'g'), '[0-9]+', '9', 'g')"


def families_of(shapes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The families that could have written these shapes, each with the patterns that fit."""
    wanted = set(shapes)
    fitting = {family: tuple(p for p in patterns if shape_of(p) in wanted) for family, patterns in FAMILIES.items()}
    return {family: patterns for family, patterns in fitting.items() if patterns}


# A cast would drop an offset without a word; up to 19 characters only a trailing Z fits.
_NAIVE = (
    "(strlen({value}) <= 19 and not suffix({value}, 'Z') and not contains({value}, '+')) or "
    "regexp_full_match({value}, "
    "'[0-9]{{4}}([-/][0-9]{{1,2}}){{2}}[ T]+[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?')"
)
_OFFSET = "regexp_matches({value}, '[0-9]:?[0-9]{{2}}([.][0-9]+)? ?(Z|UTC|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
