"""Until when something may have happened: the day of loading, and the day the exports are said to cover."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rootcause_lib.engagement import Engagement
from rootcause_lib.periods import end_second, zone
from rootcause_lib.vocabulary import Until


@dataclass(frozen=True, slots=True)
class Horizon:
    """The last local days, both included; `observed` is None where the engagement does not state it."""

    loading: dt.date
    observed: dt.date | None
    time_zone: str

    def last_day(self, until: Until) -> dt.date:
        """The last day for a column that may reach to the loading or to the stated end of the exports."""
        return min(self.loading, self.observed) if until == "observed" and self.observed else self.loading

    def last_second(self, until: Until) -> int:
        """The last UTC second of that day."""
        return end_second(self.last_day(until), time_zone=self.time_zone) - 1


def horizon_of(engagement: Engagement, *, today: dt.date | None) -> Horizon:
    """`today` is the day of loading; None: what the engagement's own clock shows now."""
    time_zone = engagement.engagement.time_zone
    return Horizon(today or dt.datetime.now(zone(time_zone)).date(), engagement.observed_until, time_zone)
