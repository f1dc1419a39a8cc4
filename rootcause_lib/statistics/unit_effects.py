"""Units (teams, agents, stores) compared over their own mix of matters: observed less expected, shrunken, ranked.

Of many units the one on top is mostly lucky. Three remedies, side by side: limits within which chance alone keeps a
unit of its size (the funnel), effects pulled towards the average as far as luck explains them, and the probability
that a unit really is the best or the worst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.case_mix import MixFit, log_odds_sum, logistic
from rootcause_lib.statistics.intervals import Floats, normal_critical, wilson_of_share

FUNNEL = (0.95, 0.998)
"""The levels of a funnel: about two and about three standard errors (Spiegelhalter 2005, Statist. Med. 24: 1185)."""

_SPREADS = 41
_MOST_POINTS, _MOST_CELLS = 3000, 500_000
_WIDEST = 6.0
"""Logits: a unit further than this from the average resolves nothing or everything."""


@dataclass(frozen=True, slots=True)
class UnitEffects:
    """One entry per unit; differences are shares of its contacts, seen less expected.

    observed, expected: shares; expected is what the average unit would have made of the same matters. difference:
    pulled towards 0, with limits at the level asked for. raw_difference: as counted. funnel: half-widths about 0 at the
    levels of FUNNEL. best, worst: probability that no other unit is better, worse. spread: how far units truly lie
    apart, as a standard deviation in logits.
    """

    observed: Floats
    expected: Floats
    difference: Floats
    low: Floats
    high: Floats
    raw_difference: Floats
    raw_low: Floats
    raw_high: Floats
    funnel: tuple[Floats, Floats]
    best: Floats
    worst: Floats
    spread: float


def unit_effects(events: Floats, n: Floats, fit: MixFit, *, design_effect: Floats, level: float = 0.95) -> UnitEffects:
    """`events` of `n`: units (rows) by mixes (columns), those that `fit` was made from; `design_effect`: by unit.

    Hierarchical logit: units' levels are normal about the average unit, and how far apart they lie is not plugged in
    but integrated over (flat from 0 up), without which intervals of empirical Bayes are too narrow with few units
    (Deely and Lindley 1981, JASA 76: 833). Each unit's likelihood is used whole, so a unit with nothing resolved needs
    no patch; it is flattened by the design effect of customers who come again and by what is not known of the mixes.
    Funnel limits allow for a unit being part of the average. Raises DataError for fewer than two units with contacts.
    """
    size, seen = n.sum(axis=1), events.sum(axis=1)
    if len(size) < 2 or not (size > 0).all():
        raise DataError("Units are compared with one another: there must be two, each with contacts.")
    centre = _average_level(fit.offset, n, seen.sum())
    at_average = logistic(fit.offset + centre)
    expected, observed = n @ at_average / size, seen / size
    slope = n @ (at_average * (1 - at_average))
    part = size / size.sum()
    flat = np.maximum(design_effect, 1.0) * np.maximum(fit.variance / fit.alone, 1.0)
    error = np.sqrt(flat * (1 - part) * slope) / size
    # Of what differs between contacts the mix explains a part, which is no luck.
    effective = size / (flat * (1 - part)) * expected * (1 - expected) * size / slope
    limits = wilson_of_share(observed, effective, critical=normal_critical(level))
    grid = _grid(fit.level - centre, np.sqrt(flat / slope))
    log = seen[:, None] * grid - n @ log_odds_sum(fit.offset[:, None] + centre + grid)
    log /= flat[:, None]
    share = n @ logistic(fit.offset[:, None] + centre + grid) / size[:, None]
    spreads, weights, priors = _spreads(log, grid, fit.level - centre, np.sqrt(flat / slope))
    own = _posterior(log / (1 - part)[:, None], priors, weights)
    best, worst = _ranks(log, priors, weights)
    low, high = (_quantile(own, share, tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    return UnitEffects(
        observed, expected, (own * share).sum(axis=1) - expected, low - expected, high - expected,
        observed - expected, limits.low - expected, limits.high - expected,
        (normal_critical(FUNNEL[0]) * error, normal_critical(FUNNEL[1]) * error),
        best, worst, float(weights @ spreads),
    )  # fmt: skip


def _average_level(offset: Floats, n: Floats, events: float) -> float:
    """The one level at which all units together would have made what they made; half a contact from all or nothing."""
    mixes, low, high = n.sum(axis=0), -30.0, 30.0
    events = float(np.clip(events, 0.5, n.sum() - 0.5))
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if mixes @ logistic(offset + middle) < events else (low, middle)
    return (low + high) / 2


def _grid(level: Floats, error: Floats) -> Floats:
    """Distances from the average at which likelihoods are known: wide enough for all units, fine enough for each."""
    reach = min(float(max((np.abs(level) + 6 * np.minimum(error, 1.5)).max(), 5 * np.sqrt(np.mean(level**2)))), _WIDEST)
    points = int(min(np.ceil(3 * reach / error.min()), _MOST_POINTS, max(_MOST_CELLS // len(level), 200)))
    return np.asarray(np.arange(-points, points + 1) * (reach / points))


def _spreads(log: Floats, grid: Floats, level: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Standard deviations of units' levels to weigh, their weights, and the prior of each over the grid."""
    most = min(4 * np.sqrt(np.mean(level**2)) + 2 * float(np.median(error)), grid[-1] / 2)
    spreads = most * np.linspace(0, 1, _SPREADS) ** 1.5
    with np.errstate(divide="ignore", invalid="ignore"):
        prior = np.exp(-0.5 * (grid / np.where(spreads > 0, spreads, np.inf)[:, None]) ** 2)
    prior[0] = grid == 0
    prior /= prior.sum(axis=1, keepdims=True)
    likelihood = np.exp(log - log.max(axis=1, keepdims=True)) @ prior.T
    marginal = np.log(np.maximum(likelihood, 1e-300)).sum(axis=0)
    weights = np.exp(marginal - marginal.max()) * np.gradient(spreads)
    return spreads, weights / weights.sum(), prior


def _posterior(log: Floats, priors: Floats, weights: Floats) -> Floats:
    """Units by points of the grid: what is believed of each unit's level, over all spreads."""
    likelihood = np.exp(log - log.max(axis=1, keepdims=True))
    found = np.zeros_like(likelihood)
    for prior, weight in zip(priors, weights, strict=True):
        if weight > _LIGHT:
            each = likelihood * prior
            found += weight * each / each.sum(axis=1, keepdims=True)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


_LIGHT = 1e-5
"""Spreads that weigh less say nothing."""


def _ranks(log: Floats, priors: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Probability that each unit is the best, and the worst; units alike share it evenly."""
    likelihood = np.exp(log - log.max(axis=1, keepdims=True))
    best, worst = np.zeros(len(log)), np.zeros(len(log))
    for prior, weight in zip(priors, weights, strict=True):
        if weight <= _LIGHT:
            continue
        each = likelihood * prior
        each /= each.sum(axis=1, keepdims=True)
        below = np.cumsum(each, axis=1) - each / 2
        for whole, beneath in ((best, below), (worst, 1 - below)):
            tops = np.log(np.maximum(beneath, 1e-300))
            chance = (each * np.exp(tops.sum(axis=0) - tops)).sum(axis=1)
            whole += weight * chance / chance.sum()
    return best / best.sum(), worst / worst.sum()


def _quantile(weights: Floats, share: Floats, tail: float) -> Floats:
    """The share below which `tail` of each unit's weight lies."""
    rising = np.cumsum(weights, axis=1) - weights / 2
    return np.array([np.interp(tail, up, at) for up, at in zip(rising, share, strict=True)])
