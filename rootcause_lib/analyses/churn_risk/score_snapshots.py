"""Customers as they stood at the beginning of some weeks, and whether they gave notice within the horizon.

A score is learnt from earlier snapshots and judged on later ones, whose horizon begins after everything it was learnt
from was over. Between a snapshot and its horizon lie two weeks in which nothing counts: who is about to leave calls,
and a score that knows of it comes too late to be of use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.score_features import LOOKBACK_WEEKS, checked_factors, factors_of, in_words
from rootcause_lib.churn_clock import WEEK_DAYS
from rootcause_lib.journeys import constant_rows
from rootcause_lib.person_weeks import Factor, settle_windows
from rootcause_lib.statements import Statement, Value, statement, template
from rootcause_lib.traits import with_traits

EMBARGO_WEEKS = 2
STEP_WEEKS = 4
"""Between snapshots to learn from; those to judge by are a horizon apart, so that no window is seen twice."""

MOST_SNAPSHOTS = 200_000
"""Beyond these customers are drawn by their hashed ids."""

TEST_SHARE = 3
"""One in so many of the weeks that can be had is kept for judging."""

FEW_LEAVERS = 20
"""Leavers a segment needs for a pace of leaving of its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which weeks are learnt from and which are judged; `now` is the end of the data. Empty: too short.

    weeks_needed: whole weeks that data must cover. divisor: one in so many customers is drawn.
    """

    horizon_weeks: int
    train: tuple[int, ...]
    test: tuple[int, ...]
    now: int
    weeks_needed: int
    divisor: int = 1

    @property
    def ahead_weeks(self) -> int:
        """From a snapshot to the end of its horizon."""
        return EMBARGO_WEEKS + self.horizon_weeks


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Features in words, whether each left within the horizon, whose it is, when, and what else is known of it."""

    features: pd.DataFrame
    rows: pd.DataFrame

    def at(self, weeks: Sequence[int]) -> Snapshots:
        """Those of some weeks."""
        here = self.rows["week"].isin(list(weeks))
        return Snapshots(self.features[here].reset_index(drop=True), self.rows[here].reset_index(drop=True))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Leavers among the snapshots of each week, and how fast customers of each segment give notice, per week."""

    customers: Mapping[int, int]
    leavers: Mapping[int, int]
    pace: Mapping[str, float]
    overall: float

    def paces(self, segments: pd.Series) -> pd.Series:
        """Each customer's pace of leaving: that of the segment, of all where too few left there."""
        return segments.map(dict(self.pace)).astype("float64").fillna(self.overall)


def planned(asked: Asked) -> tuple[Plan, Sizes]:
    """Weeks to learn from and to judge by, and what they hold."""
    clock = asked.clock
    horizon = max(-(-asked.horizon_days // WEEK_DAYS), 1)
    ahead = EMBARGO_WEEKS + horizon
    first, last = max(LOOKBACK_WEEKS, clock.first_week), clock.weeks - ahead
    needed = first + 2 * ahead
    plan = Plan(horizon, (), (), clock.weeks, needed)
    if last - first >= ahead:
        earliest = last - (last - first - ahead) // TEST_SHARE
        test = tuple(range(last, earliest - 1, -horizon))
        plan = Plan(horizon, tuple(range(test[-1] - ahead, first - 1, -STEP_WEEKS)), test, clock.weeks, needed)
    sizes = _sizes(asked, plan)
    total = sum(sizes.customers.values())
    divisor = max(-(-total // MOST_SNAPSHOTS), 1)
    return Plan(plan.horizon_weeks, plan.train, plan.test, plan.now, needed, divisor), sizes


def snapshots(asked: Asked, plan: Plan, weeks: Sequence[int], *, remainder: int = 0, divisor: int = 1) -> Snapshots:
    """The snapshots of some weeks, of customers whose keys leave `remainder` after division by `divisor`."""
    factors = checked_factors(factors_of(asked.store))
    rows = snapshot_rows(asked, plan, weeks, factors, remainder=remainder, divisor=divisor)
    return Snapshots(in_words(asked, rows, factors, ahead_weeks=plan.ahead_weeks), rows)


def snapshot_rows(
    asked: Asked, plan: Plan, weeks: Sequence[int], factors: tuple[Factor, ...], *, remainder: int = 0, divisor: int = 1
) -> pd.DataFrame:
    """The rows of snapshot_features, in order."""
    settle_windows(asked.store, factors)
    _keep_weeks(asked, weeks)
    values: dict[str, Value] = {
        "observed_from_day": asked.clock.first_day,
        "weeks": asked.clock.weeks,
        "embargo_weeks": EMBARGO_WEEKS,
        "horizon_weeks": plan.horizon_weeks,
        "window_days": asked.followed.window_days,
        "matching": asked.followed.matching,
        "remainder": remainder,
        "divisor": divisor,
    }
    tree = with_traits(template("snapshot_features"), asked.store)
    found = asked.store.engine.run(Statement("snapshot_features", tree, MappingProxyType(values)))
    return found.sort_values(["week", "customer_key", "spell"], ignore_index=True)


def _keep_weeks(asked: Asked, weeks: Sequence[int]) -> None:
    asked.store.engine.materialise(
        "snapshot_weeks", constant_rows("snapshot_weeks", [{"week": week} for week in sorted(weeks)])
    )


def _sizes(asked: Asked, plan: Plan) -> Sizes:
    _keep_weeks(asked, (*plan.train, *plan.test))
    values: dict[str, Value] = {"embargo_weeks": EMBARGO_WEEKS, "horizon_weeks": plan.horizon_weeks}
    found = asked.store.engine.run(statement("snapshot_sizes", values=values))
    whole, weeks = found[found["week"].isna()], found[found["week"].notna()]
    by_week = weeks.groupby("week")[["snapshots", "leavers"]].sum()
    watched, left = float(whole["snapshots"].sum()), float(whole["leavers"].sum())
    enough = whole[whole["segment"].notna() & (whole["leavers"] >= FEW_LEAVERS)]
    return Sizes(
        MappingProxyType({int(week): int(row["snapshots"]) for week, row in by_week.iterrows()}),  # type: ignore[call-overload]
        MappingProxyType({int(week): int(row["leavers"]) for week, row in by_week.iterrows()}),  # type: ignore[call-overload]
        MappingProxyType(
            dict(zip(enough["segment"].astype(str), enough["leavers"] / enough["snapshots"], strict=True))
        ),
        left / watched if watched else float("nan"),
    )
