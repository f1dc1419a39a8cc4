"""How long until something happens when not everybody is watched to the end: the product-limit estimate.

Kaplan and Meier 1958, J. Am. Stat. Assoc. 53: 457; Greenwood's variance; whoever comes into view late (left truncation)
is at risk from then on only. For waits: those who are answered cease to be watched while still patient, so the mean
wait of those who gave up says nothing of how long people are ready to wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError, ParameterError, unknown_choice
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, normal_critical

METHOD = "kaplan_meier"

Scale = Literal["log_log", "log"]
SCALES = ("log_log", "log")
"""On which scale the interval is laid: log(-log S), which keeps within 0 and 1, or log S, R's default."""

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Quantile:
    """A time with its limits; NaN where the curve, or its limit, does not fall that far while anybody is watched."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Survival:
    """The curve at each time at which anybody ceased to be watched, ascending; arrays of one length.

    value: share to whom it has not happened by then, that time included. standard_error: Greenwood's. at_risk: how many
    were watched up to that time; events: to how many it happened then.
    """

    time: Floats
    value: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    at_risk: Floats
    events: Floats
    untouched: float
    """The lower limit before that, nothing having happened to anybody."""

    def at(self, times: Numbers) -> Survival:
        """The same curve read at other times: value, limits and error as of the last time before or at each.

        `at_risk` is how many are watched up to each and `events` how many there were until then. Beyond the last
        time anybody was watched nothing is known (NaN), unless the curve has ended at 0.
        """
        asked = floats(times)
        place = np.searchsorted(self.time, asked, side="right") - 1
        begun = place >= 0
        over = np.ones_like(begun) if not len(self.time) else (asked > self.time[-1]) & (self.value[-1] > 0)

        def read(column: Floats, before: float) -> Floats:
            held = np.where(begun, column[place], before) if len(column) else np.full(len(asked), before)
            return np.where(over, np.nan, held)

        following = np.minimum(np.searchsorted(self.time, asked, side="left"), max(len(self.time) - 1, 0))
        watched = self.at_risk[following] if len(self.time) else np.zeros(len(asked))
        past = asked > (self.time[-1] if len(self.time) else -np.inf)
        happened = np.concatenate([[0.0], np.cumsum(self.events)])[place + 1]
        return Survival(
            asked,
            read(self.value, 1.0),
            read(self.low, self.untouched),
            read(self.high, 1.0),
            read(self.standard_error, 0.0),
            np.where(past, 0.0, watched),
            happened,
            self.untouched,
        )

    def quantile(self, share: float = 0.5) -> Quantile:
        """The time by which it has happened to `share`, with the limits at which the curve's own limits get there.

        Brookmeyer and Crowley 1982, Biometrics 38: 29. Where the curve is level exactly at the share, the middle of
        that stretch, as in R.
        """
        if not 0 < share < 1:
            raise ParameterError(f"A quantile lies between 0 and 1, not at {share}.")
        return Quantile(*(_reached(self.time, column, 1 - share) for column in (self.value, self.low, self.high)))


def kaplan_meier(
    exit_time: Numbers,
    happened: Numbers,
    *,
    entry_time: Numbers = None,
    weights: Numbers = None,
    design_effect: float = 1.0,
    level: float = 0.95,
    scale: Scale = "log_log",
) -> Survival:
    """The share to whom it has not happened yet, from when each ceased to be watched and whether by the event.

    `weights` are counts of alike ones (default 1), so grouped rows give what single ones would. `entry_time`: each is
    at risk after that time only (and must leave later); None: from the very start, time 0 included. Those who leave
    at the moment of an event are still at risk in it. `design_effect` multiplies Greenwood's variance where whole
    groups are alike. While nothing has happened the lower limit is that of no event among those still watched
    (Wilson's). Raises DataError for missing times, negative weights or somebody who leaves before coming.
    """
    if scale not in SCALES:
        raise ParameterError(unknown_choice("scale of the interval", scale, SCALES))
    out, event = floats(exit_time), np.asarray(happened, dtype=bool)
    weight = np.ones(len(out)) if weights is None else floats(weights)
    entry = None if entry_time is None else floats(entry_time)
    _check(out, weight, entry)
    time, place = np.unique(out, return_inverse=True)
    left = np.bincount(place, weights=weight, minlength=len(time))
    events = np.bincount(place, weights=weight * event, minlength=len(time))
    at_risk = left[::-1].cumsum()[::-1]
    if entry is not None:
        # Whoever comes at the very time is at risk from the next moment on.
        order = np.argsort(entry, kind="stable")
        came = np.concatenate([[0.0], np.cumsum(weight[order])])
        at_risk = at_risk - (came[-1] - came[np.searchsorted(entry[order], time, side="left")])
    watched = floats(at_risk), floats(events), float(weight.sum())
    return _curve(time, *watched, design_effect=design_effect, level=level, scale=scale)


def survival_of_counts(
    time: Numbers,
    at_risk: Numbers,
    events: Numbers,
    *,
    design_effect: float = 1.0,
    level: float = 0.95,
    scale: Scale = "log_log",
) -> Survival:
    """The same curve from how many were watched at each time (ascending) and to how many it happened then.

    Counts by time are all the estimate needs, so an engine can give them for any number of people. Raises DataError
    where it happened to more than were watched or times do not rise.
    """
    if scale not in SCALES:
        raise ParameterError(unknown_choice("scale of the interval", scale, SCALES))
    when, watched, happened = floats(time), floats(at_risk), floats(events)
    if (np.diff(when) <= 0).any() or (happened > watched).any() or (happened < 0).any():
        raise DataError("Counts by time must rise in time, with no more events than people watched.")
    first = float(watched[0]) if len(watched) else 0.0
    return _curve(when, watched, happened, first, design_effect=design_effect, level=level, scale=scale)


def _curve(
    time: Floats, at_risk: Floats, events: Floats, first: float, *, design_effect: float, level: float, scale: Scale
) -> Survival:
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(events > 0, events / at_risk, 0.0)
        value = np.cumprod(1 - np.minimum(hazard, 1.0))
        spread = np.cumsum(np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)) * design_effect
        error = np.where(value > 0, value * np.sqrt(spread), 0.0)
    critical = normal_critical(level)
    low, high = limits_of(value, spread, at_risk / design_effect, critical=critical, scale=scale)
    untouched = float(_untouched(first / design_effect, critical))
    return Survival(time, floats(value), low, high, floats(error), at_risk, events, untouched)


def limits_of(
    value: Floats, spread: Floats, at_risk: Floats, *, critical: float, scale: Scale
) -> tuple[Floats, Floats]:
    """Limits of shares to whom it has not happened, from the variance of their logarithms."""
    inside = (value > 0) & (value < 1)
    share = np.where(inside, value, 0.5)
    error = critical * np.sqrt(np.where(inside, spread, 0.0))
    if scale == "log":
        low, high = share * np.exp(-error), np.minimum(share * np.exp(error), 1.0)
    else:
        reach = error / np.abs(np.log(share))
        low, high = share ** np.exp(reach), share ** np.exp(-reach)
    low = np.where(inside, low, np.where(value >= 1, _untouched(at_risk, critical), 0.0))
    high = np.where(inside, high, np.where(value >= 1, 1.0, np.nan))
    if len(high) and np.isnan(high).any():
        # Once it has happened to the last one watched, the limit stays where it was before.
        ended = int(np.argmax(np.isnan(high)))
        high[ended:] = high[ended - 1] if ended else 1.0
    return floats(low), floats(high)


def _untouched(watched: Numbers, critical: float) -> Floats:
    """Wilson's lower limit of the share to whom it has not happened when it has happened to none of the watched."""
    number = floats(watched)
    return floats(number / (number + critical**2))


def _reached(time: Floats, column: Floats, share: float) -> float:
    """The first time at which the column is at the share or below."""
    found = np.flatnonzero(column <= share + _CLOSE)
    if not len(found):
        return float("nan")
    first = int(found[0])
    below = np.flatnonzero(column < share - _CLOSE)
    if abs(column[first] - share) <= _CLOSE and len(below):
        return float((time[first] + time[below[0]]) / 2)
    return float(time[first])


def _check(out: Floats, weight: Floats, entry: npt.NDArray[np.float64] | None) -> None:
    if np.isnan(out).any() or np.isnan(weight).any() or (entry is not None and np.isnan(entry).any()):
        raise DataError("A survival curve needs the times of everybody; leave out those without, and say how many.")
    if (weight < 0).any():
        raise DataError("Weights of a survival curve are counts; one is negative.")
    if entry is not None and (entry >= out).any():
        raise DataError("Somebody ceases to be watched before being watched: entry_time must lie before exit_time.")
