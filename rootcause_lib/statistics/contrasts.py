"""A part against the rest: mean of some contacts less that of all others, where customers have contacts in both."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pandas as pd

from rootcause_lib.statistics.clustering import ClusterSums, degrees_of_freedom, small_sample_factor
from rootcause_lib.statistics.intervals import Floats, floats, student_critical


@dataclass(frozen=True, slots=True)
class Crosses:
    """Sums over customers of what they have in a part times what they have in all, one entry per part.

    `shared` counts the customers who have something in the part and something outside it.
    """

    value_whole_value: Floats
    value_whole_weight: Floats
    weight_whole_value: Floats
    weight_whole_weight: Floats
    shared: Floats

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, prefix: str = "") -> Self:
        """From a frame of one row per part with columns of these names, each behind `prefix`; missing sums are 0."""
        return cls(*(np.nan_to_num(floats(frame[prefix + item.name])) for item in fields(cls)))


@dataclass(frozen=True, slots=True)
class Differences:
    """Means of parts less those of the rest, one entry per part; NaN is unknown. `clusters`: customers in the part."""

    value: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    clusters: Floats


def part_against_rest(part: ClusterSums, whole: ClusterSums, crosses: Crosses, *, level: float = 0.95) -> Differences:
    """Mean of each part less the mean of what is not in it, robust to customers who have contacts in both.

    `part`: one entry per part; `whole`: one entry, of everything; `crosses`: one entry per part.
    Linearised (delta) variance of the difference of two ratios of sums over customers; Student's t with the effective
    customers of the smaller side. No limits where a side has fewer than two customers, or where those of one side are
    all alike: that they differ nowhere is then not known.
    """
    rest = _rest(part, whole, crosses)
    mean, other = part.ratio(), rest.ratio()
    own, others = _squares(part, mean), _squares(rest, other)
    both = _products(part, crosses, mean=mean, other=other)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = own / part.weight**2 + others / rest.weight**2 - 2 * both / (part.weight * rest.weight)
        error = np.sqrt(np.maximum(small_sample_factor(whole.clusters) * variance, 0))
    degrees = np.minimum(
        degrees_of_freedom(part.clusters, part.effective_clusters()),
        degrees_of_freedom(rest.clusters, rest.effective_clusters()),
    )
    alike = (own <= 1e-9 * np.maximum(others, 1e-12)) | (others <= 1e-9 * np.maximum(own, 1e-12))
    told = (degrees >= 1) & ~alike
    reach = np.where(told, student_critical(level, degrees=np.maximum(degrees, 1.0)) * error, np.nan)
    value = mean - other
    return Differences(value, value - reach, value + reach, np.where(told, error, np.nan), part.clusters)


def _rest(part: ClusterSums, whole: ClusterSums, crosses: Crosses) -> ClusterSums:
    """Sums of what is not in the part, from (all - part)^2 and its like."""
    return ClusterSums.of(
        value=whole.value - part.value,
        weight=np.maximum(whole.weight - part.weight, 0.0),
        clusters=whole.clusters - part.clusters + crosses.shared,
        value_value=whole.value_value - 2 * crosses.value_whole_value + part.value_value,
        value_weight=whole.value_weight - crosses.value_whole_weight - crosses.weight_whole_value + part.value_weight,
        weight_weight=whole.weight_weight - 2 * crosses.weight_whole_weight + part.weight_weight,
    )


def _squares(sums: ClusterSums, ratio: Floats) -> Floats:
    """Sum over customers of (value - ratio x weight)^2."""
    squares = sums.value_value - 2 * ratio * sums.value_weight + ratio**2 * sums.weight_weight
    return np.asarray(np.maximum(squares, 0.0))


def _products(part: ClusterSums, crosses: Crosses, *, mean: Floats, other: Floats) -> Floats:
    """Sum over customers of their deviation in the part times that in the rest."""
    values = crosses.value_whole_value - part.value_value
    value_weights = crosses.value_whole_weight - part.value_weight
    weight_values = crosses.weight_whole_value - part.value_weight
    weights = crosses.weight_whole_weight - part.weight_weight
    return np.asarray(values - other * value_weights - mean * weight_values + mean * other * weights)
