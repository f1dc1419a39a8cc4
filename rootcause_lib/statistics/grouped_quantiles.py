"""Quantiles of values that were counted, with limits: the wait that half, or nine in ten, did not exceed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import ParameterError
from rootcause_lib.statistics.intervals import Numbers, floats, normal_critical, wilson_of_share


@dataclass(frozen=True, slots=True)
class CountedQuantile:
    """The smallest value that at least a share of the units do not exceed, with its limits; NaN of no units."""

    value: float
    low: float
    high: float


def quantile_of_counts(
    values: Numbers, counts: Numbers, *, share: float, design_effect: float = 1.0, level: float = 0.95
) -> CountedQuantile:
    """The quantile at `share` of values that occur `counts` times.

    Limits after Woodruff 1952, J. Am. Stat. Assoc. 47: 635: the quantiles at the limits of the share itself (Wilson's,
    of the units divided by `design_effect`), so no density need be known.
    """
    if not 0 < share < 1:
        raise ParameterError(f"A quantile lies between 0 and 1, not at {share}.")
    value, count = floats(values), floats(counts)
    order = np.argsort(value, kind="stable")
    value, count = value[order], count[order]
    total = count.sum()
    if not total > 0:
        return CountedQuantile(float("nan"), float("nan"), float("nan"))
    below = np.cumsum(count) / total
    limits = wilson_of_share(share, total / max(design_effect, 1.0), critical=normal_critical(level))
    places = [np.searchsorted(below, asked - 1e-12) for asked in (share, float(limits.low), float(limits.high))]
    found = [float(value[min(int(place), len(value) - 1)]) for place in places]
    return CountedQuantile(*found)
