"""How much of the explained variance each driver accounts for, when drivers hang together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rootcause_lib.errors import DataError, ParameterError
from rootcause_lib.statistics.intervals import Floats, floats

MOST_DRIVERS = 12
"""Twice the work for every further one: all models of twelve are four thousand, times the draws."""

IMPORTANCE_COLUMNS = ("driver", "value", "low", "high", "share", "alone", "added_last", "ranks_first")

_SEED = 20240229
_RIDGE = 1e-11
"""Copies of a driver then share what they explain, and a constant one explains nothing, instead of failing."""


@dataclass(frozen=True, slots=True)
class Importance:
    """`drivers`, one row each (`IMPORTANCE_COLUMNS`), and the whole they are parts of.

    `value` is the driver's part of `r_squared` and `share` its share of it; `alone` and `added_last` are what it
    explains by itself and beyond all others; `ranks_first` in what share of draws it was the most important. `rows`
    were complete and used, `left_out` were not.
    """

    drivers: pd.DataFrame
    r_squared: float
    rows: int
    left_out: int


def relative_importance(
    drivers: pd.DataFrame, outcome: pd.Series, *, draws: int = 200, level: float = 0.95
) -> Importance:
    """R squared of a linear model split over drivers by averaging over all orders of entry ("lmg", Shapley's value).

    Lindeman, Merenda and Gold 1980, as in Groemping 2006, J. Stat. Softw. 17(1). `drivers`: rows (answers) by drivers,
    numbers; `outcome`: the same rows. Rows with anything missing are left out. Limits: percentiles over `draws`
    resamples of rows with a fixed seed. Parts are never negative: a driver without any effect has a small positive part
    (about 1/rows) and its interval does not reach 0. A correlation, not a cause. Raises DataError for too few rows or
    an outcome that does not vary, ParameterError above `MOST_DRIVERS` drivers.
    """
    if not 1 <= drivers.shape[1] <= MOST_DRIVERS:
        raise ParameterError(f"{drivers.shape[1]} drivers: from 1 to {MOST_DRIVERS} can be compared; join some.")
    table = np.column_stack([floats(outcome), *(floats(drivers[name]) for name in drivers.columns)])
    complete = table[~np.isnan(table).any(axis=1)]
    number = len(complete)
    if number < drivers.shape[1] + 2 or not np.ptp(complete[:, 0]) > 0:
        raise DataError(
            f"{number} complete rows, or an outcome that does not vary: too little for {drivers.shape[1]} drivers."
        )
    random = np.random.default_rng(_SEED)
    weights = np.vstack([np.ones(number), random.multinomial(number, np.full(number, 1 / number), size=draws)])
    explained = _all_models(_correlations(complete, weights))
    parts = _averaged(explained, drivers.shape[1])
    low, high = np.quantile(parts[1:], [(1 - level) / 2, (1 + level) / 2], axis=0)
    each = 1 << np.arange(drivers.shape[1])
    whole = explained.shape[1] - 1
    best = parts[1:].argmax(axis=1)
    columns = (
        np.array(drivers.columns, dtype=object),
        parts[0],
        np.minimum(low, parts[0]),
        np.maximum(high, parts[0]),
        parts[0] / explained[0, whole],
        explained[0, each],
        explained[0, whole] - explained[0, whole - each],
        np.bincount(best, minlength=drivers.shape[1]) / draws,
    )
    frame = pd.DataFrame(dict(zip(IMPORTANCE_COLUMNS, columns, strict=True)))
    return Importance(frame, float(explained[0, whole]), number, len(table) - number)


def _correlations(table: Floats, weights: Floats) -> Floats:
    """Correlations of the columns under each row of weights; what does not vary goes with nothing."""
    centred = table - table.mean(axis=0)
    total = weights.sum(axis=1)
    mean = weights @ centred / total[:, None]
    spread = np.einsum("br,ri,rj->bij", weights, centred, centred, optimize=True) / total[:, None, None]
    spread -= mean[:, :, None] * mean[:, None, :]
    scale = np.sqrt(np.maximum(np.einsum("bii->bi", spread), 0))
    flat = scale <= 1e-12 * np.maximum(np.abs(table).max(axis=0), 1e-300)
    inverse = np.where(flat, 0.0, 1 / np.where(flat, 1.0, scale))
    return np.asarray(spread * inverse[:, :, None] * inverse[:, None, :])


def _all_models(correlations: Floats) -> Floats:
    """R squared of every subset of drivers (place: its bits), for every draw."""
    number = correlations.shape[1] - 1
    explained = np.zeros((len(correlations), 1 << number))
    for subset in range(1, 1 << number):
        used = [1 + driver for driver in range(number) if subset >> driver & 1]
        inner = correlations[:, used][:, :, used] + _RIDGE * np.eye(len(used))
        outer = correlations[:, used, 0]
        explained[:, subset] = (outer * np.linalg.solve(inner, outer[:, :, None])[:, :, 0]).sum(axis=1)
    return explained


def _averaged(explained: Floats, number: int) -> Floats:
    """What each driver adds, averaged over all orders: draws by drivers."""
    subsets = np.arange(1 << number)
    sizes = np.array([subset.bit_count() for subset in subsets.tolist()])
    orders = [
        math.factorial(size) * math.factorial(number - 1 - size) / math.factorial(number) for size in range(number)
    ]
    parts = np.empty((len(explained), number))
    for driver in range(number):
        without = subsets[(subsets >> driver & 1) == 0]
        added = explained[:, without | 1 << driver] - explained[:, without]
        parts[:, driver] = added @ np.array(orders)[sizes[without]]
    return parts
