"""Retention when some customers are more faithful than others: published cohorts, limits, edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln, hyp2f1

from rootcause_lib.errors import DataError
from rootcause_lib.statistics.retention import RetentionFit, fit_retention, limits

HIGH_END = np.array([1000, 869, 743, 653, 593, 551, 517, 491])
REGULAR = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
"""Customers of two segments still there after 0 to 7 renewals: Fader and Hardie 2007, Journal of Interactive Marketing
21: 76, table 1."""


def fitted(cohort: np.ndarray) -> RetentionFit:
    return fit_retention(np.arange(1, len(cohort)), cohort[:-1], cohort[:-1] - cohort[1:])


def test_the_high_end_segment_by_published_figure() -> None:
    """alpha .668, beta 3.806 (their paper; repeated by the test of shifted_beta_geometric_py)."""
    fit = fitted(HIGH_END)
    assert (fit.alpha, fit.beta) == (pytest.approx(0.668, abs=5e-4), pytest.approx(3.806, abs=5e-4))


def test_the_regular_segment_by_published_figure() -> None:
    """beta 1.182 (their paper; repeated by the tests of pymc-marketing), alpha .704."""
    fit = fitted(REGULAR)
    assert (fit.alpha, fit.beta) == (pytest.approx(0.704, abs=5e-4), pytest.approx(1.182, abs=5e-4))


def test_years_not_fitted_by_published_figure() -> None:
    """Years 8 to 12 of the high end as projected in print: .460 .436 .414 .395 .378."""
    projected = fitted(HIGH_END).retained(12)[7:]
    assert projected == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=6e-4)


def test_the_likelihood_at_one_and_one_by_published_figure() -> None:
    """-2.115 per customer, where their worksheet begins."""
    at_one = np.arange(1, 8)
    chance = betaln(2, at_one) - betaln(1, 1)
    whole = ((HIGH_END[:-1] - HIGH_END[1:]) * chance).sum() + HIGH_END[-1] * (betaln(1, 8) - betaln(1, 1))
    assert whole / 1000 == pytest.approx(-2.115, abs=1e-3)
    assert fitted(HIGH_END).log_likelihood > whole


def test_what_is_still_to_come_by_published_figure() -> None:
    """7.530 discounted years after seven renewals at 10 % (Fader and Hardie 2010, Marketing Science 29: 85, as worked
    in shifted_beta_geometric_py), there counted from the next renewal; and their closed form."""
    fit = fitted(HIGH_END)
    found = fit.stay(np.array([7.0, 0.0]), periods=4000, discount=0.1) * 1.1
    assert found[0] == pytest.approx(7.530, abs=1e-3)
    for stayed, value in zip((7, 0), found, strict=True):
        total = fit.alpha + fit.beta + stayed
        form = (fit.beta + stayed) / total * hyp2f1(1, fit.beta + stayed + 1, total + 1, 1 / 1.1)
        assert value == pytest.approx(float(form), rel=1e-6)


def test_customers_all_alike_by_identity() -> None:
    """The chance is leavers over periods, the error that of a share, and nothing depends on how long one has stayed."""
    there = np.array([1000.0, 900.0, 810.0])
    fit = fit_retention([1, 2, 3], there, there / 10)
    assert (fit.first_risk, fit.spread) == (pytest.approx(0.1), 0.0)
    assert fit.beta == np.inf
    assert fit.covariance[0, 0] == pytest.approx(0.9 / 0.1 / there.sum())
    assert fit.stay([0.0, 50.0], periods=3) == pytest.approx([0.9 + 0.81 + 0.729] * 2)
    assert fit.stay([0.0], periods=2, factor=2.0) == pytest.approx([0.81 + 0.6561])
    found = limits(fit, lambda one: one.first_risk)
    half = 1.96 * np.sqrt(0.1 * 0.9 / there.sum())
    assert [float(found.low), float(found.high)] == pytest.approx([0.1 - half, 0.1 + half], rel=1e-3)


def test_rising_chances_are_no_spread() -> None:
    fit = fit_retention([1, 2, 3], [1000, 950, 850], [50, 100, 200])
    assert fit.spread == 0.0
    assert fit.covariance[1, 1] == 0.0


def test_errors_by_second_differences() -> None:
    """The inverse of the curvature of the likelihood, taken numerically."""
    fit = fitted(REGULAR)
    there, left, when = REGULAR[:-1], REGULAR[:-1] - REGULAR[1:], np.arange(1, 8)

    def likelihood(log_first: float, spread: float) -> float:
        hazard = np.exp(log_first) / (1 + spread * (when - 1))
        return float((left * np.log(hazard) + (there - left) * np.log1p(-hazard)).sum())

    at, step = np.array([np.log(fit.first_risk), fit.spread]), 1e-4
    curve = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            one, other = np.eye(2)[i] * step, np.eye(2)[j] * step
            corners = [likelihood(*(at + a * one + b * other)) * a * b for a in (1, -1) for b in (1, -1)]
            curve[i, j] = sum(corners) / (4 * step**2)
    assert fit.covariance == pytest.approx(np.linalg.inv(-curve), rel=0.05)


def test_attained_by_planted_truth() -> None:
    """Cohorts drawn from the model: what a customer is still to bring is covered as promised."""
    rng = np.random.default_rng(4)
    truth = RetentionFit(0.15, 0.2, np.zeros((2, 2)), 0.0)
    target = float(truth.stay([0.0], periods=20, discount=0.05)[0])
    held = 0
    for _ in range(200):
        chance = rng.beta(truth.alpha, truth.beta, 400)
        period = rng.geometric(chance)
        there = np.array([(period >= when).sum() for when in range(1, 9)])
        left = np.array([(period == when).sum() for when in range(1, 9)])
        fit = fit_retention(np.arange(1, 9), there, left)
        interval = limits(fit, lambda one: float(one.stay([0.0], periods=20, discount=0.05)[0]))
        held += bool(interval.low <= target <= interval.high)
    assert held >= 180


def test_late_comers_count_from_when_they_came() -> None:
    """Half of a cohort seen from its fourth period on only: the same law."""
    truth = RetentionFit(0.2, 0.15, np.zeros((2, 2)), 0.0)
    retained = np.concatenate([[1.0], truth.retained(7)])
    there = 1e6 * np.where(np.arange(8) >= 3, 2, 1) * retained
    fit = fit_retention(np.arange(1, 9), there, there * truth.hazard(np.arange(1, 9)))
    assert (fit.first_risk, fit.spread) == (pytest.approx(0.2, rel=1e-4), pytest.approx(0.15, rel=1e-4))


def test_nobody_left_everybody_left_and_nobody_there() -> None:
    nobody = fit_retention([1, 2], [10, 10], [0, 0])
    assert (nobody.first_risk, nobody.spread) == (0.0, 0.0)
    assert np.isnan(float(limits(nobody, lambda one: one.first_risk).low))
    assert fit_retention([1], [10], [10]).first_risk == pytest.approx(1.0)
    with pytest.raises(DataError, match="somebody"):
        fit_retention([1], [0], [0])
    with pytest.raises(DataError, match="no more"):
        fit_retention([1], [1], [2])
