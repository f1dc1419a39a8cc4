"""Leaving: weekly hazards that depend on contacts and problems, notice, the calls to cancel, the last day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rootcause_lib.sample_client.cases import Contacts
from rootcause_lib.sample_client.hours import DAY
from rootcause_lib.sample_client.matters import CAUSES, PROCESSES, REASONS
from rootcause_lib.sample_client.people import YEAR, Customers
from rootcause_lib.sample_client.upstream import Events, Openings
from rootcause_lib.sample_client.world import World

STAYS = 1_000_000
"""The notice and last day of a customer who does not leave."""
WEEK = 7
CHOICE, NOT_CHOICE, MOVED_WITHIN = range(3)
# Ratios of the weekly hazard that are known to the client: first year, segment, ten weeks before a term ends, within a
# term otherwise.
FIRST_YEAR = 1.3
SEGMENT_HAZARDS = (1.0, 1.6, 0.6, 0.8)
TERM_ENDING = 2.2
IN_TERM = 0.6
TERM_WEEKS = 10
RESOLVED, UNRESOLVED, MANY = 1, 2, 4
FIRST_PROBLEM_BIT = 3


@dataclass(frozen=True, slots=True)
class Leaving:
    """One entry per customer: the day notice was given, the last day, and why; STAYS for those who stay."""

    notice: NDArray[np.int32]
    left: NDArray[np.int32]
    kind: NDArray[np.int8]


def leave(
    world: World, rng: np.random.Generator, customers: Customers, contacts: Contacts, events: Events, *, days: int
) -> Leaving:
    """Week by week from the start: who gives notice, by a complementary log-log hazard.

    A week's hazard depends on the `contact_effect_weeks` and `problem_effect_weeks` weeks before it,
    never on the week itself.
    """
    count = len(customers)
    notice = np.full(count, STAYS, dtype=np.int32)
    kind = np.full(count, CHOICE, dtype=np.int8)
    if world.leaving_per_year <= 0 and world.leaving_not_by_choice_per_year <= 0:
        return Leaving(notice, notice.copy(), kind)
    history = max(world.contact_effect_weeks, world.problem_effect_weeks)
    weeks = -(-days // WEEK)
    marks = _marks(world, contacts, events, count, history=history, weeks=weeks)
    ratios = _ratios(world)
    own = world.leaving_per_year * WEEK / YEAR * np.array(SEGMENT_HAZARDS)[customers.segment]
    own = own * customers.frailty**world.frailty_hazard
    other = world.leaving_not_by_choice_per_year * WEEK / YEAR
    for week in range(weeks):
        day = week * WEEK
        recent = _recent(world, marks, history + week)
        hazard = own * ratios[recent] * _known_ratio(customers, day)
        present = (notice == STAYS) & (customers.joined < day)
        chance = rng.random(count)
        by_choice = present & (chance < -np.expm1(-hazard))
        otherwise = present & ~by_choice & (rng.random(count) < other)
        goes = by_choice | otherwise
        notice[goes] = day + rng.integers(0, WEEK, int(goes.sum()))
        kind[otherwise] = NOT_CHOICE
    gone = notice < STAYS
    within = gone & (kind == CHOICE) & (rng.random(count) < world.moved_within_share)
    kind[within] = MOVED_WITHIN
    left = notice.copy()
    left[gone] += rng.integers(0, world.longest_notice_days + 1, int(gone.sum()))
    return Leaving(notice, left.astype(np.int32), kind)


def _known_ratio(customers: Customers, day: int) -> NDArray[np.float64]:
    ratio = np.where(day - customers.joined < 365, FIRST_YEAR, 1.0)
    has_term = customers.term > 0
    ending = customers.term_ends(day) - day < TERM_WEEKS * WEEK
    return np.asarray(ratio * np.where(has_term, np.where(ending, TERM_ENDING, IN_TERM), 1.0))


def _marks(
    world: World, contacts: Contacts, events: Events, count: int, *, history: int, weeks: int
) -> NDArray[np.uint8]:
    """What happened to whom in which week, as bits: week x customer, `history` weeks before the start first."""
    marks = np.zeros((weeks + history, count), dtype=np.uint8)

    def mark(customer: NDArray[np.int32], moment: NDArray[np.int64], bit: int) -> None:
        week = moment // DAY // WEEK + history
        inside = (week >= 0) & (week < weeks + history)
        marks.reshape(-1)[week[inside] * count + customer[inside]] |= np.uint8(bit)

    mark(contacts.customer[contacts.resolved], contacts.started[contacts.resolved], RESOLVED)
    mark(contacts.customer[~contacts.resolved], contacts.started[~contacts.resolved], UNRESOLVED)
    for number, process in enumerate(PROCESSES[1:], start=1):
        own = events.process == number
        if process == "delivery":  # a delivery becomes a problem when it is a day late
            own &= events.ended - events.due >= DAY
        moment = events.due[own] + DAY if process == "delivery" else events.started[own]
        mark(events.customer[own], moment, 1 << (FIRST_PROBLEM_BIT + number - 1))
    if world.contact_hazard_three_or_more != 1.0:
        counts = _weekly_counts(contacts, count, history=history, weeks=weeks)
        for row in range(history, weeks + history):
            many = counts[row - world.contact_effect_weeks : row].sum(axis=0, dtype=np.int16) >= 3
            marks[row - 1, many] |= np.uint8(MANY)
    return marks


def _weekly_counts(contacts: Contacts, count: int, *, history: int, weeks: int) -> NDArray[np.uint8]:
    """Contacts per week and customer, laid out as the marks."""
    counts = np.zeros((weeks + history, count), dtype=np.uint8)
    week = contacts.started // DAY // WEEK + history
    for row in range(weeks + history):
        counts[row] = np.minimum(np.bincount(contacts.customer[week == row], minlength=count), 25)
    return counts


def _recent(world: World, marks: NDArray[np.uint8], row: int) -> NDArray[np.uint8]:
    """The bits of the weeks before a week: contacts over their weeks, problems over theirs."""
    contact_bits = np.uint8(RESOLVED | UNRESOLVED)
    problem_bits = np.uint8(255 & ~(RESOLVED | UNRESOLVED | MANY))
    contact = np.bitwise_or.reduce(marks[row - world.contact_effect_weeks : row], axis=0) & contact_bits
    problem = np.bitwise_or.reduce(marks[row - world.problem_effect_weeks : row], axis=0) & problem_bits
    return np.asarray(contact | problem | (marks[row - 1] & np.uint8(MANY)))


def _ratios(world: World) -> NDArray[np.float64]:
    """The hazard ratio of every combination of bits."""
    bits = np.arange(256)
    ratio = np.where(bits & RESOLVED, world.contact_hazard_resolved, 1.0)
    ratio = np.where(bits & UNRESOLVED, world.contact_hazard_unresolved, ratio)
    ratio = ratio * np.where(bits & MANY, world.contact_hazard_three_or_more, 1.0)
    for number, process in enumerate(PROCESSES[1:]):
        ratio = ratio * np.where(bits & (1 << (FIRST_PROBLEM_BIT + number)), world.problem_hazards[process], 1.0)
    return np.asarray(ratio)


def cancellations(world: World, rng: np.random.Generator, leaving: Leaving) -> Openings:
    """Contacts to cancel, on the day of notice, by part of those who leave by choice."""
    going = (leaving.notice < STAYS) & (leaving.kind == CHOICE)
    calling = np.flatnonzero(going & (rng.random(len(going)) < world.calls_to_cancel))
    return Openings(
        customer=calling.astype(np.int32),
        moment=leaving.notice[calling].astype(np.int64) * DAY + 43_200,
        reason=np.full(len(calling), REASONS.index("irtisanominen"), dtype=np.int8),
        cause=np.full(len(calling), CAUSES.index("leaving"), dtype=np.int8),
    )
