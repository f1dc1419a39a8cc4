"""The frame on who left."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.churn_risk.leaving import LEAVING_COLUMNS
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "leaving": Frame(
            "Spells of customers that were there in the weeks judged, by how they ended; `all` first.", LEAVING_COLUMNS
        )
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "ending": "stayed (still a customer when the weeks end), choice (gave notice), not_choice (death, moving "
        "abroad: not counted as leaving), moved_within, followed (by a further spell).",
        "rung": "The comparison: ever_contacted, recent_contact, time_varying, lagged or adjusted.",
        "spells": "Times of being a customer; a customer may have several.",
    }
)
"""Columns that no other analysis has."""
