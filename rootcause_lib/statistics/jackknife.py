"""Any figure made of sums over customers, with how sure it is, from the sums of random groups of customers.

Leave one group out at a time and see how the figure moves: contacts of one customer fall into one group, so likeness
within customers is counted in full, whatever the figure is (a product of shares, a ratio over a mix). Wolter 2007,
Introduction to Variance Estimation, chapter 4 (the delete-a-group jackknife).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.clustering import stable_design_effect
from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, student_critical, wilson_of_share


@dataclass(frozen=True, slots=True)
class Jackknifed:
    """Figures, their standard errors (NaN where they can't be told) and the groups that stood behind them."""

    value: Floats
    standard_error: Floats
    groups: int

    @property
    def degrees(self) -> float:
        """Degrees of freedom for Student's t."""
        return float(self.groups - 1)


def jackknifed(groups: Numbers, estimate: Callable[[Floats], Floats]) -> Jackknifed:
    """`estimate` of the column sums of `groups` (groups by sums), with standard errors by leaving groups out.

    `estimate` takes sums along the last axis (any number of axes before it) and gives figures along the last axis; it
    must be smooth: shares, ratios and products of them, not medians. Groups without anything count as none.
    """
    table = floats(groups)
    if table.ndim != 2:
        raise DataError(f"Sums by group must be a table of groups by sums, not of {table.ndim} dimensions.")
    table = table[(table != 0).any(axis=1)]
    total = table.sum(axis=0)
    value = np.asarray(estimate(total), dtype=float)
    number = len(table)
    if number < 2:
        return Jackknifed(value, np.full(value.shape, np.nan), number)
    without = np.asarray(estimate(total - table), dtype=float)
    apart = without - without.mean(axis=0, keepdims=True)
    return Jackknifed(value, np.sqrt((number - 1) / number * (apart**2).sum(axis=0)), number)


def share_interval(found: Jackknifed, *, units: Numbers, customers: Numbers, level: float = 0.95) -> Interval:
    """Wilson's interval of shares on the number of independent units their standard errors are worth.

    units: contacts or cases the shares are of; customers: different ones behind them. As for shares of plain sums
    (`ratios.share_from_sums`), a handful of events is not trusted to be independent: one customer alone gives 0 to 1.
    """
    share, number = found.value, np.broadcast_to(floats(units), found.value.shape)
    behind = np.maximum(np.minimum(floats(customers), number), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (share > 0) & (share < 1)
        observed = np.where(inside, found.standard_error**2 * number / (share * (1 - share)), np.nan)
        effect = stable_design_effect(observed, number / behind, events=np.minimum(share, 1 - share) * number)
        degrees = np.minimum(np.minimum(float(found.groups), floats(customers)) - 1, found.degrees)
        critical = student_critical(level, degrees=np.broadcast_to(degrees, share.shape))
        return wilson_of_share(share, np.where(number > 0, number / effect, np.nan), critical=critical)


def ratio_interval(found: Jackknifed, *, level: float = 0.95) -> Interval:
    """Interval of ratios above 0 whose logarithms `found` holds; NaN where fewer than two groups stand behind them."""
    degrees = found.degrees
    critical = student_critical(level, degrees=degrees) if degrees >= 1 else np.nan
    reach = critical * found.standard_error
    return Interval(np.exp(found.value - reach), np.exp(found.value + reach))
