"""Attempts and waits by local hour and kind of day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.clock_hours import clock_hours
from rootcause_lib.analyses.channel_resolution.queue_grades import graded_waits
from rootcause_lib.analyses.channel_resolution.queue_sums import Waiting, measured, unknown_attempts
from rootcause_lib.analyses.rows import records
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.statistics.intervals import Interval
from rootcause_lib.statistics.limits_as_tests import p_value_from_limits

HOURS_COLUMNS = (
    "channel", "kind_of_day", "hour", "clock_hours", "offered", "offered_per_hour", "judged", "waits",
    "abandoned", "abandoned_share",
    "abandoned_share_low", "abandoned_share_high", "service_level", "service_level_low", "service_level_high",
    "mean_wait", "mean_wait_low", "mean_wait_high", "level", "unobserved", "customers", "method", "claim", "q_value",
    "grade", "grade_reasons",
)  # fmt: skip


def queue_by_hour(asked: Asked, counted: Waiting) -> pd.DataFrame:
    """One row per channel, kind of day and local hour in which anybody tried to reach us."""
    level = asked.store.engagement.definitions.level
    hours = counted.hours.rename(columns={"started_hour": "hour"})
    table = measured(hours, by=["channel", "kind_of_day", "hour"], level=level)
    table = table[(table["offered"] > 0) | (table["waits"] > 0)].reset_index(drop=True)
    keys = ["channel", "kind_of_day", "hour"]
    table = table.astype({"hour": "int64"}).merge(counted.customers.astype({"hour": "int64"}), on=keys, how="left")
    table = table.merge(clock_hours(counted.calendar), on=["kind_of_day", "hour"], how="left")
    table = table.assign(
        offered_per_hour=table["offered"] / table["clock_hours"].where(table["clock_hours"] > 0),
        level=level,
        unobserved=unknown_attempts(table),
        method="day_cluster",
        claim="descriptive",
    )
    return graded_waits(asked, _screened(table, counted, level=level))


def _screened(table: pd.DataFrame, counted: Waiting, *, level: float) -> pd.DataFrame:
    """With `q_value`: how surely an hour differs from its channel in the share who gave up, or in the mean wait where
    nobody is known to have; over all hours of all channels."""
    p_values = np.full(len(table), np.nan)
    for whole in records(measured(counted.hours, by=["channel"], level=level)):
        name = "abandoned_share" if whole["abandoned_share"] > 0 else "mean_wait"
        places = np.flatnonzero(table["channel"] == whole["channel"])
        p_values[places] = _p_values(table.iloc[places], float(whole[name]), name, level)
    return table.assign(q_value=adjusted_p_values(p_values) if len(table) else p_values)


def _p_values(rows: pd.DataFrame, other: float, name: str, level: float) -> np.ndarray:
    """Of rows against the figure of the whole; a mean wait on the logarithm, as its limits are made."""
    value, low, high = (rows[f"{name}{end}"].to_numpy(dtype=float) for end in ("", "_low", "_high"))
    if name == "mean_wait":
        with np.errstate(divide="ignore", invalid="ignore"):
            value, low, high, other = np.log(value), np.log(low), np.log(high), float(np.log(other))
    return p_value_from_limits(value, Interval(low, high), against=other, level=level)
