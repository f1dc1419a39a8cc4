"""One fictional client: every part put together, in the order in which things happen to customers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.errors import ParameterError
from rootcause_lib.sample_client import churn, people, recording, rows, surroundings, surveys, upstream
from rootcause_lib.sample_client.cases import Contacts, chance_cases, contacts_of, joined_contacts, open_cases
from rootcause_lib.sample_client.draws import pick, stream
from rootcause_lib.sample_client.hours import DAY, HOUR, PHONE, Hours, hours_of
from rootcause_lib.sample_client.truth import Truth, truth_of
from rootcause_lib.sample_client.upstream import Events, Openings, joined_events, joined_openings
from rootcause_lib.sample_client.world import LUMO, World

CONTACTS_PER_SEAT = 1500
"""Contacts one seat takes in a year, fewer than in life so that a small client has several agents."""


@dataclass(frozen=True, slots=True)
class SampleClient:
    """A fictional client.

    `tables` are canonical tables with clean typed values (times naive local, durations in seconds).
    `hidden` has a row for each row of `tables["contacts"]`: the true reason, case, outcome and the seconds until the
    case's next contact, however late; `survey_id` and `would_score` of everybody asked are in `hidden_surveys`.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Truth
    hidden: pd.DataFrame
    hidden_surveys: pd.DataFrame
    world: World


@dataclass(frozen=True, slots=True)
class _Lives:
    """What truly happened, before any system recorded it."""

    customers: people.Customers
    agents: people.Agents
    hours: Hours
    events: Events
    contacts: Contacts
    shared: NDArray[np.bool_]
    leaving: churn.Leaving


def make_client(
    *,
    customers: int = 2500,
    seed: int = 1,
    start: str | dt.date = "2025-01-01",
    days: int = 365,
    world: World = LUMO,
) -> SampleClient:
    """A fictional client of `customers` customers over `days` days, the same for the same arguments.

    Cases are opened from `world.burn_in_days` before the start, so that the extract's left edge looks like any other
    day; rows outside the period are cut off. Raises ParameterError for sizes that make no client.
    """
    if customers < 1 or days < 1:
        raise ParameterError("A sample client needs at least one customer and one day: give customers >= 1, days >= 1.")
    if customers >= people.UNKNOWN_CUSTOMERS:
        raise ParameterError(f"A sample client has fewer than {people.UNKNOWN_CUSTOMERS} customers.")
    first_day = np.datetime64(str(start), "D")
    lives = _live(world, seed=seed, count=customers, start=first_day, days=days)
    return _record(world, lives, seed=seed, start=first_day, days=days)


def _live(world: World, *, seed: int, count: int, start: np.datetime64, days: int) -> _Lives:
    first = -world.burn_in_days
    hours = hours_of(world, start, first=first, last=days)
    customers = people.make_customers(world, stream(seed, "customers"), count=count, days=days)
    seats = max(12, int(count * world.cases_per_year * 1.6 / CONTACTS_PER_SEAT))
    agents = people.make_agents(world, stream(seed, "agents"), seats=seats, first=first, last=days)
    events = upstream.make_events(world, stream(seed, "events"), customers, first=first, last=days)
    openings, channel, events = _openings(world, customers, hours, events, seed=seed, first=first, days=days)
    contacts = contacts_of(world, stream(seed, "contacts"), openings, channel, agents, hours)
    leaving = churn.leave(world, stream(seed, "leaving"), customers, contacts, events, days=days)
    cancelling = churn.cancellations(world, stream(seed, "cancelling"), leaving)
    rng = stream(seed, "cancel contacts")
    cancelling, by = open_cases(rng, cancelling, customers, hours)
    calls = contacts_of(world, rng, cancelling, by, agents, hours, first_case=len(openings))
    contacts = joined_contacts(contacts, calls)
    contacts = contacts.take(contacts.started // DAY <= leaving.left[contacts.customer])
    events = events.take(events.started // DAY <= leaving.left[events.customer])
    switchboard = _switchboard(world, stream(seed, "switchboard"), agents, hours, count=count, days=days)
    shared = np.arange(len(contacts) + len(switchboard)) >= len(contacts)
    contacts = joined_contacts(contacts, switchboard)
    return _Lives(customers, agents, hours, events, contacts, shared, leaving)


def _openings(
    world: World,
    customers: people.Customers,
    hours: Hours,
    events: Events,
    *,
    seed: int,
    first: int,
    days: int,
) -> tuple[Openings, NDArray[np.int8], Events]:
    """Chance cases, cases caused upstream, and the claims that some of them open with what those cause in turn."""
    chance = chance_cases(world, stream(seed, "chance"), customers, hours, first=first, last=days)
    caused = upstream.excess_cases(world, stream(seed, "excess"), customers, hours, events)
    opened, channel = open_cases(stream(seed, "openings"), joined_openings(chance, caused), customers, hours)
    inside = opened.moment < days * DAY
    opened, channel = opened.take(inside), channel[inside]
    claims = upstream.make_claims(world, stream(seed, "claims"), opened)
    status = upstream.excess_cases(world, stream(seed, "status"), customers, hours, claims)
    status, by = open_cases(stream(seed, "status openings"), status, customers, hours)
    inside = status.moment < days * DAY
    openings = joined_openings(opened, status.take(inside))
    return openings, np.concatenate([channel, by[inside]]), joined_events(events, claims)


def _switchboard(
    world: World, rng: np.random.Generator, agents: people.Agents, hours: Hours, *, count: int, days: int
) -> Contacts:
    """Calls of many people under one customer number, on a few working days, each matter a person's own."""
    working = np.flatnonzero(hours.kinds[-hours.first : days - hours.first] == 0)
    busy = math.ceil(world.shared_id_days * min(days / 365, 1) * min(count / 2500, 1))
    chosen = rng.choice(working, size=min(busy, len(working)), replace=False)
    calls = np.repeat(np.sort(chosen), world.shared_id_contacts_per_day)
    moment = calls.astype(np.int64) * DAY + rng.integers(8 * HOUR, 17 * HOUR, len(calls))
    mix = np.array(world.reason_mix)[None, :] / sum(world.reason_mix)
    openings = Openings(
        customer=np.full(len(calls), people.SHARED_CUSTOMER, dtype=np.int32),
        moment=np.sort(moment),
        reason=pick(rng, mix, np.zeros(len(calls), dtype=np.int8)),
        cause=np.zeros(len(calls), dtype=np.int8),
    )
    channel = np.full(len(calls), PHONE, dtype=np.int8)
    alone = replace(world, longest_chain=1)
    return contacts_of(alone, rng, openings, channel, agents, hours, first_case=2_000_000_000)


def _record(world: World, lives: _Lives, *, seed: int, start: np.datetime64, days: int) -> SampleClient:
    contacts, agents, leaving = lives.contacts, lives.agents, lives.leaving
    last_day = np.where(lives.shared, churn.STAYS, leaving.left[np.where(lives.shared, 0, contacts.customer)])
    recorded = rows.rows_of(
        world, stream(seed, "rows"), contacts, agents, lives.hours, last_day=last_day.astype(np.int32), days=days
    )
    codes = recording.codes_of(world, stream(seed, "codes"), recorded, contacts, agents)
    identity = recording.identity_of(world, stream(seed, "identity"), recorded, contacts, shared=lives.shared)
    table = recording.contacts_table(
        world, stream(seed, "table"), recorded, contacts, agents, codes=codes, identity=identity, start=start
    )
    hidden = recording.hidden_table(recorded, contacts, table["contact_id"], shared=lives.shared)
    own = contacts.take(~lives.shared)
    asked = _asked(world, lives, recorded, identity, own, seed=seed, days=days)
    surveys_table, hidden_surveys = surveys.surveys_table(asked, table["contact_id"], start=start, days=days)
    who = people.customers_table(
        lives.customers, start=start, days=days, notice=leaving.notice, left=leaving.left, kind=leaving.kind
    )
    if world.shared_id_days:
        who = people.with_switchboard(who, start=start)
    tables = {
        "contacts": table,
        "customers": who,
        "surveys": surveys_table,
        "process_events": upstream.events_table(lives.events, start=start, last=days),
        "visits": surroundings.visits_table(
            world, stream(seed, "visits"), own, lives.customers, left=leaving.left, start=start, days=days
        ),
        "agents": people.agents_table(agents, stream(seed, "agents table"), start=start, days=days),
        "audits": surroundings.audits_table(
            world, stream(seed, "audits"), recorded, contacts, codes, table["contact_id"]
        ),
        "volumes": surroundings.volumes_table(lives.customers, lives.events, left=leaving.left, start=start, days=days),
    }
    truth = truth_of(world, tables, hidden, hidden_surveys, seed=seed, start=start, days=days)
    return SampleClient(tables, truth, hidden, hidden_surveys, world)


def _asked(
    world: World,
    lives: _Lives,
    recorded: rows.Rows,
    identity: NDArray[np.int64],
    own: Contacts,
    *,
    seed: int,
    days: int,
) -> pd.DataFrame:
    """Everybody asked in any survey."""
    after = surveys.contact_surveys(world, stream(seed, "contact surveys"), recorded, lives.contacts, identity)
    relation = surveys.customer_surveys(
        stream(seed, "customer surveys"), lives.customers, own, left=lives.leaving.left, days=days
    )
    staff = surveys.agent_surveys(stream(seed, "agent surveys"), lives.agents, days=days)
    return pd.concat([after, relation, staff], ignore_index=True)
