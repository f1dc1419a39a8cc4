"""What figures about scores may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.answers import Answers
from rootcause_lib.analyses.channel_resolution.grades import unlike_channels
from rootcause_lib.grades import Grading, spread_letters, width_letters
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

SHARED = 0.5
"""Share of the mix a group must have answers about itself before the model reaches too far for it."""


def graded_scores(store: Store, table: pd.DataFrame, answers: Answers, *, base: str) -> pd.DataFrame:
    """Grades of scores by channel: how sure, how many, who answered, what the mix rests on."""
    grading = _sides(store, table, answers, shown="channel", base=base)
    grading.response(table["response_share"])
    grading.capped("D", where=table["channel"].isin(unlike_channels(store)), reason="unlike_rows")
    grading.capped("C", where=(table["channel"] != ALL) & store.is_guessed({"channel"}), reason="guessed_mapping")
    return grading.result()


def graded_sides(store: Store, table: pd.DataFrame, answers: Answers, *, shown: str, base: str) -> pd.DataFrame:
    """Grades of scores by another split."""
    return _sides(store, table, answers, shown=shown, base=base).result()


def graded_switches(store: Store, table: pd.DataFrame) -> pd.DataFrame:
    """Grades of what changing channel goes with, by the less sure of the two sides."""
    limits = store.engagement.grades
    share = (table["measure"] == "resolution").to_numpy()
    scored = table["range"].notna().to_numpy()
    half = (table["difference_high"] - table["difference_low"]) / 2
    letters = np.where(share, width_letters(half, limits), width_letters(half / table["range"], limits))
    # An amount is as sure as the less sure of the two means it compares.
    spread = np.maximum(
        *(spread_letters(table[f"{side}_low"], table[f"{side}_high"], limits) for side in ("switched", "stayed"))
    )
    grading = Grading(limits, len(table)).precision(np.where(share | scored, letters, spread))
    grading.customers(np.minimum(table["switched_customers"], table["stayed_customers"]))
    grading.identified(store.identified_share)
    grading.default_codes(store.default_code_share)
    gap = store.extent.coverage_gap > store.engagement.grades.coverage_gap
    grading.capped("C", where=gap, reason="unidentified")
    grading.capped("C", where=store.is_guessed({"channel", "customer_id", "started_at"}), reason="guessed_mapping")
    grading.capped("C", where=bool(unlike_channels(store)), reason="unlike_rows")
    return grading.result()


def _sides(store: Store, table: pd.DataFrame, answers: Answers, *, shown: str, base: str) -> Grading:
    limits = store.engagement.grades
    against = ~table[shown].isin([ALL, base])
    own = (table["high"] - table["low"]) / 2
    half = ((table["difference_high"] - table["difference_low"]) / 2).where(against, own)
    grading = Grading(limits, len(table)).precision(width_letters(half / _range(table), limits))
    grading.customers(table["customers"])
    grading.default_codes(np.where(against, store.default_code_share, np.nan))
    grading.capped("C", where=against & store.is_guessed({"reason"}), reason="guessed_mapping")
    if shown == "channel":
        grading.capped("C", where=against & (table["overlap"] < SHARED), reason="definition_sensitive")
    unnamed = table["metric"].map(lambda metric: answers.scales[metric].named < SHARED)
    grading.capped("B", where=unnamed.to_numpy(dtype=bool), reason="proxy")
    return grading


def _range(table: pd.DataFrame) -> pd.Series:
    """How far apart the ends of the scale are; where they are not stated, how far apart the answers' means may be."""
    stated = (table["scale_high"] - table["scale_low"]).where(table["metric"] != "nps", 200.0)
    return stated.fillna(4.0)
