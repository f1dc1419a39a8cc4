"""Every frame of the analysis of channels, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution import (
    agents_dictionary,
    bridge_dictionary,
    curves_dictionary,
    fair_dictionary,
    journey_dictionary,
    moves_dictionary,
    queue_dictionary,
    resolution_dictionary,
    scores_dictionary,
)
from rootcause_lib.analyses.frame import Frame, estimates_frame

_PARTS = (
    resolution_dictionary,
    curves_dictionary,
    fair_dictionary,
    scores_dictionary,
    agents_dictionary,
    moves_dictionary,
    journey_dictionary,
    queue_dictionary,
    bridge_dictionary,
)

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {name: frame for part in _PARTS for name, frame in part.FRAMES.items()}
    | {"key_numbers": estimates_frame("Numbers the next run compares with", "channel")}
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {name: meaning for part in _PARTS for name, meaning in part.COLUMN_MEANINGS.items()}
)
"""Columns that no other analysis has."""
