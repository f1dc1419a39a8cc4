"""Which candidates are told, and what they may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.root_cause.change_grades import (
    FALSE_DISCOVERY_RATE,
    add_store_lines,
    clear_letters,
    span,
)
from rootcause_lib.analyses.root_cause.compared import YEAR_DAYS, Compared
from rootcause_lib.grades import Grading, spread_letters
from rootcause_lib.periods import Period
from rootcause_lib.statistics.false_discovery import adjusted_p_values
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

LEAST_CUSTOMERS = 10
"""Fewer customers confirm nothing."""

SEGMENT_COLUMNS = (
    "kind", "counted_as", "attributes", "reason", "contacts", "contacts_before", "customers", "value", "low", "high",
    "baseline", "difference", "ratio", "ratio_low", "ratio_high", "level", "p_value", "q_value", "found_in",
    "found_ratio", "confirmed", "merged", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `segments`: all numbers but found_ratio are of the half of the customers that confirmed."""


def graded_segments(
    store: Store, table: pd.DataFrame, period: Period, compared: Compared | None, *, compare: str
) -> pd.DataFrame:
    """The candidates that the other half of the customers confirms, largest excess of contacts first."""
    smallest = max(store.engagement.definitions.smallest_cell, LEAST_CUSTOMERS)
    before = np.where(table["kind"] == "change", table["customers_base"], np.inf)
    enough = (table["customers"] >= smallest) & (before >= smallest) & (table["customers_rest"] >= smallest)
    p_value = table["p_value"].where(enough)
    q_value = adjusted_p_values(p_value)
    agrees = (table["ratio"] > 1) == (table["found_ratio"] > 1)
    now = span(period)
    judged = table.assign(
        level=store.engagement.definitions.level,
        q_value=q_value,
        found_in=np.where(table["kind"] == "change", f"{span(compared.before)} {now}" if compared else now, now),
        confirmed=(np.nan_to_num(q_value, nan=1.0) <= FALSE_DISCOVERY_RATE) & agrees,
        method="log_ratio_cluster",
        claim="association",
    )
    excess = (judged["contacts"] * (1 - 1 / judged["ratio"])).abs()
    told = judged.assign(excess=excess)[judged["confirmed"]].sort_values("excess", ascending=False, kind="stable")
    told = _merged(told).reset_index(drop=True)
    graded = pd.concat([told, _grading(store, told, period, compare=compare).result()], axis=1)
    return graded[list(SEGMENT_COLUMNS)]


def _merged(told: pd.DataFrame) -> pd.DataFrame:
    """Levels that are what a change of the very same contacts, in the same direction, left behind are its shadows."""
    names = [*told[["attributes", "reason"]].itertuples(index=False, name=None)]
    keys = pd.Series([(*name, ratio > 1) for name, ratio in zip(names, told["ratio"], strict=True)], index=told.index)
    changes = told["kind"] == "change"
    shadows = ~changes & keys.isin(keys[changes])
    number = keys[shadows].value_counts()
    more = keys.map(lambda key: number.get(key, 0)).where(changes, 0)
    return told.assign(merged=told["merged"] + more.astype(int))[~shadows]


def _grading(store: Store, table: pd.DataFrame, period: Period, *, compare: str) -> Grading:
    limits = store.engagement.grades
    letters = spread_letters(table["ratio_low"], table["ratio_high"], limits)
    grading = Grading(limits, len(table)).precision(
        np.minimum(letters, clear_letters(table["p_value"], limits.clear_at))
    )
    behind = table["customers"].to_numpy(dtype=float)
    before = table["customers_base"].to_numpy(dtype=float)
    grading.customers(np.where(table["kind"] == "change", np.maximum(behind, before), behind))
    coded = (table["reason"] != ALL) | (table["counted_as"] == "share")
    add_store_lines(store, grading, coded=coded, columns=("contact_id", "started_at", "direction", "customer_id"))
    by_channel = table["attributes"].str.contains("channel=", regex=False)
    grading.capped("C", where=by_channel & store.is_guessed({"channel"}), reason="guessed_mapping")
    season = (table["kind"] == "change") & (compare == "previous") & (period.days <= YEAR_DAYS)
    grading.capped("B", where=season, reason="proxy")
    return grading
