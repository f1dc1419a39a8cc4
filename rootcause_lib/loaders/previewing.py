"""The first rows of a table as they would be read, without loading it; ids of persons by their shape."""

from __future__ import annotations

import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import DuckDB
from rootcause_lib.loaders.clock import Clock, clock_of
from rootcause_lib.loaders.evidence import Sampled, sample, settle
from rootcause_lib.loaders.judging import canonical
from rootcause_lib.loaders.mapping import MappedColumn, Wanted, known_headers, map_columns, wanted_table
from rootcause_lib.loaders.masking import masked_sql, shape_sql
from rootcause_lib.loaders.opening import open_source
from rootcause_lib.loaders.parsing import TIME_TYPES, Reading, finished_sql, is_instant, read_sql, text_sql
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.session import Session, loading
from rootcause_lib.loaders.sources import source_files
from rootcause_lib.loaders.typed_files import close_databases


def preview(engagement: Engagement, table: str, *, rows: int = 5) -> pd.DataFrame:
    """The first rows of the table's first source: a column per canonical column, everything as text.

    Times are local, durations in seconds, labels canonical; a value that can't be read is missing, as it would
    be rejected. Ids of customers and staff stand by their shape, free text is masked. Rows of one id are not joined.
    Raises what loading would raise of the first source.
    """
    wanted = wanted_table(engagement, table)
    clock = clock_of(engagement.engagement.time_zone)
    engine = DuckDB(access="write")
    try:
        with loading(engine, spill_folder=engagement.spill_folder) as session:
            opened = open_source(session, source_files(engagement, table)[0], known_headers(wanted))
            sampled = sample(session, opened, map_columns(opened, wanted))
            reading = settle(session, [sampled], wanted.source)[0]
            frame = _read(session, wanted, sampled, reading, clock, rows)
            close_databases(session)
    finally:
        engine.connection.close()
    return frame


def _read(
    session: Session, wanted: Wanted, sampled: Sampled, reading: dict[str, Reading], clock: Clock, rows: int
) -> pd.DataFrame:
    mapped = [each for each in sampled.mapped if each.name in wanted.names]
    shown = ", ".join(
        f"({_shown(each, reading.get(each.name), clock, unit=wanted.source.units.get(each.name))})::varchar "
        f"as {quoted(each.name)}"
        for each in mapped
    )
    found = session.rows(
        f"select {shown} from {sampled.opened.sample} limit {int(rows)}", about=f"reading {sampled.opened.name}"
    )
    frame = pd.DataFrame(found, columns=[each.name for each in mapped], dtype="str")
    for each in mapped:
        values = wanted.source.values.get(each.name, {})
        if each.column.type == "label" and (each.column.choices or values):
            choices = each.column.choices
            read = [None if pd.isna(label) else canonical(label, values, choices) for label in frame[each.name]]
            frame[each.name] = pd.array(read, dtype="str")
    return frame


def _shown(mapped: MappedColumn, reading: Reading, clock: Clock, *, unit: str | None) -> str:
    if mapped.column.type == "text":
        return masked_sql(f"({text_sql(mapped, mapped.sql)})")
    if mapped.column.type in ("id", "label"):
        value = text_sql(mapped, mapped.sql)
        return shape_sql(value) if mapped.column.type == "id" else value
    read = finished_sql(mapped, reading, read_sql(mapped, reading, mapped.sql), unit=unit)
    if mapped.column.type not in TIME_TYPES:
        return read
    if is_instant(mapped, reading):
        read = f"make_timestamp(({clock.local_sql(f'(epoch_us({read}) // 1000000)')}) * 1000000)"
    return f"({read})::date" if mapped.column.type == "date" else f"date_trunc('second', {read})"
