"""What the engine counts of waiting, and shares and means of it for any grouping; a bad day makes everybody wait, so
intervals take local days for clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.demand import Calendar, calendar_of
from rootcause_lib.engagement import Engagement
from rootcause_lib.journeys import constant_rows, day_number, day_of
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.grouped_clusters import sums_by_group
from rootcause_lib.statistics.ratios import ratio_from_sums, share_from_sums
from rootcause_lib.vocabulary import WRITTEN_CHANNELS

KINDS_OF_DAY = ("weekday", "saturday", "sunday")
"""Monday to Friday, Saturday, Sunday or public holiday."""

_CHANNEL_ROW = -1

COUNTS = (
    "attempts", "offered", "abandoned", "abandoned_waits", "short_abandons", "answered_waits", "answered_within",
    "waits", "waited", "gave_up_waited", "watched", "judged", "judged_less_short",
)  # fmt: skip

_SHARES = {
    "abandoned_share": ("abandoned", "offered"),
    "service_level": ("answered_within", "judged"),
    "service_level_less_short": ("answered_within", "judged_less_short"),
    "service_level_of_answered": ("answered_within", "answered_waits"),
}
"""share -> what it counts and of what."""

_MEANS = {"mean_wait": ("waited", "waits"), "mean_wait_abandoned": ("gave_up_waited", "abandoned_waits")}
"""mean -> what it adds up and over what."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`hours`: counts by channel, local day and hour. `waits`: contacts by channel, abandoned (NaN: not known which)
    and seconds. `customers`: by channel, kind_of_day and hour, those who gave up beside; `channels`: by channel."""

    calendar: Calendar
    within_seconds: float
    hours: pd.DataFrame
    waits: pd.DataFrame
    customers: pd.DataFrame
    channels: pd.DataFrame


def waiting(asked: Asked) -> Waiting:
    """Everything counted of the period's attempts in channels in which somebody waits for an answer."""
    store, engagement = asked.store, asked.store.engagement
    # Outside the data no hour went by in which somebody could have called.
    start, end = max(asked.period.start, store.observed_from), min(asked.period.end, store.observed_until)
    calendar = calendar_of(store, Period(start, end))
    within = seconds_agreed(engagement)
    days: dict[str, Value] = {"start_day": day_number(start), "end_day": day_number(end)}
    hours = store.engine.run(statement("queue_sums", values={**days, "within_seconds": within}))
    hours = _derived(hours.astype({"channel": "str"}), calendar)
    holidays: list[dict[str, Value]] = [{"day": day_number(day)} for day in sorted(calendar.holidays)]
    store.engine.materialise("public_holidays", constant_rows("public_holidays", holidays))
    customers = store.engine.run(statement("queue_customers", values=days)).astype({"channel": "str"})
    waits = store.engine.run(statement("queue_waits", values=days)).astype({"channel": "str"})
    shown = _channels_that_wait(hours)
    hours, waits, customers = (table[table["channel"].isin(shown)] for table in (hours, waits, customers))
    whole = customers["kind_of_day"] == _CHANNEL_ROW
    named = customers[~whole].rename(columns={"started_hour": "hour"})
    named = named.assign(kind_of_day=np.array(KINDS_OF_DAY, dtype=object)[named["kind_of_day"].astype("int64")])
    return Waiting(
        calendar,
        within,
        hours.reset_index(drop=True),
        waits.reset_index(drop=True),
        named.reset_index(drop=True),
        customers.loc[whole, ["channel", "customers", "gave_up"]].reset_index(drop=True),
    )


def seconds_agreed(engagement: Engagement) -> float:
    """Within how many seconds an answer counts for the service level: as defined, else as the target says."""
    rules, target = engagement.definitions, engagement.targets.service_level
    own = "answer_within_seconds" in rules.model_fields_set or target is None
    return float(rules.answer_within_seconds if own or target is None else target.seconds)


def measured(rows: pd.DataFrame, *, by: Sequence[str], level: float) -> pd.DataFrame:
    """For each group of `by` the sums of `COUNTS`, and shares and mean wait with their limits (name_low, name_high).

    NaN where these data can't say: no wait or no mark of giving up in the group.
    """
    table = rows.groupby(list(by), sort=True, observed=True)[list(COUNTS)].sum(min_count=1).reset_index()
    for name, (value, weight) in _SHARES.items():
        _, sums = sums_by_group(rows, by=by, cluster="started_day", value=value, weight=weight)
        found = share_from_sums(sums, level=level)
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found.value, found.low, found.high
    for name, (value, weight) in _MEANS.items():
        _, sums = sums_by_group(rows, by=by, cluster="started_day", value=value, weight=weight)
        mean = ratio_from_sums(sums, level=level)
        table[name], table[f"{name}_low"], table[f"{name}_high"] = mean.value, mean.low, mean.high
    no_waits = (table["answered_waits"] == 0).to_numpy()
    no_short = no_waits | ((table["abandoned"] > 0) & (table["abandoned_waits"] == 0)).to_numpy()
    for name, gone in {"service_level": no_waits, "service_level_less_short": no_short}.items():
        for column in (name, f"{name}_low", f"{name}_high"):
            table[column] = table[column].mask(gone)
    return table


def unknown_attempts(table: pd.DataFrame) -> pd.Series:
    """Attempts of which the figure that knows least, of those that are told, knows nothing."""
    known = pd.DataFrame(
        {
            "abandonment": table["offered"].where(table["offered"] > 0),
            "service": table["judged"].where(table["answered_waits"] > 0),
            "wait": (table["waits"] + table["abandoned"]).where(table["waits"] > 0),
        }
    )
    return table["attempts"] - known.min(axis=1)


def _derived(hours: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    sums = hours.assign(
        judged=hours["abandoned"] + hours["answered_waits"],
        judged_less_short=hours["abandoned"] + hours["answered_waits"] - hours["short_abandons"],
    )
    sums = sums.astype(dict.fromkeys(COUNTS, "float64")).fillna({"waited": 0.0, "gave_up_waited": 0.0, "watched": 0.0})
    kinds = {day: kind_of_day(day, calendar) for day in sums["started_day"].unique()}
    return sums.assign(kind_of_day=sums["started_day"].map(kinds).astype("object"))


def kind_of_day(day: int, calendar: Calendar) -> str:
    """A day, numbered as statements do, as one of `KINDS_OF_DAY`."""
    date = day_of(day)
    weekday = 6 if date in calendar.holidays else date.weekday()
    return KINDS_OF_DAY[max(weekday - 4, 0)]


def _channels_that_wait(hours: pd.DataFrame) -> list[str]:
    """Channels with a known wait or a known mark of giving up; an unmarked letter waits in no queue."""
    known = hours.groupby("channel", sort=True)[["offered", "waits"]].sum()
    written = known.index.isin(WRITTEN_CHANNELS) & (known["offered"] == 0)
    return [str(name) for name in known.index[((known["offered"] > 0) | (known["waits"] > 0)) & ~written]]
