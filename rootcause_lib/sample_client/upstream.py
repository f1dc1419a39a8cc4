"""Upstream processes: what the company did or failed to do, and the cases it causes above chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rootcause_lib.sample_client.draws import flags, moments, numbered, text_of
from rootcause_lib.sample_client.hours import DAY, HOUR, Hours
from rootcause_lib.sample_client.matters import PROCESSES, REASONS, REGIONS
from rootcause_lib.sample_client.people import YEAR, Customers, customer_ids
from rootcause_lib.sample_client.world import World

INVOICE, BILLING, DELIVERY, OUTAGE, CLAIM = range(len(PROCESSES))
NOT_KNOWN = np.iinfo(np.int64).min
# What the customers call about after each process: (reason, share).
CALLS_ABOUT = (
    (("laskutus", 0.85), ("sopimus", 0.15)),
    (("laskuvirhe", 0.90), ("laskutus", 0.10)),
    (("toimitus", 0.92), ("tekninen", 0.08)),
    (("katko", 0.90), ("tekninen", 0.10)),
    (("reklamaatio", 0.95), ("muu", 0.05)),
)


@dataclass(frozen=True, slots=True)
class Events:
    """One entry per event, in seconds after the start's midnight; NOT_KNOWN where there is no such moment."""

    customer: NDArray[np.int32]
    process: NDArray[np.int8]
    started: NDArray[np.int64]
    due: NDArray[np.int64]
    ended: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, kept: NDArray[np.bool_]) -> Events:
        return Events(self.customer[kept], self.process[kept], self.started[kept], self.due[kept], self.ended[kept])


@dataclass(frozen=True, slots=True)
class Openings:
    """Cases to be opened: who, when, about what, and what caused it (a position in CAUSES)."""

    customer: NDArray[np.int32]
    moment: NDArray[np.int64]
    reason: NDArray[np.int8]
    cause: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, kept: NDArray[np.bool_] | NDArray[np.intp]) -> Openings:
        return Openings(self.customer[kept], self.moment[kept], self.reason[kept], self.cause[kept])


def joined_events(*parts: Events) -> Events:
    """Events one after another."""
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))


def joined_openings(*parts: Openings) -> Openings:
    """Openings one after another."""
    return Openings(*(np.concatenate([getattr(part, name) for part in parts]) for name in Openings.__slots__))


def make_events(world: World, rng: np.random.Generator, customers: Customers, *, first: int, last: int) -> Events:
    """Invoices right and wrong, deliveries and outages from day `first` up to `last`; claims come from contacts."""
    parts = (
        _invoices(world, rng, customers, first=first, last=last),
        _deliveries(world, rng, customers, first=first, last=last),
        _outages(world, rng, customers, first=first, last=last),
    )
    events = joined_events(*parts)
    return events.take(events.started >= customers.joined[events.customer].astype(np.int64) * DAY)


def _invoices(world: World, rng: np.random.Generator, customers: Customers, *, first: int, last: int) -> Events:
    """Each customer is invoiced at even distances, on an own day and by night; some invoices are wrong."""
    each = max(world.invoices_per_year, 1)
    step = 365 // each
    turns = ((last - first) // step + 1) if world.invoices_per_year else 0
    offset = rng.integers(0, step, len(customers))
    day = (first + offset[:, None] + step * np.arange(turns)[None, :]).ravel()
    customer = np.repeat(np.arange(len(customers), dtype=np.int32), turns)
    inside = day < last
    day, customer = day[inside], customer[inside]
    share = np.full(len(day), world.billing_error_share)
    if world.fix_day is not None:
        share[day >= world.fix_day] *= 1 - world.fix_effect
    wrong = rng.random(len(day)) < share
    started = day.astype(np.int64) * DAY + 2 * HOUR
    return Events(
        customer=customer,
        process=np.where(wrong, BILLING, INVOICE).astype(np.int8),
        started=started,
        due=np.full(len(day), NOT_KNOWN),
        ended=np.full(len(day), NOT_KNOWN),
    )


def _deliveries(world: World, rng: np.random.Generator, customers: Customers, *, first: int, last: int) -> Events:
    """Ordered by day, promised in five to ten days, some delivered late by an exponential number of days."""
    counts = rng.poisson(world.deliveries_per_year * (last - first) / YEAR, len(customers))
    customer = np.repeat(np.arange(len(customers), dtype=np.int32), counts)
    started = first * DAY + (rng.random(len(customer)) * (last - first) * DAY).astype(np.int64)
    due_day = started // DAY + rng.integers(5, 11, len(customer))
    late = rng.random(len(customer)) < world.late_share
    days_late = np.where(late, 1 + rng.exponential(max(world.days_late_mean - 1, 0.01), len(customer)), 0.0)
    early = np.where(late, 0, rng.integers(0, 4, len(customer)))
    ended_day = np.maximum(due_day - early, started // DAY + 1) + days_late.astype(np.int64)
    return Events(
        customer=customer,
        process=np.full(len(customer), DELIVERY, dtype=np.int8),
        started=started,
        due=due_day * DAY,
        ended=ended_day * DAY + rng.integers(9 * HOUR, 17 * HOUR, len(customer)),
    )


def _outages(world: World, rng: np.random.Generator, customers: Customers, *, first: int, last: int) -> Events:
    """Each outage strikes one region and reaches a share of its customers for some hours."""
    count = rng.poisson(world.outages_per_year * (last - first) / YEAR)
    starts = first * DAY + (rng.random(count) * (last - first) * DAY).astype(np.int64)
    lengths = (rng.gamma(2.0, 3.0, count) * HOUR).astype(np.int64) + HOUR // 2
    regions = rng.integers(0, len(REGIONS), count)
    hit = [
        np.flatnonzero((customers.region == region) & (rng.random(len(customers)) < world.outage_reach))
        for region in regions
    ]
    sizes = [len(one) for one in hit]
    return Events(
        customer=np.concatenate([np.empty(0, dtype=np.int32), *hit]).astype(np.int32),
        process=np.full(sum(sizes), OUTAGE, dtype=np.int8),
        started=np.repeat(starts, sizes),
        due=np.full(sum(sizes), NOT_KNOWN),
        ended=np.repeat(starts + lengths, sizes),
    )


def make_claims(world: World, rng: np.random.Generator, openings: Openings) -> Events:
    """Claims opened by the opening contact of claim cases, settled slowly."""
    about = openings.reason == REASONS.index("reklamaatio")
    opened = about & (rng.random(len(openings)) < world.claim_share)
    started = openings.moment[opened]
    took = (rng.lognormal(np.log(18.0), 0.7, len(started)) * DAY).astype(np.int64)
    return Events(
        customer=openings.customer[opened],
        process=np.full(len(started), CLAIM, dtype=np.int8),
        started=started,
        due=started + 14 * DAY,
        ended=started + took,
    )


def excess_cases(
    world: World, rng: np.random.Generator, customers: Customers, hours: Hours, events: Events
) -> Openings:
    """Cases above the customers' own rates: in a band with rate ratio R, (R - 1) times the chance rate."""
    bands = [
        (INVOICE, 0.0, 7.0, world.invoice_ratio),
        (BILLING, 0.0, 7.0, world.billing_ratios[0]),
        (BILLING, 7.0, 21.0, world.billing_ratios[1]),
        *zip((DELIVERY,) * 4, (1.0, 3.0, 7.0, 14.0), (3.0, 7.0, 14.0, 1e4), world.delivery_ratios, strict=True),
        (OUTAGE, 0.0, 1.0, world.outage_ratios[0]),
        (OUTAGE, 1.0, 3.0, world.outage_ratios[1]),
        (CLAIM, 0.0, 28.0, world.claim_ratio),
    ]
    return joined_openings(*(_excess_in_band(rng, customers, hours, events, *band) for band in bands))


def _excess_in_band(
    rng: np.random.Generator,
    customers: Customers,
    hours: Hours,
    events: Events,
    process: int,
    low: float,
    high: float,
    ratio: float,
) -> Openings:
    which = np.flatnonzero(events.process == process)
    customer = events.customer[which]
    clock = events.due[which] if process == DELIVERY else events.started[which]
    length = np.full(len(which), (high - low) * DAY)
    if process == DELIVERY:
        overdue = events.ended[which] - clock
        length = np.clip(overdue - low * DAY, 0, (high - low) * DAY)
    peak = float(hours.demand.max())
    expected = customers.rate[customer] * (length / DAY) * max(ratio - 1, 0.0) * peak
    drawn = np.repeat(np.arange(len(which)), rng.poisson(expected))
    moment = clock[drawn] + (low * DAY + rng.random(len(drawn)) * length[drawn]).astype(np.int64)
    day = np.minimum(moment // DAY - hours.first, len(hours.demand) - 1)
    kept = rng.random(len(drawn)) * peak < hours.demand[day]
    drawn, moment = drawn[kept], moment[kept]
    reasons = np.array([REASONS.index(name) for name, _ in CALLS_ABOUT[process]], dtype=np.int8)
    shares = np.array([share for _, share in CALLS_ABOUT[process]])
    return Openings(
        customer=customer[drawn],
        moment=moment,
        reason=rng.choice(reasons, size=len(drawn), p=shares),
        cause=np.full(len(drawn), process + 1, dtype=np.int8),
    )


def events_table(events: Events, *, start: np.datetime64, last: int) -> pd.DataFrame:
    """The canonical process events up to day `last`; ends that lie after it are not yet known."""
    seen = events.take((events.started >= 0) & (events.started < last * DAY))
    order = np.lexsort((seen.process, seen.customer, seen.started))
    has_due, has_end = seen.due[order] != NOT_KNOWN, (seen.ended != NOT_KNOWN)[order] & (seen.ended[order] < last * DAY)
    number = np.arange(len(order))
    return pd.DataFrame(
        {
            "event_id": numbered(number + 1, width=7, prefix="T"),
            "customer_id": customer_ids(seen.customer[order]),
            "process": text_of(seen.process[order], PROCESSES),
            "started_at": moments(seen.started[order], start),
            "due_at": moments(np.where(has_due, seen.due[order], 0), start, known=has_due),
            "ended_at": moments(np.where(has_end, seen.ended[order], 0), start, known=has_end),
            "reference": numbered(700_000 + number, width=8),
            "opened_by_contact": flags(seen.process[order] == CLAIM),
        }
    )
