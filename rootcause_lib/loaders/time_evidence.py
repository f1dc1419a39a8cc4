"""Which notation a column's times are in, decided on its values; never on a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from rootcause_lib.engagement import NAMED_TIMES
from rootcause_lib.errors import DataError, EngagementError, EngineError
from rootcause_lib.loaders.session import Session
from rootcause_lib.loaders.time_formats import (
    FIRST_YEAR,
    LAST_YEAR,
    SWAPPED,
    TimeFormat,
    TimeKind,
    families_of,
    shape_sql,
)

_ENOUGH = 0.5
"""A notation that reads less than this share of a column's values is not its notation."""


@dataclass(frozen=True, slots=True)
class Values:
    """Where a column's values can be looked at: `sample` and `whole` are relations with the text column `value`."""

    where: str
    key: str
    sample: str
    whole: str


@dataclass(frozen=True, slots=True)
class TimeEvidence:
    """What the values of one source say: one format, or the several that read them equally well; none: no values."""

    where: str
    key: str
    formats: tuple[TimeFormat, ...]


def stated_time_format(session: Session, text: str, *, key: str) -> TimeFormat:
    """The format an engagement states at `key`, by name or pattern; EngagementError for an unknown pattern."""
    if text in NAMED_TIMES:
        return TimeFormat(cast(TimeKind, text))
    try:
        session.rows("select try_strptime('', ?)", values=[text], about="trying a format")
    except EngineError:
        raise EngagementError(
            f"{key} = '{text}' is no time format. Write a pattern such as '%d.%m.%Y %H:%M'."
        ) from None
    return TimeFormat("patterns", (text,))


def weigh_times(session: Session, values: Values) -> TimeEvidence:
    """Count what each known notation reads; day first against month first is settled on the whole column."""
    candidates = _candidates(session, values)
    filled, counts = _read_counts(session, values.sample, list(candidates.values()), about=values.where)
    if not filled:
        return TimeEvidence(values.where, values.key, ())
    best = max(counts, default=0)
    if best < filled * _ENOUGH:
        raise DataError(
            f"No known notation of time reads {values.where} (the best reads {best} of {filled} sampled values). "
            f"State it at {values.key}, such as '%d.%m.%Y %H:%M'."
        )
    name = next(name for name, count in zip(candidates, counts, strict=True) if count == best)
    for first, second in SWAPPED.items():
        if name in (first, second):
            return _day_or_month(session, values, candidates[first], candidates[second])
    return TimeEvidence(values.where, values.key, (candidates[name],))


def settle_times(evidence: Sequence[TimeEvidence]) -> list[TimeFormat]:
    """One format per source; a source that can't tell day from month takes the order of the sources that can."""
    told = {found.formats[0] for found in evidence if len(found.formats) == 1}
    orders = {_order(known) for known in told}
    settled = []
    for found in evidence:
        fitting = [option for option in found.formats if _order(option) in orders]
        if len(found.formats) > 1 and len(fitting) != 1:
            raise DataError(
                f"{found.where}: no value tells day from month. State the format at {found.key}, "
                f"such as '{found.formats[0].patterns[0]}' or '{found.formats[1].patterns[0]}'."
            )
        settled.append(
            (fitting or found.formats or (TimeFormat("iso"),))[0] if len(found.formats) != 1 else found.formats[0]
        )
    return settled


def _order(known: TimeFormat) -> str | None:
    """Which of day and month a format puts first; None for notations that need no telling."""
    date = known.patterns[0][:5] if known.patterns else ""
    return date[:2] if date[2:3] in ("/", "-") and date[3:5] in ("%m", "%d") else None


def _candidates(session: Session, values: Values) -> dict[str, TimeFormat]:
    shapes = [
        shape
        for (shape,) in session.rows(
            f"select {shape_sql('value')} from {values.sample} where value is not null "
            "group by 1 order by count(*) desc limit 50",
            about=f"looking at {values.where}",
        )
    ]
    found = {name: TimeFormat(name) for name in ("iso", "iso_offset")}
    families = {family: TimeFormat("patterns", patterns) for family, patterns in families_of(shapes).items()}
    for first, second in SWAPPED.items():
        # Both orders or none, so that they can be weighed against each other.
        if first in families:
            families[second] = TimeFormat("patterns", tuple(p.replace(first, second) for p in families[first].patterns))
    numeric = {shape for shape in shapes if shape in ("9", "9.9", "9,9")}
    return found | families | ({name: TimeFormat(name) for name in ("excel", "unix", "unix_ms")} if numeric else {})


def _plausible(option: TimeFormat) -> str:
    """A condition: the text `value` reads to a time one would find in an export."""
    parsed = option.sql("value")
    low, high = {"excel": (1954, 2064), "unix": (1995, LAST_YEAR), "unix_ms": (1995, LAST_YEAR)}.get(
        option.kind, (FIRST_YEAR, 9999)
    )
    return f"coalesce(year({parsed}) between {low} and {high}, false)"


def _read_counts(
    session: Session, relation: str, options: Sequence[TimeFormat], *, about: str
) -> tuple[int, list[int]]:
    counts = ", ".join(f"count(*) filter (where {_plausible(option)})" for option in options)
    filled, *read = session.row(
        f"select count(value), {counts} from {relation} where value is not null", about=f"looking at {about}"
    )
    return filled, read


def _day_or_month(session: Session, values: Values, first: TimeFormat, second: TimeFormat) -> TimeEvidence:
    day, month = _plausible(first), _plausible(second)
    sql = (
        f"select count(*) filter (where {day} and not {month}), count(*) filter (where {month} and not {day}) "
        "from {} where value is not null"
    )
    about = f"telling day from month in {values.where}"
    only_day, only_month = session.row(sql.format(values.sample), about=about)
    if not only_day and not only_month:
        only_day, only_month = session.row(sql.format(values.whole), about=about)
    if only_day and only_month:
        raise DataError(
            f"{values.where} mixes day first ({only_day} values can be nothing else) with month first ({only_month}). "
            f"Have the export written one way, or state a format at {values.key}."
        )
    formats = (first,) if only_day else (second,) if only_month else (first, second)
    return TimeEvidence(values.where, values.key, formats)
