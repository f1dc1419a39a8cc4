"""Every frame of the analysis of root causes, and what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause import (
    change_dictionary,
    owners_dictionary,
    processes_dictionary,
    reasons_dictionary,
    topics_dictionary,
)
from rootcause_lib.analyses.root_cause.unknowns import ADDED
from rootcause_lib.estimates import COLUMNS as ESTIMATE_COLUMNS

_PARTS = (processes_dictionary, reasons_dictionary, change_dictionary, topics_dictionary, owners_dictionary)

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        name: Frame(frame.row, (*frame.columns, *ADDED.get(name, ())))
        for part in _PARTS
        for name, frame in part.FRAMES.items()
    }
    | {
        "key_numbers": Frame(
            "Numbers the next run compares with (Estimates)",
            ("metric", "statistic", "process", "reason", *ESTIMATE_COLUMNS),
        ),
    }
)
"""frame -> what it holds."""

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {name: meaning for part in _PARTS for name, meaning in part.COLUMN_MEANINGS.items()}
)
"""Columns that no other analysis has."""
