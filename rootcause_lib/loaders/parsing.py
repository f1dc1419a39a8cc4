"""A source's text as the canonical type, in SQL."""

from __future__ import annotations

from rootcause_lib.loaders.mapping import MappedColumn
from rootcause_lib.loaders.number_formats import UNIT_SECONDS, NumberFormat
from rootcause_lib.loaders.quoting import literal, quoted
from rootcause_lib.loaders.time_formats import TimeFormat

TRUE = ("true", "yes", "y", "t", "1", "1.0", "x", "kyllä", "k", "on", "tosi")
FALSE = ("false", "no", "n", "f", "0", "0.0", "ei", "e", "off", "epätosi")

Reading = TimeFormat | NumberFormat | None
"""What evidence settled for a column: how its times or numbers are written; None where nothing is to settle."""

TIME_TYPES = ("timestamp", "date")
NUMBER_TYPES = ("seconds", "number", "money", "count")
TEXT_TYPES = ("id", "text", "label")


def value_name(name: str) -> str:
    """The column that holds a value as it came."""
    return quoted(f"v_{name}")


def parsed_name(name: str) -> str:
    """The column that holds a value as read."""
    return quoted(f"p_{name}")


def parsed_sql(mapped: MappedColumn, reading: Reading, *, unit: str | None) -> str:
    """The canonical value of `v_<name>`, NULL where it can't be read.

    Times become naive timestamps (UTC for instants), durations seconds, counts bigint.
    """
    value, kind = value_name(mapped.name), mapped.kind
    if mapped.column.type in TEXT_TYPES:
        return _text(value, kind)
    if mapped.column.type in TIME_TYPES:
        return _time(value, kind, reading)
    if mapped.column.type == "flag":
        return _flag(value, kind)
    number = f"{value}::double"
    if kind == "text":
        number = (reading if isinstance(reading, NumberFormat) else NumberFormat()).sql(value)
    elif kind == "flag":
        number = f"{value}::integer::double"
    elif kind != "number":
        number = "null::double"
    finite = f"case when isfinite({number}) then {number} end"
    if mapped.column.type == "count":
        return f"case when {number} = floor({number}) and abs({number}) < 1e15 then {number}::bigint end"
    clock = isinstance(reading, NumberFormat) and reading.clock
    scale = 1.0 if clock or unit is None or mapped.column.type != "seconds" else UNIT_SECONDS.get(unit, 1.0)
    return finite if scale == 1.0 else f"({finite}) * {scale}"


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
    text = f"lower({_text(value, kind)})"
    yes, no = (", ".join(literal(word) for word in words) for words in (TRUE, FALSE))
    return f"case when {text} in ({yes}) then true when {text} in ({no}) then false end"
