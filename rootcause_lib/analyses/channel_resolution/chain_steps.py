"""Which channels a case's first three contacts came by, step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.asked import Asked
from rootcause_lib.analyses.channel_resolution.grades import graded_followed
from rootcause_lib.analyses.small_cells import Counts, blank, unsafe_cells
from rootcause_lib.grades import width_letters
from rootcause_lib.journeys import day_number
from rootcause_lib.statements import statement
from rootcause_lib.statistics.chains import step_shares
from rootcause_lib.statistics.intervals import Floats
from rootcause_lib.statistics.jackknife import jackknifed, share_interval
from rootcause_lib.vocabulary import ALL, CHANNELS

ENDED = "ended"
"""Where a case goes that has no further contact."""

STEP_COLUMNS = (
    "step", "from_channel", "to_channel", "cases", "share", "low", "high", "level", "denominator", "unobserved",
    "customers", "method", "claim", "grade", "grade_reasons",
)  # fmt: skip
_STEPS = (1, 2)


def steps(asked: Asked, *, customers: float, groups: int) -> pd.DataFrame:
    """Where cases went from their first contact and from their second, as shares of all cases.

    `cases` are those seen to go there, `share` also uses what can be seen of the others (`step_shares`); the shares of
    step 1 sum to 1, what reaches a channel at step 1 leaves it at step 2. Needs the table `cases`; so many `customers`
    have one.
    """
    store, period = asked.store, asked.period
    values = {"start_day": day_number(period.start), "end_day": day_number(period.end), "customer_groups": groups}
    counted = store.engine.run(statement("case_steps", values=values))
    seen = counted.dropna(subset=["to_channel"])
    if seen.empty:
        return pd.DataFrame(columns=list(STEP_COLUMNS))
    channels = _channels(counted)
    level = store.engagement.definitions.level
    found = jackknifed(_by_group(seen, channels), lambda sums: step_shares(sums, channels=len(channels)))
    denominator = float(seen["cases"][seen["step"] == 1].sum())
    interval = share_interval(found, units=denominator, customers=customers, level=level)
    table = pd.DataFrame(
        [(step, one, other) for step in _STEPS for one in channels for other in (*channels, ENDED)],
        columns=["step", "from_channel", "to_channel"],
    )
    table["share"], table["low"], table["high"] = found.value, interval.low, interval.high
    keys = ["step", "from_channel", "to_channel"]
    table = table.merge(_counts(seen, keys), on=keys, how="inner").assign(
        level=level, denominator=denominator, customers=customers, method="product_limit_cluster", claim="descriptive"
    )
    return _protected(_graded(asked, table, counted), asked)[list(STEP_COLUMNS)]


def _channels(counted: pd.DataFrame) -> list[str]:
    """Channels of first and second contacts in the library's order."""
    named = {str(one) for one in counted["from_channel"].dropna()}
    named |= {str(one) for one in counted["to_channel"].dropna()} - {ENDED}
    return sorted(named, key=lambda one: (CHANNELS.index(one) if one in CHANNELS else len(CHANNELS), one))


def _by_group(seen: pd.DataFrame, channels: list[str]) -> Floats:
    """Cases by group of customers and step, from and to, in the order of `step_shares`."""
    place = {channel: number for number, channel in enumerate([*channels, ENDED])}
    width = len(channels) + 1
    at = (seen["step"].astype(int) - 1) * len(channels) * width
    at = at + seen["from_channel"].astype(str).map(place) * width + seen["to_channel"].astype(str).map(place)
    group, number = np.unique(seen["customer_group"], return_inverse=True)
    sums = np.zeros((len(group), 2 * len(channels) * width))
    np.add.at(sums, (number, at.to_numpy(dtype=np.int64)), seen["cases"].to_numpy(dtype=float))
    return sums


def _counts(seen: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Cases, and how many customers at least stand behind them: as many as their groups."""
    plain = seen.assign(from_channel=seen["from_channel"].astype(str), to_channel=seen["to_channel"].astype(str))
    table = plain.groupby(keys).agg(cases=("cases", "sum"), movers=("customer_group", "nunique")).reset_index()
    return table.astype({"cases": "float64", "movers": "float64"})


def _graded(asked: Asked, table: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    keys = ["step", "from_channel"]
    plain = counted.assign(from_channel=counted["from_channel"].astype(str))
    unseen = plain[plain["to_channel"].isna()].groupby(keys)["cases"].sum()
    every = plain.groupby(keys)["cases"].sum()
    of = pd.MultiIndex.from_frame(table[keys])
    table = table.assign(unobserved=unseen.reindex(of).fillna(0).astype("float64").to_numpy())
    unknown = table["unobserved"] / every.reindex(of).astype("float64").to_numpy()
    letters = width_letters((table["high"] - table["low"]) / 2, asked.store.engagement.grades)
    channels = table["from_channel"]
    return graded_followed(asked.store, table, asked.followed, letters=letters, unknown=unknown, channels=channels)


def _protected(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Without small cells: what starts in a channel, reaches it and leaves it adds up over both steps."""
    touches = table["from_channel"].isin(asked.hidden) | table["to_channel"].isin(asked.hidden)
    by = ("first", "second", "third")
    at_first = table["step"] == 1
    cells = pd.DataFrame(
        {
            "first": table["from_channel"].where(at_first, ALL),
            "second": table["to_channel"].where(at_first, table["from_channel"]),
            "third": table["to_channel"].mask(at_first, ALL),
            "cases": table["cases"],
            "persons": table["movers"].mask(touches, 0.0),
        }
    )
    reached, left = (cells[own].groupby("second")["cases"].sum() for own in (at_first, ~at_first))
    wholes = [
        cells[at_first].groupby("first")["cases"].sum().rename_axis("first").reset_index(),
        # A little more reaches a channel than can be seen to leave it, or the other way round.
        reached.combine(left, max, fill_value=0.0).rename_axis("second").rename("cases").reset_index(),
        pd.DataFrame(
            {"cases": [max(cells["cases"][at_first].sum(), reached.combine(left, max, fill_value=0.0).sum())]}
        ),
    ]
    sums = pd.concat(wholes, ignore_index=True).reindex(columns=["first", "second", "third", "cases"])
    sums = sums.astype(dict.fromkeys(by, object)).fillna(dict.fromkeys(by, ALL))
    sums["persons"] = sums["cases"]
    counted = Counts(pd.concat([cells, sums], ignore_index=True), "cases", persons="persons")
    gone = unsafe_cells([counted], by=by, minimum=asked.smallest)
    if gone.empty:
        return table
    if (gone == ALL).all(axis=1).any():
        return blank(table, np.ones(len(table), dtype=bool))
    names = pd.MultiIndex.from_frame(cells[list(by)])
    return blank(table, np.asarray(names.isin(pd.MultiIndex.from_frame(gone))))
