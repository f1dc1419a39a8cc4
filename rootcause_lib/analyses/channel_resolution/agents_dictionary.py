"""The frame on teams and agents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.agents import COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "agents": Frame(
            "Contacts that one team, or agent, resolved, against what the same matters would lead to expect.", COLUMNS
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "compared_share": "Share of the contacts whose outcome is known that others handle too and that are compared, "
        "0-1.",
        "funnel_high_95": "Upper limit of what chance alone does to `raw_difference`, 19 times in 20.",
        "funnel_high_998": "The same, 499 times in 500.",
        "funnel_low_95": "Lower limit of what chance alone does to `raw_difference`, 19 times in 20.",
        "funnel_low_998": "The same, 499 times in 500.",
        "observed": "Share resolved, 0-1.",
        "probability_best": "Probability that no other unit does better over the same matters, 0-1.",
        "probability_worst": "Probability that no other unit does worse over the same matters, 0-1.",
        "raw_difference": "Observed less expected, as counted.",
        "raw_high": "Upper limit of `raw_difference`.",
        "raw_low": "Lower limit of `raw_difference`.",
        "standing": "above_expected or below_expected where chance does not explain it, else within_chance.",
    }
)
"""Columns that no other analysis has."""
