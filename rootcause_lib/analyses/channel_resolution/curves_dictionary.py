"""The frames on windows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.curves import ADVICE_COLUMNS, CURVE_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "resolution_curve": Frame(
            "First-contact resolution of the cases opened in a channel, at one window for every matter; `any` and "
            "`reason` are a bracket.",
            CURVE_COLUMNS,
        ),
        "window_advice": Frame(
            "The day by which nearly all that a matter brings back beyond chance has come, of 30 days, at the "
            "matching rule in use; no day where it brings nobody back.",
            ADVICE_COLUMNS,
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "excess_high": "Upper limit of the excess.",
        "excess_low": "Lower limit of the excess.",
    }
)
"""Columns that no other analysis has."""
