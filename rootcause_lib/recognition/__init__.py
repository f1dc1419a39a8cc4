"""Exports recognised, and an engagement drafted from what was recognised."""

from __future__ import annotations

from rootcause_lib.recognition.confirming import choices_of, with_confirmed, with_constant, with_headers, with_label
from rootcause_lib.recognition.drafting import assumed_settings, draft
from rootcause_lib.recognition.guesses import (
    ColumnGuess,
    LabelGuess,
    Recognition,
    Source,
    TableGuess,
    Unsure,
)
from rootcause_lib.recognition.keeping import check_untouched, write_draft
from rootcause_lib.recognition.recognising import recognise
from rootcause_lib.recognition.telling import told

__all__ = [
    "ColumnGuess",
    "LabelGuess",
    "Recognition",
    "Source",
    "TableGuess",
    "Unsure",
    "assumed_settings",
    "check_untouched",
    "choices_of",
    "draft",
    "recognise",
    "told",
    "with_confirmed",
    "with_constant",
    "with_headers",
    "with_label",
    "write_draft",
]
