"""The frames on waiting: by channel, by hour, and how long customers are ready to wait."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.patience import median_patience
from rootcause_lib.analyses.channel_resolution.queue_grades import graded_waits
from rootcause_lib.analyses.channel_resolution.queue_sums import Waiting, measured, unknown_attempts
from rootcause_lib.statistics.grouped_clusters import sums_by_group
from rootcause_lib.statistics.grouped_quantiles import CountedQuantile, quantile_of_counts
from rootcause_lib.statistics.survival import Quantile

FORMULA = "answered_within_of_offered"

QUEUE_COLUMNS = (
    "channel", "attempts", "offered", "answered", "judged", "waits", "abandoned", "abandoned_share",
    "abandoned_share_low", "abandoned_share_high", "short_abandons", "within_seconds", "answered_within",
    "service_level", "service_level_low", "service_level_high", "service_level_formula", "service_level_less_short",
    "service_level_less_short_low", "service_level_less_short_high", "service_level_of_answered",
    "service_level_of_answered_low", "service_level_of_answered_high", "mean_wait", "mean_wait_low", "mean_wait_high",
    "mean_wait_abandoned", "mean_wait_abandoned_low", "mean_wait_abandoned_high",
    "p50_wait", "p50_wait_low", "p50_wait_high", "p90_wait", "p90_wait_low", "p90_wait_high", "median_patience",
    "median_patience_low", "median_patience_high", "level", "unobserved", "customers", "method", "claim", "grade",
    "grade_reasons", "threshold", "verdict",
)  # fmt: skip

_QUANTILES = {"p50_wait": 0.5, "p90_wait": 0.9}


def queue_by_channel(asked: Asked, counted: Waiting) -> pd.DataFrame:
    """One row per channel in which somebody waits; the columns of `QUEUE_COLUMNS`, `gave_up` and `waited` beside."""
    level, target = asked.store.engagement.definitions.level, asked.store.engagement.targets.service_level
    table = measured(counted.hours, by=["channel"], level=level).merge(counted.channels, on="channel", how="left")
    table = table.assign(
        answered=table["offered"] - table["abandoned"],
        within_seconds=counted.within_seconds,
        service_level_formula=FORMULA,
        level=level,
        unobserved=unknown_attempts(table),
        method="day_cluster",
        claim="descriptive",
        threshold=target.share if target and target.seconds == counted.within_seconds else np.nan,
    )
    table["verdict"] = _verdict(table)
    effects = _wait_effects(counted)
    for name, share in _QUANTILES.items():
        found = [_quantile(counted, str(one), share, effects, level) for one in table["channel"]]
        table[[name, f"{name}_low", f"{name}_high"]] = np.array(found, dtype=float).reshape(len(table), 3)
    found = [_ends(median_patience(counted, str(one), level)) for one in table["channel"]]
    names = ["median_patience", "median_patience_low", "median_patience_high"]
    table[names] = np.array(found, dtype=float).reshape(len(table), 3)
    return graded_waits(asked, table)


def _wait_effects(counted: Waiting) -> dict[str, float]:
    """By channel how much more the mean wait varies from day to day than single waits would have it."""
    groups, sums = sums_by_group(counted.hours, by=["channel"], cluster="started_day", value="waited", weight="waits")
    variance = sums.ratio_variance()
    effects = {}
    for place, channel in enumerate(groups["channel"].astype("str")):
        rows = _answered(counted, channel)
        seconds, contacts = rows["seconds"].to_numpy(dtype=float), rows["contacts"].to_numpy(dtype=float)
        number = contacts.sum()
        mean = (seconds * contacts).sum() / number if number else np.nan
        spread = (contacts * (seconds - mean) ** 2).sum() / number if number else np.nan
        found = variance[place] * number / spread if number and spread > 0 else 1.0
        effects[channel] = max(float(found), 1.0) if np.isfinite(found) else 1.0
    return effects


def _answered(counted: Waiting, channel: str) -> pd.DataFrame:
    rows = counted.waits[counted.waits["channel"] == channel]
    return rows[rows["abandoned"].isna() | ~rows["abandoned"].fillna(False).astype("bool")]


def _quantile(
    counted: Waiting, channel: str, share: float, effects: dict[str, float], level: float
) -> tuple[float, float, float]:
    rows = _answered(counted, channel)
    found = quantile_of_counts(
        rows["seconds"], rows["contacts"], share=share, design_effect=effects[channel], level=level
    )
    return _ends(found)


def _ends(found: Quantile | CountedQuantile) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _verdict(table: pd.DataFrame) -> pd.Series:
    """above, below or undecided: where the whole interval of the service level lies against the target."""
    low, high, target = (table[name] for name in ("service_level_low", "service_level_high", "threshold"))
    words = np.select([low > target, high < target], ["above", "below"], "undecided").astype(object)
    words[(table["service_level"].isna() | target.isna()).to_numpy()] = None
    return pd.Series(words, index=table.index, dtype="object")
