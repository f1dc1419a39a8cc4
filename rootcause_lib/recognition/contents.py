"""Whether what a column holds can be what its name says: by its type, its values, how it is written."""

from __future__ import annotations

from rootcause_lib.loaders.profiles import ColumnProfile
from rootcause_lib.recognition.aliases import aliases, word_for
from rootcause_lib.schemas import Column

FULL, PART = 0.95, 0.5
_LONGEST_REASON = 80
_MOST_REASONS = 2_000
_SEVERAL_EACH = ("coder", "rater")


def content_score(column: Column, found: ColumnProfile, *, rows: int) -> tuple[float, str]:
    """How well contents fit, from 0 (cannot be) to 1, and what they are, in words."""
    if not found.filled:
        return 0.3, "empty in the rows looked at"
    judge = {
        "id": _id, "timestamp": _time, "date": _time, "label": _label, "seconds": _duration, "flag": _flag,
        "count": _count, "number": _number, "money": _number, "text": _text,
    }[column.type]  # fmt: skip
    return judge(column, found, rows)


def _id(column: Column, found: ColumnProfile, rows: int) -> tuple[float, str]:
    if found.damaged:
        return 0.0, "ids damaged by a spreadsheet"
    if found.longest > 120 or (found.times and found.share(found.days) > FULL):
        return 0.0, "no ids"
    share = found.distinct / found.filled
    if column.references is None and column.required and column.name not in _SEVERAL_EACH:
        if found.filled < PART * rows:
            return 0.2, "empty on most rows"
        told = "unique" if share == 1 else f"{share:.0%} unique"
        return (1.0 if share > 0.9 else 0.75 if found.distinct > 1 else 0.1), told
    return (1.0 if found.distinct > 1 else 0.4), f"{found.distinct} values"


def _time(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    if not found.times:
        days = found.share(found.days) > PART
        return 0.0, "times in no notation known, or day first mixed with month first" if days else "no times"
    first = found.times[0]
    written = first.patterns[0] if first.patterns else first.kind
    return 1.0, f"times written {written}"


def _label(column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    told = f"{found.distinct} values"
    if found.times and found.share(found.days) > FULL:
        return 0.0, "times, no labels"
    if column.choices:
        if found.labels is None:
            return 0.0, "too many values for labels"
        return (1.0 if known_share(column, found) >= PART else 0.6), told
    if found.longest > _LONGEST_REASON or found.distinct > min(_MOST_REASONS, max(20, 0.5 * found.filled)):
        return 0.2, "too many different values for labels"
    return (1.0 if found.share(found.numbers) < FULL else 0.7), told


def known_share(column: Column, found: ColumnProfile) -> float:
    """The share of a column's labels that bear a word of one of its choices."""
    words = choice_words(column.name)
    labels = found.labels or ()
    known = {choice.replace("_", " ") for choice in column.choices}
    hits = [label for label in labels if label.casefold().replace("_", " ") in known or word_for(label, words)]
    return len(hits) / len(labels) if labels else 0.0


def choice_words(column: str) -> dict[str, list[str]]:
    """The words of a column's choices; empty for columns whose labels nobody is to guess."""
    sections = {"channel": "channels", "direction": "directions", "leave_reason": "leaving", "metric": "metrics"}
    return dict(aliases()[sections[column]]) if column in sections else {}


def _duration(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    if found.share(found.durations) > 0.9:
        return 1.0, "durations written h:mm:ss" if found.full_durations else "durations written mm:ss"
    return (1.0, "numbers") if found.share(found.numbers) > 0.9 else (0.0, "no durations")


def _flag(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    if found.kind == "flag":
        return 1.0, "true or false"
    if found.labels is None or found.distinct > 20:
        return 0.0, "too many values for yes and no"
    told = [word_for(label, aliases()["flags"]) for label in found.labels]
    share = sum(word is not None for word in told) / len(told)
    return (1.0 if share == 1 else 0.8 if share >= PART else 0.0), f"{found.distinct} labels"


def _count(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    fits = found.share(found.whole) > 0.9 and found.middle is not None and 0 <= found.middle <= 100
    return (1.0, "whole numbers") if fits else (0.0, "no counts")


def _number(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    return (1.0, "numbers") if found.share(found.numbers) > 0.9 else (0.0, "no numbers")


def _text(_column: Column, found: ColumnProfile, _rows: int) -> tuple[float, str]:
    return 1.0, f"texts of up to {found.longest} characters"
