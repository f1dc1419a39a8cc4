"""What the frames of the fair comparison hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.fair import OVERLAP, STANDARDISED
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "standardised": Frame(
            "One channel in one outcome, over the mix of matters that all contacts have; the baseline first.",
            STANDARDISED,
        ),
        "overlap": Frame("Contacts of one channel and coded reason, and whether they are compared.", OVERLAP),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "baseline_channel": "Channel that the others are compared with.",
        "baseline_resolution": "Share the baseline would reach over the same mix, 0-1.",
        "coded_difference": "Difference to the baseline over one mix of reasons as coded.",
        "compared": "Whether the cell has enough contacts in the channel and in the baseline.",
        "naive_difference": "Difference to the baseline as counted.",
    }
)
"""Columns that no other analysis has."""
