"""Exports into canonical tables: read, judged, repaired, pseudonymised, stored, counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.engine import DuckDB
from rootcause_lib.errors import DataError
from rootcause_lib.loaders.clock import Clock, clock_of
from rootcause_lib.loaders.contacts_table import store_contacts
from rootcause_lib.loaders.counting import (
    add_refused_totals,
    count_filled,
    count_orphans,
    count_repairs,
    count_sources,
)
from rootcause_lib.loaders.event_logs import merge_events
from rootcause_lib.loaders.evidence import expected_labels, sample, settle
from rootcause_lib.loaders.horizon import Horizon, horizon_of
from rootcause_lib.loaders.identities import link_contacts, no_links
from rootcause_lib.loaders.intake import Intake
from rootcause_lib.loaders.judging import mark_repeated_rows, mark_total_rows, settle_labels, stop_at_damaged_ids
from rootcause_lib.loaders.mapping import (
    STATE,
    Wanted,
    changes_name,
    identity_name,
    known_headers,
    map_columns,
    unmapped_headers,
    wanted_table,
)
from rootcause_lib.loaders.opening import open_source
from rootcause_lib.loaders.pseudonyms import Key, find_key, make_pseudonyms
from rootcause_lib.loaders.quoting import quoted
from rootcause_lib.loaders.rejects import gather_rejects, keep_refused, prepare_rejects, write_rejects
from rootcause_lib.loaders.reserved_labels import set_apart_labels
from rootcause_lib.loaders.session import Session, forget_scratch, loading, scratch
from rootcause_lib.loaders.sources import source_files
from rootcause_lib.loaders.staged import Staged, scratch_name, settle_late_labels, stage_table
from rootcause_lib.loaders.staging import stage_source
from rootcause_lib.loaders.tables import (
    ADJUDICATED,
    AGENTS,
    CODERS,
    CUSTOMERS,
    IDENTITIES,
    PERSONS,
    Ready,
    store_customer_ids,
    store_empty,
    store_table,
)
from rootcause_lib.loaders.typed_files import close_databases
from rootcause_lib.schemas import TABLES

Progress = Callable[[str], None]

_KINDS = {AGENTS: "agent", CODERS: "coder", IDENTITIES: "identity"}


@dataclass(frozen=True, slots=True)
class _Read:
    """A table as read: its rows, what became of them, its sources' names and their headers nobody mapped."""

    staged: Staged
    ready: Ready
    names: dict[int, str]
    unmapped: list[tuple[str, str, str]]


def load(
    engagement: Engagement, engine: DuckDB, *, rejects: Path, progress: Progress, today: dt.date | None = None
) -> Intake:
    """Read every table of the engagement into the engine (a writable one, still empty) and count what came in.

    Ids of persons become pseudonyms, texts are masked. Rejected rows are written to `rejects`, a file
    per table. Contacts after `today` (None: the day it is) are rejected. Nothing of the sources stays
    open or attached. Raises DataError where the data can't be used, EngagementError where the mapping
    can't, OutputError where rejects can't be written.
    """
    key = find_key(engagement)
    present = tuple(table for table in TABLES if table in engagement.tables)
    with loading(engine, spill_folder=engagement.spill_folder) as session:
        prepare_rejects(session)
        clock = clock_of(engagement.engagement.time_zone)
        horizon = horizon_of(engagement, today=today)
        read = [_read_table(session, engagement, table, clock, horizon, progress) for table in present]
        close_databases(session)
        read, linked = _link(session, engagement, read, clock)
        progress("Making pseudonyms")
        _make_all_pseudonyms(session, engagement, read, key)
        for each in read:
            progress(f"Storing {each.staged.table}")
            store = store_contacts if each.staged.table == "contacts" else store_table
            store(session, each.ready)
        store_empty(session, [table for table in TABLES if table not in present])
        progress("Counting")
        return _intake(session, read, rejects=rejects, key=key, present=present, linked=linked)


def read_customer_ids(session: Session, engagement: Engagement, table: str, *, progress: Progress) -> str:
    """Read one table into the scratch database: a query of every customer's id in it, as it stands in the export."""
    horizon, clock = horizon_of(engagement, today=None), clock_of(engagement.engagement.time_zone)
    read = _read_table(session, engagement, table, clock, horizon, progress)
    return _ids([read], {(table, "customer_id")})


def _read_table(
    session: Session, engagement: Engagement, table: str, clock: Clock, horizon: Horizon, progress: Progress
) -> _Read:
    wanted = wanted_table(engagement, table)
    known = known_headers(wanted)
    opened = [open_source(session, file, known) for file in source_files(engagement, table)]
    sampled = [sample(session, one, map_columns(one, wanted)) for one in opened]
    readings = settle(session, sampled, wanted.source)
    staged = stage_table(
        session, table, [one.mapped for one in sampled], expected_labels(session, sampled, wanted.source)
    )
    for number, (one, reading) in enumerate(zip(sampled, readings, strict=True)):
        progress(f"Reading {one.opened.name}")
        stage_source(
            session,
            staged,
            one.opened,
            one.mapped,
            reading,
            number=number,
            units=wanted.source.units,
            clock=clock,
            horizon=horizon,
        )
        keep_refused(session, staged, one.opened, number=number)
    settle_late_labels(session, staged)
    names = {number: one.name for number, one in enumerate(opened)}
    progress(f"Checking {table}")
    ready = _judge(session, engagement, wanted, staged, clock, names)
    unmapped = [
        (table, one.opened.name, header) for one in sampled for header in unmapped_headers(one.opened, one.mapped)
    ]
    return _Read(staged, ready, names, unmapped)


def _link(
    session: Session, engagement: Engagement, read: list[_Read], clock: Clock
) -> tuple[list[_Read], pd.DataFrame]:
    """What was read, with contacts linked to customers by their numbers and addresses."""
    kinds = tuple(engagement.tables["contacts"].identities)
    found = {each.ready.table: each for each in read}
    if not kinds or "identities" not in found:
        return read, no_links()
    zone = engagement.engagement.time_zone
    if "customer_id" not in found["contacts"].ready.columns:
        for name in {found["contacts"].staged.name, found["contacts"].ready.name}:
            session.run(f"alter table {scratch(name)} add column customer_id varchar", about="linking contacts")
    contacts, linked = link_contacts(
        session, found["contacts"].ready, found["identities"].ready, kinds=kinds, clock=clock, time_zone=zone
    )
    return [replace(each, ready=contacts) if each is found["contacts"] else each for each in read], linked


def _judge(
    session: Session, engagement: Engagement, wanted: Wanted, staged: Staged, clock: Clock, names: dict[int, str]
) -> Ready:
    source = wanted.source
    mark_total_rows(session, staged)
    stop_at_damaged_ids(session, staged, names)
    if source.rows is None:
        # A repeated event of a log changes nothing.
        mark_repeated_rows(session, staged)
    labels = set_apart_labels(
        session, staged, settle_labels(session, staged, source, not_choice=engagement.leaving.not_choice)
    )
    gather_rejects(session, staged)
    if wanted.name == "contacts":
        _stop_without_contacts(session, staged, names)
    repeated = staged.repairs.of("", "duplicate_row") | staged.repairs.of("", "total_row")
    name, where = staged.name, f"broken = 0 and repaired & {repeated} = 0"
    if source.rows is not None:
        name, where = merge_events(session, staged, source), "true"
    own = {STATE, *map(changes_name, source.counts), *map(identity_name, source.identities)}
    stored = [scratch_name(each) for each in staged.columns if each.name not in own]
    if source.rows is not None:
        stored += [*source.counts, *(["ended_seconds"] if "started_seconds" in stored else [])]
    further = dict.fromkeys(_further(wanted), "double" if wanted.name == "surveys" else "varchar")
    columns = tuple(dict.fromkeys(stored))
    agents = engagement.privacy.agents
    return Ready(wanted.name, name, where, columns, further, labels, agents, clock, row_is=source.row_is)


def _stop_without_contacts(session: Session, staged: Staged, names: dict[int, str]) -> None:
    usable, broken, refused = session.row(
        f"select count(*) filter (where broken = 0), count(*) filter (where broken <> 0), "
        f"(select count(*) from {scratch('refused')} where table_name = 'contacts') from {scratch(staged.name)}",
        about="counting the contacts",
    )
    if usable:
        return
    sources = ", ".join(names.values())[:200]
    if not broken + refused:
        raise DataError(f"The sources of contacts ({sources}) have a header but no rows. Export them again.")
    rules = ", ".join(
        f"{column or 'row'} {rule} ({rows} rows)"
        for column, rule, rows in session.rows(
            f"select column_name, rule, count(*) from {scratch('rejects')} group by 1, 2 order by 3 desc, 1, 2 limit 5",
            about="listing the rejects",
        )
    )
    raise DataError(f"None of the {broken + refused} rows of contacts ({sources}) can be used: {rules}.")


def _further(wanted: Wanted) -> list[str]:
    return [name for name in wanted.names if name not in TABLES[wanted.name].column_names]


def _make_all_pseudonyms(session: Session, engagement: Engagement, read: list[_Read], key: Key) -> None:
    customers = _ids(read, {(table, "customer_id") for table in TABLES})
    make_pseudonyms(session, customers, kind="customer", key=key, into=CUSTOMERS)
    store_customer_ids(session)
    for pseudonyms, kind in _KINDS.items():
        ids = _ids(read, {column for column, kept in PERSONS.items() if kept == pseudonyms})
        if kind == "coder":
            ids = f"select id from ({ids}) where lower(id) <> '{ADJUDICATED}'"
        if kind != "agent" or engagement.privacy.agents == "pseudonym":
            make_pseudonyms(session, ids, kind=kind, key=key, into=pseudonyms)


def _ids(read: list[_Read], wanted: Set[tuple[str, str]]) -> str:
    """A query for every id in the columns wanted, over all events of a log."""
    queries = [
        f"select {quoted(name)} as id from {scratch(each.staged.name)} where broken = 0"
        for each in read
        for name in each.ready.columns
        if (each.ready.table, name) in wanted
    ]
    return " union all ".join(queries) or "select null::varchar as id where false"


def _intake(
    session: Session, read: list[_Read], *, rejects: Path, key: Key, present: tuple[str, ...], linked: pd.DataFrame
) -> Intake:
    names = {(each.staged.table, number): name for each in read for number, name in each.names.items()}
    repairs = pd.concat([count_repairs(session, each.staged, each.names) for each in read], ignore_index=True)
    sources = pd.concat(
        [count_sources(session, each.staged, each.ready, each.names) for each in read], ignore_index=True
    )
    repairs = add_refused_totals(session, repairs, names)
    rejected = write_rejects(session, rejects, names)
    # What is counted from here on are the store's own tables.
    forget_scratch(session)
    return Intake(
        sources=sources,
        rejects=rejected,
        repairs=repairs,
        unmapped=pd.DataFrame([row for each in read for row in each.unmapped], columns=["table", "source", "column"]),
        orphans=count_orphans(session, present),
        filled=count_filled(session, present),
        linked=linked,
        key_source=key.source,
        present=present,
    )
