"""What every part of the analysis of leaving is asked about."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from rootcause_lib.churn_clock import ChurnClock, settle_spells
from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.journeys import Following, following
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.store import Store

LONGEST_LAG = 20
"""A window of contacts longer than this could open more often than the engine counts."""
LONGEST_HORIZON = 730
MOST_LISTED = 100_000
SCORE_MODELS = ("logit", "boosting")


@dataclass(frozen=True, slots=True)
class Asked:
    """Leaving within `period`, on the clock of `store`; `churn_spells` is settled for it.

    lag_weeks: exposure is a contact from so many to so many weeks back, both counted. horizon_days: how far risk scores
    look. segment: only this one; None: all. customer_list: how many customers the frame of scores may name.
    score_model: what scores are by, logit or boosting.
    """

    store: Store
    period: Period
    clock: ChurnClock
    followed: Following
    lag_weeks: tuple[int, int]
    horizon_days: int
    segment: str | None
    customer_list: int
    score_model: str = "logit"

    @property
    def smallest(self) -> int:
        """Customers a cell needs to be published."""
        return self.store.engagement.definitions.smallest_cell

    @property
    def level(self) -> float:
        """The confidence of every interval."""
        return self.store.engagement.definitions.level


def asked_about(
    store: Store,
    period: Period,
    *,
    lag_weeks: tuple[int, int],
    horizon_days: int | None,
    segment: str | None,
    customer_list: int,
    score_model: str = "logit",
) -> Asked:
    """The question, checked, with the spells of `churn_clock` settled for its period."""
    first, last = _lag(lag_weeks)
    horizon = store.engagement.definitions.horizon_days if horizon_days is None else horizon_days
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError(f"'horizon_days' must lie from 1 to {LONGEST_HORIZON}, not {horizon}.")
    if not 0 <= customer_list <= MOST_LISTED:
        raise ParameterError(f"'customer_list' must lie from 0 to {MOST_LISTED}, not {customer_list}.")
    if score_model not in SCORE_MODELS:
        raise ParameterError(unknown_choice("'score_model'", score_model, SCORE_MODELS))
    followed = following(store.engagement, store.extent, matching=None, window_days=None)
    _known_segment(store, segment)
    clock = settle_spells(store, period=period, segment=segment)
    return Asked(store, period, clock, followed, (first, last), horizon, segment, customer_list, score_model)


def _lag(lag_weeks: tuple[int, int]) -> tuple[int, int]:
    given = tuple(lag_weeks)
    if len(given) != 2 or not all(isinstance(week, int) for week in given):
        raise ParameterError("'lag_weeks' must be two whole numbers, such as (2, 8): from and to how many weeks back.")
    first, last = given
    if not 1 <= first < last <= LONGEST_LAG:
        raise ParameterError(f"'lag_weeks' must rise within 1 to {LONGEST_LAG}, not {first} to {last}.")
    return first, last


def _known_segment(store: Store, segment: str | None) -> None:
    """Raises ParameterError for a segment nobody is in; only segments of enough customers are named."""
    if segment is None:
        return
    counts = every_segment(store)
    if segment in set(counts["segment"].astype(str)):
        return
    smallest = store.engagement.definitions.smallest_cell
    shown = sorted(counts.loc[counts["customers"] >= smallest, "segment"].astype(str))
    raise ParameterError(unknown_choice("segment", segment, shown))


def every_segment(store: Store) -> pd.DataFrame:
    """Segments and their customers."""
    return store.engine.run(statement("segment_customers"))
