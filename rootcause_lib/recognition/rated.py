"""Ratings that stand beside contacts in one export: a survey of each contact."""

from __future__ import annotations

from dataclasses import replace

from rootcause_lib.loaders.profiles import ColumnProfile, ExportProfile
from rootcause_lib.recognition.aliases import NAMED, column_aliases, name_score, plain
from rootcause_lib.recognition.guesses import ColumnGuess, TableGuess

_HIGHEST = 10


def surveys_within(contacts: TableGuess, found: ExportProfile) -> TableGuess | None:
    """The surveys an export of contacts holds; None without a column of ratings, and for event logs."""
    key, started = contacts.column("contact_id"), contacts.column("started_at")
    rating = _rating(contacts, found)
    if rating is None or key is None or started is None or contacts.rows is not None:
        return None
    ids = (
        replace(key, column="survey_id", evidence="the contact's id names its survey"),
        replace(key, column="contact_id"),
        replace(
            started, evidence="asked when the contact began", column="asked_at", doubt="when it was asked is assumed"
        ),
    )
    score = ColumnGuess("score", (rating.header,), 0.9, f"ratings from {rating.low:g} to {rating.high:g}")
    customer = contacts.column("customer_id")
    columns = (*ids, score, *([customer] if customer is not None else []), *_constants(rating))
    return TableGuess("surveys", contacts.sources, columns, decimal=contacts.decimal, found=found)


def _rating(contacts: TableGuess, found: ExportProfile) -> ColumnProfile | None:
    used = {header for each in contacts.columns for header in each.headers}
    for column in found.columns:
        named = name_score(column.header, column_aliases("surveys", "score"), table="surveys") >= NAMED
        small = column.low is not None and column.high is not None and column.low >= 0 and column.high <= _HIGHEST
        if named and small and column.header not in used and column.share(column.numbers) > 0.95:
            return column
    return None


def _constants(rating: ColumnProfile) -> tuple[ColumnGuess, ...]:
    nps = "nps" in plain(rating.header).split() or (rating.high or 0) > 7
    high = "10" if nps else "7" if (rating.high or 0) > 5 else "5"
    assumed = {
        "metric": ("nps" if nps else "csat", "which score it is, is assumed"),
        "scale_low": ("0" if nps else "1", "the lowest answer possible is assumed"),
        "scale_high": (high, "the highest answer possible is assumed"),
        "direction": ("higher_is_better", "that more is better is assumed"),
    }
    return tuple(
        ColumnGuess(name, (), 0.0, "assumed", constant=value, doubt=doubt) for name, (value, doubt) in assumed.items()
    )
