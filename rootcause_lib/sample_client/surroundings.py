"""Tables around the contacts: web visits before calls, the audit of reasons, daily volumes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.draws import flags, moments, numbered, text_of, whole
from rootcause_lib.sample_client.hours import DAY, HOUR, PHONE
from rootcause_lib.sample_client.matters import FAILURE_REASONS, REASONS
from rootcause_lib.sample_client.people import Customers, customer_ids
from rootcause_lib.sample_client.rows import CONTACT, SECOND_LEG, Rows
from rootcause_lib.sample_client.upstream import DELIVERY, Events
from rootcause_lib.sample_client.world import World

STILL_ON_SITE = 0.34
"""Of the visits before calls: the call begins while the visit lasts."""
IDLE_VISITS_PER_CALL = 0.4
CODERS = ("adjudicated", "koodaaja_1", "koodaaja_2")


def visits_table(
    world: World,
    rng: np.random.Generator,
    contacts: Contacts,
    customers: Customers,
    *,
    left: NDArray[np.int32],
    start: np.datetime64,
    days: int,
) -> pd.DataFrame:
    """Visits to the site: a share of opening calls has one within the day before, others lead to no call."""
    inside = (contacts.started >= 0) & (contacts.started < days * DAY)
    calls = np.flatnonzero(inside & (contacts.channel == PHONE) & (contacts.position == 1))
    before = calls[rng.random(len(calls)) < world.visit_before_call]
    called = contacts.started[before]
    on_site = rng.random(len(before)) < STILL_ON_SITE
    lasted = rng.integers(60, 900, len(before))
    ahead = np.where(on_site, lasted // 2, lasted + (rng.random(len(before)) ** 2 * 20 * HOUR).astype(np.int64) + 30)
    idle = int(len(calls) * IDLE_VISITS_PER_CALL)
    visitor = rng.integers(0, len(customers), idle)
    moment = (rng.random(idle) * days * DAY).astype(np.int64)
    here = (moment // DAY >= customers.joined[visitor]) & (moment // DAY <= left[visitor])
    customer = np.concatenate([contacts.customer[before], visitor[here]])
    started = np.concatenate([called - ahead, moment[here]])
    ended = started + np.concatenate([lasted, rng.integers(30, 900, int(here.sum()))])
    topic = np.concatenate([contacts.reason[before], rng.integers(0, len(REASONS), int(here.sum()))])
    reached = np.concatenate([np.zeros(len(before), dtype=bool), rng.random(int(here.sum())) < 0.7])
    order = np.lexsort((customer, started))
    order = order[(started[order] >= 0) & (ended[order] < days * DAY)]
    known = rng.random(len(order)) < 0.9
    return pd.DataFrame(
        {
            "visit_id": numbered(np.arange(1, len(order) + 1), width=8, prefix="V"),
            "started_at": moments(started[order], start),
            "customer_id": customer_ids(np.where(known, customer[order], -1)),
            "ended_at": moments(ended[order], start),
            "topic": text_of(topic[order].astype(np.int8), REASONS),
            "goal_reached": flags(reached[order]),
        }
    )


def audits_table(
    world: World,
    rng: np.random.Generator,
    rows: Rows,
    contacts: Contacts,
    codes: NDArray[np.int8],
    contact_id: pd.Series,
) -> pd.DataFrame:
    """A random sample of agents' coded contacts with the true reason, a part also coded by two people who err."""
    able = np.flatnonzero((codes >= 0) & (rows.agent >= 0) & np.isin(rows.kind, (CONTACT, SECOND_LEG)))
    size = min(world.audit_size, len(able))
    chosen = np.sort(rng.choice(able, size=size, replace=False))
    twice = np.sort(rng.choice(size, size=min(world.audit_coded_twice, size), replace=False))
    row = np.concatenate([chosen, chosen[twice], chosen[twice]])
    coder = np.repeat(np.arange(3, dtype=np.int8), (size, len(twice), len(twice)))
    truth = contacts.reason[rows.contact[row]]
    wrong = (coder > 0) & (rng.random(len(row)) >= world.coder_accuracy)
    other = rng.integers(1, len(REASONS), len(row))
    reason = np.where(wrong, (truth + other) % len(REASONS), truth)
    order = np.lexsort((coder, row))
    failure = np.isin(reason, [REASONS.index(name) for name in FAILURE_REASONS])
    return pd.DataFrame(
        {
            "contact_id": contact_id.take(row[order]).reset_index(drop=True),
            "coder": text_of(coder[order], CODERS),
            "reason": text_of(reason[order].astype(np.int8), REASONS),
            "weight": np.ones(len(row)),
            "failure_demand": flags(failure[order]),
        }
    )


def volumes_table(
    customers: Customers,
    events: Events,
    *,
    left: NDArray[np.int32],
    start: np.datetime64,
    days: int,
) -> pd.DataFrame:
    """Orders and invoices of each day and the customers of each Monday-like seventh day."""
    day_of = events.started // DAY
    inside = (day_of >= 0) & (day_of < days)
    orders = np.bincount(day_of[inside & (events.process == DELIVERY)], minlength=days)
    invoices = np.bincount(day_of[inside & (events.process < DELIVERY)], minlength=days)
    weekly = np.arange(0, days, 7)
    joined, gone = np.sort(customers.joined), np.sort(left)
    active = np.searchsorted(joined, weekly, side="right") - np.searchsorted(gone, weekly, side="left")
    day = np.concatenate([np.arange(days), np.arange(days), weekly])
    name = np.repeat(np.arange(3, dtype=np.int8), (days, days, len(weekly)))
    count = np.concatenate([orders, invoices, active])
    order = np.lexsort((name, day))
    return pd.DataFrame(
        {
            "date": moments(day[order].astype(np.int64) * DAY, start),
            "name": text_of(name[order], ("orders", "invoices", "active_customers")),
            "count": whole(count[order], known=np.ones(len(order), dtype=bool)),
        }
    )
