"""When customers were there to leave, and when they gave notice: the clock that every figure on leaving runs by.

Leaving dates are ends of contracts. What led to leaving happened before notice was given, and the contact to cancel is
no cause of it. A clock that runs on to the leaving date makes a strong false effect: 4.2 times with no effect at all
and four weeks' notice.
"""

from __future__ import annotations

from dataclasses import dataclass

from rootcause_lib.journeys import day_number
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class ChurnClock:
    """Weeks are counted from `first_day` (days since 1970-01-01); `weeks` of them are whole.

    notice_known: whether the day of notice is in the data or can be told from the leaving date; without it no figure on
    leaving is better than grade D.
    """

    first_day: int
    weeks: int
    notice_known: bool


def settle_spells(store: Store) -> ChurnClock:
    """Make `churn_spells`, a customer's times at risk of giving notice, over all that the data cover."""
    first = day_number(store.observed_from)
    weeks = (day_number(store.observed_until) + 1 - first) // WEEK_DAYS
    notice = store.engagement.definitions.notice_days
    values: dict[str, Value] = {"observed_from_day": first, "weeks": weeks, "notice_days": notice}
    store.engine.materialise("churn_spells", statement("churn_spells", values=values))
    return ChurnClock(first, weeks, notice is not None or store.is_filled("customers", "cancelled_on"))
