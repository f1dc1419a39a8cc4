"""How many hours there were of each local hour of a day: a change of clocks skips one and repeats another."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from rootcause_lib.analyses.channel_resolution.queue_sums import KINDS_OF_DAY, kind_of_day
from rootcause_lib.demand import HOUR_SECONDS, HOURS, Calendar
from rootcause_lib.journeys import day_number
from rootcause_lib.periods import DAY_SECONDS, end_second, first_second, zone

_QUARTER = 900


def clock_hours(calendar: Calendar) -> pd.DataFrame:
    """kind_of_day, hour, clock_hours: how many hours of the period lay in that local hour of that kind of day."""
    found = {(kind, hour): 0.0 for kind in KINDS_OF_DAY for hour in range(HOURS)}
    for number in range(calendar.period.days):
        day = calendar.period.start + dt.timedelta(days=number)
        kind = kind_of_day(day_number(day), calendar)
        for hour, length in enumerate(_lengths(day, calendar.time_zone)):
            found[kind, hour] += length
    rows = [{"kind_of_day": kind, "hour": hour, "clock_hours": length} for (kind, hour), length in found.items()]
    return pd.DataFrame(rows)


def _lengths(day: dt.date, time_zone: str) -> list[float]:
    """How long each local hour of a day lasts, in hours."""
    first, end = first_second(day, time_zone=time_zone), end_second(day, time_zone=time_zone)
    if end - first == DAY_SECONDS:
        return [1.0] * HOURS
    local, lengths = zone(time_zone), [0.0] * HOURS
    for moment in range(first, end, _QUARTER):
        lengths[dt.datetime.fromtimestamp(moment, local).hour] += _QUARTER / HOUR_SECONDS
    return lengths
