"""What came in: counted per source, with what was rejected, repaired, left unmapped or unlinked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

KeySource = Literal["environment", "file", "made"]

REPAIRS = (
    "duplicate_row",
    "total_row",
    "decimal_comma",
    "local_date_format",
    "encoding",
    "control_characters",
    "clock_change_skipped_hour",
    "clock_change_repeated_hour",
    "label_like_totals",
)
"""What is put right and listed with its count. label_like_totals: a label `all` is stored as `all (label)`,
because `all` is the mark of totals."""

RULES = (
    "unreadable",
    "missing",
    "out_of_range",
    "not_a_choice",
    "ends_before_start",
    "after_observed",
    "duplicate_id",
    "wrong_columns",
)
"""Why a row can't be used. after_observed: it lies after the day of loading, or (contacts and visits) after the
observed_until that the engagement states. wrong_columns: its cells don't fit the header (too many, too few, an
open quote)."""

MOST_REJECTS = 10_000
"""Rejected cells kept in memory; the files under rejects/ hold all."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything the loading of an engagement counted; frames are tidy, one row per thing counted.

    sources: table, source, rows_read, rows_accepted, rows_rejected, rows_merged, rows_repaired,
    first, last (local dates). Held on every row: rows_read = rows_accepted + rows_rejected. Accepted
    rows are in the table, as a row of their own or (rows_merged of them) as what they are: a repeated
    delivery of a row, a total line, an event of a contact's log.
    rejects: table, source, row, column, rule; a row may break several rules. At most MOST_REJECTS.
    repairs: table, source, column, repair, rows. unmapped: table, source, column.
    orphans: table, column, rows. filled: table, column, filled (share), rows. linked: channel, contacts,
    identified_before, identified_after, shared: contacts with a customer before and after numbers and addresses
    were looked up, and those left without one because theirs are of several customers; empty where none is mapped.
    """

    sources: pd.DataFrame
    rejects: pd.DataFrame
    repairs: pd.DataFrame
    unmapped: pd.DataFrame
    orphans: pd.DataFrame
    filled: pd.DataFrame
    linked: pd.DataFrame
    key_source: KeySource
    present: tuple[str, ...]
