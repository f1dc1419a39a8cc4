"""The frames on matters that take several contacts, on leaks and on which matter follows which."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.chain_steps import STEP_COLUMNS
from rootcause_lib.analyses.channel_resolution.chains import POSITION_COLUMNS, SNOWBALL_COLUMNS
from rootcause_lib.analyses.channel_resolution.leaks import LEAK_COLUMNS
from rootcause_lib.analyses.channel_resolution.next_issue import NEXT_ISSUE_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "snowballs": Frame(
            "Cases that took so many contacts (3+ holds 3, 4 and 5+ once more): counts of those seen from opening to "
            "end, shares that also use what can be seen of the others; low and high are of the volume.",
            SNOWBALL_COLUMNS,
        ),
        "snowball_positions": Frame(
            "Contacts with a handle time in one place of their case: mean handle time, and how many times that of "
            "first contacts about the same mix of matters it is.",
            POSITION_COLUMNS,
        ),
        "steps": Frame(
            "Cases that went from one channel to another, or ended there, after their first (step 1) or second "
            "contact; share of all cases.",
            STEP_COLUMNS,
        ),
        "leaks": Frame(
            "Digital contacts of one channel whose customer came back about the matter by phone, in a store or by "
            "letter within the window.",
            LEAK_COLUMNS,
        ),
        "next_issue": Frame(
            "A pair of matters: contacts about one that were followed by one about the other within the window, "
            "against those preceded by one within as long before.",
            NEXT_ISSUE_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "length": "How many contacts the case took: 1 to 4, 5+, and 3+ over all of three or more.",
        "opened": "Cases whose opening is known, with a whole window to be seen after their first contact.",
        "case_share": "Share of all cases, 0-1.",
        "case_low": "Lower limit of the share of cases.",
        "case_high": "Upper limit of the share of cases.",
        "volume_share": "Share of all contacts, 0-1.",
        "position": "Place of the contact in its case: 1, 2, 3 or 4+.",
        "handle_seconds": "Mean handle time, seconds.",
        "ratio_to_first": "How many times the handle time of first contacts about the same mix of matters.",
        "step": "1: from the first contact of a case to its second; 2: from the second to the third.",
        "hours_until": "Median hours until the next contact, of those that went on.",
        "hours_low": "Lower limit of the median.",
        "hours_high": "Upper limit of the median.",
        "quick_share": "Share of those that went on that did so within an hour, 0-1.",
        "quick_low": "Lower limit of that share.",
        "quick_high": "Upper limit of that share.",
        "next_reason": "Reason of a further contact.",
        "lift": "How many times what was to be expected; empty where nothing was.",
        "lift_low": "Lower limit of the lift.",
        "lift_high": "Upper limit of the lift; empty where there is none.",
        "told": "Whether it stands out among all pairs, false discoveries held at 5 %.",
    }
)
"""Columns that no other analysis has."""
