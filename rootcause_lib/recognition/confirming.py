"""A person's word put in place of a guess: another header, a confirmed mapping, another meaning of a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.recognition.guesses import ColumnGuess, Recognition, TableGuess, unsure_of
from rootcause_lib.recognition.matching import described
from rootcause_lib.schemas import TABLES

_SAID = "said by a person"


def with_headers(recognition: Recognition, table: str, column: str, headers: Sequence[str]) -> Recognition:
    """The column taken from these headers (several are joined by a space), or from nowhere when there are none."""
    guess = _table(recognition, table)
    kept = tuple(each for each in guess.columns if each.column != column)
    if not headers:
        return _with(recognition, replace(guess, columns=kept))
    found = guess.found
    profile = found.find(headers[0]) if found is not None else None
    if found is None or profile is None:
        choices = [header for source in guess.sources for header in source.headers]
        raise ParameterError(unknown_choice("header", headers[0], choices, where=guess.sources[0].name))
    if len(headers) > 1 and (headers[0], headers[1]) not in found.pairs:
        raise ParameterError(f"'{headers[0]}' and '{headers[1]}' make no time together.")
    fresh = ColumnGuess(column, tuple(headers), 1.0, _SAID)
    fresh = described(fresh, TABLES[table][column], profile, found)
    return _with(recognition, replace(guess, columns=_in_order(table, (*kept, fresh))))


def with_constant(recognition: Recognition, table: str, column: str, value: str) -> Recognition:
    """The column holding the same on every row."""
    guess = _table(recognition, table)
    kept = tuple(each for each in guess.columns if each.column != column)
    fresh = ColumnGuess(column, (), 1.0, _SAID, constant=value)
    return _with(recognition, replace(guess, columns=_in_order(table, (*kept, fresh))))


def with_confirmed(recognition: Recognition, table: str, column: str) -> Recognition:
    """The column's mapping agreed with, as it is: no doubt is left of it or its labels."""
    guess = _table(recognition, table)
    columns = tuple(
        replace(each, doubt="", labels=tuple(replace(label, doubt="") for label in each.labels))
        if each.column == column
        else each
        for each in guess.columns
    )
    return _with(recognition, replace(guess, columns=columns))


def with_label(recognition: Recognition, table: str, column: str, label: str, value: str | None) -> Recognition:
    """One label taken for another canonical value; None: it stands for no value."""
    guess = _table(recognition, table)
    columns = []
    for each in guess.columns:
        if each.column == column:
            labels = tuple(replace(one, value=value, doubt="") if one.label == label else one for one in each.labels)
            unknown = tuple(one.label for one in labels if one.value is None)
            named = {one.label for one in labels}
            nulls = (*(word for word in each.nulls if word not in named), *unknown)
            each = replace(each, labels=labels, nulls=nulls)
        columns.append(each)
    return _with(recognition, replace(guess, columns=tuple(columns)))


def choices_of(guess: TableGuess) -> tuple[tuple[str, ...], ...]:
    """What a column of the table may be taken from: each header, and each day with a clock."""
    found = guess.found
    singles = tuple((header,) for header in guess.sources[0].headers)
    return (*singles, *found.pairs) if found is not None else singles


def _in_order(table: str, columns: Sequence[ColumnGuess]) -> tuple[ColumnGuess, ...]:
    names = TABLES[table].column_names
    return tuple(sorted(columns, key=lambda each: names.index(each.column)))


def _table(recognition: Recognition, table: str) -> TableGuess:
    found = recognition.table(table)
    if found is None:
        raise ParameterError(unknown_choice("table", table, [each.table for each in recognition.tables]))
    return found


def _with(recognition: Recognition, changed: TableGuess) -> Recognition:
    tables = tuple(changed if each.table == changed.table else each for each in recognition.tables)
    return replace(recognition, tables=tables, unsure=unsure_of(tables, recognition.left_out))
