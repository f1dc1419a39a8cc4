"""Which two periods are compared, and over how many customers' days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

Compare = Literal["previous", "year_before"]
COMPARISONS: tuple[Compare, ...] = ("previous", "year_before")
WEEK_DAYS = 7
YEAR_DAYS = 52 * WEEK_DAYS
"""A year back is 52 weeks: weekdays then stand against the same weekdays."""

ExposureUnit = Literal["customer_days", "days", "events"]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two equally long periods, both wholly in the data."""

    before: Period
    period: Period

    @property
    def values(self) -> Mapping[str, Value]:
        """As statements name them."""
        return {
            "before_start_day": day_number(self.before.start),
            "before_end_day": day_number(self.before.end),
            "start_day": day_number(self.period.start),
            "end_day": day_number(self.period.end),
        }


def in_the_data(store: Store, period: Period) -> Period:
    """The part of a period that the data cover."""
    return Period(max(period.start, store.observed_from), min(period.end, store.observed_until))


def period_before(period: Period, *, compare: str) -> Period:
    """The equally long period just before, or 52 weeks back (of a longer one, as far back as it takes not to meet)."""
    if compare not in COMPARISONS:
        raise ParameterError(unknown_choice("comparison", compare, COMPARISONS))
    if compare == "previous" or period.days > YEAR_DAYS:
        return period.before()
    back = dt.timedelta(days=YEAR_DAYS)
    return Period(period.start - back, period.end - back)


def compared_periods(store: Store, period: Period, *, compare: str) -> Compared | None:
    """The covered part of a period and what it is compared with; None where that is not wholly in the data."""
    covered = in_the_data(store, period)
    before = period_before(covered, compare=compare)
    return Compared(before, covered) if before.start >= store.observed_from else None


def comparable(store: Store, period: Period) -> Period:
    """The latest part of a period that has an equally long one just before it in the data, in whole weeks if it can.

    The period itself where that can be compared. A report on all that the data cover is so compared half with half.
    """
    covered = in_the_data(store, period)
    known = (covered.end - store.observed_from).days + 1
    if 2 * covered.days <= known or known < 2:
        return covered
    days = known // 2
    days -= days % WEEK_DAYS if days >= WEEK_DAYS else 0
    return Period(covered.end - dt.timedelta(days=days - 1), covered.end)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much time there was in which somebody could make contact.

    by_segment: columns segment, days_before, days; days as a customer, or the days of the periods where the customers
    are not in the data (one row without a segment).
    """

    unit: ExposureUnit
    by_segment: pd.DataFrame

    @property
    def all_before(self) -> float:
        return float(self.by_segment["days_before"].sum())

    @property
    def all_after(self) -> float:
        return float(self.by_segment["days"].sum())


def exposure(store: Store, compared: Compared) -> Exposure:
    """Days as a customer by segment; the days themselves where nobody is known to have been a customer."""
    found = store.engine.run(statement("customer_days", values=compared.values))
    sums = found.groupby("segment", dropna=False, sort=True)[["days_before", "days"]].sum().reset_index()
    if len(sums) and (sums[["days_before", "days"]].sum() > 0).all():
        return Exposure("customer_days", sums)
    days = float(compared.period.days)
    return Exposure("days", pd.DataFrame({"segment": [None], "days_before": [days], "days": [days]}))
