"""Person-time for the self-controlled case series: risk bands in, kinds of time with days and contacts out.

The engine cuts each caller's time where something changes and adds it up; only (customer, season, state) rows of
customers with a contact come out, in parts. No day of a customer is ever a row. What is lived once can be counted
several ways. Of more callers than `MOST_CUSTOMERS` a random sample is watched, whose extra uncertainty `attributable`
adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
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
QUIET = 2**MOST_BANDS
DROPPED = 2 * QUIET
ROWS_AT_ONCE = 400_000
MOST_CUSTOMERS = 200_000
"""Callers watched: a rate ratio of a tenth of their contacts is then known to a per cent or two."""

Counted = Literal["every", "openers"]
Among = Literal["everybody", "stayers"]
Spells = Literal["all", "quiet"]


@dataclass(frozen=True, slots=True)
class KindsOfTime:
    """The design of all kinds of time that occur, and the person-time by parts of whole customers.

    bands: those asked that can occur: none since our last message where we never sent one. design: index `cell`, one
    column per band (`Band.term`) and per season but the first with most contacts. Rows of a part: customer_key, cell,
    days (weighted by the demand of their hours), seconds, contacts, cost (of contacts whose cost is known), costless
    (contacts whose cost is not known). customers: how many of the `callers` (customers with a contact) are watched;
    expansion: by how much more contacts all of them made.
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
        total = pd.Series(0.0, index=self.design.index)
        for part in self.parts:
            total += np.bincount(part["cell"], part[column], minlength=len(total))
        return total if self.sample is None else total * self.expansion


@dataclass(frozen=True, slots=True)
class Drawn:
    """Customers are watched up to `last_customer`, so many of the `callers`; all callers made `expansion` times their
    contacts, and `openers_expansion` times the contacts that open a case."""

    last_customer: int
    customers: int
    callers: int
    expansion: float = 1.0
    openers_expansion: float = 1.0


@dataclass(frozen=True, slots=True)
class LivedTime:
    """What callers lived through in a period, before it is settled whose contacts count.

    cells: season and state, the kinds of time there are, in order. Rows of a part: customer_key, cell, quiet (False so
    long after a contact), days, seconds, and the sums of `COUNTED` ways. leavers: customers who left in the period.
    """

    bands: tuple[Band, ...]
    cells: pd.DataFrame
    parts: tuple[pd.DataFrame, ...]
    leavers: np.ndarray
    drawn: Drawn

    def kinds(self, *, counted: Counted = "every", among: Among = "everybody", spells: Spells = "all") -> KindsOfTime:
        """counted="openers": only contacts that open a case by its id. among="stayers": without customers who left.
        spells="quiet": without the time and contacts for so long after any contact."""
        _refuse_unknown(counted, among, spells)
        parts = [self._counted(part, counted, among, spells) for part in self.parts]
        found = np.zeros(len(self.cells), dtype=bool)
        contacts = np.zeros(len(self.cells))
        for part in parts:
            found[part["cell"].to_numpy()] = True
            contacts += np.bincount(part["cell"], part["contacts"], minlength=len(self.cells))
        number = np.cumsum(found) - 1
        kept = tuple(part.assign(cell=number[part["cell"].to_numpy()]) for part in parts)
        design = _design(self.cells[found].reset_index(drop=True), self.bands, contacts[found])
        drawn, left = self.drawn, len(self.leavers) if among == "stayers" else 0
        expansion = drawn.expansion if counted == "every" else drawn.openers_expansion
        return KindsOfTime(self.bands, design, kept, drawn.customers - left, drawn.callers - left, expansion)

    def _counted(self, part: pd.DataFrame, counted: Counted, among: Among, spells: Spells) -> pd.DataFrame:
        if among == "stayers":
            part = part[~np.isin(part["customer_key"], self.leavers)]
        part = part[part["quiet"]] if spells == "quiet" else _summed(part, ("customer_key", "cell"))
        names = dict(zip(COUNTED[counted], COUNTED["every"], strict=True))
        return part[["customer_key", "cell", "days", "seconds", *names]].rename(columns=names)


COUNTED: Mapping[Counted, tuple[str, str, str]] = MappingProxyType(
    {"every": ("contacts", "cost", "costless"), "openers": ("openers", "opener_cost", "opener_costless")}
)
"""Ways to count contacts: how many, what they cost where it is known, and how many whose cost is not."""
AMONG: tuple[Among, ...] = ("everybody", "stayers")
SPELLS: tuple[Spells, ...] = ("all", "quiet")
_CELL = ["season", "state"]
_SUMS = ["days", "seconds", *COUNTED["every"], *COUNTED["openers"]]


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
    """What callers lived through in a period, by season and bands, as `lived_time`, counted one way.

    quiet_days: time and contacts for so long after any contact are left out. Others as in `LivedTime.kinds`.
    """
    spells: Spells = "quiet" if quiet_days else "all"
    _refuse_unknown(counted, among, spells)
    lived = lived_time(store, bands, period=period, quiet_days=quiet_days, most_customers=most_customers)
    return lived.kinds(counted=counted, among=among, spells=spells)


def lived_time(
    store: Store, bands: Sequence[Band], *, period: Period, quiet_days: int = 0, most_customers: int = MOST_CUSTOMERS
) -> LivedTime:
    """What callers lived through in a period, by season and bands; for `quiet_days` after a contact it is not quiet.

    A process opened by contacts has the day of each of its events left out with its contacts. An outbound contact
    within `definitions.window_days` of the customer's own is a reply, not our message: it starts no band and ends
    none. Of more than `most_customers` callers about so many, drawn at random, are watched; the same ones for all
    bands.
    """
    calendar = calendar_of(store, period)
    told = _possible(store, bands, calendar)
    if len(told) > MOST_BANDS:
        raise ParameterError(f"At most {MOST_BANDS} bands of all processes can be told apart; there are {len(told)}.")
    _settle(store, told, calendar)
    within: dict[str, Value] = {"from_seconds": calendar.first, "until_seconds": calendar.end}
    days: dict[str, Value] = {"start_day": day_number(period.start), "end_day": day_number(period.end)}
    drawn = _drawn(store, within, most_customers)
    values: dict[str, Value] = {
        "season_seconds": SEASON_DAYS * DAY_SECONDS,
        "quiet_weight": QUIET,
        "dropped_weight": DROPPED,
        "quiet_seconds": quiet_days * DAY_SECONDS,
        "reply_seconds": store.engagement.definitions.window_days * DAY_SECONDS,
        "last_customer": drawn.last_customer,
    }
    store.engine.materialise("person_time", statement("person_time", values={**values, **within, **days}))
    leavers = store.engine.run(statement("leavers", values=days))["customer_key"].to_numpy()
    cells, parts = _numbered([_yielded(part, told) for part in _parts(store)])
    return LivedTime(told, cells, parts, leavers, drawn)


def _refuse_unknown(*asked: str) -> None:
    for kind, given, choices in zip(("counted", "among", "spells"), asked, (COUNTED, AMONG, SPELLS), strict=True):
        if given not in choices:
            raise ParameterError(unknown_choice(kind, given, tuple(choices)))


def _possible(store: Store, bands: Sequence[Band], calendar: Calendar) -> tuple[Band, ...]:
    """The bands without those since our last message where there is none."""
    if not any(band.kind == "our_message" for band in bands):
        return tuple(bands)
    sent = store.engine.run(statement("messages_sent", values={"until_seconds": calendar.end}))
    return tuple(band for band in bands if band.kind != "our_message" or sent["contacts"].sum() > 0)


def _drawn(store: Store, within: Mapping[str, Value], most_customers: int) -> Drawn:
    """All callers, or the first so many: their numbers follow their pseudonyms, which are random."""

    def called(last_customer: int) -> tuple[int, int, int, int]:
        row = store.engine.run(statement("callers", values={**within, "last_customer": last_customer}))
        contacts, openers, customers, last = row.fillna(0).iloc[0][list(_CALLERS)]
        return int(contacts), int(openers), int(customers), int(last)

    contacts, openers, callers, last = called(EVERYBODY)
    if callers <= most_customers:
        return Drawn(EVERYBODY, callers, callers)
    until = last * most_customers // callers
    own_contacts, own_openers, customers, _ = called(until)
    return Drawn(until, customers, callers, contacts / max(own_contacts, 1), openers / max(own_openers, 1))


EVERYBODY = 2**62
"""No customer has so high a number."""
_CALLERS = ("contacts", "openers", "customers", "last_customer")


def _numbered(parts: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, tuple[pd.DataFrame, ...]]:
    """The kinds of time in order, by season and state, and the parts with their places among them."""
    every = [part[_CELL].drop_duplicates() for part in parts]
    cells = pd.concat(every).drop_duplicates().sort_values(_CELL, ignore_index=True)
    numbers = pd.MultiIndex.from_frame(cells)
    places = [numbers.get_indexer(pd.MultiIndex.from_frame(part[_CELL])) for part in parts]
    named = ["customer_key", "cell", "quiet", *_SUMS]
    return cells, tuple(part.assign(cell=at)[named] for part, at in zip(parts, places, strict=True))


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
    """Rows in order, one per customer, season, state and whether it is quiet, with the bands gone that yield to others
    that hold."""
    state = part["state"].to_numpy(dtype=np.int64)
    quiet = state < QUIET
    state = np.where(quiet, state, state - QUIET)
    for place, others in yielding(bands).items():
        state = np.where(state & others, state & ~(1 << place), state)
    rows = part.assign(state=state, quiet=quiet)
    keys = ["customer_key", *_CELL, "quiet"]
    return _summed(rows.iloc[np.lexsort([rows[name] for name in reversed(keys)])], keys)


def _summed(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Neighbouring rows alike in `keys` as one."""
    same = np.logical_and.reduce([rows[name].to_numpy()[1:] == rows[name].to_numpy()[:-1] for name in keys])
    if not same.any():
        return rows.reset_index(drop=True)
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
