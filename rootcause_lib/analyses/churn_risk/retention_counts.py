"""Counts behind how long customers stay: by segment and weeks since joining, and by customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.statements import statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import Floats, floats
from rootcause_lib.vocabulary import ALL

NO_SEGMENT = "\0none"
"""Stands for customers of no segment among the groups; their numbers are in the totals alone."""

_COUNTS = (
    "entered", "ended", "weeks", "left_by_choice", "left_otherwise", "here", "with_margin", "margin", "margin_squares",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of one segment, or all of them.

    by_week: by whole weeks since joining, ascending, those of unknown day of joining apart (`undated`). sums: over
    customers, how often they left and the weeks they were watched; `leavers` customers who left.
    """

    segment: str
    by_week: pd.DataFrame
    undated: pd.Series
    sums: ClusterSums
    leavers: float

    @property
    def spells(self) -> float:
        """Of a known day of joining."""
        return float(self.by_week["ended"].sum())

    @property
    def customers(self) -> float:
        return float(self.sums.clusters)

    @property
    def events(self) -> float:
        """How often customers left by choice."""
        return float(self.sums.value)

    @property
    def effect(self) -> float:
        """How much wider intervals are for customers who leave more than once."""
        return max(float(self.sums.value_value / self.sums.value), 1.0) if self.sums.value > 0 else 1.0

    def at_risk(self) -> tuple[Floats, Floats, Floats]:
        """Weeks since joining, without gaps, how many were watched in each, and how many left by choice in it."""
        if self.by_week.empty:
            return floats([]), floats([]), floats([])
        first, last = int(self.by_week["stayed"].iloc[0]), int(self.by_week["stayed"].iloc[-1])
        every = self.by_week.set_index("stayed")[["entered", "ended", "left_by_choice"]]
        every = every.reindex(range(first, last + 1), fill_value=0.0)
        gone = every["ended"].cumsum().shift(fill_value=0.0)
        return floats(every.index), floats(every["entered"].cumsum() - gone), floats(every["left_by_choice"])


def groups(asked: Asked) -> tuple[Group, ...]:
    """Everybody (`all`), then each segment by name, then those of none (`NO_SEGMENT`) where there are any."""
    if only_flags(asked):
        return ()
    engine = asked.store.engine
    weeks, customers = engine.run(statement("retention_weeks")), engine.run(statement("retention_customers"))
    weeks = weeks.assign(segment=_named(weeks["segment"]), stayed=weeks["stayed"].astype("float64"))
    weeks = weeks.astype(dict.fromkeys(_COUNTS, "float64")).fillna({"margin": 0.0, "margin_squares": 0.0})
    whole = customers["whole"].astype(bool)
    found = []
    if whole.any():
        found.append(_group(ALL, weeks, customers[whole]))
    own = customers[~whole].assign(segment=_named(customers.loc[~whole, "segment"]))
    for segment in sorted(set(own["segment"]), key=lambda name: (name == NO_SEGMENT, name)):
        found.append(_group(segment, weeks[weeks["segment"] == segment], own[own["segment"] == segment]))
    return tuple(found)


def only_flags(asked: Asked) -> bool:
    """Whether the data say who left but of nobody when: nothing can then be said of how long anybody stayed."""
    return not asked.clock.dates_known and asked.store.is_filled("customers", "leave_reason")


def _named(segment: pd.Series) -> pd.Series:
    return segment.astype("object").where(segment.notna(), NO_SEGMENT).astype("str")


def _group(segment: str, weeks: pd.DataFrame, customers: pd.DataFrame) -> Group:
    known = weeks["stayed"].notna()
    by_week = weeks[known].groupby("stayed", sort=True)[list(_COUNTS)].sum().reset_index()
    sums = ClusterSums.from_frame(customers)
    one = ClusterSums(*(np.asarray(float(getattr(sums, name).sum())) for name in sums.__slots__))
    return Group(segment, by_week, weeks.loc[~known, list(_COUNTS)].sum(), one, float(customers["leavers"].sum()))
