"""What figures on waiting may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.grades import compared
from rootcause_lib.grades import Grading, Letters, spread_letters, width_letters

_JUDGED_BY = ("abandoned_share", "service_level", "mean_wait")


def graded_waits(asked: Asked, table: pd.DataFrame) -> pd.DataFrame:
    """Rows graded by the widest interval they tell; read are also attempts, unobserved and customers."""
    limits = asked.store.engagement.grades
    grading = Grading(limits, len(table)).precision(_letters(asked, table)).customers(table["customers"])
    grading.unobserved(table["unobserved"] / table["attempts"], reason="low_response")
    return compared_waits(asked, table, grading)


def _letters(asked: Asked, table: pd.DataFrame) -> Letters:
    """The widest interval of those a row tells; a row that tells none is the worst."""
    limits = asked.store.engagement.grades
    letters, told = np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=bool)
    for name in _JUDGED_BY:
        low, high, known = table[f"{name}_low"], table[f"{name}_high"], table[name].notna().to_numpy()
        own = spread_letters(low, high, limits) if name == "mean_wait" else width_letters((high - low) / 2, limits)
        letters, told = np.where(known, np.maximum(letters, own), letters), told | known
    return np.where(told, letters, 3)


def compared_waits(asked: Asked, table: pd.DataFrame, grading: Grading) -> pd.DataFrame:
    """The rows with their grades, capped where the mapping was guessed or the channel's rows are unlike the others'."""
    guessed = asked.store.is_guessed(("channel", "direction", "abandoned", "wait_seconds", "started_at"))
    grading.capped("C", where=guessed, reason="guessed_mapping")
    return compared(asked.store, pd.concat([table.reset_index(drop=True), grading.result()], axis=1))
