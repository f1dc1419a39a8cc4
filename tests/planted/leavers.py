"""A year of a simulated client whose customers give notice, with everything scores of leaving are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd

from planted import Cut, extract, fill
from planted.events import process_event_rows
from rootcause_lib.sample_client import SampleClient, make_client
from rootcause_lib.sample_client.world import LUMO, World
from rootcause_lib.store import Store

YEAR = Cut(dt.date(2024, 1, 1), dt.date(2024, 12, 29))
WEEKS = 52
SETTINGS = """
[definitions]
notice_days = 0
smallest_cell = 5
[reasons]
cancellation = ["irtisanominen"]
complaint = ["reklamaatio"]
[processes.billing]
[processes.delivery]
overdue_bands = [1]
[processes.outage]
[processes.claim]
opened_by_contact = true
"""


def year_of(customers: int, seed: int, *, world: World = LUMO) -> SampleClient:
    """The client of 52 whole weeks."""
    return make_client(customers=customers, seed=seed, start=YEAR.first, days=7 * WEEKS, world=world)


def leaving_store(client: SampleClient, folder: Path, *, more: str = "", settings: str = SETTINGS) -> Store:
    """Its year as exported: contacts, customers, process events, pseudonyms."""
    store = extract(client, YEAR, folder, more=settings + more)
    fill(store.engine, "process_events", process_event_rows(client.tables["process_events"]))
    keys = pd.to_numeric(client.tables["customers"]["customer_id"]) + 1
    fill(
        store.engine, "customer_ids", pd.DataFrame({"customer_key": keys, "customer_id": [f"p{k:016d}" for k in keys]})
    )
    return with_filled(store, {"cancelled_on": 0.1})


def with_filled(store: Store, columns: dict[str, float]) -> Store:
    """The store with the share filled of further columns of customers."""
    rows = [{"table": "customers", "column": name, "filled": share, "rows": 1} for name, share in columns.items()]
    filled = pd.concat([store.intake.filled, pd.DataFrame(rows)], ignore_index=True)
    return replace(store, intake=replace(store.intake, filled=filled))


def with_attribute(store: Store, name: str, values: pd.DataFrame) -> Store:
    """The store with one more column of customers; `values`: customer_key and the column."""
    engine = store.engine
    engine.connection.execute(f'alter table customers add column "{name}" varchar')
    engine.connection.register("attribute_frame", values)
    engine.connection.execute(
        f'update customers set "{name}" = given."{name}" from attribute_frame as given '
        "where given.customer_key = customers.customer_key"
    )
    engine.connection.unregister("attribute_frame")
    return with_filled(store, {name: 1.0})
