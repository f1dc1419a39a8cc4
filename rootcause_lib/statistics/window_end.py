"""Where coming back about a matter ends: the day by which nearly all that chance does not explain has happened.

With F(d) the share come back within d days and C(d) what chance alone would bring, 1 - (1 - F) / (1 - C) is the share
that the matter itself brought back. Its end is the first day by which `SHARE` of what it brings within the horizon has
come. That day does not move with the number of contacts, as the first day without a clear excess would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.statistics.clustering import degrees_of_freedom, small_sample_factor
from rootcause_lib.statistics.intervals import Floats, floats, student_critical
from rootcause_lib.statistics.window_curves import Chance, chance_of, influences, limits_of

SHARE = 0.95
"""Of what the matter brings back within the horizon."""

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class WatchedCounts:
    """One cell's contacts: `ways` (3K+3) and `paces` (C) as in `OpenedCounts`, over every contact whatever it opens.

    pairs: how often two features meet in one of the customers drawn (F, F). drawn: contacts of those customers.
    """

    ways: Floats
    paces: Floats
    pairs: Floats
    drawn: float
    customers: float


@dataclass(frozen=True, slots=True)
class WindowEnd:
    """The day with its limits, and the share that the matter brings back within the horizon with its own.

    The day is NaN where the matter brings nobody back that chance would not, or nobody was watched to the horizon.
    """

    day: float
    low: float
    high: float
    excess: float
    excess_low: float
    excess_high: float
    unobserved: float


def window_end(counts: WatchedCounts, *, chance: Chance | None, level: float = 0.95) -> WindowEnd:
    """The first day by which `SHARE` of the excess within the horizon has come, and whether there is an excess.

    Low is the first day that is not clearly too early, high the first from which on it is clearly late enough: each
    limit is left outside by half of what `level` leaves. Customer-robust; `chance` None expects nothing by chance.
    """
    ways = np.broadcast_to(counts.ways, (len(counts.ways) // 3 - 1, len(counts.ways)))
    days, found = len(ways), influences(ways)
    expected, pulled = np.zeros(days), np.zeros((days, len(counts.paces)))
    if chance is not None:
        expected, pulled = chance_of(np.broadcast_to(counts.paces, (days, len(counts.paces))), chance)
    with np.errstate(divide="ignore", invalid="ignore"):
        still = (1 - found.values[0]) / (1 - expected)
        moved = np.hstack([found.moved[0], -still[:, None] * pulled]) / (1 - expected)[:, None]
    excess, spread = 1 - still, _Spread(counts, level=level)
    back = found.moved[0][-1:]
    limits = limits_of(
        found.values[0][-1:], spread.variance(np.hstack([back, 0 * pulled[-1:]])),
        alone=(ways[-1:] * back**2).sum(axis=1), worst=spread.worst, events=found.events[0][-1:],
        at_risk=found.at_risk[-1:], contacts=spread.contacts, critical=spread.critical,
    )  # fmt: skip
    # The limits of the share come back, drawn together or apart by how the customers' own pace explains it.
    own = spread.variance(np.hstack([back, 0 * pulled[-1:]]))[0]
    drawn_in = np.sqrt(spread.variance(moved[-1:])[0] / own) if own > 0 else 1 / (1 - expected[-1])
    low, high = (float(excess[-1] + (limit[0] - found.values[0][-1]) * drawn_in) for limit in (limits.low, limits.high))
    seen_out = float(counts.ways.reshape(-1, 3)[:-1, 0].sum())
    end = (np.nan, np.nan, np.nan)
    if low > 0:
        gap = excess - SHARE * excess[-1]
        end = _first_day(gap, spread.critical * np.sqrt(spread.variance(moved - SHARE * moved[-1])))
    return WindowEnd(*end, float(excess[-1]), low, high, unobserved=seen_out)


class _Spread:
    """What a cell's intervals are made with."""

    def __init__(self, counts: WatchedCounts, *, level: float) -> None:
        size = len(counts.ways)
        self.contacts = float(counts.ways.sum())
        self.worst = float(counts.pairs[:size, :size].sum()) / counts.drawn if counts.drawn else 1.0
        degrees = degrees_of_freedom(counts.customers, self.contacts / self.worst)
        self.critical = float(student_critical(level, degrees=degrees))
        of_all = self.contacts / counts.drawn if counts.drawn else np.nan
        self._grown = float(small_sample_factor(counts.customers)) * of_all
        self._pairs = counts.pairs

    def variance(self, moved: Floats) -> Floats:
        """Of figures that one contact of each feature moves by `moved`, one row each."""
        squares = np.einsum("wf,fg,wg->w", moved, self._pairs, moved, optimize=True)
        return floats(self._grown * np.maximum(squares, 0))


def _first_day(gap: Floats, around: Floats) -> tuple[float, float, float]:
    """The first day on which a gap is closed, the first that is not clearly too early, and the first that is safe."""
    early, late = np.flatnonzero(gap + around < -_ROUNDING), np.flatnonzero(gap - around <= -_ROUNDING)
    day = int(np.flatnonzero(gap >= -_ROUNDING)[0]) + 1
    low = int(early[-1]) + 2 if len(early) else 1
    high = int(late[-1]) + 2 if len(late) else 1
    return float(day), float(min(low, day)), float(min(max(high, day), len(gap)))
