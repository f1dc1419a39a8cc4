"""The frames on the ladder and on contacts before leaving."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk.before_exit import BEFORE_EXIT_COLUMNS
from rootcause_lib.analyses.churn_risk.ladder import LADDER_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "ladder": Frame(
            "One comparison of leaving after a contact with leaving without one, from the usual to the fairest.",
            LADDER_COLUMNS,
        ),
        "contacts_before_exit": Frame(
            "One week counted back from notice, or from the leaving date: contacts per customer and week of those who "
            "left by choice.",
            BEFORE_EXIT_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "hazard_ratio": "How many times as often customers leave, per time at risk, as those compared with.",
        "exposed_weeks": "Weeks of customers after a contact.",
        "weeks": "Weeks of customers at risk of giving notice.",
        "left_out": "Weeks left out for a contact so late that it may be about leaving.",
        "exposed_events": "Of those who left, how many had made contact.",
        "bias": "What is wrong with the comparison, by its key.",
        "verdict_4": "Whether the interval lies above or below 4, the ratio that is quoted everywhere, or holds it.",
        "verdict_1": "Whether the interval lies above or below 1, no difference, or holds it.",
        "clock": "What is counted back from: notice, or the leaving date.",
        "weeks_before": "Whole weeks before that day; 0 ends on it.",
        "usual": "The same customers' rate nine weeks back and more.",
        "ratio_to_usual": "How many times the usual rate.",
        "spike": "Whether the week stands out: its limits lie above one and a half times the usual.",
        "to_cancel": "Contacts coded as being to cancel.",
        "cancel_share": "Their share of the contacts, 0-1.",
        "per_week": "Contacts per customer and week.",
    }
)
"""Columns that no other analysis has."""
