"""Person-weeks for hazards of leaving: what had happened to customers before each week, and who gave notice in it.

The engine finds the weeks in which something changes and adds up the stretches between them; only cells come out. No
week of a customer is ever a row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from rootcause_lib.churn_clock import ChurnClock
from rootcause_lib.errors import ParameterError
from rootcause_lib.journeys import Following, constant_rows
from rootcause_lib.statements import Statement, Value, statement
from rootcause_lib.statistics.hazards import EVENTS, PERIODS
from rootcause_lib.store import Store

Mark = Literal[
    "any_contact", "contact", "resolved", "unresolved", "repeat", "channel", "reason", "reason_group", "problem",
    "joined", "contract_end", "data", "wait", "agent", "contacted", "settled", "unsettled",
]  # fmt: skip
"""What opens a window: an answered contact (`any_contact`: even to cancel; else of some kind and not to cancel), a
process event, the beginning of a spell, the end of its contract, the first day of the data, or one of `further_marks`:
how long a contact waited, whether its agent was the one before, and that a customer who had a problem came into contact
about it."""

MOST_OF_A_WEEK = 3
"""More marks of one factor and week count as so many; as one where the factor only tells whether there were any."""
MOST_STATES = 2**62
"""Combinations that fit one whole number."""
LONGEST_WEEKS = 20
"""A window of contacts may be no longer: what is further back is another customer's life."""
FOR_EVER_WEEKS = 10_000

_CONTACTS = (
    "any_contact",
    "contact",
    "resolved",
    "unresolved",
    "repeat",
    "channel",
    "reason",
    "reason_group",
    "wait",
    "agent",
)
_ONCE = ("joined", "contract_end", "data")


@dataclass(frozen=True, slots=True)
class Window:
    """Open in the weeks [from_week, until_week) after the week of a mark.

    item: the channel, reason, group of reasons or process meant. overdue_days: a problem begins so many days after it
    was due and still open; None: when it started.
    """

    mark: Mark
    from_week: int
    until_week: int
    item: str | None = None
    overdue_days: int | None = None

    def __post_init__(self) -> None:
        if self.until_week <= self.from_week:
            raise ParameterError("A window must close after it opens.")
        if self.mark in _CONTACTS and self.until_week - self.from_week > LONGEST_WEEKS:
            raise ParameterError(f"A window of contacts may last {LONGEST_WEEKS} weeks at most.")


@dataclass(frozen=True, slots=True)
class Factor:
    """One column of the cells: windows, and the level for 0, 1, 2 ... open at once (the last one for more)."""

    name: str
    windows: tuple[Window, ...]
    levels: tuple[str, ...] = ("no", "yes")

    @property
    def most_of_a_week(self) -> int:
        """As how many the marks of one week count at most."""
        return 1 if len(self.levels) == 2 else MOST_OF_A_WEEK

    @property
    def most_open(self) -> int:
        """How many windows can be open at once."""
        once = sum(window.mark in _ONCE for window in self.windows)
        spans = {(each.from_week, each.until_week) for each in self.windows if each.mark not in _ONCE}
        return once + sum(self.most_of_a_week * (until - start) for start, until in spans)


def seasons(clock: ChurnClock, *, weeks: int = 13) -> Factor:
    """Calendar time in bands of so many weeks."""
    edges = range(weeks, clock.weeks, weeks)
    return Factor(
        "season",
        tuple(Window("data", edge, FOR_EVER_WEEKS) for edge in edges),
        tuple(str(n) for n in range(len(edges) + 1)),
    )


def person_weeks(
    store: Store,
    clock: ChurnClock,
    factors: Sequence[Factor],
    followed: Following,
    *,
    further: Sequence[Statement] = (),
) -> pd.DataFrame:
    """Cells of whole weeks: segment, the clock's traits and the factors' levels as text, `periods` (weeks), `events`.

    Events are notices given. Needs `churn_spells` (`churn_clock.settle_spells`). `followed` tells repeats.
    further: statements whose rows are further marks that windows may name; they may read the windows.
    """
    settle_windows(store, factors)
    store.engine.materialise("further_marks", *(further or [constant_rows("further_marks", [])]))
    values: dict[str, Value] = {
        "observed_from_day": clock.first_day,
        "window_days": followed.window_days,
        "matching": followed.matching,
    }
    found = store.engine.run(statement("person_weeks", values=values))
    groups = ["segment", *clock.traits]
    cells = found[groups].astype("str").fillna("")
    cells = pd.concat([cells, levels_of(found["state"], factors)], axis=1)
    cells[PERIODS], cells[EVENTS] = found["weeks"].astype("float64"), found["events"].astype("float64")
    names = [*groups, *(factor.name for factor in factors)]
    return cells.groupby(names, sort=True)[[PERIODS, EVENTS]].sum().reset_index()


def levels_of(state: pd.Series, factors: Sequence[Factor]) -> pd.DataFrame:
    """The level of each factor, as text, in states that add up the weights of open windows."""
    packed = state.fillna(0).to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            factor.name: np.asarray(factor.levels, dtype=object)[
                np.minimum(packed // place % (factor.most_open + 1), len(factor.levels) - 1)
            ]
            for place, factor in zip(_places(factors), factors, strict=True)
        },
        index=state.index,
    )


def _places(factors: Sequence[Factor]) -> list[int]:
    """What an open window of each factor adds to the state: the product of what those before it can reach."""
    if not fits_one_number(factors):
        raise ParameterError(
            f"{len(factors)} factors open too many windows at once to be told apart: ask about fewer, or shorter ones."
        )
    places = [1]
    for factor in factors[:-1]:
        places.append(places[-1] * (factor.most_open + 1))
    return places[: len(factors)]


def fits_one_number(factors: Sequence[Factor]) -> bool:
    """Whether so many states can be told apart at once."""
    return math.prod(factor.most_open + 1 for factor in factors) <= MOST_STATES


def settle_windows(store: Store, factors: Sequence[Factor]) -> None:
    """Keep the windows and the reasons to cancel as tables.

    Who adds up their weights counts at most `most` marks of one week for the same weight and weeks.
    """
    rows: list[Mapping[str, Value]] = [
        {
            "mark": window.mark,
            "item": window.item,
            "clock": "started" if window.overdue_days is None else "overdue",
            "late_days": window.overdue_days or 0,
            "from_week": window.from_week,
            "until_week": window.until_week,
            "weight": place,
            "most": factor.most_of_a_week,
        }
        for place, factor in zip(_places(factors), factors, strict=True)
        for window in factor.windows
    ]
    store.engine.materialise("hazard_windows", constant_rows("hazard_windows", rows))
    settle_cancellations(store)


def settle_cancellations(store: Store) -> None:
    """Keep the reasons that mean a contact to cancel as a table."""
    reasons: list[Mapping[str, Value]] = [{"reason": reason} for reason in store.engagement.reasons.cancellation]
    store.engine.materialise("cancellation_reasons", constant_rows("cancellation_reasons", reasons))
