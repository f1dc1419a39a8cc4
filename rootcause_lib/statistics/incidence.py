"""The recontact curve: how many customers are quiet, came back or left by each day, from counts of contacts per day.

Contacts watched for too short a time still tell what happened on the days they were watched, so a fresh extract is not
read as a well-served one. Aalen-Johansen in discrete days, leaving the company being a competing event:

    h_c(t) = events of kind c on day t / contacts at risk on day t
    S(t)   = product over s <= t of (1 - h(s)), h the sum over kinds               quiet
    F_c(t) = sum over s <= t of S(s-1) h_c(s)                                      came back, left

so that quiet + came back + left = 1 on every day; without leavers it is one less Kaplan and Meier's curve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rootcause_lib.errors import DataError, unknown_choice
from rootcause_lib.statistics.clustering import degrees_of_freedom, small_sample_factor, stable_design_effect
from rootcause_lib.statistics.intervals import Floats, Interval, floats, student_critical, wilson_of_share
from rootcause_lib.vocabulary import OUTCOMES

EVENTS = ("came_back", "left")
WAYS = (*EVENTS, "censored")
"""The ways in which a contact's observation can end."""

WAY_COLUMNS = ("day", "outcome", "contacts")
PAIR_COLUMNS = ("day", "outcome", "day_2", "outcome_2", "contacts")
INCIDENCE_COLUMNS = (
    *("day", "outcome", "value", "low", "high", "se"),
    *("at_risk", "events", "contacts", "unobserved", "customers", "method"),
)
METHOD = "aalen_johansen_cluster"


def incidence(
    ways: pd.DataFrame,
    pairs: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    horizon: int,
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Shares quiet, come back and left by each day 0..horizon, with customer-robust intervals, for each cell of `by`.

    `ways`: one row per (*by, day, outcome) with `contacts`, how many index contacts ended that way; outcome is
    came_back or left on that day, or censored: watched through the whole of that day without an event (day -1: not
    watched for one whole day). An event on a day that was not watched to its end must be given as censored on the day
    before, else fresh contacts seem to come back at once. Day 0 is the first 24 hours, so "within w days" stands on
    day w-1.
    `pairs`: one row per (*by, day, outcome, day_2, outcome_2) with `contacts`, the sum over customers of n_a n_b, how
    often two ways meet in one customer, in both orders and with the diagonal n_a^2, as a self-join gives them.
    `customers`: one row per cell with (*by, customers), how many customers its index contacts come from.

    Gives the columns (*by, `INCIDENCE_COLUMNS`), cells with contacts in order of appearance, by day. `at_risk` is
    how many contacts were watched on that day; `events` how many events stand behind the value so far; `unobserved` how
    many contacts ceased to be watched, without an event, before the end of that day. Where nobody is left to watch and
    the curve has not ended, value and limits are NaN.

    Variance: u' M u over the pairs, u being each way's influence on the curve, times G/(G-1); equal to the sum of
    squared influences per customer on rows, and to Greenwood's where nobody has two contacts. Interval: Wilson's on the
    effective number of contacts, as for shares, so that 0 and 1 have limits too.
    Raises DataError for missing columns, unknown outcomes, pairs that are not symmetric or fit no way.
    """
    keys = list(by)
    _check(ways, (*keys, *WAY_COLUMNS), name="ways")
    _check(pairs, (*keys, *PAIR_COLUMNS), name="pairs")
    _check(customers, (*keys, "customers"), name="customers")
    ways = ways[floats(ways["contacts"]) > 0]
    curves = []
    for rows, met, counted in _by_cell(ways, pairs, customers, keys=keys):
        if len(counted) != 1:
            raise DataError(
                f"'customers' must have exactly one row for each cell of the ways; one cell has {len(counted)}."
            )
        number = float(floats(counted["customers"])[0])
        curve = _curve(_observed(rows, met, horizon=horizon), customers=number, level=level)
        for place, key in enumerate(keys):
            curve.insert(place, key, rows[key].iloc[0])
        curves.append(curve)
    return pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=[*keys, *INCIDENCE_COLUMNS])


@dataclass(frozen=True, slots=True)
class _Observed:
    """One cell: ways along the first axis with their last day watched (-1..horizon), place in `WAYS` and contacts."""

    last_day: Floats
    outcome: Floats
    contacts: Floats
    pairs: Floats
    days: Floats

    def watching(self) -> Floats:
        """1 where a way is at risk on a day; ways by days."""
        return floats(self.last_day[:, None] >= self.days)

    def happened(self, event: int) -> Floats:
        """1 where a way is that event on that day; ways by days."""
        return floats((self.last_day[:, None] == self.days) & (self.outcome[:, None] == event))


@dataclass(frozen=True, slots=True)
class _Hazards:
    """What a cell's counts say per day; `influence` is how much one contact of a way moves each outcome's curve."""

    at_risk: Floats
    events: tuple[Floats, ...]
    values: tuple[Floats, ...]
    influence: tuple[Floats, ...]


def _observed(ways: pd.DataFrame, pairs: pd.DataFrame, *, horizon: int) -> _Observed:
    """What happens after the horizon is the same as being watched to its end."""
    size = len(WAYS) * (horizon + 2)
    place = _place(ways["day"], ways["outcome"], horizon=horizon)
    contacts = floats(np.bincount(place, weights=floats(ways["contacts"]), minlength=size))
    first = _place(pairs["day"], pairs["outcome"], horizon=horizon)
    second = _place(pairs["day_2"], pairs["outcome_2"], horizon=horizon)
    counted = np.bincount(first * size + second, weights=floats(pairs["contacts"]), minlength=size * size)
    met = floats(counted.reshape(size, size))
    used = np.flatnonzero(contacts)
    _check_pairs(met, contacts)
    return _Observed(
        last_day=floats(used // len(WAYS) - 1),
        outcome=floats(used % len(WAYS)),
        contacts=contacts[used],
        pairs=met[np.ix_(used, used)],
        days=floats(np.arange(horizon + 1)),
    )


def _place(day: pd.Series, outcome: pd.Series, *, horizon: int) -> npt.NDArray[np.int64]:
    """Ways numbered by day and outcome, from (-1, came_back) on."""
    kinds = pd.Index(WAYS).get_indexer(pd.Index(outcome))
    if (kinds < 0).any():
        raise DataError(unknown_choice("outcome", str(outcome[kinds < 0].iloc[0]), WAYS, where="ways of leaving"))
    days = np.maximum(floats(day), -1).astype(np.int64)
    kinds = np.where((days > horizon) | (days < 0), WAYS.index("censored"), kinds)
    return (np.minimum(days, horizon) + 1) * len(WAYS) + kinds


def _hazards(seen: _Observed) -> _Hazards:
    watching = seen.watching()
    at_risk = seen.contacts @ watching
    risk = np.where(at_risk > 0, at_risk, 1.0)
    happened = [seen.happened(event) for event in range(len(EVENTS))]
    events = [seen.contacts @ each for each in happened]
    either = np.sum(events, axis=0)
    hazard = either / risk
    after = np.cumprod(1 - hazard)
    before = np.concatenate([[1.0], after[:-1]])
    moved_hazard = [(each - watching * (count / risk)) / risk for each, count in zip(happened, events, strict=True)]
    # Where everybody at risk has an event the curve ends and no single contact can move it.
    per_day = np.sum(moved_hazard, axis=0) / np.where(hazard < 1, 1 - hazard, np.inf)
    moved_before = -(np.cumsum(per_day, axis=1) - per_day)
    values, influence = [], []
    for count, moved in zip(events, moved_hazard, strict=True):
        values.append(np.cumsum(before * count / risk))
        influence.append(np.cumsum(before * (moved + moved_before * count / risk), axis=1))
    known = np.where((at_risk > 0) | (before == 0), 1.0, np.nan)
    return _Hazards(
        at_risk=at_risk,
        events=(np.cumsum(either), *(np.cumsum(count) for count in events)),
        values=tuple(floats(value * known) for value in (after, *values)),
        influence=(-np.sum(influence, axis=0), *influence),
    )


def _curve(seen: _Observed, *, customers: float, level: float) -> pd.DataFrame:
    """One cell's frame, day by day, quiet first."""
    hazards = _hazards(seen)
    watched_out = seen.contacts * (seen.outcome == WAYS.index("censored"))
    shown_alike = {
        "at_risk": hazards.at_risk,
        "contacts": seen.contacts.sum(),
        "unobserved": watched_out @ (1 - seen.watching()),
        "customers": customers,
        "method": METHOD,
    }
    frames = []
    for rank, outcome in enumerate(OUTCOMES):
        value, moved = hazards.values[rank], hazards.influence[rank]
        variance = small_sample_factor(customers) * np.maximum((moved * (seen.pairs @ moved)).sum(axis=0), 0)
        interval = _limits(seen, hazards, rank, variance=variance, customers=customers, level=level)
        own = {
            "day": seen.days.astype(np.int64),
            "outcome": outcome,
            "value": value,
            "low": interval.low,
            "high": interval.high,
            "se": np.where(np.isnan(value), np.nan, np.sqrt(variance)),
            "events": hazards.events[rank],
        }
        frames.append(pd.DataFrame(own | shown_alike))
    rows = pd.concat(frames).sort_values("day", kind="stable")
    return rows[list(INCIDENCE_COLUMNS)].reset_index(drop=True)


def _limits(
    seen: _Observed, hazards: _Hazards, rank: int, *, variance: Floats, customers: float, level: float
) -> Interval:
    """Wilson's interval on the contacts that independent ones would need to be, less the stable design effect."""
    value, events, contacts = hazards.values[rank], hazards.events[rank], float(seen.contacts.sum())
    worst = seen.pairs.sum() / contacts
    alone = seen.contacts @ hazards.influence[rank] ** 2
    moves = alone > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        independent = np.where(moves, value * (1 - value) / alone, hazards.at_risk)
        observed = np.where(moves, variance / alone, np.nan)
    effect = stable_design_effect(observed, worst, events=np.minimum(events, contacts - events))
    critical = student_critical(level, degrees=degrees_of_freedom(customers, contacts / worst))
    return wilson_of_share(value, np.minimum(independent, contacts) / effect, critical=critical)


def _by_cell(*frames: pd.DataFrame, keys: list[str]) -> Iterator[list[pd.DataFrame]]:
    """The frames cut to each cell of the first one, in order of its first appearance; a missing key is a key."""
    if not keys:
        if len(frames[0]):
            yield list(frames)
        return
    stacked = pd.concat([frame[keys] for frame in frames], ignore_index=True)
    cell = stacked.groupby(keys, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    parts = np.split(cell, np.cumsum([len(frame) for frame in frames])[:-1])
    rows = [frame.groupby(part).indices for frame, part in zip(frames, parts, strict=True)]
    nothing = np.empty(0, dtype=np.int64)
    for number in pd.unique(parts[0]):
        yield [frame.iloc[found.get(number, nothing)] for frame, found in zip(frames, rows, strict=True)]


def _check(frame: pd.DataFrame, columns: Sequence[str], *, name: str) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        present = ", ".join(map(str, frame.columns))
        raise DataError(f"The frame '{name}' lacks {', '.join(missing)}; it has {present}.")


def _check_pairs(met: Floats, contacts: Floats) -> None:
    """A half of the pairs, or those of other cells, would give too narrow intervals without any other sign."""
    if not np.allclose(met, met.T):
        raise DataError(
            "'pairs' must hold every pair in both orders, as a self-join gives them; they are not symmetric."
        )
    if (np.diag(met) < contacts - 1e-9).any() or (met[contacts == 0] != 0).any():
        raise DataError(
            "'pairs' and 'ways' are not of the same contacts: each way must meet itself, and only ways meet."
        )
