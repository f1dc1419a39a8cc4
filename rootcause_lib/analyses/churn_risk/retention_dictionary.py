"""The frames on staying."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk.retention_value import VALUE_COLUMNS
from rootcause_lib.analyses.churn_risk.segment_risk import RISK_COLUMNS
from rootcause_lib.analyses.churn_risk.survival_curves import LEFT_BY_COLUMNS, SURVIVAL_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "survival": Frame(
            "Share still customers so many months after joining, by segment; or after a landmark, by what had failed "
            "for them in the twelve weeks before it. Who leaves by no choice is watched until then.",
            SURVIVAL_COLUMNS,
        ),
        "left_by_ending": Frame(
            "Share that has left so many months after joining, by choice and otherwise, each in the other's presence.",
            LEFT_BY_COLUMNS,
        ),
        "segment_risk": Frame(
            "Chance of giving notice within the horizon at the pace of the weeks judged, of one segment.", RISK_COLUMNS
        ),
        "retention_value": Frame(
            "One figure of what customers of a segment are worth while they stay; of all of them, the sum over "
            "segments.",
            VALUE_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "chance": "Chance of giving notice within the horizon, 0-1.",
        "since": "Since when months are counted: joining, or landmark (a day on which customers are sorted by what "
        "lay before it).",
        "counted_in": "What the value is counted in: share, money or ratio.",
        "from_months": "The curve is of those who had stayed so many months: nobody was seen earlier.",
        "horizon_days": "Within how many days.",
        "median_months": "Months by which half have left; empty: not seen.",
        "median_months_high": "Upper limit of median_months.",
        "median_months_low": "Lower limit of median_months.",
        "months_since": "Months since then (`since`).",
        "problem": "What had failed for the customer before the landmark: any_failure, no_failure, or the process; "
        "`all`: not split.",
        "retained": "Share still customers, 0-1.",
        "weeks_watched": "Weeks of customers watched, added up.",
    }
)
"""Columns that no other analysis has."""
