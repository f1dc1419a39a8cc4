"""One pass over a source: typed values, the rules a row breaks, the repairs it needed, the cells of a broken row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from rootcause_lib.loaders.clock import Clock
from rootcause_lib.loaders.horizon import Horizon
from rootcause_lib.loaders.mapping import NO_TIME, MappedColumn, cleaned_sql, filled_sql, trimmed_sql
from rootcause_lib.loaders.parsing import (
    TEXT_TYPES,
    Reading,
    finished_sql,
    is_instant,
    parsed_name,
    read_sql,
    text_sql,
    value_name,
)
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.reading import Opened
from rootcause_lib.loaders.rules import broken_sql, clock_terms, needed_name, packed_name, repaired_sql, seconds_name
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.loaders.staged import Staged, scratch_name
from rootcause_lib.schemas import TABLES

_OPEN_END = 9999
"""The year that means no end."""


def stage_source(
    session: Session,
    staged: Staged,
    opened: Opened,
    mapped: Sequence[MappedColumn],
    readings: Mapping[str, Reading],
    *,
    number: int,
    units: Mapping[str, str],
    clock: Clock,
    horizon: Horizon,
) -> None:
    """Append one source's rows to its table, judged by every rule that one row alone can break."""
    times = [each for each in mapped if each.column.type == "timestamp"]
    local = [each for each in times if not is_instant(each, readings.get(each.name))]
    steps = [
        _arrived(opened, mapped),
        _tried(staged, mapped, readings),
        _valued(staged, mapped),
        _read(staged, mapped, readings),
        _finished(mapped, readings, units, clock),
        _ticked(times),
        _packed(local, clock),
        _placed(times, local),
        _judged(staged, opened, mapped, readings, local, horizon),
    ]
    query = f"(select * from {opened.relation})"
    for step in steps:
        query = f"(select {step} from {query})"
    names, outputs = _outputs(staged, mapped, number=number, first_row=opened.first_row)
    session.run(
        f"insert into {scratch(staged.name)} ({', '.join(names)}) select {', '.join(outputs)} from {query}",
        about=f"reading {opened.name}",
    )


def _arrived(opened: Opened, mapped: Sequence[MappedColumn]) -> str:
    """Every value as it stands in the source, or put together where it takes more than one column."""
    first = f"{opened.columns[0].sql}::varchar" if opened.columns else "null::varchar"
    values = [f"{each.raw if each.raw is not None else each.sql} as {_raw(each)}" for each in mapped]
    needed = [f"{condition} as {needed_name(repair)}" for repair, condition in opened.repairs.items()]
    return ", ".join(["source_row", f"{first} as first_cell", *needed, *values])


def _is_read(staged: Staged, mapped: MappedColumn) -> bool:
    """Whether a column becomes something else than its text."""
    return mapped.column.type not in TEXT_TYPES or mapped.name in staged.labels


def _can_be_tried(staged: Staged, mapped: MappedColumn) -> bool:
    """Whether a value may be read before it is known to stand for one: none of its own words could be read wrongly."""
    if mapped.name in staged.labels:
        return True
    return mapped.raw is not None and _is_read(staged, mapped) and not set(mapped.nulls) - set(NO_TIME)


def _reading(staged: Staged, mapped: MappedColumn, readings: Mapping[str, Reading], value: str) -> str:
    if mapped.name in staged.labels:
        return f"try_cast({value} as {staged.label_type(mapped.name)})"
    return read_sql(mapped, readings.get(mapped.name), value)


def _tried(staged: Staged, mapped: Sequence[MappedColumn], readings: Mapping[str, Reading]) -> str:
    """Most values read as they stand; cleaning every one of them first would cost more than all the reading."""
    terms = []
    for each in mapped:
        if _can_be_tried(staged, each):
            terms.append(f"{_reading(staged, each, readings, _raw(each))} as {_first_try(each)}")
        elif each.raw and not _is_read(staged, each):
            terms.append(f"{trimmed_sql(_raw(each))} as {_trimmed(each)}")
    return ", ".join(["*", *terms])


def _valued(staged: Staged, mapped: Sequence[MappedColumn]) -> str:
    terms = []
    for each in mapped:
        is_text = not _is_read(staged, each)
        if is_text and each.raw:
            value = filled_sql(_trimmed(each), each.nulls, kept=each.kept)
        elif is_text:
            value = text_sql(each, _raw(each))
        elif _can_be_tried(staged, each):
            cleaned = cleaned_sql(_raw(each), each.nulls, kept=each.kept)
            failed = f"{_first_try(each)} is null and {_raw(each)} is not null"
            value = f"case when {failed} then {cleaned} else {_raw(each)} end"
        elif each.raw is not None:
            value = cleaned_sql(_raw(each), each.nulls, kept=each.kept)
        else:
            value = _raw(each)
        terms.append(f"{value} as {value_name(each.name)}")
    return ", ".join(["*", *terms])


def _read(staged: Staged, mapped: Sequence[MappedColumn], readings: Mapping[str, Reading]) -> str:
    terms = []
    for each in mapped:
        if not _is_read(staged, each):
            continue
        read = _reading(staged, each, readings, value_name(each.name))
        if _can_be_tried(staged, each):
            again = f"{_first_try(each)} is null and {value_name(each.name)} is not null"
            read = f"case when {again} then {read} else {_first_try(each)} end"
        terms.append(f"{read} as {_as_read(each)}")
    return ", ".join(["*", *terms])


def _finished(
    mapped: Sequence[MappedColumn], readings: Mapping[str, Reading], units: Mapping[str, str], clock: Clock
) -> str:
    terms = []
    for each in mapped:
        if each.column.type in TEXT_TYPES:
            continue
        reading = readings.get(each.name)
        finished = finished_sql(each, reading, _as_read(each), unit=units.get(each.name))
        if each.column.type == "date" and is_instant(each, reading):
            seconds = f"(epoch_us({_as_read(each)}) // 1000000)"
            finished = f"make_timestamp(({clock.local_sql(seconds)}) * 1000000)"
        terms.append(f"{finished} as {parsed_name(each)}")
    return ", ".join(["*", *terms])


def _ticked(times: Sequence[MappedColumn]) -> str:
    """Seconds as the source shows them; the year 9999 is no end at all."""
    ticks = []
    for each in times:
        parsed = parsed_name(each)
        ticks.append(
            f", case when year({parsed}) <> {_OPEN_END} then epoch_us({parsed}) // 1000000 end as {_ticks(each)}"
        )
    return "*" + "".join(ticks)


def _packed(local: Sequence[MappedColumn], clock: Clock) -> str:
    return "*" + "".join(f", {clock.packed_sql(_ticks(each))} as {packed_name(each.name)}" for each in local)


def _placed(times: Sequence[MappedColumn], local: Sequence[MappedColumn]) -> str:
    terms = []
    for each in times:
        seconds = f"{_ticks(each)} - ({packed_name(each.name)} >> 2)" if each in local else _ticks(each)
        terms.append(f", {seconds} as {seconds_name(each.name)}")
    return "*" + "".join(terms)


def _judged(
    staged: Staged,
    opened: Opened,
    mapped: Sequence[MappedColumn],
    readings: Mapping[str, Reading],
    local: Sequence[MappedColumn],
    horizon: Horizon,
) -> str:
    broken = broken_sql(TABLES[staged.table], mapped, staged.rules, horizon=horizon)
    repaired = repaired_sql(mapped, readings, staged.repairs, opened=opened)
    late = " or ".join(
        f"({_as_read(each)} is null and {value_name(each.name)} is not null)"
        for each in mapped
        if each.name in staged.labels
    )
    return (
        f"*, {broken} as broken, {repaired} | {clock_terms(local, staged.repairs)} as repaired, "
        f"{late or 'false'} as has_late_label"
    )


def _outputs(
    staged: Staged, mapped: Sequence[MappedColumn], *, number: int, first_row: int
) -> tuple[list[str], list[str]]:
    names = ["source_number", "source_row", "broken", "repaired", "cells"]
    have = {each.name for each in mapped}
    values = (value_name(each.name) if each.name in have else "null" for each in staged.columns)
    cells = ", ".join(f"{value}::varchar" for value in chain(["first_cell"], values))
    outputs = [
        str(number),
        f"source_row + {first_row}",
        "broken",
        "repaired",
        f"case when broken <> 0 or has_late_label then [{cells}] end",
    ]
    for each in mapped:
        names.append(quoted(scratch_name(each)))
        outputs.append(_stored(staged, each))
    return names, outputs


def _stored(staged: Staged, mapped: MappedColumn) -> str:
    if mapped.name in staged.labels:
        return _as_read(mapped)
    if mapped.column.type == "timestamp":
        return seconds_name(mapped.name)
    parsed = parsed_name(mapped)
    if mapped.column.type != "date":
        return parsed
    return f"case when year({parsed}) <> {_OPEN_END} then {parsed}::date end"


def _ticks(mapped: MappedColumn) -> str:
    return quoted(f"t_{mapped.name}")


def _raw(mapped: MappedColumn) -> str:
    return quoted(f"x_{mapped.name}")


def _trimmed(mapped: MappedColumn) -> str:
    return quoted(f"b_{mapped.name}")


def _first_try(mapped: MappedColumn) -> str:
    return quoted(f"f_{mapped.name}")


def _as_read(mapped: MappedColumn) -> str:
    return quoted(f"r_{mapped.name}")
