"""Channels over one mix of matters: crude, by the codes contacts carry, and by what an audit says they were about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.analyses.channel_resolution.fair_cells import KEYS, FairCells, outcome_columns
from rootcause_lib.analyses.channel_resolution.fair_reasons import Imputation, TrueReasons
from rootcause_lib.statistics.fair_differences import (
    Comparison,
    bucket_sums,
    clustered_variance,
    compare,
)
from rootcause_lib.statistics.imputation import Pooled, pooled
from rootcause_lib.statistics.intervals import Floats, Interval, difference, student_critical, wilson_of_share

ENOUGH = 20
"""Contacts of which the outcome is known that a channel needs for a matter, and the baseline with it."""

BESIDE = ("failing", "segment", "tenure")
"""What is held alike beside the matter; the last goes first where channels share too little."""

EXPERIENCED, UNKNOWN = "experienced", "unknown"

_EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Told:
    """Figures of one comparison with their limits, one entry per channel."""

    share: Floats
    limits: Interval
    baseline: Floats
    difference: Floats
    difference_limits: Interval
    overlap: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """The contacts of one outcome: cells with asked, known and yes, and customers of whom it is known by channel."""

    cells: pd.DataFrame
    people: pd.Series
    baseline: str

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(sorted(self.cells["channel"].unique()))

    @property
    def coded(self) -> bool:
        """Whether any contact carries a reason."""
        return bool((self.cells["reason"] != "").any())


def outcome_of(counted: FairCells, outcome: str, *, baseline: str, hidden: frozenset[str]) -> Outcome:
    """The contacts of which the outcome could be asked, without hidden channels."""
    names = dict(zip(outcome_columns(outcome), ("asked", "known", "yes"), strict=True))
    cells = counted.cells.rename(columns=names)
    cells = cells[(cells["asked"] > 0) & ~cells["channel"].isin(hidden)]
    cells = cells[["bucket", *KEYS, "audited_key", "asked", "known", "yes"]].reset_index(drop=True)
    people = counted.people[f"{outcome}_customers"].astype("float64")
    return Outcome(cells, people, baseline)


def overlap(given: Outcome) -> pd.DataFrame:
    """Which cells are compared: channel, reason, known, compared, why (why not, or empty)."""
    return overlap_of(given, given.cells.groupby(["channel", "reason"])["known"].sum().reset_index())


def overlap_of(given: Outcome, known: pd.DataFrame) -> pd.DataFrame:
    """The same from contacts of which the outcome is known: channel, reason, known."""
    every = pd.MultiIndex.from_product([given.channels, sorted(known["reason"].unique())], names=["channel", "reason"])
    table = known.set_index(["channel", "reason"]).reindex(every, fill_value=0.0).reset_index()
    base = table["reason"].map(table[table["channel"] == given.baseline].set_index("reason")["known"]).fillna(0.0)
    why = np.select(
        [
            (table["reason"] == "") & given.coded,
            table["known"] == 0,
            table["known"] < ENOUGH,
            base == 0,
            base < ENOUGH,
        ],
        ["no_code", "none", "few", "baseline_none", "baseline_few"],
        default="",
    )
    return table.assign(compared=why == "", why=why)


def crude(given: Outcome, *, level: float) -> Told:
    """Channels as they are, whatever they were asked for."""
    cells = given.cells.assign(reason="")
    has = given.cells.groupby("channel")["known"].sum() > 0
    over = {one: frozenset({""} if has[one] and has.get(given.baseline, False) else ()) for one in given.channels}
    over |= {one: frozenset({""}) for one in given.channels if has[one]}
    asked = Comparison(given.channels, given.baseline, over)
    return _told(given, cells, asked, level=level)


def adjusted(given: Outcome, cells_compared: pd.DataFrame, *, level: float) -> Told:
    """Channels over one mix of coded reasons and of what else is known."""
    return _told(given, given.cells, comparison(given, cells_compared), level=level)


def comparison(given: Outcome, cells_compared: pd.DataFrame) -> Comparison:
    """Every channel over the reasons it shares with the baseline."""
    kept = cells_compared[cells_compared["compared"]]
    over = {one: frozenset(kept["reason"][kept["channel"] == one]) for one in given.channels}
    return Comparison(
        given.channels, given.baseline, over, beside=BESIDE, none={"tenure": (_unstaffed(given), EXPERIENCED)}
    )


def _unstaffed(given: Outcome) -> frozenset[str]:
    """Channels of which mostly no agent's tenure is known: machines, or exports without agents."""
    known = given.cells["asked"].where(given.cells["tenure"] != UNKNOWN, 0.0).groupby(given.cells["channel"]).sum()
    share = known / given.cells.groupby("channel")["asked"].sum()
    return frozenset(share.index[share < 0.5])


def _told(given: Outcome, cells: pd.DataFrame, asked: Comparison, *, level: float) -> Told:
    """Fit, and add up how each bucket of customers moves the figures."""
    table, row = grouped(cells, asked)
    found = compare(table, asked)
    number = {name: cells[name].to_numpy(dtype=float) for name in ("known", "yes")}
    sums = bucket_sums(
        found.slopes, found.means, row=row, bucket=cells["bucket"].to_numpy(), n=number["known"], total=number["yes"]
    )
    buckets = len(sums)
    variance = clustered_variance(sums).reshape(-1, 3)
    degrees = np.full_like(variance, buckets - 1.0)
    return limits(given, found.value, variance, degrees, found.overlap, level=level)


def grouped(cells: pd.DataFrame, asked: Comparison) -> tuple[pd.DataFrame, np.ndarray]:
    """Cells as the comparison wants them, whatever the bucket, and the row of each given one among them."""
    tenure = cells["tenure"]
    if asked.none:
        without, value = asked.none["tenure"]
        tenure = tenure.mask(cells["channel"].isin(without), value)
    keys = [cells["channel"], cells["reason"], *(tenure if name == "tenure" else cells[name] for name in asked.beside)]
    names = ["group", "matter", *asked.beside]
    table = pd.concat(keys, axis=1, keys=names)
    groups = table.groupby(names, sort=True)
    row = groups.ngroup().to_numpy()
    totals = cells[["asked", "known", "yes"]].groupby(row).sum()
    totals.columns = pd.Index(["weight", "n", "total"])
    return pd.concat([groups.size().index.to_frame(index=False), totals.reset_index(drop=True)], axis=1), row


def limits(
    given: Outcome, value: Floats, variance: Floats, degrees: Floats, overlapping: Floats, *, level: float
) -> Told:
    """Wilson's limits of shares on the effective number of contacts; Student's t for differences of shares.

    Where a share is 0 or 1 there is no variance to learn from: customers count as what they are, and the difference
    has the limits that those of the shares leave it (Newcombe's way).
    """
    people = given.people.reindex(given.channels).fillna(0.0).to_numpy()
    own_base = float(given.people.get(given.baseline, 0.0))
    behind = np.stack([people, np.full_like(people, own_base), np.minimum(people, own_base)], axis=1)
    degrees = np.minimum(degrees, behind - 1)
    critical = student_critical(level, degrees=degrees)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.minimum(value * (1 - value) / variance, behind)
    shares = wilson_of_share(value, np.where(behind > 0, effective, np.nan), critical=critical)
    told = np.isfinite(critical[:, 2])
    apart, reach = value[:, 2], np.where(told, critical[:, 2], np.nan) * np.sqrt(variance[:, 2])
    low, high = apart - reach, apart + reach
    edge = np.abs(value[:, :2] - 0.5).max(axis=1) > 0.5 - _EDGE
    both = [Interval(shares.low[:, at], shares.high[:, at]) for at in (0, 1)]
    wide = difference(value[:, 0], both[0], value[:, 1], both[1])
    low, high = np.where(edge, wide.low, low), np.where(edge, wide.high, high)
    own = np.array([channel == given.baseline for channel in given.channels])
    apart, low, high = (np.where(own, np.nan, each) for each in (apart, low, high))
    return Told(
        share=value[:, 0],
        limits=both[0],
        baseline=value[:, 1],
        difference=apart,
        difference_limits=Interval(np.maximum(low, -1), np.minimum(high, 1)),
        overlap=overlapping,
    )


def audited(
    given: Outcome, cells_compared: pd.DataFrame, truths: TrueReasons, *, level: float
) -> tuple[Told, pd.DataFrame]:
    """Channels over one mix of true reasons, drawn again and again (Rubin's rules), and the cells compared.

    Of a reason that contacts carry often enough a channel may still have too few that are truly about it.
    """
    asked = comparison(given, cells_compared)
    drawn = Imputation.of(given.cells.assign(tenure=_tenure(given.cells, asked)), truths)
    narrower = _truly_compared(given, cells_compared, drawn.expected())
    asked = comparison(given, narrower)
    found = list(drawn.figures(asked))
    degrees = given.cells["bucket"].nunique() - 1.0
    both: Pooled = pooled([one.value.ravel() for one, _ in found], [each for _, each in found], degrees=degrees)
    shape = (len(given.channels), 3)
    told = limits(
        given,
        both.value.reshape(shape),
        both.variance.reshape(shape),
        both.degrees.reshape(shape),
        np.mean([one.overlap for one, _ in found], axis=0),
        level=level,
    )
    return told, narrower


def _truly_compared(given: Outcome, cells_compared: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """The cells compared, less those of which the audit leaves too few contacts to the channel or the baseline."""
    truly = overlap_of(given, expected).set_index(["channel", "reason"])["why"]
    keys = pd.MultiIndex.from_frame(cells_compared[["channel", "reason"]])
    enough = (truly.reindex(keys) == "").to_numpy()
    why = cells_compared["why"].mask((cells_compared["why"] == "").to_numpy() & ~enough, "untrue")
    return cells_compared.assign(compared=why == "", why=why)


def _tenure(cells: pd.DataFrame, asked: Comparison) -> pd.Series:
    without, value = (asked.none or {"tenure": (frozenset(), EXPERIENCED)})["tenure"]
    return cells["tenure"].mask(cells["channel"].isin(without), value)
