"""Shares, means, ratios and rates as one sum over another, with intervals that respect customers.

Never a mean of ratios: that weighs a customer with one contact like one with fifty and is badly off.
Every function takes `ClusterSums` (one entry per cell) and gives `Ratios` of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import ParameterError, unknown_choice
from rootcause_lib.statistics.clustering import (
    ClusterSums,
    degrees_of_freedom,
    small_sample_factor,
    stable_design_effect,
)
from rootcause_lib.statistics.intervals import (
    Floats,
    Interval,
    normal_critical,
    poisson_exact,
    student_critical,
    wilson_of_share,
)

METHODS = ("wilson", "wilson_cluster", "ratio_cluster", "ratio_fieller", "poisson_exact", "poisson_cluster", "none")
"""Keys of the methods an estimate can name; "none" where nothing was observed."""

Support = Literal["positive", "any"]


@dataclass(frozen=True, slots=True)
class Ratios:
    """Ratios of sums with their intervals; arrays of one shape. NaN is unknown.

    `standard_error` is cluster-robust and describes the ratio itself; `low` and `high` need not lie evenly about it.
    `method` holds one of `METHODS` per entry.
    """

    value: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    method: npt.NDArray[Any]

    @property
    def half_width(self) -> Floats:
        """Half the distance between the limits."""
        return (self.high - self.low) / 2


def share_from_sums(sums: ClusterSums, *, level: float = 0.95) -> Ratios:
    """Shares 0..1: Wilson's interval on the effective number of contacts, critical value from Student's t.

    Effective n = p(1-p) / cluster-robust variance (Korn and Graubard 1998, Surv. Methodol. 24: 193, who use an exact
    interval where this uses Wilson's), with the design effect held stable where events are few. Where nobody counts
    twice it is Wilson's interval itself. One customer alone gives 0 to 1. A value outside 0..1 is an error.
    """
    share = sums.ratio()
    if np.any((share < -1e-12) | (share > 1 + 1e-12)):
        raise ParameterError("A share lies outside 0 to 1: these are sums of a mean or a ratio; use ratio_from_sums.")
    alone = (sums.weight == sums.clusters) & (sums.weight_weight == sums.clusters)
    customers = sums.effective_clusters()
    critical = student_critical(level, degrees=degrees_of_freedom(sums.clusters, customers))
    effective = np.where(alone, sums.weight, effective_contacts(sums))
    interval = wilson_of_share(share, effective, critical=np.where(alone, normal_critical(level), critical))
    method = np.where(alone, "wilson", "wilson_cluster")
    return _ratios(sums, share, interval, method)


def ratio_from_sums(sums: ClusterSums, *, level: float = 0.95, support: Support = "positive") -> Ratios:
    """Means per contact and ratios of two sums, such as handle seconds per contact or value per euro.

    `support="positive"` (times, costs, counts): the delta interval is laid on the logarithm, so it stays above 0 and
    leans the way such sums do; in simulation it covers better than the plain delta interval and Fieller's for skewed
    times. `support="any"` (margins, scores from -1 to 1): Fieller's interval, which allows for a noisy denominator;
    without limits where the denominator could be 0. Both need two customers; a positive quantity that sums to 0 has no
    upper limit (NaN). Strongly skewed values of few customers are covered less than promised: see soundness.json.
    """
    if support not in ("positive", "any"):
        raise ParameterError(unknown_choice("support", support, ("positive", "any")))
    ratio = sums.ratio()
    degrees = degrees_of_freedom(sums.clusters, sums.effective_clusters())
    critical = np.where(sums.clusters > 1, student_critical(level, degrees=degrees), np.nan)
    if support == "any":
        return _ratios(sums, ratio, _fieller(sums, critical), "ratio_fieller")
    error = np.sqrt(sums.ratio_variance())
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reach = critical * error / ratio
        low, high = ratio * np.exp(-reach), ratio * np.exp(reach)
    positive = ratio > 0
    low = np.where(positive, low, np.where(ratio == 0, 0.0, np.nan))
    return _ratios(sums, ratio, Interval(low, np.where(positive, high, np.nan)), "ratio_cluster")


def rate_from_sums(sums: ClusterSums, *, level: float = 0.95) -> Ratios:
    """Counts per exposure, such as contacts per customer-day: the exact Poisson interval of an effective count.

    Effective count = count / design effect, the cluster-robust variance over Poisson's, at least 1, and a little less
    where customers are few. Gives an upper limit for a count of 0, which no normal interval does.
    """
    rate = sums.ratio()
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = sums.ratio_variance() * sums.weight**2 / sums.value
        effect = np.where(sums.value > 0, np.maximum(np.nan_to_num(effect, nan=1.0), 1.0), 1.0)
    degrees = degrees_of_freedom(sums.clusters, sums.effective_clusters())
    widening = (student_critical(level, degrees=np.maximum(degrees, 1.0)) / normal_critical(level)) ** 2
    shrink = np.where(sums.value > 0, 1 / (effect * widening), 1.0)
    interval = poisson_exact(sums.value * shrink, sums.weight * shrink, level=level)
    told = np.where(sums.clusters > 1, 1.0, np.nan)
    return _ratios(sums, rate, Interval(interval.low * told, interval.high * told), "poisson_cluster")


def rate_of_counts(count: Any, exposure: Any, *, level: float = 0.95) -> Ratios:
    """Counts per exposure where there are no customers to tell apart: exact Poisson, events taken as independent."""
    events, units = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(exposure, dtype=float))
    interval = poisson_exact(events, units, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(units > 0, events / units, np.nan)
        error = np.sqrt(events) / np.where(units > 0, units, np.nan)
    method = np.where(np.isnan(rate), "none", "poisson_exact").astype(object)
    return Ratios(rate, np.asarray(interval.low), np.asarray(interval.high), error, method)


def effective_contacts(sums: ClusterSums) -> Floats:
    """Of shares: contacts divided by the stable design effect; never more than there are."""
    share, customers = sums.ratio(), sums.effective_clusters()
    # Topic weights below 1 make the sum of weights smaller than the number of units behind it.
    units = np.maximum(sums.weight, customers)
    with np.errstate(divide="ignore", invalid="ignore"):
        events = np.minimum(sums.value, sums.weight - sums.value) * units / sums.weight
        observed = np.where(events > 0, sums.ratio_variance() * units / (share * (1 - share)), np.nan)
        return units / stable_design_effect(observed, units / customers, events=events)


def _fieller(sums: ClusterSums, critical: Floats) -> Interval:
    """All r for which sum of (y - r n) is within `critical` standard errors of 0 (Fieller 1954, JRSS B 16: 175)."""
    scale = critical**2 * small_sample_factor(sums.clusters)
    with np.errstate(divide="ignore", invalid="ignore"):
        value_variance = scale * (sums.value_value - sums.value**2 / sums.clusters)
        covariance = scale * (sums.value_weight - sums.value * sums.weight / sums.clusters)
        weight_variance = scale * (sums.weight_weight - sums.weight**2 / sums.clusters)
        square = sums.weight**2 - weight_variance
        middle = sums.value * sums.weight - covariance
        constant = sums.value**2 - value_variance
        root = np.sqrt(np.maximum(middle**2 - square * constant, 0))
        low, high = (middle - root) / square, (middle + root) / square
    bounded = square > 0
    unknown = np.isnan(square)
    low = np.where(unknown, np.nan, np.where(bounded, low, -np.inf))
    return Interval(low, np.where(unknown, np.nan, np.where(bounded, high, np.inf)))


def _ratios(sums: ClusterSums, value: Floats, interval: Interval, method: Any) -> Ratios:
    named = np.where(np.isnan(value), "none", method).astype(object)
    return Ratios(value, np.asarray(interval.low), np.asarray(interval.high), np.sqrt(sums.ratio_variance()), named)
