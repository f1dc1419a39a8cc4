"""Contacts as the client's systems record them: legs, abandoned attempts, call-backs, codes, gaps in identity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.draws import flags, moments, numbered, pick, text_of, whole
from rootcause_lib.sample_client.hours import CHAT, DAY, EMAIL, PHONE, SELF_SERVICE, Hours, when_open
from rootcause_lib.sample_client.matters import CHANNELS, CODES, FAILURE_REASONS, REASONS
from rootcause_lib.sample_client.people import (
    UNKNOWN_CUSTOMERS,
    Agents,
    agent_ids,
    customer_ids,
    team_codes,
    team_names,
)
from rootcause_lib.sample_client.phrases import comment_codes, comments
from rootcause_lib.sample_client.world import World, confusion_matrix

KINDS = ("contact", "first_leg", "second_leg", "abandoned", "callback", "internal")
CONTACT, FIRST_LEG, SECOND_LEG, ABANDONED, CALLBACK, INTERNAL = range(len(KINDS))
SHORTEST_TRANSFERRED = 120
LONGEST_GAP = 40
SOLD_SHARE = 0.05
SELLING_REASONS = ("sopimus", "neuvonta")


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry per row of the contacts table; `contact` is the position in Contacts (of the call before a
    call-back, of the answered call after an abandoned one)."""

    contact: NDArray[np.int32]
    kind: NDArray[np.int8]
    channel: NDArray[np.int8]
    agent: NDArray[np.int32]
    started: NDArray[np.int64]
    wait: NDArray[np.int32]
    handle: NDArray[np.int32]
    ended: NDArray[np.int64]
    transfers: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.contact)

    def take(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Rows:
        return Rows(*(getattr(self, name)[kept] for name in self.__slots__))


def rows_of(
    world: World,
    rng: np.random.Generator,
    contacts: Contacts,
    agents: Agents,
    hours: Hours,
    *,
    last_day: NDArray[np.int32],
    days: int,
) -> Rows:
    """Rows in order of time, within the period; `last_day` is the customer's last, after which nobody is called."""
    plain, first, second = _legs(world, rng, contacts, agents)
    abandoned = _abandoned(world, rng, contacts)
    callback = _callbacks(world, rng, contacts, agents, hours, last_day)
    internal = _internal(world, rng, contacts, agents)
    parts = (plain, first, second, abandoned, callback, internal)
    rows = Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in Rows.__slots__))
    rows = rows.take((rows.started >= 0) & (rows.started < days * DAY))
    return rows.take(np.lexsort((rows.kind, rows.contact, rows.started)))


def _plain(contacts: Contacts, which: NDArray[np.intp], kind: int) -> Rows:
    return Rows(
        contact=which.astype(np.int32),
        kind=np.full(len(which), kind, dtype=np.int8),
        channel=contacts.channel[which],
        agent=contacts.agent[which],
        started=contacts.started[which],
        wait=contacts.wait[which],
        handle=contacts.handle[which],
        ended=contacts.ended[which],
        transfers=np.zeros(len(which), dtype=np.int8),
    )


def _legs(world: World, rng: np.random.Generator, contacts: Contacts, agents: Agents) -> tuple[Rows, Rows, Rows]:
    """Answered contacts as one row, or as two legs where the transfer made a row of its own."""
    spoken = (contacts.channel == PHONE) | (contacts.channel == CHAT)
    long_enough = spoken & (contacts.handle >= SHORTEST_TRANSFERRED)
    transferred = long_enough & (rng.random(len(contacts)) < world.transfer_share)
    split = transferred & (rng.random(len(contacts)) < world.transfers_as_legs)
    plain = _plain(contacts, np.flatnonzero(~split), CONTACT)
    plain = replace(plain, transfers=transferred[~split].astype(np.int8))
    which = np.flatnonzero(split)
    first, second = _plain(contacts, which, FIRST_LEG), _plain(contacts, which, SECOND_LEG)
    spent = (0.3 * contacts.handle[which]).astype(np.int32)
    gap = rng.integers(1, LONGEST_GAP + 1, len(which)).astype(np.int32)
    first_end = first.started + first.wait + spent
    first = replace(
        first,
        handle=spent,
        ended=first_end,
        transfers=np.ones(len(which), dtype=np.int8),
        agent=agents.on_duty(rng, first.started // DAY),
    )
    second = replace(
        second, started=first_end + gap, wait=np.zeros_like(gap), handle=contacts.handle[which] - spent - gap
    )
    return plain, first, second


def _abandoned(world: World, rng: np.random.Generator, contacts: Contacts) -> Rows:
    """An attempt given up some minutes before the call that was answered, and after the contact before."""
    room = np.where(np.isnan(contacts.since), 3600.0, np.minimum(contacts.since, 3600.0))
    gives_up = (contacts.channel == PHONE) & (room >= 1800) & (rng.random(len(contacts)) < world.abandoned_share)
    which = np.flatnonzero(gives_up)
    rows = _plain(contacts, which, ABANDONED)
    waited = np.clip(rng.exponential(150, len(which)), 5, 600).astype(np.int32)
    started = rows.started - waited - rng.integers(60, 1100, len(which))
    none = np.full(len(which), -1, dtype=np.int32)
    return replace(rows, agent=none, wait=waited, handle=np.zeros_like(waited), started=started, ended=started + waited)


def _callbacks(
    world: World,
    rng: np.random.Generator,
    contacts: Contacts,
    agents: Agents,
    hours: Hours,
    last_day: NDArray[np.int32],
) -> Rows:
    called = (contacts.channel != SELF_SERVICE) & (rng.random(len(contacts)) < world.callback_share)
    which = np.flatnonzero(called)
    rows = _plain(contacts, which, CALLBACK)
    channel = np.full(len(which), PHONE, dtype=np.int8)
    later = rows.ended + (rng.random(len(which)) * 2 * DAY).astype(np.int64) + 3600
    started = when_open(hours, rng, later, channel)
    handle = np.clip(rng.lognormal(np.log(150), 0.5, len(which)), 15, 3600).astype(np.int32)
    rows = replace(
        rows,
        channel=channel,
        agent=agents.on_duty(rng, started // DAY),
        started=started,
        wait=np.zeros_like(handle),
        handle=handle,
        ended=started + handle,
    )
    return rows.take(started // DAY <= last_day[which])


def _internal(world: World, rng: np.random.Generator, contacts: Contacts, agents: Agents) -> Rows:
    """Calls between colleagues, some time after a customer's call."""
    which = np.flatnonzero((contacts.channel == PHONE) & (rng.random(len(contacts)) < world.internal_share))
    rows = _plain(contacts, which, INTERNAL)
    started = rows.ended + rng.integers(30, 900, len(which))
    handle = np.clip(rng.lognormal(np.log(90), 0.5, len(which)), 10, 1800).astype(np.int32)
    return replace(
        rows,
        agent=agents.on_duty(rng, started // DAY),
        started=started,
        wait=np.zeros_like(handle),
        handle=handle,
        ended=started + handle,
    )


def codes_of(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, agents: Agents
) -> NDArray[np.int8]:
    """The reason each row was coded with: agents err by their own factor, systems do not; -1 where none was coded."""
    reason = contacts.reason[rows.contact]
    share = np.array(world.miscoded, dtype=np.float32)[reason]
    share = share * np.where(rows.agent >= 0, agents.miscoding[rows.agent], 0.0)
    wrong = np.flatnonzero(rng.random(len(rows), dtype=np.float32) < share)
    codes = reason.copy()
    if len(wrong):
        errors = confusion_matrix(world)
        errors[np.arange(len(REASONS)), np.arange(len(REASONS))] = 0
        totals = errors.sum(axis=1, keepdims=True)
        codes[wrong] = pick(rng, errors / np.where(totals > 0, totals, 1), reason[wrong])
    codes[(rows.kind == ABANDONED) | (rows.kind == INTERNAL)] = -1
    return codes


def identity_of(
    world: World, rng: np.random.Generator, rows: Rows, contacts: Contacts, *, shared: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The customer number each row carries: -1 where not identified, a number of no customer for orphans."""
    customer = contacts.customer.astype(np.int64)
    missing = np.array([world.unidentified[channel] for channel in CHANNELS])[contacts.channel]
    missing = (rng.random(len(contacts), dtype=np.float32) < missing) & ~shared
    orphan = (rng.random(len(contacts)) < world.orphan_share) & ~missing & ~shared
    customer[missing] = -1
    customer[orphan] += UNKNOWN_CUSTOMERS
    numbers = customer[rows.contact]
    numbers[rows.kind == INTERNAL] = -1
    return np.asarray(numbers)


def contacts_table(
    world: World,
    rng: np.random.Generator,
    rows: Rows,
    contacts: Contacts,
    agents: Agents,
    *,
    codes: NDArray[np.int8],
    identity: NDArray[np.int64],
    start: np.datetime64,
) -> pd.DataFrame:
    """The canonical contacts table."""
    count, of = len(rows), rows.contact
    answered = (rows.kind != ABANDONED) & (rows.agent >= 0)
    last = np.isin(rows.kind, (CONTACT, SECOND_LEG))
    queued = np.isin(rows.channel, (PHONE, CHAT)) & np.isin(rows.kind, (CONTACT, FIRST_LEG, ABANDONED))
    truly = contacts.resolved[of]
    says = np.where(truly, rng.random(count) >= world.flag_pessimism, rng.random(count) < world.flag_optimism)
    flagged = answered & last & (rng.random(count, dtype=np.float32) < world.flag_share)
    talks = (rng.random(len(contacts), dtype=np.float32) < world.conversation_id_share)[of]
    talks &= np.isin(rows.channel, (PHONE, CHAT)) & np.isin(rows.kind, (CONTACT, FIRST_LEG, SECOND_LEG))
    selling = truly & last & answered & np.isin(contacts.reason[of], [REASONS.index(name) for name in SELLING_REASONS])
    sold = selling & (rng.random(count) < SOLD_SHARE)
    revenue = np.where(answered & last, 0.0, np.nan)
    revenue[sold] = np.round(rng.gamma(3.0, 20.0, int(sold.sum())), 2)
    failure = np.isin(contacts.reason[of], [REASONS.index(reason) for reason in FAILURE_REASONS])
    complains = rng.random(count, dtype=np.float32) < np.where(failure, 0.35, 0.03)
    direction = np.where(rows.kind == CALLBACK, 1, np.where(rows.kind == INTERNAL, 2, 0))
    team = np.where(rows.agent >= 0, team_codes(agents)[rows.agent], -1)
    in_person = answered & np.isin(rows.channel, (PHONE, EMAIL, CHAT)) & last
    table = {
        "contact_id": numbered(np.arange(1, count + 1), width=8),
        "started_at": moments(rows.started, start),
        "ended_at": moments(rows.ended, start),
        "channel": text_of(rows.channel, CHANNELS),
        "direction": text_of(direction, ("inbound", "outbound", "internal")),
        "customer_id": customer_ids(identity),
        "reason": text_of(codes, CODES),
        "agent_id": agent_ids(rows.agent),
        "team": text_of(team, team_names(agents.holder.shape[0])),
        "wait_seconds": whole(rows.wait, known=queued),
        "handle_seconds": whole(rows.handle, known=answered),
        "wrap_up_seconds": whole(contacts.wrap_up[of], known=answered & last),
        "abandoned": flags(rows.kind == ABANDONED, known=np.isin(rows.channel, (PHONE, CHAT))),
        "transfers": whole(rows.transfers, known=answered),
        "resolved": flags(says, known=flagged),
        "conversation_id": numbered(np.where(talks, of + 1, -1), width=8, prefix="K"),
        "revenue": revenue,
        "complained": flags(complains, known=in_person),
    }
    if world.text_share > 0:
        written = in_person & (rng.random(count, dtype=np.float32) < world.text_share)
        table["text"] = text_of(comment_codes(rng, contacts.reason[of], written), comments())
    return pd.DataFrame(table)


def hidden_table(rows: Rows, contacts: Contacts, contact_id: pd.Series, *, shared: NDArray[np.bool_]) -> pd.DataFrame:
    """What no export holds, row by row of the contacts table: the true matter, outcome and case."""
    of = rows.contact
    return pd.DataFrame(
        {
            "contact_id": contact_id,
            "row": pd.Categorical.from_codes(rows.kind, pd.Index(KINDS)),
            "true_contact": of,
            "case": np.where(shared[of], -1, contacts.case[of]),
            "position": contacts.position[of],
            "customer": contacts.customer[of],
            "shared_id": shared[of],
            "reason": pd.Categorical.from_codes(contacts.reason[of], pd.Index(REASONS)),
            "cause_code": contacts.cause[of],
            "resolved": contacts.resolved[of],
            "next_delay_seconds": contacts.next_delay[of],
        }
    )
