"""Person-time for the self-controlled case series: risk bands in, kinds of time with days and contacts out.

The engine cuts each caller's time where something changes and adds it up; only (customer, season, state) rows of
customers with a contact come out, in parts. No day of a customer is ever a row. Of more callers than
`MOST_CUSTOMERS` a random sample is watched, whose extra uncertainty `attributable` adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.demand import Calendar, calendar_of, settle_demand
from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.periods import DAY_SECONDS, Period
from rootcause_lib.risk_bands import Band, yielding
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.attributable import Sample
from rootcause_lib.store import Store

SEASON_DAYS = 28
MOST_BANDS = 60
"""Bands are bits of one whole number."""
DROPPED = 2**MOST_BANDS
ROWS_AT_ONCE = 400_000
MOST_CUSTOMERS = 200_000
"""Callers watched: a rate ratio of a tenth of their contacts is then known to a per cent or two."""

Counted = Literal["every", "openers"]
Among = Literal["everybody", "stayers"]


@dataclass(frozen=True, slots=True)
class KindsOfTime:
    """The design of all kinds of time that occur, and the person-time by parts of whole customers.

    bands: those asked that can occur: none since our last message where we never sent one. design: index `cell`, one
    column per band (`Band.term`) and per season but the first with most contacts. Rows of a part: customer_key, cell,
    days (weighted by the demand of their hours), seconds, contacts, cost (of contacts whose cost is known), costless
    (contacts whose cost is not known). customers: how many of the `callers` (customers with a contact counted) are
    watched; expansion: by how much more contacts all of them made.
    """

    bands: tuple[Band, ...]
    design: pd.DataFrame
    parts: tuple[pd.DataFrame, ...]
    customers: int
    callers: int
    expansion: float = 1.0

    @property
    def sample(self) -> Sample | None:
        """The random sample of customers that this is, or None where it is all of them."""
        return Sample(self.parts, self.expansion) if self.customers < self.callers else None

    def by_cell(self, column: str) -> pd.Series:
        """A column's sum over all callers, by cell; expanded where a sample of them is watched."""
        sums = [part.groupby("cell")[column].sum() for part in self.parts]
        total = pd.concat(sums).groupby(level=0).sum() if sums else pd.Series(dtype=float)
        total = total.reindex(self.design.index, fill_value=0)
        return total if self.sample is None else total * self.expansion


def kinds_of_time(
    store: Store,
    bands: Sequence[Band],
    *,
    period: Period,
    counted: Counted = "every",
    quiet_days: int = 0,
    among: Among = "everybody",
    most_customers: int = MOST_CUSTOMERS,
) -> KindsOfTime:
    """What callers lived through in a period, by season and bands.

    counted="openers": only contacts that open a case by its id. quiet_days: time and contacts for so long after any
    contact are left out. among="stayers": without customers who left during the period. A process opened by contacts
    has the day of each of its events left out with its contacts. An outbound contact within `definitions.window_days`
    of the customer's own is a reply, not our message: it starts no band and ends none. Of more than `most_customers`
    callers about so many, drawn at random, are watched; the same ones for all bands.
    """
    for kind, given, choices in (("counted", counted, ("every", "openers")), ("among", among, AMONG)):
        if given not in choices:
            raise ParameterError(unknown_choice(kind, given, choices))
    calendar = calendar_of(store, period)
    told = _possible(store, bands, calendar)
    if len(told) > MOST_BANDS:
        raise ParameterError(f"At most {MOST_BANDS} bands of all processes can be told apart; there are {len(told)}.")
    _settle(store, told, calendar)
    values: dict[str, Value] = {
        "from_seconds": calendar.first,
        "until_seconds": calendar.end,
        "start_day": day_number(period.start),
        "end_day": day_number(period.end),
        "season_seconds": SEASON_DAYS * DAY_SECONDS,
        "dropped_weight": DROPPED,
        "quiet_seconds": quiet_days * DAY_SECONDS,
        "reply_seconds": store.engagement.definitions.window_days * DAY_SECONDS,
        "counted": counted,
        "among": among,
    }
    drawn = _drawn(store, values, most_customers)
    values["last_customer"] = drawn.last_customer
    store.engine.materialise("person_time", statement("person_time", values=values))
    kept, design = _told_apart([_yielded(part, told) for part in _parts(store)], told)
    return KindsOfTime(told, design, kept, drawn.customers, drawn.callers, drawn.expansion)


AMONG: tuple[Among, ...] = ("everybody", "stayers")
_CELL = ["season", "state"]
_SUMS = ["days", "seconds", "contacts", "cost", "costless"]


def _possible(store: Store, bands: Sequence[Band], calendar: Calendar) -> tuple[Band, ...]:
    """The bands without those since our last message where there is none."""
    if not any(band.kind == "our_message" for band in bands):
        return tuple(bands)
    sent = store.engine.run(statement("messages_sent", values={"until_seconds": calendar.end}))
    return tuple(band for band in bands if band.kind != "our_message" or sent["contacts"].sum() > 0)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Customers are watched up to `last_customer`; numbers as in KindsOfTime."""

    last_customer: int
    customers: int
    callers: int
    expansion: float


def _drawn(store: Store, values: Mapping[str, Value], most_customers: int) -> _Drawn:
    """All callers, or the first so many: their numbers follow their pseudonyms, which are random."""

    def called(last_customer: int) -> tuple[int, int, int]:
        own = {name: values[name] for name in _CALLERS} | {"last_customer": last_customer}
        row = store.engine.run(statement("callers", values=own)).fillna(0).iloc[0]
        return int(row["contacts"]), int(row["customers"]), int(row["last_customer"])

    contacts, callers, last = called(EVERYBODY)
    if callers <= most_customers:
        return _Drawn(EVERYBODY, callers, callers, 1.0)
    until = last * most_customers // callers
    own_contacts, customers, _ = called(until)
    return _Drawn(until, customers, callers, contacts / max(own_contacts, 1))


EVERYBODY = 2**62
"""No customer has so high a number."""
_CALLERS = ("from_seconds", "until_seconds", "start_day", "end_day", "counted", "among")


def _told_apart(parts: Sequence[pd.DataFrame], bands: Sequence[Band]) -> tuple[tuple[pd.DataFrame, ...], pd.DataFrame]:
    """The parts with kinds of time numbered as cells, by season and state, and the design of those."""
    every = [part[_CELL].drop_duplicates() for part in parts]
    cells = pd.concat(every).drop_duplicates().sort_values(_CELL, ignore_index=True)
    numbers = pd.MultiIndex.from_frame(cells)
    kept, contacts = [], np.zeros(len(cells))
    for part in parts:
        cell = numbers.get_indexer(pd.MultiIndex.from_frame(part[_CELL]))
        contacts += np.bincount(cell, part["contacts"], minlength=len(cells))
        kept.append(part.assign(cell=cell)[["customer_key", "cell", *_SUMS]])
    return tuple(kept), _design(cells, bands, contacts)


def _settle(store: Store, bands: Sequence[Band], calendar: Calendar) -> None:
    """Keep the bands, the seasons' beginnings and the demand of hours as tables."""
    processes = store.engagement.processes
    rows: list[Mapping[str, Value]] = [
        {
            "process": band.process,
            "clock": band.clock,
            "from_seconds": band.from_day * DAY_SECONDS,
            "until_seconds": band.until_day * DAY_SECONDS,
            "late_seconds": processes[band.process].overdue_bands[0] * DAY_SECONDS if band.clock == "ended" else None,
            "weight": 2**place,
        }
        for place, band in enumerate(bands)
    ]
    opening = {"clock": "opening", "from_seconds": 0, "until_seconds": DAY_SECONDS, "weight": DROPPED}
    rows += [
        {"process": name, "late_seconds": None, **opening}
        for name, process in processes.items()
        if process.opened_by_contact
    ]
    store.engine.materialise("process_bands", constant_rows("process_bands", rows))
    starts: list[Mapping[str, Value]] = [
        {"from_seconds": moment} for moment in range(calendar.first, calendar.end, SEASON_DAYS * DAY_SECONDS)
    ]
    store.engine.materialise("seasons", constant_rows("seasons", starts))
    settle_demand(store, calendar)


def _parts(store: Store) -> Iterator[pd.DataFrame]:
    size = store.engine.run(statement("person_time_size")).iloc[0]
    last = 0 if pd.isna(size["last_customer"]) else int(size["last_customer"])
    count = int(size["size"]) // ROWS_AT_ONCE + 1
    edges = [last * number // count for number in range(count + 1)]
    for low, high in pairwise(edges):
        limits: dict[str, Value] = {"first_customer": low + 1, "last_customer": high}
        part = store.engine.run(statement("person_time_part", values=limits))
        yield part.assign(days=part["demand_seconds"] / DAY_SECONDS)


def _yielded(part: pd.DataFrame, bands: Sequence[Band]) -> pd.DataFrame:
    """Rows in order, one per customer, season and state, with the bands gone that yield to others that hold."""
    state = part["state"].to_numpy(dtype=np.int64)
    for place, others in yielding(bands).items():
        state = np.where(state & others, state & ~(1 << place), state)
    rows = part.assign(state=state).sort_values(["customer_key", *_CELL], ignore_index=True)
    keys = [rows[name].to_numpy() for name in ("customer_key", *_CELL)]
    same = np.logical_and.reduce([key[1:] == key[:-1] for key in keys])
    if not same.any():
        return rows
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    sums = {name: np.add.reduceat(rows[name].to_numpy(), starts) for name in _SUMS}
    return rows.iloc[starts].assign(**sums).reset_index(drop=True)


def _design(cells: pd.DataFrame, bands: Sequence[Band], contacts: np.ndarray) -> pd.DataFrame:
    """Bits of the states as columns, and seasons; the season with most contacts is the reference."""
    state, season = cells["state"].to_numpy(dtype=np.int64), cells["season"].to_numpy(dtype=np.int64)
    columns = {band.term: ((state >> place) & 1).astype(float) for place, band in enumerate(bands)}
    busiest = np.bincount(season, contacts).argmax() if len(cells) else None
    columns |= {f"season {k}": (season == k) * 1.0 for k in np.unique(season) if k != busiest}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(cells), name="cell"))
