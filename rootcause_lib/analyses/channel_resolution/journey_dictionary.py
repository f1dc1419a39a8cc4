"""The frames on the effort journey and on self-service."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.channel_resolution import journey, self_service
from rootcause_lib.analyses.frame import Frame

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "journey": Frame("One step of the effort it takes customers to get a matter settled.", journey.COLUMNS),
        "self_service": Frame(
            "One thing that becomes of sessions in self-service, with the bot or on the site.", self_service.COLUMNS
        ),
        "reuse": Frame(
            "What customers chose next after sessions of a kind that succeeded or failed.", self_service.REUSE_COLUMNS
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "after": "success: resolved without people within the window; failure: not.",
        "base": "How many the share or the time is taken over.",
        "base_of": "What the base counts: calls, contacts, cases or answers; answer: what people said; none.",
        "next_choice": "First thing done in the 30 days after the window: people, self_service, bot, visit or none.",
        "reference": "What customers of other firms said of themselves, 0-1; not a target.",
        "sessions": "Sessions that were followed by that choice.",
    }
)
"""Columns that no other analysis has."""
