"""How long customers stay when some are more faithful than others: the shifted-beta-geometric model.

Each customer leaves in every period with a chance of its own, and chances differ by a beta distribution, so those who
have stayed longer leave less: retention rises with time though nobody changes (Fader and Hardie 2007, Journal of
Interactive Marketing 21: 76). The chance of leaving in period t of those still there is alpha / (alpha + beta + t - 1).
Counts of who was there and who left by period are all it needs, so customers who came into view late count from then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.intervals import Floats, Interval, Numbers, floats, normal_critical

METHOD = "shifted_beta_geometric"

Flags = npt.NDArray[np.bool_]

STEPS = 100
"""Steps at most."""

_STILL = 1e-10
_NEARLY_SURE = 1 - 1e-9
_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class RetentionFit:
    """The chance of leaving in the first period and how unlike customers are: `spread` is 1 / (alpha + beta).

    spread 0: all alike, the chance is the same in every period. covariance: of (log of first_risk, spread); NaN where
    nobody left, a zero row where the spread is held at 0.
    """

    first_risk: float
    spread: float
    covariance: Floats
    log_likelihood: float

    @property
    def alpha(self) -> float:
        """The beta distribution's first parameter; infinite where customers are all alike."""
        return self.first_risk / self.spread if self.spread > 0 else float("inf")

    @property
    def beta(self) -> float:
        """Its second one."""
        return (1 - self.first_risk) / self.spread if self.spread > 0 else float("inf")

    def hazard(self, period: Numbers) -> Floats:
        """The chance of leaving in a period (1: the first) of those who were there at its beginning."""
        return floats(self.first_risk / (1 + self.spread * (floats(period) - 1)))

    def retained(self, periods: int) -> Floats:
        """The share still there after 1, 2 ... periods."""
        return floats(np.cumprod(1 - self.hazard(np.arange(1, periods + 1))))

    def stay(self, stayed: Numbers, *, periods: int, discount: float = 0.0, factor: float = 1.0) -> Floats:
        """Periods still to come out of the next so many, for those who have stayed so many, later ones discounted.

        Each period counts if the customer is still there at its end. discount: per period, as a share. factor: what
        the hazard is multiplied by in continuous time, 1 as it is.
        """
        ahead = np.arange(1, periods + 1)
        chance = 1 - self.hazard(floats(stayed)[:, None] + ahead)
        return floats((np.cumprod(chance**factor, axis=1) * (1 + discount) ** -ahead).sum(axis=1))


def fit_retention(period: Numbers, at_risk: Numbers, events: Numbers) -> RetentionFit:
    """The model by maximum likelihood from counts by period (1: the first): who was there, and who left in it.

    Where chances do not fall with time the spread is 0. Raises DataError without anybody, or where more left than were
    there.
    """
    when, there, left = floats(period), floats(at_risk), floats(events)
    if (left > there).any() or (left < 0).any() or (when < 1).any():
        raise DataError("Periods are counted from 1, and no more may leave in one than were there.")
    kept = there > 0
    when, there, left = when[kept], there[kept], left[kept]
    if not len(when):
        raise DataError("Retention needs somebody who was there.")
    if not left.sum() > 0:
        return RetentionFit(0.0, 0.0, np.full((2, 2), np.nan), 0.0)
    fit = _fitted(when, there, left, min(left.sum() / there.sum(), _NEARLY_SURE))
    _score, information, held = _slopes(fit, when, there, left)
    covariance = np.zeros((2, 2))
    free = np.flatnonzero(~held)
    covariance[np.ix_(free, free)] = np.linalg.pinv(information[np.ix_(free, free)])
    return replace(fit, covariance=covariance)


def limits(
    fit: RetentionFit, value: Callable[[RetentionFit], float], *, design_effect: float = 1.0, level: float = 0.95
) -> Interval:
    """The interval of a number read off a fit, by the delta method; NaN where nobody left."""
    steps = (
        (replace(fit, first_risk=min(fit.first_risk * np.exp(_STEP), _NEARLY_SURE)), fit, _STEP),
        (replace(fit, spread=fit.spread * (1 + _STEP) + _STEP * _STEP), fit, fit.spread * _STEP + _STEP * _STEP),
    )
    slope = np.array([(value(more) - value(less)) / step for more, less, step in steps])
    error = float(np.sqrt(np.maximum(slope @ fit.covariance @ slope, 0.0) * design_effect))
    middle, half = value(fit), normal_critical(level) * error
    return Interval(np.asarray(middle - half), np.asarray(middle + half))


def _fitted(when: Floats, there: Floats, left: Floats, first: float) -> RetentionFit:
    fit = _at(first, 0.0, when, there, left)
    for _ in range(STEPS):
        score, information, held = _slopes(fit, when, there, left)
        free = np.flatnonzero(~held)
        step = np.zeros(2)
        step[free] = np.linalg.lstsq(information[np.ix_(free, free)], score[free], rcond=None)[0]
        size, better = 1.0, fit
        while size > _STILL:
            risk = min(fit.first_risk * np.exp(np.clip(size * step[0], -5, 5)), _NEARLY_SURE)
            better = _at(float(risk), max(fit.spread + size * step[1], 0.0), when, there, left)
            if better.log_likelihood >= fit.log_likelihood:
                break
            size /= 2
        gain = better.log_likelihood - fit.log_likelihood
        if gain >= 0:
            fit = better
        if gain < _STILL:
            break
    return fit


def _at(first: float, spread: float, when: Floats, there: Floats, left: Floats) -> RetentionFit:
    fit = RetentionFit(first, spread, np.zeros((2, 2)), 0.0)
    hazard = fit.hazard(when)
    with np.errstate(divide="ignore", invalid="ignore"):
        stays = np.where(there > left, (there - left) * np.log1p(-hazard), 0.0)
        goes = np.where(left > 0, left * np.log(hazard), 0.0)
    return replace(fit, log_likelihood=float((goes + stays).sum()))


def _slopes(fit: RetentionFit, when: Floats, there: Floats, left: Floats) -> tuple[Floats, Floats, Flags]:
    """Score, expected information, and which parameter is held where it is: the spread at 0 if it would go below."""
    hazard = fit.hazard(when)
    moved = np.vstack([hazard, -hazard * (when - 1) / (1 + fit.spread * (when - 1))])
    weight = there / np.maximum(hazard * (1 - hazard), 1e-300)
    score = moved @ ((left - there * hazard) / np.maximum(hazard * (1 - hazard), 1e-300))
    information = (moved * weight) @ moved.T
    alone = float(np.ptp(when)) == 0
    held = np.array([False, alone or (fit.spread == 0 and score[1] <= 0)])
    return score, information, held
