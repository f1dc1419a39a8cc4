"""What the columns of an export hold, counted by the engine on its first rows: filled, distinct, written how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rootcause_lib.errors import DataError
from rootcause_lib.loaders.evidence import SAMPLED_ROWS
from rootcause_lib.loaders.exports import Export
from rootcause_lib.loaders.mapping import as_text, cleaned_sql
from rootcause_lib.loaders.number_formats import Mark, weigh_marks
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.reading import ColumnKind, SourceColumn
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.time_evidence import Values, weigh_times
from rootcause_lib.loaders.time_formats import TimeFormat

MOST_LABELS = 60
"""A column with more values than this holds no labels that a person would map one by one."""

_LONGEST_LABEL = 60
_DAY = "^[0-9]{1,4}[-/. ][0-9A-Za-z]{1,3}[-/. ][0-9]{2,4}|^[A-Za-z]{3,9} [0-9]{1,2},? [0-9]{4}|^(19|20)[0-9]{6}"
_CLOCK = "^[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2})?( ?[AaPp][Mm])?$"
_DURATION = "^[0-9]+:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?$"
_FULL_DURATION = "^[0-9]+:[0-9]{2}:[0-9]{2}"
_NUMBER = "^[-+]?[0-9]+([ .,\u00a0][0-9]{3})*([.,][0-9]+)?$"
_BY_A_SPREADSHEET = "^[0-9][.,][0-9]+E[+][0-9]+$"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column over the rows looked at. Counts are of filled rows; `distinct` is of values.

    labels: every value in the whole export, where they are few and short; None otherwise. times: the notations
    that read it as a time, two where no value tells day from month. mark: its decimal mark, where a value tells.
    low, high, middle: of values that are numbers (the middle is the median).
    """

    header: str
    kind: ColumnKind
    filled: int
    distinct: int
    longest: int
    numbers: int
    whole: int
    damaged: int
    durations: int
    full_durations: int
    clocks: int
    days: int
    addresses: int
    low: float | None
    high: float | None
    middle: float | None
    labels: tuple[str, ...] | None = None
    times: tuple[TimeFormat, ...] = ()
    mark: Mark | None = None
    mark_open: bool = False

    def share(self, count: int) -> float:
        """Of the filled rows; 0 when none is filled."""
        return count / self.filled if self.filled else 0.0


@dataclass(frozen=True, slots=True)
class ExportProfile:
    """An export as recognition sees it. `rows` were looked at; `pairs`: columns of days and clocks that make times."""

    name: str
    path: Path
    inner: str | None
    rows: int
    columns: tuple[ColumnProfile, ...]
    twice: frozenset[str]
    pairs: Mapping[tuple[str, str], tuple[TimeFormat, ...]] = field(default_factory=dict)

    def find(self, header: str) -> ColumnProfile | None:
        """The column of that name, capitals aside; None when there is none."""
        return next((each for each in self.columns if each.header.casefold() == header.casefold()), None)


def profile(session: Session, export: Export) -> ExportProfile:
    """Every column of an export, from its first rows; labels from all of them."""
    opened = export.opened
    table = session.new_name("looked")
    texts = {column.header: cleaned_sql(as_text(column), ()) for column in opened.columns}
    names = {column.header: f"v{number}" for number, column in enumerate(opened.columns)}
    listed = ", ".join(f"{text} as {quoted(names[header])}" for header, text in texts.items())
    session.run(
        f"create table {scratch(table)} as select {listed} from {opened.sample} limit {SAMPLED_ROWS}",
        about=f"looking at {opened.name}",
    )
    rows = session.row(f"select count(*) from {scratch(table)}", about=f"counting {opened.name}")[0]
    columns = tuple(
        _column(session, export, column, scratch(table), names[column.header], texts[column.header])
        for column in opened.columns
    )
    pairs = _pairs(session, columns, scratch(table), names)
    return ExportProfile(opened.name, export.path, export.inner, rows, columns, opened.twice, pairs)


def _column(session: Session, export: Export, column: SourceColumn, table: str, name: str, text: str) -> ColumnProfile:
    value = quoted(name)
    number = f"try_cast(replace(replace(replace({value}, ' ', ''), chr(160), ''), ',', '.') as double)"
    tests = {"numbers": _NUMBER, "whole": "^[-+]?[0-9]+$", "damaged": _BY_A_SPREADSHEET, "durations": _DURATION}
    tests |= {"full_durations": _FULL_DURATION, "clocks": _CLOCK, "days": _DAY, "addresses": "@"}
    counted = ", ".join(f"count(*) filter (where regexp_matches({value}, '{test}'))" for test in tests.values())
    filled, distinct, longest, low, high, middle, *counts = session.row(
        f"select count({value}), count(distinct {value}), coalesce(max(length({value})), 0), "
        f"min({number}), max({number}), median({number}), {counted} from {table}",
        about=f"looking at {export.opened.name}",
    )
    told: dict[str, Any] = dict(zip(tests, counts, strict=True))
    found = ColumnProfile(
        column.header, column.kind, filled, distinct, longest, low=low, high=high, middle=middle, **told
    )
    values = Values(column.header, column.header, f"(select {value} as value from {table})", _whole(export, text))
    extra: dict[str, Any] = {
        "labels": _labels(session, export, found, text),
        "times": _times(session, found, values),
    }
    if found.numbers and column.kind == "text":
        evidence = weigh_marks(session, values)
        extra |= {"mark": evidence.mark, "mark_open": evidence.open}
    return replace(found, **extra)


def _whole(export: Export, text: str) -> str:
    return f"(select {text} as value from {export.opened.sample})"


def _labels(session: Session, export: Export, found: ColumnProfile, text: str) -> tuple[str, ...] | None:
    if not 0 < found.distinct <= MOST_LABELS or found.longest > _LONGEST_LABEL or found.addresses:
        return None
    rows = session.rows(
        f"select distinct value from {_whole(export, text)} where value is not null order by 1 limit {MOST_LABELS + 1}",
        about=f"listing the labels of {export.opened.name}",
    )
    return None if len(rows) > MOST_LABELS else tuple(label for (label,) in rows)


def _times(session: Session, found: ColumnProfile, values: Values) -> tuple[TimeFormat, ...]:
    if found.kind in ("timestamp", "instant", "date"):
        return (TimeFormat("iso_offset" if found.kind == "instant" else "iso"),)
    since_1970 = found.low is not None and found.low >= 788_918_400 and found.share(found.numbers) > 0.9
    if not since_1970 and found.share(found.days) < 0.5:
        return ()
    return _weighed(session, values)


def _weighed(session: Session, values: Values) -> tuple[TimeFormat, ...]:
    try:
        return weigh_times(session, values).formats
    except DataError:
        return ()


def _pairs(
    session: Session, columns: Sequence[ColumnProfile], table: str, names: Mapping[str, str]
) -> dict[tuple[str, str], tuple[TimeFormat, ...]]:
    """Columns of days without a clock, each with the next column of clocks."""
    days = [
        each for each in columns if each.share(each.days) > 0.9 and each.longest <= 11 and not each.share(each.clocks)
    ]
    clocks = [each for each in columns if each.share(each.clocks) > 0.9 and each.distinct > 1]
    found = {}
    for day in days[:6]:
        for clock in clocks[:6]:
            value = f"concat_ws(' ', {quoted(names[day.header])}, {quoted(names[clock.header])})"
            relation = f"(select {value} as value from {table} where {quoted(names[day.header])} is not null)"
            formats = _weighed(session, Values(literal(day.header), day.header, relation, relation))
            if formats:
                found[day.header, clock.header] = formats
    return found
