"""Worlds drawn by hand: a few rows become a stitched store in memory, without files or loaders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from rootcause_lib import journeys
from rootcause_lib.engagement import Engagement, read_engagement
from rootcause_lib.engine import DuckDB, empty_world
from rootcause_lib.loaders.intake_tables import empty_intake
from rootcause_lib.store import Store
from rootcause_lib.stored_tables import STORED_TABLES

HEAD = """
[engagement]
client = "Drawn Oy"
time_zone = "UTC"
{until}
[tables.contacts]
source = "contacts.csv"
"""


def engagement(folder: Path, *, more: str = "", until: str | None = None) -> Engagement:
    """An engagement of a folder without data; `more` is TOML behind the head. Small cells show unless it says so."""
    if "smallest_cell" not in more:
        more = more if "[definitions]" in more else f"{more}\n[definitions]\n"
        more = more.replace("[definitions]", "[definitions]\nsmallest_cell = 1", 1)
    head = HEAD.format(until=f"observed_until = {until}" if until else "")
    (folder / "engagement.toml").write_text(head + more, encoding="utf-8")
    return read_engagement(folder)


def at(text: str) -> int:
    """UTC seconds of `2025-03-01 09:30`."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def store(
    settings: Engagement,
    contacts: Sequence[Mapping[str, object]],
    *,
    customers: Sequence[Mapping[str, object]] = (),
) -> Store:
    """Contacts as rows with `start` (and `end` or `minutes`), `customer`, `channel` and any stored column."""
    engine = empty_world()
    _insert(engine, "contacts", contact_rows(contacts))
    _insert(engine, "customers", pd.DataFrame(list(customers)))
    return stitched(settings, engine, present=("contacts", *(("customers",) if customers else ())))


def stitched(settings: Engagement, engine: DuckDB, *, present: Sequence[str] = ("contacts",)) -> Store:
    """The store of an engine whose loaded tables are filled."""
    journeys.settle(engine, settings)
    journeys.stitch(engine, settings)
    covered = journeys.extent(engine, settings)
    filled = pd.DataFrame(
        [
            {"table": table, "column": column, "filled": _share(engine, table, stored), "rows": 1}
            for table in present
            for column, stored in (
                ("left_on", "left_on"),
                ("cancelled_on", "cancelled_on"),
                ("contract_ends_on", "contract_ends_on"),
                ("resolved", "resolved"),
                ("ended_at", "ended_seconds"),
            )
            if stored in STORED_TABLES[table]
        ]
    )
    intake = replace(empty_intake(present=tuple(present)), filled=filled)
    return Store(settings, engine, intake, covered, (), "drawn")


def contact_rows(contacts: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Drawn contacts in the order and with the keys the loaders would give."""
    rows = []
    for number, drawn in enumerate(contacts):
        row = {"contact_id": f"c{number:03d}", "row_is": "interaction", "direction": "inbound", "channel": "phone"}
        row |= {name: value for name, value in drawn.items() if name not in ("start", "end", "minutes", "customer")}
        row["customer_key"] = drawn.get("customer")
        row["started_seconds"] = at(str(drawn["start"]))
        minutes = drawn.get("minutes", 0)
        row["ended_seconds"] = at(str(drawn["end"])) if "end" in drawn else row["started_seconds"] + 60 * int(minutes)  # type: ignore[call-overload]
        row["started_on"] = str(drawn["start"])[:10]
        row["started_hour"] = int(str(drawn["start"])[11:13])
        rows.append(row)
    frame = pd.DataFrame(rows).astype({"customer_key": "Int64"})
    frame = frame.sort_values(["customer_key", "started_seconds", "contact_id"], na_position="last", kind="stable")
    return frame.assign(contact_key=range(1, len(frame) + 1))


def _insert(engine: DuckDB, table: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    kinds = STORED_TABLES[table]
    columns = [name for name in frame.columns if name in kinds]
    marks = ", ".join(f"cast(? as {kinds[name]})" for name in columns)
    named = ", ".join(columns)
    engine.connection.executemany(
        f"insert into {table} ({named}) values ({marks})",
        [
            [None if pd.isna(cell) else cell for cell in row]
            for row in frame[columns].astype("object").itertuples(index=False)
        ],
    )


def _share(engine: DuckDB, table: str, column: str) -> float:
    found = engine.connection.execute(f"select avg(case when {column} is null then 0 else 1 end) from {table}")
    return float(found.fetchall()[0][0] or 0.0)
