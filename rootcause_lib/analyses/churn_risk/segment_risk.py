"""The chance of leaving within the horizon, by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.analyses.churn_risk.retention_counts import NO_SEGMENT, Group
from rootcause_lib.churn_clock import WEEK_DAYS
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.statistics.ratios import rate_from_sums

RISK_COLUMNS = (
    "segment", "horizon_days", "chance", "low", "high", "level", "weeks_watched", "events", "unobserved",
    "customers", "method", "claim",
    "grade", "grade_reasons",
)  # fmt: skip


def segment_risk(asked: Asked, counted: tuple[Group, ...]) -> pd.DataFrame:
    """Chance that a customer gives notice by choice within the horizon, at the pace of the weeks judged.

    `RISK_COLUMNS` and `leavers`, everybody first.
    """
    told = [group for group in counted if group.segment != NO_SEGMENT and group.sums.weight > 0]
    if not told:
        return pd.DataFrame(columns=[*RISK_COLUMNS, "leavers"])
    weeks = asked.horizon_days / WEEK_DAYS
    rates = [rate_from_sums(group.sums, level=asked.level) for group in told]
    table = pd.DataFrame(
        {
            "segment": [group.segment for group in told], "horizon_days": asked.horizon_days,
            **{
                name: [_within(getattr(rate, of), weeks) for rate in rates]
                for name, of in (("chance", "value"), ("low", "low"), ("high", "high"))
            },
            "level": asked.level, "weeks_watched": [float(group.sums.weight) for group in told],
            "events": [group.events for group in told], "unobserved": 0.0,
            "customers": [group.customers for group in told],
            "method": [str(rate.method) for rate in rates], "claim": "descriptive",
            "leavers": [group.leavers for group in told],
        }
    )  # fmt: skip
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(width_letters((table["high"] - table["low"]) / 2, limits))
    grading.customers(table["customers"]).events(table["events"])
    grading.capped("B", where=not asked.clock.notice_known, reason="notice_unknown")
    return pd.concat([table, grading.result()], axis=1)[[*RISK_COLUMNS, "leavers"]]


def _within(rate: object, weeks: float) -> float:
    """The share gone after so many weeks at a constant pace a week."""
    return float(-np.expm1(-np.asarray(rate, dtype=float) * weeks))
