"""A ratio against the same ratio elsewhere, (hit / hit_base) / (rest / rest_base), robust to customers coming often.

All four are sums over customers, so the logarithm's variance is that of one score per customer (the delta method), and
follows from the sums of products that an engine adds up in one pass. Never less than for independent contacts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from rootcause_lib.statistics.clustering import small_sample_factor
from rootcause_lib.statistics.group_sums import student_p_value
from rootcause_lib.statistics.intervals import Floats, Numbers, floats, student_critical

QUANTITIES = ("hit", "hit_base", "rest", "rest_base")
_SIGNS = np.array([1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True)
class RatioSums:
    """Sums over customers, one entry per comparison: `sums` (comparisons by 4), `products` (comparisons by 4 by 4).

    clusters: how many customers there are; customers: how many of them have a hit.
    """

    sums: Floats
    products: Floats
    clusters: Floats
    customers: Floats

    @classmethod
    def from_row(cls, row: pd.Series, *, number: int) -> Self:
        """From one row with the columns m0_hit, m0_hit_hit_base, ..., m1_hit, ... and `clusters`."""

        def value(prefix: str, name: str) -> float:
            found = row[f"{prefix}_{name}"]
            return 0.0 if pd.isna(found) else float(found)

        prefixes = [f"m{place}" for place in range(number)]
        products = np.zeros((number, len(QUANTITIES), len(QUANTITIES)))
        for place, prefix in enumerate(prefixes):
            for i, one in enumerate(QUANTITIES):
                for j, other in enumerate(QUANTITIES[i:], start=i):
                    products[place, i, j] = products[place, j, i] = value(prefix, f"{one}_{other}")
        sums = np.array([[value(prefix, name) for name in QUANTITIES] for prefix in prefixes]).reshape(number, -1)
        customers = np.array([max(value(prefix, "customers"), value(prefix, "customers_base")) for prefix in prefixes])
        return cls(sums, products, np.full(number, float(row["clusters"])), customers)


@dataclass(frozen=True, slots=True)
class LogRatios:
    """ratio, low, high of the comparison; value, value_low, value_high of hit / hit_base; baseline; p-values."""

    ratio: Floats
    low: Floats
    high: Floats
    value: Floats
    value_low: Floats
    value_high: Floats
    baseline: Floats
    p_value: Floats


def compared_ratios(
    given: RatioSums, *, independent: Numbers, independent_value: Numbers, scale: Numbers = 1.0, level: float = 0.95
) -> LogRatios:
    """Intervals on the logarithm with Student's t by the customers who have a hit; NaN where a sum is 0.

    independent, independent_value: signs with which 1 / sum adds up to the variance of the two logarithms were contacts
    independent (comparisons by 4), such as 1 for counts, 0 for exposure, -1 for what holds the count before it. scale:
    what the ratio is to be divided by, known without error (exposures).
    """
    told = np.asarray((given.sums > 0).all(axis=1))
    sums = np.where(told[:, None], given.sums, 1.0)
    degrees = given.customers - 1
    reach = student_critical(level, degrees=np.maximum(degrees, 1.0))
    told = np.asarray(told & (degrees >= 1))
    out = []
    for signs, least in (
        (_SIGNS, floats(independent)),
        (_SIGNS * np.array([1, 1, 0, 0]), floats(independent_value)),
    ):
        scores = signs / sums
        robust = np.einsum("ci,cij,cj->c", scores, given.products, scores) * small_sample_factor(given.clusters)
        variance = np.maximum(robust, (least / sums).sum(axis=1))
        out.append(np.where(told, np.sqrt(np.maximum(variance, 0)), np.nan))
    error, value_error = out
    log_ratio = np.where(told, (_SIGNS * np.log(sums)).sum(axis=1) - np.log(floats(scale)), np.nan)
    value = np.where(told, sums[:, 0] / sums[:, 1], np.nan)
    return LogRatios(
        ratio=np.exp(log_ratio),
        low=np.exp(log_ratio - reach * error),
        high=np.exp(log_ratio + reach * error),
        value=value,
        value_low=value * np.exp(-reach * value_error),
        value_high=value * np.exp(reach * value_error),
        baseline=np.where(told, sums[:, 2] / sums[:, 3], np.nan),
        p_value=student_p_value(log_ratio, error, degrees=degrees),
    )
