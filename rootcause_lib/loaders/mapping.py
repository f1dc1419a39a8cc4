"""Which source columns feed which canonical column, and the SQL that reads their values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.engagement import Changes, Constant, Engagement, RowsWhere, Separated, TableSource
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.preset_columns import PresetColumns, known_preset_headers, preset_header, with_preset
from rootcause_lib.loaders.quoting import literal
from rootcause_lib.loaders.reading import ColumnKind, Opened, SourceColumn
from rootcause_lib.schemas import TABLES, Column, ColumnType

NULLS = ("", "-", "--", "na", "nan", "n/a", "null", "none", "#n/a", "\\n")
"""What stands for no value in every column, capitals aside, but for a label that the engagement maps."""

NO_TIME = ("0000-00-00", "0000-00-00 00:00:00")
"""What also stands for no value in a column of times."""

_BLANKS = " \t\r\n\u00a0\ufeff"

_SEVERAL_REASONS = ("contact_reasons", "reason")

STATE = "row_state"
"""The event log's own column that says which state a row is in."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A canonical column (or an event log's own) and where one source has it.

    name: in the scratch table. sql: its value over the opened relation, blanks and words for
    nothing as NULL; text unless `kind` says otherwise. raw: the same as it stands in the source, where
    it is one text column that no value map changes. key: where an engagement would say more. nulls: its own
    words for nothing. kept: words that the engagement maps, so that they stand for something.
    """

    name: str
    column: Column
    kind: ColumnKind
    sql: str
    headers: tuple[str, ...]
    key: str
    raw: str | None = None
    nulls: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A canonical table as one engagement wants it: its columns, the further ones, its source with its preset."""

    name: str
    source: TableSource
    columns: tuple[Column, ...]
    preset: PresetColumns | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def wanted_table(engagement: Engagement, table: str) -> Wanted:
    """The table with the further columns named under [attributes]: labels, for surveys rated items (numbers)."""
    kind: ColumnType = "number" if table == "surveys" else "label"
    further = tuple(Column(plain_name(name), kind, name) for name in engagement.attributes.of(table))
    source, preset = with_preset(table, engagement.tables[table])
    return Wanted(table, source, (*TABLES[table].columns, *further), preset)


def plain_name(name: str) -> str:
    """A further column's name in the store: lower-case ASCII letters, digits and _."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ascii_only or "attribute"


def known_headers(wanted: Wanted) -> frozenset[str]:
    """Every name that may stand in the header of the table's sources."""
    names = {*wanted.names, *(column.meaning for column in wanted.columns[len(TABLES[wanted.name].columns) :])}
    for given in wanted.source.columns.values():
        if isinstance(given, Separated):
            names.add(given.column)
        else:
            names.update([given] if isinstance(given, str) else given if isinstance(given, tuple) else ())
    names.update(change.changes_of for change in wanted.source.counts.values())
    names.update(wanted.source.identities.values())
    if isinstance(wanted.source.rows, RowsWhere):
        names.add(wanted.source.rows.state)
    return frozenset(names | known_preset_headers(wanted.preset))


def map_columns(opened: Opened, wanted: Wanted) -> tuple[MappedColumn, ...]:
    """Every canonical column this source has: as the engagement says, else by its canonical name.

    Raises DataError where a header named is not there or there twice, or a required column has none.
    """
    mapped = [found for column in wanted.columns if (found := _mapped(opened, wanted, column)) is not None]
    have = {found.name for found in mapped} | set(wanted.source.counts)
    for column in wanted.columns:
        if column.required and column.name not in have:
            raise _missing(opened, wanted, column.name)
    one_of = TABLES[wanted.name].one_of
    if one_of and not have & set(one_of):
        raise _missing(opened, wanted, one_of[0])
    return (*mapped, *_event_columns(opened, wanted))


def unmapped_headers(opened: Opened, mapped: Iterable[MappedColumn]) -> tuple[str, ...]:
    """The source's columns that feed nothing."""
    used = {header for found in mapped for header in found.headers}
    return tuple(column.header for column in opened.columns if column.header not in used)


def cleaned_sql(value: str, nulls: Sequence[str], *, kept: Sequence[str] = ()) -> str:
    """A text without outer blanks; NULL where it stands for no value."""
    return filled_sql(trimmed_sql(value), nulls, kept=kept)


def trimmed_sql(value: str) -> str:
    """A text without outer blanks; most texts have none, and looking is cheaper than trimming."""
    hard = literal("\u00a0")
    blank = f"{value} < '!' or {value} >= {hard} or suffix({value}, ' ') or suffix({value}, {hard})"
    return f"case when {blank} then trim({value}, {literal(_BLANKS)}) else {value} end"


def filled_sql(text: str, nulls: Sequence[str], *, kept: Sequence[str] = ()) -> str:
    """A trimmed text; NULL where it stands for no value, which the words `kept` never do."""
    words = sorted({*(set(NULLS) - set(kept)), *(word.strip().lower() for word in nulls)})
    longest = max(len(word.encode()) for word in words)
    # Not `in (...)`: the engine makes a join of a list, and then every row pays for it.
    pattern = literal("|".join(re.escape(word) for word in words))
    return f"case when strlen({text}) > {longest} or not regexp_full_match({text}, {pattern}, 'i') then {text} end"


def _mapped(opened: Opened, wanted: Wanted, column: Column) -> MappedColumn | None:
    further = column.name not in TABLES[wanted.name].column_names
    given = wanted.source.columns.get(column.meaning if further else column.name)
    key = f"tables.{wanted.name}.columns.{column.meaning if further else column.name}"
    nulls = wanted.source.nulls.get(column.meaning if further else column.name, ())
    if column.type in ("timestamp", "date"):
        nulls = (*nulls, *NO_TIME)
    values = wanted.source.values.get(column.meaning if further else column.name, {})
    if given is None and wanted.preset is not None and not further:
        given = preset_header(opened, wanted.preset, column.name, units=wanted.source.units)
    if isinstance(given, Constant):
        return MappedColumn(column.name, column, "text", literal(given.value), (), key)
    is_reason = (wanted.name, column.name) == _SEVERAL_REASONS
    if isinstance(given, Separated) or (isinstance(given, tuple) and is_reason):
        return _several(opened, column, given, nulls, key)
    if given is None:
        name = column.meaning if further else column.name
        found = opened.find(name)
        if (found is None and further) or name in opened.twice:
            found = opened.column(name, key=key)
        sources = [found] if found is not None else []
    else:
        names: tuple[str, ...] = (given,) if isinstance(given, str) else tuple(str(name) for name in given)
        sources = [opened.column(name, key=key) for name in names]
    if not sources:
        return None
    kept = tuple(label.strip().lower() for label in values)
    kind, sql = _value(sources, nulls, {} if column.type == "label" else values, kept)
    plain = len(sources) == 1 and sources[0].kind == "text" and (column.type == "label" or not values)
    headers = tuple(source.header for source in sources)
    return MappedColumn(
        column.name, column, kind, sql, headers, key, sources[0].sql if plain else None, tuple(nulls), kept
    )


def _several(
    opened: Opened, column: Column, given: Separated | Sequence[str], nulls: Sequence[str], key: str
) -> MappedColumn:
    """A column with several values per row, in one column or in several: a row for each that is filled."""
    if isinstance(given, Separated):
        sources = [opened.column(given.column, key=key)]
        parts = f"string_split({as_text(sources[0])}, {literal(given.separator)})"
    else:
        sources = [opened.column(name, key=key) for name in given]
        parts = f"[{', '.join(as_text(source) for source in sources)}]"
    cleaned = f"list_transform({parts}, lambda part: {cleaned_sql('part', nulls)})"
    sql = f"unnest(list_filter({cleaned}, lambda part: part is not null))"
    return MappedColumn(column.name, column, "text", sql, tuple(source.header for source in sources), key)


def _value(
    sources: Sequence[SourceColumn], nulls: Sequence[str], values: Mapping[str, str], kept: Sequence[str]
) -> tuple[ColumnKind, str]:
    """(kind, SQL) of one value out of one or several source columns."""
    only = sources[0]
    if len(sources) == 1 and only.kind != "text" and not set(nulls) - set(NO_TIME) and not values:
        return only.kind, only.sql
    texts = [cleaned_sql(as_text(source), nulls, kept=kept) for source in sources]
    sql = texts[0] if len(texts) == 1 else f"nullif(concat_ws(' ', {', '.join(texts)}), '')"
    if values:
        cases = " ".join(
            f"when {literal(label.strip().lower())} then {literal(value)}" for label, value in values.items()
        )
        sql = f"case lower({sql}) {cases} else {sql} end"
    return "text", sql


def as_text(source: SourceColumn) -> str:
    """A source column as text, whatever type the source gives it."""
    if source.kind == "number":
        # A whole number that went through a float is written without .0; beyond 2^53 its digits are lost.
        whole = f"{source.sql} = floor({source.sql}) and abs({source.sql}) < 9007199254740992"
        return f"case when {whole} then {source.sql}::bigint::varchar else {source.sql}::varchar end"
    return source.sql if source.kind == "text" else f"{source.sql}::varchar"


def _event_columns(opened: Opened, wanted: Wanted) -> Iterable[MappedColumn]:
    """Columns that are read and not stored: an event log's state and counted changes, numbers and addresses."""
    needed: list[tuple[str, str, str]] = []
    if isinstance(wanted.source.rows, RowsWhere):
        needed.append((STATE, wanted.source.rows.state, f"tables.{wanted.name}.rows.state"))
    for name, change in wanted.source.counts.items():
        needed.append((changes_name(name), _changed(change), f"tables.{wanted.name}.counts.{name}"))
    for name, header, key in needed:
        source = opened.column(header, key=key)
        column = Column(name, "label", header)
        yield MappedColumn(name, column, "text", cleaned_sql(as_text(source), ()), (source.header,), key)
    for kind, header in wanted.source.identities.items():
        key = f"tables.{wanted.name}.identities.{kind}"
        source = opened.column(header, key=key)
        own = Column(identity_name(kind), "id", header)
        yield MappedColumn(own.name, own, "text", cleaned_sql(as_text(source), ()), (source.header,), key)


def identity_name(kind: str) -> str:
    """The scratch column that holds a contact's number or address."""
    return f"identity_{kind}"


def changes_name(name: str) -> str:
    """The scratch column whose changes make the count `name`."""
    return f"changes_of_{name}"


def _changed(change: Changes) -> str:
    return change.changes_of


def _missing(opened: Opened, wanted: Wanted, name: str) -> DataError:
    headers = ", ".join(f"'{column.header[:60]}'" for column in opened.columns[:40])
    return DataError(
        f"{opened.name} has no column for {wanted.name}.{name}, which is required. Map one of its columns under "
        f'[tables.{wanted.name}] columns = {{ {name} = "..." }}. Its columns: {headers}.'
    )
