"""How a process's contacts came over the months, and the ideas filed about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.engagement import Process
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.periods import DAY_SECONDS, Period, end_second
from rootcause_lib.risk_bands import FOR_EVER_DAYS
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

ACTED_ON = (
    "done", "implemented", "completed", "closed", "toteutettu", "tehty", "valmis", "otettu käyttöön", "suljettu",
)  # fmt: skip
"""What the status of an idea that was acted on may be called; an engagement can map its own words to these."""


BASES = ("incidence", "audit", "ceiling")
"""What the contacts of a process are told by; all but the first go by its reasons."""

_MONTHS = ("started_month", "inside", "contacts", "contacts_contacts")


@dataclass(frozen=True, slots=True)
class Months:
    """Contacts by month (a number: twelve times the year plus the month less one).

    whole: the months that the data cover from first to last day. by_process: contacts in the time of a process's
    events; by_reason: contacts coded with a reason. Both: a column named so, started_month, inside (the period),
    contacts, contacts_contacts (squares of customers' own counts).
    """

    whole: tuple[int, ...]
    by_process: pd.DataFrame
    by_reason: pd.DataFrame

    def of(self, process: str, *, reasons: tuple[str, ...], basis: str) -> pd.DataFrame:
        """The series that stands for a process: from its events, else from its reasons."""
        if basis == "incidence":
            return self.by_process[self.by_process["process"] == process]
        return self.by_reason[self.by_reason["reason"].isin(reasons)]


def months_of(store: Store, period: Period, *, bases: Collection[str] = BASES) -> Months:
    """Contacts of all that is observed, by month and process, by month and reason; only what these bases ask for."""
    windows = [row for name, process in store.engagement.processes.items() for row in _windows(store, name, process)]
    store.engine.materialise("process_windows", constant_rows("process_windows", windows))
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    zone = store.engagement.engagement.time_zone
    until: dict[str, Value] = {"observed_until_seconds": end_second(store.observed_until, time_zone=zone)}
    months = {**days, **until}
    by_process, by_reason = (
        store.engine.run(statement(name, values=values)) if asked else pd.DataFrame(columns=[what, *_MONTHS])
        for name, what, values, asked in (
            ("process_months", "process", months, "incidence" in bases),
            ("reason_months", "reason", days, not {"incidence"} >= set(bases)),
        )
    )
    return Months(
        tuple(_whole_months(store)),
        by_process.astype({"process": "str", "inside": "bool"}),
        by_reason.astype({"reason": "str", "inside": "bool"}),
    )


def _windows(store: Store, name: str, process: Process) -> Iterator[Mapping[str, Value]]:
    """The days that count as a process's time, follow-ups included; the day it was opened by a contact does not."""
    later = store.engagement.definitions.spill_over_days
    if process.bands:
        first = max(process.bands[0], 1) if process.opened_by_contact else process.bands[0]
        yield _window(name, "started", first, process.bands[-1] + later)
    if process.overdue_bands:
        yield _window(name, "overdue", process.overdue_bands[0], later)
        yield _window(name, "waiting", 1 if process.opened_by_contact else 0, FOR_EVER_DAYS)


def _window(process: str, clock: str, first: int, last: int) -> Mapping[str, Value]:
    return {
        "process": process,
        "clock": clock,
        "from_seconds": first * DAY_SECONDS,
        "until_seconds": last * DAY_SECONDS,
    }


def _whole_months(store: Store) -> Iterator[int]:
    first, last = pd.Timestamp(store.observed_from), pd.Timestamp(store.observed_until)
    for month in pd.period_range(first, last, freq="M"):
        if month.start_time.normalize() >= first and month.end_time.normalize() <= last:
            yield month.year * 12 + month.month - 1


def month_text(month: int) -> str:
    """A month as published: 2025-03."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def ideas_of(store: Store) -> pd.DataFrame:
    """Ideas filed and still open, by reason; an idea is open until its status says that it was acted on."""
    found = store.engine.run(statement("ideas_counted"))
    status = found["status"].fillna("").astype("str").str.strip().str.casefold()
    counted = found.assign(
        reason=found["reason"].astype("str"), open=np.where(status.isin(ACTED_ON), 0, found["ideas"])
    )
    return counted.groupby("reason")[["ideas", "open"]].sum()
