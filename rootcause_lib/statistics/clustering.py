"""What it costs that customers come more than once: sums per customer, design effects, degrees of freedom.

Contacts of one customer resemble each other, so the customer is the unit that was sampled. All of it follows from seven
sums per cell, which an engine adds up in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

SUMS = ("value", "weight", "clusters", "value_value", "value_weight", "weight_weight")

PRIOR_EVENTS = 2.0
"""How many events the worst case weighs in a design effect; chosen by simulation, see `stable_design_effect`."""


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums over the customers of a cell, one array entry per cell; all arrays have equal shape.

    With y and n a customer's own sums of value and weight: value = sum of y, weight = sum of n, clusters = customers
    with any weight, value_value = sum of y squared, value_weight = sum of y n, weight_weight = sum of n squared.
    """

    value: Floats
    weight: Floats
    clusters: Floats
    value_value: Floats
    value_weight: Floats
    weight_weight: Floats

    @classmethod
    def of(
        cls,
        *,
        value: Numbers,
        weight: Numbers,
        clusters: Numbers,
        value_value: Numbers,
        value_weight: Numbers,
        weight_weight: Numbers,
    ) -> Self:
        """From numbers, arrays or pandas columns; missing sums (an empty cell) count as nothing observed."""
        given = (value, weight, clusters, value_value, value_weight, weight_weight)
        return cls(*(np.nan_to_num(column) for column in np.broadcast_arrays(*(floats(item) for item in given))))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, prefix: str = "") -> Self:
        """From a frame of one row per cell with the columns `SUMS`, each behind `prefix` (such as "m0_")."""
        missing = [prefix + name for name in SUMS if prefix + name not in frame.columns]
        if missing:
            present = ", ".join(map(str, frame.columns))
            raise DataError(f"The frame of sums lacks {', '.join(missing)}; it has {present}.")
        return cls.of(**{name: frame[prefix + name] for name in SUMS})

    @classmethod
    def from_clusters(cls, values: Numbers, weights: Numbers) -> Self:
        """From each customer's own sums, customers along the last axis; weight 0: the customer is not in the cell."""
        y, n = np.broadcast_arrays(floats(values), floats(weights))
        return cls.of(
            value=y.sum(-1),
            weight=n.sum(-1),
            clusters=(n != 0).sum(-1),
            value_value=(y * y).sum(-1),
            value_weight=(y * n).sum(-1),
            weight_weight=(n * n).sum(-1),
        )

    def ratio(self) -> Floats:
        """Sum of values over sum of weights; NaN where there is no weight."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.value / self.weight, np.nan)

    def ratio_variance(self) -> Floats:
        """Variance of the ratio, robust to any likeness within customers; NaN for fewer than two of them.

        G/(G-1) * sum of (y - r n)^2 / N^2: the linearised (delta) variance, equal to a least-squares fit with
        cluster-robust covariance up to that fit's own small-sample factor.
        """
        ratio = self.ratio()
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = self.value_value - 2 * ratio * self.value_weight + ratio**2 * self.weight_weight
            return small_sample_factor(self.clusters) * np.maximum(squares, 0) / self.weight**2

    def effective_clusters(self) -> Floats:
        """How many equally busy customers carry as much information: N^2 / sum of n^2 (Kish), at most `clusters`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.weight > 0, self.weight**2 / self.weight_weight, 0.0)


def small_sample_factor(clusters: Numbers) -> Floats:
    """G/(G-1); NaN for fewer than two customers, from whom no variance can be told."""
    number = floats(clusters)
    return np.where(number > 1, number / np.where(number > 1, number - 1, 1.0), np.nan)


def degrees_of_freedom(clusters: Numbers, effective_clusters: Numbers) -> Floats:
    """For Student's t: effective customers less one, since a few busy customers make the variance itself unsure.

    Carter, Schnepel and Steigerwald 2017, Rev. Econ. Stat. 99: 698, in their worst case.
    """
    return np.minimum(floats(clusters), floats(effective_clusters)) - 1


def stable_design_effect(observed: Numbers, worst: Numbers, *, events: Numbers) -> Floats:
    """Design effect that does not trust a handful of events: pulled towards the worst case by `PRIOR_EVENTS`.

    With few events the observed effect is mostly luck (five events of five customers look independent) and intervals
    come out too narrow: at a share of 5 %, 60 customers and correlation 0.6 coverage is .90 without and .97 with it.
    `worst` is Kish's: all contacts of a customer alike. Never below 1; where nothing was observed, the worst case.
    """
    seen, limit = floats(observed), np.maximum(floats(worst), 1.0)
    number = np.maximum(floats(events), 0.0)
    trust = np.where(np.isnan(seen), 0.0, number / (number + PRIOR_EVENTS))
    return trust * np.maximum(np.nan_to_num(seen, nan=1.0), 1.0) + (1 - trust) * limit
