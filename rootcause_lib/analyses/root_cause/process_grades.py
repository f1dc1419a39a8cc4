"""What figures about processes may be used for, and whether they may be called effects."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rootcause_lib.grades import Grading, Letters, spread_letters, width_letters
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.statistics.intervals import normal_critical
from rootcause_lib.statistics.placebos import placebo_verdicts as verdicts_on
from rootcause_lib.store import Store

FALSE_DISCOVERIES = 0.05
"""Share of the processes called effects that may be so by luck."""
RESTS_ON = ("customer_id", "started_at", "direction")


def placebo_verdicts(table: pd.DataFrame) -> pd.Series:
    """Per band: passed where the whole interval of its process's placebo (the days before the event) lies within half
    the band's own log effect of nothing, failed where it excludes nothing, else undecided."""
    before = table[(table["kind"] == "placebo") & table["low"].notna()].set_index("process")[["low", "high"]]
    limits = before.reindex(table["process"]).astype(float).to_numpy()
    told = verdicts_on(limits[:, 0], limits[:, 1], table["rate_ratio"].to_numpy(dtype=float))
    return pd.Series(told, index=table.index, dtype=object)


def graded_incidence(
    store: Store,
    table: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    leaving_matters: pd.Series,
    p_values: Mapping[str, float],
) -> pd.DataFrame:
    """The rate ratios with claim and grade; a placebo band is not graded by itself.

    An effect is claimed only where the placebo passed, the interval excludes 1 and the process stands out among all of
    them (false discovery rate `FALSE_DISCOVERIES`).
    """
    limits = store.engagement.grades
    verdicts = placebo_verdicts(table)
    judged = (table["kind"] != "placebo").to_numpy()
    grading = Grading(limits, len(table)).precision(spread_letters(table["low"], table["high"], limits))
    grading.customers(table["customers"]).events(table["contacts"])
    grading.identified(store.identified_share).definition_spread(_spread(tables, smallest=limits.spread[0]))
    grading.capped("C", where=judged & (verdicts != "passed").to_numpy(), reason="check_failed")
    grading.capped("C", where=leaving_matters, reason="definition_sensitive")
    grading.capped("C", where=store.is_guessed(RESTS_ON), reason="guessed_mapping")
    # A band that data don't tell has no number to be used for anything.
    grading.capped("D", where=table["rate_ratio"].isna(), reason="too_few")
    excludes = ((table["low"] > 1) | (table["high"] < 1)).to_numpy()
    clear = table["process"].isin(standing_out(p_values)).to_numpy()
    claim = np.where(judged & (verdicts == "passed") & excludes & clear, "causal", "association")
    return pd.concat([table.assign(claim=claim), grading.result()], axis=1)


def standing_out(p_values: Mapping[str, float]) -> list[str]:
    """The processes that have an effect, at most `FALSE_DISCOVERIES` of them by luck."""
    shared = adjusted_p_values(list(p_values.values())) if p_values else ()
    return [name for name, q_value in zip(p_values, shared, strict=True) if q_value <= FALSE_DISCOVERIES]


def _spread(tables: Mapping[str, pd.DataFrame], *, smallest: float) -> pd.Series:
    """How far all contacts and contacts after a quiet spell lie apart, in half-widths of the first (at least that of
    grade A); unknown with case ids, which settle it."""
    every = tables["all"]
    if "quiet" not in tables:
        return pd.Series(np.nan, index=every.index)
    apart = np.abs(np.log(every["rate_ratio"]) - np.log(tables["quiet"]["rate_ratio"]))
    half = (np.log(every["high"]) - np.log(every["low"])) / 2
    return apart / half.clip(lower=np.log(smallest) / 2)


def differ_where_nobody_leaves(table: pd.DataFrame, stayers: pd.DataFrame, *, level: float) -> pd.Series:
    """Whether the ratio of both rate ratios excludes 1: leaving ends the time watched, and contacts may lead to it.

    Those who stay are a part of all, so the variances subtract (Hausman 1978, Econometrica 46: 1251); the difference is
    taken to be at least what the missing contacts, of the band or of all bands, make of it. One allowance is made for
    all bands (Bonferroni).
    """
    missing = 1 - (stayers["contacts"] / table["contacts"].where(table["contacts"] > 0)).clip(upper=1)
    missing = missing.clip(lower=1 - stayers["contacts"].sum() / max(table["contacts"].sum(), 1))
    variance = np.maximum(stayers["standard_error"] ** 2 - table["standard_error"] ** 2, 0)
    variance = np.maximum(variance, stayers["standard_error"] ** 2 * missing)
    told = stayers["rate_ratio"].notna() & table["rate_ratio"].notna()
    shared = 1 - (1 - level) / max(int(told.sum()), 1)
    apart = np.abs(np.log(stayers["rate_ratio"]) - np.log(table["rate_ratio"]))
    return told & (apart > normal_critical(shared) * np.sqrt(variance)) & (missing > 0)


def count_letters(table: pd.DataFrame, store: Store) -> Letters:
    """Precision of a number of contacts: high over low; where nothing may be all there is, its share's half-width, for
    a direction at best."""
    limits = store.engagement.grades
    by_share = np.maximum(width_letters((table["share_high"] - table["share_low"]) / 2, limits), 2)
    crosses = ((table["low"] <= 0) & (table["high"] >= 0)).to_numpy(dtype=bool)
    low, high = table["low"].abs(), table["high"].abs()
    return np.where(crosses, by_share, spread_letters(np.fmin(low, high), np.fmax(low, high), limits))
