"""What figures on leaving may be used for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.churn_risk.asked import Asked
from rootcause_lib.grades import Grading, spread_letters

_FOLLOWED = ("contact_id", "started_at", "customer_id", "direction", "abandoned")
"""What exposure to contacts rests on."""


def hazard_grading(asked: Asked, table: pd.DataFrame, *, by_contacts: Any) -> Grading:
    """Lines that every ratio of hazards meets: limits, events, customers, identified contacts, known notice.

    `table`: low, high, events, customers. by_contacts: rows whose exposure is a contact.
    """
    store = asked.store
    grading = Grading(store.engagement.grades, len(table))
    grading.precision(spread_letters(table["low"], table["high"], store.engagement.grades))
    grading.events(table["events"]).customers(table["customers"])
    grading.identified(np.where(by_contacts, store.identified_share, np.nan))
    if len(table):
        # What went wrong before may lie behind both the contact and the leaving, and nothing tells of it.
        grading.capped("B", where="process_events" not in store.present, reason="proxy")
        grading.capped("D", where=not asked.clock.notice_known, reason="notice_unknown")
        grading.capped("C", where=np.asarray(by_contacts) & store.is_guessed(_FOLLOWED), reason="guessed_mapping")
    return grading
