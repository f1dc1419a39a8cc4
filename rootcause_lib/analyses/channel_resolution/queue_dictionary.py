"""The frames on waiting."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.patience import PATIENCE_COLUMNS
from rootcause_lib.analyses.channel_resolution.queue_frames import QUEUE_COLUMNS
from rootcause_lib.analyses.channel_resolution.queue_hours import HOURS_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "queue": Frame(
            "Attempts to reach us through one channel in which customers wait for an answer.", QUEUE_COLUMNS
        ),
        "patience": Frame(
            "Share of one channel's customers still waiting after so many seconds, had nobody been answered.",
            PATIENCE_COLUMNS,
        ),
        "queue_hours": Frame("Attempts of one channel, kind of day and local hour.", HOURS_COLUMNS),
    }
)
"""frame -> what it holds."""

_LIMITS = (
    "abandoned_share", "service_level", "service_level_less_short", "service_level_of_answered", "mean_wait",
    "mean_wait_abandoned", "p50_wait", "p90_wait", "median_patience",
)  # fmt: skip
"""Columns with limits of their own."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "abandoned": "Attempts the customer gave up before an answer.",
        "abandoned_share": "abandoned over offered, 0-1.",
        "answered": "Offered attempts that were answered.",
        "answered_within": "Attempts answered within `within_seconds`.",
        "attempts": "Inbound attempts, answered or not, legs counted once.",
        "clock_hours": "Hours of the period that lay in this local hour of this kind of day.",
        "hour": "Local hour of the day in which the attempt began, 0-23.",
        "judged": "Attempts of which it is known whether they were answered in time: what service_level is of.",
        "kind_of_day": "weekday (Monday to Friday), saturday or sunday (or public holiday).",
        "mean_wait": "Mean wait of the answered, seconds.",
        "mean_wait_abandoned": "Mean wait of those who gave up, seconds: not their patience, see `patience`.",
        "median_patience": "Seconds by which half would have given up, had nobody been answered; empty: not seen.",
        "offered": "Attempts of which it is known whether the customer gave up.",
        "offered_per_hour": "offered over clock_hours.",
        "p50_wait": "Wait that half of the answered did not exceed, seconds.",
        "p90_wait": "Wait that nine in ten of the answered did not exceed, seconds.",
        "seconds": "Seconds since the customer began to wait.",
        "service_level": "answered_within over judged: all offered, given up or not, 0-1.",
        "service_level_formula": "What service_level is a share of: answered_within_of_offered.",
        "service_level_less_short": "The same without short_abandons in the denominator, 0-1.",
        "service_level_of_answered": "The same over the answered alone, 0-1.",
        "short_abandons": "Attempts given up within `within_seconds`.",
        "still_waiting": "Share that would still be waiting, 0-1.",
        "waits": "Answered attempts of which the wait is known.",
        "within_seconds": "Seconds within which an answer counts for the service level.",
        **{f"{name}_low": f"Lower limit of {name}." for name in _LIMITS},
        **{f"{name}_high": f"Upper limit of {name}." for name in _LIMITS},
    }
)
"""Columns that no other analysis has."""
