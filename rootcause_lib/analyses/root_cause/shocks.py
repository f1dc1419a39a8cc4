"""Events that strike everybody at once: what they brought, from daily volumes.

Within a customer such an event can't be told from the calendar, so these processes leave the incidence.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.customers import keep_customer_time
from rootcause_lib.demand import calendar_of, events_by_day
from rootcause_lib.grades import Grading
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.statistics.daily_excess import Excess, excess_of_windows
from rootcause_lib.store import Store

STRIKES_ALL = 0.5
"""Share of the customers whom the events of one day must strike to be a shock."""
MOSTLY = 0.5
"""Share of a process's events on such days from which on the whole process leaves the incidence."""
HOLIDAY = 7

COLUMNS = (
    "process", "day", "events", "customers", "customers_share", "until_day", "contacts", "expected", "excess", "low",
    "high", "level", "method", "claim", "grade", "grade_reasons", "reason_untold",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shocks:
    """shocks: the public frame, one row per process and day that struck everybody. processes: those that leave the
    incidence, since most of their events were of that kind."""

    shocks: pd.DataFrame
    processes: tuple[str, ...]


def process_shocks(store: Store, period: Period) -> Shocks:
    """The days on which a process struck at least half of the customers, and enough of them for grade C, with the
    contacts above what weekday, holiday and season let expect, from the day of the events to the last day of the
    process's bands (or the next such day)."""
    days = events_by_day(store, period)
    present = _customers_present(store, period)
    if days.empty or not present > 0:
        return Shocks(pd.DataFrame(columns=list(COLUMNS)), ())
    days = days.assign(customers_share=(days["customers"] / present).clip(upper=1.0))
    # Half of a handful is nobody in particular.
    several = days["customers"] >= store.engagement.grades.customers[-1]
    struck = (days["customers_share"] >= STRIKES_ALL) & several
    share = days["events"].where(struck, 0).groupby(days["process"]).sum() / days.groupby("process")["events"].sum()
    leave = tuple(name for name in store.engagement.processes if share.get(name, 0.0) >= MOSTLY)
    rows = days[struck].reset_index(drop=True)
    return Shocks(_measured(store, rows) if len(rows) else pd.DataFrame(columns=list(COLUMNS)), leave)


def _customers_present(store: Store, period: Period) -> float:
    """How many customers there were on a mean day; without a list of them, how many ever made contact."""
    keep_customer_time(store, period)
    days = store.engine.run(statement("days_as_customers"))["days"].iloc[0]
    if days > 0:
        return float(days) / period.days
    held = store.engine.run(statement("identified")).iloc[0]
    return float(held["last_customer"]) if pd.notna(held["last_customer"]) else 0.0


def _measured(store: Store, rows: pd.DataFrame) -> pd.DataFrame:
    """Contacts of each shock's days against what the other days let expect."""
    observed = Period(store.observed_from, store.observed_until)
    counts, kinds = _daily(store, observed)
    ends = [_last_day(store, row, rows, observed) for _, row in rows.iterrows()]
    every = [observed.start + dt.timedelta(days=place) for place in range(len(counts))]
    windows = [np.array([begin <= day <= end for day in every]) for begin, end in zip(rows["day"], ends, strict=True)]
    level = store.engagement.definitions.level
    found = excess_of_windows(counts, kinds, windows, level=level)
    numbers = pd.DataFrame([_numbers(one) for one in found])
    table = pd.concat([rows, numbers], axis=1).assign(until_day=ends, level=level)
    return _graded(store, table)


def _numbers(one: Excess) -> dict[str, float]:
    return {name: getattr(one, name) for name in ("contacts", "expected", "excess", "low", "high")}


def _daily(store: Store, observed: Period) -> tuple[np.ndarray, np.ndarray]:
    """Inbound contacts and the kind of every observed day."""
    volume = store.engine.run(statement("volume"))
    inbound = volume[volume["direction"] == "inbound"]
    by_day = inbound.groupby(pd.to_datetime(inbound["started_on"]))["contacts"].sum()
    every = pd.date_range(observed.start, observed.end)
    holidays = calendar_of(store, observed).holidays
    kinds = np.array([HOLIDAY if day.date() in holidays else day.weekday() for day in every])
    return by_day.reindex(every, fill_value=0).to_numpy(dtype=float), kinds


def _last_day(store: Store, row: pd.Series, rows: pd.DataFrame, observed: Period) -> dt.date:
    """The last day of the process's bands, cut at the next day of this kind and at the end of the data."""
    process = store.engagement.processes[str(row["process"])]
    reach = dt.timedelta(days=max(process.bands[-1] if process.bands else process.overdue_bands[-1], 1) - 1)
    later = [day for day in rows["day"] if day > row["day"]]
    before_next = min(later) - dt.timedelta(days=1) if later else observed.end
    return min(row["day"] + reach, before_next, observed.end)


def _graded(store: Store, table: pd.DataFrame) -> pd.DataFrame:
    """A day's volume has no placebo and nobody to compare with: grade B at best, and no effect is claimed."""
    limits = store.engagement.grades
    reach = (table["high"] - table["low"]) / 2 / table["contacts"].where(table["contacts"] > 0)
    letters = np.where(reach.notna(), (reach.to_numpy(dtype=float)[:, None] > np.array([0.1, 0.25, 0.5])).sum(1), 3)
    grading = Grading(limits, len(table)).precision(letters).customers(table["customers"])
    grading.capped("B", where=True, reason="proxy")
    told = table["excess"].notna()
    reason = np.where(told, "", "too_few")
    graded = table.assign(method=np.where(told, "daily_volume", "none"), claim="association", reason_untold=reason)
    return pd.concat([graded, grading.result()], axis=1)[list(COLUMNS)]
