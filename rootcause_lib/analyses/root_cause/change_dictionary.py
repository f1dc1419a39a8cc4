"""What the frames about changes and segments hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rootcause_lib.analyses.frame import Frame
from rootcause_lib.analyses.root_cause.change_grades import CHANGE_COLUMNS
from rootcause_lib.analyses.root_cause.segment_grades import SEGMENT_COLUMNS

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "change": Frame(
            "The change of the contacts of one item against an equally long period: volume + mix + rate = total.",
            CHANGE_COLUMNS,
        ),
        "segments": Frame(
            "One segment that stands out: found in one half of the customers, confirmed and measured in the other.",
            SEGMENT_COLUMNS,
        ),
    }
)

COLUMN_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "period": "The days judged, first/last.",
        "before": "The days compared with, first/last.",
        "dimension": "total, process, reason, channel or segment; items of each sum to the total.",
        "item": "Label within the dimension; `all`: the total; `no_process`: matters of none; empty: no label known.",
        "volume": "Contacts added by more customers' days (exposure), all else as it was on average.",
        "volume_low": "Lower limit of volume.",
        "volume_high": "Upper limit of volume.",
        "mix": "Contacts added because segments' shares of those days changed; of a process: because its events "
        "happened more or less often per day as a customer.",
        "mix_low": "Lower limit of mix.",
        "mix_high": "Upper limit of mix.",
        "rate": "Contacts added because a day as a customer brings more or fewer; of a process: because an event does.",
        "rate_low": "Lower limit of rate.",
        "rate_high": "Upper limit of rate.",
        "total": "Contacts less contacts_before.",
        "total_low": "Lower limit of total.",
        "total_high": "Upper limit of total.",
        "contacts_before": "Contacts in the period compared with.",
        "exposure_unit": "Contacts are counted over customer_days, days (no customer list) or events (of a process).",
        "exposure_before": "How many of them there were in the period compared with.",
        "exposure": "How many of them there were in the period judged.",
        "customers_before": "Customers behind contacts_before; of a process at least so many.",
        "p_value": "Two-sided p-value of no difference.",
        "q_value": "False discovery rate at which the row would still be told, over all rows of the frame.",
        "counted_as": "rate: contacts per customer and 365 days; share: of coded contacts; growth: contacts over those "
        "before, per day as a customer.",
        "attributes": "Attributes and values, as in `segment=firm, channel=chat`; `all`: every contact.",
        "baseline": "The same measure of all others.",
        "difference": "value less baseline.",
        "ratio": "value over baseline.",
        "ratio_low": "Lower limit of ratio.",
        "ratio_high": "Upper limit of ratio.",
        "found_in": "Days judged, first/last; of a change, those before and those now.",
        "found_ratio": "The ratio in the half of the customers that was searched; too large on average.",
        "confirmed": "Whether the other half of the customers confirms it; what it does not confirm is not told.",
        "merged": "Other combinations that stood out only through this one.",
        "changed": "more or fewer where the change stands out at a false discovery rate of 5 %, else no_clear_change.",
    }
)
"""Columns that no other frame has."""
