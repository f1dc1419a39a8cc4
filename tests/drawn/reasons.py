"""A small client of whom everything is known, for reasons and audits: six inbound contacts, or some hundred alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from planted import fill

from drawn import at, engagement, store
from rootcause_lib.analyses.root_cause.reasons import COLUMNS, reasons
from rootcause_lib.periods import Period
from rootcause_lib.store import Store

PERIOD = Period(dt.date(2025, 1, 1), dt.date(2025, 1, 10))
SETTINGS = """
[reasons]
default = ["other"]
[processes.invoice]
reasons = ["bill"]
[processes.shipping]
reasons = ["delivery"]
overdue_bands = [1]
[processes.claim]
opened_by_contact = true
"""
CONTACTS = (
    {"customer": 1, "start": "2025-01-01 09:00", "reason": "bill", "cost": 5.0, "revenue": 0.0, "channel": "phone"},
    {"customer": 1, "start": "2025-01-02 09:00", "reason": "bill", "cost": 5.0, "revenue": 10.0, "channel": "phone"},
    {"customer": 2, "start": "2025-01-03 09:00", "reason": "delivery", "cost": 7.0, "revenue": 2.0, "channel": "chat"},
    {"customer": 3, "start": "2025-01-04 09:00", "reason": "bill", "channel": "phone", "revenue": 5.0},
    {"start": "2025-01-05 09:00", "reason": "delivery", "cost": 7.0, "channel": "chat"},
    {"customer": 2, "start": "2025-01-06 09:00", "cost": 1.0, "channel": "chat", "revenue": 4.0},
    {"customer": 2, "start": "2025-01-07 09:00", "reason": "bill", "channel": "phone", "direction": "outbound"},
    {"customer": 4, "start": "2025-01-12 09:00", "reason": "bill", "channel": "phone"},
)
CUSTOMERS = (
    *({"customer_key": key, "joined_on": "2024-01-01"} for key in (1, 2, 3, 4)),
    {"customer_key": 5, "joined_on": "2025-01-06"},
)


def world(
    folder: Path,
    *,
    contacts: Sequence[Mapping[str, object]] = CONTACTS,
    more: str = SETTINGS,
    tables: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> Store:
    """A stitched store of drawn rows; tables beside contacts and customers are given in stored columns."""
    made = store(engagement(folder, more=more, until="2025-01-12"), contacts, customers=CUSTOMERS)
    given = tables or {}
    for table, rows in given.items():
        fill(made.engine, table, pd.DataFrame(list(rows)))
    filled = [{"table": "process_events", "column": "ended_at", "filled": 1.0, "rows": 1}]
    whole = pd.concat([made.intake.filled, pd.DataFrame(filled if "process_events" in given else [])])
    intake = dataclasses.replace(made.intake, present=(*made.intake.present, *given), filled=whole)
    return dataclasses.replace(made, intake=intake)


def by_reason(made: Store, period: Period = PERIOD) -> pd.DataFrame:
    found = reasons(made, period)
    assert tuple(found.columns) == COLUMNS
    assert not found["reason"].duplicated().any()
    return found.set_index("reason")


def audit_of(pairs: Sequence[tuple[int, str]], *, coder: str = "anna") -> list[dict[str, object]]:
    return [{"contact_id": f"c{number:03d}", "coder": coder, "reason": reason} for number, reason in pairs]


EVENTS = (
    # Open from the first to the fourth: the second contact of customer 1 is made meanwhile, the first one before.
    {"event_id": "a", "customer_key": 1, "process": "shipping", "started_seconds": at("2025-01-01 12:00"),
     "ended_seconds": at("2025-01-04 12:00")},
    # Never ended, so open for customer 2 from the third on; it began with the contact, which did not open it.
    {"event_id": "b", "customer_key": 2, "process": "shipping", "started_seconds": at("2025-01-03 09:00")},
    # Opened by the contact of customer 3, so not open when that was made.
    {"event_id": "c", "customer_key": 3, "process": "claim", "started_seconds": at("2025-01-04 09:00"),
     "ended_seconds": at("2025-01-09 12:00")},
    # No invoice ever ends: none is open.
    {"event_id": "d", "customer_key": 3, "process": "invoice", "started_seconds": at("2025-01-02 12:00")},
    {"event_id": "e", "customer_key": 4, "process": "invoice", "started_seconds": at("2025-01-02 12:00")},
    # Opened by the first contact of customer 1, as the event itself says.
    {"event_id": "g", "customer_key": 1, "process": "shipping", "started_seconds": at("2025-01-01 09:00"),
     "ended_seconds": at("2025-01-01 10:00"), "opened_by_contact": True},
    {"event_id": "f", "customer_key": 4, "process": "invoice", "started_seconds": at("2024-12-02 12:00")},
)  # fmt: skip


def many(number: int, *, code: str = "bill", start: int = 0) -> list[dict[str, object]]:
    """As many contacts, each of a customer of its own, one a minute on the second of January."""
    return [
        {"customer": start + place + 1, "reason": code, "contact_id": f"c{start + place:03d}",
         "start": f"2025-01-02 {(start + place) // 60 % 24:02d}:{(start + place) % 60:02d}"}
        for place in range(number)
    ]  # fmt: skip


MIXED = [*many(300), *many(100, code="delivery", start=300)]


def two_teams() -> list[dict[str, object]]:
    """Two hundred bills of team north by four people, two hundred deliveries of team south by two, customers apart."""
    return [
        {
            "contact_id": f"c{n:03d}", "customer": n + 1, "start": f"2025-01-02 {n // 60:02d}:{n % 60:02d}",
            "reason": "bill" if n < 200 else "delivery", "team": "north" if n < 200 else "south",
            "agent_id": f"a{n % 4}" if n < 200 else f"b{n % 2}",
        }
        for n in range(400)
    ]  # fmt: skip


# Of 60 bills 45 are bills and 15 prices, of 40 deliveries 30 are deliveries and 10 bills.
TRUE = ["bill"] * 45 + ["price"] * 15 + ["delivery"] * 30 + ["bill"] * 10
WHICH = [*range(60), *range(200, 240)]
AUDIT = [(n, "anna", reason) for n, reason in zip(WHICH, TRUE, strict=True)]
CODES = ["bill"] * 60 + ["delivery"] * 40
