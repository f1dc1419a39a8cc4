"""What resolution at each window, and the window that the data advise, may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.grades import graded_recontact
from rootcause_lib.grades import at_most, capped, spread_letters
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL, GRADES

DAYS_TO_ADVISE = 112
"""Of data; in fewer a customer's other cases are too few to tell ordinary contact from repeats to the day."""


def graded_curve(store: Store, shares: pd.DataFrame) -> pd.DataFrame:
    """Shares by segment, channel, rule, window and outcome with grades; a definition that matters too much counts."""
    graded = graded_recontact(store, shares)
    if graded.empty:
        return graded
    limits = store.engagement.grades
    letters = at_most(_definition_spread(graded, limits.half_width[0]), limits.definition_spread)
    return _no_better(graded, letters, reason="definition_sensitive")


def graded_advice(store: Store, advice: pd.DataFrame) -> pd.DataFrame:
    """Days with grades: the excess as a share, and how far apart the limits of the day lie."""
    coded = np.where(advice["reason"] != ALL, "reason", advice["match"])
    share = advice.assign(channel=ALL, low=advice["excess_low"], high=advice["excess_high"], match=coded)
    graded = graded_recontact(store, share).assign(low=advice["low"], high=advice["high"], match=advice["match"])
    letters = spread_letters(graded["low"], graded["high"], store.engagement.grades)
    days = (store.observed_until - store.observed_from).days + 1
    graded = capped(graded, "C", where=days < DAYS_TO_ADVISE, reason="immature")
    # A matter that brings nobody back has no day; that is its answer.
    return _no_better(graded, np.where(graded["day"].isna(), 0, letters), reason="interval_too_wide")


def _no_better(graded: pd.DataFrame, letters: np.ndarray, *, reason: str) -> pd.DataFrame:
    for place, letter in enumerate(GRADES):
        if place:
            graded = capped(graded, letter, where=letters == place, reason=reason)
    told = graded["grade_reasons"].map(lambda reasons: ";".join(dict.fromkeys(reasons.split(";"))))
    return graded.assign(grade_reasons=told.astype("str"))


def _definition_spread(table: pd.DataFrame, smallest: float) -> pd.Series:
    """How far counting any contact (less chance) and counting the same reason lie apart, in half-widths."""
    keys = ["segment", "channel", "window_days"]
    back = table[table["outcome"] == "came_back"]
    less_chance = back["value"] - back["expected_by_chance"].fillna(0).where(back["match"] == "any", 0)
    wide = back.assign(less=less_chance).pivot_table(index=keys, columns="match", values="less", aggfunc="first")
    if not {"any", "reason"} <= set(wide.columns):
        return pd.Series(np.nan, index=table.index)
    apart = (wide["any"] - wide["reason"]).abs().reindex(pd.MultiIndex.from_frame(table[keys]))
    half_width = ((table["high"] - table["low"]) / 2).clip(lower=smallest)
    return (pd.Series(apart.to_numpy(), index=table.index) / half_width).where(table["match"] != "case")
