"""When customers were there to leave, and when they gave notice: the clock that every figure on leaving runs by.

Leaving dates are ends of contracts. What led to leaving happened before notice was given, and the contact to cancel is
no cause of it. A clock that runs on to the leaving date makes a strong false effect: 4.2 times with no effect at all
and four weeks' notice.
"""

from __future__ import annotations

from dataclasses import dataclass

from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.store import Store

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class ChurnClock:
    """Weeks are counted from `first_day` (days since 1970-01-01); those from `first_week` up to `weeks` are judged.

    notice_known: whether the day of notice is in the data or can be told from the leaving date; without it no figure on
    leaving is better than grade D.
    """

    first_day: int
    weeks: int
    notice_known: bool
    first_week: int = 0

    @property
    def judged_weeks(self) -> int:
        """Whole weeks judged."""
        return max(self.weeks - self.first_week, 0)


def settle_spells(store: Store, *, period: Period | None = None, segment: str | None = None) -> ChurnClock:
    """Make `churn_spells`, a customer's times at risk of giving notice, in the whole weeks of a period.

    By default all that the data cover; what happened before the period still opens windows. `segment`: of it alone.
    """
    first = day_number(store.observed_from)
    judged = period or Period(store.observed_from, store.observed_until)
    first_week = max(-(-(day_number(judged.start) - first) // WEEK_DAYS), 0)
    weeks = (min(day_number(judged.end), day_number(store.observed_until)) + 1 - first) // WEEK_DAYS
    notice = store.engagement.definitions.notice_days
    values: dict[str, Value] = {
        "observed_from_day": first,
        "first_week": first_week,
        "weeks": weeks,
        "notice_days": notice,
        "segment": segment,
    }
    store.engine.materialise("churn_spells", statement("churn_spells", values=values))
    known = notice is not None or store.is_filled("customers", "cancelled_on")
    return ChurnClock(first, weeks, known, first_week)
