"""Simulated clients whose customers leave by a known hazard, as their exports would show it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from planted import Cut, extract, fill
from planted.events import process_event_rows
from rootcause_lib.sample_client import SampleClient, World, make_client
from rootcause_lib.store import Store

START, DAYS = pd.Timestamp("2024-01-01"), 364
CUT = Cut(START.date(), (START + pd.Timedelta(days=DAYS - 1)).date())
REASONS = '[reasons]\ncancellation = ["irtisanominen"]\nneutral = ["neuvonta"]\n'
PROCESSES = """
[processes.billing]
bands = [0, 7, 21]
[processes.delivery]
overdue_bands = [1, 3, 7, 14]
[processes.outage]
bands = [0, 3]
[processes.claim]
bands = [0, 28]
opened_by_contact = true
"""


def world_of(hazard_ratio: float, **further: object) -> World:
    """A realistic world, problems that drive customers away and calls to cancel included; each contact does so much."""
    effects = {"contact_hazard_resolved": hazard_ratio, "contact_hazard_unresolved": hazard_ratio}
    return dataclasses.replace(World(), **effects, **further)  # type: ignore[arg-type]


def client_of(world: World, *, seed: int, customers: int = 8000) -> SampleClient:
    """One year of the world."""
    return make_client(world=world, customers=customers, seed=seed, start=str(START.date()), days=DAYS)


def store_of(client: SampleClient, folder: Path, *, more: str = "[definitions]\nsmallest_cell = 1\n") -> Store:
    """The client loaded and stitched, with what happened to its customers upstream."""
    made = extract(client, CUT, folder, more=more + REASONS + PROCESSES)
    fill(made.engine, "process_events", process_event_rows(client.tables["process_events"]))
    present = (*made.present, "process_events")
    return dataclasses.replace(made, intake=dataclasses.replace(made.intake, present=present))


def with_notice(client: SampleClient, *, weeks: int) -> SampleClient:
    """The same client where every notice takes so long, and only the leaving date is written down."""
    table = client.tables["customers"]
    left = table["cancelled_on"] + pd.Timedelta(weeks=weeks)
    left = left.where(left <= pd.Timestamp(CUT.last))
    return dataclasses.replace(
        client, tables={**client.tables, "customers": table.assign(left_on=left, cancelled_on=pd.NaT)}
    )
