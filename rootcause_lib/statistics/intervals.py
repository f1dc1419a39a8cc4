"""Confidence intervals in closed form, for one number or for arrays of them at once.

Every function takes numbers or arrays that broadcast together and returns an `Interval` of the same shape. What can't
be known (no observations, a missing input) is NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import ParameterError

Floats = npt.NDArray[np.float64]
Numbers = Any
"""A number, a sequence, an array or a pandas column (missing values allowed)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two limits of equal shape: arrays, or numbers where numbers were given."""

    low: Floats
    high: Floats

    @property
    def half_width(self) -> Floats:
        """Half the distance between the limits."""
        return (self.high - self.low) / 2


def floats(values: Numbers) -> Floats:
    """Numbers as a float array; missing ones (None, pandas NA) become NaN."""
    if hasattr(values, "to_numpy"):
        return np.asarray(values.to_numpy(dtype=float, na_value=np.nan), dtype=float)
    return np.asarray(values, dtype=float)


def normal_critical(level: float) -> float:
    """How many standard errors either side of an estimate hold `level` (0.95 -> 1.96) of a normal distribution."""
    _check_level(level)
    return NormalDist().inv_cdf((1 + level) / 2)


def student_critical(level: float, *, degrees: Numbers) -> Floats:
    """The same for Student's t; infinite where there is less than one degree of freedom."""
    from scipy.special import stdtrit

    _check_level(level)
    known = floats(degrees)
    enough = known >= 1
    quantile = stdtrit(np.where(enough, known, 1.0), (1 + level) / 2)
    return np.where(enough, quantile, np.where(np.isnan(known), np.nan, np.inf))[()]


def wilson(successes: Numbers, n: Numbers, *, level: float = 0.95) -> Interval:
    """Wilson's score interval of a share (E. B. Wilson 1927, JASA 22: 209): `successes` of `n` independent units.

    With n = 0 both limits are NaN. Where a customer counts more than once use `share_from_sums`.
    """
    counted, units = floats(successes), floats(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counted / units
    return wilson_of_share(share, units, critical=normal_critical(level))


def wilson_of_share(share: Numbers, effective_n: Numbers, *, critical: Numbers) -> Interval:
    """Wilson's interval of a share known as precisely as `effective_n` independent units would make it.

    `critical` is the number of standard errors; an infinite one gives 0 to 1.
    """
    p, n, z = np.broadcast_arrays(floats(share), floats(effective_n), floats(critical))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = z * z / n
        centre = (p + spread / 2) / (1 + spread)
        reach = np.sqrt(spread * (p * (1 - p) + spread / 4)) / (1 + spread)
        low, high = centre - reach, centre + reach
    endless = np.isinf(spread) & ~np.isnan(p)
    low, high = np.where(endless, 0.0, low), np.where(endless, 1.0, high)
    # Rounding leaves 1e-17 beside the exact limits of 0 of n and n of n.
    low, high = np.where(p == 0, 0.0 * low, low), np.where(p == 1, 1.0 + 0.0 * high, high)
    return Interval(np.clip(low, 0, 1)[()], np.clip(high, 0, 1)[()])


def newcombe(
    successes: Numbers, n: Numbers, other_successes: Numbers, other_n: Numbers, *, level: float = 0.95
) -> Interval:
    """Difference of two independent shares, first less second (Newcombe 1998, Statist. Med. 17: 873, method 10)."""
    first, second = wilson(successes, n, level=level), wilson(other_successes, other_n, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, other_share = floats(successes) / floats(n), floats(other_successes) / floats(other_n)
    return difference(share, first, other_share, second)


def difference(value: Numbers, interval: Interval, other_value: Numbers, other: Interval) -> Interval:
    """Difference of two independent estimates from their own intervals, first less second.

    The squared distances to the facing limits are added (Zou and Donner 2008, Statist. Med. 27: 1693), which for two
    Wilson intervals is Newcombe's. Both intervals need the same level. Not for two estimates on the same customers.
    """
    first, second = floats(value), floats(other_value)
    gap = first - second
    low = gap - np.hypot(first - interval.low, other.high - second)
    high = gap + np.hypot(interval.high - first, second - other.low)
    return Interval(low[()], high[()])


def poisson_exact(count: Numbers, exposure: Numbers, *, level: float = 0.95) -> Interval:
    """Exact interval of a rate: `count` independent events in `exposure` (Garwood 1936, Biometrika 28: 437).

    Counts need not be whole, so that an effective count can be given. Without exposure both limits are NaN.
    """
    from scipy.special import gammaincinv

    _check_level(level)
    events, units = np.broadcast_arrays(floats(count), floats(exposure))
    possible = (events >= 0) & (units > 0)
    known = np.where(possible, events, 1.0)
    tail = (1 - level) / 2
    low = np.where(known > 0, gammaincinv(np.where(known > 0, known, 1.0), tail), 0.0)
    high = gammaincinv(known + 1, 1 - tail)
    per = np.where(possible, units, np.nan)
    return Interval((low / per)[()], (high / per)[()])


def net_promoter_score(promoters: Numbers, passives: Numbers, detractors: Numbers) -> Floats:
    """Share of promoters less share of detractors, in points from -100 to 100; NaN without answers."""
    for_us, neither, against = floats(promoters), floats(passives), floats(detractors)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (100 * (for_us - against) / (for_us + neither + against))[()]


def net_promoter_wald(promoters: Numbers, passives: Numbers, detractors: Numbers, *, level: float = 0.95) -> Interval:
    """The textbook interval of the net promoter score, in points. Too narrow under some 100 answers: for comparison."""
    return _net_promoter(floats(promoters), floats(passives), floats(detractors), level=level)


def net_promoter_adjusted_wald(
    promoters: Numbers, passives: Numbers, detractors: Numbers, *, level: float = 0.95
) -> Interval:
    """Net promoter score in points with three answers added (3/4, 3/2, 3/4), which keeps its level from 20 answers on.

    Rocks 2016, "Interval estimation for the net promoter score", Am. Stat. 70: 365. The score itself is not shifted:
    print `net_promoter_score` beside it. Without any answers both limits are NaN.
    """
    for_us, neither, against = floats(promoters), floats(passives), floats(detractors)
    answered = for_us + neither + against > 0
    interval = _net_promoter(for_us + 0.75, neither + 1.5, against + 0.75, level=level)
    return Interval(np.where(answered, interval.low, np.nan)[()], np.where(answered, interval.high, np.nan)[()])


def _net_promoter(promoters: Floats, passives: Floats, detractors: Floats, *, level: float) -> Interval:
    n = promoters + passives + detractors
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (promoters - detractors) / n
        reach = normal_critical(level) * np.sqrt(((promoters + detractors) / n - score**2) / n)
    low, high = 100 * np.clip(score - reach, -1, 1), 100 * np.clip(score + reach, -1, 1)
    return Interval(low[()], high[()])


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ParameterError(f"'level' must lie between 0 and 1, such as 0.95; it is {level}.")
