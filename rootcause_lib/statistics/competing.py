"""How many have left for one reason by a time when others leave for another: Aalen and Johansen's estimate.

To leave for one reason is to be out of reach of the other: counting the others as merely no longer watched would give
the share that would leave were the other reason abolished, which is larger. Variance: each time's shares as a
multinomial draw, carried through the estimate (delta method); with one kind alone it is Greenwood's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, normal_critical
from rootcause_lib.statistics.survival import limits_of

METHOD = "aalen_johansen"


@dataclass(frozen=True, slots=True)
class LeftBy:
    """The share that has left one way by each time, with limits; arrays of one length."""

    time: Floats
    value: Floats
    low: Floats
    high: Floats
    at_risk: Floats
    events: Floats

    def at(self, times: Numbers) -> LeftBy:
        """The same read at other times (0 before the first); unknown beyond the last time anybody was watched."""
        asked = floats(times)
        place = np.searchsorted(self.time, asked, side="right") - 1
        over = asked > (self.time[-1] if len(self.time) else -np.inf)

        def read(column: Floats) -> Floats:
            held = np.where(place >= 0, column[place], 0.0) if len(column) else np.zeros(len(asked))
            return np.where(over, np.nan, held)

        following = np.minimum(np.searchsorted(self.time, asked, side="left"), max(len(self.time) - 1, 0))
        watched = self.at_risk[following] if len(self.time) else np.zeros(len(asked))
        happened = np.concatenate([[0.0], np.cumsum(self.events)])[place + 1]
        return LeftBy(
            asked, read(self.value), read(self.low), read(self.high), np.where(over, 0.0, watched), floats(happened)
        )


def competing_risks(
    time: Numbers, at_risk: Numbers, events: Mapping[str, Numbers], *, design_effect: float = 1.0, level: float = 0.95
) -> dict[str, LeftBy]:
    """By kind of leaving: the share that has left so by each time, from counts by time (ascending).

    `events`: by kind, how many of those watched at each time left so then. The shares and what is left sum to 1.
    Intervals as of one less a survival curve's, log(-log). Raises DataError where more left than were watched.
    """
    when, watched = floats(time), floats(at_risk)
    kinds = list(events)
    left = np.vstack([floats(events[kind]) for kind in kinds]) if kinds else np.zeros((0, len(when)))
    if (np.diff(when) <= 0).any() or (left.sum(axis=0) > watched).any() or (left < 0).any():
        raise DataError("Counts by time must rise in time, with no more leaving than people watched.")
    risk = np.where(watched > 0, watched, 1.0)
    hazard = left / risk
    either = hazard.sum(axis=0)
    after = np.cumprod(1 - either)
    before = np.concatenate([[1.0], after[:-1]])
    critical = normal_critical(level)
    found = {}
    for place, kind in enumerate(kinds):
        value = np.cumsum(before * hazard[place])
        variance = _variance(value, before, hazard, either, risk, place) * design_effect
        rest = 1 - value
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = np.where(rest > 0, variance / rest**2, 0.0)
        low, high = limits_of(rest, spread, watched / design_effect, critical=critical, scale="log_log")
        found[kind] = LeftBy(when, floats(value), 1 - high, 1 - low, watched, left[place])
    return found


def _variance(value: Floats, before: Floats, hazard: Floats, either: Floats, risk: Floats, place: int) -> Floats:
    """Of one kind's share at every time: its slopes in all kinds' hazards at all times up to then."""
    with np.errstate(divide="ignore", invalid="ignore"):
        held = np.where(either < 1, 1 / (1 - either), 0.0)
    # Rows: until when the share is asked for; columns: the time of the hazard.
    lost = np.tril((value[:, None] - value[None, :]) * held[None, :])
    gained = np.tril(np.broadcast_to(before, lost.shape))
    own, others = gained - lost, -lost
    share, rest = hazard[place], either - hazard[place]
    squares = own**2 * share + others**2 * rest
    mean = own * share + others * rest
    return floats(((squares - mean**2) / risk).sum(axis=1))
