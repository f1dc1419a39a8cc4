"""How surely a figure differs from another, told by its own limits."""

from __future__ import annotations

import numpy as np

from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, normal_critical


def p_value_from_limits(value: Numbers, interval: Interval, *, against: Numbers, level: float = 0.95) -> Floats:
    """Two-sided p-values of values with limits at `level` against figures taken as known; NaN where limits are missing.

    The limit on the side of the other figure says how far chance reaches towards it, so limits need not lie evenly.
    Altman and Bland 2011, BMJ 343: d2304, for even limits.
    """
    from scipy.special import ndtr

    own, other = floats(value), floats(against)
    low, high = floats(interval.low), floats(interval.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(own > other, own - low, high - own) / normal_critical(level)
        found = 2 * ndtr(-np.abs(own - other) / error)
    found = np.where(own == other, 1.0, found)
    return np.asarray(np.where(np.isfinite(error) & ~np.isnan(own), found, np.nan))
