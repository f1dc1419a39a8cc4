"""What the resolution shares may be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.estimates import estimate
from rootcause_lib.grades import Grading, width_letters
from rootcause_lib.journeys import Following
from rootcause_lib.metrics.coverage import identified
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

COLUMNS = (
    "channel", "reason", "match", "window_days", "outcome", "value", "low", "high", "level", "at_risk", "events",
    "contacts", "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
"""Of the frame `resolution`. `contacts` opened a case, `at_risk` of them were watched to the window's last day."""


def graded_resolution(store: Store, shares: pd.DataFrame, followed: Following) -> pd.DataFrame:
    """The shares at the window with their grades, totals first."""
    if shares.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    table = shares.assign(window_days=_windows(store, shares, followed), claim="descriptive").reset_index(drop=True)
    if not store.is_filled("customers", "left_on"):
        table = table[table["outcome"] != "left"].reset_index(drop=True)
    limits = store.engagement.grades
    half_width = (table["high"] - table["low"]) / 2
    grading = Grading(limits, len(table)).precision(width_letters(half_width, limits))
    grading.customers(table["customers"]).unobserved(table["unobserved"] / table["contacts"])
    grading.identified(_identified(store, table))
    coded = (table["match"] == "reason") | (table["reason"] != ALL)
    grading.default_codes(np.where(coded, store.default_code_share, np.nan))
    grading.definition_spread(_definition_spread(table, half_width, limits.half_width[0]))
    gap = store.extent.coverage_gap > limits.coverage_gap
    grading.capped("C", where=(table["channel"] != ALL) & gap, reason="unidentified")
    grading.capped("D", where=table["channel"].isin(unlike_channels(store)), reason="unlike_rows")
    return _in_order(pd.concat([table, grading.result()], axis=1), followed)


def _windows(store: Store, shares: pd.DataFrame, followed: Following) -> pd.Series:
    """The window each row was read at: a reason's own where it has one, else the one for all."""
    own = store.engagement.definitions.windows if followed.own_windows else {}
    return shares["reason"].map(dict(own)).fillna(followed.window_days).astype("int64")


def coverage(store: Store) -> pd.DataFrame:
    """Estimates of the share of inbound contacts with a known customer, by channel, over all that is covered."""
    return estimate(store, [identified()], by=("channel",), period=Period(store.observed_from, store.observed_until))


def unlike_channels(store: Store) -> tuple[str, ...]:
    """Channels whose rows can't be compared with the others': tickets hide what interactions show as repeats."""
    kinds = store.engine.run(statement("row_kinds"))
    kinds = kinds.assign(ticket=kinds["row_is"] == "ticket")
    if kinds["ticket"].nunique() < 2:
        return ()
    rare = kinds.groupby("ticket")["contacts"].sum().idxmin()
    return tuple(sorted(kinds.loc[kinds["ticket"] == rare, "channel"].astype(str).unique()))


def _identified(store: Store, table: pd.DataFrame) -> pd.Series:
    shares = dict(store.extent.identified_by_channel)
    return table["channel"].map(shares).fillna(store.identified_share)


def _definition_spread(table: pd.DataFrame, half_width: pd.Series, smallest: float) -> pd.Series:
    """How far counting any contact (less chance) and counting the same reason lie apart, in half-widths.

    The half-width counts as at least the limit for A: else more contacts would make the very same
    difference of definitions look worse.
    """
    back = table[table["outcome"] == "came_back"]
    less_chance = back["value"] - back["expected_by_chance"].fillna(0).where(back["match"] == "any", 0)
    wide = less_chance.groupby([back["channel"], back["reason"], back["match"]]).first().unstack("match")
    if not {"any", "reason"} <= set(wide.columns):
        return pd.Series(np.nan, index=table.index)
    apart = (wide["any"] - wide["reason"]).abs()
    keys = pd.MultiIndex.from_frame(table[["channel", "reason"]])
    spread = pd.Series(apart.reindex(keys).to_numpy(), index=table.index)
    return (spread / half_width.clip(lower=smallest)).where(table["match"] != "case")


def _in_order(table: pd.DataFrame, followed: Following) -> pd.DataFrame:
    """Totals first, then by channel and reason; the chosen rule first; outcomes quiet, came_back, left."""
    order = {"quiet": 0, "came_back": 1, "left": 2}
    ranked = table.assign(
        _channel=table["channel"] != ALL,
        _reason=table["reason"] != ALL,
        _outcome=table["outcome"].map(order),
        _match=table["match"] != followed.matching,
    )
    keys = ["_reason", "_channel", "channel", "reason", "_match", "match", "_outcome"]
    return ranked.sort_values(keys, kind="stable")[list(COLUMNS)].reset_index(drop=True)
