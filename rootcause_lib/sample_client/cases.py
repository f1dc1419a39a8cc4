"""Cases and their contacts: opened, settled or not by true probabilities, come back to or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.draws import pick
from rootcause_lib.sample_client.hours import (
    CHAT,
    DAY,
    EMAIL,
    HOUR,
    PHONE,
    SELF_SERVICE,
    SOCIAL,
    Hours,
    at_some_hour,
    open_that_day,
    when_open,
)
from rootcause_lib.sample_client.matters import CAUSES, CHANNELS, NEXT_CHANNEL, REASONS
from rootcause_lib.sample_client.people import Agents, Customers
from rootcause_lib.sample_client.upstream import Openings
from rootcause_lib.sample_client.world import World, channel_choice, resolution_matrix

# By channel: mean wait and median handle time, median wrap-up (seconds); none on self-service.
WAITS = (70.0, 0.0, 35.0, 0.0, 0.0, 240.0)
HANDLES = (290.0, 380.0, 430.0, 240.0, 250.0, 520.0)
WRAP_UPS = (45.0, 30.0, 40.0, 0.0, 20.0, 30.0)
# Longer for hard matters, in the order of REASONS.
HANDLE_FACTORS = (1.3, 1.1, 0.8, 1.6, 1.5, 1.1, 1.0, 0.8, 0.7, 0.9, 0.9)
REPEAT_FACTOR = 1.15
NOVICE_FACTOR = 1.25
NOVICE_DAYS = 90
REPLY_HOURS = {EMAIL: 8.0, SOCIAL: 1.5}
NEVER = np.float32(np.nan)


@dataclass(frozen=True, slots=True)
class Contacts:
    """One entry per true contact, an answered one by the customer; moments in seconds after the start's midnight."""

    case: NDArray[np.int32]
    position: NDArray[np.int8]
    """1 for the contact that opens the case."""
    customer: NDArray[np.int32]
    reason: NDArray[np.int8]
    cause: NDArray[np.int8]
    channel: NDArray[np.int8]
    agent: NDArray[np.int32]
    """-1 on self-service."""
    started: NDArray[np.int64]
    wait: NDArray[np.int32]
    handle: NDArray[np.int32]
    wrap_up: NDArray[np.int32]
    ended: NDArray[np.int64]
    resolved: NDArray[np.bool_]
    next_delay: NDArray[np.float32]
    """Seconds from the end of this contact to the next of its case; NaN if none ever comes."""
    since: NDArray[np.float32]
    """Seconds from the end of the case's contact before; NaN for the opening contact."""

    def __len__(self) -> int:
        return len(self.case)

    def take(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Contacts:
        return Contacts(*(getattr(self, name)[kept] for name in self.__slots__))


def joined_contacts(*parts: Contacts) -> Contacts:
    """Contacts one after another."""
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in Contacts.__slots__))


def chance_cases(
    world: World, rng: np.random.Generator, customers: Customers, hours: Hours, *, first: int, last: int
) -> Openings:
    """Cases at each customer's own rate, spread over the days by demand, from joining on."""
    demand = hours.demand[: last - first]
    counts = rng.poisson(customers.rate * demand.sum())
    customer = np.repeat(np.arange(len(customers), dtype=np.int32), counts)
    edges = np.cumsum(demand) / demand.sum()
    day = np.searchsorted(edges, rng.random(len(customer)), side="right").astype(np.int64) + first
    moment = day * DAY + (rng.random(len(day), dtype=np.float32) * (DAY - 1)).astype(np.int64)
    mix = np.array(world.reason_mix)[None, :] / sum(world.reason_mix)
    openings = Openings(
        customer=customer,
        moment=moment,
        reason=pick(rng, mix, np.zeros(len(day), dtype=np.int8)),
        cause=np.zeros(len(day), dtype=np.int8),
    )
    return openings.take(day >= customers.joined[customer])


def open_cases(
    rng: np.random.Generator, openings: Openings, customers: Customers, hours: Hours
) -> tuple[Openings, NDArray[np.int8]]:
    """The cases at the moment their opening contact begins, and its channel, by segment, matter and opening hours."""
    choice = channel_choice().reshape(-1, len(CHANNELS))
    rows = customers.segment[openings.customer].astype(np.int32) * len(REASONS) + openings.reason
    days = openings.moment // DAY
    channel = open_that_day(hours, rng, days, pick(rng, choice, rows))
    if hours.continuous:
        return openings, channel
    moment = at_some_hour(hours, rng, days, channel)
    # an upstream cause comes before the contact it causes
    delay = (rng.random(len(moment), dtype=np.float32) * 2 * HOUR).astype(np.int64) + 300
    moment = np.where(_sudden(openings) & (moment < openings.moment), openings.moment + delay, moment)
    moment = when_open(hours, rng, moment, channel)
    return Openings(openings.customer, moment, openings.reason, openings.cause), channel


def _sudden(openings: Openings) -> NDArray[np.bool_]:
    """Cases of events whose hour matters: outages and claims."""
    return np.isin(openings.cause, (CAUSES.index("outage"), CAUSES.index("claim")))


def contacts_of(
    world: World,
    rng: np.random.Generator,
    openings: Openings,
    channel: NDArray[np.int8],
    agents: Agents,
    hours: Hours,
    *,
    first_case: int = 0,
) -> Contacts:
    """Every contact of the cases, in the order of position; chains run on however late, nobody leaves yet."""
    case = np.arange(first_case, first_case + len(openings), dtype=np.int32)
    current, moment = openings, openings.moment
    since = np.full(len(openings), NEVER, dtype=np.float32)
    parts = []
    for position in range(1, world.longest_chain + 1):
        part, back, following, when = _attend(
            world,
            rng,
            current,
            agents,
            hours,
            case=case,
            position=position,
            channel=channel,
            started=moment,
            since=since,
        )
        parts.append(part)
        if not len(back):
            break
        current, case, channel, moment, since = current.take(back), case[back], following, when, part.next_delay[back]
    return joined_contacts(*parts)


def _attend(
    world: World,
    rng: np.random.Generator,
    cases: Openings,
    agents: Agents,
    hours: Hours,
    *,
    case: NDArray[np.int32],
    position: int,
    channel: NDArray[np.int8],
    started: NDArray[np.int64],
    since: NDArray[np.float32],
) -> tuple[Contacts, NDArray[np.intp], NDArray[np.int8], NDArray[np.int64]]:
    """One contact of each case, and who comes back (positions), by which channel and when."""
    count = len(cases)
    alone = channel == SELF_SERVICE
    agent = np.where(alone, -1, agents.on_duty(rng, started // DAY)).astype(np.int32)
    skill = np.where(alone, 0.0, agents.skill[agent])
    resolved = rng.random(count) < resolution_matrix(world)[cases.reason, channel] + skill
    novice = (started // DAY - agents.hired[agent] < NOVICE_DAYS) & ~alone
    wait, handle, wrap_up, ended = _durations(rng, cases.reason, channel, started, novice, position)
    gives_up = position == world.longest_chain
    back = np.flatnonzero(~resolved & (rng.random(count) < world.comes_back) & (not gives_up))
    following, when = _come_back(world, rng, hours, channel[back], ended[back])
    next_delay = np.full(count, NEVER, dtype=np.float32)
    next_delay[back] = when - ended[back]
    contacts = Contacts(
        case=case,
        position=np.full(count, position, dtype=np.int8),
        customer=cases.customer,
        reason=cases.reason,
        cause=cases.cause,
        channel=channel,
        agent=agent,
        started=started,
        wait=wait,
        handle=handle,
        wrap_up=wrap_up,
        ended=ended,
        resolved=resolved,
        next_delay=next_delay,
        since=since,
    )
    return contacts, back, following, when


def _durations(
    rng: np.random.Generator,
    reason: NDArray[np.int8],
    channel: NDArray[np.int8],
    started: NDArray[np.int64],
    novice: NDArray[np.bool_],
    position: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Wait, handle and wrap-up seconds, and when the contact ended for the customer."""
    count = len(channel)
    wait = (np.array(WAITS)[channel] * rng.standard_exponential(count, dtype=np.float32)).astype(np.int32)
    median = np.array(HANDLES)[channel] * np.array(HANDLE_FACTORS)[reason] * np.where(novice, NOVICE_FACTOR, 1.0)
    if position > 1:
        median *= REPEAT_FACTOR
    spread = rng.standard_normal((3, count), dtype=np.float32)
    handle = np.clip(median * np.exp(0.5 * spread[0]), 15, 4 * HOUR).astype(np.int32)
    wrap_up = np.clip(np.array(WRAP_UPS)[channel] * np.exp(0.4 * spread[1]), 0, HOUR).astype(np.int32)
    lasted = (wait + handle).astype(np.int64)
    for written, median_hours in REPLY_HOURS.items():
        own = channel == written
        reply = np.clip(median_hours * HOUR * np.exp(0.8 * spread[2, own]), 600, 4 * DAY)
        lasted[own] = reply.astype(np.int64) + handle[own]
    return wait, handle, wrap_up, started + lasted


def _come_back(
    world: World, rng: np.random.Generator, hours: Hours, channel: NDArray[np.int8], ended: NDArray[np.int64]
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    count = len(channel)
    following = pick(rng, np.array(NEXT_CHANNEL), channel)
    delay = world.delay_median_days * DAY * np.exp(world.delay_sigma * rng.standard_normal(count, dtype=np.float32))
    quick = rng.random(count) < world.quick_switch
    quick &= (channel == CHAT) | (channel == SELF_SERVICE)
    following[quick] = PHONE
    delay[quick] = 120 + 2280 * rng.random(int(quick.sum()))
    when = ended + delay.astype(np.int64) + 1
    return following, when_open(hours, rng, when, following)
