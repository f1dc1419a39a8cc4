"""Contacts as rows of the client's systems: legs, abandoned attempts, call-backs, calls between colleagues."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.hours import CHAT, DAY, PHONE, SELF_SERVICE, Hours, when_open
from rootcause_lib.sample_client.people import (
    Agents,
)
from rootcause_lib.sample_client.world import World

KINDS = ("contact", "first_leg", "second_leg", "abandoned", "callback", "internal")
CONTACT, FIRST_LEG, SECOND_LEG, ABANDONED, CALLBACK, INTERNAL = range(len(KINDS))
SHORTEST_TRANSFERRED = 120
LONGEST_GAP = 40


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
