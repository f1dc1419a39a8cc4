"""Whether one thing follows another more often than it precedes it, each customer being their own control.

Customers who make contact often do so about everything: whatever is compared between customers seems to go together.
Here the days after a contact are compared with as many days before it, of the same customers, so that how often anybody
makes contact, and about what, cancels out. Two matters that merely share busy customers come in either order alike.
Hallas 1996, Evidence of depression provoked by cardiovascular medication: a prescription sequence symmetry analysis,
Epidemiology 7: 478. What grows in all customers alike comes after more often than before whatever it follows: the ratio
to be expected from that alone is taken out (the null-effect sequence ratio, Tsiropoulos et al. 2009,
Pharmacoepidemiol. Drug Saf. 18: 483).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.statistics.clustering import ClusterSums
from rootcause_lib.statistics.intervals import Floats, Numbers, floats
from rootcause_lib.statistics.ratios import share_from_sums


@dataclass(frozen=True, slots=True)
class Lifts:
    """How many times as often after as before; high is NaN where nothing came before."""

    lift: Floats
    low: Floats
    high: Floats


def lifts(
    *,
    after: Numbers,
    before: Numbers,
    after_after: Numbers,
    after_before: Numbers,
    before_before: Numbers,
    customers: Numbers,
    expected: Numbers = 1.0,
    level: float = 0.95,
) -> Lifts:
    """after over before, over the ratio `expected` with no link, from sums over customers of both and their products.

    The interval is that of the share of after among both, robust to customers who count more than once, turned into
    odds: it stays above 0 and has a lower limit even where nothing came before.
    """
    a, b, aa, ab, bb = (floats(each) for each in (after, before, after_after, after_before, before_before))
    both = ClusterSums.of(
        value=a, weight=a + b, clusters=customers, value_value=aa, value_weight=aa + ab, weight_weight=aa + 2 * ab + bb
    )
    share = share_from_sums(both, level=level)
    level_ratio = floats(expected)
    return Lifts(*(_odds(each) / level_ratio for each in (share.value, share.low, share.high)))


def sign_test(*, more: Numbers, less: Numbers, expected: Numbers = 1.0) -> Floats:
    """Two-sided exact p-value of so many customers with more after than before against so many with less.

    expected: the ratio of the two with no link. One customer is one vote, however often they made contact. Twice the
    smaller tail of the binomial distribution, at most 1; NaN where nobody had more or less.
    """
    from scipy.special import bdtr, bdtrc

    up, down, ratio = np.broadcast_arrays(floats(more), floats(less), floats(expected))
    votes = up + down
    chance = ratio / (1 + ratio)
    told = (votes > 0) & np.isfinite(chance)
    n, k, p = (np.where(told, each, fill) for each, fill in ((votes, 1.0), (up, 0.0), (chance, 0.5)))
    at_most = bdtr(k, n.astype(int), p)
    at_least = np.where(k > 0, bdtrc(np.maximum(k - 1, 0), n.astype(int), p), 1.0)
    return np.where(told, np.minimum(2 * np.minimum(at_most, at_least), 1.0), np.nan)


def expected_ratio(first: Numbers, then: Numbers, *, window: int) -> Floats:
    """How many times as often a `then` would fall within `window` days after a `first` as before it, by chance alone.

    first, then: counts by day, days along the last axis. Only firsts with the whole window on both sides count; NaN
    where nothing falls on one of the sides. Tsiropoulos' null-effect ratio with a window on both sides.
    """
    ours, theirs = (np.atleast_2d(floats(each)) for each in (first, then))
    days = ours.shape[-1]
    if days <= 2 * window:
        return np.full(np.broadcast_shapes(ours.shape[:-1], theirs.shape[:-1]), np.nan)
    running = np.concatenate([np.zeros((len(theirs), 1)), theirs.cumsum(axis=-1)], axis=-1)
    middle = np.arange(window, days - window)
    later = running[:, middle + window + 1] - running[:, middle + 1]
    earlier = running[:, middle] - running[:, middle - window]
    ahead, behind = ((ours[:, middle] * each).sum(axis=-1) for each in (later, earlier))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((ahead > 0) & (behind > 0), ahead / behind, np.nan)


def _odds(share: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(share < 1, share / (1 - share), np.nan)
