"""Shares of many small units (agents, teams, stores) at once, each pulled towards the rest as far as luck explains it.

Of forty agents with ten audited contacts each the best and the worst are mostly lucky and unlucky.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Numbers, floats

_CENTRES, _CORRELATIONS = 31, 60
_ALIKE = 1e-7
"""The least correlation on the grid: all units alike, in effect."""


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Shares of units, arrays in the order given: `raw` as counted, `value` shrunken, with limits at one level.

    `centre` is the share of a typical unit; `correlation` how alike contacts of one unit are (0: units don't differ).
    """

    value: Floats
    low: Floats
    high: Floats
    raw: Floats
    centre: float
    correlation: float


def shrunken_shares(successes: Numbers, n: Numbers, *, level: float = 0.95) -> Shrunken:
    """Beta-binomial empirical Bayes: `successes` of `n` for each unit (one-dimensional; n = 0 is allowed).

    Units' own shares are taken as one beta distribution, whose mean and correlation are learnt from all units. What is
    not known of them is carried along (Deely and Lindley 1981, JASA 76: 833: weights by likelihood over a grid, flat
    over mean and correlation), without which intervals of empirical Bayes are too narrow. A unit never counted gets the
    centre, as wide as units differ. Raises DataError for counts that no unit can have.
    """
    from scipy.special import betaincinv

    x, size = np.broadcast_arrays(floats(successes), floats(n))
    if x.ndim != 1 or not (np.isfinite(x) & np.isfinite(size) & (x >= 0) & (x <= size)).all():
        raise DataError("Shares of units need one row of successes and one of trials, each from 0 to its trials.")
    if not size.sum() > 0:
        nothing = np.full(x.shape, np.nan)
        return Shrunken(nothing, nothing, nothing, nothing, np.nan, np.nan)
    centre, correlation = _grid(x, size)
    strength = 1 / correlation - 1
    weight = _likelihood(x, size, centre * strength, (1 - centre) * strength)
    first = (centre * strength)[:, None] + x
    total = strength[:, None] + size
    each = first / total
    mean = weight @ each
    spread = weight @ (each * (1 - each) / (total + 1) + (each - mean) ** 2)
    beta = mean * (1 - mean) / spread - 1
    tail = (1 - level) / 2
    low, high = (betaincinv(mean * beta, (1 - mean) * beta, part) for part in (tail, 1 - tail))
    raw = np.divide(x, size, out=np.full_like(mean, np.nan), where=size > 0)
    return Shrunken(mean, low, high, raw, float(weight @ centre), float(weight @ correlation))


def _grid(x: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Means and correlations to weigh, every pair of them; means within five standard errors of the pooled share."""
    pooled = (x.sum() + 0.5) / (size.sum() + 1)
    by_unit = ((x - pooled * size) ** 2).sum() / size.sum() ** 2
    error = np.sqrt(max(by_unit, pooled * (1 - pooled) / size.sum()) + 0.25 / max((size > 0).sum(), 1) ** 2)
    reach = np.linspace(-5, 5, _CENTRES) * error / (pooled * (1 - pooled))
    centres = 1 / (1 + np.exp(-np.log(pooled / (1 - pooled)) - np.clip(reach, -8, 8)))
    correlations = np.linspace(np.sqrt(_ALIKE), np.sqrt(0.95), _CORRELATIONS) ** 2
    pairs = np.meshgrid(centres, correlations, indexing="ij")
    return pairs[0].ravel(), pairs[1].ravel()


def _likelihood(x: Floats, size: Floats, a: Floats, b: Floats) -> Floats:
    """How well each pair of the grid explains all units, times its cell's area, summing to 1."""
    from scipy.special import betaln

    log = (betaln(a[:, None] + x, b[:, None] + size - x) - betaln(a, b)[:, None]).sum(axis=1)
    centre, correlation = a / (a + b), 1 / (a + b + 1)
    area = centre * (1 - centre) * np.sqrt(correlation)
    weight = np.exp(log - log.max()) * area
    return np.asarray(weight / weight.sum())
