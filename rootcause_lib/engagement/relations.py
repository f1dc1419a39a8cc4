"""What keys of an engagement must hold against each other and against the canonical tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.engagement.locating import Key
from rootcause_lib.engagement.plans import Fix, Process
from rootcause_lib.engagement.tables import (
    DECIMAL,
    DECIMAL_MARKS,
    NAMED_TIMES,
    Attributes,
    Constant,
    Separated,
    TableSource,
)
from rootcause_lib.errors import listed, unknown_choice
from rootcause_lib.schemas import TABLES, Column, ColumnType, Table
from rootcause_lib.vocabulary import IDENTITY_KINDS

_TIMES: tuple[ColumnType, ...] = ("timestamp", "date")
_MAPPABLE: tuple[ColumnType, ...] = ("label", "flag", "number", "count")
_NUMBERS: tuple[ColumnType, ...] = ("number", "money", "count", "seconds")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one key."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A canonical table with the further columns the engagement gives it, and its mapping."""

    table: Table
    attributes: tuple[str, ...]
    source: TableSource

    @property
    def key(self) -> Key:
        return ("tables", self.table.name)

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.table.column_names, *self.attributes)

    def column(self, name: str) -> Column | None:
        return self.table[name] if name in self.table.column_names else None


def table_faults(tables: Mapping[str, TableSource], attributes: Attributes) -> Iterator[Fault]:
    """Mappings that name columns which do not exist, or ask of a column what its type can't do."""
    for name, source in tables.items():
        mapped = _Mapped(TABLES[name], attributes.of(name), source)
        for rule in _TABLE_RULES:
            yield from rule(mapped)
        yield from _identities(mapped, tables)


def _unknown_columns(mapped: _Mapped) -> Iterator[Fault]:
    source = mapped.source
    named: dict[str, Iterable[str]] = {"columns": source.columns, "nulls": source.nulls, "values": source.values}
    for part, given in named.items():
        for name in given:
            if name not in mapped.names:
                yield _unknown(mapped, part, name, mapped.names)
    for position, name in enumerate(source.unsure):
        if name not in mapped.names:
            yield _unknown(mapped, "unsure", name, mapped.names, position)
    yield from _of_type(mapped, "units", tuple(source.units), ("seconds",))
    yield from _of_type(mapped, "counts", tuple(source.counts), ("count",))


def _unknown(mapped: _Mapped, part: str, name: str, choices: Sequence[str], position: int | None = None) -> Fault:
    text = unknown_choice("column", name, choices, where=f"table {mapped.table.name}")
    if len(choices) == len(mapped.names) and mapped.table.name in Attributes.model_fields:
        text += f" A further column must be named under [attributes] {mapped.table.name}."
    return Fault((*mapped.key, part, name if position is None else position), text)


def _of_type(mapped: _Mapped, part: str, names: Sequence[str], types: Sequence[str]) -> Iterator[Fault]:
    allowed = [column.name for column in mapped.table if column.type in types]
    for name in names:
        if name in allowed:
            continue
        if name in mapped.names:
            text = f"'{name}' is not a column that {part} are for. Choices: {listed(allowed) or 'none'}."
            yield Fault((*mapped.key, part, name), text)
        else:
            yield _unknown(mapped, part, name, allowed)


def _formats(mapped: _Mapped) -> Iterator[Fault]:
    times = [column.name for column in mapped.table if column.type in _TIMES]
    for name, form in mapped.source.formats.items():
        key = (*mapped.key, "formats", name)
        if name == DECIMAL:
            if form not in DECIMAL_MARKS:
                yield Fault(key, 'expected the decimal mark, "," or ".".')
        elif name not in times:
            yield Fault(key, unknown_choice("column", name, (*times, DECIMAL), where=f"formats of {mapped.table.name}"))
        elif "%" not in form and form not in NAMED_TIMES:
            text = f'expected a time format such as "%d.%m.%Y %H:%M", or one of {listed(NAMED_TIMES)}.'
            yield Fault(key, text)


def _constants(mapped: _Mapped) -> Iterator[Fault]:
    for name, column in mapped.source.columns.items():
        if isinstance(column, Constant) and (text := _misfit(mapped.column(name), column.value)):
            yield Fault((*mapped.key, "columns", name, "value"), text)
        if isinstance(column, Separated) and (mapped.table.name, name) != ("contact_reasons", "reason"):
            text = (
                "only the reasons of contact_reasons may be separated."
                " Give the same source to [tables.contact_reasons], with contact_id and reason."
            )
            yield Fault((*mapped.key, "columns", name), text)


def _value_maps(mapped: _Mapped) -> Iterator[Fault]:
    for name, labels in mapped.source.values.items():
        column = mapped.column(name)
        if column is not None and column.type not in _MAPPABLE:
            mappable = [each.name for each in mapped.table if each.type in _MAPPABLE]
            text = f"values of '{name}' can't be mapped. Choices: {listed((*mappable, *mapped.attributes))}."
            yield Fault((*mapped.key, "values", name), text)
            continue
        for label, target in labels.items():
            if text := _misfit(column, target):
                yield Fault((*mapped.key, "values", name, label), text)


def _misfit(column: Column | None, value: str) -> str:
    """What is wrong with a canonical value for a column; empty when it fits."""
    if column is None:
        return ""
    if column.choices and value not in column.choices:
        return unknown_choice(column.name, value, column.choices)
    if column.type == "flag" and value not in ("true", "false"):
        return f"expected true or false for {column.name}."
    if column.type in _NUMBERS and not _is_number(value):
        return f"expected a number for {column.name}."
    return "" if value else f"expected text for {column.name}; for no value list the label under nulls."


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _event_logs(mapped: _Mapped) -> Iterator[Fault]:
    source = mapped.source
    if source.rows is not None and not mapped.table.key:
        yield Fault((*mapped.key, "rows"), f"rows of {mapped.table.name} have no id to be joined by; leave rows out.")
    if source.counts and source.rows is None:
        text = 'counts need rows ("last", "first" or { state = "...", is = "..." }): they count over several rows.'
        yield Fault((*mapped.key, "counts"), text)
    for name in source.counts:
        if name in source.columns:
            yield Fault((*mapped.key, "counts", name), f"'{name}' is given under columns too; keep one of the two.")
    if mapped.table.name != "contacts" and "row_is" in source.model_fields_set:
        yield Fault((*mapped.key, "row_is"), "only [tables.contacts] has row_is; leave it out.")


def _identities(mapped: _Mapped, tables: Mapping[str, TableSource]) -> Iterator[Fault]:
    key = (*mapped.key, "identities")
    for kind in mapped.source.identities:
        if kind not in IDENTITY_KINDS:
            yield Fault((*key, kind), unknown_choice("kind of identity", kind, IDENTITY_KINDS))
    if mapped.source.identities and mapped.table.name != "contacts":
        yield Fault(key, "only [tables.contacts] has identities; leave them out.")
    elif mapped.source.identities and "identities" not in tables:
        yield Fault(key, "numbers and addresses link contacts through [tables.identities], which is missing.")


_TABLE_RULES: tuple[Callable[[_Mapped], Iterator[Fault]], ...] = (
    _unknown_columns,
    _formats,
    _constants,
    _value_maps,
    _event_logs,
)


def attribute_faults(attributes: Attributes) -> Iterator[Fault]:
    """Further columns become columns of the store: they need plain names, and names of their own."""
    for table in Attributes.model_fields:
        taken = {name.casefold() for name in TABLES[table].column_names}
        for position, name in enumerate(attributes.of(table)):
            key = ("attributes", table, position)
            if not name.isidentifier():
                text = (
                    "expected a plain name of letters, digits and _."
                    f' Name it so and map it: [tables.{table}] columns = {{ region = "Asiakkaan alue" }}.'
                )
                yield Fault(key, text)
            elif name.casefold() in taken:
                yield Fault(key, f"'{name}' is a column of {table} already; leave it out here.")
            taken.add(name.casefold())


def fix_faults(fixes: Sequence[Fix], processes: Mapping[str, Process]) -> Iterator[Fault]:
    """Fixes refer to a process of the engagement and are told apart by name."""
    names = [fix.name for fix in fixes]
    for position, fix in enumerate(fixes):
        if fix.process not in processes:
            text = unknown_choice("process", fix.process, processes)
            if not processes:
                text = f"no process is described; add [processes.{fix.process}]."
            yield Fault(("fixes", position, "process"), text)
        if fix.name in names[:position]:
            yield Fault(("fixes", position, "name"), f"the name '{fix.name}' is given to another fix already.")


def process_faults(processes: Mapping[str, Process]) -> Iterator[Fault]:
    """What would have happened in a failure's place is a process described as normal."""
    normal = [name for name, process in processes.items() if process.kind == "normal"]
    for name, process in processes.items():
        key = ("processes", name, "instead_of")
        if process.instead_of is None:
            continue
        if process.kind != "failure":
            yield Fault(key, 'only a process of kind = "failure" happens instead of a normal one; leave it out.')
        elif process.instead_of in processes and process.instead_of not in normal:
            text = f"'{process.instead_of}' is a failure itself; name a process with kind = 'normal'."
            yield Fault(key, text + (f" Choices: {listed(normal)}." if normal else ""))
        elif process.instead_of not in processes:
            text = unknown_choice("process", process.instead_of, normal)
            if not normal:
                text = f"no normal process is described; add [processes.{process.instead_of}] with kind = 'normal'."
            yield Fault(key, text)
