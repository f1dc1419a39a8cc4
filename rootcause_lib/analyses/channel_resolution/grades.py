"""What figures about channels may be used for: resolution shares, curves, moves, and the metrics beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rootcause_lib.analyses.small_cells import protected, suppressed_rows
from rootcause_lib.estimates import estimate, with_totals
from rootcause_lib.grades import Grading, Letters, capped, width_letters
from rootcause_lib.journeys import Following
from rootcause_lib.metrics.coverage import identified
from rootcause_lib.periods import Period
from rootcause_lib.statements import statement
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import ALL

FEW_UNLIKE = 0.05
"""Share of a channel's rows that may be of another kind before its figures are not compared."""

_FOLLOWED = ("contact_id", "started_at", "ended_at", "customer_id", "direction", "abandoned")
"""What following a customer from one contact to the next rests on."""

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
    coded = (table["match"] == "reason") | (table["reason"] != ALL)
    _follow_customers(store, grading, channels=table["channel"], coded=coded)
    # Whether a further contact was about the same matter nobody can say.
    unsorted = (table["match"] == "any") & (followed.matching == "any") & (not store.extent.usable_reasons)
    grading.capped("B", where=unsorted, reason="definition_sensitive")
    grading.definition_spread(_definition_spread(table, half_width, limits.half_width[0]))
    return _in_order(pd.concat([table, grading.result()], axis=1), followed)


def graded_recontact(store: Store, curve: pd.DataFrame) -> pd.DataFrame:
    """Days of recontact curves with grades; of their columns it reads low, high, unobserved, contacts, customers."""
    grading = _precise(store, curve).unobserved(curve["unobserved"] / curve["contacts"])
    _follow_customers(store, grading, channels=curve["channel"], coded=curve["match"] == "reason")
    return pd.concat([curve, grading.result()], axis=1)


def graded_moves(
    store: Store, moves: pd.DataFrame, followed: Following, *, opened: str, known: pd.Series
) -> pd.DataFrame:
    """Shares of a channel's contacts or cases that went somewhere, with grades.

    `opened` names the column of the channel they started in; `known` is the share of what started there, by channel,
    of which it can be seen where it went.
    """
    grading = _precise(store, moves).unobserved(1 - moves[opened].map(known).astype("float64"))
    _follow_customers(store, grading, channels=moves[opened], coded=followed.matching == "reason")
    return pd.concat([moves, grading.result()], axis=1)


def graded_followed(
    store: Store,
    table: pd.DataFrame,
    followed: Following,
    *,
    letters: Letters,
    unknown: Any,
    channels: pd.Series,
    missing: str = "immature",
) -> pd.DataFrame:
    """Figures on cases or on what follows a contact, with grades; `letters` say how precise they are.

    unknown: share of what was asked that can't be seen, and what to call that (`missing`). channels: those the figures
    are of, `all` where of none.
    """
    grading = Grading(store.engagement.grades, len(table)).precision(letters).customers(table["customers"])
    grading.unobserved(unknown, reason=missing)
    _follow_customers(store, grading, channels=channels, coded=followed.matching == "reason")
    return pd.concat([table.reset_index(drop=True), grading.result()], axis=1)


def compared(store: Store, estimates: pd.DataFrame) -> pd.DataFrame:
    """Estimates by channel; a channel whose rows are unlike the others' is not to be compared whatever the metric."""
    return capped(estimates, "D", where=estimates["channel"].isin(unlike_channels(store)), reason="unlike_rows")


def _precise(store: Store, table: pd.DataFrame) -> Grading:
    limits = store.engagement.grades
    letters = width_letters((table["high"] - table["low"]) / 2, limits)
    return Grading(limits, len(table)).precision(letters).customers(table["customers"])


def _follow_customers(store: Store, grading: Grading, *, channels: pd.Series, coded: Any) -> None:
    """What every figure meets that follows a channel's customers: are they known, do codes speak, are rows alike?"""
    shares = dict(store.extent.identified_by_channel)
    grading.identified(channels.map(shares).fillna(store.identified_share))
    grading.default_codes(np.where(coded, store.default_code_share, np.nan))
    # Follow-up then runs from the start, which stands for the end.
    ends = store.is_filled("contacts", "ended_at") or store.is_filled("contacts", "handle_seconds")
    grading.capped("B", where=not ends, reason="proxy")
    grading.capped("C", where=store.is_guessed(_FOLLOWED), reason="guessed_mapping")
    grading.capped("C", where=(channels != ALL) & store.is_guessed({"channel"}), reason="guessed_mapping")
    grading.capped("C", where=np.asarray(coded) & store.is_guessed({"reason"}), reason="guessed_mapping")
    gap = store.extent.coverage_gap > store.engagement.grades.coverage_gap
    grading.capped("C", where=(channels != ALL) & gap, reason="unidentified")
    grading.capped("D", where=channels.isin(unlike_channels(store)), reason="unlike_rows")


def _windows(store: Store, shares: pd.DataFrame, followed: Following) -> pd.Series:
    """The window each row was read at: a reason's own where it has one, else the one for all."""
    if not followed.own_windows:
        return pd.Series(followed.window_days, index=shares.index)
    return shares["reason"].map(store.engagement.definitions.window_of).astype("int64")


def shown_coverage(store: Store) -> pd.DataFrame:
    """Estimates of the share of inbound contacts with a known customer, by channel, over all that is covered.

    Without the channels of too few customers.
    """
    period = Period(store.observed_from, store.observed_until)
    splits = (estimate(store, [identified()], by=by, period=period) for by in ((), ("channel",)))
    smallest = store.engagement.definitions.smallest_cell
    table = protected(with_totals(*splits, dimensions=("channel",)), by=("channel",), minimum=smallest)
    return table[(table["channel"] != ALL) & ~suppressed_rows(table)].reset_index(drop=True)


def unlike_channels(store: Store) -> tuple[str, ...]:
    """Channels whose rows can't be compared with the others': tickets hide what interactions show as repeats.

    A channel counts as unlike once more than `FEW_UNLIKE` of its rows are of the kind rarer in all the data.
    """
    kinds = store.engine.run(statement("row_kinds"))
    kinds = kinds.assign(ticket=kinds["row_is"] == "ticket")
    if kinds["ticket"].nunique() < 2:
        return ()
    rare = kinds.groupby("ticket")["contacts"].sum().idxmin()
    own = kinds["contacts"].where(kinds["ticket"] == rare, 0).groupby(kinds["channel"].astype(str)).sum()
    share = own / kinds.groupby(kinds["channel"].astype(str))["contacts"].sum()
    return tuple(sorted(share.index[share > FEW_UNLIKE]))


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
