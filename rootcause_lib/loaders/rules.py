"""What a row must keep to and what is put right, each a bit of one number per row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rootcause_lib.errors import EngagementError
from rootcause_lib.loaders.clock import REPEATED, SKIPPED
from rootcause_lib.loaders.horizon import Horizon
from rootcause_lib.loaders.mapping import MappedColumn
from rootcause_lib.loaders.number_formats import NumberFormat
from rootcause_lib.loaders.parsing import NUMBER_TYPES, TEXT_TYPES, Reading, parsed_name, value_name
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.time_formats import TimeFormat
from rootcause_lib.schemas import Column, Table

DAMAGED = "damaged_id"
"""An id that a spreadsheet turned into 1.23457E+12: never a reject, the load stops."""

_BITS = 62
_FIRST_SECOND, _LAST_SECOND = 0, 7_258_118_399
_LONGEST_DAMAGED = r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"

Fault = tuple[str, str]
"""(column, rule) or (column, repair)."""


@dataclass(frozen=True, slots=True)
class Bits:
    """Numbers given to faults in the order they are asked for."""

    table: str
    _given: dict[Fault, int] = field(default_factory=dict)

    def of(self, column: str, fault: str) -> int:
        """The value of that fault's bit."""
        bit = self._given.setdefault((column, fault), len(self._given))
        if bit >= _BITS:
            raise EngagementError(
                f"tables.{self.table} maps more columns than can be checked at once. Map fewer columns."
            )
        return 1 << bit

    @property
    def given(self) -> Mapping[Fault, int]:
        return {fault: 1 << bit for fault, bit in self._given.items()}


def seconds_name(name: str) -> str:
    """UTC seconds of a time column while it is judged."""
    return quoted(f"s_{name}")


def packed_name(name: str) -> str:
    """A local time's packed offset and kind."""
    return quoted(f"k_{name}")


def needed_name(repair: str) -> str:
    """Whether a row needed a repair before its values could be read."""
    return quoted(f"needed_{repair}")


def broken_sql(table: Table, mapped: Sequence[MappedColumn], bits: Bits, *, horizon: Horizon) -> str:
    """The sum of the bits of every rule a row breaks."""
    names = {each.name: each for each in mapped}
    terms = [term for each in mapped for term in _column_terms(each, bits, horizon)]
    for first, second in table.ordered:
        if {first, second} <= set(names):
            before = f"{_ordered_value(names[second])} < {_ordered_value(names[first])}"
            terms.append(_term(before, bits.of(second, "ends_before_start")))
    if {"score", "scale_low", "scale_high"} <= set(names):
        score, low, high = (parsed_name(names[name]) for name in ("score", "scale_low", "scale_high"))
        # An answer beyond the scale that its own row states.
        terms.append(_term(f"{score} < {low} or {score} > {high}", bits.of("score", "out_of_range")))
    if table.one_of:
        empty = " and ".join(f"{value_name(name)} is null" for name in table.one_of if name in names)
        terms.append(_term(empty, bits.of(" or ".join(table.one_of), "missing")))
    return _sum(terms)


def repaired_sql(mapped: Iterable[MappedColumn], readings: Mapping[str, Reading], bits: Bits, *, opened: Opened) -> str:
    """The sum of the bits of every repair a row needed."""
    terms = [str(bits.of("", "encoding"))] if opened.encoding else []
    terms += [_term(needed_name(repair), bits.of("", repair)) for repair in opened.repairs]
    for each in mapped:
        reading = readings.get(each.name)
        filled = f"{parsed_name(each)} is not null"
        if isinstance(reading, TimeFormat) and reading.is_local:
            terms.append(_term(filled, bits.of(each.name, "local_date_format")))
        if isinstance(reading, NumberFormat) and reading.mark == "," and each.kind == "text":
            needed = reading.repaired_sql(value_name(each.name))
            terms.append(_term(f"{filled} and {needed}", bits.of(each.name, "decimal_comma")))
    return _sum(terms)


def clock_terms(mapped: Iterable[MappedColumn], bits: Bits) -> str:
    """The sum of the bits for local times that the clock change skips or repeats."""
    terms = []
    for each in mapped:
        kind = f"{packed_name(each.name)} & 3"
        terms.append(_term(f"({kind}) = {SKIPPED}", bits.of(each.name, "clock_change_skipped_hour")))
        terms.append(_term(f"({kind}) = {REPEATED}", bits.of(each.name, "clock_change_repeated_hour")))
    return _sum(terms)


def _column_terms(mapped: MappedColumn, bits: Bits, horizon: Horizon) -> Iterable[str]:
    column, value, parsed = mapped.column, value_name(mapped.name), parsed_name(mapped)
    if column.required:
        yield _term(f"{value} is null", bits.of(mapped.name, "missing"))
    if column.type not in TEXT_TYPES:
        yield _term(f"{value} is not null and {parsed} is null", bits.of(mapped.name, "unreadable"))
    if column.type == "id" and mapped.kind in ("text", "number"):
        # Most ids have no sign, and a pattern costs ten times as much as to see that.
        damaged = f"case when contains({parsed}, '+') then regexp_matches({parsed}, '{_LONGEST_DAMAGED}') end"
        yield _term(damaged, bits.of(mapped.name, DAMAGED))
    if too_late := _too_late(column, parsed, mapped.name, horizon):
        yield _term(too_late, bits.of(mapped.name, "after_observed"))
    if outside := _outside(column, parsed, mapped.name):
        yield _term(outside, bits.of(mapped.name, "out_of_range"))


def _too_late(column: Column, parsed: str, name: str, horizon: Horizon) -> str | None:
    """What lies beyond every year of an export is out of range instead."""
    if column.until is None:
        return None
    if column.type == "timestamp":
        return f"{seconds_name(name)} > {horizon.last_second(column.until)} and {seconds_name(name)} <= {_LAST_SECOND}"
    return f"{parsed} >= timestamp '{horizon.last_day(column.until) + dt.timedelta(days=1)}' and year({parsed}) < 2200"


def _outside(column: Column, parsed: str, name: str) -> str | None:
    if column.type == "timestamp":
        outside = f"{seconds_name(name)} not between {_FIRST_SECOND} and {_LAST_SECOND}"
        # The year 9999 means no end, which a required time can't do without.
        return f"{parsed} is not null and coalesce({outside}, true)" if column.required else outside
    if column.type == "date":
        return f"{parsed} not between timestamp '1900-01-01' and timestamp '2199-12-31' and year({parsed}) <> 9999"
    if column.type not in NUMBER_TYPES or (column.minimum is None and column.maximum is None):
        return None
    limits = [f"{parsed} < {column.minimum}"] if column.minimum is not None else []
    limits += [f"{parsed} > {column.maximum}"] if column.maximum is not None else []
    return " or ".join(limits)


def _ordered_value(mapped: MappedColumn) -> str:
    return seconds_name(mapped.name) if mapped.column.type == "timestamp" else parsed_name(mapped)


def _term(condition: str, bit: int) -> str:
    return f"case when {condition} then {bit} else 0 end"


def _sum(terms: Sequence[str]) -> str:
    return f"({' + '.join(terms) or '0'})::bigint"
