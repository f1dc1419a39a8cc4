"""The jobs in DuckDB's own SQL, each a script of its own as an expert would write it for one client."""

from __future__ import annotations

from pathlib import Path

import duckdb
from answers import plain_rows
from settings import (
    DAILY_CAP,
    DAY,
    FROM_DAY,
    FROM_SECONDS,
    HORIZON_DAYS,
    LEG_GAP_SECONDS,
    UNTIL_DAY,
    UNTIL_SECONDS,
    WINDOW_DAYS,
)

_FOLDER = Path(__file__).parent
_VARIABLES = {
    "leg_gap": LEG_GAP_SECONDS,
    "daily_cap": DAILY_CAP,
    "from_day": FROM_DAY,
    "until_day": UNTIL_DAY,
    "from_seconds": FROM_SECONDS,
    "until_seconds": UNTIL_SECONDS,
    "window_seconds": WINDOW_DAYS * DAY,
    "horizon": HORIZON_DAYS,
}
_RESOLUTION = """
    select channel, reason,
        count(*) filter (
            coalesce(next_any_seconds > $window, true) and coalesce(left_seconds > $window, true)
        ) as numerator,
        count(*) as denominator
    from stitched_contacts
    where judged and coalesce(previous_any_seconds > $window, true)
        and (previous_any_seconds is not null or coalesce(history_seconds >= $window, true))
        and follow_up_seconds >= $window
    group by all
"""


def connect(file: Path | None, *, spill: Path, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:" if file is None else str(file))
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set temp_directory = ?", [str(spill)])
    if memory_limit:
        connection.execute("set memory_limit = ?", [memory_limit])
    for name, value in _VARIABLES.items():
        connection.execute(f"set variable {name} = {value}")
    return connection


def run_script(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for statement in duckdb.extract_statements((_FOLDER / name).read_text(encoding="utf-8")):
        connection.execute(statement)


def stitch(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> None:
    """The stitched table, with the columns that the library's own has."""
    run_script(connection, "by_hand_stitching.sql")
    named = ", ".join(f'"{name}"' for name in columns)
    connection.execute(f"create table stitched_contacts as select {named} from hand_stitched")
    connection.execute("checkpoint")


def resolution(connection: duckdb.DuckDBPyConnection) -> list[list[object]]:
    return plain_rows(connection.execute(_RESOLUTION, {"window": WINDOW_DAYS * DAY}).df())


def curves(connection: duckdb.DuckDBPyConnection) -> None:
    run_script(connection, "by_hand_curves.sql")


def curve_counts(connection: duckdb.DuckDBPyConnection) -> list[list[object]]:
    counts = connection.execute("select channel, way, contacts from hand_counts").df()
    return plain_rows(counts, connection.execute("from hand_pairs").df())


def channels(connection: duckdb.DuckDBPyConnection) -> None:
    """Every count behind the page on channels: a script for each part of it, in the order of their names."""
    for script in sorted(_FOLDER.glob("by_hand_channels_*.sql")):
        for statement in duckdb.extract_statements(script.read_text(encoding="utf-8")):
            connection.execute(statement).fetchall()


def channel_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, list[list[object]]]:
    """Resolution by channel, moves and cases settled, and what teams resolved: what the library is held to."""
    asked = {
        "mature": "select coalesce(channel, 'all'), value, weight, clusters from hand_mature where reason is null",
        "flow": "select from_channel, to_channel, value from hand_flow",
        "settled": "select opened_in, settled_in, value from hand_settled",
        "teams": "select team, columns('^m[01]_(value|weight|clusters)$') from hand_agents_sums",
    }
    return {name: plain_rows(connection.execute(query).df()) for name, query in asked.items()}


def churn(connection: duckdb.DuckDBPyConnection) -> None:
    """Weeks of customers at risk and who gave notice in them, every week of every customer laid out."""
    weeks = (UNTIL_DAY + 1 - FROM_DAY) // 7
    connection.execute(f"set variable first_day = {FROM_DAY}; set variable weeks = {weeks}")
    run_script(connection, "by_hand_churn_ladder.sql")


def churn_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, list[list[object]]]:
    """Weeks and notices by what the library is held to."""
    asked = {
        "cells": "select segment, season::varchar, flags % 2 = 1, flags // 2 % 2 = 1, sum(periods), sum(events) "
        "from hand_cells group by all",
        "known": "select tenure, term, region, contract, sum(periods), sum(events) from hand_cells group by all",
        "usual": "select season::varchar, flags % 2 = 1, flags // 2 = 1, sum(periods), sum(events) "
        "from hand_usual group by all",
    }
    return {name: plain_rows(connection.execute(query).df()) for name, query in asked.items()}


def causes(connection: duckdb.DuckDBPyConnection) -> None:
    """Contacts by process and band, of everybody."""
    _count_among(connection, "true")
    run_script(connection, "by_hand_causes.sql")


def cause_counts(connection: duckdb.DuckDBPyConnection, customers: int) -> list[list[object]]:
    """The same for the first customers, of the time in which the library watches them."""
    _count_among(connection, f"customer_key <= {customers} and {_WATCHED}")
    run_script(connection, "by_hand_causes.sql")
    rows = connection.execute(
        "select process, from_day, contacts from hand_causes where from_day is not null and process <> 'delivery'"
    )
    return plain_rows(rows.df())


def _count_among(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    connection.execute(f"""
        create or replace temp view counted_contacts as
        select customer_key, started_seconds, full_cost
        from stitched_contacts as contacts
        where direction = 'inbound' and identified
            and started_seconds between {FROM_SECONDS} and {UNTIL_SECONDS - 1} and {condition}
    """)


_WATCHED = """
    (
        exists (
            from spells where spells.customer_key = contacts.customer_key
                and started_day between greatest(coalesce(joined_day, first_day), first_day)
                and least(coalesce(left_day, last_day), last_day)
        ) or customer_key not in (select customer_key from spells)
    )
    and not exists (
        from process_events as events
        where process = 'claim' and coalesce(opened_by_contact, true)
            and events.customer_key = contacts.customer_key and events.started_on = contacts.started_on
    )
"""
"""While a customer of ours, and not on a day on which a contact opened a claim."""
