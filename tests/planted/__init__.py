"""Simulated clients of whom everything is known, and short extracts of them stitched in memory, without files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from drawn import engagement, stitched

from rootcause_lib.engine import DuckDB, empty_world
from rootcause_lib.sample_client import SampleClient
from rootcause_lib.store import Store
from rootcause_lib.stored_tables import STORED_TABLES

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Cut:
    """The days of an extract, both included."""

    first: dt.date
    last: dt.date

    def holds(self, started: pd.Series) -> pd.Series:
        return started.between(pd.Timestamp(self.first), pd.Timestamp(self.last) + pd.Timedelta("1D"), inclusive="left")


def extract(client: SampleClient, cut: Cut, folder: Path, *, more: str = "") -> Store:
    """What the client would export for some days: its clean tables cut to them, loaded, stitched; clocks are UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = engagement(folder, until=str(cut.last), more=more)
    engine = empty_world()
    contacts = client.tables["contacts"]
    fill(engine, "contacts", contact_rows(contacts[cut.holds(contacts["started_at"])]))
    fill(engine, "customers", customer_rows(client.tables["customers"], cut))
    return stitched(settings, engine, present=("contacts", "customers"))


def contact_rows(contacts: pd.DataFrame) -> pd.DataFrame:
    """Canonical contacts as the loaders store them, in their order and with their keys."""
    rows = contacts.drop(columns=["started_at", "ended_at", "customer_id", "text"], errors="ignore")
    started = contacts["started_at"]
    rows = rows.assign(
        row_is="interaction",
        customer_key=_keys(contacts["customer_id"]),
        started_seconds=started.astype("datetime64[s]").astype("int64"),
        ended_seconds=contacts["ended_at"].astype("datetime64[s]").astype("int64"),
        started_on=started.dt.strftime("%Y-%m-%d"),
        started_hour=started.dt.hour,
    )
    rows = rows.sort_values(["customer_key", "started_seconds", "contact_id"], na_position="last", kind="stable")
    return rows.assign(contact_key=np.arange(1, len(rows) + 1))


def customer_rows(customers: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    """Canonical customers as known on the last day of the extract: who leaves later has not left."""
    rows = customers.assign(customer_key=_keys(customers["customer_id"]))
    gone = rows["left_on"] <= pd.Timestamp(cut.last)
    return rows.assign(left_on=rows["left_on"].where(gone), leave_reason=rows["leave_reason"].where(gone))


def fill(engine: DuckDB, table: str, frame: pd.DataFrame) -> None:
    """Rows into a declared table, at once; columns it lacks stay null."""
    kinds = STORED_TABLES[table]
    columns = [name for name in frame.columns if name in kinds]
    engine.connection.register("drawn_frame", frame[columns])
    casts = ", ".join(f"cast({name} as {kinds[name]})" for name in columns)
    engine.connection.execute(f"insert into {table} ({', '.join(columns)}) select {casts} from drawn_frame")
    engine.connection.unregister("drawn_frame")


def read(store: Store, table: str) -> pd.DataFrame:
    """A stored table whole, for tests to look at."""
    assert isinstance(store.engine, DuckDB)
    found: duckdb.DuckDBPyConnection = store.engine.connection.execute(f'select * from "{table}"')
    return found.df()


def _keys(customer_id: pd.Series) -> pd.Series:
    return pd.to_numeric(customer_id).astype("Int64") + 1
