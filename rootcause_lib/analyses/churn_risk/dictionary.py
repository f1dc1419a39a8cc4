"""Every frame of the analysis of leaving, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk import (
    dose_dictionary,
    ladder_dictionary,
    leaving_dictionary,
    retention_dictionary,
    scores_dictionary,
)
from rootcause_lib.analyses.frame import Frame, estimates_frame

_PARTS = (
    ladder_dictionary,
    dose_dictionary,
    leaving_dictionary,
    retention_dictionary,
    scores_dictionary,
)  # fmt: skip

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {name: frame for part in _PARTS for name, frame in part.FRAMES.items()}
    | {
        "key_numbers": estimates_frame("Numbers the next run compares with", "rung"),
        "naive": Frame("What the usual computation gives.", ("name", "value", "denominator", "why")),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {name: meaning for part in _PARTS for name, meaning in part.COLUMN_MEANINGS.items()}
)
"""Columns that no other analysis has."""
