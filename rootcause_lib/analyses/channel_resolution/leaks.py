"""The part on digital contacts that go on to the phone or to a desk: how many, and how soon."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.chain_findings import moved_finding
from rootcause_lib.analyses.channel_resolution.grades import graded_followed
from rootcause_lib.analyses.part import Part
from rootcause_lib.analyses.rows import known, records, share_of
from rootcause_lib.analyses.small_moves import protected_moves
from rootcause_lib.findings import Field, Finding, Quantity
from rootcause_lib.grades import width_letters
from rootcause_lib.journeys import Following, day_number
from rootcause_lib.periods import Period
from rootcause_lib.statements import Value, statement
from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import normal_critical
from rootcause_lib.statistics.ratios import share_from_sums
from rootcause_lib.store import Store
from rootcause_lib.vocabulary import SMALL

DIGITAL = ("email", "chat", "messaging", "bot", "self_service", "social")
"""Channels a contact can leak from."""

ELSEWHERE = ("phone", "store", "letter")
"""Where it leaks to; of other channels nobody can say whether they are digital."""

LEAK_COLUMNS = (
    "from_channel", "to_channel", "contacts", "share", "low", "high", "hours_until", "hours_low", "hours_high",
    "quick_share", "quick_low", "quick_high", "level", "denominator", "unobserved", "customers", "method", "claim",
    "grade", "grade_reasons",
)  # fmt: skip
_COARSE_FROM = 144
"""Tens of minutes from which on whole hours are counted."""


def leaks(asked: Asked) -> Part:
    """Digital contacts whose customer came back about the matter by phone, in a store or by letter."""
    table = leak_rows(asked)
    said = tuple(_about_leaks(table, asked.followed))
    return Part(frames={"leaks": table}, readings={"leaks": said}, headline=said[:1])


def leak_rows(asked: Asked) -> pd.DataFrame:
    """One row per digital channel and channel elsewhere: share of the contacts that went on there, and how soon.

    The base are the judged contacts of the channel whose window can be seen whole. hours_until is the median among
    those that went on, its limits by ranks, each customer counted once; quick_share of them came within an hour.
    """
    store, followed, period = asked.store, asked.followed, asked.period
    values = {**followed.values, **_days(period)}
    sums = store.engine.run(statement("leaks", values=values)).dropna(subset=["to_channel"])
    hours = store.engine.run(statement("leak_hours", values=values))
    if sums.empty:
        return pd.DataFrame(columns=list(LEAK_COLUMNS))
    table = _shares(store, sums)
    table = table.merge(_medians(hours, table, level=store.engagement.definitions.level), how="left")
    letters = width_letters((table["high"] - table["low"]) / 2, store.engagement.grades)
    unknown = table["unobserved"] / (table["unobserved"] + table["denominator"])
    channels = table["from_channel"]
    graded = graded_followed(store, table, followed, letters=letters, unknown=unknown, channels=channels)
    shown = protected_moves(
        graded,
        opened="from_channel",
        went="to_channel",
        counted="contacts",
        minimum=asked.smallest,
        hidden=asked.hidden,
    )
    told = shown["to_channel"].isin([*ELSEWHERE, SMALL])
    return shown[told][list(LEAK_COLUMNS)].reset_index(drop=True)


def _shares(store: Store, sums: pd.DataFrame) -> pd.DataFrame:
    """Shares of the channel's contacts, and of those that went on the quick ones, robust to customers."""
    level = store.engagement.definitions.level
    shares = share_from_sums(ClusterSums.from_frame(sums), level=level)
    quick = share_from_sums(
        ClusterSums.of(
            value=sums["quick"], weight=sums["value"], clusters=sums["movers"], value_value=sums["quick_quick"],
            value_weight=sums["quick_value"], weight_weight=sums["value_value"],
        ),
        level=level,
    )  # fmt: skip
    table = sums[["from_channel", "to_channel"]].astype("str")
    table["contacts"] = sums["value"].astype("float64")
    table["share"], table["low"], table["high"] = shares.value, shares.low, shares.high
    table["quick_share"], table["quick_low"], table["quick_high"] = quick.value, quick.low, quick.high
    table["level"], table["denominator"] = level, sums["weight"].astype("float64")
    table["unobserved"], table["customers"] = sums["unseen"].astype("float64"), sums["clusters"].astype("float64")
    table["movers"] = sums["movers"].astype("float64")
    table["method"], table["claim"] = shares.method.astype(str), "descriptive"
    return table.sort_values(["from_channel", "to_channel"], kind="stable").reset_index(drop=True)


def _medians(hours: pd.DataFrame, table: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Median hours until the next contact, and its limits, by channel and next channel."""
    keys = ["from_channel", "to_channel"]
    counted = hours.assign(from_channel=hours["from_channel"].astype(str), to_channel=hours["to_channel"].astype(str))
    rows = []
    for row in records(table):
        own = counted[(counted["from_channel"] == row["from_channel"]) & (counted["to_channel"] == row["to_channel"])]
        reach = normal_critical(level) * sqrt(0.25 / float(row["movers"]))
        found = [_quantile(own, share) for share in (0.5, 0.5 - reach, 0.5 + reach)]
        rows.append((row["from_channel"], row["to_channel"], *found))
    return pd.DataFrame(rows, columns=[*keys, "hours_until", "hours_low", "hours_high"])


def _quantile(own: pd.DataFrame, share: float) -> float:
    """The hour before which that share came, evenly spread within what is counted together; NaN outside 0 to 1."""
    if not 0 < share < 1:
        return float("nan")
    ordered = own.sort_values("ten_minutes")
    begins = ordered["ten_minutes"].to_numpy(dtype=float)
    reached = ordered["contacts"].cumsum().to_numpy(dtype=float)
    wanted = share * reached[-1]
    at = int(np.searchsorted(reached, wanted - 1e-9))
    before = reached[at - 1] if at else 0.0
    width = 1 if begins[at] < _COARSE_FROM else 6
    return float((begins[at] + width * (wanted - before) / (reached[at] - before)) / 6)


def _about_leaks(table: pd.DataFrame, followed: Following) -> Iterator[Finding]:
    """The leaks that most contacts take, the largest first."""
    told = table[table["contacts"].notna()].sort_values(
        ["contacts", "from_channel", "to_channel"], ascending=[False, True, True], kind="stable"
    )
    for row in records(told.head(_MOST_SAID)):
        contacts = float(row["contacts"])
        hours = [None if (value := known(row[name])) is None else value * 3600 for name in _HOURS]
        given: dict[str, Field] = {
            "from_channel": str(row["from_channel"]),
            "to_channel": str(row["to_channel"]),
            "share": share_of(row, value="share"),
            "until": Quantity("seconds", hours[0], hours[1], hours[2], contacts),
            "quick": Quantity(
                "share", float(row["quick_share"]), known(row["quick_low"]), known(row["quick_high"]), contacts
            ),
            "window_days": followed.window_days,
        }
        yield moved_finding("leak", given, row)


_HOURS = ("hours_until", "hours_low", "hours_high")
_MOST_SAID = 2


def _days(period: Period) -> dict[str, Value]:
    return {"start_day": day_number(period.start), "end_day": day_number(period.end)}
