"""How much each hour counts: contacts come by weekday, public holiday and hour, whatever else is going on.

Time is weighed by what its hour usually brings, so that a night is little time and a Monday morning much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.journeys import constant_rows, day_number, day_of
from rootcause_lib.periods import Period, end_second, first_second, zone
from rootcause_lib.public_holidays import country_of, public_holidays
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

HOUR_SECONDS = 3600
HOURS = 24
HOLIDAY = 7
"""Kinds of day are the weekdays from 0, Monday, and this."""
LONGEST_HOURS = 1_000_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """A period on the local clock: its first and end second (UTC) and the public holidays among its days."""

    period: Period
    time_zone: str
    holidays: frozenset[dt.date]

    @property
    def first(self) -> int:
        return first_second(self.period.start, time_zone=self.time_zone)

    @property
    def end(self) -> int:
        return end_second(self.period.end, time_zone=self.time_zone)

    @property
    def hours(self) -> int:
        """Hours that have begun before the end."""
        return -((self.first - self.end) // HOUR_SECONDS)

    def days_by_kind(self) -> np.ndarray:
        """How many days there are of each kind: seven weekdays, public holidays."""
        days = [self.period.start + dt.timedelta(days=number) for number in range(self.period.days)]
        kinds = [HOLIDAY if day in self.holidays else day.weekday() for day in days]
        return np.bincount(kinds, minlength=HOLIDAY + 1)

    def clock_changes(self) -> list[Mapping[str, Value]]:
        """Stretches of hours during which the local clock is as far ahead of where it would be unchanged."""
        local = zone(self.time_zone)

        def ahead(hour: int) -> int:
            offset = dt.datetime.fromtimestamp(self.first + hour * HOUR_SECONDS, local).utcoffset()
            return int((offset or dt.timedelta()).total_seconds() // HOUR_SECONDS)

        edges = [0]
        for day in range(0, self.hours, HOURS):
            last = min(day + HOURS, self.hours)
            if ahead(day) != ahead(last):
                edges.append(next(hour for hour in range(day, last + 1) if ahead(hour) != ahead(day)))
        until = [*edges[1:], LONGEST_HOURS]
        return [
            {"from_hour": begun, "until_hour": over, "ahead_hours": ahead(begun) - ahead(0)}
            for begun, over in zip(edges, until, strict=True)
        ]


def calendar_of(store: Store, period: Period) -> Calendar:
    """The period with the public holidays of the engagement's country, else of the time zone's."""
    client = store.engagement.engagement
    country = client.country or country_of(client.time_zone)
    return Calendar(period, client.time_zone, public_holidays(country, period))


def settle_demand(store: Store, calendar: Calendar) -> None:
    """Keep the demand of every hour of the period as the table `hourly_demand`, mean 1."""
    days: list[Mapping[str, Value]] = [{"day": day_number(day)} for day in sorted(calendar.holidays)]
    store.engine.materialise("public_holidays", constant_rows("public_holidays", days))
    store.engine.materialise("clock_changes", constant_rows("clock_changes", calendar.clock_changes()))
    between: dict[str, Value] = {"from_seconds": calendar.first, "until_seconds": calendar.end}
    demand = demand_by_kind(store.engine.run(statement("demand_counts", values=between)), calendar.days_by_kind())
    rows: list[Mapping[str, Value]] = [
        {"kind_of_day": kind, "hour": hour, "demand": float(demand[kind, hour])}
        for kind in range(HOLIDAY + 1)
        for hour in range(HOURS)
    ]
    store.engine.materialise("day_demand", constant_rows("day_demand", rows))
    values: dict[str, Value] = {"hours": calendar.hours, "start_day": day_number(calendar.period.start)}
    store.engine.materialise("hourly_demand", statement("hourly_demand", values=values))


def demand_by_kind(counts: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Contacts of an hour of each kind of day (kinds x hours), relative to the mean hour of the period.

    Each has one contact at the mean rate put to it, so that no hour is impossible and a holiday of three contacts is
    taken for an ordinary day.
    """
    number = np.zeros((HOLIDAY + 1, HOURS))
    number[counts["kind_of_day"].to_numpy(dtype=int), counts["hour"].to_numpy(dtype=int)] = counts["contacts"]
    mean = max(number.sum(), 1.0) / (days.sum() * HOURS)
    demand = (number + 1) / (days[:, None] + 1 / mean)
    return demand * days.sum() * HOURS / (days @ demand).sum()


def events_by_day(store: Store, period: Period) -> pd.DataFrame:
    """How processes strike: process, day, events, customers (known ones), one row per process and day with an event.

    What strikes nearly everybody on one day tells no customer from another.
    """
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    table = store.engine.run(statement("events_by_day", values=days))
    table = table[table["process"].isin(list(store.engagement.processes))]
    table = table.assign(day=[day_of(day) for day in table["day"]])
    return table.sort_values(["process", "day"], ignore_index=True)
