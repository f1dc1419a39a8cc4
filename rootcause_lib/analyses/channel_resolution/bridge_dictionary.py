"""The frame that leads from the client's figure of resolution to ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution.bridge import COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {"bridge": Frame("One step from the figure in the client's own tool to first-contact resolution as here.", COLUMNS)}
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "change": "Value less that of the step before; a difference of definitions, not of luck.",
        "step": "Number of the step, from the client's figure on.",
    }
)
"""Columns that no other analysis has."""
