"""One pass over a source: typed values, the rules a row breaks, the repairs it needed, shapes of what is rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rootcause_lib.loaders.clock import Clock
from rootcause_lib.loaders.mapping import NO_TIME, MappedColumn, cleaned_sql, filled_sql, trimmed_sql
from rootcause_lib.loaders.masking import shape_sql
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
from rootcause_lib.loaders.rules import Bits, broken_sql, clock_terms, packed_name, repaired_sql, seconds_name
from rootcause_lib.loaders.session import Session, scratch
from rootcause_lib.schemas import TABLES

TOTALS = r"^\s*((grand |sub)?totals?|total records?|sum|summa|summarivi|(kaikki )?yhteensä|välisumma)([^\p{L}]|$)"
"""How a line begins that sums the others up."""

_OPEN_END = 9999
"""The year that means no end."""

_SQL_TYPES: Mapping[str, str] = {
    "timestamp": "bigint", "date": "date", "flag": "boolean", "count": "bigint",
    "seconds": "double", "number": "double", "money": "double",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staged:
    """A table's rows in the scratch database, in the order of their sources.

    Beside the canonical columns (times as X_seconds, ids raw): source_number, source_row, broken
    (bits of rules), repaired (bits of repairs), like_total, shapes (of the values of a broken row).
    """

    table: str
    name: str
    columns: tuple[MappedColumn, ...]
    rules: Bits
    repairs: Bits


def stage_table(session: Session, table: str, sources: Sequence[Sequence[MappedColumn]]) -> Staged:
    """An empty scratch table that has every column any source maps."""
    columns = tuple({each.name: each for mapped in sources for each in mapped}.values())
    staged = Staged(table, f"rows_of_{table}", columns, Bits(table), Bits(table))
    declared = []
    for each in columns:
        # Ids hardly compress, and trying to takes as long as all the rest of writing.
        packing = " using compression uncompressed" if each.column.type in ("id", "text") else ""
        declared.append(f"{quoted(scratch_name(each))} {_SQL_TYPES.get(each.column.type, 'varchar')}{packing}")
    session.run(
        f"create table {scratch(staged.name)} (source_number integer, source_row bigint, {', '.join(declared)}, "
        "broken bigint, repaired bigint, like_total boolean, shapes varchar[])",
        about=f"preparing {table}",
    )
    return staged


def scratch_name(mapped: MappedColumn) -> str:
    """The scratch column of a canonical column."""
    return f"{mapped.name.removesuffix('_at')}_seconds" if mapped.column.type == "timestamp" else mapped.name


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
) -> None:
    """Append one source's rows to its table, judged by every rule that one row alone can break."""
    times = [each for each in mapped if each.column.type == "timestamp"]
    local = [each for each in times if not is_instant(each, readings.get(each.name))]
    steps = [
        _arrived(opened, mapped),
        _tried(mapped, readings),
        _valued(mapped),
        _read(mapped, readings),
        _finished(mapped, readings, units, clock),
        _ticked(times),
        _packed(local, clock),
        _placed(times, local),
        _judged(staged, opened, mapped, readings, local),
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
    return ", ".join(["source_row", f"{first} as first_cell", *values])


def _is_text(mapped: MappedColumn) -> bool:
    return mapped.column.type in TEXT_TYPES


def _can_be_tried(mapped: MappedColumn) -> bool:
    """Whether a value may be read before it is known to stand for one: none of its own words could be read wrongly."""
    return mapped.raw is not None and not _is_text(mapped) and not set(mapped.nulls) - set(NO_TIME)


def _tried(mapped: Sequence[MappedColumn], readings: Mapping[str, Reading]) -> str:
    """Most values read as they stand; cleaning every one of them first would cost more than all the reading."""
    terms = [f"{trimmed_sql(_raw(each))} as {_trimmed(each)}" for each in mapped if _is_text(each) and each.raw]
    terms += [
        f"{read_sql(each, readings.get(each.name), _raw(each))} as {_first_try(each)}"
        for each in mapped
        if _can_be_tried(each)
    ]
    return ", ".join(["*", *terms])


def _valued(mapped: Sequence[MappedColumn]) -> str:
    terms = []
    for each in mapped:
        if _is_text(each) and each.raw:
            value = filled_sql(_trimmed(each), each.nulls)
        elif _is_text(each):
            value = text_sql(each, _raw(each))
        elif _can_be_tried(each):
            cleaned = cleaned_sql(_raw(each), each.nulls)
            value = f"case when {_first_try(each)} is null then {cleaned} else {_raw(each)} end"
        elif each.raw is not None:
            value = cleaned_sql(_raw(each), each.nulls)
        else:
            value = _raw(each)
        terms.append(f"{value} as {value_name(each.name)}")
    return ", ".join(["*", *terms])


def _read(mapped: Sequence[MappedColumn], readings: Mapping[str, Reading]) -> str:
    terms = []
    for each in mapped:
        if _is_text(each):
            continue
        read = read_sql(each, readings.get(each.name), value_name(each.name))
        if _can_be_tried(each):
            again = f"{_first_try(each)} is null and {value_name(each.name)} is not null"
            read = f"case when {again} then {read} else {_first_try(each)} end"
        terms.append(f"{read} as {_as_read(each)}")
    return ", ".join(["*", *terms])


def _finished(
    mapped: Sequence[MappedColumn], readings: Mapping[str, Reading], units: Mapping[str, str], clock: Clock
) -> str:
    terms = []
    for each in mapped:
        if _is_text(each):
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
) -> str:
    broken = broken_sql(TABLES[staged.table], mapped, staged.rules)
    repaired = repaired_sql(mapped, readings, staged.repairs, encoding=opened.encoding)
    return f"*, {broken} as broken, {repaired} | {clock_terms(local, staged.repairs)} as repaired"


def _outputs(
    staged: Staged, mapped: Sequence[MappedColumn], *, number: int, first_row: int
) -> tuple[list[str], list[str]]:
    names = ["source_number", "source_row", "broken", "repaired", "like_total", "shapes"]
    have = {each.name: each for each in mapped}
    shapes = ", ".join(
        shape_sql(value_name(each.name)) if each.name in have else "null::varchar" for each in staged.columns
    )
    cells = ", ".join(["first_cell", *(f"{value_name(each.name)}::varchar" for each in mapped)])
    total = " or ".join(f"regexp_matches(lower({cell}), '{TOTALS}')" for cell in cells.split(", "))
    outputs = [
        str(number),
        f"source_row + {first_row}",
        "broken",
        "repaired",
        f"case when broken <> 0 then coalesce({total}, false) else false end",
        f"case when broken <> 0 then [{shapes}] end",
    ]
    for each in mapped:
        names.append(quoted(scratch_name(each)))
        outputs.append(_stored(each))
    return names, outputs


def _stored(mapped: MappedColumn) -> str:
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
