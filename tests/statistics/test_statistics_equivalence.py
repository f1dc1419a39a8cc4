"""Two one-sided tests: published figures, what the verdicts mean, and how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from rootcause_lib.statistics.equivalence import SIDE, VERDICTS, equivalence


def test_two_one_sided_tests_by_published_figure() -> None:
    """Lakens 2017 (Soc. Psychol. Personal. Sci. 8: 355): means 5.25 and 5.22, n 95 and 89, bounds of 0.384."""
    error = np.sqrt(0.95**2 / 95 + 0.83**2 / 89)
    found = equivalence(0.03, error, degrees=181.1, margin=0.384)
    assert float(found.p_value) == pytest.approx(0.004, abs=5e-4)
    assert found.verdict == "consistent"


def test_the_interval_is_that_of_90_percent_by_identity() -> None:
    found = equivalence(1.0, 2.0, degrees=1e9, margin=5.0)
    assert [float(found.low), float(found.high)] == pytest.approx([1 - 2 * 1.6448536, 1 + 2 * 1.6448536])


@pytest.mark.parametrize(
    ("difference", "error", "margin", "verdict"),
    [
        (0.0, 0.1, 0.2, "consistent"),
        (0.0, 0.1, 0.15, "undecided"),
        (0.1, 0.05, 0.2, "consistent"),
        (0.5, 0.1, 0.2, "not_consistent"),
        (-0.5, 0.1, 0.2, "not_consistent"),
        (0.3, 0.1, 0.2, "undecided"),
        (0.0, 0.1, np.nan, "no_margin"),
        (np.nan, 0.1, 0.2, "undecided"),
        (0.0, np.nan, 0.2, "undecided"),
    ],
)
def test_verdicts_by_hand_count(difference: float, error: float, margin: float, verdict: str) -> None:
    assert equivalence(difference, error, degrees=1000, margin=margin).verdict == verdict
    assert verdict in VERDICTS


def test_few_answers_never_show_that_two_are_alike() -> None:
    assert equivalence(0.0, 0.1, degrees=0, margin=0.2).verdict == "undecided"
    assert equivalence(0.0, 0.1, degrees=2, margin=0.25).verdict == "undecided"


@pytest.mark.parametrize("true", [0.2, -0.2])
def test_at_the_margin_few_are_called_consistent_by_planted_truth(true: float) -> None:
    """A difference that just reaches the margin is called consistent at most in 5 runs of 100."""
    rng = np.random.default_rng(1)
    answers = rng.normal(true, 1.0, (4000, 400)), rng.normal(0.0, 1.0, (4000, 400))
    gap = answers[0].mean(1) - answers[1].mean(1)
    error = np.sqrt(answers[0].var(1, ddof=1) / 400 + answers[1].var(1, ddof=1) / 400)
    verdict = equivalence(gap, error, degrees=798, margin=0.2).verdict
    assert (verdict == "consistent").mean() <= SIDE + 3 * np.sqrt(SIDE * (1 - SIDE) / 4000)
    assert (verdict == "not_consistent").mean() <= SIDE + 3 * np.sqrt(SIDE * (1 - SIDE) / 4000)


def test_many_answers_show_what_is_alike_by_planted_truth() -> None:
    rng = np.random.default_rng(2)
    gap = rng.normal(0.0, 0.05, 500)
    assert (equivalence(gap, 0.05, degrees=5000, margin=0.2).verdict == "consistent").mean() > 0.95
