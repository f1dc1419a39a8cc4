"""The rules and repairs that need more than one row: damaged ids, labels, repeated rows and ids, total rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from rootcause_lib.engagement import TableSource
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.mapping import MappedColumn
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.rules import DAMAGED
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged, scratch_name
from rootcause_lib.schemas import TABLES

TOTALS = r"^\s*((grand |sub)?totals?|total records?|sum|summa|summarivi|(kaikki )?yhteensä|välisumma)([^\p{L}]|$)"
"""How a line begins that sums the others up."""

LAST_ROWS = 3
"""A total row is one of the last so many rows of its source."""

_LONGEST_LABEL, _MOST_LABELS, _MOST_DIGITS = 40, 40, 3

Labels = Mapping[str, Mapping[str, str]]
"""Column to the client's label to the canonical one."""


def stop_at_damaged_ids(session: Session, staged: Staged, source_names: Mapping[int, str]) -> None:
    """DataError when a spreadsheet has turned ids into numbers such as 1.23457E+12."""
    for (column, rule), bit in staged.rules.given.items():
        if rule != DAMAGED:
            continue
        count, number, first = session.row(
            f"select count(*), min(source_number), min(source_row) from {scratch(staged.name)} "
            f"where broken & {bit} <> 0",
            about=f"checking the ids of {staged.table}",
        )
        if count:
            raise DataError(
                f"{source_names[number]}: {count} values of {staged.table}.{column} were damaged by a spreadsheet "
                f"(written like 1.23457E+12, digits are lost; first at row {first}). Export again without opening the "
                "file in a spreadsheet, or with the column formatted as text."
            )


def mark_total_rows(session: Session, staged: Staged) -> None:
    """A broken row that begins like a sum and stands at the end of its source is a total, not a reject."""
    bit = staged.repairs.of("", "total_row")
    session.run(
        f"update {scratch(staged.name)} as rows set broken = 0, repaired = {bit} "
        f"from (select source_number as ending, max(source_row) - {LAST_ROWS} as before "
        f"from {scratch(staged.name)} group by 1) where source_number = ending and source_row > before "
        f"and broken <> 0 and len(list_filter(cells, lambda cell: regexp_matches(lower(cell), '{TOTALS}'))) > 0",
        about=f"looking for total rows in {staged.table}",
    )


def mark_repeated_rows(session: Session, staged: Staged) -> None:
    """A row delivered twice counts once; another row with the same id is rejected, the first one stays."""
    key = TABLES[staged.table].key
    stored = [quoted(scratch_name(each)) for each in staged.columns]
    if not key:
        return
    parts = ", ".join(quoted(name) for name in _key_columns(staged, key))
    suspects, twins = session.new_name("suspects"), session.new_name("twins")
    about = f"looking for repeated rows in {staged.table}"
    # Total lines of several sources may begin alike.
    judged = f"broken = 0 and repaired & {staged.repairs.of('', 'total_row')} = 0"
    # Ids are long; half their hash finds the few that may be repeated, and sorting it takes half of grouping it.
    half = f"(hash({parts}) >> 32)::uinteger"
    session.run(
        f"create table {scratch(suspects)} as select distinct suspect from "
        f"(select suspect, suspect = lag(suspect) over () as again from "
        f"(select {half} as suspect from {scratch(staged.name)} where {judged} order by suspect)) where again",
        about=about,
    )
    if not session.row(f"select count(*) from {scratch(suspects)}", about=about)[0]:
        return
    session.run(
        f"create table {scratch(twins)} as select place, nth, contents = first_value(contents) over twins as same "
        f"from (select rowid as place, hash({', '.join(stored)}) as contents, {', '.join(stored)}, "
        f"row_number() over (partition by {parts} order by source_number, source_row) as nth "
        f"from {scratch(staged.name)} where {judged} and {half} in (select suspect from {scratch(suspects)})) "
        f"window twins as (partition by {parts} order by nth)",
        about=about,
    )
    same, other = staged.repairs.of("", "duplicate_row"), staged.rules.of(key[0], "duplicate_id")
    session.run(
        f"update {scratch(staged.name)} as rows "
        f"set repaired = case when same then repaired | {same} else repaired end, "
        f"broken = case when same then broken else broken | {other} end "
        f"from {scratch(twins)} where rows.rowid = place and nth > 1",
        about=about,
    )


def settle_labels(session: Session, staged: Staged, source: TableSource, *, not_choice: Sequence[str] = ()) -> Labels:
    """Canonical values for every label that has choices or a value map; rows with no valid choice are rejected.

    `not_choice`: the client's reasons for leaving that were nobody's choice; where they are given, every other reason
    was the customer's. Raises DataError for a channel that is not mapped, because it would take contacts out of every
    comparison.
    """
    settled = {}
    for each in staged.columns:
        values = source.values.get(each.column.meaning, source.values.get(each.name, {}))
        if each.column.type != "label" or not (each.column.choices or values):
            continue
        labels = session.rows(
            f"select {quoted(each.name)}, count(*) from {scratch(staged.name)} "
            f"where broken = 0 and {quoted(each.name)} is not null group by 1 order by 1",
            about=f"listing the labels of {staged.table}.{each.name}",
        )
        found = {label: canonical(label, values, each.column.choices) for label, _ in labels}
        if (staged.table, each.name) == ("customers", "leave_reason") and not_choice:
            found = _leave_kinds(found, not_choice)
        unknown = {label: rows for label, rows in labels if found[label] is None}
        if unknown and (staged.table, each.name) == ("contacts", "channel"):
            raise _unknown_channels(unknown, each)
        if unknown:
            _reject_labels(session, staged, each.name, list(unknown))
        settled[each.name] = {label: value for label, value in found.items() if value is not None}
    return settled


def _leave_kinds(found: Mapping[str, str | None], not_choice: Sequence[str]) -> dict[str, str | None]:
    """Reasons for leaving by their kind; what the engagement maps or names as a kind stays."""
    forced = {_folded(label) for label in not_choice}
    return {label: kind or ("not_choice" if _folded(label) in forced else "choice") for label, kind in found.items()}


def canonical(label: str, values: Mapping[str, str], choices: tuple[str, ...]) -> str | None:
    """The canonical value of a client's label: by the value map, then by the choices; None when it is neither."""
    if label in values:
        return values[label]
    folded = {_folded(known): value for known, value in values.items()}
    if _folded(label) in folded:
        return folded[_folded(label)]
    if not choices:
        return label
    return {_folded(choice): choice for choice in choices}.get(_folded(label))


def _folded(label: str) -> str:
    """Without capitals, accents composed, blanks and underscores alike."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().replace("_", " ").split())


def _key_columns(staged: Staged, key: tuple[str, ...]) -> list[str]:
    have = {each.name: each for each in staged.columns}
    return [scratch_name(have[part]) for part in key if part in have]


def _unknown_channels(unknown: Mapping[str, int], channel: MappedColumn) -> DataError:
    headers = " + ".join(f"'{header}'" for header in channel.headers) or "the constant"
    if not _looks_like_labels(unknown):
        raise DataError(
            f"contacts.channel (from {headers}) holds {len(unknown)} or more values that do not look like channels: "
            "too many, too long, or with numbers or @ in them. Is it the right column? Map another under "
            "[tables.contacts.columns]."
        )
    most = sorted(unknown.items(), key=lambda pair: -pair[1])
    named = ", ".join(f"'{label}' ({rows} rows)" for label, rows in most[:8])
    rest = f" and {len(most) - 8} more" if len(most) > 8 else ""
    return DataError(
        f"contacts.channel (from {headers}) holds labels that are not mapped: {named}{rest}. Add each under "
        '[tables.contacts.values.channel], such as "label" = "phone". Choices: '
        + ", ".join(channel.column.choices)
        + "."
    )


def _looks_like_labels(values: Iterable[str]) -> bool:
    """Whether values may be shown in a message: names of channels, not words or numbers of customers."""
    found = list(values)
    plain = all(
        len(value) <= _LONGEST_LABEL and "@" not in value and sum(map(str.isdigit, value)) <= _MOST_DIGITS
        for value in found
    )
    return plain and len(found) <= _MOST_LABELS


def _reject_labels(session: Session, staged: Staged, column: str, labels: list[str]) -> None:
    bit = staged.rules.of(column, "not_a_choice")
    session.run(
        f"update {scratch(staged.name)} set broken = broken | {bit} "
        f"where broken = 0 and {quoted(column)} in (select unnest(?))",
        values=[labels],
        about=f"checking the labels of {staged.table}.{column}",
    )
