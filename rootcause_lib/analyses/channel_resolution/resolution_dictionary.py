"""The frames on resolution, coming back and moving between channels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.grades import COLUMNS
from rootcause_lib.analyses.frame import Frame, estimates_frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "resolution": Frame(
            "Share of the cases opened in a channel (and for a reason) that ended in one outcome within the window.",
            COLUMNS,
        ),
        "recontact": Frame(
            "Share of the judged contacts of a channel with a further contact by one day.",
            (
                "channel",
                "match",
                "window_days",
                "day",
                "repeat_share",
                "low",
                "high",
                "level",
                "at_risk",
                "events",
                "contacts",
                "unobserved",
                "customers",
                "method",
                "expected_by_chance",
                "grade",
                "grade_reasons",
            ),
        ),
        "mature": estimates_frame(
            "First-contact resolution of contacts whose window is over; adds up", "channel", "reason"
        ),
        "flow": Frame(
            "Contacts in one channel that were followed by a contact in another or the same.",
            (
                "from_channel",
                "to_channel",
                "contacts",
                "share",
                "low",
                "high",
                "level",
                "denominator",
                "customers",
                "method",
                "unobserved",
                "grade",
                "grade_reasons",
            ),
        ),
        "settled": Frame(
            "Cases opened in one channel whose last contact was in another or the same.",
            (
                "opened_in",
                "settled_in",
                "cases",
                "share",
                "low",
                "high",
                "level",
                "denominator",
                "customers",
                "method",
                "unobserved",
                "grade",
                "grade_reasons",
            ),
        ),
        "metrics": estimates_frame("The other metrics by channel", "channel"),
        "naive": Frame(
            "One usual computation of resolution.",
            ("name", "value", "low", "high", "numerator", "denominator", "unobserved", "method", "why"),
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType({})
"""Columns that no other analysis has."""
