"""From exports to a belief about them: which file is which table, which column is which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rootcause_lib.errors import DataError, ParameterError, listed
from rootcause_lib.loaders.exports import opened_exports
from rootcause_lib.loaders.profiles import ColumnProfile, ExportProfile, profile
from rootcause_lib.presets import all_presets
from rootcause_lib.recognition.aliases import aliases, every_name, file_score, is_finnish, plain
from rootcause_lib.recognition.by_preset import matching_preset, preset_columns
from rootcause_lib.recognition.groups import Group, grouped
from rootcause_lib.recognition.guesses import ColumnGuess, Recognition, TableGuess, doubted, unsure_of
from rootcause_lib.recognition.matching import SURE, match_columns, refused_columns
from rootcause_lib.recognition.rated import surveys_within
from rootcause_lib.schemas import CONTACTS, TABLES

_ASSUMABLE = {"contacts": ("channel",), "surveys": ("metric",)}
_SEVERAL_ROWS = 0.9
_LIKELY = 0.7
_CERTAIN = 10.0


def recognise(paths: Sequence[str | Path]) -> Recognition:
    """What the exports hold: by their own headers where the system is known, else by names and contents.

    Files with the same headers are one table. Looks at the first rows of each file, and at the labels of all.
    Raises ParameterError for a path that is no file, DataError for a file that can't be read and when
    nothing looks like contacts.
    """
    if not paths:
        raise ParameterError("No exports are given. Give the paths of the client's files.")
    with opened_exports(paths, is_name=_name_test()) as (session, exports):
        profiles = [profile(session, export) for export in exports]
    groups = grouped(profiles)
    empty = [source.name for group in groups if not group.found.rows for source in group.sources]
    if len(empty) == len(profiles):
        raise DataError(f"The exports ({listed(empty, most=6)}) have a header but no rows. Export them again.")
    tables, left_out = _assigned([(group, list(_guesses(group))) for group in groups])
    headers = [header for group in groups for source in group.sources for header in source.headers]
    language = "fi" if is_finnish(headers) else "en"
    return Recognition(tables, left_out, language, unsure_of(tables, left_out))


def _name_test() -> Callable[[str], bool]:
    """Tells the names that head columns: of known exports, of aliases, of the canonical tables."""
    headers = {
        header.header
        for preset in all_presets().values()
        for form in preset.tables.values()
        for name in form.columns
        for header in form.headers(name)
    }
    canonical = {name for table in TABLES.values() for name in table.column_names}
    known = {plain(name) for name in (*headers, *canonical)} | every_name()
    return lambda cell: plain(cell) in known


Scored = tuple[float, TableGuess]


def _guesses(group: Group) -> Iterator[Scored]:
    """Every table the group could feed, with how well."""
    preset = matching_preset(group.found)
    known = _by_preset(group, preset) if preset is not None else None
    if known is not None and all(known.column(name) is not None for name in CONTACTS.required):
        yield _CERTAIN, known
        return
    for table in TABLES:
        guess = _by_names(group, table)
        if guess is not None:
            yield _score(guess, group), guess


def _by_preset(group: Group, name: str) -> TableGuess:
    preset = all_presets()[name]
    form = preset.tables[CONTACTS.name]
    columns, refused = preset_columns(name, group.found)
    doubts = [f"{column} does not hold what {preset.system} writes there; left out" for column in refused]
    guess = TableGuess(
        CONTACTS.name, group.sources, columns, None if refused else name, form.row_is, form.rows,
        default_reasons=preset.default_reasons, doubts=tuple(doubts), notes=preset.traps,
    )  # fmt: skip
    whole = preset.whole
    told = group.found.find(whole.column) if whole is not None else None
    if whole is not None and told is not None and not set(told.labels or ()) <= set(whole.is_):
        doubt = f"the export says under '{whole.column}' that it is not whole; export it again in parts"
        guess = doubted(guess, ["contact_id"], doubt)
    return _finished(_with_channel(guess), group.found)


def _by_names(group: Group, table: str) -> TableGuess | None:
    columns = match_columns(table, group.found)
    have = {each.column for each in columns}
    needed = set(TABLES[table].required) - set(_ASSUMABLE.get(table, ()))
    if not needed <= have or (TABLES[table].one_of and not have & set(TABLES[table].one_of)):
        return None
    tells = aliases()["tells"].get(table)
    if tells and not have & set(tells):
        return None
    if table != CONTACTS.name and any(each.score < _LIKELY for each in columns if each.column in needed):
        return None
    guess = TableGuess(table, group.sources, columns, doubts=refused_columns(table, group.found, columns))
    if table == CONTACTS.name:
        guess = _with_channel(replace(guess, row_is=_row_kind(guess, group)))
        guess = replace(guess, default_reasons=_default_reasons(guess, group.found))
    elif table == "surveys" and "metric" not in have:
        metric = ColumnGuess("metric", (), 0.0, "assumed", constant="csat", doubt="which score it is, is assumed")
        guess = replace(guess, columns=(*guess.columns, metric))
    return _finished(guess, group.found)


def _finished(guess: TableGuess, found: ExportProfile) -> TableGuess:
    """With the decimal mark of its numbers, and one contact per id where ids repeat."""
    numbers = [
        column
        for each in guess.columns
        if TABLES[guess.table][each.column].type in ("seconds", "number", "money", "count")
        for header in each.headers
        if (column := found.find(header)) is not None
    ]
    guess = _with_decimal(replace(guess, found=found), numbers)
    key = guess.column("contact_id") if guess.table == CONTACTS.name else None
    ids = found.find(key.headers[0]) if key is not None and key.headers else None
    if ids is None or not ids.filled or ids.distinct >= _SEVERAL_ROWS * ids.filled or guess.rows is not None:
        return guess
    guess = doubted(guess, ["contact_id"], "ids repeat: taken for an event log, one contact per id, from its last row")
    started = guess.column("started_at")
    if started is not None and guess.column("ended_at") is None:
        ended = replace(started, column="ended_at", evidence="the time of the last row")
        guess = replace(guess, columns=(*guess.columns, ended))
    return replace(guess, rows="last")


def _with_decimal(guess: TableGuess, numbers: Sequence[ColumnProfile]) -> TableGuess:
    marks = {each.mark for each in numbers if each.mark}
    if len(marks) == 1:
        return replace(guess, decimal=marks.pop())
    open_ = [each.header for each in numbers if each.mark_open and not each.mark]
    if not open_ or marks:
        return guess
    columns = [each.column for each in guess.columns if set(each.headers) & set(open_)]
    doubt = "values such as 1.234 may be thousands; the point is assumed to be the decimal mark"
    return replace(doubted(guess, columns, doubt), decimal=".")


def _row_kind(guess: TableGuess, group: Group) -> str:
    key = guess.column("contact_id")
    words = {word for text in (*(key.headers if key else ()), group.found.name) for word in plain(text).split()}
    tickets = ("ticket", "tickets", "case", "cases", "incident", "incidents", "complaints")
    return "ticket" if any(word in words or word.startswith("tiket") for word in tickets) else "interaction"


def _with_channel(guess: TableGuess) -> TableGuess:
    if guess.column("channel") is not None:
        return guess
    words = " ".join(plain(text) for text in (guess.sources[0].name, *guess.sources[0].headers)).split()
    told = any(word in ("call", "calls", "calls", "puhelu", "puhelut", "talk") for word in words)
    channel = ColumnGuess(
        "channel", (), 0.0, "no column names a channel", constant="phone" if told else "other",
        doubt="no column tells the channel; all contacts are assumed to have come by this one",
    )  # fmt: skip
    return replace(guess, columns=(*guess.columns, channel))


def _default_reasons(guess: TableGuess, found: ExportProfile) -> tuple[str, ...]:
    """Labels of the reason column that say nothing; only words of our own list, never a client's."""
    reason = guess.column("reason")
    column = found.find(reason.headers[0]) if reason is not None else None
    words = {plain(word) for word in aliases()["defaults"]["reason"]}
    return tuple(label for label in (column.labels or () if column is not None else ()) if plain(label) in words)


def _score(guess: TableGuess, group: Group) -> float:
    """How much of the export the table explains, and whether the file is named after it."""
    explained = sum(each.score for each in guess.columns if each.headers)
    named = file_score(group.found.name, guess.table)
    # A column that names the rows and repeats tells rows of something else.
    badly = sum(each.score < SURE for each in guess.columns if each.column in TABLES[guess.table].key)
    return explained / max(4, len(group.found.columns)) + 0.35 * named - 0.3 * badly


def _assigned(
    candidates: Sequence[tuple[Group, list[Scored]]],
) -> tuple[tuple[TableGuess, ...], tuple[tuple[str, str], ...]]:
    """Each table its likeliest group; contacts first, since nothing goes without them."""
    best = {number: max(scored, key=lambda each: each[0]) for number, (_, scored) in enumerate(candidates) if scored}
    contacts = [number for number, (_, guess) in best.items() if guess.table == CONTACTS.name]
    if not contacts:
        contacts = _any_contacts(candidates, best)
    taken: dict[str, int] = {}
    for number, (score, guess) in sorted(best.items(), key=lambda each: -each[1][0]):
        if guess.table not in taken and score > 0:
            taken[guess.table] = number
    tables = {name: best[number][1] for name, number in taken.items()}
    found = candidates[taken[CONTACTS.name]][0].found
    if "surveys" not in tables and (rated := surveys_within(tables[CONTACTS.name], found)) is not None:
        tables["surveys"] = rated
    left_out = tuple(_left_out(candidates, best, taken))
    return tuple(tables[name] for name in TABLES if name in tables), left_out


def _any_contacts(candidates: Sequence[tuple[Group, list[Scored]]], best: dict[int, Scored]) -> list[int]:
    possible = [
        (score, number, guess)
        for number, (_, scored) in enumerate(candidates)
        for score, guess in scored
        if guess.table == CONTACTS.name
    ]
    if not possible:
        names = listed([source.name for group, _ in candidates for source in group.sources], most=6)
        reasons = [reason for group, _ in candidates for reason in refused_columns(CONTACTS.name, group.found, ())]
        hint = f" {listed(reasons, most=3)}." if reasons else ""
        raise DataError(
            f"None of the exports ({names}) looks like contacts: one row per contact, with an id and a time.{hint} "
            "Add the export of contacts, or map its columns by hand; `rootcause request` lists what to ask for."
        )
    score, number, guess = max(possible, key=lambda each: each[0])
    best[number] = (score, guess)
    return [number]


def _left_out(
    candidates: Sequence[tuple[Group, list[Scored]]], best: dict[int, Scored], taken: dict[str, int]
) -> Iterator[tuple[str, str]]:
    for number, (group, _) in enumerate(candidates):
        if number in taken.values():
            continue
        name = ", ".join(source.name for source in group.sources)
        if number not in best:
            yield name, "looks like no table; left out"
        else:
            table = best[number][1].table
            other = candidates[taken[table]][0].sources[0].name
            yield name, f"looks like {table} too, with other headers than {other}, which is likelier; left out"
