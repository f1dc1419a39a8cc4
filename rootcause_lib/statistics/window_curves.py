"""Resolution at every window at once: shares quiet, come back and left, and the excess over chance, from one table.

Which contacts open a case depends on the window: those before which the customer was quiet for longer. A contact is
therefore counted once, under the longest window at which it opens one, and stands at every shorter window. At each
window the shares are Aalen and Johansen's in discrete days (`statistics.incidence`) of the contacts that open a case
there; how much one contact moves them depends on how it ended being watched alone, so the customer-robust variance
follows from how often two ways meet in one customer at each window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.clustering import degrees_of_freedom, small_sample_factor, stable_design_effect
from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, student_critical, wilson_of_share
from rootcause_lib.vocabulary import OUTCOMES

METHOD = "aalen_johansen_windows"

CURVE_COLUMNS = (
    *("window_days", "outcome", "value", "low", "high", "at_risk", "events", "contacts", "unobserved", "customers"),
    *("expected_by_chance", "excess", "excess_low", "excess_high"),
)
"""Of the frame of a cell; the last four stand with came_back alone."""


@dataclass(frozen=True, slots=True)
class OpenedCounts:
    """One cell's contacts by the longest window they open a case at, 0 to K days along the first axis.

    ways: contacts by way of ending (K+1, 3K+3), way being 3 * day + 0 watched to the end of that day, 1 came back on
    it, 2 left on it. paces: contacts by class of their customer's pace (K+1, C). pairs: how often two features (ways,
    then paces) meet in one of the customers drawn, both orders and the diagonal, by the longest window at which both
    open a case (K+1, F, F); ways after that window count as watched to its end. drawn: contacts of those customers.
    customers: all customers, by their own longest window (K+1).
    """

    ways: Floats
    paces: Floats
    pairs: Floats
    drawn: Floats
    customers: Floats

    def __post_init__(self) -> None:
        if not np.allclose(self.pairs, self.pairs.transpose(0, 2, 1)):
            raise DataError("'pairs' must hold every pair in both orders; they are not symmetric.")


@dataclass(frozen=True, slots=True)
class Chance:
    """By window (or day) and class of pace: the share that comes back anyway, and the share of which it can be told."""

    value: Floats
    told: Floats


@dataclass(frozen=True, slots=True)
class Influences:
    """By window and way, for coming back and leaving: how much one contact moves the share; and what it moves."""

    at_risk: Floats
    events: tuple[Floats, Floats]
    values: tuple[Floats, Floats]
    moved: tuple[Floats, Floats]


def from_the_longest(counts: Floats) -> Floats:
    """Sums over everything that opens a case at each window, 0 to K, of counts by longest window."""
    return floats(np.cumsum(counts[::-1], axis=0)[::-1])


def influences(ways: Floats) -> Influences:
    """Shares come back and left within w days at the w-th row of `ways` (K, 3K+3), and what moves them by how much.

    For the share of kind c: the sum over days s up to w of S(s-1) dM_c(s) - (F_c(w) - F_c(s)) / (1 - h(s)) dM(s), where
    dM(s) is (event on day s - h(s), while at risk) / at risk.
    """
    windows = len(ways)
    by_day = ways.reshape(windows, windows + 1, 3)
    watching = np.cumsum(by_day.sum(axis=2)[:, ::-1], axis=1)[:, ::-1][:, 1:]
    counted = np.tril(np.ones((windows, windows)))
    happened = [by_day[:, 1:, kind] * counted for kind in (1, 2)]
    risk = np.where(watching > 0, watching, 1.0)
    hazards = [events / risk for events in happened]
    either = hazards[0] + hazards[1]
    after = np.cumprod(1 - either, axis=1)
    before = np.hstack([np.ones((windows, 1)), after[:, :-1]])
    at_end = np.diag_indices(windows)
    known = np.where((watching[at_end] > 0) | (before[at_end] == 0), 1.0, np.nan)
    ended = np.where(either < 1, 1 - either, np.inf)
    values, moved = [], []
    for kind, hazard in enumerate(hazards):
        share = np.cumsum(before * hazard, axis=1)
        later = (share[:, -1:] - share) / ended
        spent = np.cumsum((before * hazard - later * either) / risk * counted, axis=1)
        by_way = np.zeros((windows, windows + 1, 3))
        by_way[:, 1:] = -spent[:, :, None]
        for own in (0, 1):
            gained = (before * float(own == kind) - later) / risk
            by_way[:, 1:, own + 1] += gained * counted
        values.append(share[:, -1] * known)
        moved.append(floats(by_way.reshape(windows, -1)))
    events = [floats(each.sum(axis=1)) for each in happened]
    return Influences(floats(watching[at_end]), (events[0], events[1]), (values[0], values[1]), (moved[0], moved[1]))


def chance_of(paces: Floats, chance: Chance) -> tuple[Floats, Floats]:
    """The share expected by chance at each window, and by how much one contact of a pace moves it (windows, C)."""
    told = paces * chance.told
    total = told.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(total > 0, (told * chance.value).sum(axis=1) / total, np.nan)
        moved = np.where(total[:, None] > 0, chance.told * (chance.value - value[:, None]) / total[:, None], 0.0)
    return floats(value), floats(np.nan_to_num(moved))


def window_curve(counts: OpenedCounts, *, chance: Chance | None, level: float = 0.95) -> pd.DataFrame:
    """Shares at windows of 1 to K days with customer-robust intervals: `CURVE_COLUMNS`, by window and outcome.

    Windows at which no contact opens a case have no rows. Where only some customers were drawn, their design effect
    stands for all. Limits of the excess are those of coming back, drawn together (or apart) by how the customer's own
    pace explains it; without `chance` it has none.
    """
    seen = _at_windows(counts, level=level)
    found = influences(seen.ways)
    shares = (1 - found.values[0] - found.values[1], *found.values)
    moves = (-found.moved[0] - found.moved[1], *found.moved)
    events = (found.events[0] + found.events[1], *found.events)
    alike = {
        "window_days": np.arange(1, len(seen.ways) + 1),
        "at_risk": found.at_risk,
        "contacts": seen.contacts,
        "unobserved": _unobserved(seen.ways),
        "customers": seen.customers,
    }
    frames = []
    for outcome, value, moved, happened in zip(OUTCOMES, shares, moves, events, strict=True):
        variance = seen.variance(moved)
        limits = limits_of(
            value, variance, alone=(seen.ways * moved**2).sum(axis=1), worst=seen.worst, events=happened,
            at_risk=found.at_risk, contacts=seen.contacts, critical=seen.critical,
        )  # fmt: skip
        rows = alike | {"outcome": outcome, "value": value, "low": limits.low, "high": limits.high, "events": happened}
        beyond = np.full((4, len(seen.ways)), np.nan)
        if outcome == "came_back" and chance is not None:
            beyond = _beyond(seen, value, limits, moved=moved, variance=variance, chance=chance)
        frames.append(pd.DataFrame(rows | dict(zip(CURVE_COLUMNS[-4:], beyond, strict=True)))[seen.contacts > 0])
    return pd.concat(frames).sort_values("window_days", kind="stable")[list(CURVE_COLUMNS)].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class _AtWindows:
    """One cell's counts of what opens a case at each window of 1 to K days, and what its intervals are made with."""

    ways: Floats
    paces: Floats
    pairs: Floats
    contacts: Floats
    customers: Floats
    worst: Floats
    critical: Floats
    grown: Floats

    def variance(self, moved: Floats) -> Floats:
        """Of a share that one contact of each feature (ways, or ways and paces) moves by `moved`, window by window."""
        size = moved.shape[1]
        squares = np.einsum("wf,wfg,wg->w", moved, self.pairs[:, :size, :size], moved, optimize=True)
        return floats(self.grown * np.maximum(squares, 0))


def _at_windows(counts: OpenedCounts, *, level: float) -> _AtWindows:
    ways, paces, pairs = (from_the_longest(each)[1:] for each in (counts.ways, counts.paces, counts.pairs))
    drawn, customers = (from_the_longest(each)[1:] for each in (counts.drawn, counts.customers))
    contacts, size = floats(ways.sum(axis=1)), ways.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = np.where(drawn > 0, pairs[:, :size, :size].sum(axis=(1, 2)) / drawn, 1.0)
        grown = small_sample_factor(customers) * np.where(drawn > 0, contacts / drawn, np.nan)
    critical = student_critical(level, degrees=degrees_of_freedom(customers, contacts / worst))
    return _AtWindows(ways, paces, pairs, contacts, customers, worst, critical, grown)


def _beyond(
    seen: _AtWindows, value: Floats, limits: Interval, *, moved: Floats, variance: Floats, chance: Chance
) -> Floats:
    """Expected by chance, the excess and its limits, one row each."""
    expected, pulled = chance_of(seen.paces, chance)
    both = seen.variance(np.hstack([moved, -pulled]))
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn_in = np.where(variance > 0, np.sqrt(both / variance), 1.0)
    excess = value - expected
    low, high = ((limit - value) * drawn_in for limit in (limits.low, limits.high))
    return np.vstack([expected, excess, excess + low, excess + high])


def limits_of(
    value: Floats,
    variance: Floats,
    *,
    alone: Floats,
    worst: Numbers,
    events: Floats,
    at_risk: Floats,
    contacts: Numbers,
    critical: Numbers,
) -> Interval:
    """Wilson's interval on the contacts that independent ones would need to be, less the stable design effect.

    `alone` is the variance if no two contacts were of one customer, `worst` the design effect if all of a customer's
    contacts ended alike.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        independent = np.where(alone > 0, value * (1 - value) / alone, at_risk)
        observed = np.where(alone > 0, variance / alone, np.nan)
    effect = stable_design_effect(observed, worst, events=np.minimum(events, contacts - events))
    return wilson_of_share(value, np.minimum(independent, contacts) / effect, critical=critical)


def _unobserved(ways: Floats) -> Floats:
    """Contacts that ceased to be watched, without an event, before the end of each window."""
    windows = len(ways)
    seen_out = ways.reshape(windows, windows + 1, 3)[:, :, 0]
    return floats((seen_out * np.tril(np.ones((windows, windows + 1)))).sum(axis=1))
