"""The frames about since when, what people believed, and whose processes are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause import guesses, owners, persistence

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "persistence": Frame(
            "Since when one process has been material, what it has cost and what waiting costs.", persistence.COLUMNS
        ),
        "guesses": Frame("One share that people believed, against the measured one.", guesses.COLUMNS),
        "owners": Frame("One process of one owner, with what is asked of them.", owners.COLUMNS),
    }
)

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "cost_of_waiting_per_month": "What could be eliminated costs a month, at the pace of the last whole months.",
        "cost_so_far": "Cost the process has caused over all that is observed.",
        "currency": "ISO code of money in the row.",
        "eliminable_cost": "Cost of the eliminable contacts.",
        "eliminable_cost_high": "Upper limit of eliminable_cost.",
        "eliminable_cost_low": "Lower limit of eliminable_cost.",
        "eliminable_high": "Upper limit of eliminable.",
        "eliminable_low": "Lower limit of eliminable.",
        "eliminable": "Contacts that need not come; empty for normal processes.",
        "guessed_share": "Share people believed, 0-1.",
        "ideas_filed": "Proposals filed about the process's reasons; empty where none are in the data.",
        "ideas_open": "Of these, not acted on by their status.",
        "material_since": "First month of the latest run above the yardstick; empty: not material, or not told.",
        "measured_by": "corrected (by an audit) or coded.",
        "measured_share": "Share measured, 0-1.",
        "months": "Whole months observed.",
        "months_in_top_5": "Whole months among the five costliest processes.",
        "request": "fix, look_into or measure on the one process asked about; empty on others.",
        "success_metric": "What success is measured by: caused_contacts_per_month.",
        "since_start": "Whether the run reaches back to the first whole month, so that it may be older.",
        "target": "What success_metric should fall to.",
        "today": "What success_metric is now.",
        "waiting_high": "Upper limit of cost_of_waiting_per_month.",
        "waiting_low": "Lower limit of cost_of_waiting_per_month.",
        "who": "Whose guess it was.",
    }
)
"""One meaning per column name, beside those of the dictionary, of `reasons` and of `attributable`."""
