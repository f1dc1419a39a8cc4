"""Person-time for the self-controlled case series: risk bands in, kinds of time with days and contacts out.

The engine cuts each caller's time where something changes and adds it up; only (customer, season, state) rows of
customers with a contact come out, in parts. No day of a customer is ever a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.engagement import Engagement
from rootcause_lib.errors import ParameterError
from rootcause_lib.journeys import constant_rows, day_number
from rootcause_lib.periods import DAY_SECONDS, Period, end_second, first_second
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

SEASON_DAYS = 28
PLACEBO_DAYS = 14
MOST_BANDS = 60
"""Bands are bits of one whole number."""
DROPPED = 2**MOST_BANDS
ROWS_AT_ONCE = 400_000
FOR_EVER_DAYS = 36_500
HOURS_OF_WEEK = 168

Clock = Literal["started", "overdue", "waiting"]
Counted = Literal["every", "openers"]
Kind = Literal["risk", "placebo", "waiting"]


@dataclass(frozen=True, slots=True)
class Band:
    """Days [from_day, until_day) on a process's clock, during which its rate ratio is its own."""

    process: str
    kind: Kind
    clock: Clock
    from_day: int
    until_day: int

    @property
    def label(self) -> str:
        """As the band is published: 0-6, 14+, pre, waiting."""
        if self.kind == "placebo":
            return "pre"
        if self.kind == "waiting":
            return "waiting"
        return f"{self.from_day}+" if self.until_day >= FOR_EVER_DAYS else f"{self.from_day}-{self.until_day - 1}"

    @property
    def term(self) -> str:
        """Its name in the model."""
        return f"{self.process} {'due ' if self.clock == 'overdue' else ''}{self.label}"


def bands_of(engagement: Engagement) -> tuple[Band, ...]:
    """Every process's bands as the engagement says, each with a placebo before its start where nothing can be yet.

    A process opened by contacts has no placebo: the contacts before it are what opened it.
    """
    found: list[Band] = []
    for name, process in engagement.processes.items():
        if not process.opened_by_contact:
            found.append(Band(name, "placebo", "started", -PLACEBO_DAYS, 0))
        edges = process.bands
        found += [Band(name, "risk", "started", a, b) for a, b in pairwise(edges)]
        late = (*process.overdue_bands, FOR_EVER_DAYS)
        if len(late) > 1:
            found.append(Band(name, "waiting", "waiting", 0, FOR_EVER_DAYS))
            found += [Band(name, "risk", "overdue", a, b) for a, b in pairwise(late)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class KindsOfTime:
    """The design of all kinds of time that occur, and the person-time by parts of whole customers.

    design: index `cell`, one column per band (`Band.term`) and per season but the first with most contacts. Rows of a
    part: customer_key, cell, days (weighted by the demand of their hours), seconds, contacts.
    """

    design: pd.DataFrame
    parts: tuple[pd.DataFrame, ...]

    def by_cell(self, column: str) -> pd.Series:
        """A column's sum over all customers, by cell."""
        sums = [part.groupby("cell")[column].sum() for part in self.parts]
        total = pd.concat(sums).groupby(level=0).sum() if sums else pd.Series(dtype=float)
        return total.reindex(self.design.index, fill_value=0)


def kinds_of_time(
    store: Store, bands: Sequence[Band], *, period: Period, counted: Counted = "every", quiet_days: int = 0
) -> KindsOfTime:
    """What callers lived through in a period, by season and bands.

    counted="openers": only contacts that open a case by its id. quiet_days: time and contacts for so long after any
    contact are left out. A process opened by contacts has the day of each of its events left out with its contacts.
    """
    if len(bands) > MOST_BANDS:
        raise ParameterError(f"At most {MOST_BANDS} bands of all processes can be told apart; there are {len(bands)}.")
    _settle(store, bands, period=period)
    values = _moments(store, period) | {
        "start_day": day_number(period.start),
        "end_day": day_number(period.end),
        "season_seconds": SEASON_DAYS * DAY_SECONDS,
        "week_demand_seconds": float(HOURS_OF_WEEK * 3600),
        "dropped_weight": DROPPED,
        "quiet_seconds": quiet_days * DAY_SECONDS,
        "counted": counted,
    }
    store.engine.materialise("person_time", statement("person_time", values=values))
    parts = tuple(_parts(store))
    cells = pd.concat([part[["season", "state"]] for part in parts]).drop_duplicates() if parts else _NOTHING
    cells = cells.sort_values(["season", "state"], ignore_index=True)
    numbers = pd.MultiIndex.from_frame(cells)
    kept = tuple(
        part.assign(
            cell=numbers.get_indexer(pd.MultiIndex.from_frame(part[["season", "state"]])),
            days=part["demand_seconds"] / DAY_SECONDS,
        )[["customer_key", "cell", "days", "seconds", "contacts"]]
        for part in parts
    )
    found = KindsOfTime(pd.DataFrame(index=pd.RangeIndex(len(cells), name="cell")), kept)
    return KindsOfTime(_design(cells, bands, found.by_cell("contacts")), kept)


_NOTHING = pd.DataFrame({"season": pd.Series(dtype="int64"), "state": pd.Series(dtype="int64")})


def _moments(store: Store, period: Period) -> dict[str, Value]:
    zone = store.engagement.engagement.time_zone
    return {
        "from_seconds": first_second(period.start, time_zone=zone),
        "until_seconds": end_second(period.end, time_zone=zone),
    }


def _settle(store: Store, bands: Sequence[Band], *, period: Period) -> None:
    """Keep the bands, the seasons' beginnings and the week's demand as tables."""
    rows: list[Mapping[str, Value]] = [
        {
            "process": band.process,
            "clock": band.clock,
            "from_seconds": band.from_day * DAY_SECONDS,
            "until_seconds": band.until_day * DAY_SECONDS,
            "weight": 2**place,
        }
        for place, band in enumerate(bands)
    ]
    opened = [name for name, process in store.engagement.processes.items() if process.opened_by_contact]
    rows += [
        {"process": name, "clock": "opening", "from_seconds": 0, "until_seconds": DAY_SECONDS, "weight": DROPPED}
        for name in opened
    ]
    store.engine.materialise("process_bands", constant_rows("process_bands", rows))
    between = _moments(store, period)
    first, last = int(str(between["from_seconds"])), int(str(between["until_seconds"]))
    starts: list[Mapping[str, Value]] = [
        {"from_seconds": moment} for moment in range(first, last, SEASON_DAYS * DAY_SECONDS)
    ]
    store.engine.materialise("seasons", constant_rows("seasons", starts))
    counts = store.engine.run(statement("weekly_counts", values=between))
    store.engine.materialise("weekly_demand", constant_rows("weekly_demand", _weekly_demand(counts)))


def _weekly_demand(counts: pd.DataFrame) -> list[Mapping[str, Value]]:
    """Demand of each hour of the week, mean 1, and the demand-seconds before it; an hour's count is one too high, so
    that no hour is impossible."""
    numbers = np.ones(HOURS_OF_WEEK)
    numbers[counts["hour_of_week"].to_numpy(dtype=int)] += counts["contacts"].to_numpy(dtype=float)
    demand = numbers / numbers.mean()
    before = np.concatenate([[0.0], np.cumsum(demand * 3600)[:-1]])
    return [
        {"hour_of_week": hour, "demand": float(demand[hour]), "demand_before": float(before[hour])}
        for hour in range(HOURS_OF_WEEK)
    ]


def _parts(store: Store) -> Iterator[pd.DataFrame]:
    size = store.engine.run(statement("person_time_size")).iloc[0]
    last = 0 if pd.isna(size["last_customer"]) else int(size["last_customer"])
    count = int(size["size"]) // ROWS_AT_ONCE + 1
    edges = [last * number // count for number in range(count + 1)]
    for low, high in pairwise(edges):
        limits: dict[str, Value] = {"first_customer": low + 1, "last_customer": high}
        part = store.engine.run(statement("person_time_part", values=limits))
        yield part.sort_values(["customer_key", "season", "state"], ignore_index=True)


def _design(cells: pd.DataFrame, bands: Sequence[Band], contacts: pd.Series) -> pd.DataFrame:
    """Bits of the states as columns, and seasons; the season with most contacts is the reference."""
    state, season = cells["state"].to_numpy(dtype=np.int64), cells["season"].to_numpy(dtype=np.int64)
    columns = {band.term: ((state >> place) & 1).astype(float) for place, band in enumerate(bands)}
    busiest = contacts.groupby(season).sum().idxmax() if len(cells) else None
    columns |= {f"season {k}": (season == k) * 1.0 for k in np.unique(season) if k != busiest}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(cells), name="cell"))
