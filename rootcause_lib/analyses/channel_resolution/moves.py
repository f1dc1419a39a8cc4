"""Where customers go from a channel: to which one next, and in which one their case ends."""

from __future__ import annotations

import pandas as pd

from rootcause_lib.analyses.channel_resolution.grades import graded_moves
from rootcause_lib.journeys import Following, day_number, find_cases
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store


def flow(store: Store, followed: Following, period: Period, *, metrics: pd.DataFrame) -> pd.DataFrame:
    """Where customers went next, as shares of the contacts that were followed by another.

    `metrics` holds repeat_contact by channel: of how many contacts it can be seen whether another followed.
    """
    sums = store.engine.run(statement("next_channels", values={**followed.values, **_days(period)}))
    moves = _shares(store, sums, ("from_channel", "to_channel"), counted="contacts")
    return _with_unknowns(store, moves, followed, opened="from_channel", told=_told(metrics, "repeat_contact"))


def settled(store: Store, followed: Following, period: Period, *, metrics: pd.DataFrame) -> pd.DataFrame:
    """Where cases ended, as shares of the cases a channel opened; `metrics` holds contacts_per_case by channel."""
    find_cases(store.engine, followed)
    sums = store.engine.run(statement("settled_channels", values=_days(period)))
    moves = _shares(store, sums, ("opened_in", "settled_in"), counted="cases")
    return _with_unknowns(store, moves, followed, opened="opened_in", told=_told(metrics, "contacts_per_case"))


def _days(period: Period) -> dict[str, Value]:
    return {"start_day": day_number(period.start), "end_day": day_number(period.end)}


def _told(metrics: pd.DataFrame, key: str) -> pd.DataFrame:
    """denominator and unobserved of a metric, by channel."""
    own = metrics[metrics["metric"] == key].set_index("channel")
    return own[["denominator", "unobserved"]].astype("float64")


def _with_unknowns(
    store: Store, moves: pd.DataFrame, followed: Following, *, opened: str, told: pd.DataFrame
) -> pd.DataFrame:
    moves = moves.assign(unobserved=moves[opened].map(told["unobserved"]).astype("float64"))
    known = told["denominator"] / (told["denominator"] + told["unobserved"])
    return graded_moves(store, moves, followed, opened=opened, known=known)


def _shares(store: Store, sums: pd.DataFrame, keys: tuple[str, str], *, counted: str) -> pd.DataFrame:
    """Shares with customer-robust intervals from the sums of a statement, ordered by their keys; `movers` made them."""
    level = store.engagement.definitions.level
    ratios = share_from_sums(ClusterSums.from_frame(sums), level=level)
    table = sums[list(keys)].astype("str")
    table[counted] = sums["value"].astype("float64")
    table["share"], table["low"], table["high"], table["level"] = ratios.value, ratios.low, ratios.high, level
    table["movers"] = sums["movers"].astype("float64")
    table["denominator"], table["customers"] = sums["weight"].astype("float64"), sums["clusters"].astype("float64")
    table["method"] = ratios.method.astype(str)
    return table.sort_values(list(keys), kind="stable").reset_index(drop=True)
