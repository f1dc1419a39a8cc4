"""How well predicted chances tell who will leave, with limits from resampling customers.

AUC is the chance that somebody who left had been given the higher risk of two (Hanley and McNeil 1982, Radiology 143:
29). The calibration slope is that of a logit of what happened on the predicted log-odds (Cox 1958, Biometrika 45: 562):
below 1 the predictions were too extreme, above 1 too timid. Whole customers are drawn with replacement, so that two
snapshots of one do not count as two people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

MEASURES = ("auc", "brier", "calibration_slope", "observed_expected", "lift_10")
RESAMPLES = 400
TOP_SHARE = 0.1

_STEPS = 25
_STILL = 1e-9
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """Predictions and what became of them, one entry per snapshot; `customer` says whose it is, from 0."""

    predicted: Floats
    left: Floats
    customer: npt.NDArray[np.int64]

    @classmethod
    def of(cls, predicted: Numbers, left: Numbers, customers: Numbers) -> Judged:
        """From columns of equal length; customers by any key."""
        chances, happened = floats(predicted), floats(left)
        _, codes = np.unique(np.asarray(customers), return_inverse=True)
        if not len(chances) == len(happened) == len(codes):
            raise DataError("Predictions, outcomes and customers must be as many.")
        return cls(np.clip(chances, _EDGE, 1 - _EDGE), happened, codes.astype(np.int64))

    @property
    def customers(self) -> int:
        return int(self.customer.max()) + 1 if len(self.customer) else 0


def resampled(
    judged: Judged, figures: Callable[[Floats], Floats], *, resamples: int = RESAMPLES, seed: int = 1
) -> Floats:
    """`figures` of the weights of snapshots, in each resample of customers a row; the same draws for one seed."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        times = np.bincount(rng.integers(0, judged.customers, judged.customers), minlength=judged.customers)
        found.append(figures(times[judged.customer].astype(float)))
    return np.asarray(found, dtype=float)


def measures(judged: Judged, *, weights: Floats | None = None) -> Floats:
    """`MEASURES` in their order; NaN where nobody, or everybody, left."""
    weight = np.ones_like(judged.predicted) if weights is None else weights
    total, events = weight.sum(), (weight * judged.left).sum()
    if not 0 < events < total:
        return np.full(len(MEASURES), np.nan)
    expected = (weight * judged.predicted).sum()
    brier = (weight * (judged.predicted - judged.left) ** 2).sum() / total
    top = lift(judged, np.array([TOP_SHARE]), weights=weight)[0]
    return np.array(
        [auc(judged.predicted, judged.left, weights=weight), brier, slope_of(judged, weight), events / expected, top]
    )


def auc(scores: Numbers, left: Numbers, *, weights: Numbers | None = None) -> float:
    """Chance that of one who left and one who did not the former has the higher score; ties count half."""
    score, happened = floats(scores), floats(left)
    weight = np.ones_like(score) if weights is None else floats(weights)
    order = np.argsort(score, kind="stable")
    gone, stayed = (weight * happened)[order], (weight * (1 - happened))[order]
    first = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    gone, stayed = np.add.reduceat(gone, first), np.add.reduceat(stayed, first)
    below = np.cumsum(stayed) - stayed / 2
    pairs = gone.sum() * stayed.sum()
    return float((gone * below).sum() / pairs) if pairs > 0 else float("nan")


def lift(judged: Judged, shares: Floats, *, weights: Floats | None = None) -> Floats:
    """How many times more leavers the given shares of customers, highest risk first, hold than as many others would.

    Of customers with one and the same risk those within the share are taken to leave like all of them.
    """
    return captured(judged, shares, weights=weights) / shares


def captured(judged: Judged, shares: Floats, *, weights: Floats | None = None) -> Floats:
    """Share of all leavers among the given shares of customers, highest risk first."""
    weight = np.ones_like(judged.predicted) if weights is None else weights
    order = np.argsort(-judged.predicted, kind="stable")
    last = np.flatnonzero(np.diff(judged.predicted[order], append=-np.inf))
    reached = np.append(0.0, np.cumsum(weight[order])[last])
    gone = np.append(0.0, np.cumsum((weight * judged.left)[order])[last])
    return np.asarray(np.interp(shares * reached[-1], reached, gone) / gone[-1])


def slope_of(judged: Judged, weight: Floats) -> float:
    """The calibration slope; NaN where the predictions do not differ."""
    x = np.log(judged.predicted / (1 - judged.predicted))
    middle = (weight * x).sum() / weight.sum()
    x = x - middle
    if not (weight * x * x).sum() > _STILL * weight.sum():
        return float("nan")
    share = (weight * judged.left).sum() / weight.sum()
    intercept, slope = np.log(share / (1 - share)), 1.0
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(intercept + slope * x, -35, 35)))
        spread = weight * chance * (1 - chance)
        short = weight * (judged.left - chance)
        s0, s1, s2 = spread.sum(), (spread * x).sum(), (spread * x * x).sum()
        g0, g1 = short.sum(), (short * x).sum()
        found = s0 * s2 - s1 * s1
        if not found > 0:
            return float("nan")
        up, out = (s2 * g0 - s1 * g1) / found, (s0 * g1 - s1 * g0) / found
        intercept, slope = intercept + np.clip(up, -2, 2), slope + np.clip(out, -2, 2)
        if abs(up) + abs(out) < _STILL:
            return float(slope)
    return float("nan")


def percentiles(draws: Floats, *, level: float) -> tuple[Floats, Floats]:
    """The middle `level` of resampled figures, column by column; NaN where fewer than half could be had."""
    known = np.isfinite(draws).mean(axis=0) >= 0.5
    tails = (1 - level) / 2
    low, high = (np.full(draws.shape[1], np.nan) for _ in range(2))
    if known.any():
        low[known], high[known] = np.nanquantile(draws[:, known], [tails, 1 - tails], axis=0)
    return low, high
