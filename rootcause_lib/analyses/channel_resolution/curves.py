"""Resolution at every window from 1 to 30 days, and where coming back about a matter ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from rootcause_lib import opening_windows
from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.curve_findings import (
    curve_cannot_tell,
    curve_headline,
    curve_readings,
)
from rootcause_lib.analyses.channel_resolution.curve_grades import graded_advice, graded_curve
from rootcause_lib.analyses.channel_resolution.resolution import available_rules
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells, without_numbers
from rootcause_lib.statistics.window_curves import METHOD
from rootcause_lib.vocabulary import ALL

CURVE_COLUMNS = (
    "channel", "match", "window_days", "value", "low", "high", "level", "contacts", "at_risk", "unobserved",
    "customers", "expected_by_chance", "excess", "excess_low", "excess_high", "method", "claim", "grade",
    "grade_reasons",
)  # fmt: skip

ADVICE_COLUMNS = (
    "reason", "match", "window_days", "day", "low", "high", "level", "excess", "excess_low", "excess_high",
    "contacts", "customers", "unobserved", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

EXPLORED_COLUMNS = (
    "segment", "channel", "match", "window_days", "outcome", "value", "low", "high", "level", "contacts", "at_risk",
    "events", "unobserved", "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip

_WINDOWS_ALIKE = 7

ADVICE_METHOD = "excess_end_cluster"


def curves(asked: Asked) -> Part:
    """The part on windows: resolution at each, the excess over chance, and which window the matters themselves advise.

    Every matter is told at the same window, also one that has its own in the engagement.
    """
    shares, advice = [], pd.DataFrame()
    for rule in _rules(asked):
        opening_windows.watch(asked.store, replace(asked.followed, matching=rule), period=asked.period)
        for by in ((), ("channel",)):
            shares.append(_curve(asked, rule, by))
        if rule == asked.followed.matching:
            advice = _advice(asked)
    every = pd.concat(shares, ignore_index=True)
    every = graded_curve(asked.store, _in_order(every[every["value"].notna()], asked.followed.matching))
    every = every if len(every) else pd.DataFrame(columns=list(EXPLORED_COLUMNS))
    shown = _protected(every, asked, by=("channel",))
    curve = _told_once(shown)
    frames = {"resolution_curve": curve, "window_advice": advice}
    return Part(
        frames=frames,
        readings=curve_readings(asked.store, frames, asked.followed),
        headline=curve_headline(frames, asked.followed),
        cannot_tell=curve_cannot_tell(frames, asked.followed),
    )


def explored_curves(asked: Asked) -> pd.DataFrame:
    """Every share an explorer can be asked for: `EXPLORED_COLUMNS`, by segment, channel, rule, window and outcome.

    `all` in segment and channel marks a total; segments are those of customers, where the data name any.
    """
    shares = []
    for rule in _rules(asked):
        opening_windows.watch(asked.store, replace(asked.followed, matching=rule), period=asked.period)
        for by in ((), ("channel",), ("segment",), ("segment", "channel")):
            shares.append(_curve(asked, rule, by))
    every = pd.concat(shares, ignore_index=True)
    if every.empty:
        return pd.DataFrame(columns=list(EXPLORED_COLUMNS))
    graded = graded_curve(asked.store, _in_order(every[every["value"].notna()], asked.followed.matching))
    shown = _protected(graded, asked, by=("channel", "segment"))
    if not asked.store.is_filled("customers", "left_on"):
        shown = shown[shown["outcome"] != "left"]
    return shown.loc[shown["segment"] != "", list(EXPLORED_COLUMNS)].reset_index(drop=True)


def _rules(asked: Asked) -> tuple[str, ...]:
    """The chosen rule first, then the others the data allow."""
    return tuple(dict.fromkeys((asked.followed.matching, *available_rules(asked.store))))


def _curve(asked: Asked, rule: str, by: tuple[str, ...]) -> pd.DataFrame:
    level = asked.store.engagement.definitions.level
    table = opening_windows.curves(asked.store, by=by, level=level)
    for dimension in ("channel", "segment"):
        if dimension not in by:
            table[dimension] = ALL
    return table.assign(match=rule, level=level, method=METHOD, claim="descriptive")


def _in_order(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Totals first, the chosen rule first, then by window."""
    ranked = table.assign(
        _match=table["match"] != rule, _segment=table["segment"] != ALL, _channel=table["channel"] != ALL
    )
    keys = ["_match", "match", "_segment", "segment", "_channel", "channel", "window_days"]
    return (
        ranked.sort_values(keys, kind="stable").drop(columns=["_match", "_segment", "_channel"]).reset_index(drop=True)
    )


def _protected(shares: pd.DataFrame, asked: Asked, *, by: tuple[str, ...]) -> pd.DataFrame:
    """Without the numbers of small cells: the same cells under every rule and at the windows of one week."""
    gone = np.zeros(len(shares), dtype=bool)
    at = pd.MultiIndex.from_frame(shares[list(by)])
    weeks = (shares["window_days"] - 1) // _WINDOWS_ALIKE
    for places in shares.groupby(weeks, sort=True).indices.values():
        rows = shares.iloc[places]
        if asked.hidden or (rows["customers"] < asked.smallest).any():
            cells = unsafe_cells(_counted(rows, by), by=by, minimum=asked.smallest, seeds=asked.hidden)
            if len(cells):
                gone[places] = at[places].isin(pd.MultiIndex.from_frame(cells))
    return blank(shares, gone)


def _counted(rows: pd.DataFrame, by: tuple[str, ...]) -> list[Counts]:
    """What rows tell of their cells, rule by rule and window by window."""
    keys = [*by, "match", "window_days"]
    back = rows.loc[rows["outcome"] == "came_back", [*keys, "events"]].rename(columns={"events": "came_back"})
    told = rows[rows["outcome"] == "quiet"].merge(back, on=keys)
    parts = ("at_risk", "came_back")
    return [Counts(own, "contacts", parts) for _, own in told.groupby(["match", "window_days"], sort=False)]


def _told_once(shares: pd.DataFrame) -> pd.DataFrame:
    """One row for each window: the share quiet, with what came back beyond chance."""
    keys = ["channel", "match", "window_days"]
    beyond = shares.loc[shares["outcome"] == "came_back", [*keys, *CURVE_COLUMNS[11:15]]] if len(shares) else shares
    quiet = shares[shares["outcome"] == "quiet"].drop(columns=list(CURVE_COLUMNS[11:15]), errors="ignore")
    if quiet.empty:
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    return quiet.merge(beyond, on=keys, how="left")[list(CURVE_COLUMNS)]


def _advice(asked: Asked) -> pd.DataFrame:
    """Where coming back ends, over all reasons and for each, without small cells."""
    level = asked.store.engagement.definitions.level
    tables = [opening_windows.ends(asked.store, by=by, level=level) for by in ((), ("reason",))]
    if not len(tables[0]):
        return pd.DataFrame(columns=list(ADVICE_COLUMNS))
    table = pd.concat([tables[0].assign(reason=ALL), tables[1]], ignore_index=True)
    table = table[table["reason"] != ""].reset_index(drop=True)
    windows = asked.store.engagement.definitions.window_of
    own = table["reason"].map(windows) if asked.followed.own_windows else asked.followed.window_days
    table = table.assign(
        match=asked.followed.matching, window_days=own, level=level, method=ADVICE_METHOD, claim="descriptive"
    )
    graded = graded_advice(asked.store, table)[list(ADVICE_COLUMNS)]
    cells = unsafe_cells([Counts(graded, "contacts", ("unobserved",))], by=("reason",), minimum=asked.smallest)
    # How soon customers come back is the row's own figure here, not what was asked.
    shown = without_numbers(graded.rename(columns={"day": "end_day"}), cells)
    return shown.rename(columns={"end_day": "day"})
