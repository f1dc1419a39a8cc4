"""A source's text as the canonical type, in SQL."""

from __future__ import annotations

from rootcause_lib.loaders.mapping import MappedColumn
from rootcause_lib.loaders.number_formats import UNIT_SECONDS, NumberFormat
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.time_formats import TimeFormat

TRUE = ("true", "1", "yes", "y", "t", "kyllä", "k", "1.0", "tosi", "on")
FALSE = ("false", "0", "no", "n", "f", "ei", "e", "0.0", "epätosi", "off")
CROSS = "x"
"""What flags are written as, capitals aside, the frequent first; a cross has no opposite but blank."""

Reading = TimeFormat | NumberFormat | None
"""What evidence settled for a column: how its times or numbers are written; None where nothing is to settle."""

TIME_TYPES = ("timestamp", "date")
NUMBER_TYPES = ("seconds", "number", "money", "count")
TEXT_TYPES = ("id", "text", "label")


def value_name(name: str) -> str:
    """The column that holds a value as it came, NULL where it stands for none."""
    return quoted(f"v_{name}")


def parsed_name(mapped: MappedColumn) -> str:
    """The column that holds a value as read."""
    return value_name(mapped.name) if mapped.column.type in TEXT_TYPES else quoted(f"p_{mapped.name}")


def read_sql(mapped: MappedColumn, reading: Reading, value: str) -> str:
    """`value` read as a timestamp (UTC for instants), a double or a flag; NULL where it can't be."""
    kind = mapped.kind
    if mapped.column.type in TIME_TYPES:
        return _time(value, kind, reading)
    if mapped.column.type == "flag":
        return _flag(value, kind)
    if kind == "text":
        return (reading if isinstance(reading, NumberFormat) else NumberFormat()).sql(value)
    if kind == "flag":
        return f"{value}::integer::double"
    return f"{value}::double" if kind == "number" else "null::double"


def finished_sql(mapped: MappedColumn, reading: Reading, read: str, *, unit: str | None) -> str:
    """A value once read in the canonical unit: durations as seconds, counts whole, nothing infinite."""
    if mapped.column.type not in NUMBER_TYPES:
        return read
    if mapped.column.type == "count":
        return f"case when {read} = floor({read}) and abs({read}) < 1e15 then {read}::bigint end"
    clock = isinstance(reading, NumberFormat) and reading.clock
    scale = 1.0 if clock or unit is None or mapped.column.type != "seconds" else UNIT_SECONDS.get(unit, 1.0)
    return f"case when isfinite({read}) then {read}{'' if scale == 1.0 else f' * {scale}'} end"


def text_sql(mapped: MappedColumn, value: str) -> str:
    """A typed source's value as text, for ids and labels."""
    return _text(value, mapped.kind)


def is_instant(mapped: MappedColumn, reading: Reading) -> bool:
    """Whether a time column's parsed value is in UTC already."""
    return mapped.kind == "instant" or (isinstance(reading, TimeFormat) and reading.is_instant)


def _text(value: str, kind: str) -> str:
    if kind == "text":
        return value
    if kind == "number":
        whole = f"{value} = floor({value}) and abs({value}) < 9007199254740992"
        return f"case when {whole} then {value}::bigint::varchar else {value}::varchar end"
    return f"{value}::varchar"


def _time(value: str, kind: str, reading: Reading) -> str:
    if kind == "text":
        return (reading if isinstance(reading, TimeFormat) else TimeFormat("iso")).sql(value)
    if kind == "number":
        return (reading if isinstance(reading, TimeFormat) else TimeFormat("excel")).sql(f"({_text(value, kind)})")
    if kind == "instant":
        # The session's zone is UTC, so the naive timestamp is in UTC.
        return f"timezone('UTC', {value})"
    return f"{value}::timestamp" if kind in ("timestamp", "date") else "null::timestamp"


def _flag(value: str, kind: str) -> str:
    if kind == "flag":
        return value
    cases = "".join(
        f" when {literal(yes)} then true when {literal(no)} then false" for yes, no in zip(TRUE, FALSE, strict=True)
    )
    return f"case lower({_text(value, kind)}){cases} when '{CROSS}' then true end"
