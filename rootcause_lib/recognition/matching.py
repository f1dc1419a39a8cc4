"""Which column of an export is which canonical column of one table: by names, held against contents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rootcause_lib.loaders.profiles import ColumnProfile, ExportProfile
from rootcause_lib.loaders.time_formats import TimeFormat
from rootcause_lib.recognition.aliases import NAMED, WEAK, aliases, column_aliases, name_score, plain, unit_of
from rootcause_lib.recognition.contents import content_score, known_share
from rootcause_lib.recognition.guesses import ColumnGuess
from rootcause_lib.recognition.labelling import guessed_labels, opposite
from rootcause_lib.schemas import TABLES, Column

ACCEPTED, SURE = 0.45, 0.85
_CLOCK_NAMES = ("time", "klo", "kellonaika", "aika", "clock", "hour")
_PLAIN_ENOUGH = ("contact_id", "started_at", "ended_at", "score", "date", "name", "count", "coder")
_LONG_WORK = 20_000
_FEW_EMPTY = 0.05


@dataclass(frozen=True, slots=True)
class _Candidate:
    column: Column
    headers: tuple[str, ...]
    score: float
    name: float
    told: str
    opposite: bool = False


def match_columns(table: str, found: ExportProfile) -> tuple[ColumnGuess, ...]:
    """The likeliest header for every canonical column, each header once; in the order of the table's columns."""
    # What a table can't do without is chosen first.
    candidates = sorted(
        _candidates(table, found), key=lambda each: (not each.column.required, -each.score, each.headers)
    )
    chosen: dict[str, _Candidate] = {}
    used: set[str] = set()
    for each in candidates:
        if each.column.name not in chosen and not used & set(each.headers):
            chosen[each.column.name] = each
            used |= set(each.headers)
    return tuple(_guess(chosen[column.name], found) for column in TABLES[table] if column.name in chosen)


def refused_columns(table: str, found: ExportProfile, guesses: Sequence[ColumnGuess]) -> tuple[str, ...]:
    """In words, the headers that bear a canonical name but hold something else."""
    mapped = {each.column for each in guesses}
    used = {header for each in guesses for header in each.headers}
    told = []
    for column in TABLES[table]:
        for profile in found.columns:
            name = name_score(profile.header, column_aliases(table, column.name), table=table)
            if column.name in mapped or profile.header in used or name <= WEAK or not profile.filled:
                continue
            content, holds = content_score(column, profile, rows=found.rows)
            if name * content < ACCEPTED:
                told.append(f"'{profile.header}' is named like {column.name} but has {holds}; left out")
    return tuple(dict.fromkeys(told))


def _candidates(table: str, found: ExportProfile) -> Iterator[_Candidate]:
    for column in TABLES[table]:
        for profile in found.columns:
            if profile.header.partition(" (")[0] in found.twice:
                continue
            yield from _one(table, column, profile, rows=found.rows)
            if column.type == "timestamp":
                yield from _paired(table, column, profile, found)


def _one(table: str, column: Column, profile: ColumnProfile, *, rows: int) -> Iterator[_Candidate]:
    name = name_score(profile.header, column_aliases(table, column.name), table=table)
    against = aliases()["opposites"].get(table, {}).get(column.name, ())
    turned = name_score(profile.header, against, table=table) >= NAMED
    if turned:
        name = 0.95
    elif any(word in plain(profile.header).split() for word in aliases()["not_work"].get(column.name, ())):
        return
    content, told = content_score(column, profile, rows=rows)
    if not name and column.name == "channel" and known_share(column, profile) > 0.6 and profile.distinct > 1:
        name = 0.5
    score = name * content
    if score >= ACCEPTED:
        yield _Candidate(column, (profile.header,), score, name, told, turned)


def _paired(table: str, column: Column, day: ColumnProfile, found: ExportProfile) -> Iterator[_Candidate]:
    """A column of days and one of clocks that together make a time."""
    name = name_score(day.header, column_aliases(table, column.name), table=table)
    for (first, clock), _ in found.pairs.items():
        if first == day.header and name and any(word in plain(clock).split() for word in _CLOCK_NAMES):
            yield _Candidate(column, (first, clock), name + 0.02, max(name, NAMED), "a day and a clock, joined")


def _guess(chosen: _Candidate, found: ExportProfile) -> ColumnGuess:
    header = chosen.headers[0]
    profile = found.find(header)
    assert profile is not None
    exact = "named so" if chosen.name >= NAMED else "named alike" if chosen.name > 0.5 else "by what it holds"
    doubt = _doubt(chosen)
    empty = 1 - profile.filled / found.rows if found.rows else 0.0
    if chosen.column.required and empty > _FEW_EMPTY:
        doubt = _joined(doubt, f"empty on {empty:.0%} of rows, which would be rejected")
    guess = ColumnGuess(
        chosen.column.name, chosen.headers, round(chosen.score, 2), f"{exact}; {chosen.told}", doubt=doubt
    )
    return described(guess, chosen.column, profile, found, turned="yes" if chosen.opposite else "no")


def _doubt(chosen: _Candidate) -> str:
    if chosen.name <= 0.5:
        return "guessed from what the column holds" if chosen.name == 0.5 else "the name is only alike"
    if chosen.name < NAMED:
        return "the name holds more words"
    if chosen.name <= WEAK and chosen.column.name not in _PLAIN_ENOUGH:
        return "the name is too common to tell"
    return "" if chosen.score >= SURE else f"what it holds fits badly ({chosen.told})"


def described(
    guess: ColumnGuess, column: Column, profile: ColumnProfile, found: ExportProfile, *, turned: str = "no"
) -> ColumnGuess:
    """The guess with notation, unit and labels as the column's contents tell them."""
    if column.type in ("timestamp", "date"):
        times = found.pairs[guess.headers[0], guess.headers[1]] if len(guess.headers) > 1 else profile.times
        return _timed(guess, times)
    if column.type == "seconds":
        return _measured(guess, profile)
    if turned == "yes" and profile.labels:
        return replace(guess, labels=opposite(profile.labels), evidence=f"{guess.evidence}; says the opposite")
    if (column.type == "flag" or column.choices) and profile.labels and profile.kind != "flag":
        return with_labels(guess, column, profile.labels)
    return guess


def with_labels(guess: ColumnGuess, column: Column, labels: Sequence[str]) -> ColumnGuess:
    """Labels mapped by their words; those nobody can tell stand for no value."""
    mapped = guessed_labels(column, labels)
    nulls = tuple(each.label for each in mapped if each.value is None)
    return replace(guess, labels=mapped, nulls=(*guess.nulls, *nulls))


def _timed(guess: ColumnGuess, times: tuple[TimeFormat, ...]) -> ColumnGuess:
    if len(times) > 1:
        doubt = "no value tells day from month; day first is assumed"
        return replace(guess, format=times[0].patterns[0], doubt=_joined(guess.doubt, doubt))
    if times and len(times[0].patterns) == 1:
        return replace(guess, format=times[0].patterns[0])
    return guess


def _measured(guess: ColumnGuess, profile: ColumnProfile) -> ColumnGuess:
    unit = unit_of(guess.headers[0])
    if profile.share(profile.durations) > 0.9:
        if profile.full_durations:
            return guess
        return replace(guess, unit="hh:mm:ss", doubt=_joined(guess.doubt, "05:30 is read as minutes and seconds"))
    if unit is not None:
        return replace(guess, unit=unit)
    told = plain(guess.headers[0]).split()
    if "seconds" in told or guess.headers[0].endswith("_seconds"):
        return guess
    long = profile.middle is not None and profile.middle >= _LONG_WORK
    assumed = "ms" if long else "seconds"
    return replace(guess, unit=assumed, doubt=_joined(guess.doubt, f"nothing names the unit; {assumed} are assumed"))


def _joined(*doubts: str) -> str:
    return "; ".join(doubt for doubt in doubts if doubt)
