"""When customers were there to leave, and when they gave notice: the clock that every figure on leaving runs by.

Leaving dates are ends of contracts. What led to leaving happened before notice was given, and the contact to cancel is
no cause of it. A clock that runs on to the leaving date makes a strong false effect: 4.2 times with no effect at all
and four weeks' notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rootcause_lib.journeys import day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Statement, Value, statement, template
from rootcause_lib.store import Store
from rootcause_lib.traits import traits_of, with_plain_traits

WEEK_DAYS = 7
ENOUGH_NOTICES = 0.9
"""Share of those who left whose day of notice must be known for the clock to stop there."""
MOST_LEVELS = 20
"""Of a further attribute; one with more, such as a postcode, tells single customers apart."""


@dataclass(frozen=True, slots=True)
class ChurnClock:
    """Weeks are counted from `first_day` (days since 1970-01-01); those from `first_week` up to `weeks` are judged.

    notice_known: whether the day of notice is in the data or can be told from the leaving date; without it no figure on
    leaving is better than grade D. dates_known: whether any day of leaving is in the data. dormant_days: so many days
    without a sign of life are leaving; None: leaving is by the customer list. traits: columns of
    `churn_spells` and the further attributes they hold.
    """

    first_day: int
    weeks: int
    notice_known: bool
    dates_known: bool
    first_week: int = 0
    dormant_days: int | None = None
    traits: Mapping[str, str] = field(default_factory=dict)

    @property
    def judged_weeks(self) -> int:
        """Whole weeks judged."""
        return max(self.weeks - self.first_week, 0)


def settle_spells(store: Store, *, period: Period | None = None, segment: str | None = None) -> ChurnClock:
    """Make `churn_spells`, a customer's times at risk of giving notice, in the whole weeks of a period.

    Where leaving is falling silent (`[definitions] churn = "dormant"`) the end is the last sign of life; weeks whose
    silence can't be seen to its end are not judged.

    By default all that the data cover; what happened before the period still opens windows. `segment`: of it alone.
    """
    first = day_number(store.observed_from)
    judged = period or Period(store.observed_from, store.observed_until)
    first_week = max(-(-(day_number(judged.start) - first) // WEEK_DAYS), 0)
    rules = store.engagement.definitions
    dormant = rules.dormant_days if rules.churn == "dormant" else None
    last = day_number(store.observed_until) - (dormant or 0)
    weeks = max((min(day_number(judged.end), last) + 1 - first) // WEEK_DAYS, 0)
    values: dict[str, Value] = {
        "observed_from_day": first,
        "first_week": first_week,
        "weeks": weeks,
        "segment": segment,
    }
    if dormant is None:
        name = "churn_spells"
        values["notice_days"] = rules.notice_days
    else:
        name = "dormant_spells"
        values |= {"dormant_days": dormant, "observed_until_day": day_number(store.observed_until)}
    traits = _few_levels(store)
    tree = with_plain_traits(template(name), traits, within="dated")
    store.engine.materialise("churn_spells", Statement(name, tree, MappingProxyType(values)))
    dated = any(store.is_filled("customers", column) for column in ("cancelled_on", "left_on"))
    known = dormant is not None or rules.notice_days is not None or _notice_told(store)
    return ChurnClock(first, weeks, known, dated or dormant is not None, first_week, dormant, traits)


def _notice_told(store: Store) -> bool:
    """Whether nearly everybody who left has the day of notice; nobody left: whether anybody gave notice."""
    counts = store.engine.run(statement("notice_counts")).iloc[0]
    if not counts["leavers"]:
        return store.is_filled("customers", "cancelled_on")
    return bool(counts["told"] >= ENOUGH_NOTICES * counts["leavers"])


def _few_levels(store: Store) -> Mapping[str, str]:
    """The further attributes of customers that have few enough values to tell customers apart by."""
    given = traits_of(store)
    tree = with_plain_traits(template("trait_levels"), given, within="traits")
    levels = store.engine.run(Statement("trait_levels", tree)).iloc[0]
    return {column: name for column, name in given.items() if 1 < int(levels[column]) <= MOST_LEVELS}
