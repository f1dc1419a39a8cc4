"""Cells of weeks by several exposures beside the ladder's adjusters, and rows of ratios with differences of risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.hazard_factors import (
    NO,
    PROBLEM,
    SEEN,
    adjusters,
    groups,
    judged_weeks,
    left_out,
)
from rootcause_lib.person_weeks import Factor, fits_one_number, person_weeks
from rootcause_lib.statements import Statement
from rootcause_lib.statistics.hazards import EVENTS, PERIODS, HazardFit
from rootcause_lib.statistics.intervals import Numbers, floats

OTHER_PROBLEMS = "problem:other processes"
"""Factor: a problem of any process that is not told apart."""

RATIO_COLUMNS = (
    "hazard_ratio", "low", "high", "confidence", "risk_difference", "risk_difference_low", "risk_difference_high",
    "per_1000", "per_1000_low", "per_1000_high", "within_weeks", "weeks", "events",
)  # fmt: skip


class Lagged(NamedTuple):
    """Cells, the names of what adjusts, and the weeks of which the data do not reach far enough back."""

    cells: pd.DataFrame
    among: tuple[str, ...]
    unseen: float


def adjusted_with(asked: Asked, exposures: Sequence[Factor], *, without: str | None = None) -> tuple[Factor, ...]:
    """The ladder's adjusters that fit beside some exposures, but for one of them; where they are too many, the
    engagement's last processes count together."""
    found = [each for each in adjusters(asked) if each.name != without]
    apart = [each for each in found if each.name.startswith(PROBLEM)]
    rest = [each for each in found if not each.name.startswith(PROBLEM)]
    together: list[Factor] = []
    while apart and not fits_one_number([*exposures, *rest, *apart, *_joined(together)]):
        together.append(apart.pop())
    return (*rest, *apart, *_joined(together))


def _joined(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    windows = tuple(window for factor in factors for window in factor.windows)
    return (Factor(OTHER_PROBLEMS, windows),) if windows else ()


def lagged_cells(asked: Asked, exposures: Sequence[Factor], *, further: Sequence[Statement] = ()) -> Lagged:
    """The ladder's judged weeks by exposures and adjusters."""
    own = (*exposures, *left_out(asked))
    adjusting = adjusted_with(asked, own)
    cells = person_weeks(asked.store, asked.clock, (*own, *adjusting), asked.followed, further=further)
    unseen = float(cells.loc[cells[SEEN] == NO, PERIODS].sum())
    among = (*(each.name for each in adjusting), *groups(asked))
    return Lagged(judged_weeks(cells).reset_index(drop=True), among, unseen)


def lag_length(asked: Asked) -> int:
    """For how many weeks a contact counts."""
    return asked.lag_weeks[1] - asked.lag_weeks[0]


def ratio_row(
    fit: HazardFit | None, cells: pd.DataFrame, factor: str, level: str, *, asked: Asked, within: int
) -> dict[str, float]:
    """The ratio of a level against its factor's reference, the difference of risks within so many weeks, and counts."""
    own = cells[cells[factor] == level]
    row: dict[str, float] = dict.fromkeys(RATIO_COLUMNS, np.nan)
    row |= {"weeks": float(own[PERIODS].sum()), "events": float(own[EVENTS].sum())}
    row |= {"confidence": asked.level, "within_weeks": float(within)}
    if fit is None or (factor, level) not in fit.terms:
        return row
    value, limits = fit.ratio(factor, level)
    if not np.isfinite(value):
        return row
    risk = fit.risk(factor, level, within=within)
    gap = {"risk_difference": risk.difference}
    gap |= {"risk_difference_low": float(risk.interval.low), "risk_difference_high": float(risk.interval.high)}
    row |= {"hazard_ratio": value, "low": float(limits.low), "high": float(limits.high), **gap}
    return row | {name.replace("risk_difference", "per_1000"): 1000 * each for name, each in gap.items()}


def least_customers(weeks: Numbers, events: Numbers, *, asked: Asked) -> pd.Series:
    """How many customers there are at the least: one has at most the weeks judged, and gives notice once at a time."""
    judged = max(asked.clock.judged_weeks, 1)
    return pd.Series(np.maximum(np.ceil(floats(weeks) / judged), floats(events)))
